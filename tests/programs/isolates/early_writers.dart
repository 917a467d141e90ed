// Whoever gets large typed data may write to it while the sender's event, which lent it, goes on. The writer waits a little for the end of that
// event, which may spare it the copy; what either side sees is the same whether it comes in time, late or never.

import 'dart:async';
import 'dart:io';
import 'dart:isolate';
import 'dart:typed_data';

const size = 3 << 20;

final writers = <void Function(Uint8List)>[
  (bytes) => bytes[0]++,
  (bytes) => bytes.setRange(0, 2, [8, 9]),
  (bytes) => bytes.setRange(0, size - 1, bytes, 1),
  (bytes) => bytes.buffer.asByteData().setUint16(0, 0x0809),
  (bytes) => bytes.fillRange(0, 100, 8),
];

/// Writes as soon as the bytes are there, and tells what they begin with.
void writer(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) {
    if (message == null) return port.close();
    final [Object data, int which] = message as List;
    final bytes = data is TransferableTypedData
        ? data.materialize().asUint8List()
        : data as Uint8List;
    writers[which](bytes);
    home.send(bytes[0]);
  });
}

Uint8List numbers() => Uint8List(size)
  ..[0] = 7
  ..[1] = 8
  ..[size - 1] = 9;

Future<void> main() async {
  final home = ReceivePort();
  final events = StreamIterator<Object?>(home);
  final writing = await Isolate.spawn(writer, home.sendPort);
  await events.moveNext();
  final other = events.current as SendPort;
  var wrong = 0;
  for (var which = 0; which < writers.length; which++) {
    for (final pause in [0, 50, 4000]) {
      final wraps = which.isEven == (pause == 0);
      final bytes = numbers();
      other.send([wraps ? TransferableTypedData.fromList([bytes]) : bytes, which]);
      // In the middle of the event that has lent the bytes.
      if (pause > 0) sleep(Duration(microseconds: pause));
      final keeps = pause != 50;
      if (keeps) {
        if (bytes[0] != 7 || bytes[size - 1] != 9) wrong++;
        if (pause > 0) bytes[1] = 77;
      }
      await events.moveNext();
      if (events.current != 8) wrong++;
      if (keeps && (bytes[0] != 7 || bytes[1] != (pause > 0 ? 77 : 8))) wrong++;
    }
  }
  print(wrong); // expect: 0

  // A writer can be killed while it waits or copies.
  final exits = ReceivePort();
  writing.addOnExitListener(exits.sendPort);
  final bytes = numbers();
  other.send([bytes, 0]);
  sleep(const Duration(microseconds: 20));
  writing.kill(priority: Isolate.immediate);
  await exits.first;
  print(bytes[0]); // expect: 7
  bytes[0] = 1;
  await events.cancel();
}
