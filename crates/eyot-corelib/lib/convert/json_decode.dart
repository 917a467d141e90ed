part of 'convert.dart';

Object? _decodeJson(
    String source, Object? Function(Object? key, Object? value)? reviver) {
  if (reviver != null) return _JsonParser(source, reviver).parse();
  List<Object?> step = const [0, null];
  final map = <String, dynamic>{};
  final list = <dynamic>[];
  while (true) {
    step = _jsonStep(source, step, map, list);
    final state = unsafeCast<int>(step[0]) & 3;
    if (state == _jsonFinished) return step[1];
    // The parser below says what is wrong, and where.
    if (state == _jsonWrong) return _JsonParser(source, null).parse();
  }
}

const int _jsonFinished = 2;
const int _jsonWrong = 3;

/// Native: parses a stretch of [text]. [open] is what the last step answered,
/// at first `[0, null]`: a code, the value that was just completed, and each
/// open container with the key that waits for its value, the outermost first.
/// The code is the index in the text, times 4, plus 0 before a value, 1 behind
/// a value, 2 at the end: the value is the result, 3 if the text is wrong.
/// Maps and lists get the type arguments of the empty ones given.
external List<Object?> _jsonStep(
    String text, List<Object?> open, Object emptyMap, Object emptyList);

/// Native: the index of the first character of [text] from [start] on that
/// is not a space, tab, line feed or carriage return; the length if none.
external int _jsonSkipSpace(String text, int start);

/// Native: [start] is behind an opening quote. The index of the closing quote
/// if only plain characters are before it; else `-1 - index` of the first
/// backslash, of the first character below U+0020, or the length.
external int _jsonStringEnd(String text, int start);

/// Native: a number, whose first character (a digit or `-`) is at [start].
/// Its end if it is well formed, else `-1 - index` of the first character
/// that does not fit (the length at the end of the text).
external int _jsonNumberEnd(String text, int start);

/// Native: the number `text[start .. end)`, which is well formed: an int if
/// it has no fraction and no exponent and fits in 64 bits, else a double.
external num _jsonNumber(String text, int start, int end);

/// The parser for revivers and for errors; the natives scan, this builds.
///
/// Recursive descent without recursion: open arrays and objects are on
/// [_stack], so that nesting costs no frames.
final class _JsonParser {
  final String _text;
  final int _length;
  final Object? Function(Object? key, Object? value)? _reviver;
  int _at = 0;

  /// The enclosing containers, each followed by the key at which the value
  /// goes into it (the last one's key is [_key]).
  final List<Object?> _stack = [];

  /// What is being filled: a list, a map, or null at the top.
  List<Object?>? _list;
  Map<String, Object?>? _map;
  String _key = '';

  _JsonParser(this._text, this._reviver) : _length = _text.length;

  Object? parse() {
    _skipSpace();
    while (true) {
      // At the first character of a value.
      Object? value = _value();
      if (identical(value, _opened)) continue;
      // A value is complete; so may be what it closes.
      while (true) {
        final list = _list;
        if (list != null) {
          final reviver = _reviver;
          if (reviver != null) value = reviver(list.length, value);
          list.add(value);
          _skipSpace();
          final unit = _peek();
          _at++;
          if (unit == 0x2C) {
            _skipSpace();
            break;
          }
          if (unit != 0x5D) _fail(_at - 1);
          value = list;
          _leave();
          continue;
        }
        final map = _map;
        if (map == null) {
          _skipSpace();
          if (_at < _length) _fail(_at);
          final reviver = _reviver;
          return reviver == null ? value : reviver(null, value);
        }
        final reviver = _reviver;
        if (reviver != null) value = reviver(_key, value);
        map[_key] = value;
        _skipSpace();
        final unit = _peek();
        _at++;
        if (unit == 0x2C) {
          _skipSpace();
          _readKey();
          break;
        }
        if (unit != 0x7D) _fail(_at - 1);
        value = map;
        _leave();
      }
    }
  }

  /// Answered by [_value] when a container was opened and its first value
  /// comes.
  static final Object _opened = Object();

