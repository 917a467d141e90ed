part of 'async.dart';

/// What a controller's stream and subscription tell the controller.
abstract interface class _Source<T> {
  StreamSubscription<T> _subscribe(void Function(T)? onData, Function? onError,
      void Function()? onDone, bool cancelOnError);

  void _recordPause(_ControllerSubscription<T> subscription);

  void _recordResume(_ControllerSubscription<T> subscription);

  Future<void>? _recordCancel(_ControllerSubscription<T> subscription);
}

/// Where an added stream's events go.
abstract interface class _EventTarget<T> {
  void _addChecked(Object? data);

  void _addErrorChecked(Object error, StackTrace stackTrace);

  /// The added stream has ended.
  void _endAddStream();
}

/// The controller of a single-subscription stream; delivers by microtasks.
class _Controller<T> implements StreamController<T>, _Source<T>, _EventTarget<T> {
  static const int _subscribed = 1;
  static const int _canceled = 2;
  static const int _closed = 4;
  static const int _adding = 8;

  int _state = 0;

  /// Events from before anyone listens.
  _EventQueue? _early;
  _ControllerSubscription<T>? _subscription;

  /// While [_adding].
  _AddStream<T>? _addition;
  _Future<void>? _doneFuture;

  void Function()? onListen;
  void Function()? onPause;
  void Function()? onResume;
  FutureOr<void> Function()? onCancel;

  _Controller(this.onListen, this.onPause, this.onResume, this.onCancel);

  Stream<T> get stream => _ControllerStream<T>(this);

  StreamSink<T> get sink => _SinkView<T>(this);

  bool get isClosed => _state & _closed != 0;

  bool get hasListener => _state & _subscribed != 0;

  bool get isPaused {
    final subscription = _subscription;
    if (subscription != null) return subscription._isInputPaused;
    return _state & _canceled == 0;
  }

  Future<void> get done => _ensureDone();

  _Future<void> _ensureDone() {
    final done = _doneFuture;
    if (done != null) return done;
    final _Future<void> made =
        _state & _canceled != 0 ? _nullFuture : _Future<void>();
    _doneFuture = made;
    return made;
  }

  void add(T event) {
    if (_state & (_closed | _adding) != 0) throw _badState();
    _addChecked(event);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    if (_state & (_closed | _adding) != 0) throw _badState();
    final report = _interceptError(error, stackTrace);
    _addErrorChecked(report.error, report.stackTrace);
  }

  Future<void> close() {
    if (_state & _closed != 0) return _ensureDone();
    if (_state & _adding != 0) throw _badState();
    _closeUnchecked();
    return _ensureDone();
  }

  Future<void> addStream(Stream<T> source, {bool? cancelOnError}) {
    if (_state & (_closed | _adding) != 0) throw _badState();
    if (_state & _canceled != 0) {
      final nothing = _Future<void>();
      nothing._completeLater(null);
      return nothing;
    }
    final paused = isPaused;
    final addition = _AddStream<T>();
    _addition = addition;
    _state |= _adding;
    addition._start(this, source, cancelOnError ?? false, paused);
    return addition.done;
  }

  StateError _badState() {
    if (_state & _closed != 0) {
      return StateError('Cannot add event after closing');
    }
    return StateError('Cannot add event while adding a stream');
  }

  // How events get to the subscription; the synchronous one differs here.

  void _sendData(_ControllerSubscription<T> subscription, Object? data) =>
      subscription._addPending(data);

  void _sendError(_ControllerSubscription<T> subscription, Object error,
          StackTrace stackTrace) =>
      subscription._addPending(_ErrorEvent(AsyncError._(error, stackTrace)));

  void _sendDone(_ControllerSubscription<T> subscription) =>
      subscription._closeLater();

  void _addChecked(Object? data) {
    final subscription = _subscription;
    if (subscription != null) {
      _sendData(subscription, data);
    } else if (_state & _canceled == 0) {
      (_early ??= _EventQueue()).add(data);
    }
  }

  void _addErrorChecked(Object error, StackTrace stackTrace) {
    final subscription = _subscription;
    if (subscription != null) {
      _sendError(subscription, error, stackTrace);
    } else if (_state & _canceled == 0) {
      (_early ??= _EventQueue())
          .add(_ErrorEvent(AsyncError._(error, stackTrace)));
    }
  }

  void _closeUnchecked() {
    _state |= _closed;
    final subscription = _subscription;
    if (subscription != null) {
      _sendDone(subscription);
    } else if (_state & _canceled == 0) {
      (_early ??= _EventQueue()).add(_doneEvent);
    }
  }

  void _endAddStream() {
    final addition = _addition;
    if (addition == null) return;
    _addition = null;
    _state &= ~_adding;
    addition.done._completeLater(null);
  }

  StreamSubscription<T> _subscribe(void Function(T)? onData, Function? onError,
      void Function()? onDone, bool cancelOnError) {
    if (_state & (_subscribed | _canceled) != 0) {
      throw StateError('Stream has already been listened to.');
    }
    final subscription = _ControllerSubscription<T>(
        this, onData, onError, onDone, cancelOnError);
    _state |= _subscribed;
    _subscription = subscription;
    final early = _early;
    _early = null;
    final addition = _addition;
    if (addition != null) addition._resume();
    subscription._setPending(early);
    subscription._notify(() => _runGuarded(onListen));
    return subscription;
  }

