part of 'convert.dart';

/// Takes bytes in chunks.
abstract mixin class ByteConversionSink
    implements ChunkedConversionSink<List<int>> {
  const ByteConversionSink();

  /// Calls [callback] with all bytes at the end.
  factory ByteConversionSink.withCallback(
      void Function(List<int> accumulated) callback) = _CollectingByteSink;

  factory ByteConversionSink.from(Sink<List<int>> sink) = _ByteSinkAdapter;

  /// Takes `chunk[start .. end)`, which may be changed afterwards.
  void addSlice(List<int> chunk, int start, int end, bool isLast) {
    add(chunk.sublist(start, end));
    if (isLast) close();
  }
}

/// The name that classes used to extend.
typedef ByteConversionSinkBase = ByteConversionSink;

final class _CollectingByteSink extends ByteConversionSink {
  final void Function(List<int> accumulated) _callback;
  final BytesBuilder _bytes = BytesBuilder();

  _CollectingByteSink(this._callback);

  void add(List<int> chunk) {
    _bytes.add(chunk);
  }

  void close() => _callback(_bytes.takeBytes());
}

final class _ByteSinkAdapter extends ByteConversionSink {
  final Sink<List<int>> _sink;

  _ByteSinkAdapter(this._sink);

  void add(List<int> chunk) => _sink.add(chunk);

  void close() => _sink.close();
}

/// [bytes] as a [Uint8List]; throws [FormatException] for what is no byte.
Uint8List _asBytes(List<int> bytes, int start, int end) {
  if (bytes is Uint8List) return bytes;
  final copy = Uint8List(end);
  for (int i = start; i < end; i++) {
    final byte = bytes[i];
    if (byte < 0 || byte > 255) {
      throw FormatException('Invalid byte: $byte', bytes, i);
    }
    copy[i] = byte;
  }
  return copy;
}
