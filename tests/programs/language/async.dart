// async, await, microtask order, async* and await for, sync*, errors across awaits.
// stress
import 'dart:async';

final log = <String>[];

Future<int> add(int a, int b) async {
  log.add('add $a');
  await null;
  return a + b;
}

Future<void> failing() async {
  await Future.value(1);
  throw StateError('failed');
}

Future<String> guarded() async {
  try {
    await failing();
    return 'no error';
  } on StateError catch (e) {
    return e.message;
  } finally {
    log.add('finally');
  }
}

Stream<int> count(int n) async* {
  for (var i = 0; i < n; i++) {
    yield i;
    await Future<void>.delayed(Duration.zero);
  }
}

Stream<int> both() async* {
  yield* count(2);
  yield* Stream.fromIterable([7, 8]);
}

Iterable<int> evens(int below) sync* {
  for (var i = 0; i < below; i += 2) {
    yield i;
  }
}

Iterable<int> nested() sync* {
  yield* evens(3);
  yield 100;
  yield* [1, 2];
}

Future<void> main() async {
  print(await add(1, 2) + await add(3, 4)); // expect: 10
  print(await guarded()); // expect: failed
  print(log); // expect: [add 1, add 3, finally]

  final order = <int>[];
  scheduleMicrotask(() => order.add(2));
  Timer.run(() => order.add(4));
  Future(() => order.add(5));
  Future.value().then((_) => order.add(3));
  order.add(1);
  await Future<void>.delayed(const Duration(milliseconds: 5));
  print(order); // expect: [1, 2, 3, 4, 5]

  final seen = <int>[];
  await for (final n in both()) {
    if (n == 8) break;
    seen.add(n);
  }
  print(seen); // expect: [0, 1, 7]
  print(nested().toList()); // expect: [0, 2, 100, 1, 2]
  print(await count(4).map((n) => n * n).where((n) => n > 0).toList()); // expect: [1, 4, 9]
  print(await Future.wait([add(1, 1), add(2, 2)])); // expect: [2, 4]

  final controller = StreamController<String>();
  final received = <String>[];
  final done = controller.stream.listen(received.add, onError: (Object e) => received.add('error $e')).asFuture<void>();
  controller.add('one');
  controller.addError('bad');
  controller.add('two');
  unawaited(controller.close());
  try {
    await done;
  } catch (e) {
    received.add('future $e');
  }
  print(received); // expect: [one, future bad]

  final completer = Completer<int>();
  Timer(const Duration(milliseconds: 1), () => completer.complete(42));
  print(await completer.future.timeout(const Duration(seconds: 30))); // expect: 42
  print(await Future.any([completer.future, Completer<int>().future])); // expect: 42
  try {
    await Completer<int>().future.timeout(const Duration(milliseconds: 1));
  } on TimeoutException {
    print('timed out'); // expect: timed out
  }
  final zoned = runZonedGuarded(() {
    Future.error('lost');
    return Zone.current[#tag];
  }, (error, _) => print('zone: $error'), zoneValues: {#tag: 'tagged'});
  print(zoned); // expect: tagged
  await Future<void>.delayed(Duration.zero);
  // expect: zone: lost
  await pausedGenerator(); // expect: make 1, got 1, resume, make 2, got 2, make 3, got 3
}

/// A paused listener stops an async* body at its yield.
Future<void> pausedGenerator() async {
  final events = <String>[];
  Stream<int> numbers() async* {
    for (var i = 1; i <= 3; i++) {
      events.add('make $i');
      yield i;
    }
  }

  final done = Completer<void>();
  late final StreamSubscription<int> subscription;
  subscription = numbers().listen((n) {
    events.add('got $n');
    if (n != 1) return;
    subscription.pause();
    Timer(const Duration(milliseconds: 5), () {
      events.add('resume');
      subscription.resume();
    });
  }, onDone: done.complete);
  await done.future;
  print(events.join(', '));
}
