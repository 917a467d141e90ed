// errors with an isolate that survives them.
import 'dart:async';
import 'dart:isolate';

void worker(SendPort out) {
  final inbox = ReceivePort();
  out.send(inbox.sendPort);
  inbox.listen((message) {
    if (message == 'stop') {
      inbox.close();
    } else if (message is String) {
      out.send(int.parse(message));
    } else {
      throw StateError('not a text');
    }
  });
}

void main() async {
  final data = ReceivePort();
  final errors = ReceivePort();
  final exit = ReceivePort();
  await Isolate.spawn(worker, data.sendPort,
      errorsAreFatal: false, onError: errors.sendPort, onExit: exit.sendPort);
  final messages = StreamIterator(data);
  await messages.moveNext();
  final to = messages.current as SendPort;
  to
    ..send('1')
    ..send('x')
    ..send(3)
    ..send('2')
    ..send('stop');
  await messages.moveNext();
  print(messages.current); // expect: 1
  await messages.moveNext();
  print(messages.current); // expect: 2
  await exit.first;
  final texts = await errors.take(2).map((error) => (error as List).first).toList();
  print(texts[0].split('\n').first); // expect: FormatException: Invalid radix-10 number (at character 1)
  print(texts[1]); // expect: Bad state: not a text
  await messages.cancel();
}
