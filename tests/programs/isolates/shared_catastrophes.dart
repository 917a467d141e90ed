// Isolates are killed at random while they hold, await and compute what they share.
// flags: --experimental-shared-data
import 'dart:async';
import 'dart:concurrent';
import 'dart:isolate';
import 'dart:math';

import 'package:dart_internal/isolate_group.dart' show IsolateGroup;

@pragma('vm:shared')
final mutex = Mutex();

@pragma('vm:shared')
final other = Mutex();

@pragma('vm:shared')
final changed = ConditionVariable();

@pragma('vm:shared')
Object value = 'start';

@pragma('vm:shared')
int first = compute(1);

@pragma('vm:shared')
int second = compute(2);

int compute(int value) {
  for (var i = 0; i < 20000; i++) {
    value += i & 1;
  }
  return value;
}

void act(int seed) {
  final random = Random(seed);
  while (true) {
    switch (random.nextInt(6)) {
      case 0:
        mutex.runLocked(() => value = 'a' * random.nextInt(3000));
      case 1:
        mutex.runLocked(() => other.runLocked(() => value));
      case 2:
        mutex.runLocked(() => changed.wait(mutex, timeout: Duration(microseconds: random.nextInt(300))));
      case 3:
        mutex.runLocked(changed.notify);
      case 4:
        first + second;
      case 5:
        IsolateGroup.runSync(() => mutex.runLocked(() => value = List.unmodifiable([value is List, seed])));
    }
  }
}

Future<void> main() async {
  final random = Random(1);
  for (var round = 0; round < 30; round++) {
    final end = ReceivePort();
    final isolates = [
      for (var i = 0; i < 8; i++)
        await Isolate.spawn(act, round * 8 + i, onExit: end.sendPort)
    ];
    final ends = end.take(8).length;
    for (final isolate in isolates) {
      await Future<void>.delayed(Duration(microseconds: random.nextInt(600)));
      isolate.kill(priority: Isolate.immediate);
    }
    await ends;
  }
  print(mutex.runLocked(() => other.runLocked(() => 'both are free'))); // expect: both are free
  print(mutex.runLocked(() => changed.wait(mutex, timeout: Duration.zero))); // expect: false
  print('$first $second'); // expect: 10001 10002
}
