part of 'async.dart';

// What compiled code calls for `async`, `async*`, `sync*` and `await`, and
// what the VM offers to resume it. `s` is a register with a [_Suspension],
// made by the instruction `new _Suspension` before its first use; `suspend s,
// L` copies the frame into it, and a later [_resume] goes on at L, where
// `resumed r` receives the value passed in (or throws the error passed in).
// One suspension serves a whole activation: suspending again overwrites it.
//
// ## async
//
//     f = call _asyncStart<T>()            at entry; T is the future value type
//     … body …
//     await e:      suspend s, L
//                   call _awaitFuture(s, e)
//                   ret f                  (the caller of a resumed activation
//                                          ignores what it returns)
//                   L: resumed r
//     return e:     call _asyncComplete(f, e); ret f
//                   (e may be a FutureOr<T>: a future of T is waited for; end
//                   of the body: e is null)
//     uncaught:     a handler around the whole body:
//                   call _asyncError(f, error, trace); ret f
//
// ## async*
//
//     c = call _asyncStarStart<T>()        at entry; T is the element type
//     suspend s, L0
//     r = call _asyncStarStream(c, s); ret r
//     L0: resumed _                        the body starts with the first listen
//     await e:      as above, but `ret null`
//     yield e:      suspend s, L
//                   b = call _asyncStarYield(c, s, e)
//                   jt.r b, LEAVE          (true: nobody listens any more)
//                   ret null
//                   L: resumed b; jt.r b, LEAVE
//     yield* e:     the same with _asyncStarYieldEach(c, s, e)
//     LEAVE:        as `return` at this place: finally blocks run
//     return, end:  call _asyncStarDone(c); ret null
//     uncaught:     call _asyncStarError(c, error, trace); ret null
//
// ## sync*
//
//     suspend s, L0
//     r = call _syncStarIterable<T>(s); ret r
//     L0: resumed it                       each iterator resumes its own copy
//         s = call _syncStarSuspension(it)
//     yield e:      suspend s, L
//                   call _syncStarYield(it, e); ret null
//                   L: resumed it
//     yield* e:     the same with _syncStarYieldEach(it, e)
//     return, end:  ret null
//     uncaught:     no handler: the error leaves `moveNext`
//
// ## await for
//
//     it = StreamIterator<T>(stream); then per round `await it.moveNext()`
//     and `it.current`; on every way out but the end of the stream
//     `await it.cancel()`.

/// The VM's saved frame of a suspended activation; no Dart code looks inside.
final class _Suspension {
  _Suspension._();
}

/// Native: re-enters the frame saved in [suspension]; its `resumed` gives
/// [value]. Returns when that activation suspends again or ends. An error
/// that the activation lets out (only `sync*` bodies do) leaves this call.
external void _resume(_Suspension suspension, Object? value);

/// Native: as [_resume], but `resumed` throws [error] with [stackTrace].
external void _resumeError(
    _Suspension suspension, Object error, StackTrace stackTrace);

/// Native: a new suspension with a copy of the frame saved in [suspension].
external _Suspension _cloneSuspension(_Suspension suspension);

// ---- async functions

/// The result of an async function at its entry.
Object _asyncStart<T>() => _Future<T>();

/// `await value` of a frame that is saved in [suspension]: arranges that it
/// is resumed by a microtask, in the zone that is current now.
Object? _awaitFuture(_Suspension suspension, Object? value) {
  final zone = Zone._current;
  if (!identical(zone, _rootZone)) {
    _awaitIn(zone, suspension, value);
  } else if (value is _Future) {
    // The frequent cases of [_Future._listenSuspended] without a call.
    final state = value._state;
    if (state == _Future._incomplete && value._data == null) {
      value._data = suspension;
    } else if (state == _Future._hasValue && identical(value._zone, zone)) {
      _microtasks.add(suspension, value._data);
    } else {
      value._listenSuspended(suspension);
    }
  } else if (value is Future) {
    _awaitForeign(suspension, value);
  } else {
    _microtasks.add(suspension, value);
  }
  return null;
}

void _awaitForeign(_Suspension suspension, Future<Object?> future) {
  future.then<void>((Object? value) => _resume(suspension, value),
      onError: (Object error, StackTrace stackTrace) =>
          _resumeError(suspension, error, stackTrace));
}

