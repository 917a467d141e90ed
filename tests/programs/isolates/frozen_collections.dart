// Unmodifiable maps and sets, records and unmodifiable typed data are shared from the first sending on, like unmodifiable lists.
// stress
import 'dart:isolate';
import 'dart:typed_data';

import '_echo.dart';

@pragma('vm:deeply-immutable')
final class Key {
  final String name;
  final int number;
  Key(this.name, this.number);
  bool operator ==(Object other) => other is Key && other.name == name && other.number == number;
  int get hashCode => Object.hash(name, number);
}

/// Compared by identity.
@pragma('vm:deeply-immutable')
final class Mark {
  final int number;
  Mark(this.number);
}

late Echo echo;

Future<T> there<T>(T value) => echo.there(value);

Future<void> maps() async {
  final map = Map<String, int>.unmodifiable({for (var i = 0; i < 500; i++) 'key $i': i});
  final back = await there(map);
  print([identical(back, map), back.length, back['key 77'], back['none'], back.containsKey('key 499'), back.containsValue(-1)]); // expect: [true, 500, 77, null, true, false]
  print([identical(await there(map), back), back.keys.first, back.values.last, back.entries.elementAt(3).key]); // expect: [true, key 0, 499, key 3]
  print([refuses(() => back['new'] = 1), refuses(back.clear), refuses(() => back.remove('key 0')), map.length]); // expect: [true, true, true, 500]
  print([back is Map<String, int>, back is Map<int, int>, back.map((key, value) => MapEntry(value, key))[5]]); // expect: [true, false, key 5]
  // Keys of a class of the program, and keys by identity.
  final keyed = Map<Key, List<int>>.unmodifiable({for (var i = 0; i < 50; i++) Key('k', i): List<int>.unmodifiable([i, i * i])});
  final keyedBack = await there(keyed);
  print([identical(keyedBack, keyed), keyedBack[Key('k', 7)], keyedBack[Key('k', 50)]]); // expect: [true, [7, 49], null]
  final marks = [for (var i = 0; i < 50; i++) Mark(i)];
  final marked = Map<Mark, int>.unmodifiable({for (final mark in marks) mark: mark.number});
  final markedBack = await there(marked);
  print([identical(markedBack, marked), markedBack[marks[30]], markedBack.keys.every((mark) => markedBack[mark] == mark.number)]); // expect: [true, 30, true]
  // One that holds something that can change is copied.
  final loose = Map<int, List<int>>.unmodifiable({for (var i = 0; i < 100; i++) i: [i]});
  final looseBack = await there(loose);
  looseBack[3]!.add(4);
  print([identical(looseBack, loose), loose[3], looseBack[3]]); // expect: [false, [3], [3, 4]]
  print([(await there(Map<int, int>.unmodifiable({}))).isEmpty, (await there(Map<int, int>.unmodifiable({1: 2})))[1]]); // expect: [true, 2]
}

Future<void> sets() async {
  final set = Set<Object?>.unmodifiable({null, true, 1.5, 'text', for (var i = 0; i < 300; i++) 'element $i', Key('in', 1)});
  final back = await there(set);
  print([identical(back, set), back.length, back.contains('element 200'), back.contains(null), back.contains(Key('in', 1)), back.contains(2)]); // expect: [true, 305, true, true, true, false]
  print([refuses(() => back.add(1)), refuses(() => back.remove(null)), back.toSet().length, back.union({7}).length]); // expect: [true, true, 305, 306]
  final marks = Set<Mark>.unmodifiable([for (var i = 0; i < 100; i++) Mark(i)]);
  final marksBack = await there(marks);
  print([identical(marksBack, marks), marksBack.every(marksBack.contains), marksBack.contains(Mark(1))]); // expect: [true, true, false]
}

Future<void> records() async {
  (Object?, Object?) chain = (null, 0);
  for (var i = 1; i < 200; i++) {
    chain = (chain, i);
  }
  final back = await there(chain);
  print([back == chain, (back.$1 as (Object?, Object?)).$2]); // expect: [true, 198]
  final mixed = ((1, 'one'), [2], (chain, Map<int, int>.unmodifiable({for (var i = 0; i < 100; i++) i: -i})));
  final mixedBack = await there(mixed);
  mixedBack.$2.add(3);
  print([mixedBack.$1, mixed.$2, mixedBack.$3.$2[99], mixedBack.$3.$1 == chain, identical(mixedBack.$3.$2, mixed.$3.$2)]); // expect: [(1, one), [2], -99, true, true]
}

Future<void> main() async {
  echo = await Echo.start();
  await maps();
  await sets();
  await records();
  // And back from an isolate that has ended.
  final map = await Isolate.run(() => Map<int, String>.unmodifiable({for (var i = 0; i < 1000; i++) i: 'value $i'}));
  final same = await Isolate.run(() => map);
  print([identical(map, same), same[999]]); // expect: [true, value 999]
  await echo.stop();
}
