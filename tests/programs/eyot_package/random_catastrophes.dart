// Patterns that are made to be slow, over long texts, each in an isolate with limits: it answers, or is ended by its limit, and the
// other isolates of the only worker go on meanwhile. More rounds and another seed: eyot run --workers=1 random_catastrophes.dart ROUNDS SEED
// flags: --workers=1
import 'dart:async';
import 'dart:math';

import 'package:eyot/isolate.dart';

late Random random;

T pick<T>(List<T> among) => among[random.nextInt(among.length)];

/// A pattern with quantifiers in quantifiers.
String pattern(int depth) {
  if (depth == 0) return pick(['a', 'b', '.', r'\w', '[ab]', 'a|aa', r'\d?', '[^c]', '', r'\b', r'\1', 'é']);
  final inner = pattern(depth - 1);
  return switch (random.nextInt(9)) {
    0 => '(?:$inner)*',
    1 => '($inner)+',
    2 => '(?:$inner|${pattern(depth - 1)})*?',
    3 => '(?:$inner){2,${3 + random.nextInt(2000)}}',
    4 => '(?=$inner)${pattern(depth - 1)}',
    5 => '(?<!$inner)${pattern(depth - 1)}+',
    6 => '$inner${pattern(depth - 1)}',
    7 => '(?:(a)|$inner)*\\1',
    _ => '(?<n${random.nextInt(1 << 30)}>$inner)?',
  };
}

void search((String, String, bool) task) {
  final (pattern, text, ignoresCase) = task;
  final matcher = RegExp(pattern, caseSensitive: !ignoresCase);
  matcher.hasMatch(text);
  for (final match in matcher.allMatches(text).take(1000)) {
    [for (var i = 0; i <= match.groupCount; i++) match[i]];
  }
  text.replaceAll(matcher, '-');
}

Future<void> main(List<String> arguments) async {
  final rounds = arguments.isEmpty ? 25 : int.parse(arguments[0]);
  random = Random(arguments.length > 1 ? int.parse(arguments[1]) : 1);
  final clock = Stopwatch()..start();
  var last = 0, late = 0;
  final ticks = Timer.periodic(const Duration(milliseconds: 5), (_) {
    late = max(late, clock.elapsedMilliseconds - last);
    last = clock.elapsedMilliseconds;
  });
  var answered = 0, ended = 0, refused = 0;
  const limits = IsolateLimits(cpuTime: Duration(milliseconds: 60), heapBytes: 48 << 20);
  for (var i = 0; i < rounds; i++) {
    final tried = '${pick(['', '^', '(a)'])}${pattern(1 + random.nextInt(4))}${pick(['', r'$', 'c', 'é'])}';
    final text = '${pick(['a', 'ab', 'aé', 'a€', 'x1'])}' * (1 << random.nextInt(17)) + pick(['', 'b', 'c', '!']);
    try {
      RegExp(tried);
    } on FormatException {
      refused++;
      continue;
    }
    final isolate = await spawn(search, (tried, text, random.nextBool()), limits: limits);
    switch (await isolate.exit) {
      case ExitNormal():
        answered++;
      case ExitCpuTime() || ExitOutOfMemory():
        ended++;
      case final other:
        print('$tried over ${text.length} characters: $other');
    }
  }
  ticks.cancel();
  print('${answered > 0} ${ended > 0} ${rounds > answered + ended + refused}'); // expect: true true false
  if (arguments.isNotEmpty) print('$answered answered, $ended were ended, $refused are no patterns; ticks at most $late ms late');
  print(ticks.tick > 0); // expect: true
}
