part of 'isolate.dart';

// What one isolate enters another one for: operations of [_enterIsolate].
const int _enterRun = 0;
const int _enterLoop = 1;
const int _enterEvent = 2;
const int _enterCallback = 3;
const int _enterShutdown = 4;

/// The work of [Isolate.runSync].
R _runSync<R>(Isolate isolate, R Function() f) {
  final answer = unsafeCast<List<Object?>>(_enterIsolate(
      isolate.controlPort, isolate.terminateCapability, _enterRun, f));
  if (answer.length == 1) return answer[0] as R;
  final from = StackTrace.current;
  if (answer.length == 2) {
    // Where it was thrown, and below it where the call came from.
    Error.throwWithStackTrace(unsafeCast<Object>(answer[0]),
        StackTrace.fromString('${answer[1]}$from'));
  }
  throw RemoteError('${answer[0]}', '${answer[1]}');
}

/// Entry point of the VM: calls [function] for [_runSync] and keeps its
/// answer: the result, or error and trace, or their texts and null if the
/// error cannot be sent.
void _runHosted(Object? function) {
  List<Object?> answer;
  try {
    final result = unsafeCast<Object? Function()>(function)();
    _checkDeeplyImmutable(result, 'the result of runSync');
    answer = <Object?>[result];
  } catch (error, stackTrace) {
    answer = <Object?>[error, stackTrace];
  }
  try {
    _answerHost(answer);
  } catch (_) {
    _answerHost(<Object?>['${answer[0]}', '${answer[1]}', null]);
  }
}

/// A callback for the events of an isolate.
@pragma('vm:deeply-immutable')
final class _EventCallback {
  final void Function(Isolate) callback;
  final SendPort controlPort;
  final Capability? right;

  _EventCallback(this.callback, Isolate isolate)
      : controlPort = isolate.controlPort,
        right = isolate.terminateCapability;
}

/// Entry point of the VM: the only event of an isolate made for one call of a
/// callback.
void _deliverEvent(_EventCallback event) {
  event.callback(
      Isolate(event.controlPort, terminateCapability: event.right));
}

/// Native: an isolate of this group without a loop of its own.
external SendPort _createIsolate(String? debugName);

/// Native: does something in the isolate of [controlPort], between its events,
/// while this one waits: 0 calls [argument] by [_runHosted] and gives its
/// answer, 1 handles events until nothing keeps it alive, 2 handles one event,
/// 3 makes [argument] its [_EventCallback], 4 ends it. Throws StateError and
/// ArgumentError as [Isolate.runSync] says.
external Object? _enterIsolate(SendPort controlPort, Capability? right,
    int operation, Object? argument);

/// Native: throws ArgumentError, which begins with [what], if [value] is not
/// deeply immutable.
external void _checkDeeplyImmutable(Object? value, String what);

/// Native: keeps a copy of [answer] for the isolate that entered this one.
external void _answerHost(List<Object?> answer);

/// Native: keeps the running isolate on its thread.
external bool _pinIsolate();

/// Native: whether the isolate of [controlPort] stays on the thread that runs
/// this one.
external bool _isPinnedHere(SendPort controlPort);

/// Entry point of the VM: calls [function] for a thread of whoever embeds the
/// VM, and gives it the result, or the texts of error and trace.
void _callHosted(Object function, Object? arguments) {
  final Object? result;
  try {
    result = Function.apply(
        unsafeCast<Function>(function), unsafeCast<List<Object?>>(arguments));
  } catch (error, stackTrace) {
    _answerThread(true, <Object?>[_textOf(error), _textOf(stackTrace)]);
    return;
  }
  _answerThread(false, result);
}

String _textOf(Object object) {
  try {
    return '$object';
  } catch (_) {
    return 'an instance whose toString throws';
  }
}

/// Entry point of the VM: what the isolate behind a native port does. Its first
/// port gets the messages, its second one the wish to end.
void _servePort(Object? key) {
  final messages = RawReceivePort();
  final end = RawReceivePort();
  messages.handler = (Object? message) {
    _callHandler(unsafeCast<int>(key), message);
  };
  end.handler = (Object? _) {
    messages.close();
    end.close();
  };
}

/// Native: keeps plain data of [value] for the thread that has called.
external void _answerThread(bool isError, Object? value);

/// Native: calls the handler of a native port, and waits for it.
external void _callHandler(int key, Object? message);
