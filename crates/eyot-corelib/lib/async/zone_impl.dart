part of 'async.dart';

const _RootZone _rootZone = _RootZone();

/// What every zone has, made from its few operations.
abstract final class _Zone extends Zone {
  const _Zone() : super._();

  bool inSameErrorZone(Zone otherZone) =>
      identical(this, otherZone) || identical(errorZone, otherZone.errorZone);

  void runGuarded(void Function() action) {
    try {
      run<void>(action);
    } catch (error, stackTrace) {
      handleUncaughtError(error, stackTrace);
    }
  }

  void runUnaryGuarded<T>(void Function(T) action, T argument) {
    try {
      runUnary<void, T>(action, argument);
    } catch (error, stackTrace) {
      handleUncaughtError(error, stackTrace);
    }
  }

  void runBinaryGuarded<T1, T2>(
      void Function(T1, T2) action, T1 argument1, T2 argument2) {
    try {
      runBinary<void, T1, T2>(action, argument1, argument2);
    } catch (error, stackTrace) {
      handleUncaughtError(error, stackTrace);
    }
  }

  ZoneCallback<R> bindCallback<R>(R Function() callback) {
    final registered = registerCallback<R>(callback);
    return () => run<R>(registered);
  }

  ZoneUnaryCallback<R, T> bindUnaryCallback<R, T>(R Function(T) callback) {
    final registered = registerUnaryCallback<R, T>(callback);
    return (T argument) => runUnary<R, T>(registered, argument);
  }

  ZoneBinaryCallback<R, T1, T2> bindBinaryCallback<R, T1, T2>(
      R Function(T1, T2) callback) {
    final registered = registerBinaryCallback<R, T1, T2>(callback);
    return (T1 argument1, T2 argument2) =>
        runBinary<R, T1, T2>(registered, argument1, argument2);
  }

  void Function() bindCallbackGuarded(void Function() callback) {
    final registered = registerCallback<void>(callback);
    return () => runGuarded(registered);
  }

  void Function(T) bindUnaryCallbackGuarded<T>(void Function(T) callback) {
    final registered = registerUnaryCallback<void, T>(callback);
    return (T argument) => runUnaryGuarded<T>(registered, argument);
  }

  void Function(T1, T2) bindBinaryCallbackGuarded<T1, T2>(
      void Function(T1, T2) callback) {
    final registered = registerBinaryCallback<void, T1, T2>(callback);
    return (T1 argument1, T2 argument2) =>
        runBinaryGuarded<T1, T2>(registered, argument1, argument2);
  }
}

/// The outermost zone: runs things as they are.
final class _RootZone extends _Zone {
  const _RootZone();

  Zone? get parent => null;

  Zone get errorZone => this;

  void handleUncaughtError(Object error, StackTrace stackTrace) =>
      _reportUncaught(error, stackTrace);

  Zone fork(
          {ZoneSpecification? specification,
          Map<Object?, Object?>? zoneValues}) =>
      _fork(this, specification, zoneValues);

  R run<R>(R Function() action) => _runIn<R>(this, action);

  R runUnary<R, T>(R Function(T) action, T argument) =>
      _runUnaryIn<R, T>(this, action, argument);

  R runBinary<R, T1, T2>(
          R Function(T1, T2) action, T1 argument1, T2 argument2) =>
      _runBinaryIn<R, T1, T2>(this, action, argument1, argument2);

  ZoneCallback<R> registerCallback<R>(R Function() callback) => callback;

  ZoneUnaryCallback<R, T> registerUnaryCallback<R, T>(
          R Function(T) callback) =>
      callback;

  ZoneBinaryCallback<R, T1, T2> registerBinaryCallback<R, T1, T2>(
          R Function(T1, T2) callback) =>
      callback;

  AsyncError? errorCallback(Object error, StackTrace? stackTrace) => null;

  void scheduleMicrotask(void Function() callback) =>
      _microtasks.add(callback, null);

  Timer createTimer(Duration duration, void Function() callback) =>
      _RootTimer(duration.inMicroseconds, callback);

