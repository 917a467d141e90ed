part of 'core.dart';

/// The implementation of [RegExp] over a compiled program of the runtime.
@pragma('vm:deeply-immutable')
final class _RegExp implements RegExp {
  final String pattern;
  final bool isMultiLine;
  final bool isCaseSensitive;
  final bool isUnicode;
  final bool isDotAll;

  /// The compiled program: its number in the process's table of programs,
  /// which holds each pattern once and compiles it where it is needed.
  final int _program;

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
    final Object program = _compile(source, flags);
    if (program is! int) {
      throw FormatException('$program$source');
    }
    return _RegExp._(
        source, multiLine, caseSensitive, unicode, dotAll, program);
  }

  _RegExp._(this.pattern, this.isMultiLine, this.isCaseSensitive,
      this.isUnicode, this.isDotAll, this._program);

  /// Native: compiles [source] as an ECMAScript pattern. [flags]: 1 multi
  /// line, 2 ignore case, 4 unicode, 8 dot matches all. Answers with the
  /// program's number, or with a String that says what is wrong.
  external static Object _compile(String source, int flags);

  /// Native: runs [program] over [input] from code unit [start]; where
  /// [sticky] only at that position. Answers `null`, or a fixed-length list
  /// of start and end offsets for the whole match and each group, -1 for a
  /// group that did not take part. A search that takes long is suspended:
  /// then the answer is `false`, and [_continue] goes on.
  external static Object? _execute(
      int program, String input, int start, bool sticky);

  /// Native: as [_execute] for up to [limit] matches one after the other, in
  /// one list. Behind them is the position from which to look for more, or -1
  /// where it is known that there are none.
  external static Object? _executeMany(
      int program, String input, int start, int limit);

  /// Native: goes on with the suspended search, which was begun with the same
  /// [program] and [input]: by [_executeMany] if [many], and then for one
  /// match.
  external static Object? _continue(int program, String input, bool many);

  /// Native: a fixed-length list: the number of groups without the whole
  /// match (int), then alternating group names (String) and numbers (int).
  external static List<Object?> _groups(int program);

  RegExpMatch? firstMatch(String input) => _matchFrom(input, 0, false);

  bool hasMatch(String input) => _offsetsFrom(input, 0, false) != null;

  String? stringMatch(String input) {
    final offsets = _offsetsFrom(input, 0, false);
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
    final offsets = _offsetsFrom(input, start, sticky);
    if (offsets == null) return null;
    return _RegExpMatch(this, input, offsets, 0, offsets.length);
  }

  List<int>? _offsetsFrom(String input, int start, bool sticky) {
    final found = _execute(_program, input, start, sticky);
    if (identical(found, false)) return _rest(input, false);
    return unsafeCast<List<int>?>(found);
  }

  /// Goes on with a suspended search until it ends. Between two steps the
  /// isolate can be stopped.
  List<int>? _rest(String input, bool many) {
    Object? found;
    do {
      found = _continue(_program, input, many);
    } while (identical(found, false));
    return unsafeCast<List<int>?>(found);
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

  /// Offsets of one match or several.
  final List<int> _offsets;

  /// Where this match begins in [_offsets], and how many belong to it.
  final int _first;
  final int _count;

  _RegExpMatch(
      this.pattern, this.input, this._offsets, this._first, this._count);

  int get start => _offsets[_first];

  int get end => _offsets[_first + 1];

  int get groupCount => (_count >> 1) - 1;

  String? group(int group) {
    if (group < 0 || group > groupCount) {
      throw RangeError.value(group);
    }
    final from = _offsets[_first + group * 2];
    if (from < 0) return null;
    return input._substring(from, _offsets[_first + group * 2 + 1]);
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
    final groups = _RegExp._groups(pattern._program);
    bool known = false;
    for (int i = 1; i < groups.length; i += 2) {
      if (groups[i] == name) {
        known = true;
        final text = group(unsafeCast<int>(groups[i + 1]));
        if (text != null) return text;
      }
    }
    if (known) return null;
    throw ArgumentError.value(name, 'name', 'Not a capture group name');
  }

  Iterable<String> get groupNames {
    final groups = _RegExp._groups(pattern._program);
    final result = <String>[];
    for (int i = 1; i < groups.length; i += 2) {
      final name = unsafeCast<String>(groups[i]);
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

/// Finds matches a few at a time, in portions that grow.
final class _RegExpMatchIterator implements Iterator<RegExpMatch> {
  final _RegExp _regExp;
  final String _input;

  /// Where the next portion starts, -1 when there is none.
  int _next;

  /// How many matches the next portion may have.
  int _limit = 1;

  List<int>? _offsets;

  /// Number of offsets of one match.
  int _stride = 0;

  /// Where the next match begins in [_offsets].
  int _position = 0;

  RegExpMatch? _current;

  _RegExpMatchIterator(this._regExp, this._input, this._next);

  RegExpMatch get current => unsafeCast<RegExpMatch>(_current);

  bool moveNext() {
    List<int>? offsets = _offsets;
    if (offsets == null || _position >= offsets.length - 1) {
      offsets = _fetch();
      if (offsets == null) {
        _current = null;
        return false;
      }
    }
    _current = _RegExpMatch(_regExp, _input, offsets, _position, _stride);
    _position += _stride;
    return true;
  }

  List<int>? _fetch() {
    _offsets = null;
    final from = _next;
    if (from < 0 || from > _input.length) return null;
    final found =
        _RegExp._executeMany(_regExp._program, _input, from, _limit);
    final offsets = identical(found, false)
        ? _regExp._rest(_input, true)
        : unsafeCast<List<int>?>(found);
    if (offsets == null) {
      _next = -1;
      return null;
    }
    if (_stride == 0) {
      final count = unsafeCast<int>(_RegExp._groups(_regExp._program)[0]);
      _stride = (count + 1) * 2;
    }
    _next = offsets[offsets.length - 1];
    if (_limit < 256) _limit *= 4;
    _offsets = offsets;
    _position = 0;
    return offsets;
  }
}
