// spawnUri: a file beside the program, a data URI, a program that fails, one that is none, and what may pass between programs.
import 'dart:async';
import 'dart:isolate';
import 'dart:typed_data';

class Mine {}

Future<void> main() async {
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  Future<Object?> next() async {
    await events.moveNext();
    return events.current;
  }

  final uri = Uri.parse('_child_program.dart');
  await Isolate.spawnUri(uri, ['one', 'two'], [port.sendPort, {'n': 1.5, 'set': {1, 2}}],
      debugName: 'other program', onExit: port.sendPort);
  final hello = await next() as Map;
  print('${hello['args']} ${hello['rest']} ${hello['name']}'); // expect: [one, two] {n: 1.5, set: {1, 2}} other program
  final to = hello['port'] as SendPort;
  to.send('object');
  print(await next()); // expect: no objects between programs
  try {
    to.send(Mine());
    print('sent');
  } on ArgumentError {
    print('nor here'); // expect: nor here
  }
  final list = <Object?>['text' * 100, 1 << 62, Uint8List(3), null];
  list.add(list);
  to.send(list);
  final back = await next() as List;
  print('${(back[0] as String).length} ${back[1]} ${back[2]} ${identical(back, back[4])}'); // expect: 400 4611686018427387904 [0, 0, 0] true
  print(await next()); // expect: null

  final source = '''
import 'dart:isolate';
main(List<String> args, port) {
  port.send('from data: \${args.length}');
}
''';
  await Isolate.spawnUri(Uri.dataFromString(source, mimeType: 'application/dart'), ['x'], port.sendPort);
  print(await next()); // expect: from data: 1

  await Isolate.spawnUri(uri, ['fail'], [port.sendPort, null], onError: port.sendPort, onExit: port.sendPort);
  print((await next() as List)[0]); // expect: Bad state: the other program
  print(await next()); // expect: null

  for (final bad in ['nothing_here.dart', 'data:application/dart,main( {']) {
    try {
      await Isolate.spawnUri(uri.resolve(bad), [], null);
    } on IsolateSpawnException {
      print('no program'); // expect: no program
      // expect: no program
    }
  }
  await events.cancel();
}
