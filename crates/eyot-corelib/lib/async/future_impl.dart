part of 'async.dart';

/// The future of this library, and the only one that `async` code makes.
///
/// [_state] says what [_data] is:
///
/// | state | data |
/// | --- | --- |
/// | incomplete | who waits |
/// | pending: will be completed, by a microtask or another future | who waits |
/// | chained: goes the way of another future, where its listeners wait too | that future |
/// | value | the value |
/// | error | the [AsyncError] |
///
/// Who waits is null, or a [_Suspension] (one `await` in the root zone, the
/// most frequent listener, which so needs no object of its own), or
/// [_Listener]s, the last one first.
///
/// To complete *later* means by a microtask: whoever made the future still
/// gets time to listen. Everything else that completes tells the listeners
/// at once.
final class _Future<T> implements Future<T> {
  static const int _incomplete = 0;
  static const int _pending = 1;
  static const int _chained = 2;
  static const int _hasValue = 4;
  static const int _hasError = 8;

  /// Beside one of the above: an error that nobody handles is dropped.
  static const int _ignored = 16;

  static const int _complete_ = _hasValue | _hasError;

  int _state = _incomplete;
  Object? _data;
  final Zone _zone;

  _Future() : _zone = Zone._current;

  /// Has [value] already.
  _Future.completed(Object? value)
      : _zone = Zone._current,
        _state = _hasValue,
        _data = value;

  /// Has [value] already, in the root zone.
  _Future.completedInRoot(Object? value)
      : _zone = _rootZone,
        _state = _hasValue,
        _data = value;

  bool get _isComplete => _state & _complete_ != 0;

  /// Neither complete nor going to be.
  bool get _mayComplete =>
      _state & (_pending | _chained | _complete_) == 0;

  void _ignore() {
    _Future<Object?> future = this;
    future._state |= _ignored;
    while (future._state & _chained != 0) {
      future = future._source;
      future._state |= _ignored;
    }
  }

  _Future<Object?> get _source => unsafeCast<_Future<Object?>>(_data);

  /// The type argument decides what a callback's result is: a future of it
  /// is waited for, everything else is the value.
  bool _isFutureOfThis(Object? value) => value is Future<T>;

  bool _isValueOrFuture(Object? value) => value is FutureOr<T>;

  // ---- listening

  Future<R> then<R>(FutureOr<R> Function(T value) onValue,
      {Function? onError}) {
    final zone = Zone._current;
    Object callback = onValue;
    Object? errorCallback = onError;
    if (!identical(zone, _rootZone)) {
      callback = zone.registerUnaryCallback<FutureOr<R>, T>(onValue);
      if (onError != null) errorCallback = _registerErrorHandler(onError, zone);
    } else if (onError != null) {
      _checkErrorHandler(onError);
    }
    final result = _Future<R>();
    _listen(_Listener(_Listener._then, zone, result, callback, errorCallback));
    return result;
  }

  Future<T> catchError(Function onError, {bool Function(Object error)? test}) {
    final zone = Zone._current;
    Object handler = onError;
    Object? filter = test;
    if (!identical(zone, _rootZone)) {
      handler = _registerErrorHandler(onError, zone);
      if (test != null) {
        filter = zone.registerUnaryCallback<bool, Object>(test);
      }
    } else {
      _checkErrorHandler(onError);
    }
    final result = _Future<T>();
    _listen(_Listener(_Listener._catch, zone, result, filter, handler));
    return result;
  }

  Future<T> whenComplete(FutureOr<void> Function() action) {
    final zone = Zone._current;
    Object callback = action;
    if (!identical(zone, _rootZone)) {
      callback = zone.registerCallback<FutureOr<void>>(action);
    }
    final result = _Future<T>();
    _listen(_Listener(_Listener._always, zone, result, callback, null));
    return result;
  }

  Stream<T> asStream() => Stream<T>.fromFuture(this);

