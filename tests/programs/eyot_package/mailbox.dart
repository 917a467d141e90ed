// Waiting for messages in the middle of an event.
// stress
import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

void answers(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) {
    final (int number, SendPort reply) = message;
    if (number < 0) return port.close();
    reply.send(number * number);
  });
}

/// Asks for the numbers one after the other, synchronously.
int asks((SendPort, int) what) {
  final (server, count) = what;
  final mailbox = Mailbox();
  var sum = 0;
  for (var i = 0; i < count; i++) {
    server.send((i, mailbox.sendPort));
    sum += mailbox.take() as int;
  }
  return sum;
}

Future<void> main() async {
  final mailbox = Mailbox();
  await Isolate.spawn(answers, mailbox.sendPort);
  final server = mailbox.take() as SendPort;
  print(asks((server, 10))); // expect: 285
  // A hundred of them wait at a time, on two cores.
  final sums = await Future.wait([for (var i = 0; i < 100; i++) Isolate.run(() => asks((server, 5)))]);
  print(sums.toSet()); // expect: {30}

  // Events are put aside while it waits, and come in order afterwards.
  final log = <String>[];
  final inbox = ReceivePort();
  inbox.listen((message) {
    log.add('$message');
    if (message == 'last') inbox.close();
  });
  Timer.run(() => log.add('timer'));
  inbox.sendPort.send('first');
  server.send((6, mailbox.sendPort));
  print(mailbox.take()); // expect: 36
  inbox.sendPort.send('last');
  print(log); // expect: []
  await Future<void>.delayed(const Duration(milliseconds: 1));
  print(log); // expect: [timer, first, last]

  try {
    mailbox.take(timeout: const Duration(milliseconds: 1));
  } on TimeoutException catch (error) {
    print(error.message); // expect: no message
  }
  try {
    mailbox.take(timeout: Duration.zero);
  } on TimeoutException catch (error) {
    print(error.duration); // expect: 0:00:00.000000
  }
  // What comes while events are handled is kept for the next who takes; null is a message.
  mailbox.sendPort.send(null);
  mailbox.sendPort.send('kept');
  await Future<void>.delayed(Duration.zero);
  print([mailbox.take(), mailbox.take(timeout: Duration.zero)]); // expect: [null, kept]

  // Who waits for ever can be killed.
  final stuck = await spawn((_) => Mailbox().take(), null);
  stuck.kill();
  print(await stuck.exit); // expect: killed

  server.send((-1, mailbox.sendPort));
  mailbox.close();
  try {
    mailbox.take();
  } on StateError catch (error) {
    print(error.message); // expect: the mailbox is closed
  }
}

