part of 'async.dart';

/// The controller of a broadcast stream; delivers by microtasks.
class _BroadcastController<T>
    implements StreamController<T>, _Source<T>, _EventTarget<T> {
  static const int _closed = 1;
  static const int _adding = 2;

  int _state = 0;

  /// Those who listen, in the order in which they began. While [_firing],
  /// one who cancels leaves a null behind, and newcomers are added at the
  /// end, beyond what the running event reaches.
  List<_ControllerSubscription<T>?> _listeners = [];

  /// Listeners that are there: nulls do not count.
  int _count = 0;
  bool _firing = false;
  _AddStream<T>? _addition;
  _Future<void>? _doneFuture;

  void Function()? onListen;
  FutureOr<void> Function()? onCancel;

  _BroadcastController(this.onListen, this.onCancel);

  void Function()? get onPause => throw UnsupportedError(
      'Broadcast stream controllers do not support pause callbacks');

  void set onPause(void Function()? onPauseHandler) {
    throw UnsupportedError(
        'Broadcast stream controllers do not support pause callbacks');
  }

  void Function()? get onResume => throw UnsupportedError(
      'Broadcast stream controllers do not support pause callbacks');

  void set onResume(void Function()? onResumeHandler) {
    throw UnsupportedError(
        'Broadcast stream controllers do not support pause callbacks');
  }

  Stream<T> get stream => _BroadcastStream<T>(this);

  StreamSink<T> get sink => _SinkView<T>(this);

  bool get isClosed => _state & _closed != 0;

  /// Each listener has its own pauses; the controller never sees them.
  bool get isPaused => false;

  bool get hasListener => _count != 0;

  Future<void> get done => _ensureDone();

  _Future<void> _ensureDone() => _doneFuture ??= _Future<void>();

  void add(T event) {
    if (!_mayAdd) throw _badState();
    _addChecked(event);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    if (!_mayAdd) throw _badState();
    final report = _interceptError(error, stackTrace);
    _addErrorChecked(report.error, report.stackTrace);
  }

  Future<void> close() {
    if (_state & _closed != 0) return _ensureDone();
    if (!_mayAdd) throw _badState();
    _state |= _closed;
    final done = _ensureDone();
    _sendDone();
    return done;
  }

  Future<void> addStream(Stream<T> source, {bool? cancelOnError}) {
    if (!_mayAdd) throw _badState();
    final addition = _AddStream<T>();
    _addition = addition;
    _state |= _adding;
    addition._start(this, source, cancelOnError ?? false, false);
    return addition.done;
  }

  bool get _mayAdd => _state & (_closed | _adding) == 0;

  StateError _badState() {
    if (_state & _closed != 0) {
      return StateError('Cannot add new events after calling close');
    }
    return StateError('Cannot add new events while doing an addStream');
  }

  void _addChecked(Object? data) => _sendData(data);

  void _addErrorChecked(Object error, StackTrace stackTrace) =>
      _sendError(AsyncError._(error, stackTrace));

  void _endAddStream() {
    final addition = _addition;
    if (addition == null) return;
    _addition = null;
    _state &= ~_adding;
    addition.done._completeLater(null);
  }

  // How events get to the subscriptions; the synchronous ones differ here.

  void _sendData(Object? data) {
    final listeners = _listeners;
    for (int i = 0; i < listeners.length; i++) {
      listeners[i]?._addPending(data);
    }
  }

  void _sendError(AsyncError error) {
    final listeners = _listeners;
    for (int i = 0; i < listeners.length; i++) {
      listeners[i]?._addPending(_ErrorEvent(error));
    }
  }

  void _sendDone() {
    final listeners = _listeners;
    if (_count == 0) {
      _doneFuture?._completeLater(null);
      return;
    }
    for (int i = 0; i < listeners.length; i++) {
      listeners[i]?._closeLater();
    }
  }

  /// Runs [send] for everyone who listens now.
  void _fire(void Function(_ControllerSubscription<T> subscription) send) {
    if (_firing) {
      throw StateError(
          'Cannot fire new event. Controller is already firing an event');
    }
    if (_count == 0) return;
    _firing = true;
    final listeners = _listeners;
    final length = listeners.length;
    for (int i = 0; i < length; i++) {
      final subscription = listeners[i];
      if (subscription != null) send(subscription);
    }
    _firing = false;
    if (_count != listeners.length) {
      listeners.removeWhere((subscription) => subscription == null);
      if (_count == 0) _noneLeft();
    }
  }

  StreamSubscription<T> _subscribe(void Function(T)? onData, Function? onError,
      void Function()? onDone, bool cancelOnError) {
    if (isClosed) {
      return _DoneSubscription<T>(onDone);
    }
    final subscription = _ControllerSubscription<T>(
        this, onData, onError, onDone, cancelOnError);
    _listeners.add(subscription);
    _count++;
    if (_count == 1) _runGuarded(onListen);
    return subscription;
  }

  Future<void>? _recordCancel(_ControllerSubscription<T> subscription) {
    final index = _listeners.indexOf(subscription);
    if (index < 0) return null;
    _count--;
    if (_firing) {
      _listeners[index] = null;
    } else {
      _listeners.removeAt(index);
      if (_count == 0) _noneLeft();
    }
    return null;
  }

  /// Nobody listens any more.
  void _noneLeft() {
    if (isClosed) {
      final done = _doneFuture;
      if (done != null && done._mayComplete) done._completeLater(null);
    }
    _runGuarded(onCancel);
  }

  void _recordPause(_ControllerSubscription<T> subscription) {}

  void _recordResume(_ControllerSubscription<T> subscription) {}
}

