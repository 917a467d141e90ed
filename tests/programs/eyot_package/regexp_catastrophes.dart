// Patterns that try a text in exponentially many ways: most end soon, and no search keeps its isolate from being killed or limited, or the
// only worker from the others.
// flags: --workers=1
import 'dart:isolate';

import 'package:eyot/isolate.dart';

/// The back reference makes that nothing can be remembered.
final endless = RegExp(r'^(?:(a)|(aa))*\1c$');
final many = 'a' * 200 + 'b';

void matching(SendPort? home) {
  home?.send('matching');
  endless.hasMatch(many);
}

void matchingAll(SendPort? home) {
  home?.send('matching');
  RegExp(r'(?:(x)|(xx))*\1c').allMatches('x' * 200 + 'ü€').toList();
}

void echo(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  port.listen((message) => (message as SendPort).send('answer'));
}

/// As many ways left open as there are characters, four at a time.
void hoarding(Object? _) {
  RegExp(r'^(?:(a)|(a))*\1c$').hasMatch('a' * (1 << 20));
}

Future<void> main() async {
  final text = 'a' * 60 + 'b';
  print(RegExp(r'(a+)+$').hasMatch(text)); // expect: false
  print(RegExp(r'(?:a|aa)+$').firstMatch(text)); // expect: null
  print(RegExp(r'(x+x+)+y').allMatches('x' * 60)); // expect: ()
  print(RegExp(r'^(\w+\s?)*$').stringMatch('word ' * 20 + '!')); // expect: null
  // Found after the search has been suspended: with groups, further matches, and at a place.
  final later = '${'a' * 2000}!${'a' * 10}?${'a' * 5}?';
  final found = RegExp(r'((?:a|aa)+)\?');
  print(found.firstMatch(later)?.start); // expect: 2001
  print([for (final m in found.allMatches(later)) m[1]!.length]); // expect: [10, 5]
  print(later.replaceAll(found, '-').length); // expect: 2003
  print(found.matchAsPrefix(later, 2013)?[0]); // expect: aaaa?
  print('€$later'.split(found).length); // expect: 3

  final port = ReceivePort();
  final events = port.asBroadcastStream();
  final busy = <SupervisedIsolate>[];
  for (final entry in [matching, matchingAll]) {
    final word = events.first;
    busy.add(await spawn(entry, port.sendPort));
    print(await word);
    // expect: matching
    // expect: matching
  }
  final handshake = events.first;
  final answering = await spawn(echo, port.sendPort);
  final to = await handshake as SendPort;
  var answers = 0;
  for (var i = 0; i < 50; i++) {
    final answer = events.first;
    to.send(port.sendPort);
    if (await answer == 'answer') answers++;
  }
  print(answers); // expect: 50
  for (final isolate in [...busy, answering]) {
    isolate.kill();
    print(await isolate.exit);
    // expect: killed
    // expect: killed
    // expect: killed
  }
  port.close();

  const brief = IsolateLimits(cpuTime: Duration(milliseconds: 50));
  print(await (await spawn(matching, null, limits: brief)).exit); // expect: out of CPU time
  const soon = IsolateLimits(wallTime: Duration(milliseconds: 50));
  print(await (await spawn(matchingAll, null, limits: soon)).exit); // expect: out of time
  const small = IsolateLimits(heapBytes: 8 << 20);
  print(await (await spawn(hoarding, null, limits: small)).exit); // expect: out of memory
}
