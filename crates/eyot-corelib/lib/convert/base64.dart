part of 'convert.dart';

const Base64Codec base64 = Base64Codec();

const Base64Codec base64Url = Base64Codec.urlSafe();

String base64Encode(List<int> bytes) => base64.encode(bytes);

String base64UrlEncode(List<int> bytes) => base64Url.encode(bytes);

Uint8List base64Decode(String source) => base64.decode(source);

final class Base64Codec extends Codec<List<int>, String> {
  final bool _isUrlSafe;

  const Base64Codec() : _isUrlSafe = false;

  const Base64Codec.urlSafe() : _isUrlSafe = true;

  Base64Encoder get encoder =>
      _isUrlSafe ? const Base64Encoder.urlSafe() : const Base64Encoder();

  Base64Decoder get decoder => const Base64Decoder();

  Uint8List decode(String encoded) => decoder.convert(encoded);

  /// [source] in the normal alphabet, with `=` for what escapes of it, and
  /// padded to a multiple of four.
  String normalize(String source, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, source.length);
    final buffer = StringBuffer();
    int digits = 0;
    int padding = 0;
    int i = start;
    while (i < stop) {
      final at = i;
      int unit = source.codeUnitAt(i++);
      if (unit == 0x25) {
        // An escaped character, `%3D` mostly.
        unit = i + 2 <= stop ? _escaped(source, i) : -1;
        i += 2;
      }
      if (unit == 0x3D) {
        padding++;
        if ((digits + padding) % 4 == 0 || padding < 2) continue;
        throw FormatException('Invalid base64 encoding', source, at);
      }
      final value = _base64Value(unit);
      if (value < 0) {
        throw FormatException('Invalid base64 data', source, at);
      }
      if (padding > 0) {
        throw FormatException('Invalid base64 encoding', source, at);
      }
      buffer.writeCharCode(_base64Alphabet.codeUnitAt(value));
      digits++;
    }
    final rest = digits % 4;
    if (rest == 1 || (padding > 0 && (digits + padding) % 4 != 0)) {
      throw FormatException(
          'Invalid base64 encoding length ', source, stop);
    }
    if (rest > 0) buffer.write(rest == 2 ? '==' : '=');
    return buffer.toString();
  }

  static int _escaped(String source, int index) {
    final value =
        int.tryParse(source.substring(index, index + 2), radix: 16);
    return value ?? -1;
  }
}

const String _base64Alphabet =
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/// The six bits of a digit of either alphabet, or -1.
int _base64Value(int unit) {
  if (unit >= 0x41 && unit <= 0x5A) return unit - 0x41;
  if (unit >= 0x61 && unit <= 0x7A) return unit - 0x61 + 26;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30 + 52;
  if (unit == 0x2B || unit == 0x2D) return 62;
  if (unit == 0x2F || unit == 0x5F) return 63;
  return -1;
}

/// Native: the Base64 text of `bytes[start .. end)` with padding, in the
/// URL-safe alphabet if asked.
external String _base64Text(
    Uint8List bytes, int start, int end, bool isUrlSafe);

/// Native: the bytes of the Base64 text `source[start .. end)`, whose digits
/// (either alphabet, `%3D` counts as `=`) are padded to a multiple of four; or
/// the index of what is wrong, as an int: a character that is no digit, `=`
/// in the wrong place, or, past [end], a length that is wrong. Below zero it is
/// the complement of the index of padding behind a digit with too many bits.
external Object _base64Bytes(String source, int start, int end);

Uint8List _decodeBase64(String source, int start, int end) {
  final bytes = _base64Bytes(source, start, end);
  if (bytes is Uint8List) return bytes;
  final index = unsafeCast<int>(bytes);
  if (index < 0) {
    throw FormatException(
        'Invalid encoding before padding', source, -1 - index);
  }
  if (index >= end) {
    throw FormatException('Invalid length, must be multiple of four', source,
        end);
  }
  throw FormatException('Invalid character', source, index);
}

final class Base64Encoder extends Converter<List<int>, String> {
  final bool _isUrlSafe;

  const Base64Encoder() : _isUrlSafe = false;

  const Base64Encoder.urlSafe() : _isUrlSafe = true;

  String convert(List<int> input) {
    final bytes = input is Uint8List ? input : _checkedBytes(input);
    return _base64Text(bytes, 0, bytes.length, _isUrlSafe);
  }

  static Uint8List _checkedBytes(List<int> input) {
    final bytes = Uint8List(input.length);
    for (int i = 0; i < bytes.length; i++) {
      final byte = input[i];
      if (byte < 0 || byte > 255) {
        throw ArgumentError.value(
            byte, 'Not a byte value at index $i: 0x${byte.toRadixString(16)}');
      }
      bytes[i] = byte;
    }
    return bytes;
  }

  ByteConversionSink startChunkedConversion(Sink<String> sink) =>
      _Base64EncoderSink(_asStringSink(sink), _isUrlSafe);
}

final class _Base64EncoderSink extends ByteConversionSink {
  final StringConversionSink _out;
  final bool _isUrlSafe;

  /// Fewer than three bytes that have not been encoded.
  final List<int> _carry = [];

  _Base64EncoderSink(this._out, this._isUrlSafe);

  void add(List<int> chunk) => addSlice(chunk, 0, chunk.length, false);

  void addSlice(List<int> chunk, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, chunk.length);
    final total = _carry.length + end - start;
    final bytes = Uint8List(total);
    bytes.setRange(0, _carry.length, _carry);
    bytes.setRange(_carry.length, total, chunk, start);
    final whole = total - total % 3;
    _carry.clear();
    for (int i = whole; i < total; i++) {
      _carry.add(bytes[i]);
    }
    if (whole > 0) _out.add(_base64Text(bytes, 0, whole, _isUrlSafe));
    if (isLast) close();
  }

  void close() {
    if (_carry.isNotEmpty) {
      final bytes = Uint8List.fromList(_carry);
      _carry.clear();
      _out.add(_base64Text(bytes, 0, bytes.length, _isUrlSafe));
    }
    _out.close();
  }
}

final class Base64Decoder extends Converter<String, List<int>> {
  const Base64Decoder();

  Uint8List convert(String input, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, input.length);
    return _decodeBase64(input, start, stop);
  }

  StringConversionSink startChunkedConversion(Sink<List<int>> sink) =>
      _Base64DecoderSink(sink);
}

final class _Base64DecoderSink extends StringConversionSink {
  final Sink<List<int>> _out;

  /// Digits that do not yet fill a group of four.
  String _carry = '';

  _Base64DecoderSink(this._out);

  void addSlice(String chunk, int start, int end, bool isLast) {
    final stop = RangeError.checkValidRange(start, end, chunk.length);
    final text = _carry + chunk.substring(start, stop);
    // An escape (%3D) stands for one digit: such text waits for the end.
    final whole =
        text.contains('%') ? 0 : text.length - text.length % 4;
    _carry = text.substring(whole);
    if (whole > 0) _out.add(_decodeBase64(text, 0, whole));
    if (isLast) close();
  }

  void close() {
    final carry = _carry;
    _carry = '';
    if (carry.isNotEmpty) _out.add(_decodeBase64(carry, 0, carry.length));
    _out.close();
  }
}
