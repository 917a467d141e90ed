// Fragment of a seed, completed: a worker that answers where it is asked to.
import 'dart:isolate';

int expensiveOperation(int n) => n * n;

void worker(SendPort sendPort) {
  final receivePort = ReceivePort();
  sendPort.send(receivePort.sendPort);

  receivePort.listen((message) {
    if (message == 'stop') {
      receivePort.close();
    } else {
      final result = expensiveOperation(message['data'] as int);
      (message['replyTo'] as SendPort).send(result);
    }
  });
}

void main() async {
  final receivePort = ReceivePort();
  await Isolate.spawn(worker, receivePort.sendPort);
  final sendPort = await receivePort.first as SendPort;

  final response = ReceivePort();
  sendPort.send({'data': 42, 'replyTo': response.sendPort});
  print('Result: ${await response.first}'); // expect: Result: 1764

  sendPort.send('stop');
  receivePort.close();
}