/// In a zone both callbacks are registered and run by it.
void _awaitIn(Zone zone, _Suspension suspension, Object? value) {
  void onValue(Object? value) => _resume(suspension, value);
  void onError(Object error, StackTrace stackTrace) =>
      _resumeError(suspension, error, stackTrace);
  if (value is Future && value is! _Future) {
    unsafeCast<Future<Object?>>(value).then<void>(onValue, onError: onError);
    return;
  }
  final listener = _Listener(
      _Listener._awaitInZone,
      zone,
      null,
      zone.registerUnaryCallback<void, Object?>(onValue),
      zone.registerBinaryCallback<void, Object, StackTrace>(onError));
  if (value is _Future) {
    value._listen(listener);
  } else {
    _Future<Object?>.completed(value)._listen(listener);
  }
}

/// `return value` of an async function.
///
/// While nobody waits for [future], its function may still be in the call
/// that makes it: completing later leaves the caller time to listen.
void _asyncComplete(Object future, Object? value) {
  final result = unsafeCast<_Future<Object?>>(future);
  if (result._data == null || value is Future) {
    result._completeLater(value);
  } else {
    result._completeValue(value);
  }
}

/// An error leaves the body of an async function.
void _asyncError(Object future, Object error, StackTrace stackTrace) {
  final result = unsafeCast<_Future<Object?>>(future);
  final report = AsyncError._(error, stackTrace);
  if (result._data == null) {
    result._completeErrorLater(report);
  } else {
    result._completeError(report);
  }
}

// ---- async*

Object _asyncStarStart<T>() => _AsyncStarController<T>();

/// [suspension] is saved at the start of the body.
Object _asyncStarStream(Object controller, _Suspension suspension) {
  final c = unsafeCast<_AsyncStarController<Object?>>(controller);
  c._suspension = suspension;
  return c._makeStream();
}

bool _asyncStarYield(
        Object controller, _Suspension suspension, Object? value) =>
    unsafeCast<_AsyncStarController<Object?>>(controller)
        ._yield(suspension, value);

bool _asyncStarYieldEach(
        Object controller, _Suspension suspension, Object? stream) =>
    unsafeCast<_AsyncStarController<Object?>>(controller)
        ._yieldEach(suspension, unsafeCast<Stream<Object?>>(stream));

void _asyncStarDone(Object controller) =>
    unsafeCast<_AsyncStarController<Object?>>(controller)._finish(null);

void _asyncStarError(Object controller, Object error, StackTrace stackTrace) =>
    unsafeCast<_AsyncStarController<Object?>>(controller)
        ._finish(AsyncError._(error, stackTrace));

/// Between the body of an `async*` function and its listener.
///
/// Every yield leaves the body suspended; it runs on in a microtask of its
/// own behind the one that delivers the event, unless the listener has paused
/// by then; then the resume runs it on.
final class _AsyncStarController<T> {
  _Suspension? _suspension;
  _AsyncStarSubscription<T>? _subscription;

  /// The body is queued as a microtask.
  bool _queued = false;

  /// No pause keeps the body from its next run: it starts, or the listener
  /// has resumed since.
  bool _released = true;

  /// The body waits for its turn at a yield (or at its start).
  bool _atYield = false;

  /// The listener cancelled.
  bool _canceled = false;

  /// The body has ended.
  bool _finished = false;

  /// What the listener's cancel returned.
  _Future<void>? _cancelDone;

  /// Of the stream of a `yield*` while its events are passed on.
  StreamSubscription<Object?>? _inner;

  Stream<T> _makeStream() => _AsyncStarStream<T>(this);

  void _start(_AsyncStarSubscription<T> subscription) {
    _subscription = subscription;
    _atYield = true;
    _queueBody();
  }

  void _queueBody() {
    if (_queued) return;
    _queued = true;
    if (identical(Zone._current, _rootZone)) {
      _microtasks.add(this, null);
    } else {
      scheduleMicrotask(_runBody);
    }
  }

  void _runBody() {
    _queued = false;
    final bool isFree = _released || _canceled;
    _released = false;
    if (!isFree && _subscription!._isInputPaused) return;
    _atYield = false;
    final suspension = _suspension;
    if (suspension != null) _resume(suspension, _canceled);
  }

