// A service that is started again when it fails, with limits, and given up when it fails too often.
import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

/// The service: answers requests (a number and where to reply). Some requests break it.
void service(SendPort home) {
  final inbox = ReceivePort();
  home.send(inbox.sendPort);
  inbox.listen((message) {
    final (int n, SendPort reply) = message as (int, SendPort);
    if (n < 0) throw ArgumentError('a negative number');
    if (n > 1000) {
      final hoard = <Object>[];
      while (true) {
        hoard.add(List<int>.filled(1000, n));
      }
    }
    reply.send(n * 2);
  });
}

/// Keeps a service alive.
final class Supervisor {
  final int maxRestarts;
  int restarts = 0;
  late SendPort _port;
  late Future<ExitReason> _exit;

  Supervisor({this.maxRestarts = 3});

  Future<void> start() async {
    final port = ReceivePort();
    final isolate = await spawn(service, port.sendPort,
        limits: const IsolateLimits(heapBytes: 4 << 20), debugName: 'service');
    _port = await port.first as SendPort;
    _exit = isolate.exit;
  }

  /// Asks the service; null if it ended instead of answering, and then there is a new one.
  Future<int?> ask(int n) async {
    final reply = ReceivePort();
    _port.send((n, reply.sendPort));
    final answer = await Future.any<Object?>([reply.first, _exit]);
    reply.close();
    if (answer is! ExitReason) return answer as int;
    print('the service ended: $answer');
    if (++restarts > maxRestarts) throw StateError('the service fails too often');
    await start();
    return null;
  }
}

Future<void> main() async {
  final supervisor = Supervisor();
  await supervisor.start();
  for (final n in [20, -1, 21, 2000, 22]) {
    print('$n: ${await supervisor.ask(n) ?? 'no answer'}');
  }
  // expect: 20: 40
  // expect: the service ended: uncaught error: Invalid argument(s): a negative number
  // expect: -1: no answer
  // expect: 21: 42
  // expect: the service ended: out of memory
  // expect: 2000: no answer
  // expect: 22: 44
  Isolate.exit();
}
