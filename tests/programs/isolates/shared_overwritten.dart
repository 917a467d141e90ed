// What a shared variable had before is freed, whoever has read it.
// flags: --experimental-shared-data
import 'dart:async';
import 'dart:io';
import 'dart:isolate';

@pragma('vm:shared')
Object value = 'first';

@pragma('vm:shared')
bool isOver = false;

int read(int start) {
  var changes = start;
  Object? last;
  while (!isOver) {
    final now = value;
    if (!identical(now, last)) changes++;
    last = now;
  }
  return changes;
}

Future<void> main() async {
  final readers = [for (var i = 0; i < 2; i++) Isolate.run(() => read(0))];
  final text = 'x' * 20000;
  // 200 MB altogether.
  for (var i = 0; i < 10000; i++) {
    value = '$i$text';
  }
  for (var i = 0; i < 1000; i++) {
    value = List<Object>.unmodifiable([i, '$i$text', value is List]);
  }
  isOver = true;
  await readers.wait;
  final megabytes = ProcessInfo.maxRss >> 20;
  print(megabytes < 150 ? 'flat' : megabytes); // expect: flat
}
