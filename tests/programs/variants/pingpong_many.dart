// pingpong, many rounds with a counter in the worker.
import 'dart:isolate';

void worker(SendPort main) {
  final inbox = ReceivePort();
  int rounds = 0;
  main.send(inbox.sendPort);
  inbox.listen((message) {
    if (message == null) {
      main.send('worker saw $rounds rounds');
      inbox.close();
    } else {
      rounds++;
      main.send(message + 1);
    }
  });
}

void main() async {
  final inbox = ReceivePort();
  await Isolate.spawn(worker, inbox.sendPort);
  SendPort? to;
  await for (final message in inbox) {
    if (message is SendPort) {
      to = message;
      to.send(0);
    } else if (message is int) {
      to!.send(message < 1000 ? message : null);
    } else {
      print(message); // expect: worker saw 1000 rounds
      inbox.close();
    }
  }
}