  Object? _value() {
    final start = _at;
    final unit = _peek();
    if (unit == 0x22) return _string();
    if (unit == 0x7B) {
      _at++;
      final map = <String, dynamic>{};
      _skipSpace();
      if (_peek() == 0x7D) {
        _at++;
        return map;
      }
      _enter();
      _map = map;
      _list = null;
      _readKey();
      return _opened;
    }
    if (unit == 0x5B) {
      _at++;
      final list = <dynamic>[];
      _skipSpace();
      if (_peek() == 0x5D) {
        _at++;
        return list;
      }
      _enter();
      _list = list;
      _map = null;
      return _opened;
    }
    if (unit == 0x2D || (unit >= 0x30 && unit <= 0x39)) {
      final end = _jsonNumberEnd(_text, start);
      if (end < 0) _fail(-1 - end, 'Missing expected digit');
      _at = end;
      return _jsonNumber(_text, start, end);
    }
    if (unit == 0x74) return _word('true', true);
    if (unit == 0x66) return _word('false', false);
    if (unit == 0x6E) return _word('null', null);
    _fail(start);
  }

  void _enter() {
    final list = _list;
    final Object? container = list ?? _map;
    _stack.add(container);
    _stack.add(_key);
  }

  void _leave() {
    _key = unsafeCast<String>(_stack.removeLast());
    final container = _stack.removeLast();
    if (container is List<Object?>) {
      _list = container;
      _map = null;
    } else {
      _list = null;
      _map = unsafeCast<Map<String, Object?>?>(container);
    }
  }

  /// A key and the colon behind it; goes on to its value.
  void _readKey() {
    if (_peek() != 0x22) _fail(_at);
    _key = _string();
    _skipSpace();
    if (_peek() != 0x3A) _fail(_at);
    _at++;
    _skipSpace();
  }

  int _peek() {
    if (_at >= _length) _fail(_length);
    return _text.codeUnitAt(_at);
  }

  void _skipSpace() {
    final at = _at;
    if (at < _length && _text.codeUnitAt(at) > 0x20) return;
    _at = _jsonSkipSpace(_text, at);
  }

  Object? _word(String word, Object? value) {
    final start = _at;
    for (int i = 1; i < word.length; i++) {
      final at = start + i;
      if (at >= _length || _text.codeUnitAt(at) != word.codeUnitAt(i)) {
        _fail(at);
      }
    }
    _at = start + word.length;
    return value;
  }

  String _string() {
    final start = _at + 1;
    final end = _jsonStringEnd(_text, start);
    if (end >= 0) {
      _at = end + 1;
      return _text.substring(start, end);
    }
    return _stringWithEscapes(start, -1 - end);
  }

  String _stringWithEscapes(int start, int firstEscape) {
    final buffer = StringBuffer();
    int from = start;
    int at = firstEscape;
    while (true) {
      if (at >= _length) _fail(_length, 'Unterminated string');
      if (_text.codeUnitAt(at) != 0x5C) {
        _fail(at, 'Control character in string');
      }
      if (at > from) buffer.write(_text.substring(from, at));
      from = _escape(at + 1, buffer);
      final end = _jsonStringEnd(_text, from);
      if (end >= 0) {
        if (end > from) buffer.write(_text.substring(from, end));
        _at = end + 1;
        return buffer.toString();
      }
      at = -1 - end;
    }
  }

  /// Writes what the escape at [at] (behind the backslash) stands for;
  /// answers the index behind it.
  int _escape(int at, StringBuffer buffer) {
    if (at >= _length) _fail(_length, 'Unterminated string');
    final unit = _text.codeUnitAt(at);
    switch (unit) {
      case 0x75:
        int value = 0;
        for (int i = at + 1; i <= at + 4; i++) {
          if (i >= _length) _fail(_length, 'Unterminated string');
          final digit = _hexDigit(_text.codeUnitAt(i));
          if (digit < 0) _fail(at - 1, 'Invalid unicode escape');
          value = value * 16 + digit;
        }
        buffer.writeCharCode(value);
        return at + 5;
      case 0x62:
        buffer.writeCharCode(0x08);
      case 0x66:
        buffer.writeCharCode(0x0C);
      case 0x6E:
        buffer.writeCharCode(0x0A);
      case 0x72:
        buffer.writeCharCode(0x0D);
      case 0x74:
        buffer.writeCharCode(0x09);
      case 0x22:
      case 0x2F:
      case 0x5C:
        buffer.writeCharCode(unit);
      default:
        if (unit < 0x20) _fail(at, 'Control character in string');
        _fail(at, 'Unrecognized string escape');
    }
    return at + 1;
  }

  static int _hexDigit(int unit) {
    if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
    final lower = unit | 0x20;
    if (lower >= 0x61 && lower <= 0x66) return lower - 0x61 + 10;
    return -1;
  }

  Never _fail(int at, [String message = 'Unexpected character']) {
    if (at >= _length) {
      throw FormatException(
          message == 'Unterminated string'
              ? message
              : 'Unexpected end of input',
          _text,
          _length);
    }
    throw FormatException(message, _text, at);
  }
}
