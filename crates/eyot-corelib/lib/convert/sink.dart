part of 'convert.dart';

/// Takes chunks of input or output.
abstract interface class ChunkedConversionSink<T> implements Sink<T> {
  ChunkedConversionSink();

  /// Calls [callback] with all chunks at the end.
  factory ChunkedConversionSink.withCallback(
      void Function(List<T> accumulated) callback) = _CollectingSink<T>;

  void add(T chunk);

  void close();
}

final class _CollectingSink<T> extends ChunkedConversionSink<T> {
  final void Function(List<T> accumulated) _callback;
  final List<T> _chunks = [];

  _CollectingSink(this._callback);

  void add(T chunk) {
    _chunks.add(chunk);
  }

  void close() => _callback(_chunks);
}