  Timer createPeriodicTimer(
          Duration period, void Function(Timer) callback) =>
      _RootTimer.periodic(period.inMicroseconds, callback);

  void print(String line) => printToConsole(line);

  dynamic operator [](Object? key) => null;
}

// How any zone runs code when nobody intercepts it: with that zone as the
// current one.

R _runIn<R>(Zone zone, R Function() action) {
  final old = Zone._current;
  if (identical(old, zone)) return action();
  Zone._current = zone;
  try {
    return action();
  } finally {
    Zone._current = old;
  }
}

R _runUnaryIn<R, T>(Zone zone, R Function(T) action, T argument) {
  final old = Zone._current;
  if (identical(old, zone)) return action(argument);
  Zone._current = zone;
  try {
    return action(argument);
  } finally {
    Zone._current = old;
  }
}

R _runBinaryIn<R, T1, T2>(
    Zone zone, R Function(T1, T2) action, T1 argument1, T2 argument2) {
  final old = Zone._current;
  if (identical(old, zone)) return action(argument1, argument2);
  Zone._current = zone;
  try {
    return action(argument1, argument2);
  } finally {
    Zone._current = old;
  }
}

// The root's part when an operation began in [zone], a fork.

void _scheduleFrom(Zone zone, void Function() callback) {
  if (identical(zone, _rootZone)) {
    _microtasks.add(callback, null);
  } else if (zone.inSameErrorZone(_rootZone)) {
    _microtasks.add(() => zone.run<void>(callback), null);
  } else {
    _microtasks.add(() => zone.runGuarded(callback), null);
  }
}

Timer _createTimerFrom(Zone zone, Duration duration, void Function() callback) {
  final action = identical(zone, _rootZone)
      ? callback
      : () => zone.runGuarded(callback);
  return _RootTimer(duration.inMicroseconds, action);
}

Timer _createPeriodicTimerFrom(
    Zone zone, Duration period, void Function(Timer) callback) {
  final action = identical(zone, _rootZone)
      ? callback
      : (Timer timer) => zone.runUnaryGuarded<Timer>(callback, timer);
  return _RootTimer.periodic(period.inMicroseconds, action);
}

Zone _fork(Zone parent, ZoneSpecification? specification,
    Map<Object?, Object?>? zoneValues) {
  printToZone = _printToCurrentZone;
  return _ForkedZone(parent, specification ?? const _ZoneSpecification(),
      zoneValues == null ? null : HashMap<Object?, Object?>.from(zoneValues));
}

/// From the first fork on `print` asks the current zone.
void _printToCurrentZone(String line) => Zone._current.print(line);

/// A zone made by [Zone.fork].
///
/// For each operation the nearest zone that specifies it, from this one
/// outwards, is looked for: its handler gets itself, its parent's delegate,
/// and the zone where the operation began.
@pragma('vm:isolate-unsendable')
final class _ForkedZone extends _Zone {
  final Zone parent;
  final ZoneSpecification _specification;
  final Map<Object?, Object?>? _values;
  late final _ParentDelegate _delegate = _ParentDelegate(parent);

  _ForkedZone(this.parent, this._specification, this._values);

  Zone get errorZone {
    Zone zone = this;
    while (zone is _ForkedZone) {
      if (zone._specification.handleUncaughtError != null) return zone;
      zone = zone.parent;
    }
    return zone;
  }

  void handleUncaughtError(Object error, StackTrace stackTrace) =>
      _handleErrorFrom(this, this, error, stackTrace);

  Zone fork(
          {ZoneSpecification? specification,
          Map<Object?, Object?>? zoneValues}) =>
      _forkFrom(this, this, specification, zoneValues);

  R run<R>(R Function() action) => _runFrom<R>(this, this, action);

  R runUnary<R, T>(R Function(T) action, T argument) =>
      _runUnaryFrom<R, T>(this, this, action, argument);

  R runBinary<R, T1, T2>(
          R Function(T1, T2) action, T1 argument1, T2 argument2) =>
      _runBinaryFrom<R, T1, T2>(this, this, action, argument1, argument2);

