// Random graphs of every sendable kind go to another isolate and back: they arrive with the same shape, sharing and cycles included.
// Immutable parts, large enough to be shared, come home as what they were; transferables move along. A seed and a number of rounds may
// be given.
import 'dart:async';
import 'dart:collection';
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

enum Colour { red, green }

class Node {
  Object? left;
  Object? right;
  int count;
  final double weight;
  late final Object? lazy = left;
  Node(this.left, this.right, this.count, this.weight);
}

class Box<T> extends Node {
  T? content;
  Box(super.left, super.right, super.count, super.weight);
}

@pragma('vm:deeply-immutable')
final class Entry {
  final String key;
  final int count;
  final Entry? next;
  Entry(this.key, this.count, this.next);
}

/// Makes a graph: a list of parts that refer to each other at random.
final class Maker {
  final Random random;
  final List<Object?> parts = [];

  Maker(int seed) : random = Random(seed);

  List<Object?> make() {
    final count = 1 + random.nextInt(60);
    for (int i = 0; i < count; i++) {
      parts.add(part());
    }
    for (final part in parts.toList()) {
      connect(part);
    }
    return parts;
  }

  Object? any() => parts.isEmpty ? null : parts[random.nextInt(parts.length)];

  String text() {
    final length = [0, 3, 21, 22, 23, 300, 5000][random.nextInt(7)];
    final wide = random.nextBool();
    return String.fromCharCodes([
      for (int i = 0; i < length; i++) random.nextInt(wide ? 0xffff : 0xff)
    ]);
  }

  Object? part() {
    switch (random.nextInt(34)) {
      case 0:
        return null;
      case 1:
        return random.nextBool();
      case 2:
        return random.nextInt(1 << 32) - (1 << 31);
      case 3:
        return (random.nextInt(1 << 32) << 32) ^ random.nextInt(1 << 32);
      case 4:
        return [0.0, -0.0, double.nan, double.infinity, random.nextDouble()][random.nextInt(5)];
      case 5:
      case 6:
        return text();
      case 7:
        return List<Object?>.filled(random.nextInt(5), null);
      case 8:
        return <Object?>[for (int i = random.nextInt(9); i > 0; i--) any()];
      case 9:
        return List<Object?>.unmodifiable([any(), any()]);
      case 10:
        return <Object?, Object?>{};
      case 11:
        return <Object?>{any(), any()};
      case 12:
        return LinkedHashMap<Object?, Object?>.identity();
      case 13:
        return (any(), name: any());
      case 14:
        return Node(any(), null, random.nextInt(100), random.nextDouble());
      case 15:
        return Box<String>(null, any(), 1 << 62, -1.5)..content = text();
      case 16:
        return Uint8List.fromList([for (int i = random.nextInt(40); i > 0; i--) i]);
      case 17:
        final base = parts.whereType<Uint8List>().firstOrNull;
        return base == null ? Float64List(3) : Uint8List.sublistView(base, base.length ~/ 2);
      case 18:
        return Int64List.fromList([1 << 62, -1, random.nextInt(9)]);
      case 19:
        final captured = any();
        int calls = 0;
        return () => (captured, calls++);
      case 20:
        return Colour.values[random.nextInt(2)];
      case 21:
        return const [1, 'two', Colour.green];
      case 22:
        return BigInt.from(random.nextInt(1 << 32)).pow(random.nextInt(9));
      case 23:
        return DateTime.utc(2000 + random.nextInt(50), 2, 3);
      case 24:
        return Queue<Object?>.of([any(), any(), any()]);
      case 25:
        // Frozen, if what it has of the rest can be.
        return List<Object?>.unmodifiable([any(), for (int i = 200 + random.nextInt(2000); i > 0; i--) i / 4, any()]);
      case 26:
        return List<Object?>.unmodifiable([for (int i = random.nextInt(150); i > 0; i--) text(), ...parts.whereType<Entry>()]);
      case 27:
        Entry? last = parts.whereType<Entry>().lastOrNull;
        for (int i = random.nextInt(60); i >= 0; i--) {
          last = Entry(text(), i, last);
        }
        return last;
      case 28:
        // Large enough to be shared if all of it is immutable.
        return Map<Object?, Object?>.unmodifiable({
          for (int i = random.nextInt(80); i > 0; i--) i: random.nextInt(20) == 0 ? any() : text(),
          for (final entry in parts.whereType<Entry>()) entry: entry.key,
        });
      case 29:
        return Set<Object?>.unmodifiable({any(), for (int i = random.nextInt(400); i > 0; i--) i / 2, ...parts.whereType<Entry>()});
      case 30:
        (Object?, {Object? name}) chain = (any(), name: any());
        for (int i = random.nextInt(60); i > 0; i--) {
          chain = (chain, name: i);
        }
        return chain;
      case 31:
        // Nobody else has the bytes.
        return Uint8List.fromList([for (int i = random.nextInt(3000); i > 0; i--) i & 255]).asUnmodifiableView();
      case 32:
        // Somebody may.
        final base = parts.whereType<Uint8List>().firstOrNull;
        return base == null ? Float64List(200).asUnmodifiableView() : base.asUnmodifiableView();
      default:
        return Capability();
    }
  }

