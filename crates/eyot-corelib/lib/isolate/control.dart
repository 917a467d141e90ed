part of 'isolate.dart';

/// Thrown when an isolate cannot be created.
class IsolateSpawnException implements Exception {
  final String message;

  IsolateSpawnException(this.message);

  String toString() => 'IsolateSpawnException: $message';
}

/// An error of another isolate, as text.
final class RemoteError implements Error {
  final String _description;
  final StackTrace stackTrace;

  RemoteError(String description, String stackDescription)
      : _description = description,
        stackTrace = StackTrace.fromString(stackDescription);

  String toString() => _description;
}

/// An isolate, seen through its control port.
final class Isolate {
  /// Priority: as soon as possible, also in the middle of an event.
  static const int immediate = 0;

  /// Priority: when the running event is over.
  static const int beforeNextEvent = 1;

  final SendPort controlPort;

  /// All rights were given; their capabilities are made when asked for.
  final bool _hasRights;
  Capability? _pauseRight;
  Capability? _terminateRight;

  Isolate(this.controlPort,
      {Capability? pauseCapability, Capability? terminateCapability})
      : _hasRights = false,
        _pauseRight = pauseCapability,
        _terminateRight = terminateCapability;

  /// With all rights.
  Isolate._of(this.controlPort) : _hasRights = true;

  /// What pausing takes; null if this object may not.
  Capability? get pauseCapability {
    if (_hasRights) _pauseRight ??= _capabilityOf(controlPort, _mayPause);
    return _pauseRight;
  }

  /// What killing and fatal errors take; null if this object may not.
  Capability? get terminateCapability {
    if (_hasRights) {
      _terminateRight ??= _capabilityOf(controlPort, _mayTerminate);
    }
    return _terminateRight;
  }

  static Isolate? _current;

  static Isolate get current => _current ??= Isolate._of(_ownControlPort());

  String? get debugName => _debugNameOf(controlPort);

  static Future<Uri?> get packageConfig async => packageConfigSync;

  static Uri? get packageConfigSync {
    final text = _packageConfig();
    return text == null ? null : Uri.parse(text);
  }

  static Future<Uri?> resolvePackageUri(Uri packageUri) async =>
      resolvePackageUriSync(packageUri);

  static Uri? resolvePackageUriSync(Uri packageUri) {
    if (!packageUri.isScheme('package')) return packageUri;
    final text = _resolvePackage(packageUri.toString());
    return text == null ? null : Uri.parse(text);
  }

  /// Runs [entryPoint] in a new isolate of this group.
  ///
  /// The future is complete once the isolate exists; it need not have run.
  static Future<Isolate> spawn<T>(void Function(T message) entryPoint, T message,
      {bool paused = false,
      bool errorsAreFatal = true,
      SendPort? onExit,
      SendPort? onError,
      String? debugName}) {
    try {
      // Complete from the start: who does not wait for it causes no microtask.
      return Future<Isolate>.syncValue(Isolate._of(_spawn(entryPoint, message,
          paused, errorsAreFatal, onExit, onError, debugName)));
    } catch (error, stackTrace) {
      return Future<Isolate>.error(error, stackTrace);
    }
  }

  /// Runs the program at [uri] in a new isolate of a new group.
  static Future<Isolate> spawnUri(
      Uri uri, List<String> args, dynamic message,
      {bool paused = false,
      SendPort? onExit,
      SendPort? onError,
      bool errorsAreFatal = true,
      bool? checked,
      Map<String, String>? environment,
      @Deprecated('The packages/ dir is not supported in Dart 2')
      Uri? packageRoot,
      Uri? packageConfig,
      bool automaticPackageResolution = false,
      String? debugName}) {
    if (packageRoot != null) {
      throw ArgumentError.value(packageRoot, 'packageRoot');
    }
    if (automaticPackageResolution && packageConfig != null) {
      throw ArgumentError(
          'a package configuration is either given or looked for');
    }
    final created = Completer<Isolate>();
    final reply = _RawReceivePort(null, 'Isolate.spawnUri');
    reply.handler = (Object? answer) {
      reply.close();
      if (answer is SendPort) {
        created.complete(Isolate._of(answer));
      } else {
        created.completeError(
            IsolateSpawnException(answer.toString()), StackTrace.current);
      }
    };
    final defines = <String>[];
    environment?.forEach((name, value) {
      defines.add(name);
      defines.add(value);
    });
    try {
      _spawnUri(
          reply.sendPort,
          uri.toString(),
          List<String>.of(args, growable: false),
          message,
          paused,
          errorsAreFatal,
          onExit,
          onError,
          automaticPackageResolution ? '' : packageConfig?.toString(),
          defines,
          debugName);
    } catch (error, stackTrace) {
      reply.close();
      created.completeError(error, stackTrace);
    }
    return created.future;
  }

