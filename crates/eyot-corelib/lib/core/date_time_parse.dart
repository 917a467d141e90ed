part of 'core.dart';

/// Parses an ISO 8601 date and time, or answers `null`; with [throws] a
/// [FormatException] instead.
DateTime? _parseDateTime(String text, bool throws) {
  // The year has 4 to 6 digits and the dashes may be missing, so the split
  // between year and month is found by trying.
  for (int digits = 6; digits >= 4; digits--) {
    final scanner = _DateScanner(text);
    if (!scanner.scan(digits)) continue;
    final int? value = scanner.instant();
    if (value != null) return DateTime._at(value, scanner.isUtc);
    if (throws) throw FormatException('Time out of range', text);
    return null;
  }
  if (throws) throw FormatException('Invalid date format', text);
  return null;
}

class _DateScanner {
  final String _text;
  int _position = 0;

  int _year = 0;
  int _month = 0;
  int _day = 0;
  int _hour = 0;
  int _minute = 0;
  int _second = 0;
  int _microseconds = 0;

  /// Minutes that the text's zone is ahead of UTC.
  int _offset = 0;
  bool isUtc = false;

  _DateScanner(this._text);

  int? instant() => DateTime._fromPartsOrNull(_year, _month, _day, _hour,
      _minute - _offset, _second, 0, _microseconds, isUtc);

  /// The code unit at the position, or 0 at the end.
  int get _next =>
      _position < _text.length ? _text.codeUnitAt(_position) : 0;

  static bool _isDigit(int unit) => unit >= 0x30 && unit <= 0x39;

  bool _skip(int unit) {
    if (_next != unit) return false;
    _position++;
    return true;
  }

  /// A number of exactly [count] digits, or -1 with the position unchanged.
  int _digits(int count) {
    if (_position + count > _text.length) return -1;
    int value = 0;
    for (int i = 0; i < count; i++) {
      final unit = _text.codeUnitAt(_position + i);
      if (!_isDigit(unit)) return -1;
      value = value * 10 + unit - 0x30;
    }
    _position += count;
    return value;
  }

  bool scan(int yearDigits) {
    final bool negative = _skip(0x2d);
    if (!negative) _skip(0x2b);
    _year = _digits(yearDigits);
    if (_year < 0) return false;
    if (negative) _year = -_year;
    _skip(0x2d);
    _month = _digits(2);
    if (_month < 0) return false;
    _skip(0x2d);
    _day = _digits(2);
    if (_day < 0) return false;
    if (_next == 0x20 || _next == 0x54) {
      _position++;
      if (!_scanTime() || !_scanZone()) return false;
    }
    return _position == _text.length;
  }

  bool _scanTime() {
    _hour = _digits(2);
    if (_hour < 0) return false;
    final minute = _optionalTwo();
    if (minute < 0) return true;
    _minute = minute;
    final second = _optionalTwo();
    if (second < 0) return true;
    _second = second;
    if (_next == 0x2e || _next == 0x2c) {
      _position++;
      if (!_isDigit(_next)) return false;
      int unit = 100000;
      while (_isDigit(_next)) {
        _microseconds += (_next - 0x30) * unit;
        unit = unit ~/ 10;
        _position++;
      }
    }
    return true;
  }

  /// Two digits with an optional colon in front, or -1 where there are none.
  int _optionalTwo() {
    final before = _position;
    _skip(0x3a);
    final value = _digits(2);
    if (value < 0) _position = before;
    return value;
  }

  bool _scanZone() {
    final before = _position;
    _skip(0x20);
    final unit = _next;
    if (unit == 0x5a || unit == 0x7a) {
      _position++;
      isUtc = true;
      return true;
    }
    if (unit == 0x2b || unit == 0x2d) {
      _position++;
      final hours = _digits(2);
      if (hours < 0) return false;
      final minutes = _optionalTwo();
      _offset = hours * 60 + (minutes < 0 ? 0 : minutes);
      if (unit == 0x2d) _offset = -_offset;
      isUtc = true;
      return true;
    }
    _position = before;
    return true;
  }
}
