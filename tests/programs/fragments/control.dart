// Fragments of a seed, completed: pause and resume, onError, kill, debugName.
import 'dart:isolate';

void worker(SendPort port) {
  final inbox = ReceivePort();
  port.send([inbox.sendPort, Isolate.current.debugName]);
  inbox.listen((message) {
    if (message == 'fail') throw UnsupportedError('cannot do that');
    port.send('got $message');
  });
}

void main() async {
  final port = ReceivePort();
  final errorPort = ReceivePort();
  final exitPort = ReceivePort();
  final isolate = await Isolate.spawn(
    worker,
    port.sendPort,
    onError: errorPort.sendPort,
    onExit: exitPort.sendPort,
    errorsAreFatal: false,
    debugName: 'ImageProcessor',
  );
  final messages = port.asBroadcastStream();
  final [to as SendPort, name] = await messages.first as List;
  print(name); // expect: ImageProcessor

  final capability = isolate.pause();
  final next = messages.first;
  to.send(1);
  bool early = false;
  next.then((_) => early = true);
  await Future.delayed(const Duration(milliseconds: 30));
  print('paused: ${!early}'); // expect: paused: true
  isolate.resume(capability);
  print(await next); // expect: got 1

  to.send('fail');
  final error = await errorPort.first as List;
  print(error[0]); // expect: Unsupported operation: cannot do that

  isolate.kill(priority: Isolate.immediate);
  print(await exitPort.first); // expect: null
  port.close();
}
