// Isolate.run: results, errors, errors of callbacks, computations that never answer, and many at a time.
import 'dart:async';
import 'dart:isolate';

/// Fewer where each allocation looks at all of them.
const large = int.fromEnvironment('large', defaultValue: 200000);

int fib(int n) => n < 2 ? n : fib(n - 1) + fib(n - 2);

class Problem implements Exception {
  final int code;
  Problem(this.code);
  String toString() => 'Problem $code';
}

Future<void> main() async {
  print(await Isolate.run(() => fib(15))); // expect: 610
  final n = 12;
  print(await Isolate.run(() async {
    await Future<void>.delayed(const Duration(milliseconds: 2));
    return 'after a while $n';
  })); // expect: after a while 12
  print(await Isolate.run<int?>(() => null)); // expect: null
  print(await Isolate.run(() => Isolate.current.debugName, debugName: 'helper')); // expect: helper

  try {
    await Isolate.run<void>(() => throw Problem(3));
  } on Problem catch (problem, trace) {
    print('$problem ${trace.toString().isNotEmpty}'); // expect: Problem 3 true
  }
  try {
    await Isolate.run<void>(() async {
      await null;
      throw Problem(4);
    });
  } on Problem catch (problem) {
    print(problem.code); // expect: 4
  }
  // An error that nobody in the computation waits for ends it.
  try {
    await Isolate.run<int>(() {
      Timer.run(() => throw StateError('in a timer'));
      return Completer<int>().future;
    });
  } on RemoteError catch (error) {
    print(error); // expect: Bad state: in a timer
  }
  try {
    await Isolate.run<int>(() => Isolate.exit());
  } on RemoteError catch (error) {
    print('$error'.contains('without result')); // expect: true
  }
  // A result that cannot be sent.
  try {
    await Isolate.run<Object>(() => ReceivePort());
  } on Object catch (error) {
    print(error.toString().contains('ReceivePort')); // expect: true
  }
  final big = await Isolate.run(() => List.generate(large, (i) => 'n$i'));
  print(big.length == large && big.last == 'n${large - 1}'); // expect: true
  final all = await Future.wait([for (var i = 0; i < 50; i++) Isolate.run(() => i * i)]);
  print(all.reduce((a, b) => a + b)); // expect: 40425
}