  /// Runs [computation] in a new isolate; its result is moved here.
  static Future<R> run<R>(FutureOr<R> Function() computation,
          {String? debugName}) =>
      _runIsolate<R>(computation, debugName);

  /// Ends this isolate now: no finally block runs. [message] is moved, not
  /// copied.
  static Never exit([SendPort? finalMessagePort, Object? message]) =>
      _exit(finalMessagePort, message);

  /// Makes an isolate of this group whose event loop does not run: others
  /// enter it with [runSync], [handleEvent] or [runEventLoopSync].
  static Isolate create({String? debugName}) =>
      Isolate._of(_createIsolate(debugName));

  /// Keeps this isolate on the thread it runs on.
  ///
  /// Who enters it from another one gets a [StateError] then. False if it
  /// could not be done.
  static bool pinToCurrentThread() => _pinIsolate();

  /// Whether the isolate stays on the thread that runs this one now.
  bool get isPinnedToCurrentThread => _isPinnedHere(controlPort);

  /// Calls [f] in that isolate, and waits for what it gives.
  ///
  /// Throws what [f] throws. Throws a [StateError] if the isolate is in the
  /// middle of an event, pinned to another thread, of another group, or at
  /// its end, and an [ArgumentError] if [f] or its result is not deeply
  /// immutable. Takes the terminate capability.
  R runSync<R>(R Function() f) => _runSync<R>(this, f);

  /// Handles the isolate's events on this thread, to which it is pinned,
  /// until nothing keeps it alive.
  ///
  /// Throws a [StateError] if its event loop runs already, or if it is pinned
  /// to another thread. Takes the terminate capability.
  void runEventLoopSync() {
    _enterIsolate(controlPort, terminateCapability, _enterLoop, null);
  }

  /// Handles one event of an isolate whose event loop does not run; nothing
  /// if it has none. Takes the terminate capability.
  void handleEvent() {
    _enterIsolate(controlPort, terminateCapability, _enterEvent, null);
  }

  /// Calls [callback] once for each new event of an isolate whose event loop
  /// does not run, from no isolate in particular.
  ///
  /// [callback] must be deeply immutable. It has statics of its own for each
  /// call. Takes the terminate capability.
  void set onEvent(void Function(Isolate) callback) {
    _enterIsolate(controlPort, terminateCapability, _enterCallback,
        _EventCallback(callback, this));
  }

  /// Ends the isolate once its running event is over, and waits for that.
  /// Takes the terminate capability.
  void shutdownSync() {
    _enterIsolate(controlPort, terminateCapability, _enterShutdown, null);
  }

  Capability pause([Capability? resumeCapability]) {
    final resume = resumeCapability ?? Capability();
    _control(controlPort, _pause, pauseCapability, resume, null, 0);
    return resume;
  }

  void resume(Capability resumeCapability) {
    _control(controlPort, _resume, null, resumeCapability, null, 0);
  }

  void addOnExitListener(SendPort responsePort, {Object? response}) {
    _control(controlPort, _addOnExit, null, responsePort, response, 0);
  }

  void removeOnExitListener(SendPort responsePort) {
    _control(controlPort, _removeOnExit, null, responsePort, null, 0);
  }

  void setErrorsFatal(bool errorsAreFatal) {
    _control(controlPort, _setErrorsFatal, terminateCapability, errorsAreFatal,
        null, 0);
  }

  void kill({int priority = beforeNextEvent}) {
    _control(controlPort, _kill, terminateCapability, null, null, priority);
  }

  void ping(SendPort responsePort,
      {Object? response, int priority = immediate}) {
    _control(controlPort, _ping, null, responsePort, response, priority);
  }

  void addErrorListener(SendPort port) {
    _control(controlPort, _addOnError, null, port, null, 0);
  }

  void removeErrorListener(SendPort port) {
    _control(controlPort, _removeOnError, null, port, null, 0);
  }

  /// The isolate's uncaught errors as [RemoteError]s of a broadcast stream.
  Stream<dynamic> get errors {
    _RawReceivePort? port;
    late final StreamController<dynamic> controller;
    controller = StreamController<dynamic>.broadcast(
        sync: true,
        onListen: () {
          final opened = _RawReceivePort((Object? message) {
            final pair = message as List<Object?>;
            final error = RemoteError('${pair[0]}', '${pair[1]}');
            controller.addError(error, error.stackTrace);
          }, 'Isolate.errors');
          port = opened;
          addErrorListener(opened.sendPort);
        },
        onCancel: () {
          final opened = port;
          port = null;
          if (opened != null) {
            removeErrorListener(opened.sendPort);
            opened.close();
          }
        });
    return controller.stream;
  }
}

