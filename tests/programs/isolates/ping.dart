// Pings by priority, to an isolate in the middle of an event, and to one that is gone.
// stress
import 'dart:async';
import 'dart:isolate';

void child(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    if (message == 'stop') {
      port.close();
      return;
    }
    home.send('busy');
    final clock = Stopwatch()..start();
    while (clock.elapsedMilliseconds < 100) {}
    scheduleMicrotask(() => home.send('microtask'));
    home.send('done');
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

  final isolate = await Isolate.spawn(child, port.sendPort, onExit: port.sendPort);
  final to = await next() as SendPort;
  to.send('work');
  print(await next()); // expect: busy
  isolate.ping(port.sendPort, response: 'as an event', priority: 2);
  isolate.ping(port.sendPort, response: 'before', priority: Isolate.beforeNextEvent);
  isolate.ping(port.sendPort, response: 'at once', priority: Isolate.immediate);
  print(await next()); // expect: at once
  print(await next()); // expect: done
  print(await next()); // expect: microtask
  print(await next()); // expect: before
  print(await next()); // expect: as an event
  isolate.ping(port.sendPort);
  print(await next()); // expect: null
  isolate.ping(port.sendPort, response: [1, {'a': 2.5}]);
  print(await next()); // expect: [1, {a: 2.5}]

  // Messages that were sent first are handled before a ping that is an event.
  to.send('stop');
  print(await next()); // expect: null
  isolate.ping(port.sendPort, response: 'nobody answers');
  await Future<void>.delayed(const Duration(milliseconds: 20));
  port.sendPort.send('only this');
  print(await next()); // expect: only this
  await events.cancel();
}
