// Isolates that sleep, wait for a file or for a process hold no worker, and are ended at once.
// flags: --workers=1
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

void sleeps((SendPort, String) message) {
  message.$1.send(null);
  sleep(const Duration(hours: 1));
}

/// Opening a pipe waits for whoever writes to it.
void reads((SendPort, String) message) {
  message.$1.send(null);
  File(message.$2).readAsBytesSync();
}

void runs((SendPort, String) message) {
  message.$1.send(null);
  Process.runSync('sleep', ['2']);
}

void spins((SendPort, String) message) {
  message.$1.send(null);
  while (true) {}
}

void echo(SendPort home) {
  final port = ReceivePort();
  port.listen(home.send);
  home.send(port.sendPort);
}

Future<void> main() async {
  final folder = Directory.systemTemp.createTempSync('eyot_blocked');
  final pipe = '${folder.path}/pipe';
  Process.runSync('mkfifo', [pipe]);
  final inbox = ReceivePort();
  final events = StreamIterator<Object?>(inbox);
  final blocked = <SupervisedIsolate>[];
  for (final work in [sleeps, reads, runs, spins]) {
    for (int i = 0; i < 5; i++) {
      blocked.add(await spawn(work, (inbox.sendPort, pipe)));
      await events.moveNext();
    }
  }
  final other = await spawn(echo, inbox.sendPort);
  await events.moveNext();
  final port = events.current as SendPort;
  for (int i = 1; i <= 50; i++) {
    port.send(i);
    await events.moveNext();
  }
  print(events.current); // expect: 50
  for (final isolate in blocked) {
    isolate.kill();
  }
  final reasons = await Future.wait([for (final isolate in blocked) isolate.exit]);
  print(reasons.every((reason) => reason is ExitKilled)); // expect: true
  other.kill();
  await events.cancel();
  folder.deleteSync(recursive: true);
}
