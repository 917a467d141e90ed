// ReceivePort as a stream: early messages, pausing, closing from inside, a second listener, done, first, raw ports, send to oneself.
// stress
import 'dart:async';
import 'dart:isolate';

Future<void> main() async {
  // Messages wait for the listener.
  final early = ReceivePort();
  early.sendPort.send(1);
  early.sendPort.send(2);
  await Future<void>.delayed(Duration.zero);
  final got = <Object?>[];
  final done = Completer<void>();
  final subscription = early.listen(got.add, onDone: done.complete);
  try {
    early.listen(null);
  } on StateError {
    print('one listener only'); // expect: one listener only
  }
  subscription.pause();
  early.sendPort.send(3);
  await Future<void>.delayed(Duration.zero);
  print('$got ${subscription.isPaused}'); // expect: [] true
  subscription.resume();
  await Future<void>.delayed(Duration.zero);
  print(got); // expect: [1, 2, 3]
  early.sendPort.send('dropped');
  early.close();
  await done.future;
  print(got); // expect: [1, 2, 3]

  // Sending to oneself copies, too.
  final self = ReceivePort();
  final list = [1];
  self.sendPort.send(list);
  list.add(2);
  print(await self.first); // expect: [1]

  // Closed from its own callback: what came before the close is the last.
  final last = ReceivePort();
  for (var i = 0; i < 5; i++) {
    last.sendPort.send(i);
  }
  final seen = <Object?>[];
  await last.listen((message) {
    seen.add(message);
    if (message == 2) last.close();
  }).asFuture<void>();
  print(seen); // expect: [0, 1, 2]

  // The usual methods of streams.
  final numbers = ReceivePort();
  for (var i = 0; i < 6; i++) {
    numbers.sendPort.send(i);
  }
  print(await numbers.where((n) => (n as int).isEven).map((n) => n * 10).take(3).toList()); // expect: [0, 20, 40]

  // A raw port, and the port made from it.
  final raw = RawReceivePort();
  final port = ReceivePort.fromRawReceivePort(raw);
  raw.sendPort.send('raw');
  print(await port.first); // expect: raw

  // A handler that asks for a type of its own.
  final typed = RawReceivePort();
  final numbersOnly = Completer<int>();
  typed.handler = (int n) => numbersOnly.complete(n);
  typed.sendPort.send(7);
  print(await numbersOnly.future); // expect: 7
  typed.close();
  typed.close();

  // The callback runs in the listener's zone.
  final zoned = ReceivePort();
  final name = Completer<Object?>();
  runZoned(() => zoned.listen((_) => name.complete(Zone.current[#name])), zoneValues: {#name: 'inner'});
  zoned.sendPort.send(null);
  print(await name.future); // expect: inner
  zoned.close();
  print(zoned.sendPort == zoned.sendPort); // expect: true
}
