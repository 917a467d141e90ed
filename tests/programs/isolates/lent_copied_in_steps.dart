// flags: --workers=1
// The first write to bytes that others see, too, copies them. However many they are, others run meanwhile, and a kill is obeyed.
import 'dart:async';
import 'dart:isolate';
import 'dart:typed_data';

const size = 96 << 20;

/// Writes to what it gets, and says so before and after.
void writer(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    final bytes = message as Uint8List;
    home.send('begin');
    bytes[1] = 2;
    home.send(bytes[0] + bytes[1] + bytes[size - 1]);
  });
  home.send(port.sendPort);
}

Future<void> main() async {
  final bytes = Uint8List(size);
  bytes[0] = 1;
  bytes[size - 1] = 4;
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  Future<Object?> next() async => await events.moveNext() ? events.current : null;

  var isolate = await Isolate.spawn(writer, port.sendPort);
  var other = await next() as SendPort;
  var ticks = 0;
  final timer = Timer.periodic(const Duration(milliseconds: 1), (_) => ticks++);
  other.send(bytes);
  print(await next()); // expect: begin
  ticks = 0;
  print(await next()); // expect: 7
  timer.cancel();
  print(ticks > 1); // expect: true
  print(bytes[1]); // expect: 0
  isolate.kill(priority: Isolate.immediate);

  final gone = ReceivePort();
  isolate = await Isolate.spawn(writer, port.sendPort, onExit: gone.sendPort);
  other = await next() as SendPort;
  other.send(bytes);
  print(await next()); // expect: begin
  isolate.kill(priority: Isolate.immediate);
  await gone.first;
  port.close();
  print(await next()); // expect: null
  print(bytes[0]); // expect: 1
}