/// Delivers while the event is added.
class _SyncBroadcastController<T> extends _BroadcastController<T>
    implements SynchronousStreamController<T> {
  _SyncBroadcastController(
      void Function()? onListen, FutureOr<void> Function()? onCancel)
      : super(onListen, onCancel);

  bool get _mayAdd => super._mayAdd && !_firing;

  StateError _badState() {
    if (_firing) {
      return StateError(
          'Cannot fire new event. Controller is already firing an event');
    }
    return super._badState();
  }

  void _sendData(Object? data) =>
      _fire((subscription) => subscription._add(data));

  void _sendError(AsyncError error) => _fire((subscription) =>
      subscription._addError(error.error, error.stackTrace));

  void _sendDone() {
    if (_count == 0) {
      _doneFuture?._completeLater(null);
    } else {
      _fire((subscription) => subscription._close());
    }
  }
}

class _BroadcastStream<T> extends _ControllerStream<T> {
  _BroadcastStream(_Source<T> source) : super(source);

  bool get isBroadcast => true;
}

/// Of a broadcast stream that has ended: only says so.
final class _DoneSubscription<T> implements StreamSubscription<T> {
  final Zone _zone = Zone._current;
  void Function()? _doneHandler;
  int _pauses = 0;

  /// Done was told, or shall not be.
  bool _over = false;
  bool _queued = false;

  _DoneSubscription(void Function()? onDone) {
    if (onDone != null) _doneHandler = _zone.registerCallback<void>(onDone);
    _queue();
  }

  void _queue() {
    if (_queued) return;
    _queued = true;
    scheduleMicrotask(_deliver);
  }

  void _deliver() {
    _queued = false;
    if (_over || _pauses > 0) return;
    _over = true;
    final handler = _doneHandler;
    if (handler != null) {
      _doneHandler = null;
      _zone.runGuarded(handler);
    }
  }

  void onData(void Function(T data)? handleData) {}

  void onError(Function? handleError) {}

  void onDone(void Function()? handleDone) {
    if (_over) return;
    _doneHandler =
        handleDone == null ? null : _zone.registerCallback<void>(handleDone);
  }

  bool get isPaused => _pauses > 0;

  void pause([Future<void>? resumeSignal]) {
    if (_over) return;
    _pauses++;
    if (resumeSignal != null) resumeSignal.whenComplete(resume);
  }

  void resume() {
    if (_over || _pauses == 0) return;
    if (--_pauses == 0) _queue();
  }

  Future<void> cancel() {
    _over = true;
    _doneHandler = null;
    return _nullFuture;
  }

  Future<E> asFuture<E>([E? futureValue]) {
    final E value;
    if (futureValue == null) {
      if (null is! E) throw ArgumentError.notNull('futureValue');
      value = futureValue as E;
    } else {
      value = futureValue;
    }
    final result = _Future<E>();
    if (!_over) _doneHandler = () => result._completeValue(value);
    return result;
  }
}

