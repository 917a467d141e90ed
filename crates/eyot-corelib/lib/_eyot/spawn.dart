part of '_eyot.dart';

/// What an isolate may use; no limit where there is nothing.
final class IsolateLimits {
  /// Bytes of its heap, buffers included. Beyond them it gets an [OutOfMemoryError], which ends it unless it is caught.
  final int? heapBytes;

  /// Time on a core.
  final Duration? cpuTime;

  /// Time from its start to its end.
  final Duration? wallTime;

  /// Messages that wait for it.
  final int? mailboxLength;

  const IsolateLimits(
      {this.heapBytes, this.cpuTime, this.wallTime, this.mailboxLength});
}

/// How another isolate will end.
final class Monitor {
  final SendPort _controlPort;
  final Completer<ExitReason> _completer = Completer<ExitReason>();
  int _question = 0;
  bool _waits = false;

  Monitor._(this._controlPort) {
    _question = _Desk.own.open(_told);
  }

  /// Starts to watch [isolate].
  factory Monitor(Isolate isolate) {
    final monitor = Monitor._(isolate.controlPort);
    _ask(isolate.controlPort, _monitor, _Desk.own.port, monitor._question);
    return monitor;
  }

  /// Told once, also if the isolate has ended already. Whoever has asked for it is kept alive until then.
  Future<ExitReason> get exit {
    if (!_waits && !_completer.isCompleted && _question != 0) {
      _waits = true;
      _Desk.own.beginWait();
    }
    return _completer.future;
  }

  /// Stops watching: [exit] stays open.
  void cancel() {
    if (_question == 0 || _completer.isCompleted) return;
    _Desk.own.forget(_question);
    _ask(_controlPort, _demonitor, _Desk.own.port, _question);
    _question = 0;
    _stopWaiting();
  }

  void _told(List<Object?> answer) {
    _stopWaiting();
    _completer.complete(_reasonOf(answer));
  }

  void _stopWaiting() {
    if (!_waits) return;
    _waits = false;
    _Desk.own.endWait();
  }
}

/// An isolate and how it ends.
final class SupervisedIsolate {
  /// The isolate.
  final Isolate isolate;
  final Monitor _watch;

  SupervisedIsolate._(this.isolate, this._watch);

  /// How it ends. Whoever has asked for it is kept alive until then.
  Future<ExitReason> get exit => _watch.exit;

  /// Ends it at once.
  void kill() => isolate.kill(priority: Isolate.immediate);
}

/// Runs [entryPoint] in a new isolate of this group.
///
/// With [linked] it ends when this isolate does, and the other way round, unless the end is a normal one.
Future<SupervisedIsolate> spawn<T>(
    void Function(T message) entryPoint, T message,
    {IsolateLimits limits = const IsolateLimits(),
    bool linked = false,
    bool paused = false,
    bool errorsAreFatal = true,
    SendPort? onExit,
    SendPort? onError,
    String? debugName}) {
  try {
    return Future.value(_spawn<T>(entryPoint, message, limits, linked, paused,
        errorsAreFatal, onExit, onError, debugName));
  } catch (error, stackTrace) {
    return Future.error(error, stackTrace);
  }
}

SupervisedIsolate _spawn<T>(
    void Function(T message) entryPoint,
    T message,
    IsolateLimits limits,
    bool linked,
    bool paused,
    bool errorsAreFatal,
    SendPort? onExit,
    SendPort? onError,
    String? debugName) {
  final desk = _Desk.own;
  late final SendPort controlPort;
  final question = desk._last + 1;
  controlPort = _spawnSupervised(
      entryPoint,
      message,
      paused,
      errorsAreFatal,
      onExit,
      onError,
      debugName,
      limits.heapBytes ?? -1,
      limits.cpuTime?.inMicroseconds ?? -1,
      limits.wallTime?.inMicroseconds ?? -1,
      limits.mailboxLength ?? -1,
      desk.port,
      question,
      linked);
  // Its answer cannot come before this event is over.
  final watch = Monitor._(controlPort);
  final isolate = Isolate(controlPort,
      pauseCapability: _capabilityOf(controlPort, 0),
      terminateCapability: _capabilityOf(controlPort, 1));
  return SupervisedIsolate._(isolate, watch);
}

/// Native: the capability for pausing (0) or terminating (1) the isolate of [controlPort].
external Capability _capabilityOf(SendPort controlPort, int which);

/// Watches [isolate]: `monitor(isolate).exit` tells how it ends.
Monitor monitor(Isolate isolate) => Monitor(isolate);

/// Links this isolate and [other]: when one of them ends, but for a normal end, so does the other.
void link(Isolate other) => _ask(other.controlPort, _link, null, 0);

/// Takes a link back.
void unlink(Isolate other) => _ask(other.controlPort, _unlink, null, 0);

/// Runs `callback(message)` in a new isolate; its result is moved here.
Future<R> compute<M, R>(FutureOr<R> Function(M message) callback, M message,
        {String? debugName}) =>
    Isolate.run<R>(() => callback(message), debugName: debugName ?? 'compute');
