// Errors of the machine in a child: a stack overflow and too much memory end it, or are caught there; nobody else notices.
// flags: --max-heap=64m
import 'dart:isolate';

int down(int n) => 1 + down(n + 1);

void overflowing(SendPort home) {
  try {
    down(0);
  } on StackOverflowError {
    home.send('caught');
  }
  down(0);
}

void hoarding(SendPort home) {
  final all = <Object>[];
  try {
    while (true) {
      all.add(List<int>.filled(10000, 1));
    }
  } on OutOfMemoryError {
    all.clear();
    home.send('caught');
  }
  while (true) {
    all.add(List<int>.filled(10000, 1));
  }
}

Future<void> main() async {
  for (final entry in [overflowing, hoarding]) {
    final port = ReceivePort();
    await Isolate.spawn(entry, port.sendPort, onError: port.sendPort, onExit: port.sendPort);
    await for (final message in port) {
      print(message is List ? message[0] : message);
      if (message == null) break;
    }
    // expect: caught
    // expect: Stack Overflow
    // expect: null
    // expect: caught
    // expect: Out of Memory
    // expect: null
  }
}