/// Shares one subscription of a stream among many.
///
/// The source is listened to when the first listener comes. Without
/// [_onCancel] it stays so when the last one goes: events are lost meanwhile.
final class _SharedStream<T> extends Stream<T> {
  final Stream<T> _source;
  final void Function(StreamSubscription<T>)? _onListen;
  final void Function(StreamSubscription<T>)? _onCancel;
  final Zone _zone;
  late final _SharedController<T> _controller = _SharedController<T>(this);
  StreamSubscription<T>? _subscription;

  _SharedStream(
      this._source,
      void Function(StreamSubscription<T>)? onListen,
      void Function(StreamSubscription<T>)? onCancel)
      : _onListen = onListen == null
            ? null
            : Zone._current
                .registerUnaryCallback<void, StreamSubscription<T>>(onListen),
        _onCancel = onCancel == null
            ? null
            : Zone._current
                .registerUnaryCallback<void, StreamSubscription<T>>(onCancel),
        _zone = Zone._current;

  bool get isBroadcast => true;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final controller = _controller;
    if (controller.isClosed) return _DoneSubscription<T>(onDone);
    _subscription ??= _source.listen(controller._addOrQueue,
        onError: controller._addErrorOrQueue, onDone: controller._closeOrQueue);
    return controller._subscribe(
        onData, onError, onDone, cancelOnError ?? false);
  }

  void _firstListens() {
    final handler = _onListen;
    if (handler != null) {
      _zone.runUnary<void, StreamSubscription<T>>(
          handler, _SharedSubscription<T>(this));
    }
  }

  void _lastCancels() {
    final handler = _onCancel;
    if (handler != null) {
      _zone.runUnary<void, StreamSubscription<T>>(
          handler, _SharedSubscription<T>(this));
    }
    if (_controller.isClosed) {
      _subscription?.cancel();
      _subscription = null;
    }
  }

  void _cancelSource() {
    final subscription = _subscription;
    if (subscription == null) return;
    _subscription = null;
    _controller.close();
    subscription.cancel();
  }
}

/// Events that the source sends while another is told wait for that.
final class _SharedController<T> extends _SyncBroadcastController<T> {
  _EventQueue? _waiting;

  _SharedController(_SharedStream<T> stream)
      : super(stream._firstListens, stream._lastCancels);

  bool get _mustWait {
    final waiting = _waiting;
    return _firing || (waiting != null && waiting._length != 0);
  }

  void _addOrQueue(Object? data) {
    if (isClosed) return;
    if (_mustWait) {
      (_waiting ??= _EventQueue()).add(data);
      return;
    }
    _sendData(data);
    _sendWaiting();
  }

  void _addErrorOrQueue(Object error, StackTrace stackTrace) {
    if (isClosed) return;
    final report = AsyncError._(error, stackTrace);
    if (_mustWait) {
      (_waiting ??= _EventQueue()).add(_ErrorEvent(report));
      return;
    }
    _sendError(report);
    _sendWaiting();
  }

  void _closeOrQueue() {
    if (isClosed) return;
    if (_mustWait) {
      (_waiting ??= _EventQueue()).add(_doneEvent);
      return;
    }
    close();
  }

  void _sendWaiting() {
    final waiting = _waiting;
    if (waiting == null) return;
    while (waiting._length != 0 && !isClosed) {
      final event = waiting.removeFirst();
      if (event is! _StreamEvent) {
        _sendData(event);
      } else if (event is _ErrorEvent) {
        _sendError(event.error);
      } else {
        close();
      }
    }
  }
}

/// What the callbacks of `asBroadcastStream` get: the source's subscription,
/// for pausing and cancelling only.
final class _SharedSubscription<T> implements StreamSubscription<T> {
  final _SharedStream<T> _stream;

  _SharedSubscription(this._stream);

  void onData(void Function(T data)? handleData) => _cannot();

  void onError(Function? handleError) => _cannot();

  void onDone(void Function()? handleDone) => _cannot();

  Future<E> asFuture<E>([E? futureValue]) => _cannot();

  Never _cannot() => throw UnsupportedError(
      'Cannot change handlers of asBroadcastStream source subscription.');

  bool get isPaused => _stream._subscription?.isPaused ?? false;

  void pause([Future<void>? resumeSignal]) =>
      _stream._subscription?.pause(resumeSignal);

  void resume() => _stream._subscription?.resume();

  Future<void> cancel() {
    _stream._cancelSource();
    return _nullFuture;
  }
}
