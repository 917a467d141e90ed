part of 'core.dart';

/// A sequence of UTF-16 code units.
abstract final class String implements Comparable<String>, Pattern {
  /// For the two storages below, which only the runtime makes.
  String._();

  /// Evaluated by the compiler from `-D` declarations.
  external const factory String.fromEnvironment(String name,
      {String defaultValue = ''});

  /// A string of the characters whose codes are [charCodes] from [start] to
  /// [end]; codes above 0xffff become surrogate pairs.
  factory String.fromCharCodes(Iterable<int> charCodes,
      [int start = 0, int? end]) {
    if (charCodes is List<int>) {
      final length = charCodes.length;
      final stop = RangeError.checkValidRange(start, end, length);
      final direct = _fromCodeList(charCodes, start, stop);
      if (direct != null) return direct;
      return _fromCopiedCodes(
          List<int>.of(charCodes.getRange(start, stop), growable: false));
    }
    if (start < 0) throw RangeError.range(start, 0, null, 'start');
    if (end != null && end < start) {
      throw RangeError.range(end, start, null, 'end');
    }
    final codes = <int>[];
    int index = 0;
    for (final code in charCodes) {
      if (end != null && index >= end) break;
      if (index >= start) codes.add(code);
      index++;
    }
    if (index < start || (end != null && index < end)) {
      throw RangeError.range(
          index < start ? start : (end ?? start), index < start ? 0 : start, index);
    }
    return _fromCopiedCodes(codes);
  }

  static String _fromCopiedCodes(List<int> codes) =>
      unsafeCast<String>(_fromCodeList(codes, 0, codes.length));

  /// Native: the string of the character codes `codes[start..end)`, whose
  /// range has been checked. Knows the runtime's own lists and typed data of
  /// 8, 16 and 32 bit integers; answers `null` for any other list. A code
  /// outside 0..0x10ffff throws through `_throwRange(code, 0, 0x10ffff,
  /// null)`.
  external static String? _fromCodeList(List<int> codes, int start, int end);

  /// Native: the string of one character; a code outside 0..0x10ffff throws
  /// through `_throwRange`.
  external factory String.fromCharCode(int charCode);

  /// Native: the one code unit at [index] as a string; an [index] out of
  /// range throws through `_throwRangeError`.
  external String operator [](int index);

  /// Native: the code unit at [index]; range as for `[]`.
  external int codeUnitAt(int index);

  /// Native: number of code units.
  external int get length;

  /// Native: hash of the code units, cached; the same for both storages.
  external int get hashCode;

  /// Native: whether [other] is a string of the same code units.
  external bool operator ==(Object other);

  int compareTo(String other) => _compareTo(other);

  /// Native: -1, 0 or 1 by comparing code units.
  external int _compareTo(String other);

  /// Native: concatenation.
  external String operator +(String other);

  /// Native: [times] copies joined; empty where [times] is not positive.
  external String operator *(int times);

  String substring(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    return _substring(start, stop);
  }

  /// Native: code units [start] to [end], which are in range.
  external String _substring(int start, int end);

  /// Native: whether the receiver ends with [other].
  external bool endsWith(String other);

  bool startsWith(Pattern pattern, [int index = 0]) {
    if (index < 0 || index > length) {
      throw RangeError.range(index, 0, length);
    }
    if (pattern is String) return _hasAt(pattern, index);
    return pattern.matchAsPrefix(this, index) != null;
  }

  /// Native: whether the code units of [text] stand at [index] (in range).
  external bool _hasAt(String text, int index);

  int indexOf(Pattern pattern, [int start = 0]) {
    if (start < 0 || start > length) {
      throw RangeError.range(start, 0, length, 'start');
    }
    if (pattern is String) return _find(pattern, start);
    for (int i = start; i <= length; i++) {
      if (pattern.matchAsPrefix(this, i) != null) return i;
    }
    return -1;
  }

  /// Native: first place of [text] at or after [start] (in range), or -1.
  external int _find(String text, int start);

