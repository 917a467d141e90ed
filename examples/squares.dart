import 'dart:isolate';

void square((SendPort, int) message) {
  final (home, n) = message;
  home.send(n * n);
}

Future<void> main() async {
  final port = ReceivePort();
  for (var n = 1; n <= 4; n++) {
    await Isolate.spawn(square, (port.sendPort, n));
  }
  final squares = await port.take(4).toList();
  print('the sum of the squares is ${squares.fold<int>(0, (sum, s) => sum + (s as int))}'); // expect: the sum of the squares is 30
}
