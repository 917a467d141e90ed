// Fragment of a seed, completed: spawnUri with a file beside the program, with a data URI, and with one that is not there.
import 'dart:isolate';

void main() async {
  final port = ReceivePort();
  await Isolate.spawnUri(Uri.parse('_spawn_uri_worker.dart'), ['a', 'b'], port.sendPort);
  print(await port.first); // expect: worker with 2 arguments: a, b

  final inline = ReceivePort();
  final source = Uri.dataFromString('''
    import 'dart:isolate';
    void main(List<String> arguments, dynamic message) => (message as SendPort).send(arguments.single * 2);
  ''', mimeType: 'application/dart');
  await Isolate.spawnUri(source, ['ab'], inline.sendPort);
  print(await inline.first); // expect: abab

  try {
    await Isolate.spawnUri(Uri.parse('_no_such_file.dart'), [], null);
  } on IsolateSpawnException {
    print('cannot be spawned'); // expect: cannot be spawned
  }
}