  Future<T> timeout(Duration timeLimit, {FutureOr<T> Function()? onTimeout}) {
    final result = _Future<T>();
    if (_isComplete) {
      result._completeLater(this);
      return result;
    }
    final zone = Zone._current;
    final Timer timer;
    if (onTimeout == null) {
      timer = Timer(timeLimit, () {
        result._completeError(AsyncError(
            TimeoutException('Future not completed', timeLimit),
            StackTrace.current));
      });
    } else {
      final action = zone.registerCallback<FutureOr<T>>(onTimeout);
      timer = Timer(timeLimit, () {
        result._completeWith(() => zone.run(action));
      });
    }
    then<void>((T value) {
      if (timer.isActive) {
        timer.cancel();
        result._completeValue(value);
      }
    }, onError: (Object error, StackTrace stackTrace) {
      if (timer.isActive) {
        timer.cancel();
        result._completeError(AsyncError._(error, stackTrace));
      }
    });
    return result;
  }

  /// Tells [listener] the result, now or when it is there; never before the
  /// running code has returned.
  void _listen(_Listener listener) {
    final state = _state;
    if (state & (_chained | _complete_) == 0) {
      final waiting = _data;
      if (waiting != null) {
        listener._next = waiting is _Suspension
            ? _Listener.await(waiting)
            : unsafeCast<_Listener>(waiting);
      }
      _data = listener;
    } else if (state & _chained != 0) {
      _end()._listen(listener);
    } else {
      final zone = _zone;
      if (identical(zone, _rootZone)) {
        _microtasks.add(listener, this);
      } else {
        zone.scheduleMicrotask(() => _propagate(this, listener));
      }
    }
  }

  /// `await` of this in the root zone.
  void _listenSuspended(_Suspension suspension) {
    final state = _state;
    if (state & (_chained | _complete_) == 0) {
      if (_data == null) {
        _data = suspension;
        return;
      }
    } else if (state & _hasValue != 0 && identical(_zone, _rootZone)) {
      _microtasks.add(suspension, _data);
      return;
    }
    _listen(_Listener.await(suspension));
  }

  /// The future at the end of the chain that this one goes along.
  _Future<Object?> _end() {
    _Future<Object?> future = this;
    while (future._state & _chained != 0) {
      future = future._source;
    }
    return future;
  }

  // ---- completing

  /// Completes with the value, or as the future, that [computation] gives.
  void _completeWith(FutureOr<T> Function() computation) {
    final Object? value;
    try {
      value = computation();
    } catch (error, stackTrace) {
      _completeError(_interceptError(error, stackTrace));
      return;
    }
    _complete(value);
  }

  /// With a `FutureOr<T>`, now.
  void _complete(Object? value) {
    if (value is Future && _isFutureOfThis(value)) {
      _follow(value, true);
    } else {
      _completeValue(value);
    }
  }

  /// With a value, now.
  void _completeValue(Object? value) {
    final waiting = _data;
    _state = _hasValue;
    _data = value;
    if (waiting == null) return;
    if (waiting is _Suspension) {
      if (identical(Zone._current, _rootZone)) {
        _resume(waiting, value);
      } else {
        _resumeInRoot(waiting, value);
      }
    } else {
      _propagate(this, unsafeCast<_Listener>(waiting));
    }
  }

  /// With an error, now. Without a listener it is an uncaught error.
  void _completeError(AsyncError error) {
    final waiting = _data;
    final ignored = _state & _ignored;
    _state = _hasError | ignored;
    _data = error;
    if (waiting == null) {
      if (ignored == 0) {
        _zone.handleUncaughtError(error.error, error.stackTrace);
      }
    } else if (waiting is _Suspension) {
      _propagate(this, _Listener.await(waiting));
    } else {
      _propagate(this, unsafeCast<_Listener>(waiting));
    }
  }

  /// [_completeError] as a callback.
  void _completeErrorWith(Object error, StackTrace stackTrace) =>
      _completeError(AsyncError._(error, stackTrace));

  /// With a `FutureOr<T>`, in a microtask.
  void _completeLater(Object? value) {
    if (value is Future && _isFutureOfThis(value)) {
      _follow(value, false);
      return;
    }
    _state |= _pending;
    if (identical(_zone, _rootZone)) {
      _microtasks.add(this, value);
    } else {
      _zone.scheduleMicrotask(() => _completeValue(value));
    }
  }

  /// With an error, in a microtask.
  void _completeErrorLater(AsyncError error) {
    _state |= _pending;
    if (identical(_zone, _rootZone)) {
      _microtasks.add(this, _PendingError(error));
    } else {
      _zone.scheduleMicrotask(() => _completeError(error));
    }
  }

