// Pools of isolates: tasks in order, errors, time-outs, cancelling, broadcast; workers that die are replaced.
import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

int visits = 0;

int square(int n) => n * n;

Never spin() {
  while (true) {}
}

Future<void> main() async {
  print(await compute(square, 12)); // expect: 144
  try {
    await compute((int n) => throw FormatException('no $n'), 3);
  } on FormatException catch (error) {
    print(error.message); // expect: no 3
  }

  final pool = IsolatePool(size: 2);
  final squares = await Future.wait([
    for (int i = 0; i < 20; i++) pool.run(() => square(i)),
  ]);
  print(squares.reduce((a, b) => a + b)); // expect: 2470
  print(await pool.run(() async {
    await Future<void>.delayed(const Duration(milliseconds: 1));
    return 'later';
  })); // expect: later

  // Statics stay from task to task.
  await pool.broadcast(() => visits = 7);
  print(await pool.broadcast(() => visits)); // expect: [7, 7]
  print(visits); // expect: 0

  try {
    await pool.run(() => throw StateError('bad task'));
  } on StateError catch (error) {
    print(error.message); // expect: bad task
  }
  final receiver = ReceivePort();
  try {
    await pool.run(() => receiver.hashCode);
  } on ArgumentError catch (_) {
    print('not sendable'); // expect: not sendable
  }
  receiver.close();
  try {
    await pool.run(spin, timeout: const Duration(milliseconds: 20));
  } on TimeoutException {
    print('too long'); // expect: too long
  }

  // One worker is lost to each of these, and replaced.
  final running = [pool.submit(spin), pool.submit(spin)];
  final waiting = pool.submit(() => 'in time');
  final dropped = pool.submit(() => 'never');
  for (final task in [running[0], dropped]) {
    final answer = task.result.then<Object?>((value) => value, onError: (Object error) => error);
    print(task.cancel()); 
    print(await answer);
    // expect: true
    // expect: TaskCancelled
    // expect: true
    // expect: TaskCancelled
  }
  print(await waiting.result); // expect: in time
  print(waiting.cancel()); // expect: false
  try {
    await pool.run(() {
      Timer.run(() => throw 'asynchronous');
      return Completer<void>().future;
    });
  } catch (error) {
    print(error); // expect: asynchronous
  }
  try {
    await pool.run(() => Isolate.exit());
  } on WorkerEnded catch (error) {
    print(error.reason); // expect: normal end
  }
  final last = pool.submit(() => 'last');
  final stuck = running[1].result.then<Object?>((value) => value, onError: (Object error) => error);
  running[1].cancel();
  await pool.close();
  print('${await last.result} ${await stuck}'); // expect: last TaskCancelled
  try {
    pool.submit(() => 1);
  } on StateError catch (error) {
    print(error.message); // expect: the pool is closed
  }

  final limited = IsolatePool(size: 1, limits: const IsolateLimits(heapBytes: 4 << 20));
  try {
    await limited.run(() {
      final all = <Object>[];
      while (true) {
        all.add(List<int>.filled(1000, 0));
      }
    });
  } on OutOfMemoryError {
    print('out of memory'); // expect: out of memory
  }
  print(await limited.run(() => 'goes on')); // expect: goes on
  final forever = limited.submit(spin);
  final end = forever.result.then<Object?>((value) => value, onError: (Object error) => error);
  await limited.close(force: true);
  print(await end); // expect: TaskCancelled
}
