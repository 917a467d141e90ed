part of 'io.dart';

/// Ends the whole program at once. What was printed is written first.
Never exit(int code) {
  if (!(code >= -0x80000000 && code <= 0xFFFFFFFF)) {
    throw ArgumentError('code must be a 32-bit integer: $code');
  }
  final overrides = IOOverrides.current;
  if (overrides != null) overrides.exit(code);
  _exitProcess(code);
}

/// Native: ends the process with that code.
external Never _exitProcess(int code);

/// What the program ends with, if it ends by itself.
int get exitCode => _getExitCode();

void set exitCode(int code) {
  _setExitCode(code);
}

/// Native: the code that the program will end with.
external int _getExitCode();

/// Native: sets it.
external void _setExitCode(int code);

/// Suspends this isolate: no event is handled until [duration] has passed.
void sleep(Duration duration) {
  final micros = duration.inMicroseconds;
  if (micros < 0) {
    throw ArgumentError('sleep: duration cannot be negative');
  }
  _sleep(micros);
}

/// Native (pending): resumes after that many microseconds; holds no thread.
external void _sleep(int micros);

/// The process id.
int get pid => _processId();

/// Native: the id of this process.
external int _processId();

/// The processes of this program.
abstract final class ProcessInfo {
  /// Bytes of memory resident now.
  static int get currentRss => _residentBytes(false);

  /// The most there have been.
  static int get maxRss => _residentBytes(true);
}

/// Native: resident bytes of the process, now or at most.
external int _residentBytes(bool most);

/// How a started process is connected.
final class ProcessStartMode {
  static const ProcessStartMode normal = ProcessStartMode._(0);
  static const ProcessStartMode inheritStdio = ProcessStartMode._(1);
  static const ProcessStartMode detached = ProcessStartMode._(2);
  static const ProcessStartMode detachedWithStdio = ProcessStartMode._(3);

  static List<ProcessStartMode> get values =>
      const [normal, inheritStdio, detached, detachedWithStdio];

  static const List<String> _names = [
    'normal',
    'inheritStdio',
    'detached',
    'detachedWithStdio',
  ];

  final int _number;

  const ProcessStartMode._(this._number);

  String toString() => _names[_number];
}

/// What a process gave that has ended.
final class ProcessResult {
  final int exitCode;

  /// A String, or the bytes if no encoding was given.
  final dynamic stdout;
  final dynamic stderr;
  final int pid;

  ProcessResult(this.pid, this.exitCode, this.stdout, this.stderr);
}

abstract interface class Process {
  Future<int> get exitCode;

  /// Starts a process and goes on.
  static Future<Process> start(String executable, List<String> arguments,
          {String? workingDirectory,
          Map<String, String>? environment,
          bool includeParentEnvironment = true,
          bool runInShell = false,
          ProcessStartMode mode = ProcessStartMode.normal}) =>
      Future<Process>(() => _Process.start(
          executable,
          arguments,
          _runArguments(executable, arguments, workingDirectory, environment,
              includeParentEnvironment, runInShell),
          mode));

  /// Runs a process to its end.
  static Future<ProcessResult> run(String executable, List<String> arguments,
          {String? workingDirectory,
          Map<String, String>? environment,
          bool includeParentEnvironment = true,
          bool runInShell = false,
          Encoding? stdoutEncoding = systemEncoding,
          Encoding? stderrEncoding = systemEncoding}) {
    final done = Completer<ProcessResult>();
    final port = RawReceivePort();
    port.handler = (Object? answer) {
      port.close();
      try {
        done.complete(_processResult(unsafeCast<List<Object?>>(answer),
            executable, arguments, stdoutEncoding, stderrEncoding));
      } catch (error, stackTrace) {
        done.completeError(error, stackTrace);
      }
    };
    _requestLater(
        _opRun,
        _runArguments(executable, arguments, workingDirectory, environment,
            includeParentEnvironment, runInShell),
        port.sendPort);
    return done.future;
  }

  static ProcessResult runSync(String executable, List<String> arguments,
          {String? workingDirectory,
          Map<String, String>? environment,
          bool includeParentEnvironment = true,
          bool runInShell = false,
          Encoding? stdoutEncoding = systemEncoding,
          Encoding? stderrEncoding = systemEncoding}) =>
      _processResult(
          _request(
              _opRun,
              _runArguments(executable, arguments, workingDirectory,
                  environment, includeParentEnvironment, runInShell)),
          executable,
          arguments,
          stdoutEncoding,
          stderrEncoding);

  static bool killPid(int pid,
          [ProcessSignal signal = ProcessSignal.sigterm]) =>
      _killProcess(pid, signal.signalNumber);