  /// The listener, an iterator, asks for more; it has paused once.
  void _release(_AsyncStarSubscription<Object?> subscription) {
    const paused = _Subscription._onePause | _Subscription._inputPaused;
    final state = subscription._state;
    if (state | _Subscription._cancelsOnError !=
            paused | _Subscription._cancelsOnError ||
        _inner != null) {
      subscription.resume();
      return;
    }
    // As [_Subscription.resume] and [_onResume].
    subscription._state = state - paused;
    if (_atYield) {
      _released = true;
      _queueBody();
    }
  }

  /// The microtask of a yield: [event] for the listener, then the body.
  void _deliverAndRun(Object event) {
    final subscription = unsafeCast<_AsyncStarSubscription<T>>(_subscription);
    final iterator = subscription._iterator;
    if (iterator != null &&
        subscription._state | _Subscription._cancelsOnError ==
            _Subscription._hasPending | _Subscription._cancelsOnError &&
        !subscription._scheduleCanceled) {
      iterator._take(event, subscription);
    } else {
      subscription._deliverDirect(event);
    }
    if (_unreported == null) {
      _runBody();
    } else {
      // What the listener threw is reported first.
      _microtasks.addSecond(this);
    }
  }

  bool _yield(_Suspension suspension, Object? value) {
    if (_canceled) return true;
    final subscription = unsafeCast<_AsyncStarSubscription<T>>(_subscription);
    _suspension = suspension;
    _atYield = true;
    // One microtask for what would be two, side by side.
    final state = subscription._state;
    if (value != null &&
        !_queued &&
        state & (_Subscription._inputPaused | _Subscription._hasPending) == 0 &&
        state < _Subscription._onePause &&
        !subscription._scheduled &&
        identical(Zone._current, _rootZone)) {
      // As [_Subscription._goesDirect].
      subscription._state = state | _Subscription._hasPending;
      subscription._scheduled = true;
      subscription._direct = true;
      _queued = true;
      _microtasks.add(this, value);
      return false;
    }
    subscription._addPending(value);
    if (!subscription._isInputPaused) _queueBody();
    return false;
  }

  bool _yieldEach(_Suspension suspension, Stream<Object?> stream) {
    if (_canceled) return true;
    final subscription = unsafeCast<_AsyncStarSubscription<T>>(_subscription);
    _suspension = suspension;
    final inner = stream.listen(subscription._addPending,
        onError: (Object error, StackTrace stackTrace) =>
            subscription._addPending(
                _ErrorEvent(AsyncError._(error, stackTrace))),
        onDone: _innerDone);
    _inner = inner;
    if (subscription._isInputPaused) inner.pause();
    return false;
  }

  void _innerDone() {
    _inner = null;
    _atYield = true;
    if (_canceled || !_subscription!._isInputPaused) _queueBody();
  }

  /// The body ended, with [error] if it threw.
  void _finish(AsyncError? error) {
    _finished = true;
    final cancelDone = _cancelDone;
    if (cancelDone != null) {
      if (error != null) {
        cancelDone._completeError(error);
      } else {
        cancelDone._completeValue(null);
      }
      return;
    }
    final subscription = _subscription;
    if (subscription == null || _canceled) return;
    if (error != null) subscription._addPending(_ErrorEvent(error));
    // An error may have cancelled; the done event is dropped then.
    subscription._closeLater();
  }

  void _onPause() {
    _inner?.pause();
  }

  void _onResume() {
    final inner = _inner;
    if (inner != null) {
      inner.resume();
    } else if (_atYield) {
      _released = true;
      _queueBody();
    }
  }

  Future<void>? _onCancel() {
    _canceled = true;
    if (_finished) return null;
    final done = _Future<void>();
    _cancelDone = done;
    final inner = _inner;
    if (inner != null) {
      inner.cancel().then<void>((_) => _innerDone(),
          onError: (Object error, StackTrace stackTrace) {
        _inner = null;
        final suspension = _suspension;
        if (suspension != null) _resumeError(suspension, error, stackTrace);
      });
    } else if (_atYield) {
      _queueBody();
    }
    return done;
  }
}

final class _AsyncStarStream<T> extends Stream<T> {
  final _AsyncStarController<T> _controller;

