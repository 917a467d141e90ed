// hello_same_group with several isolates and a closure as entry point.
import 'dart:isolate';

void main() async {
  final port = ReceivePort();
  final names = ['Ada', 'Grace', 'Edsger'];
  for (final name in names) {
    await Isolate.spawn((SendPort to) => to.send('Hello from $name!'), port.sendPort);
  }
  final greetings = <String>[];
  await for (final message in port) {
    greetings.add(message as String);
    if (greetings.length == names.length) break;
  }
  greetings.sort();
  greetings.forEach(print);
  // expect: Hello from Ada!
  // expect: Hello from Edsger!
  // expect: Hello from Grace!
}
