// Pauses nest by capability; a paused isolate answers immediate pings, keeps its events, and starts paused if so asked.
// stress
import 'dart:async';
import 'dart:isolate';

void child(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    home.send('got $message');
    if (message == 'stop') port.close();
  });
  home.send(port.sendPort);
}

Future<void> main() async {
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  Future<Object?> next() async {
    await events.moveNext();
    return events.current;
  }

  final isolate = await Isolate.spawn(child, port.sendPort, paused: true, onExit: port.sendPort);
  isolate.ping(port.sendPort, response: 'alive', priority: Isolate.immediate);
  print(await next()); // expect: alive
  isolate.resume(Capability());
  isolate.ping(port.sendPort, response: 'still paused');
  print(await next()); // expect: still paused
  isolate.resume(isolate.pauseCapability!);
  final to = await next() as SendPort;

  final one = isolate.pause();
  final two = isolate.pause();
  final same = isolate.pause(one);
  print('${identical(one, same)} ${one == two}'); // expect: true false
  to.send(1);
  to.send(2);
  isolate.ping(port.sendPort, response: 'first pause');
  print(await next()); // expect: first pause
  isolate.resume(one);
  isolate.ping(port.sendPort, response: 'second pause');
  print(await next()); // expect: second pause
  isolate.resume(one);
  isolate.resume(two);
  print(await next()); // expect: got 1
  print(await next()); // expect: got 2

  // Without the right it goes on.
  Isolate(isolate.controlPort).pause();
  to.send(3);
  print(await next()); // expect: got 3

  // A resume may come before the pause without effect.
  final later = Capability();
  isolate.resume(later);
  isolate.pause(later);
  to.send('stop');
  isolate.ping(port.sendPort, response: 'waits');
  print(await next()); // expect: waits
  isolate.resume(later);
  print(await next()); // expect: got stop
  print(await next()); // expect: null
  await events.cancel();
}
