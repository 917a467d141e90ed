part of 'concurrent.dart';

/// A lock that one isolate at a time has.
///
/// It is deeply immutable, so isolates can share it by a variable or send it
/// to each other. Who waits for it holds no thread, and handles no events; it
/// goes to whoever has waited longest. If its owner ends, the next one gets it.
abstract interface class Mutex {
  factory Mutex() = _Mutex;

  /// Calls [action] while the isolate has the mutex, and gives what that gives.
  ///
  /// Throws StateError if the isolate has it already.
  R runLocked<R>(R Function() action);
}

/// What isolates wait for until others say that it may have come true.
abstract interface class ConditionVariable {
  factory ConditionVariable() = _ConditionVariable;

  /// Lets go of [mutex], waits for [notify], and takes [mutex] again.
  ///
  /// False if nobody notified it within [timeout]. Throws StateError if the
  /// isolate does not have [mutex].
  bool wait(Mutex mutex, {Duration? timeout});

  /// Lets the one that has waited longest go on.
  void notify();

  /// Lets all go on.
  void notifyAll();
}

@pragma('vm:deeply-immutable')
final class _Mutex implements Mutex {
  final int _id;

  _Mutex() : _id = _newMonitor();

  R runLocked<R>(R Function() action) {
    _lock(_id);
    try {
      return action();
    } finally {
      _unlock(_id);
    }
  }
}

@pragma('vm:deeply-immutable')
final class _ConditionVariable implements ConditionVariable {
  final int _id;

  _ConditionVariable() : _id = _newMonitor();

  bool wait(Mutex mutex, {Duration? timeout}) {
    if (mutex is! _Mutex) {
      throw ArgumentError.value(mutex, 'mutex', 'is not made by Mutex()');
    }
    var micros = -1;
    if (timeout != null) {
      micros = timeout.isNegative ? 0 : timeout.inMicroseconds;
    }
    final isNotified = _wait(_id, mutex._id, micros);
    _lock(mutex._id);
    return isNotified;
  }

  void notify() => _notify(_id, false);

  void notifyAll() => _notify(_id, true);
}

/// Native: a number that no other mutex or condition variable has.
external int _newMonitor();

/// Native: takes the mutex, after a while if another isolate has it.
external void _lock(int mutex);

/// Native: lets go of the mutex.
external void _unlock(int mutex);

/// Native: lets go of the mutex, and waits: for ever if [micros] is negative.
/// Whether it was notified.
external bool _wait(int condition, int mutex, int micros);

/// Native: lets one who waits go on, or all.
external void _notify(int condition, bool all);
