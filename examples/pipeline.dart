// A pipeline: each stage is an isolate that hands its results to the next one. The source feeds it as results come out at the end, so
// nothing piles up in front of a slow stage.
import 'dart:isolate';

/// What runs in a stage, and where its results go.
final class Stage {
  final Object? Function(Object? item) work;
  final SendPort next;

  /// Gets the stage's own port.
  final SendPort ready;

  Stage(this.work, this.next, this.ready);
}

/// Items come one by one; null is the end, and goes through to the next stage.
void runStage(Stage stage) {
  final inbox = ReceivePort();
  inbox.listen((item) {
    stage.next.send(item == null ? null : stage.work(item));
    if (item == null) inbox.close();
  });
  stage.ready.send(inbox.sendPort);
}

/// Starts a stage in front of [next]; its port.
Future<SendPort> stage(
    Object? Function(Object? item) work, SendPort next) async {
  final ready = ReceivePort();
  await Isolate.spawn(runStage, Stage(work, next, ready.sendPort));
  return await ready.first as SendPort;
}

Object? parse(Object? line) => int.parse(line as String);
Object? square(Object? n) => (n as int) * n;

Future<void> main() async {
  final results = ReceivePort();
  final squaring = await stage(square, results.sendPort);
  final parsing = await stage(parse, squaring);

  final lines = [for (int n = 1; n <= 100; n++) '$n'].iterator;
  bool fed = false;
  void feed() {
    if (fed) return;
    fed = !lines.moveNext();
    parsing.send(fed ? null : lines.current);
  }

  // Four items are under way at any time.
  for (int i = 0; i < 4; i++) {
    feed();
  }
  int sum = 0;
  await for (final result in results) {
    if (result == null) break;
    sum += result as int;
    feed();
  }
  print('sum of squares: $sum'); // expect: sum of squares: 338350
}
