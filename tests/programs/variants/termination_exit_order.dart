// termination: the last message comes before the exit notice; addOnExitListener with a response.
import 'dart:isolate';

void worker(SendPort port) {
  final table = {for (int i = 0; i < 3; i++) 'k$i': List.filled(i, i)};
  Isolate.exit(port, table);
}

void main() async {
  final events = ReceivePort();
  final isolate = await Isolate.spawn(worker, events.sendPort, paused: true);
  isolate.addOnExitListener(events.sendPort, response: 'gone');
  isolate.resume(isolate.pauseCapability!);
  await for (final event in events.take(2)) {
    print(event);
  }
  // expect: {k0: [], k1: [1], k2: [2, 2]}
  // expect: gone
}
