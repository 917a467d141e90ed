// Calls that need no isolate.
// flags: --experimental-shared-data
// stress
import 'dart:async';
import 'dart:concurrent';
import 'dart:isolate';

import 'package:dart_internal/isolate_group.dart' show IsolateGroup;

int own = 1;
final computed = [1, 2, 3].length;
String? name;

class Settings {
  static var level = 3;
}

@pragma('vm:shared')
int counter = 0;

@pragma('vm:shared')
final mutex = Mutex();

@pragma('vm:shared')
final fromOutside = IsolateGroup.runSync(() => 'computed outside');

/// What a call throws.
String errorOf(void Function() call) {
  try {
    call();
  } on FieldAccessError catch (error) {
    return 'no access to ${error.field}';
  } catch (error) {
    return '$error';
  }
  return 'nothing';
}

String failsBy(void Function() call) => errorOf(() => IsolateGroup.runSync(call));

int deeper(int depth) => depth == 0 ? 0 : 1 + IsolateGroup.runSync(() => deeper(depth - 1));

class Failure implements Exception {
  final int code;
  const Failure(this.code);
  String toString() => 'Failure $code';
}

void spin(SendPort port) {
  IsolateGroup.runSync(() {
    port.send('spins');
    while (counter >= 0) mutex.runLocked(() {});
  });
}

Future<void> main() async {
  final base = int.parse('40');
  print(IsolateGroup.runSync(() => base + 2)); // expect: 42
  print(IsolateGroup.runSync(() => [1, 2, [base]])); // expect: [1, 2, [40]]
  print(IsolateGroup.runSync(() => null)); // expect: null
  print(fromOutside); // expect: computed outside

  // What isolates have of their own.
  print(failsBy(() => own++)); // expect: no access to own
  print(failsBy(() => own = 2)); // expect: no access to own
  print(failsBy(() => computed)); // expect: no access to computed
  print(failsBy(() => name)); // expect: no access to name
  print(failsBy(() => Settings.level)); // expect: no access to Settings.level
  print('$own $computed $name ${Settings.level}'); // expect: 1 3 null 3
  print(IsolateGroup.runSync(() => errorOf(() => own))); // expect: no access to own

  // What they share.
  IsolateGroup.runSync(() => counter += 5);
  print(counter); // expect: 5
  await Future.wait([
    for (var i = 0; i < 10; i++)
      Isolate.run(() => IsolateGroup.runSync(() {
            for (var i = 0; i < 10; i++) mutex.runLocked(() => counter++);
          }))
  ]);
  print(counter); // expect: 105

  // The libraries work.
  IsolateGroup.runSync(() => print('printed')); // expect: printed
  print(IsolateGroup.runSync(() => '${[{'a': 1.5}]} ${RegExp(r'\d+').stringMatch('ab12')}')); // expect: [{a: 1.5}] 12
  print(IsolateGroup.runSync(() => [3, 1, 2]..sort())); // expect: [1, 2, 3]

  // But for those that need events.
  print(failsBy(() => Timer(Duration.zero, () {}))); // expect: Unsupported operation: ports, timers and microtasks need an isolate, and this code runs without one
  print(failsBy(() => scheduleMicrotask(() {}))); // expect: Unsupported operation: ports, timers and microtasks need an isolate, and this code runs without one
  print(failsBy(() => ReceivePort())); // expect: Unsupported operation: ports, timers and microtasks need an isolate, and this code runs without one

  // Errors come as they are; what can change is refused.
  try {
    IsolateGroup.runSync(() => throw const Failure(7));
  } on Failure catch (failure) {
    print(failure.code); // expect: 7
  }
  var captured = 0;
  print(failsBy(() => captured++).startsWith('Invalid argument(s): the function must be deeply immutable')); // expect: true
  print(captured); // expect: 0
  print(deeper(20)); // expect: 20

  // It ends with its caller.
  final receive = ReceivePort();
  final messages = StreamIterator<Object?>(receive);
  final spinner = await Isolate.spawn(spin, receive.sendPort, onExit: receive.sendPort);
  await messages.moveNext();
  print(messages.current); // expect: spins
  spinner.kill(priority: Isolate.immediate);
  await messages.moveNext();
  print(messages.current); // expect: null
  print(mutex.runLocked(() => 'free')); // expect: free
  await messages.cancel();
}
