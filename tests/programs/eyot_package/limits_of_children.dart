// An isolate that may use so much cannot have more by way of its children, whatever they ask for.
import 'dart:isolate';

import 'package:eyot/isolate.dart';

void hoard(Object? _) {
  final all = <Object>[];
  while (true) {
    all.add(List<int>.filled(1000, 1));
  }
}

void spin(Object? _) {
  while (true) {}
}

void wait(Object? _) {
  ReceivePort();
}

const generous = IsolateLimits(
    heapBytes: 1 << 40,
    cpuTime: Duration(days: 1),
    wallTime: Duration(days: 1));

/// Starts a child that asks for much more than its parent has, and another that asks for nothing.
Future<void> parent((SendPort, void Function(Object?)) message) async {
  final (home, work) = message;
  final asking = await spawn(work, null, limits: generous);
  final silent = await spawn(work, null);
  final reasons = [await asking.exit, await silent.exit];
  home.send([for (final reason in reasons) '$reason']);
}

/// A grandchild has no more than a child.
Future<void> grandparent((SendPort, void Function(Object?)) message) async {
  await Isolate.spawn(parent, message);
  ReceivePort();
}

Future<void> main() async {
  final inbox = ReceivePort();
  final answers = inbox.asBroadcastStream();
  final memory = await spawn(grandparent, (inbox.sendPort, hoard),
      limits: const IsolateLimits(heapBytes: 8 << 20));
  print(await answers.first); // expect: [out of memory, out of memory]
  memory.kill();
  final busy = await spawn(grandparent, (inbox.sendPort, spin),
      limits: const IsolateLimits(cpuTime: Duration(milliseconds: 300)));
  print(await answers.first); // expect: [out of CPU time, out of CPU time]
  busy.kill();

  // The parent's time is up when the child's is.
  final waiting = await spawn(parent, (inbox.sendPort, wait),
      limits: const IsolateLimits(wallTime: Duration(milliseconds: 50)));
  print(await waiting.exit); // expect: out of time
  inbox.close();
}
