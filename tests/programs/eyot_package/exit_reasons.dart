// Every way an isolate can end is told once, with its reason; the others run on.
// stress
import 'dart:async';
import 'dart:io' show sleep;
import 'dart:isolate';

import 'package:eyot/isolate.dart';

class Broken implements Exception {
  final List<int> parts;
  final Broken? cause;
  Broken(this.parts, [this.cause]);
  String toString() => 'Broken $parts';
}

void quiet(Object? _) {}

void leaves(Object? _) => Isolate.exit();

void throws(Object? _) => throw Broken([1, 2], Broken([3]));

void throwsUnsendable(Object? _) => throw Unsendable(ReceivePort());

class Unsendable {
  final ReceivePort port;
  Unsendable(this.port);
  String toString() => 'Unsendable';
}

void throwsLater(Object? _) {
  ReceivePort();
  Timer(const Duration(milliseconds: 1), () => throw StateError('later'));
}

void spins(Object? _) {
  while (true) {}
}

void sleeps(Object? _) => sleep(const Duration(hours: 1));

void waits(Object? _) => ReceivePort();

void hoards(Object? _) {
  final all = <Object>[];
  while (true) {
    all.add(List<int>.filled(100, 1));
  }
}

void recurses(Object? _) {
  int down(int n) => 1 + down(n + 1);
  down(0);
}

/// Never looks into its mailbox.
void deaf(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  while (true) {}
}

Future<void> main() async {
  print(await (await spawn(quiet, null)).exit); // expect: normal end
  print(await (await spawn(leaves, null)).exit); // expect: normal end
  switch (await (await spawn(throws, null)).exit) {
    case ExitError(error: Broken(:final parts, :final cause?), :final stackTrace):
      print('$parts ${cause.parts}'); // expect: [1, 2] [3]
      print('$stackTrace'.contains('throws')); // expect: true
    case final other:
      print(other);
  }
  final unsendable = await (await spawn(throwsUnsendable, null)).exit as ExitError;
  print('${unsendable.error is RemoteError} ${unsendable.error}'); // expect: true Unsendable
  print(await (await spawn(throwsLater, null)).exit); // expect: uncaught error: Bad state: later
  print((await (await spawn(recurses, null)).exit as ExitError).error is StackOverflowError); // expect: true

  final killed = await spawn(spins, null);
  killed.kill();
  print(await killed.exit); // expect: killed

  const million = IsolateLimits(heapBytes: 2 << 20);
  print(await (await spawn(hoards, null, limits: million)).exit); // expect: out of memory
  const busy = IsolateLimits(cpuTime: Duration(milliseconds: 20));
  print(await (await spawn(spins, null, limits: busy)).exit); // expect: out of CPU time
  const brief = IsolateLimits(wallTime: Duration(milliseconds: 20));
  for (final entry in [spins, sleeps, waits]) {
    print(await (await spawn(entry, null, limits: brief)).exit);
    // expect: out of time
    // expect: out of time
    // expect: out of time
  }
  // Waiting costs no time on a core.
  const both = IsolateLimits(
      cpuTime: Duration(seconds: 10), wallTime: Duration(milliseconds: 20));
  print(await (await spawn(sleeps, null, limits: both)).exit); // expect: out of time

  final port = ReceivePort();
  final flooded = await spawn(deaf, port.sendPort,
      limits: const IsolateLimits(mailboxLength: 10));
  final target = await port.first as SendPort;
  for (int i = 0; i < 12; i++) {
    target.send(i);
  }
  print(await flooded.exit); // expect: mailbox full

  // Asked too late.
  final gone = await spawn(quiet, null);
  await gone.exit;
  print(await Monitor(gone.isolate).exit); // expect: ended before
  // Several monitors of one end.
  final watched = await spawn(waits, null);
  final monitors = [for (int i = 0; i < 3; i++) Monitor(watched.isolate)];
  monitors[1].cancel();
  watched.kill();
  print(await Future.wait([watched.exit, monitors[0].exit, monitors[2].exit]));
  // expect: [killed, killed, killed]
}
