// Isolates without a loop of their own: others enter them, from one thread, and handle their events.
// stress
import 'dart:async';
import 'dart:isolate';

int counter = 0;

int count() => ++counter;

final class Fault implements Exception {
  final int code;
  Fault(this.code);
  String toString() => 'Fault $code';
}

void attempt(String what, Object? Function() action) {
  try {
    print('$what: ${action()}');
  } on ArgumentError catch (error) {
    print('$what: ArgumentError: ${error.message}');
  } on StateError catch (error) {
    print('$what: StateError: ${error.message}');
  } catch (error, stackTrace) {
    print('$what: ${error.runtimeType}: $error, ${stackTrace.toString().contains('attempt')}');
  }
}

void entering() {
  final other = Isolate.create(debugName: 'helper');
  print(other.debugName); // expect: helper
  print(other.runSync(() => Isolate.current.debugName)); // expect: helper
  // It has statics of its own, which stay.
  print([count(), other.runSync(count), other.runSync(count), counter]); // expect: [1, 1, 2, 1]
  final text = 'from outside';
  print(other.runSync(() => text.length)); // expect: 12
  attempt('throws', () => other.runSync<int>(() => throw Fault(7))); // expect: throws: Fault: Fault 7, true
  final list = [1];
  attempt('function', () => other.runSync(() => list.length)); // expect: function: ArgumentError: the function must be deeply immutable, and this instance of '_Closure' is not: it, or what it captures, can change
  attempt('result', () => other.runSync(() => [1])); // expect: result: ArgumentError: the result of runSync must be deeply immutable, and this instance of 'List' is not: it, or what it captures, can change
  // Microtasks of the call run before it returns.
  other.runSync(() => scheduleMicrotask(() => counter = 40));
  print(other.runSync(count)); // expect: 41
  attempt('itself', () => Isolate.current.runSync(count)); // expect: itself: StateError: the isolate is running
  final home = Isolate.current.controlPort;
  final right = Isolate.current.terminateCapability!;
  attempt('back', () => other.runSync(() => Isolate(home, terminateCapability: right).runSync(count))); // expect: back: StateError: the isolate is running
  attempt('without the right', () => Isolate(other.controlPort).runSync(count)); // expect: without the right: StateError: this Isolate object has no terminate capability
  other.shutdownSync();
  attempt('ended', () => other.runSync(count)); // expect: ended: StateError: the isolate has ended
  other.shutdownSync();
}

SendPort opens() {
  final port = RawReceivePort();
  port.handler = (Object? message) {
    counter += message as int;
    if (message == 0) port.close();
  };
  return port.sendPort;
}

void looping() {
  final other = Isolate.create();
  final port = other.runSync(opens);
  print(other.isPinnedToCurrentThread); // expect: false
  for (final number in [1, 2, 3, 0]) {
    port.send(number);
  }
  // Nothing happens before the loop runs, not even in a while.
  print(other.runSync(() => counter)); // expect: 0
  other.runSync(() {
    Timer(const Duration(milliseconds: 1), () => counter += 100);
  });
  other.runEventLoopSync();
  print(other.runSync(() => counter)); // expect: 106
  print(other.isPinnedToCurrentThread); // expect: true
  print(other.runSync(Isolate.pinToCurrentThread)); // expect: true
  other.shutdownSync();
}

/// What a platform's loop would do: it waits for notices, and handles one event for each.
Future<void> notices() async {
  final other = Isolate.create();
  final inbox = ReceivePort();
  final notice = inbox.sendPort;
  other.onEvent = (Isolate isolate) => notice.send(counter++);
  final port = other.runSync(opens);
  other.runSync(() {
    Timer(const Duration(milliseconds: 2), () => counter += 1000);
  });
  port.send(5);
  port.send(6);
  final seen = <Object?>[];
  final totals = <int>[];
  await for (final message in inbox) {
    // Each call of the callback has fresh statics.
    seen.add(message);
    other.handleEvent();
    totals.add(other.runSync(() => counter));
    if (seen.length == 3) break;
  }
  print(seen); // expect: [0, 0, 0]
  print(totals.last); // expect: 1011
  other.handleEvent();
  print(other.runSync(() => counter)); // expect: 1011
  other.shutdownSync();
}

void echo(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) => home.send(message));
}

/// Isolates with a loop of their own can be entered between events.
Future<void> withLoops() async {
  final inbox = ReceivePort();
  final events = StreamIterator<Object?>(inbox);
  final isolate = await Isolate.spawn(echo, inbox.sendPort);
  await events.moveNext();
  final port = events.current as SendPort;
  attempt('loop', () => isolate.runEventLoopSync()); // expect: loop: StateError: the isolate's event loop is running
  attempt('event', () => isolate.handleEvent()); // expect: event: StateError: the isolate's event loop is running
  port.send('still there');
  await events.moveNext();
  print(events.current); // expect: still there
  isolate.addOnExitListener(inbox.sendPort, response: 'gone');
  isolate.shutdownSync();
  await events.moveNext();
  print(events.current); // expect: gone
  await events.cancel();
}

/// Who waits for an isolate that ends meanwhile is told.
void ending() {
  final other = Isolate.create();
  attempt('killed', () => other.runSync(() => Isolate.exit())); // expect: killed: StateError: the isolate has ended
  final pinned = Isolate.create();
  pinned.runSync(() {
    Timer.run(() => Isolate.current.kill());
  });
  attempt('killed in its loop', pinned.runEventLoopSync); // expect: killed in its loop: StateError: the isolate has ended
}

Future<void> main() async {
  entering();
  looping();
  await notices();
  await withLoops();
  ending();
}
