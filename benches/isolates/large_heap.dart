// How long does the collection of a large heap keep other isolates waiting?
//
//     eyot benches/isolates/large_heap.dart [megabytes of live objects: 1000] [rounds: 4] [isolates that spin: 1]
//
// One isolate builds a heap of maps, lists and small objects, then replaces all of it piece by piece, which makes it collect fully
// again and again. Meanwhile a second one has a timer of a millisecond, and at each tick asks a third for an answer. What is printed
// is how late the ticks and the answers came at worst: first with nothing else going on but the spinning isolates (what the machine
// itself does to us), then while the heap is built, then while it is replaced.

import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

class Customer {
  Customer(this.number)
    : name = 'customer $number',
      orders = List.generate(8, (index) => Order(number * 8 + index)),
      byMonth = {for (var month = 0; month < 6; month++) month: Order(number + month)};

  final int number;
  final String name;
  final List<Order> orders;
  final Map<int, Order> byMonth;
}

class Order {
  Order(this.number) : price = number * 0.5;

  final int number;
  final double price;
  Order? previous;
}

/// Bytes of the heap that a customer takes, roughly.
const customerBytes = 1180;

Future<void> main(List<String> arguments) async {
  int argument(int index, int otherwise) =>
      index < arguments.length ? int.parse(arguments[index]) : otherwise;
  final megabytes = argument(0, 1000);
  final rounds = argument(1, 4);
  final spinning = [
    for (var index = 0; index < argument(2, 1); index++) await Isolate.spawn(spin, null),
  ];
  final watcher = await Watcher.start();

  await watcher.reset();
  await Future<void>.delayed(const Duration(seconds: 2));
  print('nothing else    ${await watcher.worst()}');

  final inbox = ReceivePort();
  final messages = StreamIterator<Object?>(inbox);
  final worker = await Isolate.spawn(work, (inbox.sendPort, megabytes, rounds), debugName: 'large');
  await watcher.reset();
  await messages.moveNext();
  print('heap is built   ${await watcher.worst()}');
  await watcher.reset();
  await messages.moveNext();
  print('heap is renewed ${await watcher.worst()}');
  final used = await stats(worker);
  if (used != null) {
    print(
      'the large heap: ${used.heapBytes >> 20} MB, ${used.minorCollections} minor and ${used.majorCollections} '
      'major collections, in all ${used.totalPause.inMilliseconds} ms',
    );
  }
  await watcher.reset();
  worker.kill(priority: Isolate.immediate);
  await Future<void>.delayed(const Duration(seconds: 1));
  print('heap is dropped ${await watcher.worst()}');
  for (final isolate in spinning) {
    isolate.kill(priority: Isolate.immediate);
  }
  watcher.close();
  inbox.close();
}

Future<void> work((SendPort, int, int) message) async {
  final (answers, megabytes, rounds) = message;
  final count = megabytes * (1 << 20) ~/ customerBytes;
  final customers = {for (var number = 0; number < count; number++) number: Customer(number)};
  answers.send('built');
  for (var round = 1; round <= rounds; round++) {
    for (var number = 0; number < count; number++) {
      customers[number] = Customer(number + round);
    }
  }
  answers.send('renewed');
  // Keeps the heap alive until it is killed.
  ReceivePort().listen((_) => print(customers.length));
}

void spin(Object? _) {
  for (var count = 0; ; count++) {
    if (count < 0) print(count);
  }
}

/// The isolate that watches.
class Watcher {
  Watcher._(this._commands, this._answers);

  static Future<Watcher> start() async {
    final inbox = ReceivePort();
    final answers = StreamIterator<Object?>(inbox);
    await Isolate.spawn(_watch, inbox.sendPort, debugName: 'watcher');
    await answers.moveNext();
    return Watcher._(answers.current! as SendPort, answers);
  }

  final SendPort _commands;
  final StreamIterator<Object?> _answers;

  Future<void> reset() => worst();

  /// What was worst since this was asked last.
  Future<String> worst() async {
    _commands.send(null);
    await _answers.moveNext();
    return _answers.current! as String;
  }

  void close() {
    _commands.send('end');
    _answers.cancel();
  }

  static Future<void> _watch(SendPort answers) async {
    final clock = Stopwatch()..start();
    final inbox = ReceivePort();
    final echoes = ReceivePort();
    final echo = await Isolate.spawn(_echo, echoes.sendPort, debugName: 'echo');
    var ticks = <int>[];
    var trips = <int>[];
    var last = clock.elapsedMicroseconds;
    SendPort? other;
    final timer = Timer.periodic(const Duration(milliseconds: 1), (_) {
      final now = clock.elapsedMicroseconds;
      ticks.add(now - last - 1000);
      last = now;
      other?.send(now);
    });
    echoes.listen((message) {
      if (message is SendPort) {
        other = message;
      } else {
        trips.add(clock.elapsedMicroseconds - (message as int));
      }
    });
    inbox.listen((command) {
      if (command != null) {
        timer.cancel();
        echo.kill();
        echoes.close();
        inbox.close();
        return;
      }
      answers.send('ticks late: ${_summary(ticks)}; answers: ${_summary(trips)}');
      ticks = [];
      trips = [];
    });
    answers.send(inbox.sendPort);
  }

  static String _summary(List<int> micros) {
    if (micros.isEmpty) return 'none';
    micros.sort();
    String at(double share) {
      final value = micros[((micros.length - 1) * share).round()] / 1000;
      return value.toStringAsFixed(3);
    }

    return '${micros.length}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, max ${at(1)} ms';
  }

  static void _echo(SendPort answers) {
    final inbox = ReceivePort()..listen(answers.send);
    answers.send(inbox.sendPort);
  }
}
