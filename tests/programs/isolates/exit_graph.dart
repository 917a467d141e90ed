// Isolate.exit moves a big graph: identity, cycles and types stay, and the message comes before the exit message.
import 'dart:isolate';
import 'dart:typed_data';

class Tree {
  final int value;
  Tree? parent;
  final List<Tree> children = [];
  Tree(this.value);

  int get sum => value + children.fold(0, (sum, child) => sum + child.sum);
}

Tree grow(int depth, int value) {
  final tree = Tree(value);
  if (depth > 0) {
    for (var i = 0; i < 4; i++) {
      tree.children.add(grow(depth - 1, value + i)..parent = tree);
    }
  }
  return tree;
}

void gardener(SendPort port) {
  final garbage = [for (var i = 0; i < 20000; i++) 'garbage $i'];
  final tree = grow(6, garbage.length ~/ 20000);
  final bytes = Uint8List(1 << 20)..[12345] = 67;
  Isolate.exit(port, {'tree': tree, 'bytes': bytes, 'again': tree, 'first': tree.children.first});
}

void small(SendPort port) {
  try {
    throw 'not seen';
  } catch (_) {
    try {
      Isolate.exit(port, 'bye');
    } finally {
      port.send('a finally block ran');
    }
  }
}

void refused(SendPort port) {
  try {
    Isolate.exit(port, ReceivePort());
  } on ArgumentError {
    port.send('still here');
    Isolate.exit(port, 'gone now');
  }
}

/// With much that cannot be sent, then with little of much.
void refusedLarge(SendPort port) {
  final tree = grow(7, 1);
  final inbox = ReceivePort();
  try {
    Isolate.exit(port, [tree, inbox]);
  } on ArgumentError catch (error) {
    port.send('still here: ${'$error'.contains('_ReceivePort')}, ${tree.sum}');
  }
  inbox.close();
  Isolate.exit(port, [tree.value, tree.children.length]);
}

/// Ends again and again with much, so that it is killed in the middle of that now and then.
void leaves(SendPort port) => Isolate.exit(port, grow(7, 3));

Future<int> killed() async {
  var ended = 0;
  for (var i = 0; i < 12; i++) {
    final port = ReceivePort();
    final isolate = await Isolate.spawn(leaves, port.sendPort, onExit: port.sendPort);
    Future<void>.delayed(Duration(milliseconds: i * 3), () => isolate.kill(priority: Isolate.immediate));
    await for (final message in port) {
      if (message is Tree && message.children.length != 4) print('a wrong tree');
      if (message == null) break;
    }
    ended++;
  }
  return ended;
}

Future<List<Object?>> all(void Function(SendPort) entry) async {
  final port = ReceivePort();
  await Isolate.spawn(entry, port.sendPort, onExit: port.sendPort);
  final got = <Object?>[];
  await for (final message in port) {
    if (message == null) break;
    got.add(message);
  }
  return got;
}

Future<void> main() async {
  final result = (await all(gardener)).single as Map;
  final tree = result['tree'] as Tree;
  print(tree.sum); // expect: 51883
  print(identical(tree, result['again'])); // expect: true
  print(identical(tree.children.first, result['first'])); // expect: true
  print(tree.children.every((child) => identical(child.parent, tree))); // expect: true
  print((result['bytes'] as Uint8List)[12345]); // expect: 67
  // The adopted graph is a heap like any other: it can be changed and collected.
  for (var round = 0; round < 3; round++) {
    tree.children[round].children.clear();
    final churn = [for (var i = 0; i < 10000; i++) Tree(i)];
    tree.children[round].children.add(churn[round]);
  }
  print(tree.children[2].sum); // expect: 5
  print(await all(small)); // expect: [bye]
  print(await all(refused)); // expect: [still here, gone now]
  print(await all(refusedLarge)); // expect: [still here: true, 240299, [1, 4]]
  print(await killed()); // expect: 12
}
