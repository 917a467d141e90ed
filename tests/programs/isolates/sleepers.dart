// Isolates that sleep hold no thread, ones that spin leave room, and both are ended at once.
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

/// Fewer where each allocation takes a turn of all that spin.
const sleeping = int.fromEnvironment('sleeping', defaultValue: 1000);
const spinning = int.fromEnvironment('spinning', defaultValue: 200);

void sleeper(SendPort home) {
  home.send(null);
  sleep(const Duration(hours: 1));
}

void spinner(SendPort home) {
  home.send(null);
  while (true) {}
}

void echo(SendPort home) {
  final port = ReceivePort();
  port.listen(home.send);
  home.send(port.sendPort);
}

int threads() {
  final status = File('/proc/self/status').readAsLinesSync();
  final line = status.firstWhere((line) => line.startsWith('Threads:'));
  return int.parse(line.substring('Threads:'.length).trim());
}

Future<void> main() async {
  final inbox = ReceivePort();
  final events = StreamIterator<Object?>(inbox);
  final isolates = <SupervisedIsolate>[];
  for (int i = 0; i < sleeping; i++) {
    isolates.add(await spawn(sleeper, inbox.sendPort));
  }
  for (int i = 0; i < spinning; i++) {
    isolates.add(await spawn(spinner, inbox.sendPort));
  }
  for (int i = 0; i < sleeping + spinning; i++) {
    await events.moveNext();
  }
  // Workers, the main thread, and one for the file.
  print(threads() <= Platform.numberOfProcessors + 2); // expect: true

  final echoes = await spawn(echo, inbox.sendPort);
  await events.moveNext();
  final port = events.current as SendPort;
  for (int i = 0; i < 20; i++) {
    port.send(i);
    await events.moveNext();
  }
  print(events.current); // expect: 19
  isolates.add(echoes);
  for (final isolate in isolates) {
    isolate.kill();
  }
  final reasons = await Future.wait([for (final isolate in isolates) isolate.exit]);
  print(reasons.every((reason) => reason is ExitKilled)); // expect: true
  await events.cancel();
}
