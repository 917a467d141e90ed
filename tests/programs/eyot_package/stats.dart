// What isolates tell about themselves, also in the middle of an event.
// stress
import 'dart:isolate';
import 'dart:typed_data';

import 'package:eyot/isolate.dart';

void echo(SendPort home) {
  final port = ReceivePort();
  Uint8List? kept;
  port.listen((message) {
    if (message == 'keep') kept = Uint8List(1 << 20);
    if (message == 'spin') {
      home.send('spinning');
      while (true) {}
    }
    home.send(kept == null ? message : kept!.length);
  });
  home.send(port.sendPort);
}

Future<void> main() async {
  final port = ReceivePort();
  final answers = port.asBroadcastStream();
  final other = await spawn(echo, port.sendPort);
  final echoPort = await answers.first as SendPort;
  for (int i = 0; i < 5; i++) {
    echoPort.send(i);
    await answers.first;
  }
  final before = await stats(other.isolate);
  print(before.messagesReceived); // expect: 5
  print(before.messagesSent); // expect: 6
  echoPort.send('keep');
  await answers.first;
  final after = await stats(other.isolate);
  print(after.heapBytes - before.heapBytes > 900000); // expect: true
  echoPort.send('spin');
  await answers.first;
  echoPort.send('one');
  echoPort.send('two');
  final spinning = await stats(other.isolate);
  print(spinning.mailboxLength); // expect: 2
  final later = await stats(other.isolate);
  print(later.cpuTime > spinning.cpuTime); // expect: true
  other.kill();
  await other.exit;
  try {
    await stats(other.isolate);
  } on StateError catch (error) {
    print(error.message); // expect: the isolate has ended
  }
  final own = ownStats();
  print(own.heapBytes > 0 && own.cpuTime > Duration.zero && own.messagesReceived > 9); // expect: true
  port.close();
}
