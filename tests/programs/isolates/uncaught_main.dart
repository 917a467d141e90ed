// An uncaught error of the main isolate ends the program, also while others run.
import 'dart:async';
import 'dart:isolate';

void child(SendPort home) {
  ReceivePort();
  home.send('alive');
}

Future<void> main() async {
  final port = ReceivePort();
  await Isolate.spawn(child, port.sendPort);
  print(await port.first); // expect: alive
  Timer(const Duration(milliseconds: 100), () => print('too late'));
  scheduleMicrotask(() => print('before the report')); // expect: before the report
  await null;
  throw FormatException('the last word'); // expect uncaught: FormatException: the last word
}