  _AsyncStarStream(this._controller);

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    if (_controller._subscription != null) {
      throw StateError('Stream has already been listened to.');
    }
    final subscription = _AsyncStarSubscription<T>(
        _controller, onData, onError, onDone, cancelOnError ?? false);
    _controller._start(subscription);
    return subscription;
  }
}

final class _AsyncStarSubscription<T> extends _Subscription<T> {
  final _AsyncStarController<T> _controller;

  /// Whose callbacks these are, if it is an iterator in the root zone: events
  /// go to it past them.
  _StreamIterator<Object?>? _iterator;

  _AsyncStarSubscription(this._controller, void Function(T)? onData,
      Function? onError, void Function()? onDone, bool cancelOnError)
      : super(onData, onError, onDone, cancelOnError);

  void _onPause() => _controller._onPause();
  void _onResume() => _controller._onResume();
  Future<void>? _onCancel() => _controller._onCancel();
}

// ---- sync*

/// [suspension] is saved at the start of the body and never resumed itself.
Object _syncStarIterable<T>(_Suspension suspension) =>
    _SyncStarIterable<T>(suspension);

_Suspension _syncStarSuspension(Object iterator) =>
    unsafeCast<_SyncStarIterator<Object?>>(iterator)._top;

void _syncStarYield(Object iterator, Object? value) {
  final it = unsafeCast<_SyncStarIterator<Object?>>(iterator);
  it._current = value;
  it._yielded = true;
}

void _syncStarYieldEach(Object iterator, Object? iterable) {
  unsafeCast<_SyncStarIterator<Object?>>(iterator)
      ._yieldEach(unsafeCast<Iterable<Object?>>(iterable));
}

final class _SyncStarIterable<T> extends Iterable<T> {
  final _Suspension _start;

  _SyncStarIterable(this._start);

  Iterator<T> get iterator => _SyncStarIterator<T>(_cloneSuspension(_start));
}

/// Runs the body from yield to yield.
///
/// The bodies of `yield*` of other `sync*` iterables, however deep, are run
/// by the outermost iterator: the inner ones are [_top], those that wait for
/// them [_outer]. Other iterables are asked through [_inner].
final class _SyncStarIterator<T> implements Iterator<T> {
  /// The body that runs.
  _Suspension _top;

  /// Bodies that wait at a `yield*`, the outermost first.
  List<_Suspension>? _outer;

  /// The iterator of a `yield*` of [_top].
  Iterator<Object?>? _inner;

  Object? _current;
  bool _yielded = false;

  /// The body delegated to another, which has not started.
  bool _entered = false;
  bool _done = false;

  _SyncStarIterator(this._top);

  T get current => unsafeCast<T>(_current);

  bool moveNext() {
    if (_done) return false;
    // What an inner iteration ended with: thrown at the `yield*` around it.
    AsyncError? thrown;
    while (true) {
      final inner = _inner;
      if (inner != null) {
        try {
          if (inner.moveNext()) {
            _current = inner.current;
            return true;
          }
        } catch (error, stackTrace) {
          thrown = AsyncError._(error, stackTrace);
        }
        _inner = null;
      }
      _yielded = false;
      _entered = false;
      try {
        if (thrown == null) {
          _resume(_top, this);
        } else {
          final error = thrown;
          thrown = null;
          _resumeError(_top, error.error, error.stackTrace);
        }
        if (_yielded) return true;
        if (_entered || _inner != null) continue;
      } catch (error, stackTrace) {
        thrown = AsyncError._(error, stackTrace);
      }
      if (!_leaveBody(thrown)) return false;
    }
  }

  /// The running body ended: goes back to the one that waits for it. Answers
  /// false, or throws the error, if there is none.
  bool _leaveBody(AsyncError? thrown) {
    final outer = _outer;
    if (outer != null) {
      _top = outer.removeLast();
      if (outer.isEmpty) _outer = null;
      return true;
    }
    _done = true;
    _current = null;
    if (thrown != null) {
      Error.throwWithStackTrace(thrown.error, thrown.stackTrace);
    }
    return false;
  }

  void _yieldEach(Iterable<Object?> iterable) {
    if (iterable is _SyncStarIterable) {
      final waiting = _outer;
      if (waiting == null) {
        _outer = [_top];
      } else {
        waiting.add(_top);
      }
      _top = _cloneSuspension(iterable._start);
      _entered = true;
    } else {
      _inner = iterable.iterator;
    }
  }
}