  ZoneCallback<R> registerCallback<R>(R Function() callback) =>
      _registerFrom<R>(this, this, callback);

  ZoneUnaryCallback<R, T> registerUnaryCallback<R, T>(
          R Function(T) callback) =>
      _registerUnaryFrom<R, T>(this, this, callback);

  ZoneBinaryCallback<R, T1, T2> registerBinaryCallback<R, T1, T2>(
          R Function(T1, T2) callback) =>
      _registerBinaryFrom<R, T1, T2>(this, this, callback);

  AsyncError? errorCallback(Object error, StackTrace? stackTrace) =>
      _errorCallbackFrom(this, this, error, stackTrace);

  void scheduleMicrotask(void Function() callback) =>
      _scheduleMicrotaskFrom(this, this, callback);

  Timer createTimer(Duration duration, void Function() callback) =>
      _createTimerAt(this, this, duration, callback);

  Timer createPeriodicTimer(
          Duration period, void Function(Timer) callback) =>
      _createPeriodicTimerAt(this, this, period, callback);

  void print(String line) => _printFrom(this, this, line);

  dynamic operator [](Object? key) {
    Zone? zone = this;
    while (zone is _ForkedZone) {
      final values = zone._values;
      if (values != null) {
        final value = values[key];
        if (value != null || values.containsKey(key)) return value;
      }
      zone = zone.parent;
    }
    return null;
  }
}

/// Passes operations that began in some zone on to [_zone], the parent of the
/// zone whose handler holds this.
final class _ParentDelegate implements ZoneDelegate {
  final Zone _zone;

  _ParentDelegate(this._zone);

  void handleUncaughtError(Zone zone, Object error, StackTrace stackTrace) =>
      _handleErrorFrom(_zone, zone, error, stackTrace);

  R run<R>(Zone zone, R Function() f) => _runFrom<R>(_zone, zone, f);

  R runUnary<R, T>(Zone zone, R Function(T) f, T arg) =>
      _runUnaryFrom<R, T>(_zone, zone, f, arg);

  R runBinary<R, T1, T2>(
          Zone zone, R Function(T1, T2) f, T1 arg1, T2 arg2) =>
      _runBinaryFrom<R, T1, T2>(_zone, zone, f, arg1, arg2);

  ZoneCallback<R> registerCallback<R>(Zone zone, R Function() f) =>
      _registerFrom<R>(_zone, zone, f);

  ZoneUnaryCallback<R, T> registerUnaryCallback<R, T>(
          Zone zone, R Function(T) f) =>
      _registerUnaryFrom<R, T>(_zone, zone, f);

  ZoneBinaryCallback<R, T1, T2> registerBinaryCallback<R, T1, T2>(
          Zone zone, R Function(T1, T2) f) =>
      _registerBinaryFrom<R, T1, T2>(_zone, zone, f);

  AsyncError? errorCallback(Zone zone, Object error, StackTrace? stackTrace) =>
      _errorCallbackFrom(_zone, zone, error, stackTrace);

  void scheduleMicrotask(Zone zone, void Function() f) =>
      _scheduleMicrotaskFrom(_zone, zone, f);

  Timer createTimer(Zone zone, Duration duration, void Function() f) =>
      _createTimerAt(_zone, zone, duration, f);

  Timer createPeriodicTimer(
          Zone zone, Duration period, void Function(Timer) f) =>
      _createPeriodicTimerAt(_zone, zone, period, f);

  void print(Zone zone, String line) => _printFrom(_zone, zone, line);

  Zone fork(Zone zone, ZoneSpecification? specification,
          Map<Object?, Object?>? zoneValues) =>
      _forkFrom(_zone, zone, specification, zoneValues);
}

// Each of these looks for a handler from [start] outwards; [zone] is where
// the operation began.

