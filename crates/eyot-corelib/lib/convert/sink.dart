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
  bool _isClosed = false;

  _CollectingSink(this._callback);

  /// What comes after the end is not part of the conversion.
  void add(T chunk) {
    if (!_isClosed) _chunks.add(chunk);
  }

  void close() {
    _isClosed = true;
    _callback(_chunks);
  }
}
