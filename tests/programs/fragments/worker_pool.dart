// Fragment of a seed, completed: a round-robin pool.
// stress
import 'dart:isolate';

class WorkerPool {
  final List<SendPort> _workers = [];
  int _nextWorker = 0;

  Future<void> init({int count = 2}) async {
    for (int i = 0; i < count; i++) {
      final receivePort = ReceivePort();
      await Isolate.spawn(_worker, receivePort.sendPort);
      final sendPort = await receivePort.first as SendPort;
      _workers.add(sendPort);
    }
  }

  SendPort get nextWorker {
    final worker = _workers[_nextWorker];
    _nextWorker = (_nextWorker + 1) % _workers.length;
    return worker;
  }

  static void _worker(SendPort mainPort) {
    final port = ReceivePort();
    mainPort.send(port.sendPort);

    int handled = 0;
    port.listen((message) {
      final [reply as SendPort, n as int] = message as List;
      reply.send([n, n.isEven, ++handled]);
    });
  }
}

void main() async {
  final pool = WorkerPool();
  await pool.init(count: 3);
  final results = ReceivePort();
  for (int n = 0; n < 6; n++) {
    pool.nextWorker.send([results.sendPort, n]);
  }
  final all = await results.take(6).cast<List>().toList();
  all.sort((a, b) => (a[0] as int).compareTo(b[0] as int));
  print(all);
  // expect: [[0, true, 1], [1, false, 1], [2, true, 1], [3, false, 2], [4, true, 2], [5, false, 2]]
}
