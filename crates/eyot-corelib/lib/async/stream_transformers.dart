part of 'async.dart';

/// The sink that a transformer's handlers write to.
final class _SubscriptionSink<T> implements EventSink<T> {
  _SinkSubscription<Object?, T>? _subscription;

  /// Works until the subscription is over.
  _SinkSubscription<Object?, T> get _open {
    final subscription = _subscription;
    if (subscription == null) throw StateError('Stream is already closed');
    return subscription;
  }

  void add(T data) => _open._addFromSink(data);

  void addError(Object error, [StackTrace? stackTrace]) => _open
      ._addErrorFromSink(error, stackTrace ?? AsyncError.defaultStackTrace(error));

  void close() => _open._closeFromSink();
}

/// Passes a source's events into a sink made by [_makeSink], and what that
/// writes on to the listener.
final class _SinkStream<S, T> extends Stream<T> {
  final Stream<S> _source;
  final EventSink<S> Function(EventSink<T> sink) _makeSink;

  _SinkStream(this._source, this._makeSink);

  bool get isBroadcast => _source.isBroadcast;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final subscription = _SinkSubscription<S, T>(
        onData, onError, onDone, cancelOnError ?? false);
    subscription._listen(_source, _makeSink);
    return subscription;
  }
}

final class _SinkSubscription<S, T> extends _Subscription<T> {
  EventSink<S>? _transformer;
  StreamSubscription<S>? _input;

  _SinkSubscription(void Function(T)? onData, Function? onError,
      void Function()? onDone, bool cancelOnError)
      : super(onData, onError, onDone, cancelOnError);

  void _listen(Stream<S> source, EventSink<S> Function(EventSink<T>) makeSink) {
    final sink = _SubscriptionSink<T>();
    sink._subscription = this;
    _transformer = makeSink(sink);
    _input = source.listen(_handleData,
        onError: _handleError, onDone: _handleDone);
  }

  void _handleData(Object? data) {
    try {
      _transformer?.add(unsafeCast<S>(data));
    } catch (error, stackTrace) {
      _addThrown(error, stackTrace);
    }
  }

  void _handleError(Object error, StackTrace stackTrace) {
    try {
      _transformer?.addError(error, stackTrace);
    } catch (thrown, thrownTrace) {
      if (identical(thrown, error)) {
        _addThrown(error, stackTrace);
      } else {
        _addThrown(thrown, thrownTrace);
      }
    }
  }

  void _handleDone() {
    _input = null;
    try {
      _transformer?.close();
    } catch (error, stackTrace) {
      _addThrown(error, stackTrace);
    }
  }

  void _addThrown(Object error, StackTrace stackTrace) {
    if (_isClosed) return;
    _addError(error, stackTrace);
  }

  bool get _isClosed => _state & _Subscription._closed != 0;

  void _addFromSink(Object? data) {
    if (_isClosed) throw StateError('Stream is already closed');
    _add(data);
  }

  void _addErrorFromSink(Object error, StackTrace stackTrace) {
    if (_isClosed) throw StateError('Stream is already closed');
    _addError(error, stackTrace);
  }

  void _closeFromSink() {
    if (_isClosed) throw StateError('Stream is already closed');
    _close();
  }

  void _onPause() {
    _input?.pause();
  }

  void _onResume() {
    _input?.resume();
  }

  Future<void>? _onCancel() {
    final input = _input;
    if (input == null) return null;
    _input = null;
    return input.cancel();
  }
}

/// [StreamTransformer.fromHandlers].
final class _HandlerTransformer<S, T> extends StreamTransformerBase<S, T> {
  final void Function(S data, EventSink<T> sink)? _handleData;
  final void Function(Object error, StackTrace stackTrace, EventSink<T> sink)?
      _handleError;
  final void Function(EventSink<T> sink)? _handleDone;

  _HandlerTransformer(
      {void Function(S data, EventSink<T> sink)? handleData,
      void Function(Object error, StackTrace stackTrace, EventSink<T> sink)?
          handleError,
      void Function(EventSink<T> sink)? handleDone})
      : _handleData = handleData,
        _handleError = handleError,
        _handleDone = handleDone;

  Stream<T> bind(Stream<S> stream) => _SinkStream<S, T>(
      stream,
      (EventSink<T> sink) =>
          _HandlerSink<S, T>(_handleData, _handleError, _handleDone, sink));
}

final class _HandlerSink<S, T> implements EventSink<S> {
  final void Function(S data, EventSink<T> sink)? _handleData;
  final void Function(Object error, StackTrace stackTrace, EventSink<T> sink)?
      _handleError;
  final void Function(EventSink<T> sink)? _handleDone;

  /// Null once closed.
  EventSink<T>? _sink;

  _HandlerSink(
      this._handleData, this._handleError, this._handleDone, this._sink);

  EventSink<T> get _open {
    final sink = _sink;
    if (sink == null) throw StateError('Sink is closed');
    return sink;
  }

  void add(S data) {
    final sink = _open;
    final handler = _handleData;
    if (handler != null) {
      handler(data, sink);
    } else {
      sink.add(data as T);
    }
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    final sink = _open;
    final handler = _handleError;
    final trace = stackTrace ?? AsyncError.defaultStackTrace(error);
    if (handler != null) {
      handler(error, trace, sink);
    } else {
      sink.addError(error, trace);
    }
  }

  void close() {
    final sink = _sink;
    if (sink == null) return;
    _sink = null;
    final handler = _handleDone;
    if (handler != null) {
      handler(sink);
    } else {
      sink.close();
    }
  }
}

/// The default constructor of [StreamTransformer].
final class _ListenTransformer<S, T> extends StreamTransformerBase<S, T> {
  final StreamSubscription<T> Function(Stream<S> stream, bool cancelOnError)
      _onListen;

  const _ListenTransformer(this._onListen);

  Stream<T> bind(Stream<S> stream) => _ListenStream<S, T>(stream, _onListen);
}

final class _ListenStream<S, T> extends Stream<T> {
  final Stream<S> _source;
  final StreamSubscription<T> Function(Stream<S> stream, bool cancelOnError)
      _onListen;

  _ListenStream(this._source, this._onListen);

  bool get isBroadcast => _source.isBroadcast;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final subscription = _onListen(_source, cancelOnError ?? false);
    subscription.onData(onData);
    subscription.onError(onError);
    subscription.onDone(onDone);
    return subscription;
  }
}

/// [StreamTransformer.fromBind].
final class _BindTransformer<S, T> extends StreamTransformerBase<S, T> {
  final Stream<T> Function(Stream<S>) _bind;

  _BindTransformer(this._bind);

  Stream<T> bind(Stream<S> stream) => _bind(stream);
}

/// [StreamTransformer.castFrom].
final class _CastTransformer<SS, ST, TS, TT>
    extends StreamTransformerBase<TS, TT> {
  final StreamTransformer<SS, ST> _target;

  _CastTransformer(this._target);

  StreamTransformer<RS, RT> cast<RS, RT>() =>
      _CastTransformer<SS, ST, RS, RT>(_target);

  Stream<TT> bind(Stream<TS> stream) =>
      _target.bind(stream.cast<SS>()).cast<TT>();
}
