// An uncaught error of a child that nobody listens for: its text on standard error; the main isolate goes on and ends well.
// expect stderr: Unhandled exception:
// expect stderr: Bad state: nobody listens
// expect exit: 0
// stress
import 'dart:isolate';

void child(SendPort home) {
  home.send('about to fail');
  throw StateError('nobody listens');
}

Future<void> main() async {
  final port = ReceivePort();
  final exits = ReceivePort();
  await Isolate.spawn(child, port.sendPort, onExit: exits.sendPort);
  print(await port.first); // expect: about to fail
  print(await exits.first); // expect: null
}