  /// The microtask of the two above and of [_follow].
  void _completeFromQueue(Object? value) {
    if (value is _PendingError) {
      _completeError(value.error);
    } else if (value is _PendingSource) {
      _copy(value.future);
    } else {
      _completeValue(value);
    }
  }

  /// Completes as [other], which is complete.
  void _copy(_Future<Object?> other) {
    if (other._state & _hasValue != 0) {
      _completeValue(other._data);
    } else {
      _completeError(unsafeCast<AsyncError>(other._data));
    }
  }

  /// Goes the way of [other] from here. If that is complete already, the
  /// listeners are told at once if [now], else in a microtask.
  void _follow(Future<Object?> other, bool now) {
    if (other is! _Future) {
      _followForeign(other);
      return;
    }
    final source = unsafeCast<_Future<Object?>>(other)._end();
    if (identical(source, this)) {
      _completeErrorLater(AsyncError(
          ArgumentError.value(
              other, null, 'Cannot complete a future with itself'),
          StackTrace.current));
      return;
    }
    source._state |= _state & _ignored;
    if (!source._isComplete) {
      final waiting = _data;
      _state = _chained | (_state & _ignored);
      _data = source;
      if (waiting is _Suspension) {
        source._listen(_Listener.await(waiting));
      } else if (waiting != null) {
        source._listenAll(unsafeCast<_Listener>(waiting));
      }
    } else if (now || (_data == null && source._state & _hasValue != 0)) {
      _copy(source);
    } else {
      _state |= _pending;
      if (identical(_zone, _rootZone)) {
        _microtasks.add(this, _PendingSource(source));
      } else {
        _zone.scheduleMicrotask(() => _copy(source));
      }
    }
  }

  /// Takes over the listeners of a future that is chained to this one; they
  /// are told after those that are here.
  void _listenAll(_Listener listeners) {
    _Listener last = listeners;
    _Listener? next = last._next;
    while (next != null) {
      last = next;
      next = last._next;
    }
    final waiting = _data;
    if (waiting is _Suspension) {
      last._next = _Listener.await(waiting);
    } else if (waiting != null) {
      last._next = unsafeCast<_Listener>(waiting);
    }
    _data = listeners;
  }

  /// A future of another make can only be asked with `then`.
  void _followForeign(Future<Object?> other) {
    _state |= _pending;
    try {
      other.then<void>((Object? value) {
        _completeValue(value);
      }, onError: _completeErrorWith);
    } catch (error, stackTrace) {
      scheduleMicrotask(() => _completeErrorWith(error, stackTrace));
    }
  }
}

/// Argument of a future's microtask: complete with this error.
final class _PendingError {
  final AsyncError error;
  _PendingError(this.error);
}

/// Argument of a future's microtask: complete as this future has.
final class _PendingSource {
  final _Future<Object?> future;
  _PendingSource(this.future);
}

/// The future for "nothing to wait for": compared by identity to save a wait.
final _Future<Null> _nullFuture = _Future<Null>.completedInRoot(null);

/// One who waits for a future. By kind:
///
/// | kind | callback | error callback |
/// | --- | --- | --- |
/// | then | `FutureOr<R> Function(T)` | a handler or null |
/// | catch | `bool Function(Object)` or null | a handler |
/// | always (`whenComplete`) | `FutureOr<void> Function()` | |
/// | waits (`Future.wait`) | a [_Wait] | the index of the value there |
/// | await | a [_Suspension], or in a zone the registered `void Function(Object?)` | in a zone the registered handler |
final class _Listener {
  static const int _then = 0;
  static const int _catch = 1;
  static const int _always = 2;
  static const int _await = 3;
  static const int _awaitInZone = 4;
  static const int _waits = 5;

  _Listener? _next;
  final int _kind;
  final Zone _zone;

  /// What [then] and the like returned; null for an await.
  final _Future<Object?>? _result;
  final Object? _callback;
  final Object? _errorCallback;

  _Listener(
      this._kind, this._zone, this._result, this._callback, this._errorCallback);

  _Listener.await(_Suspension suspension)
      : _kind = _await,
        _zone = _rootZone,
        _result = null,
        _callback = suspension,
        _errorCallback = null;

