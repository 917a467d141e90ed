part of 'convert.dart';

const AsciiCodec ascii = AsciiCodec();

const Latin1Codec latin1 = Latin1Codec();

/// Native: the code units `text[start .. end)` as bytes, or, if one is above
/// [limit] (127 or 255), its index as an int.
external Object _narrow(String text, int start, int end, int limit);

/// Native: the index of the first byte of `bytes[start .. end)` above 127,
/// or -1.
external int _firstAbove127(Uint8List bytes, int start, int end);

final class AsciiCodec extends Encoding {
  final bool _allowInvalid;

  const AsciiCodec({bool allowInvalid = false}) : _allowInvalid = allowInvalid;

  String get name => 'us-ascii';

  Uint8List encode(String source) => encoder.convert(source);

  String decode(List<int> bytes, {bool? allowInvalid}) =>
      (allowInvalid ?? _allowInvalid)
          ? const AsciiDecoder(allowInvalid: true).convert(bytes)
          : const AsciiDecoder(allowInvalid: false).convert(bytes);

  AsciiEncoder get encoder => const AsciiEncoder();

  AsciiDecoder get decoder => _allowInvalid
      ? const AsciiDecoder(allowInvalid: true)
      : const AsciiDecoder(allowInvalid: false);
}

final class Latin1Codec extends Encoding {
  final bool _allowInvalid;

  const Latin1Codec({bool allowInvalid = false})
      : _allowInvalid = allowInvalid;

  String get name => 'iso-8859-1';

  Uint8List encode(String source) => encoder.convert(source);

  String decode(List<int> bytes, {bool? allowInvalid}) =>
      (allowInvalid ?? _allowInvalid)
          ? const Latin1Decoder(allowInvalid: true).convert(bytes)
          : const Latin1Decoder(allowInvalid: false).convert(bytes);

  Latin1Encoder get encoder => const Latin1Encoder();

  Latin1Decoder get decoder => _allowInvalid
      ? const Latin1Decoder(allowInvalid: true)
      : const Latin1Decoder(allowInvalid: false);
}

/// Encodes characters up to a limit as single bytes.
abstract base class _ByteEncoder extends Converter<String, List<int>> {
  final int _limit;

  const _ByteEncoder(this._limit);

  Uint8List convert(String string, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, string.length);
    final bytes = _narrow(string, start, stop, _limit);
    if (bytes is Uint8List) return bytes;
    throw ArgumentError.value(
        string, 'string', 'Contains invalid characters.');
  }

  StringConversionSink startChunkedConversion(Sink<List<int>> sink) =>
      _ByteEncoderSink(this, _asByteSink(sink));
}

final class AsciiEncoder extends _ByteEncoder {
  const AsciiEncoder() : super(127);
}

final class Latin1Encoder extends _ByteEncoder {
  const Latin1Encoder() : super(255);
}

final class _ByteEncoderSink extends StringConversionSink {
  final _ByteEncoder _encoder;
  final ByteConversionSink _out;

  _ByteEncoderSink(this._encoder, this._out);

  void addSlice(String chunk, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, chunk.length);
    _out.add(_encoder.convert(chunk, start, end));
    if (isLast) close();
  }

  void close() => _out.close();
}

/// Decodes single bytes up to a limit.
abstract base class _ByteDecoder extends Converter<List<int>, String> {
  final bool _allowInvalid;
  final int _limit;

  const _ByteDecoder(this._allowInvalid, this._limit);

  String convert(List<int> bytes, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, bytes.length);
    if (bytes is Uint8List) {
      if (_limit == 255 || _firstAbove127(bytes, start, stop) < 0) {
        return String.fromCharCodes(bytes, start, stop);
      }
    }
    for (int i = start; i < stop; i++) {
      final byte = bytes[i];
      if (byte < 0 || byte > _limit) {
        if (_allowInvalid) return _convertInvalid(bytes, start, stop);
        throw FormatException('Invalid value in input: $byte');
      }
    }
    return String.fromCharCodes(bytes, start, stop);
  }

  String _convertInvalid(List<int> bytes, int start, int end) {
    final buffer = StringBuffer();
    for (int i = start; i < end; i++) {
      final byte = bytes[i];
      buffer.writeCharCode(byte < 0 || byte > _limit ? 0xFFFD : byte);
    }
    return buffer.toString();
  }

  ByteConversionSink startChunkedConversion(Sink<String> sink) =>
      _ByteDecoderSink(this, _asStringSink(sink));
}

final class AsciiDecoder extends _ByteDecoder {
  const AsciiDecoder({bool allowInvalid = false}) : super(allowInvalid, 127);
}

final class Latin1Decoder extends _ByteDecoder {
  const Latin1Decoder({bool allowInvalid = false}) : super(allowInvalid, 255);
}

final class _ByteDecoderSink extends ByteConversionSink {
  final _ByteDecoder _decoder;
  final StringConversionSink _out;

  _ByteDecoderSink(this._decoder, this._out);

  void add(List<int> chunk) => addSlice(chunk, 0, chunk.length, false);

  void addSlice(List<int> chunk, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, chunk.length);
    if (start != end) _out.add(_decoder.convert(chunk, start, end));
    if (isLast) close();
  }

  void close() => _out.close();
}
