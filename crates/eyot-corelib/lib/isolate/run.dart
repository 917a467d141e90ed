part of 'isolate.dart';

/// The work of [Isolate.run].
///
/// One port hears everything: the result as a list of one, the error of the
/// computation as a list of error and trace, an uncaught error as a list of
/// two texts, and null at the end of an isolate that gave nothing.
Future<R> _runIsolate<R>(
    FutureOr<R> Function() computation, String? debugName) {
  final result = Completer<R>();
  final from = StackTrace.current;
  final port = _RawReceivePort(null, 'Isolate.run');
  port.handler = (Object? answer) {
    port.close();
    if (answer == null) {
      result.completeError(
          RemoteError('Computation ended without result', ''),
          StackTrace.empty);
      return;
    }
    final parts = unsafeCast<List<Object?>>(answer);
    if (parts.length == 1) {
      result.complete(parts[0] as R);
      return;
    }
    final error = parts[0];
    final trace = parts[1];
    if (trace is StackTrace) {
      // Where it was thrown, and below it where the computation was started.
      result.completeError(unsafeCast<Object>(error),
          StackTrace.fromString('$trace<asynchronous suspension>\n$from'));
    } else {
      final remote = RemoteError('$error', '$trace');
      result.completeError(remote, remote.stackTrace);
    }
  };
  try {
    _spawn(_runRemotely, _Computation<R>(computation, port.sendPort), false,
        true, port.sendPort, port.sendPort, debugName);
  } catch (error, stackTrace) {
    port.close();
    result.completeError(error, stackTrace);
  }
  return result.future;
}

/// What is sent to the isolate of an [Isolate.run].
final class _Computation<R> {
  final FutureOr<R> Function() function;
  final SendPort port;

  _Computation(this.function, this.port);

  /// Runs to the result; the isolate ends with it. An error that cannot be
  /// sent becomes an uncaught one, and so a [RemoteError].
  void run() {
    final FutureOr<R> value;
    try {
      value = function();
    } catch (error, stackTrace) {
      _exit(port, <Object?>[error, stackTrace]);
    }
    if (value is Future<R>) {
      value.then<void>(_exitWith, onError: (Object error, StackTrace trace) {
        _exit(port, <Object?>[error, trace]);
      });
    } else {
      _exitWith(unsafeCast<R>(value));
    }
  }

  void _exitWith(R value) {
    _exit(port, <Object?>[value]);
  }
}

void _runRemotely(_Computation<Object?> computation) => computation.run();
