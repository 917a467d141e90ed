// Two isolates spin for ever, and one that answers still answers; also with one worker.
// flags: --workers=1
import 'dart:isolate';

void spin(SendPort home) {
  home.send('spinning');
  var x = 1;
  while (true) {
    x = (x * 5 + 1) & 0xffff;
  }
}

void echo(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) => (message as SendPort).send('answer'));
}

Future<void> main() async {
  final port = ReceivePort();
  final events = port.asBroadcastStream();
  final isolates = <Isolate>[];
  for (var i = 0; i < 2; i++) {
    final word = events.first;
    isolates.add(await Isolate.spawn(spin, port.sendPort));
    print(await word); // expect: spinning
    // expect: spinning
  }
  final handshake = events.first;
  isolates.add(await Isolate.spawn(echo, port.sendPort));
  final to = await handshake as SendPort;
  var answers = 0;
  for (var i = 0; i < 100; i++) {
    final answer = events.first;
    to.send(port.sendPort);
    if (await answer == 'answer') answers++;
  }
  print(answers); // expect: 100
  for (final isolate in isolates) {
    isolate.kill(priority: Isolate.immediate);
  }
  port.close();
}
