part of 'convert.dart';

Uint8List _encodeJsonUtf8(Object? object,
        Object? Function(dynamic)? toEncodable, String? indent) =>
    unsafeCast<Uint8List>(_writeJson(object, toEncodable, indent, true));

/// JSON as UTF-8 bytes.
final class JsonUtf8Encoder extends Converter<Object?, List<int>> {
  static const int _defaultBufferSize = 256;

  final String? _indent;
  final Object? Function(dynamic)? _toEncodable;
  final int _bufferSize;

  JsonUtf8Encoder(
      [String? indent,
      Object? Function(dynamic object)? toEncodable,
      int? bufferSize])
      : _indent = indent,
        _toEncodable = toEncodable,
        _bufferSize = bufferSize ?? _defaultBufferSize;

  Uint8List convert(Object? object) =>
      _encodeJsonUtf8(object, _toEncodable, _indent);

  /// The bytes come in chunks of at most the buffer's size.
  ChunkedConversionSink<Object?> startChunkedConversion(Sink<List<int>> sink) {
    final out = _asByteSink(sink);
    return _JsonEncoderSink((Object? object) {
      final bytes = convert(object);
      int start = 0;
      while (start < bytes.length) {
        int end = start + _bufferSize;
        if (end > bytes.length) end = bytes.length;
        out.addSlice(bytes, start, end, false);
        start = end;
      }
    }, out.close);
  }

  Stream<List<int>> bind(Stream<Object?> stream) => super.bind(stream);
}
