// An isolate that allocates for ever under a limit ends with its reason, and passes the limit by a tenth at most; others run on.
import 'dart:isolate';
import 'dart:typed_data';

import 'package:eyot/isolate.dart';

const limitBytes = 2 << 20;

class Node {
  final Node? next;
  final int number;
  Node(this.next, this.number);
}

/// Small objects, all of which live.
Object small() {
  Node? last;
  for (int i = 0;; i++) {
    last = Node(last, i);
    if (i < 0) return last;
  }
}

/// The same with as much garbage.
Object wasteful() {
  final all = <List<int>>[];
  while (true) {
    all.add([all.length]);
    [all.length, 2, 3].reversed.toList();
  }
}

/// Lists that double.
Object doubling() {
  List<int> list = [1];
  while (true) {
    list = List.filled(list.length * 2, 1);
  }
}

/// Buffers and strings outside of the blocks.
Object outside() {
  final all = <Object>[];
  while (true) {
    all.add(Uint8List(100000));
    all.add('$all.length'.padLeft(1000));
  }
}

void work((Object Function(), SendPort) message) {
  final (hoard, home) = message;
  try {
    hoard();
  } on OutOfMemoryError {
    home.send(ownStats().peakHeapBytes);
    rethrow;
  }
}

void count(SendPort home) {
  final port = ReceivePort();
  int count = 0;
  port.listen((_) => home.send(++count));
  home.send(port.sendPort);
}

Future<void> main() async {
  final inbox = ReceivePort();
  final answers = inbox.asBroadcastStream();
  final counter = await Isolate.spawn(count, inbox.sendPort);
  final other = await answers.first as SendPort;
  for (final hoard in [small, wasteful, doubling, outside]) {
    final peaks = ReceivePort();
    final isolate = await spawn(work, (hoard, peaks.sendPort), limits: const IsolateLimits(heapBytes: limitBytes));
    final reason = await isolate.exit;
    final peak = await peaks.first as int;
    other.send(null);
    final share = peak / limitBytes;
    print('$reason, ${share <= 1.1 ? 'within a tenth' : share}, ${await answers.first} answers');
  }
  // expect: out of memory, within a tenth, 1 answers
  // expect: out of memory, within a tenth, 2 answers
  // expect: out of memory, within a tenth, 3 answers
  // expect: out of memory, within a tenth, 4 answers
  counter.kill();
  inbox.close();
}
