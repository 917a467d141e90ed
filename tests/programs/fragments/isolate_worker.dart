// Fragment of a seed, completed: a worker object with typed requests.
import 'dart:isolate';

void _worker(SendPort main) {
  final inbox = ReceivePort();
  main.send(inbox.sendPort);
  inbox.listen((request) {
    final reply = request['replyTo'] as SendPort;
    reply.send('${request['message']}'.toUpperCase());
  });
}

class IsolateWorker {
  final Isolate _isolate;
  final SendPort _sendPort;
  final ReceivePort _receivePort;

  IsolateWorker._(this._isolate, this._sendPort, this._receivePort);

  static Future<IsolateWorker> spawn() async {
    final receivePort = ReceivePort();
    final isolate = await Isolate.spawn(_worker, receivePort.sendPort);
    final sendPort = await receivePort.first as SendPort;
    return IsolateWorker._(isolate, sendPort, receivePort);
  }

  Future<R> send<R>(dynamic message) async {
    final responsePort = ReceivePort();
    _sendPort.send({'message': message, 'replyTo': responsePort.sendPort});
    return await responsePort.first as R;
  }

  void kill() {
    _isolate.kill();
    _receivePort.close();
  }
}

void main() async {
  final worker = await IsolateWorker.spawn();
  print(await worker.send<String>('one')); // expect: ONE
  print(await worker.send<String>([1, 'two'])); // expect: [1, TWO]
  worker.kill();
}
