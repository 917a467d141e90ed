part of 'io.dart';

/// (as _opRun, mode) -> [pid, stdin, stdout, stderr], descriptors or null
const int _opStartProcess = 210;

/// (descriptor) -> handle
const int _opAdopt = 211;

/// (pid) -> handle that is readable at the process's end
const int _opWatchProcess = 212;

/// (pid) -> exit code, null if it still runs
const int _opExitCode = 213;

/// () -> handle of standard input, which blocks: only to be read when ready
const int _opStandardInput = 214;

/// (signal) -> null; the port is told
const int _opWatchSignal = 220;
const int _opUnwatchSignal = 221;

final class _Process implements Process {
  final int pid;
  final ProcessStartMode _mode;
  final Completer<int> _exitCode = Completer<int>();
  IOSink? _stdin;
  Stream<List<int>>? _stdout;
  Stream<List<int>>? _stderr;
  bool _hasEnded = false;

  _Process(this.pid, this._mode);

  static Process start(String executable, List<String> arguments,
      List<Object?> request, ProcessStartMode mode) {
    final answer =
        _endpointCall(_opStartProcess, [...request, mode._number], null);
    if (answer.length == 2) {
      throw ProcessException(executable, arguments,
          unsafeCast<String>(answer[1]), unsafeCast<int>(answer[0]));
    }
    final parts = unsafeCast<List<Object?>>(answer[0]);
    final process = _Process(unsafeCast<int>(parts[0]), mode);
    final input = parts[1], output = parts[2], errors = parts[3];
    if (input is int && output is int && errors is int) {
      process
        .._stdin = IOSink(_PipeConsumer(_adopt(input)))
        .._stdout = _pipeStream(_adopt(output))
        .._stderr = _pipeStream(_adopt(errors));
    }
    process._watchEnd();
    return process;
  }

  static _Endpoint _adopt(int descriptor) {
    final endpoint = _Endpoint();
    endpoint.open(_opAdopt, [descriptor],
        (OSError error) => SocketException(error.message, osError: error));
    return endpoint;
  }

  bool get _isDetached =>
      _mode == ProcessStartMode.detached ||
      _mode == ProcessStartMode.detachedWithStdio;

  /// A detached process does not keep the isolate alive, but is waited for
  /// while that lives.
  void _watchEnd() {
    final endpoint = _Endpoint();
    endpoint.open(_opWatchProcess, [pid],
        (OSError error) => SocketException(error.message, osError: error));
    endpoint.onReadable = () {
      final answer = _endpointCall(_opExitCode, [pid], null);
      final code = answer[0];
      if (answer.length == 1 && code == null) {
        endpoint.arm(_readable);
        return;
      }
      endpoint.close();
      _hasEnded = true;
      _exitCode.complete(answer.length == 1 && code is int ? code : -1);
    };
    endpoint.arm(_readable);
    if (_isDetached) endpoint._port.keepIsolateAlive = false;
  }

  T _attached<T>(T? value) {
    if (value == null) {
      throw StateError(_isDetached
          ? 'Process is detached'
          : 'Process stdio is inherited');
    }
    return value;
  }

  Future<int> get exitCode =>
      _isDetached ? throw StateError('Process is detached') : _exitCode.future;

  Stream<List<int>> get stdout => _attached(_stdout);

  Stream<List<int>> get stderr => _attached(_stderr);

  IOSink get stdin => _attached(_stdin);

  bool kill([ProcessSignal signal = ProcessSignal.sigterm]) =>
      !_hasEnded && _killProcess(pid, signal.signalNumber);
}

/// What comes out of a pipe, for one listener.
Stream<List<int>> _pipeStream(_Endpoint endpoint) {
  late final StreamController<List<int>> controller;
  void end() {
    endpoint.close();
    controller.close();
  }

  void onReadable() {
    while (endpoint.isOpen && !controller.isPaused) {
      final bytes = _endpointRead(endpoint.handle, 64 * 1024);
      if (bytes is Uint8List) {
        if (bytes.isEmpty) return end();
        controller.add(bytes);
      } else if (bytes == null) {
        return endpoint.arm(_readable);
      } else {
        return end();
      }
    }
  }

  controller = StreamController<List<int>>(
      sync: true,
      onListen: () => endpoint.arm(_readable),
      onPause: () => endpoint.disarm(_readable),
      onResume: () => endpoint.arm(_readable),
      onCancel: endpoint.close);
  endpoint.onReadable = onReadable;
  return controller.stream;
}

/// Writes into a pipe.
final class _PipeConsumer implements StreamConsumer<List<int>> {
  final _Endpoint _endpoint;

  _PipeConsumer(this._endpoint);

  Future<dynamic> addStream(Stream<List<int>> stream) =>
      _EndpointWriter(
          _endpoint,
          null,
          (OSError error) =>
              SocketException(error.message, osError: error)).take(stream);

  Future<dynamic> close() {
    _endpoint.close();
    return Future<dynamic>.value();
  }
}

/// Those that a program may catch.
const List<int> _watchableSignals = [1, 2, 10, 12, 15, 28];

Stream<ProcessSignal> _watchSignal(ProcessSignal signal) {
  final number = signal.signalNumber;
  if (!_watchableSignals.contains(number)) {
    throw SignalException('Listening for signal ${signal.name} is not supported');
  }
  RawReceivePort? port;
  late final StreamController<ProcessSignal> controller;
  controller = StreamController<ProcessSignal>.broadcast(onListen: () {
    final opened = RawReceivePort();
    opened.handler = (Object? _) => controller.add(signal);
    port = opened;
    final answer = _endpointCall(_opWatchSignal, [number], opened.sendPort);
    if (answer.length == 2) {
      opened.close();
      controller.addError(SignalException(
          'Failed to listen for ${signal.name}', _osErrorOf(answer)));
    }
  }, onCancel: () {
    final open = port;
    if (open == null) return;
    _endpointCall(_opUnwatchSignal, [number], open.sendPort);
    open.close();
    port = null;
  });
  return controller.stream;
}
