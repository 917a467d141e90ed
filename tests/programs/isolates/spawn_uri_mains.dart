// Programs started by spawnUri: what main may take, and where packages come from.
import 'dart:async';
import 'dart:isolate';

Future<void> run(String main, Object? message) async {
  final port = ReceivePort();
  final source = "import 'dart:isolate'; void main($main";
  await Isolate.spawnUri(Uri.dataFromString(source, mimeType: 'application/dart'), ['a', 'b'], message,
      onExit: port.sendPort, onError: port.sendPort);
  await for (final event in port) {
    if (event == null) break;
    print((event as List)[0]);
  }
}

Future<void> main() async {
  await run(") => print('none');", 1); // expect: none
  await run("List<String> args) => print(args);", 1); // expect: [a, b]
  await run("args, message) => print('\$args \$message');", 1); // expect: [a, b] 1
  await run("args, int message) => print(message + 1);", 41); // expect: 42
  await run("args, [double message = 0]) => print(message);", 1.5); // expect: 1.5
  await run("args, {int n = 3}) => print(n);", 4); // expect: 3
  // What does not fit is an error there.
  await run("args, SendPort message) => print(message);", 'text');
  // expect: type 'String' is not a subtype of type 'SendPort' of 'message'
  await run("args, int message) => print(message);", null);
  // expect: type 'Null' is not a subtype of type 'int' of 'message'

  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  await Isolate.spawnUri(Uri.parse('package:child/_main.dart'), ['x'], port.sendPort,
      packageConfig: Uri.parse('_packages/config.json'));
  final heard = <Object?>[];
  for (int i = 0; i < 7; i++) {
    await events.moveNext();
    heard.add(events.current);
  }
  await events.cancel();
  print(heard.take(3)); // expect: (a package 1, config.json, true)
  print(heard.skip(3).map((event) => '$event').toList()..sort());
  // expect: [a package 0, config.json, relative to a package, true]

  try {
    await Isolate.spawnUri(Uri.parse('package:child/_main.dart'), [], port.sendPort);
  } on IsolateSpawnException {
    print('no such package here'); // expect: no such package here
  }
  print(await Isolate.resolvePackageUri(Uri.parse('package:child/x.dart'))); // expect: null
  print(await Isolate.resolvePackageUri(Uri.parse('file:///x.dart'))); // expect: file:///x.dart

  // An Isolate object without its capabilities may ask, but not pause or end.
  final ended = ReceivePort();
  final isolate = await Isolate.spawn((SendPort home) {
    final port = RawReceivePort();
    port.handler = (Object? message) {
      home.send(message);
      if (message == 'end') port.close();
    };
    home.send(port.sendPort);
  }, ended.sendPort, onExit: ended.sendPort);
  final told = StreamIterator<Object?>(ended);
  await told.moveNext();
  final worker = told.current as SendPort;
  final restricted = Isolate(isolate.controlPort);
  print('${restricted.pauseCapability} ${restricted.terminateCapability}'); // expect: null null
  restricted.kill(priority: Isolate.immediate);
  restricted.pause();
  restricted.setErrorsFatal(false);
  restricted.ping(ended.sendPort, response: 'pong');
  worker.send('still here');
  final answers = <Object?>[];
  for (int i = 0; i < 2; i++) {
    await told.moveNext();
    answers.add(told.current);
  }
  print(answers.map((answer) => '$answer').toList()..sort()); // expect: [pong, still here]
  worker.send('end');
  await told.cancel();

  // Errors of Isolate.run: type, and the stacks of both sides.
  try {
    await fails();
  } on FormatException catch (error, trace) {
    print('${error.message} ${'$trace'.contains('parse')} ${'$trace'.contains('fails')}'); // expect: bad true true
  }
}

Future<void> fails() => Isolate.run(parse);

int parse() => throw FormatException('bad');
