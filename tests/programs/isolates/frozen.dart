// Deeply immutable data is copied once, at its first sending, and shared from then on: contents, identity, what it costs, when it goes.
// stress
import 'dart:isolate';

import 'package:eyot/isolate.dart' as eyot;

import '_echo.dart';

@pragma('vm:deeply-immutable')
final class Entry {
  final String key;
  final int number;
  final double share;
  final Entry? next;
  Entry(this.key, this.number, this.share, this.next);
}

/// Marked, but what it holds may change: shared it would be a mistake.
@pragma('vm:deeply-immutable')
class Loose {
  List<int> numbers;
  String name = 'first';
  Loose(this.numbers);
}

class Mutable {
  int value = 0;
  final List<Object?> list;
  Mutable(this.list);
}

List<String> table(int length) =>
    List.unmodifiable([for (var i = 0; i < length; i++) 'row $i of the table']);

Entry chain(int length) {
  Entry? last;
  for (var i = 0; i < length; i++) {
    last = Entry('key $i', i, i / 4, last);
  }
  return last!;
}

/// Sends back whatever comes; keeps it until it is told to forget.
void keeping(SendPort home) {
  final port = RawReceivePort();
  final kept = <Object?>[];
  home.send(port.sendPort);
  port.handler = (Object? message) {
    if (message == 'stop') {
      port.close();
    } else if (message == 'forget') {
      final last = letGo(kept);
      churn();
      // A weak reference into a region that nothing else refers to is cleared with it.
      home.send(last.target == null);
    } else {
      kept.add(message);
      home.send(message);
    }
  };
}

WeakReference<Object> letGo(List<Object?> kept) {
  final last = WeakReference(kept.last!);
  kept.clear();
  return last;
}

late Echo echo;

Future<T> there<T>(T value) => echo.there(value);

Future<void> identity() async {
  final rows = table(200);
  final first = await there(rows);
  final second = await there(rows);
  print('${identical(first, second)} ${identical(first, rows)}'); // expect: true true
  print([first.length, first[0], first[199]]); // expect: [200, row 0 of the table, row 199 of the table]
  print(identityHashCode(first) == identityHashCode(rows)); // expect: true
  final entry = chain(100);
  final back = await there(entry);
  print('${identical(back, entry)} ${back.next!.number} ${back.share}'); // expect: true 98 24.75
  // A part that was shared before, in new company.
  final record = (rows, 'and', entry);
  final list = List<Object?>.unmodifiable([record, rows, 1.5, null, #name, int, for (var i = 0; i < 200; i++) i]);
  final both = await there(list);
  final (a, b, c) = both[0] as (List<String>, String, Entry);
  print('${identical(a, rows)} $b ${identical(c, entry)} ${identical(both[1], rows)} ${both.sublist(2, 6)}'); // expect: true and true true [1.5, null, Symbol("name"), int]
  try {
    (first as dynamic)[0] = 'changed';
  } on UnsupportedError {
    print('still unmodifiable'); // expect: still unmodifiable
  }
}

Future<void> mixtures() async {
  final rows = table(100);
  final mutable = Mutable([rows, rows]);
  final holder = List<Object?>.unmodifiable([mutable, rows, for (var i = 0; i < 200; i++) i]);
  final back = await there(holder);
  final copy = back[0] as Mutable;
  print([identical(back, holder), identical(copy, mutable), identical(copy.list[0], rows), identical(back[1], rows)]); // expect: [false, false, true, true]
  copy.value = 7;
  copy.list[0] = 'replaced';
  print([mutable.value, identical(mutable.list[0], rows)]); // expect: [0, true]
  final loose = Loose(List.filled(500, 1));
  final other = await there(loose);
  other.numbers[0] = 2;
  other.name = 'second';
  print([loose.numbers[0], loose.name, other.numbers[0], other.name]); // expect: [1, first, 2, second]
  // Short strings and records that the message has copied before the frozen part is reached.
  final text = 'short ${rows.length}';
  final mixed = <Object?>[text, (text, 2), List<Object?>.unmodifiable([text, (text, 3), ...rows])];
  final reply = await there(mixed);
  final inner = reply[2] as List<Object?>;
  print([reply[0], reply[1], inner[0], inner[1], inner.last]); // expect: [short 100, (short 100, 2), short 100, (short 100, 3), row 99 of the table]
  // A cycle through something mutable.
  final cyclic = <Object?>[];
  final ring = List<Object?>.unmodifiable([cyclic, ...rows]);
  cyclic.add(ring);
  final turned = await there(ring);
  print(identical((turned[0] as List)[0], turned)); // expect: true
  // What cannot be sent is found behind immutable objects.
  final port = ReceivePort();
  try {
    cannot(List<Object?>.unmodifiable([...rows, port]));
  } on ArgumentError catch (error) {
    print('$error'.split('\n').first); // expect: Invalid argument(s): Illegal argument in isolate message: an instance of '_ReceivePort' cannot be sent
  }
  port.close();
  print(rows.last); // expect: row 99 of the table
}

void cannot(Object? value) => echo.port.send(value);

Future<void> cost() async {
  final rows = table(4000);
  await there(rows);
  churn();
  final before = eyot.ownStats().heapBytes;
  for (var i = 0; i < 50; i++) {
    await there(rows);
  }
  final after = eyot.ownStats().heapBytes;
  final held = (await eyot.stats(echo.isolate)).heapBytes;
  // A copy is about 190 KB: fifty of them would be seen.
  print([after - before < 2 << 20, held > 150 << 10, held < 2 << 20]); // expect: [true, true, true]
  print(await there<Object?>('forget')); // expect: true
  print(rows[3999]); // expect: row 3999 of the table
}

Future<void> main() async {
  echo = await Echo.start(keeping);
  await identity();
  await mixtures();
  await cost();
  // The result of a computation, and back into another.
  final rows = await Isolate.run(() => table(500));
  final same = await Isolate.run(() => rows);
  print('${identical(rows, same)} ${rows.length} ${same[499]}'); // expect: true 500 row 499 of the table
  await echo.stop();
}
