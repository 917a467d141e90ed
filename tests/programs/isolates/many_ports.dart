// Thousands of ports and isolates at once; messages of one sender stay in order; those for closed ports vanish.
import 'dart:async';
import 'dart:isolate';

void sender((SendPort, int, int) message) {
  final (home, who, count) = message;
  for (var i = 0; i < count; i++) {
    home.send((who, i));
  }
}

void idle(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    home.send(message);
    if (message == null) port.close();
  });
  home.send(port.sendPort);
}

Future<void> main() async {
  // Ports.
  var heard = 0;
  final all = Completer<void>();
  final ports = [
    for (var i = 0; i < 5000; i++)
      RawReceivePort((Object? message) {
        if (message == i) heard++;
        if (heard == 5000) all.complete();
      }),
  ];
  for (final (i, port) in ports.indexed) {
    port.sendPort.send(i);
  }
  await all.future;
  for (final port in ports) {
    port.sendPort.send('dropped');
    port.close();
  }
  print(heard); // expect: 5000

  // Senders.
  final inbox = ReceivePort();
  final next = List.filled(8, 0);
  for (var who = 0; who < 8; who++) {
    await Isolate.spawn(sender, (inbox.sendPort, who, 500));
  }
  var ordered = true;
  var count = 0;
  await for (final message in inbox) {
    final (who, i) = message as (int, int);
    ordered = ordered && next[who]++ == i;
    if (++count == 4000) break;
  }
  print(ordered); // expect: true

  // Isolates.
  final home = ReceivePort();
  final events = StreamIterator<Object?>(home);
  final children = <SendPort>[];
  for (var i = 0; i < 1000; i++) {
    await Isolate.spawn(idle, home.sendPort);
    await events.moveNext();
    children.add(events.current as SendPort);
  }
  for (final (i, child) in children.indexed) {
    child.send(i);
    child.send(null);
  }
  var sum = 0;
  for (var i = 0; i < 2000; i++) {
    await events.moveNext();
    sum += (events.current ?? 0) as int;
  }
  print(sum); // expect: 499500
  await events.cancel();
}
