// By how much does an isolate that allocates for ever pass its limit?
//
//     eyot benches/isolates/heap_limit.dart [megabytes: 32] [isolates, one after the other: 5]
//
// Prints the most that its heap has held, and by how much the process grew meanwhile.

import 'dart:async';
import 'dart:io';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

class Node {
  Node(this.next, this.number);
  final Node? next;
  final int number;
}

void hoard(SendPort home) {
  Node? last;
  try {
    while (true) {
      last = Node(last, last?.number ?? 0);
    }
  } on OutOfMemoryError {
    home.send(ownStats().peakHeapBytes);
    rethrow;
  }
}

/// A line of the system's report on this process, in kB.
int status(String name) {
  final lines = File('/proc/self/status').readAsLinesSync();
  final line = lines.firstWhere((line) => line.startsWith('$name:'));
  return int.parse(line.replaceAll(RegExp('[^0-9]'), ''));
}

Future<void> main(List<String> arguments) async {
  final megabytes = arguments.isEmpty ? 32 : int.parse(arguments[0]);
  final count = arguments.length < 2 ? 5 : int.parse(arguments[1]);
  for (var index = 0; index < count; index++) {
    final inbox = ReceivePort();
    final before = status('VmRSS');
    final clock = Stopwatch()..start();
    final isolate = await spawn(hoard, inbox.sendPort, limits: IsolateLimits(heapBytes: megabytes << 20));
    final reason = await isolate.exit;
    final took = clock.elapsedMilliseconds;
    final peak = await inbox.first as int;
    String share(num bytes) => (100 * bytes / (megabytes << 20)).toStringAsFixed(1);
    final grown = (status('VmHWM') - before) * 1024;
    print('$reason after $took ms: heap at most $peak bytes (${share(peak)} %), process grew by $grown at most (${share(grown)} %)');
  }
}
