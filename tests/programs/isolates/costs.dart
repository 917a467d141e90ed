// What it costs to send an immutable graph the first time and later: with a number of objects as argument the figures are printed
// (docs/isolates.md has some), without only the results are checked. (What a result costs: benches/isolates/exit_cost.dart.)
import 'dart:async';
import 'dart:isolate';

void echo(SendPort home) {
  final port = RawReceivePort();
  home.send(port.sendPort);
  port.handler = (Object? message) {
    if (message == null) return port.close();
    home.send(message is List ? message.length : 0);
  };
}

double micros(Stopwatch clock, int count) => clock.elapsedTicks * 1e6 / clock.frequency / count;

double median(List<double> values) => (values..sort())[values.length ~/ 2];

String text(double value) => value.toStringAsFixed(value < 10 ? 2 : 0);

Future<void> sending(int size, int rounds, int later, void Function(String) report) async {
  final inbox = ReceivePort();
  final replies = StreamIterator<Object?>(inbox);
  await Isolate.spawn(echo, inbox.sendPort);
  await replies.moveNext();
  final other = replies.current as SendPort;
  Future<double> trips(Object message, int count) async {
    final clock = Stopwatch()..start();
    for (var i = 0; i < count; i++) {
      other.send(message);
      await replies.moveNext();
      if (message is List && replies.current != message.length) print('wrong length');
    }
    return micros(clock, count);
  }

  await trips(0, later);
  final trip = await trips(0, later);
  final kinds = <String, List<Object?> Function()>{
    'unmodifiable list of ints': () => List<int>.unmodifiable([for (var i = 0; i < size; i++) i]),
    'unmodifiable list of strings': () => List<String>.unmodifiable([for (var i = 0; i < size; i++) 'text $i']),
    'growable list of strings': () => [for (var i = 0; i < size; i++) 'text $i'],
  };
  report('a trip with an int: ${text(trip)} us');
  for (final MapEntry(key: kind, value: make) in kinds.entries) {
    final first = <double>[];
    final second = <double>[];
    for (var round = 0; round < rounds; round++) {
      final list = make();
      first.add(await trips(list, 1));
      second.add(await trips(list, kind.startsWith('growable') ? 1 : later));
    }
    report('$kind: a trip with $size of them ${text(median(first))} us the first time, ${text(median(second))} us later');
  }
  other.send(null);
  await replies.cancel();
}

Future<void> main(List<String> args) async {
  final size = args.isEmpty ? 1000 : int.parse(args[0]);
  final report = args.isEmpty ? (String line) {} : print;
  await sending(size, args.isEmpty ? 2 : 15, args.isEmpty ? 3 : 1000, report);
  print('done'); // expect: done
}