  void _recordPause(_ControllerSubscription<T> subscription) {
    _addition?._pause();
    _runGuarded(onPause);
  }

  void _recordResume(_ControllerSubscription<T> subscription) {
    _addition?._resume();
    _runGuarded(onResume);
  }

  Future<void>? _recordCancel(_ControllerSubscription<T> subscription) {
    Future<void>? result;
    final addition = _addition;
    if (addition != null) {
      _addition = null;
      result = addition._cancel();
    }
    _subscription = null;
    _state = (_state & ~(_subscribed | _adding)) | _canceled;
    final handler = onCancel;
    if (handler != null) {
      if (result == null) {
        try {
          final waitFor = handler();
          if (waitFor is Future<void>) result = waitFor;
        } catch (error, stackTrace) {
          final failed = _Future<void>();
          failed._completeErrorLater(AsyncError._(error, stackTrace));
          result = failed;
        }
      } else {
        result = result.whenComplete(handler);
      }
    }
    if (result != null) return result.whenComplete(_completeDone);
    _completeDone();
    return null;
  }

  void _completeDone() {
    final done = _doneFuture;
    if (done != null && done._mayComplete) done._completeLater(null);
  }
}

/// Delivers while the event is added, if nothing is in the way.
class _SyncController<T> extends _Controller<T>
    implements SynchronousStreamController<T> {
  _SyncController(void Function()? onListen, void Function()? onPause,
      void Function()? onResume, FutureOr<void> Function()? onCancel)
      : super(onListen, onPause, onResume, onCancel);

  void _sendData(_ControllerSubscription<T> subscription, Object? data) =>
      subscription._add(data);

  void _sendError(_ControllerSubscription<T> subscription, Object error,
          StackTrace stackTrace) =>
      subscription._addError(error, stackTrace);

  void _sendDone(_ControllerSubscription<T> subscription) =>
      subscription._close();
}

/// Calls a controller's handler; its errors are uncaught ones.
void _runGuarded(void Function()? handler) {
  if (handler == null) return;
  try {
    handler();
  } catch (error, stackTrace) {
    Zone._current.handleUncaughtError(error, stackTrace);
  }
}

/// Two of one controller are equal.
class _ControllerStream<T> extends Stream<T> {
  final _Source<T> _source;

  _ControllerStream(this._source);

  int get hashCode => identityHashCode(_source) ^ 0x35323532;

  bool operator ==(Object other) =>
      identical(this, other) ||
      (other is _ControllerStream && identical(other._source, _source));

  StreamSubscription<T> listen(void Function(T event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _source._subscribe(onData, onError, onDone, cancelOnError ?? false);
}

class _ControllerSubscription<T> extends _Subscription<T> {
  final _Source<T> _source;

  _ControllerSubscription(this._source, void Function(T)? onData,
      Function? onError, void Function()? onDone, bool cancelOnError)
      : super(onData, onError, onDone, cancelOnError);

  void _onPause() => _source._recordPause(this);
  void _onResume() => _source._recordResume(this);
  Future<void>? _onCancel() => _source._recordCancel(this);
}

/// Only the sink side of a controller.
final class _SinkView<T> implements StreamSink<T> {
  final StreamController<T> _target;

  _SinkView(this._target);

  void add(T data) {
    _target.add(data);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    _target.addError(error, stackTrace);
  }

  Future<dynamic> close() => _target.close();

  Future<dynamic> addStream(Stream<T> source) => _target.addStream(source);

  Future<dynamic> get done => _target.done;
}

/// A stream whose events go into a controller.
final class _AddStream<T> {
  final _Future<void> done = _Future<void>();
  StreamSubscription<T>? _subscription;

  /// The stream may end, or the controller be cancelled, while it is listened
  /// to.
  bool _over = false;

  void _start(_EventTarget<T> target, Stream<T> source, bool cancelOnError,
      bool paused) {
    final subscription = source.listen(target._addChecked,
        onError: cancelOnError
            ? (Object error, StackTrace stackTrace) {
                target._addErrorChecked(error, stackTrace);
                target._endAddStream();
              }
            : target._addErrorChecked,
        onDone: target._endAddStream,
        cancelOnError: cancelOnError);
    if (_over) {
      subscription.cancel();
      return;
    }
    _subscription = subscription;
    if (paused) subscription.pause();
  }

  void _pause() => _subscription?.pause();

  void _resume() {
    final subscription = _subscription;
    if (subscription != null && subscription.isPaused) subscription.resume();
  }

  /// The listener is gone: the addition ends without an error.
  Future<void>? _cancel() {
    _over = true;
    final subscription = _subscription;
    final canceled = subscription == null ? _nullFuture : subscription.cancel();
    if (identical(canceled, _nullFuture)) {
      done._completeLater(null);
      return null;
    }
    return canceled.whenComplete(() => done._completeLater(null));
  }
}
