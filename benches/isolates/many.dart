// Does a ping between two isolates still come back at once while a thousand others sleep and two hundred spin?
//
//     eyot benches/isolates/many.dart [sleeping: 1000] [spinning: 200] [pings: 2000]
//
// Prints how long the pings took, the number of threads, and how long it took to kill all of them, with the memory before and after.

import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

void sleeps(SendPort home) {
  home.send(null);
  sleep(const Duration(hours: 1));
}

void spins(SendPort home) {
  home.send(null);
  while (true) {}
}

void echo(SendPort home) {
  final port = ReceivePort();
  port.listen(home.send);
  home.send(port.sendPort);
}

/// A line of the system's report on this process.
int status(String name) {
  final lines = File('/proc/self/status').readAsLinesSync();
  final line = lines.firstWhere((line) => line.startsWith('$name:'));
  return int.parse(line.replaceAll(RegExp('[^0-9]'), ''));
}

Future<void> main(List<String> arguments) async {
  int argument(int index, int otherwise) =>
      index < arguments.length ? int.parse(arguments[index]) : otherwise;
  final pings = argument(2, 2000);
  final inbox = ReceivePort();
  final events = StreamIterator<Object?>(inbox);
  final isolates = <SupervisedIsolate>[];
  for (final (work, count) in [(sleeps, argument(0, 1000)), (spins, argument(1, 200))]) {
    for (var index = 0; index < count; index++) {
      isolates.add(await spawn(work, inbox.sendPort));
    }
    for (var index = 0; index < count; index++) {
      await events.moveNext();
    }
  }
  await spawn(echo, inbox.sendPort, linked: true);
  await events.moveNext();
  final port = events.current! as SendPort;
  final clock = Stopwatch()..start();
  final micros = <int>[];
  for (var index = 0; index < pings; index++) {
    final sent = clock.elapsedMicroseconds;
    port.send(index);
    await events.moveNext();
    micros.add(clock.elapsedMicroseconds - sent);
  }
  micros.sort();
  String at(double share) => (micros[((pings - 1) * share).round()] / 1000).toStringAsFixed(3);
  print('there and back: median ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, max ${at(1)} ms');
  print('threads: ${status('Threads')} (${Platform.numberOfProcessors} cores)');
  final before = status('VmRSS');
  final start = clock.elapsedMicroseconds;
  for (final isolate in isolates) {
    isolate.kill();
  }
  await Future.wait([for (final isolate in isolates) isolate.exit]);
  final took = (clock.elapsedMicroseconds - start) / 1000;
  print('${isolates.length} killed in $took ms; $before kB before, ${status('VmRSS')} kB after');
  exit(0);
}
