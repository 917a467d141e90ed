// Every kind of object that can be sent, and what the copy is like: values, identity within a message, cycles, enums and constants.
// stress
import 'dart:collection';
import 'dart:isolate';
import 'dart:typed_data';

enum Suit { clubs, hearts }

class Point {
  final int x;
  final double y;
  const Point(this.x, this.y);
}

class Node {
  String label;
  Node? next;
  List<Object?> others = [];
  Node(this.label);
}

class Pair<A, B> {
  A first;
  B second;
  Pair(this.first, this.second);
}

const origin = Point(0, 0);

/// Sends back whatever comes.
void echo(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) {
    if (message == 'stop') {
      port.close();
    } else {
      home.send(message);
    }
  });
}

late SendPort other;
late Stream<Object?> replies;

Future<T> there<T>(T value) async {
  final reply = replies.first;
  other.send(value);
  return await reply as T;
}

Future<void> scalars() async {
  print(await there(null)); // expect: null
  print([await there(true), await there(false)]); // expect: [true, false]
  print(await there(42)); // expect: 42
  print(await there(-0x8000000000000000)); // expect: -9223372036854775808
  print(await there(0x7fffffffffffffff)); // expect: 9223372036854775807
  print(await there(1.5)); // expect: 1.5
  print((await there(double.nan)).isNaN); // expect: true
  print(await there(-0.0)); // expect: -0.0
  print(await there('short')); // expect: short
  print(await there('überlänge größer als zweiundzwanzig')); // expect: überlänge größer als zweiundzwanzig
  print(await there('\u{1F3DD} \u4e16\u754c')); // expect: 🏝 世界
  print((await there('x' * 100000)).length); // expect: 100000
  print(await there(BigInt.parse('123456789012345678901234567890'))); // expect: 123456789012345678901234567890
  print(await there(#name)); // expect: Symbol("name")
  print(await there(int)); // expect: int
  print(await there(List<String>) == List<String>); // expect: true
}

Future<void> collections() async {
  final list = await there(<int>[1, 2, 3]);
  print('$list ${list is List<int>} ${list is List<String>}'); // expect: [1, 2, 3] true false
  list.add(4);
  print(list); // expect: [1, 2, 3, 4]
  final fixed = await there(List<String>.filled(2, 'a'));
  try {
    fixed.add('b');
  } on UnsupportedError {
    print('still fixed'); // expect: still fixed
  }
  final map = await there({'b': 1, 'a': 2, 'c': [3]});
  print(map); // expect: {b: 1, a: 2, c: [3]}
  print('${map['a']} ${map['zz']} ${map.containsKey('c')}'); // expect: 2 null true
  final byObject = Pair(1, 2);
  final keys = await there([byObject, {byObject: 'found'}]) as List;
  print((keys[1] as Map)[keys[0]]); // expect: found
  print(await there({3, 1, 2})); // expect: {3, 1, 2}
  print((await there(SplayTreeMap.of({2: 'b', 1: 'a'})))); // expect: {1: a, 2: b}
  print((await there(Queue.of([1, 2, 3]))).removeFirst()); // expect: 1
  print(await there((1, name: 'two', three: [3]))); // expect: (1, name: two, three: [3])
  print(await there({(1, 'a'): 'record key'}) as Map == {}); // expect: false
  final records = await there({(1, 'a'): 'record key'}) as Map;
  print(records[(1, 'a')]); // expect: record key
  final pair = await there<Object>(Pair<int, List<String>>(1, ['x']));
  print('${pair is Pair<int, List<String>>} ${pair is Pair<String, Object>}'); // expect: true false
  print(await there(DateTime.utc(2026, 11, 21, 9))); // expect: 2026-11-21 09:00:00.000Z
  print(await there(const Duration(seconds: 90))); // expect: 0:01:30.000000
  print(await there(Uri.parse('https://example.com/a?b=c'))); // expect: https://example.com/a?b=c
  print((await there(RegExp('a+b'))).hasMatch('xaab')); // expect: true
  print((await there(StringBuffer('text')..write('!')))); // expect: text!
  print(await there(StateError('as data'))); // expect: Bad state: as data
}

Future<void> identity() async {
  final shared = ['shared'];
  final twice = await there([shared, shared]);
  print(identical(twice[0], twice[1])); // expect: true
  print(identical(twice[0], shared)); // expect: false
  final a = Node('a'), b = Node('b');
  a.next = b;
  b.next = a;
  a.others = [a, b, a.others];
  final copy = await there(a);
  print('${copy.label} ${copy.next!.label} ${identical(copy.next!.next, copy)}'); // expect: a b true
  print(identical(copy.others[0], copy) && identical(copy.others[1], copy.next)); // expect: true
  final List<Object?> itself = [];
  itself.add(itself);
  final round = await there(itself);
  print(identical(round, round[0])); // expect: true
  print(identical(await there(Suit.hearts), Suit.hearts)); // expect: true
  print(await there(Suit.values)); // expect: [Suit.clubs, Suit.hearts]
  print(identical(await there(origin), const Point(0, 0))); // expect: true
  print(identical(await there(const [1, 2]), const [1, 2])); // expect: true
  print(identical(await there(const {'a': 1}), const {'a': 1})); // expect: true
  final hashed = Object();
  final hash = hashed.hashCode;
  print((await there(hashed)).hashCode == hash); // expect: true
}

Future<void> data() async {
  final bytes = Uint8List.fromList([1, 2, 3, 4, 5, 6, 7, 8]);
  final views = await there([bytes, Uint16List.view(bytes.buffer, 2, 2), ByteData.sublistView(bytes, 4)]);
  final copy = views[0] as Uint8List;
  final halves = views[1] as Uint16List;
  final tail = views[2] as ByteData;
  copy[2] = 255;
  print(halves[0] == 255 + 256 * 4); // expect: true
  tail.setUint8(0, 77);
  print(copy); // expect: [1, 2, 255, 4, 77, 6, 7, 8]
  print(bytes); // expect: [1, 2, 3, 4, 5, 6, 7, 8]
  print(copy.buffer == halves.buffer); // expect: true
  print(await there(Float64List.fromList([0.5, -1]))); // expect: [0.5, -1.0]
  print(await there(Int64List.fromList([-1, 1 << 62]))); // expect: [-1, 4611686018427387904]
  print((await there(Float32x4(1, 2, 3, 4))).w); // expect: 4.0
}

Future<void> handles() async {
  final port = ReceivePort();
  final back = await there(port.sendPort);
  print('${back == port.sendPort} ${back.hashCode == port.sendPort.hashCode}'); // expect: true true
  back.send('through the copy');
  print(await port.first); // expect: through the copy
  final capability = Capability();
  print('${await there(capability) == capability} ${Capability() == capability}'); // expect: true false
  final weak = WeakReference(origin);
  final both = await there([origin, weak]) as List;
  print(identical((both[1] as WeakReference).target, both[0])); // expect: true
}

int tenfold(int n) => n * 10;

class Counter {
  int count = 0;
  int next() => ++count;
}

Future<void> closures() async {
  print((await there(tenfold))(4)); // expect: 40
  final by = 7;
  print((await there((int n) => n * by))(6)); // expect: 42
  var cell = 0;
  void up() => cell++;
  int now() => cell;
  final pair = await there([up, now]);
  (pair[0] as void Function())();
  (pair[0] as void Function())();
  print('${(pair[1] as int Function())()} $cell'); // expect: 2 0
  final counter = Counter();
  counter.next();
  final next = await there(counter.next);
  print('${next()} ${next()} ${counter.count}'); // expect: 2 3 1
}

Future<void> main() async {
  final port = ReceivePort();
  replies = port.asBroadcastStream();
  final handshake = replies.first;
  await Isolate.spawn(echo, port.sendPort);
  other = await handshake as SendPort;
  await scalars();
  await collections();
  await identity();
  await data();
  await handles();
  await closures();
  other.send('stop');
  port.close();
}