  /// Runs the callback that [source]'s result asks for, and completes
  /// [_result] with what it gives.
  ///
  /// Answers the listeners of [_result] if telling them is left to the
  /// caller, with [_result] complete; else null.
  _Listener? _tell(_Future<Object?> source) {
    final kind = _kind;
    if (source._state & _Future._hasValue != 0) {
      final value = source._data;
      if (kind == _then) return _tellThen(value);
      if (kind == _await) {
        _tellAwait(value);
        return null;
      }
      if (kind == _catch) return _finishValue(value);
      if (kind == _always) return _tellAlways(source);
      if (kind == _waits) {
        unsafeCast<_Wait<Object?>>(_callback)
            ._take(unsafeCast<int>(_errorCallback), value);
        return null;
      }
      _zone.runUnary<void, Object?>(
          unsafeCast<void Function(Object?)>(_callback), value);
      return null;
    }
    final error = unsafeCast<AsyncError>(source._data);
    if (!identical(_zone, source._zone) && !source._zone.inSameErrorZone(_zone)) {
      // Errors stay in their zone; the result never completes.
      source._zone.handleUncaughtError(error.error, error.stackTrace);
      return null;
    }
    if (kind == _await) {
      _tellAwaitError(error);
      return null;
    }
    if (kind == _always) return _tellAlways(source);
    if (kind == _awaitInZone) {
      _zone.runBinary<void, Object, StackTrace>(
          unsafeCast<void Function(Object, StackTrace)>(_errorCallback),
          error.error,
          error.stackTrace);
      return null;
    }
    if (kind == _waits) {
      unsafeCast<_Wait<Object?>>(_callback)
          ._takeError(error.error, error.stackTrace);
      return null;
    }
    if (_errorCallback == null) return _finishError(error);
    return _tellError(error);
  }

  void _tellAwait(Object? value) {
    final suspension = unsafeCast<_Suspension>(_callback);
    if (identical(Zone._current, _rootZone)) {
      _resume(suspension, value);
    } else {
      _resumeInRoot(suspension, value);
    }
  }

  void _tellAwaitError(AsyncError error) {
    final old = Zone._current;
    Zone._current = _rootZone;
    try {
      _resumeError(unsafeCast<_Suspension>(_callback), error.error,
          error.stackTrace);
    } finally {
      Zone._current = old;
    }
  }

  _Listener? _tellThen(Object? value) {
    final callback = unsafeCast<Object? Function(Object?)>(_callback);
    final zone = _zone;
    final Object? result;
    try {
      if (identical(zone, _rootZone) && identical(Zone._current, _rootZone)) {
        result = callback(value);
      } else {
        result = zone.runUnary<Object?, Object?>(callback, value);
      }
    } catch (error, stackTrace) {
      return _finishError(AsyncError._(error, stackTrace));
    }
    if (result is Future) return _finishFutureOr(result);
    return _finishValue(result);
  }

  _Listener? _tellError(AsyncError error) {
    final handler = _errorCallback;
    final Object? result;
    try {
      if (_kind == _catch && !_accepts(error)) return _finishError(error);
      if (handler is Object? Function(Object, StackTrace)) {
        result = _zone.runBinary<Object?, Object, StackTrace>(
            handler, error.error, error.stackTrace);
      } else {
        result = _zone.runUnary<Object?, Object>(
            unsafeCast<Object? Function(Object)>(handler), error.error);
      }
    } catch (thrown, stackTrace) {
      if (identical(thrown, error.error)) return _finishError(error);
      return _finishError(AsyncError._(thrown, stackTrace));
    }
    if (!unsafeCast<_Future<Object?>>(_result)._isValueOrFuture(result)) {
      final what = _kind == _then
          ? "The error handler of Future.then must return a value of the "
              "returned future's type"
          : "The error handler of Future.catchError must return a value of "
              "the future's type";
      return _finishError(
          AsyncError(ArgumentError(what, 'onError'), StackTrace.current));
    }
    if (result is Future) return _finishFutureOr(result);
    return _finishValue(result);
  }

  /// Whether `catchError`'s test lets the error in.
  bool _accepts(AsyncError error) {
    final test = _callback;
    if (test == null) return true;
    return _zone.runUnary<bool, Object>(
        unsafeCast<bool Function(Object)>(test), error.error);
  }

