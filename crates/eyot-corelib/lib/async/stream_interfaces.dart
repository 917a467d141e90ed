part of 'async.dart';

/// What a [StreamController] calls when it is listened to, paused or resumed.
typedef ControllerCallback = void Function();

/// What a [StreamController] calls, and waits for, when it is no longer
/// listened to.
typedef ControllerCancelCallback = FutureOr<void> Function();

/// Takes data and error events, and the end.
abstract interface class EventSink<T> implements Sink<T> {
  void add(T event);

  void addError(Object error, [StackTrace? stackTrace]);

  void close();
}

/// Takes whole streams.
abstract interface class StreamConsumer<S> {
  Future<dynamic> addStream(Stream<S> stream);

  Future<dynamic> close();
}

/// Takes events one by one or as whole streams.
abstract interface class StreamSink<S>
    implements EventSink<S>, StreamConsumer<S> {
  Future<dynamic> close();

  Future<dynamic> get done;
}

/// One listener's hold on a stream.
abstract interface class StreamSubscription<T> {
  Future<void> cancel();

  void onData(void Function(T data)? handleData);

  void onError(Function? handleError);

  void onDone(void Function()? handleDone);

  void pause([Future<void>? resumeSignal]);

  void resume();

  bool get isPaused;

  Future<E> asFuture<E>([E? futureValue]);
}

/// Turns one stream into another.
abstract interface class StreamTransformer<S, T> {
  /// [onListen] listens to the source whenever the result is listened to.
  const factory StreamTransformer(
      StreamSubscription<T> Function(Stream<S> stream, bool cancelOnError)
          onListen) = _ListenTransformer<S, T>;

  factory StreamTransformer.fromHandlers(
      {void Function(S data, EventSink<T> sink)? handleData,
      void Function(Object error, StackTrace stackTrace, EventSink<T> sink)?
          handleError,
      void Function(EventSink<T> sink)? handleDone}) = _HandlerTransformer<S, T>;

  factory StreamTransformer.fromBind(Stream<T> Function(Stream<S>) bind) =
      _BindTransformer<S, T>;

  static StreamTransformer<TS, TT> castFrom<SS, ST, TS, TT>(
          StreamTransformer<SS, ST> source) =>
      _CastTransformer<SS, ST, TS, TT>(source);

  Stream<T> bind(Stream<S> stream);

  StreamTransformer<RS, RT> cast<RS, RT>();
}

/// A base for transformers.
abstract class StreamTransformerBase<S, T> implements StreamTransformer<S, T> {
  const StreamTransformerBase();

  Stream<T> bind(Stream<S> stream);

  StreamTransformer<RS, RT> cast<RS, RT>() =>
      StreamTransformer.castFrom<S, T, RS, RT>(this);
}

/// Asks a stream for its events one at a time.
abstract interface class StreamIterator<T> {
  factory StreamIterator(Stream<T> stream) = _StreamIterator<T>;

  Future<bool> moveNext();

  T get current;

  Future<dynamic> cancel();
}

/// Shows only the stream side of another stream.
class StreamView<T> extends Stream<T> {
  final Stream<T> _stream;

  const StreamView(Stream<T> stream) : _stream = stream;

  bool get isBroadcast => _stream.isBroadcast;

  Stream<T> asBroadcastStream(
          {void Function(StreamSubscription<T> subscription)? onListen,
          void Function(StreamSubscription<T> subscription)? onCancel}) =>
      _stream.asBroadcastStream(onListen: onListen, onCancel: onCancel);

  StreamSubscription<T> listen(void Function(T value)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);
}

/// The controller of one listener of a [Stream.multi].
abstract interface class MultiStreamController<T>
    implements StreamController<T> {
  void addSync(T value);

  void addErrorSync(Object error, [StackTrace? stackTrace]);

  void closeSync();
}

/// Makes a stream and sends its events.
abstract interface class StreamController<T> implements StreamSink<T> {
  factory StreamController(
      {void Function()? onListen,
      void Function()? onPause,
      void Function()? onResume,
      FutureOr<void> Function()? onCancel,
      bool sync = false}) {
    if (sync) return _SyncController<T>(onListen, onPause, onResume, onCancel);
    return _Controller<T>(onListen, onPause, onResume, onCancel);
  }

  factory StreamController.broadcast(
      {void Function()? onListen,
      void Function()? onCancel,
      bool sync = false}) {
    if (sync) return _SyncBroadcastController<T>(onListen, onCancel);
    return _BroadcastController<T>(onListen, onCancel);
  }

  void Function()? get onListen;
  void set onListen(void Function()? onListenHandler);

  void Function()? get onPause;
  void set onPause(void Function()? onPauseHandler);

  void Function()? get onResume;
  void set onResume(void Function()? onResumeHandler);

  FutureOr<void> Function()? get onCancel;
  void set onCancel(FutureOr<void> Function()? onCancelHandler);

  Stream<T> get stream;

  StreamSink<T> get sink;

  bool get isClosed;

  bool get isPaused;

  bool get hasListener;

  void add(T event);

  void addError(Object error, [StackTrace? stackTrace]);

  Future<dynamic> close();

  Future<dynamic> get done;

  Future<dynamic> addStream(Stream<T> source, {bool? cancelOnError});
}

/// A controller that delivers while `add` runs.
abstract interface class SynchronousStreamController<T>
    implements StreamController<T> {
  void add(T data);

  void addError(Object error, [StackTrace? stackTrace]);

  Future<dynamic> close();
}
