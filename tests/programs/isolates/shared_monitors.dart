// Mutexes and condition variables that isolates share.
// flags: --experimental-shared-data
// stress
import 'dart:async';
import 'dart:concurrent';
import 'dart:io';
import 'dart:isolate';

@pragma('vm:shared')
final mutex = Mutex();

@pragma('vm:shared')
final changed = ConditionVariable();

@pragma('vm:shared')
int counter = 0;

@pragma('vm:shared')
List<int> queue = const [];

@pragma('vm:shared')
bool isOver = false;

/// What a call throws.
String errorOf(void Function() call) {
  try {
    call();
  } catch (error) {
    return '$error';
  }
  return 'nothing';
}

void increment(int times) {
  for (var i = 0; i < times; i++) {
    mutex.runLocked(() => counter++);
  }
}

void put(int value) {
  mutex.runLocked(() {
    while (queue.length >= 3) {
      changed.wait(mutex);
    }
    queue = List.unmodifiable([...queue, value]);
    changed.notifyAll();
  });
}

int take() => mutex.runLocked(() {
      while (queue.isEmpty) {
        changed.wait(mutex);
      }
      final first = queue.first;
      queue = List.unmodifiable(queue.skip(1));
      changed.notifyAll();
      return first;
    });

void hold(SendPort port) => mutex.runLocked(() {
      counter = 1;
      port.send('locked');
      while (!isOver) {}
    });

void lockAndSay(SendPort port) {
  port.send('begun');
  mutex.runLocked(() => port.send('has it'));
}

void waitAndSay(SendPort port) => mutex.runLocked(() {
      port.send('waits');
      changed.wait(mutex);
      port.send('told');
    });

Future<void> main() async {
  // One at a time.
  await Future.wait([for (var i = 0; i < 50; i++) Isolate.run(() => increment(20))]);
  print(counter); // expect: 1000

  // A queue with room for three.
  final sums = Future.wait([
    for (var i = 0; i < 4; i++)
      Isolate.run(() {
        var sum = 0;
        for (var i = 0; i < 10; i++) sum += take();
        return sum;
      })
  ]);
  await Future.wait([
    for (var i = 0; i < 2; i++)
      Isolate.run(() {
        for (var j = 1; j <= 20; j++) put(j);
      })
  ]);
  print((await sums).reduce((a, b) => a + b)); // expect: 420

  // Misuse.
  print(mutex.runLocked(() => 'result')); // expect: result
  print(errorOf(() => mutex.runLocked(() => throw 'thrown'))); // expect: thrown
  print(errorOf(() => mutex.runLocked(() => mutex.runLocked(() {})))); // expect: Bad state: the isolate has locked this mutex already
  print(errorOf(() => changed.wait(mutex))); // expect: Bad state: the isolate has not locked the mutex
  print(mutex.runLocked(() => 'free again')); // expect: free again
  print(mutex.runLocked(() => Mutex().runLocked(() => 'another one'))); // expect: another one

  // Time.
  final watch = Stopwatch()..start();
  print(mutex.runLocked(() => changed.wait(mutex, timeout: const Duration(milliseconds: 20)))); // expect: false
  print(watch.elapsedMilliseconds >= 20); // expect: true
  print(mutex.runLocked(() => changed.wait(mutex, timeout: Duration.zero))); // expect: false
  sleep(const Duration(milliseconds: 1));
  final told = Isolate.run(() =>
      mutex.runLocked(() => changed.wait(mutex, timeout: const Duration(seconds: 100))));
  var isTold = false;
  unawaited(told.then((_) => isTold = true));
  while (!isTold) {
    mutex.runLocked(() => changed.notify());
    await Future<void>.delayed(const Duration(milliseconds: 1));
  }
  print(await told); // expect: true

  // The mutex of an isolate that was killed goes to the next one.
  final receive = ReceivePort();
  final messages = StreamIterator<Object?>(receive);
  Future<Object?> next() async {
    await messages.moveNext();
    return messages.current;
  }

  final holder = await Isolate.spawn(hold, receive.sendPort);
  print(await next()); // expect: locked
  final waiter = await Isolate.spawn(lockAndSay, receive.sendPort);
  print(await next()); // expect: begun
  final killed = await Isolate.spawn(lockAndSay, receive.sendPort, onExit: receive.sendPort);
  print(await next()); // expect: begun
  killed.kill(priority: Isolate.immediate);
  print(await next()); // expect: null
  holder.kill(priority: Isolate.immediate);
  print(await next()); // expect: has it
  print(mutex.runLocked(() => counter)); // expect: 1

  // Who waits for a condition can be killed, too, and somebody else is told.
  final first = await Isolate.spawn(waitAndSay, receive.sendPort, onExit: receive.sendPort);
  print(await next()); // expect: waits
  await Isolate.spawn(waitAndSay, receive.sendPort);
  print(await next()); // expect: waits
  first.kill(priority: Isolate.immediate);
  print(await next()); // expect: null
  mutex.runLocked(() => changed.notify());
  print(await next()); // expect: told
  await messages.cancel();

  // A hundred that wait leave the others alone.
  final crowd = Mutex();
  final entered = [0].length;
  final all = crowd.runLocked(() {
    final waiting = [for (var i = 0; i < 100; i++) Isolate.run(() => crowd.runLocked(() => entered))];
    for (var i = 0; i < 10; i++) {
      sleep(const Duration(milliseconds: 1));
    }
    return waiting;
  });
  print((await Future.wait(all)).length); // expect: 100
}
