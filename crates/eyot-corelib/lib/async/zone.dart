part of 'async.dart';

typedef ZoneCallback<R> = R Function();
typedef ZoneUnaryCallback<R, T> = R Function(T);
typedef ZoneBinaryCallback<R, T1, T2> = R Function(T1, T2);

typedef HandleUncaughtErrorHandler = void Function(Zone self,
    ZoneDelegate parent, Zone zone, Object error, StackTrace stackTrace);
typedef RunHandler = R Function<R>(
    Zone self, ZoneDelegate parent, Zone zone, R Function() f);
typedef RunUnaryHandler = R Function<R, T>(
    Zone self, ZoneDelegate parent, Zone zone, R Function(T arg) f, T arg);
typedef RunBinaryHandler = R Function<R, T1, T2>(Zone self,
    ZoneDelegate parent, Zone zone, R Function(T1 arg1, T2 arg2) f, T1 arg1,
    T2 arg2);
typedef RegisterCallbackHandler = ZoneCallback<R> Function<R>(
    Zone self, ZoneDelegate parent, Zone zone, R Function() f);
typedef RegisterUnaryCallbackHandler = ZoneUnaryCallback<R, T> Function<R, T>(
    Zone self, ZoneDelegate parent, Zone zone, R Function(T arg) f);
typedef RegisterBinaryCallbackHandler = ZoneBinaryCallback<R, T1, T2>
    Function<R, T1, T2>(Zone self, ZoneDelegate parent, Zone zone,
        R Function(T1 arg1, T2 arg2) f);
typedef ErrorCallbackHandler = AsyncError? Function(Zone self,
    ZoneDelegate parent, Zone zone, Object error, StackTrace? stackTrace);
typedef ScheduleMicrotaskHandler = void Function(
    Zone self, ZoneDelegate parent, Zone zone, void Function() f);
typedef CreateTimerHandler = Timer Function(Zone self, ZoneDelegate parent,
    Zone zone, Duration duration, void Function() f);
typedef CreatePeriodicTimerHandler = Timer Function(Zone self,
    ZoneDelegate parent, Zone zone, Duration period,
    void Function(Timer timer) f);
typedef PrintHandler = void Function(
    Zone self, ZoneDelegate parent, Zone zone, String line);
typedef ForkHandler = Zone Function(Zone self, ZoneDelegate parent, Zone zone,
    ZoneSpecification? specification, Map<Object?, Object?>? zoneValues);

/// What a forked zone does differently from its parent.
abstract final class ZoneSpecification {
  const factory ZoneSpecification(
      {HandleUncaughtErrorHandler? handleUncaughtError,
      RunHandler? run,
      RunUnaryHandler? runUnary,
      RunBinaryHandler? runBinary,
      RegisterCallbackHandler? registerCallback,
      RegisterUnaryCallbackHandler? registerUnaryCallback,
      RegisterBinaryCallbackHandler? registerBinaryCallback,
      ErrorCallbackHandler? errorCallback,
      ScheduleMicrotaskHandler? scheduleMicrotask,
      CreateTimerHandler? createTimer,
      CreatePeriodicTimerHandler? createPeriodicTimer,
      PrintHandler? print,
      ForkHandler? fork}) = _ZoneSpecification;

  /// [other] with the handlers given here in the place of its own.
  factory ZoneSpecification.from(ZoneSpecification other,
      {HandleUncaughtErrorHandler? handleUncaughtError,
      RunHandler? run,
      RunUnaryHandler? runUnary,
      RunBinaryHandler? runBinary,
      RegisterCallbackHandler? registerCallback,
      RegisterUnaryCallbackHandler? registerUnaryCallback,
      RegisterBinaryCallbackHandler? registerBinaryCallback,
      ErrorCallbackHandler? errorCallback,
      ScheduleMicrotaskHandler? scheduleMicrotask,
      CreateTimerHandler? createTimer,
      CreatePeriodicTimerHandler? createPeriodicTimer,
      PrintHandler? print,
      ForkHandler? fork}) {
    return ZoneSpecification(
        handleUncaughtError: handleUncaughtError ?? other.handleUncaughtError,
        run: run ?? other.run,
        runUnary: runUnary ?? other.runUnary,
        runBinary: runBinary ?? other.runBinary,
        registerCallback: registerCallback ?? other.registerCallback,
        registerUnaryCallback:
            registerUnaryCallback ?? other.registerUnaryCallback,
        registerBinaryCallback:
            registerBinaryCallback ?? other.registerBinaryCallback,
        errorCallback: errorCallback ?? other.errorCallback,
        scheduleMicrotask: scheduleMicrotask ?? other.scheduleMicrotask,
        createTimer: createTimer ?? other.createTimer,
        createPeriodicTimer: createPeriodicTimer ?? other.createPeriodicTimer,
        print: print ?? other.print,
        fork: fork ?? other.fork);
  }

