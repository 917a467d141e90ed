// complexdata: every kind of plain data there and back, unchanged.
import 'dart:collection';
import 'dart:isolate';
import 'dart:typed_data';

void echo(SendPort port) {
  final inbox = ReceivePort();
  port.send(inbox.sendPort);
  inbox.listen((message) => port.send(message));
}

void main() async {
  final values = <Object?>[
    null,
    true,
    1 << 62,
    -9223372036854775808,
    -0.0,
    double.nan,
    'text',
    'ß → 𝄞' * 60,
    [1, 'two', 3.0],
    {'a': 1, 'b': [null]},
    {1, 2, 3},
    (1, name: 'x'),
    #symbol,
    const Duration(seconds: 2),
    BigInt.parse('123456789012345678901234567890'),
    Uint8List.fromList([1, 2, 3]),
    DateTime.utc(2026, 11, 21),
    Queue.of([1, 2]),
    int,
  ];
  final port = ReceivePort();
  final isolate = await Isolate.spawn(echo, port.sendPort);
  SendPort? to;
  int received = 0;
  await for (final message in port) {
    if (to == null) {
      to = message as SendPort;
      values.forEach(to.send);
      continue;
    }
    final wanted = '${values[received].runtimeType} ${values[received]}';
    final got = '${message.runtimeType} $message';
    if (got != wanted) print('sent $wanted, received $got');
    if (++received == values.length) break;
  }
  isolate.kill(priority: Isolate.immediate);
  print('$received values came back'); // expect: 19 values came back
}
