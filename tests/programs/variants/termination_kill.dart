// termination of an isolate that never ends by itself: killed while it spins.
import 'dart:isolate';

void spin(SendPort port) {
  port.send('spinning');
  for (int i = 0;; i++) {
    if (i < 0) port.send(i);
  }
}

void main() async {
  final data = ReceivePort();
  final exit = ReceivePort();
  final isolate = await Isolate.spawn(spin, data.sendPort, onExit: exit.sendPort);
  print(await data.first); // expect: spinning
  isolate.kill(priority: Isolate.immediate);
  print(await exit.first); // expect: null
  print('Isolate is gone.'); // expect: Isolate is gone.
}
