// compress_image with progress messages; the port is closed, so the program ends.
import 'dart:isolate';

void compress(SendPort port) {
  int processed = 0;
  for (int i = 0; i < 3000000; i++) {
    processed += i;
    if (i % 1000000 == 0) port.send('at $i');
  }
  port.send(processed);
}

void main() async {
  final port = ReceivePort();
  await Isolate.spawn(compress, port.sendPort);
  port.listen((message) {
    print(message);
    if (message is int) port.close();
  });
  // expect: at 0
  // expect: at 1000000
  // expect: at 2000000
  // expect: 4499998500000
}
