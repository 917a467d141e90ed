// onExit, onError, errorsAreFatal, addOnExitListener, addErrorListener and their opposites, and the order of what they send.
// stress
import 'dart:async';
import 'dart:isolate';

void child(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    home.send('event $message');
    if (message == 'stop') {
      port.close();
    } else if (message == 'later') {
      Future<void>.error(StateError('in a future'));
      Timer.run(() => throw 'in a timer');
    } else {
      throw FormatException('$message');
    }
  });
  home.send(port.sendPort);
}

Future<void> main() async {
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  Future<Object?> next() async {
    await events.moveNext();
    final event = events.current;
    return event is List ? 'error ${event[0]}' : event;
  }

  // Errors that are not fatal.
  final lasting = await Isolate.spawn(child, port.sendPort,
      onError: port.sendPort, onExit: port.sendPort, errorsAreFatal: false);
  await events.moveNext();
  var to = events.current as SendPort;
  to.send(1);
  print(await next()); // expect: event 1
  print(await next()); // expect: error FormatException: 1
  to.send('later');
  print(await next()); // expect: event later
  print(await next()); // expect: error Bad state: in a future
  print(await next()); // expect: error in a timer

  // Another listener, with a text of its own for the end.
  final other = ReceivePort();
  lasting.addErrorListener(other.sendPort);
  lasting.addOnExitListener(other.sendPort, response: 'first text');
  lasting.addOnExitListener(other.sendPort, response: 'the end');
  lasting.removeErrorListener(port.sendPort);
  lasting.removeOnExitListener(port.sendPort);
  lasting.setErrorsFatal(true);
  to.send(2);
  print(await next()); // expect: event 2
  final others = await other.take(2).toList();
  print('${(others[0] as List)[0]}, ${others[1]}'); // expect: FormatException: 2, the end
  print((others[0] as List)[1] is String); // expect: true

  // A fatal error: the error first, then the exit, both behind what was sent.
  await Isolate.spawn(child, port.sendPort, onError: port.sendPort, onExit: port.sendPort);
  await events.moveNext();
  to = events.current as SendPort;
  to.send(3);
  to.send(4);
  print(await next()); // expect: event 3
  print(await next()); // expect: error FormatException: 3
  print(await next()); // expect: null

  // An end without an error.
  await Isolate.spawn(child, port.sendPort, onError: port.sendPort, onExit: port.sendPort);
  await events.moveNext();
  (events.current as SendPort).send('stop');
  print(await next()); // expect: event stop
  print(await next()); // expect: null

  // The errors of an isolate as a stream.
  final quiet = await Isolate.spawn(child, port.sendPort, errorsAreFatal: false);
  await events.moveNext();
  to = events.current as SendPort;
  final error = Completer<String>();
  final subscription = quiet.errors.listen(null, onError: (Object e) => error.complete('${e is RemoteError} $e'));
  to.send(5);
  print(await next()); // expect: event 5
  print(await error.future); // expect: true FormatException: 5
  await subscription.cancel();
  to.send('stop');
  print(await next()); // expect: event stop
  await events.cancel();
}