  HandleUncaughtErrorHandler? get handleUncaughtError;
  RunHandler? get run;
  RunUnaryHandler? get runUnary;
  RunBinaryHandler? get runBinary;
  RegisterCallbackHandler? get registerCallback;
  RegisterUnaryCallbackHandler? get registerUnaryCallback;
  RegisterBinaryCallbackHandler? get registerBinaryCallback;
  ErrorCallbackHandler? get errorCallback;
  ScheduleMicrotaskHandler? get scheduleMicrotask;
  CreateTimerHandler? get createTimer;
  CreatePeriodicTimerHandler? get createPeriodicTimer;
  PrintHandler? get print;
  ForkHandler? get fork;
}

final class _ZoneSpecification implements ZoneSpecification {
  final HandleUncaughtErrorHandler? handleUncaughtError;
  final RunHandler? run;
  final RunUnaryHandler? runUnary;
  final RunBinaryHandler? runBinary;
  final RegisterCallbackHandler? registerCallback;
  final RegisterUnaryCallbackHandler? registerUnaryCallback;
  final RegisterBinaryCallbackHandler? registerBinaryCallback;
  final ErrorCallbackHandler? errorCallback;
  final ScheduleMicrotaskHandler? scheduleMicrotask;
  final CreateTimerHandler? createTimer;
  final CreatePeriodicTimerHandler? createPeriodicTimer;
  final PrintHandler? print;
  final ForkHandler? fork;

  const _ZoneSpecification(
      {this.handleUncaughtError,
      this.run,
      this.runUnary,
      this.runBinary,
      this.registerCallback,
      this.registerUnaryCallback,
      this.registerBinaryCallback,
      this.errorCallback,
      this.scheduleMicrotask,
      this.createTimer,
      this.createPeriodicTimer,
      this.print,
      this.fork});
}

/// What a zone's handler has of the parent zone: it passes on the zone where
/// the operation began.
abstract final class ZoneDelegate {
  void handleUncaughtError(Zone zone, Object error, StackTrace stackTrace);
  R run<R>(Zone zone, R Function() f);
  R runUnary<R, T>(Zone zone, R Function(T arg) f, T arg);
  R runBinary<R, T1, T2>(
      Zone zone, R Function(T1 arg1, T2 arg2) f, T1 arg1, T2 arg2);
  ZoneCallback<R> registerCallback<R>(Zone zone, R Function() f);
  ZoneUnaryCallback<R, T> registerUnaryCallback<R, T>(
      Zone zone, R Function(T arg) f);
  ZoneBinaryCallback<R, T1, T2> registerBinaryCallback<R, T1, T2>(
      Zone zone, R Function(T1 arg1, T2 arg2) f);
  AsyncError? errorCallback(Zone zone, Object error, StackTrace? stackTrace);
  void scheduleMicrotask(Zone zone, void Function() f);
  Timer createTimer(Zone zone, Duration duration, void Function() f);
  Timer createPeriodicTimer(
      Zone zone, Duration period, void Function(Timer timer) f);
  void print(Zone zone, String line);
  Zone fork(Zone zone, ZoneSpecification? specification,
      Map<Object?, Object?>? zoneValues);
}

/// The surroundings that asynchronous code keeps across its events.
abstract final class Zone {
  // Only this library makes zones.
  const Zone._();

  /// The zone every isolate starts in.
  static const Zone root = _rootZone;

  static Zone _current = _rootZone;

  static Zone get current => _current;

  Zone? get parent;

