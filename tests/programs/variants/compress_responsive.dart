// compress_image while the main isolate's timer goes on, whatever the number of cores.
import 'dart:async';
import 'dart:isolate';

void compress(SendPort port) {
  int processed = 0;
  for (int i = 0; i < 20000000; i++) {
    processed += i & 7;
  }
  port.send(processed);
}

void main() async {
  final port = ReceivePort();
  int ticks = 0;
  final timer = Timer.periodic(const Duration(milliseconds: 1), (_) => ticks++);
  await Isolate.spawn(compress, port.sendPort);
  print(await port.first); // expect: 70000000
  timer.cancel();
  print(ticks > 3); // expect: true
}
