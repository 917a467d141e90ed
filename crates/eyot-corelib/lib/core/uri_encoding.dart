part of 'core.dart';

/// Classes of characters in URIs, and percent encoding.
abstract final class _UriChars {
  static const int unreserved = 1;
  static const int scheme = 2;
  static const int component = 4;
  static const int full = 8;
  static const int segment = 16;
  static const int path = 32;
  static const int query = 64;
  static const int userInfo = 128;
  static const int regName = 256;

  /// For each ASCII character the classes that it belongs to.
  static const List<int> _classes = <int>[
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, //
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, //
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, //
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, //
    0x000, 0x1fc, 0x000, 0x008, 0x1f8, 0x000, 0x1f8, 0x1fc, //
    0x1fc, 0x1fc, 0x1fc, 0x1fa, 0x1f8, 0x1ff, 0x1ff, 0x068, //
    0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x0f8, 0x1f8, 0x000, 0x1f8, 0x000, 0x048, //
    0x078, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x000, 0x000, 0x000, 0x000, 0x1fd, //
    0x000, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1ff, //
    0x1ff, 0x1ff, 0x1ff, 0x000, 0x000, 0x000, 0x1fd, 0x000, //
  ];

  static bool isIn(int unit, int classes) =>
      unit < 128 && (_classes[unit] & classes) != 0;

  static const String _hexDigits = '0123456789ABCDEF';

  static void writeByte(StringBuffer buffer, int byte) {
    buffer._writeText('%');
    buffer._appendChar(_hexDigits.codeUnitAt(byte >> 4));
    buffer._appendChar(_hexDigits.codeUnitAt(byte & 15));
  }

  /// Writes the UTF-8 bytes of a code point, each as an escape.
  static void writeEscaped(StringBuffer buffer, int code) {
    if (code < 0x80) {
      writeByte(buffer, code);
    } else if (code < 0x800) {
      writeByte(buffer, 0xc0 | (code >> 6));
      writeByte(buffer, 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      writeByte(buffer, 0xe0 | (code >> 12));
      writeByte(buffer, 0x80 | ((code >> 6) & 0x3f));
      writeByte(buffer, 0x80 | (code & 0x3f));
    } else {
      writeByte(buffer, 0xf0 | (code >> 18));
      writeByte(buffer, 0x80 | ((code >> 12) & 0x3f));
      writeByte(buffer, 0x80 | ((code >> 6) & 0x3f));
      writeByte(buffer, 0x80 | (code & 0x3f));
    }
  }

  /// The code point at [index]; half a surrogate pair counts as U+FFFD.
  static int codePointAt(String text, int index) {
    final unit = text.codeUnitAt(index);
    if ((unit & 0xf800) != 0xd800) return unit;
    if (_isLead(unit) && index + 1 < text.length) {
      final next = text.codeUnitAt(index + 1);
      if (_isTrail(next)) return _joinSurrogates(unit, next);
    }
    return 0xfffd;
  }

  /// Value of a hexadecimal digit, or -1.
  static int hexValue(int unit) {
    if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
    final lower = unit | 0x20;
    if (lower >= 0x61 && lower <= 0x66) return lower - 0x57;
    return -1;
  }

  /// The byte of the escape at [index] of [text], or -1 where there is none.
  static int escapeAt(String text, int index, int end) {
    if (index + 2 >= end) return -1;
    final high = hexValue(text.codeUnitAt(index + 1));
    final low = hexValue(text.codeUnitAt(index + 2));
    if (high < 0 || low < 0) return -1;
    return high << 4 | low;
  }
}

/// [text] with every byte outside [classes] escaped.
String _uriEncode(
    int classes, String text, Encoding encoding, bool spaceToPlus) {
  int first = 0;
  while (first < text.length &&
      _UriChars.isIn(text.codeUnitAt(first), classes)) {
    first++;
  }
  if (first == text.length) return text;
  final buffer = StringBuffer();
  final bytes = encoding.encode(text);
  for (int i = 0; i < bytes.length; i++) {
    final byte = bytes[i];
    if (_UriChars.isIn(byte, classes)) {
      buffer._appendChar(byte);
    } else if (spaceToPlus && byte == 0x20) {
      buffer._writeText('+');
    } else {
      _UriChars.writeByte(buffer, byte);
    }
  }
  return buffer.toString();
}

/// `text[start .. end)` with escapes decoded as bytes of [encoding].
String _uriDecode(
    String text, int start, int end, Encoding encoding, bool plusToSpace) {
  bool plain = true;
  for (int i = start; i < end; i++) {
    final unit = text.codeUnitAt(i);
    if (unit > 127 || unit == 0x25 || (plusToSpace && unit == 0x2b)) {
      plain = false;
      // Without escapes other characters stand for themselves.
      if (unit <= 127) break;
      plain = !_hasEscape(text, i, end, plusToSpace);
      break;
    }
  }
  if (plain) return text.substring(start, end);
  final bytes = <int>[];
  int i = start;
  while (i < end) {
    final unit = text.codeUnitAt(i);
    if (unit > 127) {
      throw ArgumentError('Illegal percent encoding in URI');
    }
    if (unit == 0x25) {
      if (i + 3 > end) throw ArgumentError('Truncated URI');
      final byte = _UriChars.escapeAt(text, i, end);
      if (byte < 0) throw ArgumentError('Invalid URL encoding');
      bytes.add(byte);
      i += 3;
      continue;
    }
    bytes.add(plusToSpace && unit == 0x2b ? 0x20 : unit);
    i++;
  }
  return encoding.decode(bytes);
}

bool _hasEscape(String text, int start, int end, bool plusToSpace) {
  for (int i = start; i < end; i++) {
    final unit = text.codeUnitAt(i);
    if (unit == 0x25 || (plusToSpace && unit == 0x2b)) return true;
  }
  return false;
}

/// `text[start .. end)` in normal form: escapes in upper case, unreserved
/// characters not escaped, and everything outside [classes] escaped.
String _uriNormalize(String text, int start, int end, int classes,
    {bool backslashIsSlash = false}) {
  StringBuffer? buffer;
  int copied = start;
  int i = start;
  while (i < end) {
    final unit = text.codeUnitAt(i);
    if (_UriChars.isIn(unit, classes)) {
      i++;
      continue;
    }
    if (unit == 0x25) {
      final byte = _UriChars.escapeAt(text, i, end);
      if (byte >= 0) {
        final bool free = _UriChars.isIn(byte, _UriChars.unreserved);
        if (!free && _isUpperEscape(text, i)) {
          i += 3;
          continue;
        }
        buffer ??= StringBuffer();
        buffer._writeRange(text, copied, i);
        if (free) {
          buffer._appendChar(byte);
        } else {
          _UriChars.writeByte(buffer, byte);
        }
        i += 3;
        copied = i;
        continue;
      }
    }
    buffer ??= StringBuffer();
    buffer._writeRange(text, copied, i);
    if (unit == 0x5c && backslashIsSlash) {
      buffer._writeText('/');
      i++;
    } else {
      final code = _UriChars.codePointAt(text, i);
      _UriChars.writeEscaped(buffer, code);
      i += code > 0xffff ? 2 : 1;
    }
    copied = i;
  }
  if (buffer == null) return text.substring(start, end);
  buffer._writeRange(text, copied, end);
  return buffer.toString();
}

bool _isUpperEscape(String text, int index) =>
    text.codeUnitAt(index + 1) < 0x61 && text.codeUnitAt(index + 2) < 0x61;
