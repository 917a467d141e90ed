// Isolates come and are killed at random moments, thousands of times (a million, if asked): each end is told, and memory stays flat.
import 'dart:async';
import 'dart:io' show ProcessInfo, sleep;
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

import 'package:eyot/isolate.dart';

final class Work {
  final int kind;
  final SendPort home;
  final List<Object?> payload;
  Work(this.kind, this.home, this.payload);
}

void worker(Work work) {
  switch (work.kind) {
    case 0:
      // Ends at once.
      return;
    case 1:
      while (true) {}
    case 2:
      sleep(const Duration(hours: 1));
    case 3:
      ReceivePort();
    case 4:
      throw StateError('as planned');
    case 5:
      Isolate.exit(work.home, [for (int i = 0; i < 50; i++) '$i']);
    case 6:
      final all = <Object>[];
      while (true) {
        all.add(Uint8List(1 << 12));
        if (all.length > 20) all.clear();
      }
    case 7:
      var sends = 0;
      Timer.periodic(const Duration(microseconds: 300), (timer) {
        // No more than somebody slow can take in.
        if (++sends > 20) timer.cancel();
        work.home.send(work.payload);
      });
      ReceivePort();
    default:
      final port = ReceivePort();
      port.listen((message) => work.home.send(message));
      work.home.send(port.sendPort);
  }
}

Future<void> main(List<String> args) async {
  final count = args.isEmpty ? 3000 : int.parse(args[0]);
  final random = Random(args.length < 2 ? 7 : int.parse(args[1]));
  final inbox = RawReceivePort();
  inbox.handler = (Object? message) {
    if (message is SendPort) message.send('hello');
  };
  final payload = [for (int i = 0; i < 30; i++) 'item $i', Uint8List(100)];
  final alive = <SupervisedIsolate>[];
  int ended = 0;
  int spawned = 0;
  int middle = 0;
  while (ended < count) {
    while (spawned < count && alive.length < 50) {
      spawned++;
      final isolate = await spawn(worker, Work(random.nextInt(9), inbox.sendPort, payload));
      alive.add(isolate);
      unawaited(isolate.exit.then((_) {
        ended++;
        alive.remove(isolate);
      }));
    }
    if (alive.isNotEmpty) alive[random.nextInt(alive.length)].kill();
    await Future<void>.delayed(Duration.zero);
    if (middle == 0 && ended > count ~/ 3) middle = ProcessInfo.currentRss;
  }
  inbox.close();
  final growth = (ProcessInfo.currentRss - middle) >> 20;
  print(growth < 32 ? 'flat' : 'grew by $growth MB'); // expect: flat
  print('$ended ended'); // expect: 3000 ended
}
