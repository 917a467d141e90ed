part of 'async.dart';

/// An event in a queue that is not plain data.
abstract final class _StreamEvent {
  const _StreamEvent();
}

final class _ErrorEvent extends _StreamEvent {
  final AsyncError error;
  const _ErrorEvent(this.error);
}

final class _DoneEvent extends _StreamEvent {
  const _DoneEvent();
}

const _DoneEvent _doneEvent = _DoneEvent();

/// Events in their order: data as they are, others as [_StreamEvent]s.
final class _EventQueue {
  List<Object?> _ring = List<Object?>.filled(4, null);
  int _head = 0;
  int _length = 0;

  void add(Object? event) {
    if (_length == _ring.length) _grow();
    final ring = _ring;
    ring[(_head + _length) & (ring.length - 1)] = event;
    _length++;
  }

  /// Puts an event before all others.
  void addFirst(Object? event) {
    if (_length == _ring.length) _grow();
    final ring = _ring;
    final head = (_head - 1) & (ring.length - 1);
    ring[head] = event;
    _head = head;
    _length++;
  }

  Object? removeFirst() {
    final ring = _ring;
    final head = _head;
    final event = ring[head];
    ring[head] = null;
    _head = (head + 1) & (ring.length - 1);
    _length--;
    return event;
  }

  void _grow() {
    final old = _ring;
    final mask = old.length - 1;
    final ring = List<Object?>.filled(old.length * 2, null);
    for (int i = 0; i < old.length; i++) {
      ring[i] = old[(_head + i) & mask];
    }
    _ring = ring;
    _head = 0;
  }
}

void _noData(Object? _) {}

void _noDone() {}

/// A subscription that can hold events back; the base of all of this library.
///
/// Events come in by [_add], [_addError], [_close], which deliver at once if
/// nothing is in the way, or by [_addPending], which puts them in the queue.
/// Queued events are delivered one by one, each by a microtask of its own.
/// What feeds it hears of pauses through [_onPause], [_onResume] and
/// [_onCancel]: not while a callback of the listener runs, but after it, and
/// only if the state then is another than before.
class _Subscription<T> implements StreamSubscription<T> {
  static const int _cancelsOnError = 1;
  static const int _closed = 2;

  /// The source was told to pause (or will be after the callback).
  static const int _inputPaused = 4;
  static const int _canceled = 8;

  /// Cancelled by its own end: the last event is still to be delivered.
  static const int _waitsForCancel = 16;

  /// From here on nothing is delivered at once.
  static const int _inCallback = 32;
  static const int _hasPending = 64;

  /// Pauses are counted in the bits above.
  static const int _onePause = 128;

  int _state;

  /// A `void Function(T)`. Events are handed about as `Object?`, here and in
  /// all that feeds a subscription: a parameter of type T would be checked at
  /// every step. Their type is certain.
  void Function(Object?) _dataHandler;

  /// `void Function(Object, StackTrace)`, `void Function(Object)`, or null:
  /// the error is uncaught.
  Function? _errorHandler;
  void Function() _doneHandler;
  final Zone _zone;
  _EventQueue? _pending;

  /// A microtask that calls [_deliverNext], or [_deliverDirect], is queued.
  bool _scheduled = false;

  /// That microtask has the first pending event with it: it was the only one.
  bool _direct = false;

  /// … but it shall do nothing.
  bool _scheduleCanceled = false;

  Future<void>? _cancelFuture;

  _Subscription(void Function(T)? onData, Function? onError,
      void Function()? onDone, bool cancelOnError)
      : _zone = Zone._current,
        _state = cancelOnError ? _cancelsOnError : 0,
        _dataHandler = unsafeCast<void Function(Object?)>(onData ?? _noData),
        _doneHandler = onDone ?? _noDone {
    final zone = _zone;
    if (onError != null) {
      _checkStreamErrorHandler(onError);
      _errorHandler = onError;
    }
    if (!identical(zone, _rootZone)) {
      _setDataHandler(onData);
      if (onError != null) {
        _errorHandler = _registerErrorHandler(onError, zone);
      }
      _doneHandler = zone.registerCallback<void>(_doneHandler);
    }
  }

  // ---- for the one who listens

  void onData(void Function(T data)? handleData) => _setDataHandler(handleData);

  void _setDataHandler(void Function(T)? handler) {
    _dataHandler = unsafeCast<void Function(Object?)>(
        _zone.registerUnaryCallback<void, T>(handler ?? _noData));
  }

  void onError(Function? handleError) {
    if (handleError == null) {
      _errorHandler = null;
    } else {
      _checkStreamErrorHandler(handleError);
      _errorHandler = _registerErrorHandler(handleError, _zone);
    }
  }