  int lastIndexOf(Pattern pattern, [int? start]) {
    final int from = start ?? length;
    if (from < 0 || from > length) {
      throw RangeError.range(from, 0, length);
    }
    if (pattern is String) return _findLast(pattern, from);
    for (int i = from; i >= 0; i--) {
      if (pattern.matchAsPrefix(this, i) != null) return i;
    }
    return -1;
  }

  /// Native: last place of [text] that begins at or before [start] (in
  /// range), or -1.
  external int _findLast(String text, int start);

  bool contains(Pattern other, [int startIndex = 0]) {
    if (startIndex < 0 || startIndex > length) {
      throw RangeError.range(startIndex, 0, length, 'startIndex');
    }
    if (other is String) return _find(other, startIndex) >= 0;
    if (other is RegExp && startIndex == 0) return other.hasMatch(this);
    return other.allMatches(this, startIndex).isNotEmpty;
  }

  bool get isEmpty => length == 0;

  bool get isNotEmpty => length != 0;

  /// Native: without white space (Unicode White_Space and U+FEFF) at both
  /// ends.
  external String trim();

  /// Native: as [trim], only at the start.
  external String trimLeft();

  /// Native: as [trim], only at the end.
  external String trimRight();

  /// Native: copies of [padding] put in front, one for each code unit that
  /// the receiver is shorter than [width].
  external String padLeft(int width, [String padding = ' ']);

  /// Native: as [padLeft], at the end.
  external String padRight(int width, [String padding = ' ']);

  /// Native: each character in lower case by Unicode's simple mapping, which
  /// makes one character of one and does not depend on language.
  external String toLowerCase();

  /// Native: as [toLowerCase], in upper case.
  external String toUpperCase();

  String replaceFirst(Pattern from, String to, [int startIndex = 0]) =>
      _replaceFirst(this, from, to, null, startIndex);

  String replaceFirstMapped(Pattern from, String replace(Match match),
          [int startIndex = 0]) =>
      _replaceFirst(this, from, '', replace, startIndex);

  String replaceAll(Pattern from, String replace) {
    if (from is String) return _replaceAllText(from, replace);
    return _replaceAllMapped(this, from, replace, null);
  }

  /// Native: every occurrence of [from], left to right and not overlapping,
  /// replaced by [replace]; an empty [from] matches before each code unit and
  /// at the end.
  external String _replaceAllText(String from, String replace);

  String replaceAllMapped(Pattern from, String replace(Match match)) =>
      _replaceAllMapped(this, from, '', replace);

  String replaceRange(int start, int? end, String replacement) {
    final stop = RangeError.checkValidRange(start, end, length);
    return _concat3(_substring(0, start), replacement, _substring(stop, length));
  }

  List<String> split(Pattern pattern) {
    if (pattern is String) {
      if (isEmpty && pattern.isEmpty) return <String>[];
      final parts = <String>[];
      _splitText(pattern, parts);
      return parts;
    }
    return _splitPattern(this, pattern);
  }

  /// Native: appends to the growable list [parts] the pieces between
  /// occurrences of [separator]; an empty one splits into code units.
  external void _splitText(String separator, List<String> parts);

  String splitMapJoin(Pattern pattern,
          {String onMatch(Match match)?, String onNonMatch(String nonMatch)?}) =>
      _splitMapJoin(this, pattern, onMatch, onNonMatch);

  List<int> get codeUnits => CodeUnits(this);

  Runes get runes => Runes(this);

  String toString() => this;

  Iterable<Match> allMatches(String string, [int start = 0]) {
    if (start < 0 || start > string.length) {
      throw RangeError.range(start, 0, string.length, 'start');
    }
    return _StringMatches(string, this, start);
  }

  Match? matchAsPrefix(String string, [int start = 0]) {
    if (start < 0 || start > string.length) {
      throw RangeError.range(start, 0, string.length);
    }
    if (!string._hasAt(this, start)) return null;
    return _StringMatch(start, string, this);
  }
}