  Stream<List<int>> get stdout;

  Stream<List<int>> get stderr;

  IOSink get stdin;

  int get pid;

  bool kill([ProcessSignal signal = ProcessSignal.sigterm]);
}

/// Native: sends that signal to a process; whether it could.
external bool _killProcess(int pid, int signal);

List<Object?> _runArguments(
    String executable,
    List<String> arguments,
    String? workingDirectory,
    Map<String, String>? environment,
    bool includeParentEnvironment,
    bool runInShell) {
  List<String>? pairs;
  if (environment != null) {
    final flat = <String>[];
    environment.forEach((String name, String value) {
      flat.add(name);
      flat.add(value);
    });
    pairs = flat;
  }
  return [
    executable,
    List<String>.of(arguments),
    workingDirectory,
    pairs,
    includeParentEnvironment,
    runInShell,
  ];
}

ProcessResult _processResult(List<Object?> answer, String executable,
    List<String> arguments, Encoding? out, Encoding? err) {
  if (answer.length == 2) {
    throw ProcessException(executable, arguments,
        unsafeCast<String>(answer[1]), unsafeCast<int>(answer[0]));
  }
  final parts = unsafeCast<List<Object?>>(answer[0]);
  Object text(Object? bytes, Encoding? encoding) {
    final raw = unsafeCast<Uint8List>(bytes);
    return encoding == null ? raw : encoding.decode(raw);
  }

  return ProcessResult(unsafeCast<int>(parts[0]), unsafeCast<int>(parts[1]),
      text(parts[2], out), text(parts[3], err));
}

/// A signal of the operating system.
interface class ProcessSignal {
  static const ProcessSignal sighup = ProcessSignal._(1, 'SIGHUP');
  static const ProcessSignal sigint = ProcessSignal._(2, 'SIGINT');
  static const ProcessSignal sigquit = ProcessSignal._(3, 'SIGQUIT');
  static const ProcessSignal sigill = ProcessSignal._(4, 'SIGILL');
  static const ProcessSignal sigtrap = ProcessSignal._(5, 'SIGTRAP');
  static const ProcessSignal sigabrt = ProcessSignal._(6, 'SIGABRT');
  static const ProcessSignal sigbus = ProcessSignal._(7, 'SIGBUS');
  static const ProcessSignal sigfpe = ProcessSignal._(8, 'SIGFPE');
  static const ProcessSignal sigkill = ProcessSignal._(9, 'SIGKILL');
  static const ProcessSignal sigusr1 = ProcessSignal._(10, 'SIGUSR1');
  static const ProcessSignal sigsegv = ProcessSignal._(11, 'SIGSEGV');
  static const ProcessSignal sigusr2 = ProcessSignal._(12, 'SIGUSR2');
  static const ProcessSignal sigpipe = ProcessSignal._(13, 'SIGPIPE');
  static const ProcessSignal sigalrm = ProcessSignal._(14, 'SIGALRM');
  static const ProcessSignal sigterm = ProcessSignal._(15, 'SIGTERM');
  static const ProcessSignal sigchld = ProcessSignal._(17, 'SIGCHLD');
  static const ProcessSignal sigcont = ProcessSignal._(18, 'SIGCONT');
  static const ProcessSignal sigstop = ProcessSignal._(19, 'SIGSTOP');
  static const ProcessSignal sigtstp = ProcessSignal._(20, 'SIGTSTP');
  static const ProcessSignal sigttin = ProcessSignal._(21, 'SIGTTIN');
  static const ProcessSignal sigttou = ProcessSignal._(22, 'SIGTTOU');
  static const ProcessSignal sigurg = ProcessSignal._(23, 'SIGURG');
  static const ProcessSignal sigxcpu = ProcessSignal._(24, 'SIGXCPU');
  static const ProcessSignal sigxfsz = ProcessSignal._(25, 'SIGXFSZ');
  static const ProcessSignal sigvtalrm = ProcessSignal._(26, 'SIGVTALRM');
  static const ProcessSignal sigprof = ProcessSignal._(27, 'SIGPROF');
  static const ProcessSignal sigwinch = ProcessSignal._(28, 'SIGWINCH');
  static const ProcessSignal sigpoll = ProcessSignal._(29, 'SIGPOLL');
  static const ProcessSignal sigsys = ProcessSignal._(31, 'SIGSYS');

  final int signalNumber;
  final String name;

  const ProcessSignal._(this.signalNumber, this.name);

  /// The signals of that kind that this process gets from now on.
  Stream<ProcessSignal> watch() => _watchSignal(this);

  String toString() => name;
}
