// pingpong with RawReceivePort and request numbers, answered out of order.
import 'dart:async';
import 'dart:isolate';

void worker(SendPort main) {
  final inbox = RawReceivePort();
  final held = <(int, SendPort)>[];
  inbox.handler = (Object? message) {
    final (number, reply) = message as (int, SendPort);
    held.add((number, reply));
    if (held.length == 3) {
      for (final (number, reply) in held.reversed) {
        reply.send((number, number * number));
      }
      inbox.close();
    }
  };
  main.send(inbox.sendPort);
}

void main() async {
  final handshake = ReceivePort();
  await Isolate.spawn(worker, handshake.sendPort);
  final to = await handshake.first as SendPort;
  final done = Completer<void>();
  final order = <int>[];
  final replies = RawReceivePort();
  replies.handler = ((int, int) reply) {
    final (number, square) = reply;
    print('$number squared is $square');
    order.add(number);
    if (order.length == 3) done.complete();
  };
  for (int number = 2; number <= 4; number++) {
    to.send((number, replies.sendPort));
  }
  await done.future;
  replies.close();
  print(order);
  // expect: 4 squared is 16
  // expect: 3 squared is 9
  // expect: 2 squared is 4
  // expect: [4, 3, 2]
}
