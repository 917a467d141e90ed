part of 'core.dart';

/// The implementation of [RegExp] over a compiled program of the runtime.
final class _RegExp implements RegExp {
  final String pattern;
  final bool isMultiLine;
  final bool isCaseSensitive;
  final bool isUnicode;
  final bool isDotAll;

  /// The compiled program: an opaque, deeply immutable native object.
  final Object _program;

  factory _RegExp(String source,
      {bool multiLine = false,
      bool caseSensitive = true,
      bool unicode = false,
      bool dotAll = false}) {
    int flags = 0;
    if (multiLine) flags |= 1;
    if (!caseSensitive) flags |= 2;
    if (unicode) flags |= 4;
    if (dotAll) flags |= 8;
    final program = _compile(source, flags);
    if (program is String) throw FormatException(program, source);
    return _RegExp._(
        source, multiLine, caseSensitive, unicode, dotAll, program);
  }

  _RegExp._(this.pattern, this.isMultiLine, this.isCaseSensitive,
      this.isUnicode, this.isDotAll, this._program);

  /// Native: compiles [source] as an ECMAScript pattern. [flags]: 1 multi
  /// line, 2 ignore case, 4 unicode, 8 dot matches all. Answers with the
  /// program, or with a String that says what is wrong.
  external static Object _compile(String source, int flags);

  /// Native: runs [program] over [input] from code unit [start]; where
  /// [sticky] only at that position. Answers `null`, or a fixed-length list
  /// of start and end offsets for the whole match and each group, -1 for a
  /// group that did not take part.
  external static List<int>? _execute(
      Object program, String input, int start, bool sticky);

  /// Native: the group names in order of their groups; a fixed-length list
  /// of alternating names (String) and group numbers (int).
  external static List<Object?> _groupNames(Object program);

  RegExpMatch? firstMatch(String input) => _matchFrom(input, 0, false);

  bool hasMatch(String input) =>
      _execute(_program, input, 0, false) != null;

  String? stringMatch(String input) {
    final offsets = _execute(_program, input, 0, false);
    if (offsets == null) return null;
    return input.substring(offsets[0], offsets[1]);
  }

  Iterable<RegExpMatch> allMatches(String input, [int start = 0]) {
    if (start < 0 || start > input.length) {
      throw RangeError.range(start, 0, input.length);
    }
    return _RegExpMatches(this, input, start);
  }

  RegExpMatch? matchAsPrefix(String string, [int start = 0]) {
    if (start < 0 || start > string.length) {
      throw RangeError.range(start, 0, string.length);
    }
    return _matchFrom(string, start, true);
  }

  _RegExpMatch? _matchFrom(String input, int start, bool sticky) {
    final offsets = _execute(_program, input, start, sticky);
    if (offsets == null) return null;
    return _RegExpMatch(this, input, offsets);
  }

  bool operator ==(Object other) => identical(this, other);

  int get hashCode => identityHashCode(this);

  String toString() {
    final flags = '${isMultiLine ? 'm' : ''}${isCaseSensitive ? '' : 'i'}'
        '${isUnicode ? 'u' : ''}${isDotAll ? 's' : ''}';
    return 'RegExp: pattern=$pattern flags=$flags';
  }
}

final class _RegExpMatch implements RegExpMatch {
  final _RegExp pattern;
  final String input;
  final List<int> _offsets;

  _RegExpMatch(this.pattern, this.input, this._offsets);

  int get start => _offsets[0];

  int get end => _offsets[1];

  int get groupCount => (_offsets.length >> 1) - 1;

  String? group(int group) {
    if (group < 0 || group > groupCount) {
      throw RangeError.value(group);
    }
    final from = _offsets[group * 2];
    if (from < 0) return null;
    return input.substring(from, _offsets[group * 2 + 1]);
  }

  String? operator [](int group) => this.group(group);

  List<String?> groups(List<int> groupIndices) {
    final result = <String?>[];
    for (final index in groupIndices) {
      result.add(group(index));
    }
    return result;
  }

  String? namedGroup(String name) {
    final names = _RegExp._groupNames(pattern._program);
    bool known = false;
    for (int i = 0; i < names.length; i += 2) {
      if (names[i] == name) {
        known = true;
        final text = group(unsafeCast<int>(names[i + 1]));
        if (text != null) return text;
      }
    }
    if (known) return null;
    throw ArgumentError.value(name, 'name', 'Not a capture group name');
  }

  Iterable<String> get groupNames {
    final names = _RegExp._groupNames(pattern._program);
    final result = <String>[];
    for (int i = 0; i < names.length; i += 2) {
      final name = unsafeCast<String>(names[i]);
      if (!result.contains(name)) result.add(name);
    }
    return result;
  }
}

/// All matches, found as the iterator asks for them.
final class _RegExpMatches extends Iterable<RegExpMatch> {
  final _RegExp _regExp;
  final String _input;
  final int _start;

  _RegExpMatches(this._regExp, this._input, this._start);

  Iterator<RegExpMatch> get iterator =>
      _RegExpMatchIterator(_regExp, _input, _start);
}

final class _RegExpMatchIterator implements Iterator<RegExpMatch> {
  final _RegExp _regExp;
  final String _input;
  int _next;
  _RegExpMatch? _current;

  _RegExpMatchIterator(this._regExp, this._input, this._next);

  RegExpMatch get current => unsafeCast<RegExpMatch>(_current);

  bool moveNext() {
    if (_next > _input.length || _next < 0) {
      _current = null;
      return false;
    }
    final match = _regExp._matchFrom(_input, _next, false);
    _current = match;
    if (match == null) {
      _next = -1;
      return false;
    }
    final start = match.start;
    final end = match.end;
    _next = start == end ? _afterEmptyMatch(end) : end;
    return true;
  }

  /// Where to go on after an empty match: one character further, which in
  /// unicode mode may be a surrogate pair.
  int _afterEmptyMatch(int end) {
    if (_regExp.isUnicode &&
        end + 1 < _input.length &&
        (_input.codeUnitAt(end) & 0xfc00) == 0xd800 &&
        (_input.codeUnitAt(end + 1) & 0xfc00) == 0xdc00) {
      return end + 2;
    }
    return end + 1;
  }
}
