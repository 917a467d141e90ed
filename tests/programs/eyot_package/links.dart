// Linked isolates end together, unless the end is a normal one.
// stress
import 'dart:isolate';

import 'package:eyot/isolate.dart';

void waits(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
}

/// Starts a child that is linked to it, tells of it, and then ends as it is told to.
Future<void> parent((SendPort, String) given) async {
  final (home, end) = given;
  final ready = ReceivePort();
  final child = await spawn(waits, ready.sendPort, linked: end != 'unlinked');
  await ready.first;
  home.send(child.isolate.controlPort);
  if (end == 'throws' || end == 'unlinked') throw StateError(end);
  if (end == 'spins') while (true) {}
  // 'returns': a normal end.
}

Future<(Monitor, SupervisedIsolate)> family(String end) async {
  final port = ReceivePort();
  final isolate = await spawn(parent, (port.sendPort, end));
  final child = await port.first as SendPort;
  final monitor = Monitor(Isolate(child));
  return (monitor, isolate);
}

Future<void> main() async {
  for (final end in ['throws', 'spins']) {
    final (child, isolate) = await family(end);
    if (end == 'spins') isolate.kill();
    final reason = await child.exit;
    // It may have ended before it was asked.
    print(reason is ExitLinked || reason is ExitUnknown);
    // expect: true
    print(await isolate.exit);
    // expect: uncaught error: Bad state: throws
    // expect: true
    // expect: killed
  }
  for (final end in ['returns', 'unlinked']) {
    final (child, isolate) = await family(end);
    await isolate.exit;
    child.cancel();
    print(end);
    // expect: returns
    // expect: unlinked
  }

  // A link to an isolate that is gone, and one that was taken back.
  final quiet = await spawn(links, 'gone');
  print(await quiet.exit); // expect: a linked isolate ended
  final free = await spawn(links, 'unlinked');
  print(await free.exit); // expect: normal end
}

void nothing(Object? _) {}

Future<void> links(String how) async {
  final ready = ReceivePort();
  final other = await spawn(waits, ready.sendPort);
  await ready.first;
  if (how == 'unlinked') {
    link(other.isolate);
    unlink(other.isolate);
    other.kill();
    await other.exit;
    return;
  }
  other.kill();
  await other.exit;
  link(other.isolate);
  ReceivePort();
}