  void onDone(void Function()? handleDone) {
    _doneHandler = _zone.registerCallback<void>(handleDone ?? _noDone);
  }

  bool get isPaused => _state >= _onePause;

  void pause([Future<void>? resumeSignal]) {
    final old = _state;
    if (old & _canceled != 0) return;
    _state = (old + _onePause) | _inputPaused;
    if (resumeSignal != null) resumeSignal.whenComplete(resume);
    if (old < _onePause && _scheduled) _scheduleCanceled = true;
    if (old & (_inputPaused | _inCallback) == 0) _notify(_onPause);
  }

  void resume() {
    if (_state & _canceled != 0 || _state < _onePause) return;
    _state -= _onePause;
    if (_state >= _onePause) return;
    final pending = _pending;
    if (_direct ||
        (_state & _hasPending != 0 && pending != null && pending._length != 0)) {
      // The source goes on when these are through.
      _schedule();
      return;
    }
    _state &= ~_inputPaused;
    if (_state & _inCallback == 0) _notify(_onResume);
  }

  Future<void> cancel() {
    _state &= ~_waitsForCancel;
    if (_state & _canceled == 0) _cancel();
    return _cancelFuture ?? _nullFuture;
  }

  Future<E> asFuture<E>([E? futureValue]) {
    final E value;
    if (futureValue == null) {
      if (null is! E) {
        throw ArgumentError.notNull('futureValue');
      }
      value = futureValue as E;
    } else {
      value = futureValue;
    }
    final result = _Future<E>();
    _doneHandler = () => result._completeValue(value);
    _errorHandler = (Object error, StackTrace stackTrace) {
      final report = AsyncError._(error, stackTrace);
      final canceled = cancel();
      if (identical(canceled, _nullFuture)) {
        result._completeError(report);
      } else {
        canceled.whenComplete(() => result._completeError(report));
      }
    };
    return result;
  }

  // ---- for the source

  bool get _isInputPaused => _state & _inputPaused != 0;

  void _onPause() {}

  void _onResume() {}

  Future<void>? _onCancel() => null;

  void _add(Object? data) {
    final state = _state;
    if (state & _canceled != 0) return;
    if (state < _inCallback) {
      _sendData(data);
    } else {
      _addPending(data);
    }
  }

  void _addError(Object error, StackTrace stackTrace) {
    final state = _state;
    if (state & _canceled != 0) return;
    final report = AsyncError._(error, stackTrace);
    if (state < _inCallback) {
      _sendError(report);
    } else {
      _addPending(_ErrorEvent(report));
    }
  }

  void _close() {
    if (_state & _canceled != 0) return;
    _state |= _closed;
    if (_state < _inCallback) {
      _sendDone();
    } else {
      _addPending(_doneEvent);
    }
  }

  /// Queues the done event, unless cancelled.
  void _closeLater() {
    if (_state & _canceled != 0) return;
    _state |= _closed;
    _addPending(_doneEvent);
  }

  /// Queues data, or a [_StreamEvent].
  void _addPending(Object? event) {
    final state = _state;
    if (state & _canceled != 0) return;
    if (state & _hasPending != 0) {
      (_pending ??= _EventQueue()).add(event);
      return;
    }
    if (event != null && _mayGoDirect(state)) {
      _goesDirect();
      _microtasks.add(this, event);
      return;
    }
    (_pending ??= _EventQueue()).add(event);
    _state = state | _hasPending;
    if (state < _onePause) _schedule();
  }

  /// Whether the next event can go with a microtask, past the queue.
  bool _mayGoDirect(int state) =>
      state & _hasPending == 0 &&
      state < _onePause &&
      !_scheduled &&
      identical(Zone._current, _rootZone);

  /// A microtask with the event will call [_deliverDirect].
  void _goesDirect() {
    _state |= _hasPending;
    _scheduled = true;
    _direct = true;
  }

  /// Takes over what was queued before anyone listened.
  void _setPending(_EventQueue? events) {
    if (events == null || events._length == 0) return;
    _pending = events;
    _state |= _hasPending;
    if (_state < _onePause) _schedule();
  }

  /// Lets the source know of the listener as in a callback.
  void _notify(void Function() callback) {
    final wasPaused = _state & _inputPaused;
    _state |= _inCallback;
    callback();
    _state &= ~_inCallback;
    _checkState(wasPaused);
  }

  // ---- delivery

  void _schedule() {
    if (_scheduled) {
      _scheduleCanceled = false;
      return;
    }
    _scheduled = true;
    final zone = Zone._current;
    if (identical(zone, _rootZone)) {
      _microtasks.add(this, null);
    } else {
      scheduleMicrotask(_deliverNext);
    }
  }

