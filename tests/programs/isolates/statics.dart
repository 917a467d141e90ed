// Each isolate has its own statics, made when they are first used.
// stress
import 'dart:isolate';

int counter = 0;
final List<String> made = _make();
late String name;
const shared = ['const'];

List<String> _make() {
  counter += 100;
  return ['made'];
}

class Registry {
  static final Map<String, int> entries = {};
  static int? cached;
}

void child(SendPort home) {
  final before = counter;
  counter++;
  made.add('in the child');
  String late;
  try {
    late = name;
  } on Error {
    late = 'not set';
  }
  Registry.entries['child'] = 1;
  home.send([before, counter, made, late, Registry.entries, Registry.cached, shared]);
}

Future<void> main() async {
  counter = 5;
  name = 'main';
  made.add('in main');
  Registry.entries['main'] = 1;
  Registry.cached = 3;
  for (var i = 0; i < 2; i++) {
    final port = ReceivePort();
    await Isolate.spawn(child, port.sendPort);
    final answer = await port.first as List;
    print(answer);
    print(identical(answer.last, shared));
  }
  // expect: [0, 101, [made, in the child], not set, {child: 1}, null, [const]]
  // expect: true
  // expect: [0, 101, [made, in the child], not set, {child: 1}, null, [const]]
  // expect: true
  print('$counter $made $name ${Registry.entries}'); // expect: 105 [made, in main] main {main: 1}
}
