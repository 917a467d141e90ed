// What keeps an isolate alive: open ports, timers, paused subscriptions; and what does not.
import 'dart:async';
import 'dart:isolate';

void nothing(SendPort home) => home.send('nothing');

void closed(SendPort home) {
  final port = ReceivePort();
  port.close();
  home.send('closed');
}

void unimportant(SendPort home) {
  RawReceivePort((_) {}).keepIsolateAlive = false;
  home.send('unimportant');
}

void again(SendPort home) {
  final port = RawReceivePort();
  port.keepIsolateAlive = false;
  port.keepIsolateAlive = true;
  port.handler = (_) {
    home.send('alive: ${port.keepIsolateAlive}');
    port.close();
    home.send('alive: ${port.keepIsolateAlive}');
  };
  home.send(port.sendPort);
}

void timed(SendPort home) {
  Timer(const Duration(milliseconds: 5), () => home.send('timed'));
}

void cancelled(SendPort home) {
  final timer = Timer(const Duration(hours: 1), () => home.send('never'));
  Timer.periodic(const Duration(milliseconds: 1), (periodic) {
    if (periodic.tick >= 3) {
      periodic.cancel();
      timer.cancel();
      home.send('cancelled');
    }
  });
}

/// A future that nobody can complete keeps nothing alive.
Future<void> hanging(SendPort home) async {
  home.send('hanging');
  await Completer<void>().future;
  home.send('never');
}

void cancels(SendPort home) {
  final port = ReceivePort();
  late final StreamSubscription<Object?> subscription;
  subscription = port.listen((_) => subscription.cancel());
  port.sendPort.send(null);
  home.send('cancels');
}

Future<void> main() async {
  for (final entry in [nothing, closed, unimportant, again, timed, cancelled, hanging, cancels]) {
    final port = ReceivePort();
    await Isolate.spawn(entry, port.sendPort, onExit: port.sendPort);
    await for (final message in port) {
      if (message is SendPort) {
        message.send(null);
        continue;
      }
      print(message);
      if (message == null) break;
    }
  }
  // expect: nothing
  // expect: null
  // expect: closed
  // expect: null
  // expect: unimportant
  // expect: null
  // expect: alive: true
  // expect: alive: false
  // expect: null
  // expect: timed
  // expect: null
  // expect: cancelled
  // expect: null
  // expect: hanging
  // expect: null
  // expect: cancels
  // expect: null
}