/// Errors of an error handler go to the handler of the zone outside it.
void _handleErrorFrom(
    Zone start, Zone zone, Object error, StackTrace stackTrace) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.handleUncaughtError;
    if (handler != null) {
      final outside = at.parent;
      final old = Zone._current;
      Zone._current = outside;
      try {
        handler(at, at._delegate, zone, error, stackTrace);
      } catch (thrown, thrownTrace) {
        Zone._current = old;
        _handleErrorFrom(outside, at, thrown,
            identical(thrown, error) ? stackTrace : thrownTrace);
        return;
      }
      Zone._current = old;
      return;
    }
    at = at.parent;
  }
  _reportUncaught(error, stackTrace);
}

R _runFrom<R>(Zone start, Zone zone, R Function() action) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.run;
    if (handler != null) return handler<R>(at, at._delegate, zone, action);
    at = at.parent;
  }
  return _runIn<R>(zone, action);
}

R _runUnaryFrom<R, T>(
    Zone start, Zone zone, R Function(T) action, T argument) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.runUnary;
    if (handler != null) {
      return handler<R, T>(at, at._delegate, zone, action, argument);
    }
    at = at.parent;
  }
  return _runUnaryIn<R, T>(zone, action, argument);
}

R _runBinaryFrom<R, T1, T2>(Zone start, Zone zone, R Function(T1, T2) action,
    T1 argument1, T2 argument2) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.runBinary;
    if (handler != null) {
      return handler<R, T1, T2>(
          at, at._delegate, zone, action, argument1, argument2);
    }
    at = at.parent;
  }
  return _runBinaryIn<R, T1, T2>(zone, action, argument1, argument2);
}

ZoneCallback<R> _registerFrom<R>(
    Zone start, Zone zone, R Function() callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.registerCallback;
    if (handler != null) return handler<R>(at, at._delegate, zone, callback);
    at = at.parent;
  }
  return callback;
}

ZoneUnaryCallback<R, T> _registerUnaryFrom<R, T>(
    Zone start, Zone zone, R Function(T) callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.registerUnaryCallback;
    if (handler != null) {
      return handler<R, T>(at, at._delegate, zone, callback);
    }
    at = at.parent;
  }
  return callback;
}

ZoneBinaryCallback<R, T1, T2> _registerBinaryFrom<R, T1, T2>(
    Zone start, Zone zone, R Function(T1, T2) callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.registerBinaryCallback;
    if (handler != null) {
      return handler<R, T1, T2>(at, at._delegate, zone, callback);
    }
    at = at.parent;
  }
  return callback;
}

AsyncError? _errorCallbackFrom(
    Zone start, Zone zone, Object error, StackTrace? stackTrace) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.errorCallback;
    if (handler != null) {
      return handler(at, at._delegate, zone, error, stackTrace);
    }
    at = at.parent;
  }
  return null;
}

void _scheduleMicrotaskFrom(Zone start, Zone zone, void Function() callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.scheduleMicrotask;
    if (handler != null) {
      handler(at, at._delegate, zone, callback);
      return;
    }
    at = at.parent;
  }
  _scheduleFrom(zone, callback);
}

Timer _createTimerAt(
    Zone start, Zone zone, Duration duration, void Function() callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.createTimer;
    if (handler != null) {
      return handler(at, at._delegate, zone, duration, callback);
    }
    at = at.parent;
  }
  return _createTimerFrom(zone, duration, callback);
}

Timer _createPeriodicTimerAt(
    Zone start, Zone zone, Duration period, void Function(Timer) callback) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.createPeriodicTimer;
    if (handler != null) {
      return handler(at, at._delegate, zone, period, callback);
    }
    at = at.parent;
  }
  return _createPeriodicTimerFrom(zone, period, callback);
}

void _printFrom(Zone start, Zone zone, String line) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.print;
    if (handler != null) {
      handler(at, at._delegate, zone, line);
      return;
    }
    at = at.parent;
  }
  printToConsole(line);
}

Zone _forkFrom(Zone start, Zone zone, ZoneSpecification? specification,
    Map<Object?, Object?>? zoneValues) {
  Zone at = start;
  while (at is _ForkedZone) {
    final handler = at._specification.fork;
    if (handler != null) {
      return handler(at, at._delegate, zone, specification, zoneValues);
    }
    at = at.parent;
  }
  return _fork(zone, specification, zoneValues);
}
