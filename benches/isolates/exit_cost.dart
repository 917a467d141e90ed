// What an isolate pays for the result of another that ends with it (Isolate.exit, Isolate.run): the time between its last turn without
// the result and its first look at it, for results of 1,000 to 1,000,000 objects. The receiver sends itself messages meanwhile, so that it
// never sleeps, and its turns before the end are the control. Usage: exit_cost.dart [ROUNDS [MOST_OBJECTS]]
import 'dart:async';
import 'dart:isolate';

final class Node {
  final int id;
  final Node? parent;
  Node(this.id, this.parent);
}

/// Ends with a graph of so many nodes.
void ends((SendPort, int) message) {
  final (home, size) = message;
  final nodes = <Node>[];
  for (var i = 0; i < size; i++) {
    nodes.add(Node(i, i == 0 ? null : nodes[i ~/ 2]));
  }
  Isolate.exit(home, nodes);
}

final class Round {
  /// Nanoseconds of the turn that brought the result, and of one that brought nothing.
  final int turn;
  final int control;
  Round(this.turn, this.control);
}

Future<Round> round(int size) async {
  final port = RawReceivePort();
  final self = port.sendPort;
  final done = Completer<Round>();
  final clock = Stopwatch();
  var control = 0;
  port.handler = (Object? message) {
    final ticks = clock.elapsedTicks;
    if (message == null) {
      control = ticks;
      self.send(null);
      clock.reset();
      return;
    }
    port.close();
    final nodes = message as List<Node>;
    if (nodes.length != size || nodes[size ~/ 2].id != size ~/ 2) throw StateError('a wrong graph');
    done.complete(Round(ticks, control));
  };
  await Isolate.spawn(ends, (self, size));
  clock.start();
  self.send(null);
  return done.future;
}

/// The value below which that part of them is.
int quantile(List<int> sorted, double part) => sorted[(part * (sorted.length - 1)).round()];

Future<void> main(List<String> args) async {
  final rounds = args.isEmpty ? 21 : int.parse(args[0]);
  final most = args.length < 2 ? 1000000 : int.parse(args[1]);
  for (var size = 1000; size <= most; size *= 10) {
    final results = [for (var i = 0; i < rounds; i++) await round(size)];
    final turns = [for (final result in results) result.turn]..sort();
    final controls = [for (final result in results) result.control]..sort();
    String micros(List<int> of, double part) => (quantile(of, part) / 1000).toStringAsFixed(2);
    print('$size objects: ${micros(turns, 0.25)} us (a quarter of the rounds), ${micros(turns, 0.5)} us (half), '
        '${micros(turns, 0.75)} us (three quarters); a turn without a result ${micros(controls, 0.5)} us');
  }
}
