// Kill: at once in the middle of a loop, a sleep or deep recursion; before the next event; while paused; not without the right.
// stress
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

void spinning(SendPort home) {
  home.send('ready');
  while (true) {}
}

void sleeping(SendPort home) {
  home.send('ready');
  sleep(const Duration(hours: 1));
}

void recursing(SendPort home) {
  int down(int n) => n == 0 ? 0 : 1 + down(n - 1);
  home.send('ready');
  while (down(1000) == 1000) {}
}

void microtasking(SendPort home) {
  void again() => scheduleMicrotask(again);
  home.send('ready');
  again();
}

void allocating(SendPort home) {
  home.send('ready');
  List<Object?> list = [];
  while (true) {
    list = [list.length > 1 ? null : list, 'more'];
  }
}

void waiting(SendPort home) {
  ReceivePort();
  home.send('ready');
}

/// Works through its event although it is told to end before the next one.
void busy(SendPort home) {
  final port = ReceivePort();
  port.listen((message) {
    if (message == 'work') {
      home.send('working');
      final clock = Stopwatch()..start();
      while (clock.elapsedMilliseconds < 50) {}
      scheduleMicrotask(() => home.send('microtask'));
      home.send('worked');
    } else {
      home.send('an event too many');
    }
  });
  home.send(port.sendPort);
}

void suicidal(SendPort home) {
  home.send('before');
  Isolate.current.kill(priority: Isolate.immediate);
  for (var i = 0; i < 1000000; i++) {
    if (i == 999999) home.send('too late');
  }
}

Future<void> ends(String name, void Function(SendPort) entry) async {
  final port = ReceivePort();
  final exits = ReceivePort();
  final isolate = await Isolate.spawn(entry, port.sendPort, onExit: exits.sendPort);
  await port.first;
  isolate.kill(priority: Isolate.immediate);
  print('$name: ${await exits.first}');
}

Future<void> main() async {
  await ends('spinning', spinning); // expect: spinning: null
  await ends('sleeping', sleeping); // expect: sleeping: null
  await ends('recursing', recursing); // expect: recursing: null
  await ends('microtasks', microtasking); // expect: microtasks: null
  await ends('allocating', allocating); // expect: allocating: null
  await ends('waiting', waiting); // expect: waiting: null

  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  final isolate = await Isolate.spawn(busy, port.sendPort, onExit: port.sendPort);
  await events.moveNext();
  final to = events.current as SendPort;
  to.send('work');
  await events.moveNext();
  print(events.current); // expect: working
  isolate.kill(priority: Isolate.beforeNextEvent);
  to.send('more');
  while (await events.moveNext()) {
    print(events.current);
    // expect: worked
    // expect: microtask
    // expect: null
    if (events.current == null) break;
  }

  // Without the right nothing happens; with it also a paused isolate ends.
  final second = await Isolate.spawn(waiting, port.sendPort, onExit: port.sendPort, paused: true);
  final powerless = Isolate(second.controlPort);
  print(powerless.terminateCapability); // expect: null
  powerless.kill(priority: Isolate.immediate);
  Isolate(second.controlPort, terminateCapability: Capability()).kill();
  second.resume(second.pauseCapability!);
  await events.moveNext();
  print(events.current); // expect: ready
  second.pause();
  Isolate(second.controlPort, terminateCapability: second.terminateCapability).kill();
  await events.moveNext();
  print(events.current); // expect: null

  await Isolate.spawn(suicidal, port.sendPort, onExit: port.sendPort);
  await events.moveNext();
  print(events.current); // expect: before
  await events.moveNext();
  print(events.current); // expect: null
  await events.cancel();
}
