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
      subscription.resume();
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
    return next;
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
