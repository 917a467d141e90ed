// Map and reduce: words of many texts are counted in parallel, and the counts put together in pairs, in parallel as well.
import 'dart:async';
import 'dart:isolate';

typedef Counts = Map<String, int>;

Counts count(String text) {
  final counts = <String, int>{};
  for (final word in text.split(' ')) {
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

Counts merge(Counts one, Counts other) {
  final merged = Map.of(one);
  other.forEach((word, count) => merged[word] = (merged[word] ?? 0) + count);
  return merged;
}

/// The results of [Isolate.run] are moved, not copied.
Future<Counts> reduce(List<Counts> parts) async {
  while (parts.length > 1) {
    parts = await Future.wait([
      for (int i = 0; i < parts.length; i += 2)
        if (i + 1 < parts.length)
          _merged(parts[i], parts[i + 1])
        else
          Future.value(parts[i])
    ]);
  }
  return parts.single;
}

// The closure that is sent captures what it mentions: these two maps.
Future<Counts> _merged(Counts one, Counts other) =>
    Isolate.run(() => merge(one, other));

Future<Counts> _counted(String text) => Isolate.run(() => count(text));

Future<void> main() async {
  const words = ['ait', 'eyot', 'holm', 'isle', 'key'];
  final texts = [
    for (int i = 0; i < 9; i++)
      [for (int j = 0; j < 1000; j++) words[(i * j + j) % words.length]].join(' ')
  ];
  final counts = await reduce(await Future.wait(texts.map(_counted)));
  final sorted = counts.keys.toList()..sort();
  for (final word in sorted) {
    print('$word ${counts[word]}');
  }
  // expect: ait 2600
  // expect: eyot 1600
  // expect: holm 1600
  // expect: isle 1600
  // expect: key 1600
}
