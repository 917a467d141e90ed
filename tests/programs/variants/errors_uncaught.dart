// errors of the main isolate that nobody catches: printed with a trace, status 255.
import 'dart:isolate';

class Refused implements Exception {
  final String why;
  Refused(this.why);
  @override
  String toString() => 'Refused: $why';
}

void ask(SendPort port) => port.send('please');

void main() async {
  final port = ReceivePort();
  await Isolate.spawn(ask, port.sendPort);
  final question = await port.first;
  print(question); // expect: please
  throw Refused('not today'); // expect uncaught: Refused: not today
  // expect stderr: errors_uncaught.dart:18
}