/// A string whose code units are all below 256, one byte each. Has no members
/// of its own: the natives of [String] look at the storage.
abstract final class _OneByteString extends String {
  _OneByteString._() : super._();
}

/// A string with two bytes for each code unit.
abstract final class _TwoByteString extends String {
  _TwoByteString._() : super._();
}

/// Native: the three strings joined.
external String _concat3(String a, String b, String c);

/// The Unicode code points of a string.
final class Runes extends Iterable<int> {
  final String string;

  Runes(this.string);

  RuneIterator get iterator => RuneIterator(string);

  int get last {
    final length = string.length;
    if (length == 0) throw StateError('No element');
    final unit = string.codeUnitAt(length - 1);
    if (_isTrail(unit) && length > 1) {
      final before = string.codeUnitAt(length - 2);
      if (_isLead(before)) return _joinSurrogates(before, unit);
    }
    return unit;
  }
}

bool _isLead(int unit) => (unit & 0xfc00) == 0xd800;

bool _isTrail(int unit) => (unit & 0xfc00) == 0xdc00;

int _joinSurrogates(int lead, int trail) =>
    0x10000 + ((lead & 0x3ff) << 10) + (trail & 0x3ff);

/// Walks over the code points of a string in either direction.
final class RuneIterator implements Iterator<int> {
  final String _string;

  String get string => _string;

  /// Start of the current code point.
  int _position;

  /// Where the next code point starts.
  int _nextPosition;

  /// The current code point, or -1 while there is none.
  int _current = -1;

  RuneIterator(String string)
      : _string = string,
        _position = 0,
        _nextPosition = 0;

  RuneIterator.at(String string, int index)
      : _string = string,
        _position = index,
        _nextPosition = index {
    RangeError.checkValueInInterval(index, 0, string.length);
    _checkSplit(index);
  }

  void _checkSplit(int index) {
    if (index > 0 &&
        index < string.length &&
        _isLead(string.codeUnitAt(index - 1)) &&
        _isTrail(string.codeUnitAt(index))) {
      throw ArgumentError('Index inside surrogate pair: $index');
    }
  }

  int get rawIndex => _position != _nextPosition ? _position : -1;

  void set rawIndex(int rawIndex) {
    RangeError.checkValidIndex(rawIndex, string, 'rawIndex');
    reset(rawIndex);
    moveNext();
  }

  void reset([int rawIndex = 0]) {
    RangeError.checkValueInInterval(rawIndex, 0, string.length, 'rawIndex');
    _checkSplit(rawIndex);
    _position = rawIndex;
    _nextPosition = rawIndex;
    _current = -1;
  }

  int get current => _current;

  int get currentSize => _nextPosition - _position;

  String get currentAsString {
    if (_position == _nextPosition) return '';
    return string._substring(_position, _nextPosition);
  }

  bool moveNext() {
    final at = _nextPosition;
    _position = at;
    final length = _string.length;
    if (at >= length) {
      _current = -1;
      return false;
    }
    final unit = _string.codeUnitAt(at);
    if (_isLead(unit) && at + 1 < length) {
      final next = _string.codeUnitAt(at + 1);
      if (_isTrail(next)) {
        _nextPosition = at + 2;
        _current = _joinSurrogates(unit, next);
        return true;
      }
    }
    _nextPosition = at + 1;
    _current = unit;
    return true;
  }

  bool movePrevious() {
    final at = _position;
    _nextPosition = at;
    if (at == 0) {
      _current = -1;
      return false;
    }
    final unit = _string.codeUnitAt(at - 1);
    if (_isTrail(unit) && at > 1) {
      final before = _string.codeUnitAt(at - 2);
      if (_isLead(before)) {
        _position = at - 2;
        _current = _joinSurrogates(before, unit);
        return true;
      }
    }
    _position = at - 1;
    _current = unit;
    return true;
  }
}
