// Fragment of a seed, completed: a pool that gets broadcasts.
import 'dart:isolate';

final answers = ReceivePort();

void _worker(SendPort main) {
  final inbox = ReceivePort();
  main.send(inbox.sendPort);
  inbox.listen((message) {
    final (SendPort reply, int n) = message as (SendPort, int);
    reply.send(n * 2);
  });
}

class IsolatePool {
  final List<Isolate> _isolates = [];
  final List<SendPort> _sendPorts = [];

  Future<void> initialize(int size) async {
    for (var i = 0; i < size; i++) {
      final receivePort = ReceivePort();
      final isolate = await Isolate.spawn(_worker, receivePort.sendPort);
      final sendPort = await receivePort.first as SendPort;
      _isolates.add(isolate);
      _sendPorts.add(sendPort);
    }
  }

  void broadcast(dynamic message) {
    for (final sendPort in _sendPorts) {
      sendPort.send(message);
    }
  }

  void kill() {
    for (final isolate in _isolates) {
      isolate.kill(priority: Isolate.beforeNextEvent);
    }
  }
}

void main() async {
  final pool = IsolatePool();
  await pool.initialize(3);
  pool.broadcast((answers.sendPort, 21));
  print(await answers.take(3).toList()); // expect: [42, 42, 42]
  pool.kill();
}
