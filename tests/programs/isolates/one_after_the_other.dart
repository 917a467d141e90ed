// Isolates are made out of what ended ones left: nothing of those shows in them.
// stress
import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart' as eyot;

int touched = 0;
final List<int> kept = [];
late final Isolate self = Isolate.current;

void touch(SendPort home) {
  touched++;
  kept.add(touched);
  final port = ReceivePort();
  Timer.run(port.close);
  port.listen((_) {});
  home.send('$touched $kept ${identical(self, Isolate.current)} '
      '${Isolate.current.debugName}');
}

void fail(SendPort home) {
  touched = 100;
  Future<void>.error(StateError('on purpose'));
  ReceivePort();
}

void wait(SendPort home) {
  home.send('waits');
  ReceivePort();
}

void large(SendPort home) {
  final lists = [for (var i = 0; i < 100; i++) List.filled(1000, i)];
  home.send('${lists.length}');
}

void pairs(SendPort home) {
  final twice = (home, home, 1.5, 'text', null, 1 << 62);
  final (SendPort one, other, _, _, _, _) = twice;
  other.send(twice);
  one.send((1, (2, 3)));
}

Future<List<Object?>> run(void Function(SendPort) entry,
    {String? name, bool fatal = true, bool tell = true}) async {
  final port = ReceivePort();
  final exit = ReceivePort();
  final errors = ReceivePort();
  final isolate = await Isolate.spawn(entry, port.sendPort,
      paused: true,
      debugName: name,
      errorsAreFatal: fatal,
      onError: tell ? errors.sendPort : null);
  final ended = exit.first;
  isolate.addOnExitListener(exit.sendPort, response: 'over');
  isolate.resume(isolate.pauseCapability!);
  final messages = <Object?>[];
  port.listen(messages.add);
  errors.listen((error) => messages.add((error as List)[0]));
  if (entry == wait) {
    while (messages.isEmpty) {
      await Future<void>.delayed(Duration.zero);
    }
    isolate.kill(priority: Isolate.immediate);
  }
  messages.add(await ended);
  port.close();
  errors.close();
  return messages;
}

Future<void> main() async {
  for (var round = 0; round < 3; round++) {
    print(await run(touch, name: 'named'));
    print(await run(touch));
    print(await run(fail));
    print(await run(wait));
  }
  // expect: [1 [1] true named, over]
  // expect: [1 [1] true touch, over]
  // expect: [Bad state: on purpose, over]
  // expect: [waits, over]
  // expect: [1 [1] true named, over]
  // expect: [1 [1] true touch, over]
  // expect: [Bad state: on purpose, over]
  // expect: [waits, over]
  // expect: [1 [1] true named, over]
  // expect: [1 [1] true touch, over]
  // expect: [Bad state: on purpose, over]
  // expect: [waits, over]

  // A limit is that isolate's alone.
  final port = ReceivePort();
  final limited = await eyot.spawn(large, port.sendPort,
      limits: const eyot.IsolateLimits(heapBytes: 400 << 10));
  print((await limited.exit).runtimeType); // expect: ExitOutOfMemory
  print(await run(large)); // expect: [100, over]
  port.close();

  final [first, second, _] = await run(pairs);
  final (a as SendPort, b, c, d, e, f) = first as (Object?, Object?, double, String, Null, int);
  print('${a == b} ${identical(a, b)} $c $d $e $f'); // expect: true true 1.5 text null 4611686018427387904
  print(second); // expect: (1, (2, 3))
}