// Operations of [_control].
const int _pause = 1;
const int _resume = 2;
const int _addOnExit = 3;
const int _removeOnExit = 4;
const int _setErrorsFatal = 5;
const int _kill = 6;
const int _ping = 7;
const int _addOnError = 8;
const int _removeOnError = 9;

/// Native: sends a control message to the isolate of [controlPort]; nothing
/// happens if that is gone, or if [controlPort] is no control port, or if the
/// operation takes a right and [right] is not it. By [operation]:
///
/// | | right | first | second |
/// | --- | --- | --- | --- |
/// | 1 pause | pause | the capability that resumes | |
/// | 2 resume | | the capability given to pause | |
/// | 3 at exit, send | | SendPort | the message to send (null by default) |
/// | 4 at exit, no longer send | | SendPort | |
/// | 5 errors are fatal | terminate | a bool | |
/// | 6 kill | terminate | | |
/// | 7 ping | | SendPort | the message to send back |
/// | 8 send uncaught errors, as `[text, trace text]` | | SendPort | |
/// | 9 no longer send them | | SendPort | |
///
/// [priority] (0 immediate, 1 before the next event, 2 as an ordinary event)
/// counts for kill and ping. Throws ArgumentError if [second] cannot be sent.
external void _control(SendPort controlPort, int operation, Capability? right,
    Object? first, Object? second, int priority);

const int _mayPause = 0;
const int _mayTerminate = 1;

/// Native: the capability for pausing (0) or terminating (1) the isolate of
/// [controlPort].
external Capability _capabilityOf(SendPort controlPort, int which);

/// Native: the control port of the running isolate.
external SendPort _ownControlPort();

/// Native: that isolate's name; null if it is gone.
external String? _debugNameOf(SendPort controlPort);

/// Native: the URI of the package configuration in use, or null.
external String? _packageConfig();

/// Native: where a `package:` URI leads, or null.
external String? _resolvePackage(String uri);

/// Native: makes an isolate in this group that will run
/// `_startIsolate(entryPoint, message)` with copies of both. [onExit] gets
/// null at its end, [onError] its uncaught errors as `[text, trace text]`.
/// Without a name it is called after [entryPoint]. If [paused], it waits for a
/// resume with its pause capability. Returns its control port. Throws
/// ArgumentError for what cannot be sent.
external SendPort _spawn(
    Function entryPoint,
    Object? message,
    bool paused,
    bool errorsAreFatal,
    SendPort? onExit,
    SendPort? onError,
    String? debugName);

/// Native: as [_spawn], in a new group with the program at [uri] (file, data,
/// package), which is loaded in the background; then [reply] gets the control
/// port, or a String that says why not. The isolate runs
/// `_startMain(main, arguments, message)`. [packageConfig] is null for that of
/// this program, empty for the one nearest to the other. [defines] are names
/// and values of its environment declarations, by turns.
external void _spawnUri(
    SendPort reply,
    String uri,
    List<String> arguments,
    Object? message,
    bool paused,
    bool errorsAreFatal,
    SendPort? onExit,
    SendPort? onError,
    String? packageConfig,
    List<String> defines,
    String? debugName);

/// Native: ends the running isolate. With a port, [message] is moved there as
/// its last act. Throws ArgumentError if it cannot be sent, and then the
/// isolate goes on.
external Never _exit(SendPort? port, Object? message);

/// Entry point of the VM: the first event of an isolate made by
/// [Isolate.spawn]. What it throws is an uncaught error.
void _startIsolate(Object entryPoint, Object? message) {
  // That the message fits was checked where the isolate was made.
  try {
    unsafeCast<void Function(Object?)>(entryPoint)(message);
  } catch (error, stackTrace) {
    Zone.root.handleUncaughtError(error, stackTrace);
  }
}

/// Entry point of the VM: the first event of a program: calls [main] with as
/// many of [arguments] and [message] as it takes. What it throws is an
/// uncaught error.
void _startMain(Object main, List<String> arguments, Object? message) {
  try {
    final dynamic function = main;
    if (main is dynamic Function(Never, Never)) {
      function(arguments, message);
    } else if (main is dynamic Function(Never)) {
      function(arguments);
    } else {
      function();
    }
  } catch (error, stackTrace) {
    Zone.root.handleUncaughtError(error, stackTrace);
  }
}
