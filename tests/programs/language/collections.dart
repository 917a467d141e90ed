// Literals with spread, if and for; lists, maps, sets and lazy iterables.
// stress

void main() {
  final extra = [3, 4];
  List<int>? none;
  bool yes = extra.length == 2;
  print([1, 2, ...extra, ...?none, if (yes) 5, if (!yes) 6 else 7, for (var i = 8; i < 10; i++) i]);
  // expect: [1, 2, 3, 4, 5, 7, 8, 9]
  print({'a': 1, ...{'b': 2}, if (yes) 'c': 3, for (final x in extra) '$x': x});
  // expect: {a: 1, b: 2, c: 3, 3: 3, 4: 4}
  print({1, 2, ...extra, 2, 1}); // expect: {1, 2, 3, 4}
  print([for (final x in extra) if (x.isOdd) ...[x, x] else -x]); // expect: [3, 3, -4]
  int? absent;
  print([?absent, ?1, 2]); // expect: [1, 2]

  final list = [5, 3, 9, 1]..sort();
  print(list); // expect: [1, 3, 5, 9]
  list.sort((a, b) => b - a);
  print(list); // expect: [9, 5, 3, 1]
  list
    ..insert(1, 7)
    ..removeAt(0)
    ..removeWhere((x) => x == 3)
    ..addAll([2, 2]);
  print('$list ${list.length} ${list.indexOf(2)} ${list.lastIndexOf(2)}'); // expect: [7, 5, 1, 2, 2] 5 3 4
  print(list.reversed.toList()); // expect: [2, 2, 1, 5, 7]
  print(list.sublist(1, 3)); // expect: [5, 1]
  print(list.getRange(0, 2).toList()); // expect: [7, 5]
  print(list.fold<int>(0, (sum, x) => sum + x)); // expect: 17
  print(list.reduce((a, b) => a > b ? a : b)); // expect: 7
  print(list.asMap()[1]); // expect: 5
  print(list.expand((x) => [x, x * 10]).take(4).toList()); // expect: [7, 70, 5, 50]
  print(list.skipWhile((x) => x > 1).toSet()); // expect: {1, 2}
  print(list.firstWhere((x) => x < 0, orElse: () => -1)); // expect: -1
  print(list.where((x) => x > 1).map((x) => 'n$x').join(',')); // expect: n7,n5,n2,n2
  print(list.any((x) => x > 6) && list.every((x) => x > 0)); // expect: true
  print([[1], [2, 3]].expand((x) => x).toList()); // expect: [1, 2, 3]
  print(List.generate(3, (i) => i * i)); // expect: [0, 1, 4]
  print(List.filled(2, 'x')); // expect: [x, x]
  print([1, 2, 3].indexed.map((e) => '${e.$1}:${e.$2}').toList()); // expect: [0:1, 1:2, 2:3]

  final map = <String, int>{'one': 1, 'two': 2};
  map['three'] = 3;
  map.update('one', (v) => v + 10);
  map.update('four', (v) => v, ifAbsent: () => 4);
  map.remove('two');
  print(map); // expect: {one: 11, three: 3, four: 4}
  print(map.keys.toList()); // expect: [one, three, four]
  print(map.values.reduce((a, b) => a + b)); // expect: 18
  print(map.map((k, v) => MapEntry(v, k))); // expect: {11: one, 3: three, 4: four}
  print(map.entries.where((e) => e.value > 3).map((e) => e.key).toList()); // expect: [one, four]
  print(map.containsKey('two') || map.containsValue(99)); // expect: false
  map.removeWhere((k, v) => v > 10);
  print('${map.length} ${map['none']}'); // expect: 2 null

  final set = {1, 2, 3};
  print(set.union({3, 4})); // expect: {1, 2, 3, 4}
  print(set.intersection({2, 3, 5})); // expect: {2, 3}
  print(set.difference({2})); // expect: {1, 3}
  print(set.add(1)); // expect: false
  print(set.contains(2)); // expect: true
  const fixed = [1, 2];
  try {
    fixed.add(3);
  } on UnsupportedError {
    print('unmodifiable'); // expect: unmodifiable
  }
  print(identical(const [1, 2], fixed)); // expect: true
  try {
    for (final x in list) {
      if (x == 5) list.add(0);
    }
  } on ConcurrentModificationError {
    print('concurrent'); // expect: concurrent
  }
}
