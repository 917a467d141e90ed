part of 'convert.dart';

const Utf8Codec utf8 = Utf8Codec();

/// U+FFFD, which stands for what cannot be decoded.
const int unicodeReplacementCharacterRune = 0xFFFD;

const int unicodeBomCharacterRune = 0xFEFF;

final class Utf8Codec extends Encoding {
  final bool _allowMalformed;

  const Utf8Codec({bool allowMalformed = false})
      : _allowMalformed = allowMalformed;

  String get name => 'utf-8';

  Uint8List encode(String string) =>
      _utf8Encode(string, 0, string.length);

  String decode(List<int> codeUnits, {bool? allowMalformed}) =>
      _decodeUtf8(codeUnits, 0, codeUnits.length,
          allowMalformed ?? _allowMalformed);

  Utf8Encoder get encoder => const Utf8Encoder();

  Utf8Decoder get decoder => _allowMalformed
      ? const Utf8Decoder(allowMalformed: true)
      : const Utf8Decoder(allowMalformed: false);
}

/// Native: `text[start .. end)` in UTF-8; a lone surrogate becomes U+FFFD.
external Uint8List _utf8Encode(String text, int start, int end);

/// Native: decodes `bytes[start .. end)`, a byte order mark in front left
/// out. If [allowMalformed], each maximal part that is wrong becomes U+FFFD;
/// else the result for malformed input is an int, `index * 8 + reason`:
/// 1 missing extension byte (the index is where it should be), 2 unexpected
/// extension byte, 3 invalid byte, 4 overlong, 5 out of range, 6 surrogate,
/// 7 unfinished at the end.
external Object _utf8Decode(
    Uint8List bytes, int start, int end, bool allowMalformed);

String _decodeUtf8(
    List<int> source, int start, int end, bool allowMalformed) {
  final bytes = _toUtf8Bytes(source, start, end, allowMalformed);
  final text = _utf8Decode(bytes, start, end, allowMalformed);
  if (text is String) return text;
  final code = unsafeCast<int>(text);
  throw FormatException(_malformed[code & 7], source, code >> 3);
}

/// What is no byte counts as a wrong one.
Uint8List _toUtf8Bytes(
    List<int> source, int start, int end, bool allowMalformed) {
  if (source is Uint8List) return source;
  final bytes = Uint8List(end);
  for (int i = start; i < end; i++) {
    final byte = source[i];
    if (byte < 0 || byte > 255) {
      if (!allowMalformed) {
        throw FormatException('Invalid UTF-8 byte', source, i);
      }
      bytes[i] = 0xFF;
    } else {
      bytes[i] = byte;
    }
  }
  return bytes;
}

const List<String> _malformed = [
  '',
  'Missing extension byte',
  'Unexpected extension byte',
  'Invalid UTF-8 byte',
  'Overlong encoding',
  'Out of unicode range',
  'Encoded surrogate',
  'Unfinished UTF-8 octet sequence',
];

final class Utf8Encoder extends Converter<String, List<int>> {
  const Utf8Encoder();

  Uint8List convert(String string, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, string.length);
    return _utf8Encode(string, start, stop);
  }

  StringConversionSink startChunkedConversion(Sink<List<int>> sink) =>
      _Utf8EncoderSink(_asByteSink(sink));

  Stream<List<int>> bind(Stream<String> stream) => super.bind(stream);
}

/// A surrogate pair may be cut by the end of a chunk.
final class _Utf8EncoderSink extends StringConversionSink {
  final ByteConversionSink _out;

  /// The first half of a pair, from the end of the last chunk.
  String _carry = '';

  _Utf8EncoderSink(this._out);

  void addSlice(String chunk, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, chunk.length);
    String text = chunk;
    int from = start;
    int to = end;
    if (_carry.isNotEmpty && start < end) {
      text = _carry + chunk.substring(start, end);
      from = 0;
      to = text.length;
      _carry = '';
    }
    if (from < to && !isLast) {
      final last = text.codeUnitAt(to - 1);
      if (last & 0xFC00 == 0xD800) {
        to--;
        _carry = text.substring(to, to + 1);
      }
    }
    if (from < to) _out.add(_utf8Encode(text, from, to));
    if (isLast) close();
  }

  void close() {
    if (_carry.isNotEmpty) {
      final carry = _carry;
      _carry = '';
      _out.add(_utf8Encode(carry, 0, carry.length));
    }
    _out.close();
  }
}

final class Utf8Decoder extends Converter<List<int>, String> {
  final bool _allowMalformed;

  const Utf8Decoder({bool allowMalformed = false})
      : _allowMalformed = allowMalformed;

  String convert(List<int> codeUnits, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, codeUnits.length);
    return _decodeUtf8(codeUnits, start, stop, _allowMalformed);
  }

  ByteConversionSink startChunkedConversion(Sink<String> sink) =>
      _Utf8DecoderSink(_asStringSink(sink), _allowMalformed);

  Stream<String> bind(Stream<List<int>> stream) => super.bind(stream);
}

/// A sequence may be cut by the end of a chunk: its bytes wait for the next.
final class _Utf8DecoderSink extends ByteConversionSink {
  final StringConversionSink _out;
  final bool _allowMalformed;
  Uint8List? _carry;

  /// A byte order mark counts only in front.
  bool _isFirst = true;

  _Utf8DecoderSink(this._out, this._allowMalformed);

  void add(List<int> chunk) => addSlice(chunk, 0, chunk.length, false);

  void addSlice(List<int> chunk, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, chunk.length);
    Uint8List bytes = _toUtf8Bytes(chunk, start, end, _allowMalformed);
    int from = start;
    int to = end;
    final carry = _carry;
    if (carry != null) {
      final joined = Uint8List(carry.length + end - start);
      joined.setRange(0, carry.length, carry);
      joined.setRange(carry.length, joined.length, bytes, start);
      bytes = joined;
      from = 0;
      to = joined.length;
      _carry = null;
    }
    if (!isLast) {
      final whole = _wholeSequences(bytes, from, to);
      if (whole < to) _carry = bytes.sublist(whole, to);
      to = whole;
    }
    if (from < to) {
      String text = _decodeUtf8(bytes, from, to, _allowMalformed);
      if (!_isFirst && _startsWithMark(bytes, from, to)) text = '\uFEFF$text';
      _isFirst = false;
      if (text.isNotEmpty) _out.add(text);
    }
    if (isLast) close();
  }

  static bool _startsWithMark(Uint8List bytes, int start, int end) =>
      end - start >= 3 &&
      bytes[start] == 0xEF &&
      bytes[start + 1] == 0xBB &&
      bytes[start + 2] == 0xBF;

  /// Where a sequence that is not yet finished begins; else [end].
  static int _wholeSequences(Uint8List bytes, int start, int end) {
    for (int i = end - 1; i >= start && i >= end - 3; i--) {
      final byte = bytes[i];
      if (byte < 0x80) return end;
      if (byte >= 0xC0) {
        final length = byte >= 0xF0 ? 4 : (byte >= 0xE0 ? 3 : 2);
        return i + length > end && byte < 0xF8 ? i : end;
      }
    }
    return end;
  }

  void close() {
    final carry = _carry;
    if (carry != null) {
      _carry = null;
      _out.add(_decodeUtf8(carry, 0, carry.length, _allowMalformed));
    }
    _out.close();
  }
}