  void connect(Object? part) {
    switch (part) {
      case Node node:
        if (node.left == null) node.left = any();
        if (random.nextBool()) node.lazy;
      case Map<Object?, Object?> map:
        try {
          for (int i = random.nextInt(20); i > 0; i--) {
            map[any()] = any();
          }
        } on UnsupportedError {
          // An unmodifiable one.
        }
      case List<Object?> list when list is! TypedData:
        if (list.isNotEmpty && random.nextBool()) {
          try {
            list[random.nextInt(list.length)] = any();
          } on Error {
            // An unmodifiable one, or one of a narrower type.
          }
        }
    }
  }
}

/// Compares two graphs; pairs of objects that were met stay pairs.
final class Comparison {
  final Map<Object, Object> partners = HashMap<Object, Object>.identity();
  final List<(Object?, Object?)> waiting = [];
  String? difference;

  bool run(Object? one, Object? other) {
    waiting.add((one, other));
    while (difference == null && waiting.isNotEmpty) {
      final (left, right) = waiting.removeLast();
      if (!same(left, right)) difference = '${left.runtimeType} and ${right.runtimeType}: ${short(left)}, ${short(right)}';
    }
    return difference == null;
  }

  String short(Object? value) {
    final text = value is Iterable || value is Map ? '...' : '$value';
    return text.length > 60 ? '${text.length} characters' : text;
  }

  bool all(Iterable<Object?> left, Iterable<Object?> right) {
    final lefts = left.toList();
    final rights = right.toList();
    if (lefts.length != rights.length) return false;
    for (int i = 0; i < lefts.length; i++) {
      waiting.add((lefts[i], rights[i]));
    }
    return true;
  }

  bool same(Object? left, Object? right) {
    if (left == null || right == null) return left == right;
    if (left is double && right is double) {
      return left.isNaN ? right.isNaN : left == right && left.isNegative == right.isNegative;
    }
    if (left is num || left is bool || left is String || left is Capability || left is BigInt || left is DateTime) {
      return left == right && left.hashCode == right.hashCode;
    }
    if (left is Enum) return identical(left, right);
    // Records have no identity.
    if (left is! Record) {
      final known = partners[left];
      if (known != null) return identical(known, right);
      partners[left] = right;
    }
    // The types of records nest as deeply as the records.
    if (left is! Record && left is! Function && left.runtimeType != right.runtimeType) return false;
    switch ((left, right)) {
      case (Uint8List one, Uint8List two):
        return one.offsetInBytes == two.offsetInBytes &&
            one.buffer.lengthInBytes == two.buffer.lengthInBytes &&
            all(one, two);
      case (TransferableTypedData(), TransferableTypedData()):
        return true;
      case (List<Object?> one, List<Object?> two):
        return all(one, two);
      case (Entry one, Entry two):
        return one.key == two.key && one.count == two.count && all([one.next], [two.next]);
      case (Set<Object?> one, Set<Object?> two):
        return all(one, two) && two.every((element) => element != element || two.contains(element));
      case (Map<Object?, Object?> one, Map<Object?, Object?> two):
        return all(one.keys, two.keys) &&
            all(one.values, two.values) &&
            // NaN is found nowhere, nor a record with one.
            two.keys.every((key) => key != key || two.containsKey(key));
      case (Queue<Object?> one, Queue<Object?> two):
        return all(one, two);
      case ((Object? a, name: Object? b), (Object? c, name: Object? d)):
        return all([a, b], [c, d]);
      case (Node one, Node two):
        return one.count == two.count && one.weight == two.weight && all([one.left, one.right, one.lazy], [two.left, two.right, two.lazy]) &&
            (one is! Box || one.content == (two as Box).content);
      case ((Object?, int) Function() one, (Object?, int) Function() two):
        // Each call counts.
        if (identical(one, two)) return true;
        final (a, b) = one();
        final (c, d) = two();
        waiting.add((a, c));
        return b == d;
    }
    return false;
  }
}

void echo(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    if (message == null) return port.close();
    // What came is looked at and sent on: its copy must be as good.
    final again = Comparison();
    if (!again.run(message, message)) home.send('not equal to itself: ${again.difference}');
    home.send(message);
  });
  home.send(port.sendPort);
}

Future<void> main(List<String> args) async {
  final first = args.isEmpty ? 1 : int.parse(args[0]);
  final rounds = args.length < 2 ? 60 : int.parse(args[1]);
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  await Isolate.spawn(echo, port.sendPort);
  await events.moveNext();
  final other = events.current as SendPort;
  int wrong = 0;
  for (int seed = first; seed < first + rounds; seed++) {
    final graph = Maker(seed).make();
    // The second time immutable parts are shared already.
    for (int time = 1; time <= 2; time++) {
      final bytes = Uint8List.fromList([for (int i = 0; i < 300; i++) i ^ seed]);
      graph.add(TransferableTypedData.fromList([bytes]));
      other.send(graph);
      await events.moveNext();
      graph.removeLast();
      final back = events.current as List<Object?>;
      final moved = (back.removeLast() as TransferableTypedData).materialize().asUint8List();
      final comparison = Comparison();
      if (!comparison.run(graph, back) || !comparison.run(bytes, moved)) {
        wrong++;
        print('seed $seed, time $time: ${comparison.difference}');
      }
    }
    // The result of an isolate that ends is moved.
    if (seed % 10 == 0) {
      final moved = await Isolate.run(() => Maker(seed).make());
      final same = Comparison();
      // Capabilities are made anew.
      moved.removeWhere((part) => part is Capability);
      if (!same.run(moved, await Isolate.run(() => moved))) {
        wrong++;
        print('seed $seed, moved: ${same.difference}');
      }
    }
  }
  other.send(null);
  await events.cancel();
  print('$wrong wrong'); // expect: 0 wrong
}
