// Processes that are talked with, signals, watching files, and compression.
import 'dart:async';
import 'dart:convert';
import 'dart:io';

Future<void> processes() async {
  final cat = await Process.start('cat', []);
  cat.stdin.writeln('through a pipe');
  await cat.stdin.flush();
  await cat.stdin.close();
  print((await utf8.decoder.bind(cat.stdout).join()).trim()); // expect: through a pipe
  print(await cat.exitCode); // expect: 0

  final sleep = await Process.start('sleep', ['100']);
  print(sleep.kill()); // expect: true
  print(await sleep.exitCode); // expect: -15
  print(sleep.kill()); // expect: false

  final shell = await Process.start('echo "\$GREETING"; exit 3', [],
      runInShell: true, environment: {'GREETING': 'hi'});
  print(await shell.exitCode != 0); // expect: true

  final detached =
      await Process.start('true', [], mode: ProcessStartMode.detached);
  try {
    detached.stdout;
  } on StateError catch (error) {
    print(error.message); // expect: Process is detached
  }
  try {
    await Process.start('/no/such/program', []);
  } on ProcessException catch (error) {
    print(error.errorCode); // expect: 2
  }
}

Future<void> signals() async {
  final got = ProcessSignal.sigusr1.watch().first;
  print(Process.killPid(pid, ProcessSignal.sigusr1)); // expect: true
  print(await got); // expect: SIGUSR1
  try {
    ProcessSignal.sigkill.watch();
  } on SignalException catch (error) {
    print(error.message); // expect: Listening for signal SIGKILL is not supported
  }
}

Future<void> watching() async {
  final directory = Directory.systemTemp.createTempSync('eyot_watch');
  final path = directory.path;
  final seen = <String>[];
  final done = Completer<void>();
  final subscription = directory.watch().listen((event) {
    seen.add('$event'.replaceAll(path, ''));
    if (event is FileSystemDeleteEvent) done.complete();
  });
  final file = File('$path/one')..createSync();
  file.writeAsStringSync('text');
  file.renameSync('$path/two');
  File('$path/two').deleteSync();
  await done.future;
  await subscription.cancel();
  print(seen.first); // expect: FileSystemCreateEvent('/one')
  print(seen.contains("FileSystemModifyEvent('/one', contentChanged=true)")); // expect: true
  print(seen.contains("FileSystemMoveEvent('/one', '/two')")); // expect: true
  print(seen.last); // expect: FileSystemDeleteEvent('/two')
  directory.deleteSync(recursive: true);
  try {
    await Directory(path).watch().first;
  } on FileSystemException catch (error) {
    print(error.osError?.errorCode); // expect: 2
  }
}

void compression() {
  final data = utf8.encode('abc' * 10000);
  for (final codec in [
    zlib,
    gzip,
    ZLibCodec(raw: true, level: 9, windowBits: 9, memLevel: 1),
    ZLibCodec(dictionary: utf8.encode('abcabc'), strategy: 2),
  ]) {
    final small = codec.encode(data);
    final back = codec.decode(small);
    print(small.length < data.length && back.length == data.length);
  }
  // expect: true
  // expect: true
  // expect: true
  // expect: true
  print(gzip.decode([...gzip.encode([1, 2]), ...gzip.encode([3])])); // expect: [1, 2, 3]
  for (final bad in [
    [1, 2, 3],
    zlib.encode(data)..[5] ^= 0xFF,
  ]) {
    try {
      zlib.decode(bad);
    } on FormatException catch (error) {
      print(error.message); // expect: Filter error, bad data
    }
  }
  // expect: Filter error, bad data
}

Future<void> main() async {
  await processes();
  await signals();
  await watching();
  compression();
}