  /// The zone whose error handler gets this one's uncaught errors.
  Zone get errorZone;

  void handleUncaughtError(Object error, StackTrace stackTrace);

  bool inSameErrorZone(Zone otherZone);

  Zone fork(
      {ZoneSpecification? specification, Map<Object?, Object?>? zoneValues});

  R run<R>(R Function() action);
  R runUnary<R, T>(R Function(T argument) action, T argument);
  R runBinary<R, T1, T2>(R Function(T1 argument1, T2 argument2) action,
      T1 argument1, T2 argument2);

  void runGuarded(void Function() action);
  void runUnaryGuarded<T>(void Function(T argument) action, T argument);
  void runBinaryGuarded<T1, T2>(
      void Function(T1 argument1, T2 argument2) action,
      T1 argument1,
      T2 argument2);

  ZoneCallback<R> registerCallback<R>(R Function() callback);
  ZoneUnaryCallback<R, T> registerUnaryCallback<R, T>(
      R Function(T arg) callback);
  ZoneBinaryCallback<R, T1, T2> registerBinaryCallback<R, T1, T2>(
      R Function(T1 arg1, T2 arg2) callback);

  ZoneCallback<R> bindCallback<R>(R Function() callback);
  ZoneUnaryCallback<R, T> bindUnaryCallback<R, T>(
      R Function(T argument) callback);
  ZoneBinaryCallback<R, T1, T2> bindBinaryCallback<R, T1, T2>(
      R Function(T1 argument1, T2 argument2) callback);

  void Function() bindCallbackGuarded(void Function() callback);
  void Function(T) bindUnaryCallbackGuarded<T>(
      void Function(T argument) callback);
  void Function(T1, T2) bindBinaryCallbackGuarded<T1, T2>(
      void Function(T1 argument1, T2 argument2) callback);

  AsyncError? errorCallback(Object error, StackTrace? stackTrace);

  void scheduleMicrotask(void Function() callback);
  Timer createTimer(Duration duration, void Function() callback);
  Timer createPeriodicTimer(
      Duration period, void Function(Timer timer) callback);

  void print(String line);

  dynamic operator [](Object? key);
}

/// Runs [body] in a fork of the current zone.
R runZoned<R>(R Function() body,
    {Map<Object?, Object?>? zoneValues,
    ZoneSpecification? zoneSpecification,
    @Deprecated('Use runZonedGuarded instead') Function? onError}) {
  if (onError == null) {
    return Zone._current
        .fork(specification: zoneSpecification, zoneValues: zoneValues)
        .run(body);
  }
  void Function(Object, StackTrace) handler;
  if (onError is void Function(Object, StackTrace)) {
    handler = onError;
  } else if (onError is void Function(Object)) {
    final unary = onError;
    handler = (Object error, StackTrace _) => unary(error);
  } else {
    throw ArgumentError.value(onError, 'onError',
        'Must be Function(Object) or Function(Object, StackTrace)');
  }
  return runZonedGuarded<R>(body, handler,
      zoneValues: zoneValues, zoneSpecification: zoneSpecification) as R;
}

/// Runs [body] in a fork of the current zone that is an error zone:
/// [onError] gets its uncaught errors, in the zone of the call.
R? runZonedGuarded<R>(
    R Function() body, void Function(Object error, StackTrace stack) onError,
    {Map<Object?, Object?>? zoneValues, ZoneSpecification? zoneSpecification}) {
  final outer = Zone._current;
  void handle(Zone self, ZoneDelegate parent, Zone zone, Object error,
      StackTrace stackTrace) {
    try {
      outer.runBinary<void, Object, StackTrace>(onError, error, stackTrace);
    } catch (thrown, thrownTrace) {
      parent.handleUncaughtError(zone, thrown,
          identical(thrown, error) ? stackTrace : thrownTrace);
    }
  }

  final ZoneSpecification specification = zoneSpecification == null
      ? ZoneSpecification(handleUncaughtError: handle)
      : ZoneSpecification.from(zoneSpecification, handleUncaughtError: handle);
  try {
    return outer
        .fork(specification: specification, zoneValues: zoneValues)
        .run(body);
  } catch (error, stackTrace) {
    onError(error, stackTrace);
  }
  return null;
}