  _Listener? _tellAlways(_Future<Object?> source) {
    final Object? waitFor;
    try {
      waitFor = _zone.run<Object?>(unsafeCast<Object? Function()>(_callback));
    } catch (thrown, stackTrace) {
      if (source._state & _Future._hasError != 0) {
        final error = unsafeCast<AsyncError>(source._data);
        if (identical(error.error, thrown)) return _finishError(error);
      }
      return _finishError(AsyncError._(thrown, stackTrace));
    }
    if (waitFor is! Future) return _finishAs(source);
    if (waitFor is _Future && waitFor._isComplete) {
      if (waitFor._state & _Future._hasError != 0) return _finishAs(waitFor);
      return _finishAs(source);
    }
    final result = unsafeCast<_Future<Object?>>(_result);
    waitFor.then<void>((_) => result._copy(source),
        onError: result._completeErrorWith);
    return null;
  }

  // ---- ways to complete [_result]

  _Listener? _finishValue(Object? value) {
    final result = unsafeCast<_Future<Object?>>(_result);
    final waiting = result._data;
    if (waiting is _Listener) {
      result._state = _Future._hasValue;
      result._data = value;
      return waiting;
    }
    result._completeValue(value);
    return null;
  }

  _Listener? _finishError(AsyncError error) {
    final result = unsafeCast<_Future<Object?>>(_result);
    final waiting = result._data;
    if (waiting is _Listener) {
      result._state = _Future._hasError;
      result._data = error;
      return waiting;
    }
    result._completeError(error);
    return null;
  }

  _Listener? _finishAs(_Future<Object?> source) {
    if (source._state & _Future._hasValue != 0) {
      return _finishValue(source._data);
    }
    return _finishError(unsafeCast<AsyncError>(source._data));
  }

  _Listener? _finishFutureOr(Future<Object?> value) {
    final result = unsafeCast<_Future<Object?>>(_result);
    if (!result._isFutureOfThis(value)) return _finishValue(value);
    if (value is _Future) {
      final source = unsafeCast<_Future<Object?>>(value);
      if (source._isComplete) return _finishAs(source);
    }
    result._follow(value, true);
    return null;
  }
}

/// Resumes with the root zone as the current one.
void _resumeInRoot(_Suspension suspension, Object? value) {
  final old = Zone._current;
  Zone._current = _rootZone;
  try {
    _resume(suspension, value);
  } finally {
    Zone._current = old;
  }
}

/// Tells [listeners], linked the last one first, the result of [source],
/// which is complete. A chain of results, each with one listener, is walked
/// in a loop: its length costs no stack.
void _propagate(_Future<Object?> source, _Listener listeners) {
  _Listener listener = listeners;
  while (true) {
    if (listener._next != null) {
      listener = _tellAllButLast(source, _reverse(listener));
    }
    final further = listener._tell(source);
    if (further == null) return;
    source = unsafeCast<_Future<Object?>>(listener._result);
    listener = further;
  }
}

_Listener _reverse(_Listener listeners) {
  _Listener? done;
  _Listener? rest = listeners;
  while (rest != null) {
    final next = rest._next;
    rest._next = done;
    done = rest;
    rest = next;
  }
  return unsafeCast<_Listener>(done);
}

/// Answers the last one, which has not been told.
_Listener _tellAllButLast(_Future<Object?> source, _Listener listeners) {
  _Listener listener = listeners;
  _Listener? next = listener._next;
  while (next != null) {
    listener._next = null;
    _propagate(source, listener);
    listener = next;
    next = listener._next;
  }
  return listener;
}

/// Throws unless [handler] can be told an error, or an error and its trace.
void _checkErrorHandler(Function handler) {
  if (handler is Object? Function(Object, StackTrace) ||
      handler is Object? Function(Object)) {
    return;
  }
  throw ArgumentError.value(
      handler,
      'onError',
      'Error handler must accept one Object or one Object and a StackTrace'
          " as arguments, and return a value of the returned future's type");
}

/// Registers an error handler of either form.
Function _registerErrorHandler(Function handler, Zone zone) {
  if (handler is Object? Function(Object, StackTrace)) {
    return zone.registerBinaryCallback<Object?, Object, StackTrace>(handler);
  }
  if (handler is Object? Function(Object)) {
    return zone.registerUnaryCallback<Object?, Object>(handler);
  }
  _checkErrorHandler(handler);
  return handler;
}
