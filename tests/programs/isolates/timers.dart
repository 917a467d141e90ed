// Order of timers, microtasks and messages.
import 'dart:async';
import 'dart:isolate';

void busy(int milliseconds) {
  final clock = Stopwatch()..start();
  while (clock.elapsedMilliseconds < milliseconds) {}
}

Future<void> main() async {
  final log = <String>[];
  const ms = Duration(milliseconds: 1);
  Timer(ms * 30, () => log.add('30'));
  Timer(ms * 10, () => log.add('10'));
  Timer(ms * 20, () => log.add('20 first'));
  Timer(ms * 20, () => log.add('20 second'));
  Timer(Duration.zero, () => log.add('0 first'));
  Timer.run(() => log.add('0 second'));
  Timer(const Duration(milliseconds: -5), () => log.add('below 0'));
  final cancelled = Timer(ms * 15, () => log.add('cancelled'));
  scheduleMicrotask(() => log.add('microtask'));
  cancelled.cancel();
  print('${cancelled.isActive} ${cancelled.tick}'); // expect: false 0
  // All are due by then, and come in their order all the same.
  busy(40);
  await Future<void>.delayed(ms);
  print(log); // expect: [microtask, 0 first, 0 second, below 0, 10, 20 first, 20 second, 30]

  // Each event ends with its microtasks.
  log.clear();
  for (var i = 0; i < 3; i++) {
    Timer.run(() {
      log.add('timer $i');
      scheduleMicrotask(() => log.add('microtask $i'));
    });
  }
  await Future<void>.delayed(ms * 2);
  print(log); // expect: [timer 0, microtask 0, timer 1, microtask 1, timer 2, microtask 2]

  // A timer of 0 goes behind a message that is there already.
  log.clear();
  final port = ReceivePort();
  port.listen((message) => log.add('$message'));
  port.sendPort.send('message');
  Timer.run(() => log.add('timer'));
  port.sendPort.send('late message');
  await Future<void>.delayed(ms * 2);
  print(log); // expect: [message, timer, late message]
  port.close();

  // Periodic timers count what they missed.
  var calls = 0;
  final done = Completer<int>();
  Timer.periodic(ms * 10, (timer) {
    calls++;
    if (calls == 1) busy(45);
    if (timer.tick >= 6) {
      timer.cancel();
      done.complete(timer.tick);
    }
  });
  print(await done.future >= 6 && calls < 6); // expect: true

  // Many timers at once.
  var sum = 0;
  final all = Completer<void>();
  for (var i = 0; i < 20000; i++) {
    Timer(Duration(microseconds: i % 7 * 500), () {
      sum += i;
      if (sum == 199990000) all.complete();
    });
  }
  await all.future;
  print(sum); // expect: 199990000
}
