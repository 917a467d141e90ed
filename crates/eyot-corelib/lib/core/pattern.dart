part of 'core.dart';

/// Something that can be searched for in a string.
abstract interface class Pattern {
  Iterable<Match> allMatches(String string, [int start = 0]);

  Match? matchAsPrefix(String string, [int start = 0]);
}

/// One match of a [Pattern] in a string.
abstract interface class Match {
  int get start;

  int get end;

  String? group(int group);

  String? operator [](int group);

  List<String?> groups(List<int> groupIndices);

  int get groupCount;

  String get input;

  Pattern get pattern;
}

/// A regular expression with ECMAScript's syntax and meaning.
abstract interface class RegExp implements Pattern {
  factory RegExp(String source,
      {bool multiLine,
      bool caseSensitive,
      bool unicode,
      bool dotAll}) = _RegExp;

  /// [text] with every character that means something in a regular
  /// expression escaped.
  static String escape(String text) {
    final buffer = StringBuffer();
    int copied = 0;
    for (int i = 0; i < text.length; i++) {
      if (_isRegExpSyntax(text.codeUnitAt(i))) {
        buffer.write(text.substring(copied, i));
        buffer.write(r'\');
        copied = i;
      }
    }
    if (buffer.isEmpty) return text;
    buffer.write(text.substring(copied));
    return buffer.toString();
  }

  static bool _isRegExpSyntax(int unit) =>
      r'$()*+.?[\]^{|}'.contains(String.fromCharCode(unit));

  RegExpMatch? firstMatch(String input);

  Iterable<RegExpMatch> allMatches(String input, [int start = 0]);

  bool hasMatch(String input);

  String? stringMatch(String input);

  String get pattern;

  bool get isMultiLine;

  bool get isCaseSensitive;

  bool get isUnicode;

  bool get isDotAll;
}

/// A match of a [RegExp].
abstract interface class RegExpMatch implements Match {
  /// The text of the group called [name].
  String? namedGroup(String name);

  Iterable<String> get groupNames;

  RegExp get pattern;
}
