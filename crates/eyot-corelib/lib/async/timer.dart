part of 'async.dart';

/// Calls back after a time, once or again and again.
abstract interface class Timer {
  factory Timer(Duration duration, void Function() callback) {
    final zone = Zone._current;
    if (identical(zone, _rootZone)) {
      return _RootTimer(duration.inMicroseconds, callback);
    }
    return zone.createTimer(duration, zone.bindCallbackGuarded(callback));
  }

  factory Timer.periodic(
      Duration duration, void Function(Timer timer) callback) {
    final zone = Zone._current;
    if (identical(zone, _rootZone)) {
      return _RootTimer.periodic(duration.inMicroseconds, callback);
    }
    return zone.createPeriodicTimer(
        duration, zone.bindUnaryCallbackGuarded<Timer>(callback));
  }

  /// Runs [callback] as soon as the event loop comes by.
  static void run(void Function() callback) {
    Timer(Duration.zero, callback);
  }

  void cancel();

  int get tick;

  bool get isActive;
}

/// The timer of the root zone: a number under which the VM knows it.
@pragma('vm:isolate-unsendable')
final class _RootTimer implements Timer {
  /// Called with nothing ([_period] < 0) or with this timer.
  Object? _callback;

  /// Microseconds between ticks, or -1 if it fires once.
  final int _period;

  /// When the next tick is due, for a periodic one.
  int _due = 0;

  int _tick = 0;

  /// What the VM calls it, or 0 while nothing is waiting.
  int _id = 0;

  _RootTimer(int micros, void Function() callback)
      : _callback = callback,
        _period = -1 {
    _id = _timerStart(this, micros < 0 ? 0 : micros);
  }

  _RootTimer.periodic(int micros, void Function(Timer) callback)
      : _callback = callback,
        _period = micros < 0 ? 0 : micros {
    _due = _timerNow() + _period;
    _id = _timerStart(this, _period);
  }

  void cancel() {
    final id = _id;
    _callback = null;
    if (id != 0) {
      _id = 0;
      _timerCancel(id);
    }
  }

  int get tick => _tick;

  bool get isActive => _callback != null;

  void _fire() {
    _id = 0;
    final callback = _callback;
    if (callback == null) return;
    if (_period < 0) {
      _callback = null;
      _tick = 1;
      unsafeCast<void Function()>(callback)();
      return;
    }
    _firePeriodic(unsafeCast<void Function(Timer)>(callback));
  }

  /// Ticks are due at multiples of the period from the start. If the loop was
  /// late, the ticks that were missed are counted, and the next one comes at
  /// the next multiple.
  void _firePeriodic(void Function(Timer) callback) {
    int ticks = 1;
    if (_period > 0) {
      final late = _timerNow() - _due;
      if (late > _period) ticks += late ~/ _period;
    }
    _tick += ticks;
    _due += ticks * _period;
    try {
      callback(this);
    } finally {
      if (_callback != null && _id == 0) {
        final wait = _period == 0 ? 0 : _due - _timerNow();
        _id = _timerStart(this, wait < 0 ? 0 : wait);
      }
    }
  }
}

/// Native: asks the VM to call [_fireTimer] with [timer] as an event of its
/// own once [micros] (at least 0) microseconds have passed. Returns an id
/// greater than 0. Timers due at the same microsecond fire in the order in
/// which they were started; one with 0 goes behind the events that are
/// already queued. A waiting timer keeps the isolate alive.
external int _timerStart(Object timer, int micros);

/// Native: forgets the timer with this id, if it still waits.
external void _timerCancel(int id);

/// Native: the monotonic clock that timers go by, in microseconds.
external int _timerNow();

/// Entry point of the VM: the event of a timer that is due. An error of the
/// callback goes to [_uncaughtError].
void _fireTimer(Object timer) {
  try {
    unsafeCast<_RootTimer>(timer)._fire();
  } catch (error, stackTrace) {
    Zone._current = _rootZone;
    _uncaughtError(error, stackTrace);
  }
}