  /// The microtask: delivers the first event of the queue.
  void _deliverNext() {
    _scheduled = false;
    if (_scheduleCanceled) {
      _scheduleCanceled = false;
      return;
    }
    final pending = _pending;
    if (pending == null || pending._length == 0) return;
    _deliver(pending.removeFirst());
  }

  /// The microtask that has the first event with it.
  void _deliverDirect(Object event) {
    _scheduled = false;
    _direct = false;
    if (!_scheduleCanceled) {
      _deliver(event);
      return;
    }
    _scheduleCanceled = false;
    if (_state & _canceled == 0) {
      // Paused: it waits.
      (_pending ??= _EventQueue()).addFirst(event);
    }
  }

  void _deliver(Object? event) {
    if (event is! _StreamEvent) {
      _sendData(event);
    } else if (event is _ErrorEvent) {
      _sendError(event.error);
    } else {
      _sendDone();
    }
  }

  void _sendData(Object? data) {
    final before = _state;
    _state = before | _inCallback;
    final zone = _zone;
    if (identical(zone, _rootZone) && identical(Zone._current, _rootZone)) {
      try {
        _dataHandler(data);
      } catch (error, stackTrace) {
        _reportUncaught(error, stackTrace);
      }
    } else {
      zone.runUnaryGuarded<T>(
          unsafeCast<void Function(T)>(_dataHandler), unsafeCast<T>(data));
    }
    final after = _state & ~_inCallback;
    _state = after;
    // Mostly nothing has changed, and nothing waits.
    if (after == before && after & (_canceled | _hasPending) == 0) return;
    _checkState(before & _inputPaused);
  }

  void _sendError(AsyncError error) {
    final wasPaused = _state & _inputPaused;
    if (_state & _cancelsOnError == 0) {
      _callErrorHandler(error);
      _checkState(wasPaused);
      return;
    }
    _state |= _waitsForCancel;
    _cancel();
    final canceled = _cancelFuture;
    if (canceled == null || identical(canceled, _nullFuture)) {
      _callErrorHandler(error);
    } else {
      canceled.whenComplete(() => _callErrorHandler(error));
    }
  }

  void _callErrorHandler(AsyncError error) {
    // Cancelled while it waited to be cancelled by its own end.
    if (_state & (_canceled | _waitsForCancel) == _canceled) return;
    _state |= _inCallback;
    final handler = _errorHandler;
    final zone = _zone;
    if (handler == null) {
      zone.handleUncaughtError(error.error, error.stackTrace);
    } else if (handler is void Function(Object, StackTrace)) {
      zone.runBinaryGuarded<Object, StackTrace>(
          handler, error.error, error.stackTrace);
    } else {
      zone.runUnaryGuarded<Object>(
          unsafeCast<void Function(Object)>(handler), error.error);
    }
    _state &= ~_inCallback;
  }

  void _sendDone() {
    _cancel();
    _state |= _waitsForCancel;
    final canceled = _cancelFuture;
    if (canceled == null || identical(canceled, _nullFuture)) {
      _callDoneHandler();
    } else {
      canceled.whenComplete(_callDoneHandler);
    }
  }

  void _callDoneHandler() {
    if (_state & _waitsForCancel == 0) return;
    _state |= _canceled | _closed | _inCallback;
    _zone.runGuarded(_doneHandler);
    _state &= ~_inCallback;
  }

  void _cancel() {
    _state |= _canceled;
    if (_scheduled) _scheduleCanceled = true;
    if (_state & _inCallback == 0) _pending = null;
    _cancelFuture = _onCancel();
  }

  /// After a callback: tells the source if it is now paused, or no longer;
  /// then goes on with the queue.
  void _checkState(int wasPaused) {
    int state = _state;
    if (state & _hasPending != 0 && !_direct) {
      final pending = _pending;
      if (pending == null || pending._length == 0) {
        state &= ~_hasPending;
        if (state & _inputPaused != 0 && state < _onePause) {
          state &= ~_inputPaused;
        }
        _state = state;
      }
    }
    while (true) {
      state = _state;
      if (state & _canceled != 0) {
        _pending = null;
        return;
      }
      final paused = state & _inputPaused;
      if (paused == wasPaused) break;
      _state = state | _inCallback;
      if (paused != 0) {
        _onPause();
      } else {
        _onResume();
      }
      _state &= ~_inCallback;
      wasPaused = paused;
    }
    if (state & _hasPending != 0 && state < _onePause) _schedule();
  }
}

/// Throws unless [handler] is one that a stream can call with an error.
void _checkStreamErrorHandler(Function handler) {
  if (handler is void Function(Object, StackTrace) ||
      handler is void Function(Object)) {
    return;
  }
  throw ArgumentError('handleError callback must take either an Object '
      '(the error), or both an Object (the error) and a StackTrace.');
}
