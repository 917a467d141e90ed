// Names of isolates.
// stress
import 'dart:isolate';

void worker(SendPort port) => port.send(Isolate.current.debugName);

Future<void> main() async {
  print(Isolate.current.debugName); // expect: main
  final port = ReceivePort();
  final names = port.asBroadcastStream();
  Future<Object?> named(void Function(SendPort) entry, [String? name]) async {
    final answer = names.first;
    final isolate = await Isolate.spawn(entry, port.sendPort, debugName: name);
    isolate.debugName;
    return answer;
  }

  print(await named(worker)); // expect: worker
  print(await named(worker, 'given')); // expect: given
  print(await named(worker, '')); // expect: 
  final paused = await Isolate.spawn(worker, port.sendPort, paused: true, debugName: 'seen from outside');
  print(paused.debugName); // expect: seen from outside
  paused.kill();
  port.close();
}
