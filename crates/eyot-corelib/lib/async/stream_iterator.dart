part of 'async.dart';

/// What `await for` runs on.
///
/// The subscription is paused while there is a value that nobody has moved on
/// from; a consumer that asks again while it is told the value causes no
/// pause.
///
/// In the root zone an [EventSource] hands its events over without callbacks.
final class _StreamIterator<T> implements StreamIterator<T>, EventTaker {
  StreamSubscription<T>? _subscription;

  /// The stream before the first [moveNext]; then the `_Future<bool>` that
  /// [moveNext] gave while an event is awaited; then the value; null at the
  /// end.
  Object? _data;
  bool _hasValue = false;

  /// The subscription is paused by this.
  bool _paused = false;

  _StreamIterator(Stream<T> stream) : _data = stream;

  T get current {
    if (_hasValue) return unsafeCast<T>(_data);
    return null as T;
  }

  Future<bool> moveNext() {
    final subscription = _subscription;
    if (subscription == null) return _start();
    if (!_hasValue) throw StateError('Already waiting for next.');
    final next = _Future<bool>();
    _data = next;
    _hasValue = false;
    if (_paused) {
      _paused = false;
      final Object source = subscription;
      if (source is _AsyncStarSubscription) {
        source._controller._release(source);
      } else {
        subscription.resume();
      }
    }
    return next;
  }

  Future<bool> _start() {
    final stream = _data;
    if (stream == null) {
      final end = _Future<bool>();
      end._completeValue(false);
      return end;
    }
    final next = _Future<bool>();
    _data = next;
    if (stream is EventSource && identical(Zone._current, _rootZone)) {
      _subscription = unsafeCast<StreamSubscription<T>>(
          unsafeCast<EventSource>(stream).connect(this));
      return next;
    }
    final subscription = unsafeCast<Stream<T>>(stream)
        .listen(_onData, onError: _onError, onDone: _onDone, cancelOnError: true);
    if (_data != null) _subscription = subscription;
    final Object source = subscription;
    if (source is _AsyncStarSubscription &&
        identical(source._zone, _rootZone)) {
      source._iterator = this;
    }
    return next;
  }

  /// An event of an `async*` function: what [_Subscription._deliverDirect]
  /// and [_onData] do if nothing is in the way.
  void _take(Object event, _AsyncStarSubscription<Object?> subscription) {
    final state = subscription._state & ~_Subscription._hasPending;
    subscription._scheduled = false;
    subscription._direct = false;
    if (_subscription == null) {
      subscription._state = state;
      return;
    }
    subscription._state = state | _Subscription._inCallback;
    final next = unsafeCast<_Future<bool>>(_data);
    _data = event;
    _hasValue = true;
    try {
      next._completeValue(true);
    } catch (error, stackTrace) {
      _reportUncaught(error, stackTrace);
    }
    if (_hasValue && _subscription != null) {
      _paused = true;
      subscription.pause();
    }
    final after = subscription._state & ~_Subscription._inCallback;
    subscription._state = after;
    if (after != state) subscription._checkState(0);
  }

  Future<dynamic> cancel() {
    final subscription = _subscription;
    final data = _data;
    _data = null;
    if (subscription == null) return _nullFuture;
    _subscription = null;
    if (_hasValue) {
      _hasValue = false;
    } else {
      unsafeCast<_Future<bool>>(data)._completeLater(false);
    }
    return subscription.cancel();
  }

  bool takeEvent(Object? event) {
    if (_subscription == null) return true;
    final next = unsafeCast<_Future<bool>>(_data);
    _data = event;
    _hasValue = true;
    final waiting = next._data;
    if (waiting is _Suspension && identical(Zone._current, _rootZone)) {
      // What [_Future._completeValue] does, without a call.
      next._state = _Future._hasValue;
      next._data = true;
      _resume(waiting, true);
    } else {
      next._completeValue(true);
    }
    // Not so after a [cancel] either.
    if (!_hasValue) return true;
    _paused = true;
    return false;
  }

  void takeEnd() => _onDone();

  void _onData(Object? value) {
    if (_subscription == null) return;
    final next = unsafeCast<_Future<bool>>(_data);
    _data = value;
    _hasValue = true;
    next._completeValue(true);
    if (_hasValue) {
      final subscription = _subscription;
      if (subscription != null) {
        _paused = true;
        subscription.pause();
      }
    }
  }

  void _onError(Object error, StackTrace stackTrace) {
    final next = unsafeCast<_Future<bool>>(_data);
    final started = _subscription != null;
    _subscription = null;
    _data = null;
    final report = AsyncError._(error, stackTrace);
    if (started) {
      next._completeError(report);
    } else {
      next._completeErrorLater(report);
    }
  }

  void _onDone() {
    final next = unsafeCast<_Future<bool>>(_data);
    final started = _subscription != null;
    _subscription = null;
    _data = null;
    if (started) {
      next._completeValue(false);
    } else {
      next._completeLater(false);
    }
  }
}
