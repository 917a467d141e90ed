// Variables that the isolates of a group share.
// flags: --experimental-shared-data
// stress
import 'dart:async';
import 'dart:io';
import 'dart:isolate';
import 'dart:typed_data';

@pragma('vm:shared')
int counter = 0;

@pragma('vm:shared')
String name = 'nobody';

@pragma('vm:shared')
String? nothing;

@pragma('vm:shared')
double half = 0.5;

@pragma('vm:shared')
Object? anything;

@pragma('vm:shared')
List<int>? numbers;

@pragma('vm:shared')
void Function(String)? callback;

@pragma('vm:shared')
SendPort? port;

class Settings {
  @pragma('vm:shared')
  static Point origin = Point(1, 2);

  @pragma('vm:shared')
  static final computed = compute();
}

@pragma('vm:deeply-immutable')
final class Point {
  final int x, y;
  final Point? next;
  Point(this.x, this.y, [this.next]);
  String toString() => '($x, $y)${next ?? ''}';
}

class Changing {
  int value = 0;
}

int calls = 0;

int compute() {
  calls++;
  port!.send('computed');
  sleep(const Duration(milliseconds: 5));
  return 42;
}

@pragma('vm:shared')
int fails = throw StateError('not now');

@pragma('vm:shared')
int needsItself = needsItself + 1;

@pragma('vm:shared')
final Object startsBadly = <int>[];

@pragma('vm:shared')
int slow = spin();

int spin() {
  port!.send('spinning');
  while (counter >= 0) {}
  return 1;
}

/// What a call throws.
String errorOf(void Function() call) {
  try {
    call();
  } on ArgumentError catch (error) {
    return '${error.name}';
  } catch (error) {
    return '$error';
  }
  return 'nothing';
}

Future<void> main() async {
  // Seen by isolates that are there, and by later ones.
  counter = 5;
  name = 'main';
  half += 1;
  counter++;
  print(await Isolate.run(() => '$counter $name $nothing $half ${Settings.origin}')); // expect: 6 main null 1.5 (1, 2)
  await Isolate.run(() {
    counter *= 2;
    name = 'child ' * 3;
    nothing = '$counter';
    Settings.origin = Point(3, 4, Point(5, 6));
  });
  print('$counter $name$nothing ${Settings.origin}'); // expect: 12 child child child 12 (3, 4)(5, 6)

  // One object, for writer and readers.
  final point = Point(7, 8);
  Settings.origin = point;
  print(identical(point, Settings.origin)); // expect: true
  print(identical(Settings.origin, Settings.origin)); // expect: true
  print(identical(point, await Isolate.run(() => Settings.origin))); // expect: true
  name = point.toString() + name;
  print(identical(name, name)); // expect: true

  // Of other kinds.
  anything = (1, 'two', [3].length, 1 << 62, const [4, 5], #six, int);
  print(await Isolate.run(() => '$anything')); // expect: (1, two, 1, 4611686018427387904, [4, 5], Symbol("six"), int)
  numbers = List.unmodifiable([1, 2, 3]);
  final offset = int.parse('10');
  anything = () => offset + counter;
  print(await Isolate.run(() => numbers!.length + (anything as int Function())())); // expect: 25
  callback = print;
  callback!('torn off'); // expect: torn off

  // What can change is refused, and what was there stays.
  print(errorOf(() => numbers = [1])); // expect: numbers
  print(errorOf(() => anything = Changing())); // expect: anything
  var captured = 0;
  print(errorOf(() => callback = (_) => captured++)); // expect: callback
  print(errorOf(() => startsBadly)); // expect: startsBadly
  print('$numbers $captured'); // expect: [1, 2, 3] 0
  print(errorOf(() => numbers = Uint8List(8))); // expect: Unsupported operation: not supported yet: typed data that can be written to in the shared variable 'numbers'
  numbers = const [7];
  print(numbers); // expect: [7]

  // Computed once, whoever comes first.
  final receive = ReceivePort();
  port = receive.sendPort;
  final messages = StreamIterator<Object?>(receive);
  final all = [for (var i = 0; i < 10; i++) Isolate.run(() => Settings.computed)];
  print((await all.wait).reduce((a, b) => a + b)); // expect: 420
  await messages.moveNext();
  port!.send('nobody else');
  await messages.moveNext();
  print(messages.current); // expect: nobody else
  print(calls); // expect: 0

  // Computed again if that failed.
  print(errorOf(() => fails)); // expect: Bad state: not now
  print(errorOf(() => fails)); // expect: Bad state: not now
  fails = 3;
  print(await Isolate.run(() => fails)); // expect: 3
  print(errorOf(() => needsItself)); // expect: Bad state: the initial value of the shared variable 'needsItself' is needed to compute it

  // Who computes is killed: the next one does.
  final spinner = await Isolate.spawn((_) => slow, null);
  await messages.moveNext();
  print(messages.current); // expect: spinning
  final waiting = Isolate.run(() => slow);
  spinner.kill(priority: Isolate.immediate);
  await messages.moveNext();
  print(messages.current); // expect: spinning
  counter = -1;
  print(await waiting); // expect: 1
  await messages.cancel();
}
