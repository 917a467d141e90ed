// Deferred imports: nothing of them is there before loadLibrary has completed.
import '_deferred_lib.dart' deferred as lib;

String tried(Object? Function() action) {
  try {
    return '${action()}';
  } catch (error) {
    return '$error';
  }
}

int evaluated() {
  print('evaluated');
  return 1;
}

Future<void> main() async {
  print(tried(() => lib.bump())); // expect: Deferred library lib was not loaded.
  print(tried(() => lib.counter = evaluated())); // expect: Deferred library lib was not loaded.
  print(tried(() => lib.Thing.make())); // expect: Deferred library lib was not loaded.
  print(tried(() => lib.Thing('a'))); // expect: Deferred library lib was not loaded.
  final load = lib.loadLibrary;
  await load();
  print(lib.bump()); // expect: 1
  print(lib.counter = evaluated() + 4);
  // expect: evaluated
  // expect: 5
  print(lib.Thing.make().name); // expect: made
  print([for (final name in ['a', 'b']) lib.Thing(name).name]); // expect: [a, b]
}
