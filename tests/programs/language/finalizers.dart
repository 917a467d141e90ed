// Finalizers run as events once their values are gone; weak references and expandos do not keep their objects.
import 'dart:async';

class Resource {
  Resource(this.name);
  final String name;
}

final log = <String>[];
final finalizer = Finalizer<String>((name) {
  log.add('finalized $name');
  scheduleMicrotask(() => log.add('after $name'));
});

@pragma('vm:never-inline')
List<WeakReference<Resource>> make(Object key) {
  final first = Resource('first');
  finalizer.attach(first, first.name);
  final second = Resource('second');
  finalizer.attach(second, second.name, detach: key);
  return [WeakReference(first), WeakReference(second)];
}

/// Allocates enough to make the heap collect.
void churn() {
  var lists = <List<int>>[];
  for (var i = 0; i < 20000; i++) {
    lists.add(List.filled(50, i));
    if (lists.length > 100) lists = [];
  }
}

Future<void> main() async {
  final key = Object();
  final kept = Resource('kept');
  finalizer.attach(kept, kept.name);
  final references = make(key);
  finalizer.detach(key);
  for (var round = 0; round < 200 && log.isEmpty; round++) {
    churn();
    await Future<void>.delayed(const Duration(milliseconds: 1));
  }
  await Future<void>.delayed(const Duration(milliseconds: 1));
  print(log); // expect: [finalized first, after first]
  print([for (final reference in references) reference.target]); // expect: [null, null]
  print(kept.name); // expect: kept
  for (final Object target in [1, 'text', 2.5, true, (1, 2)]) {
    try {
      WeakReference(target);
      print('accepted');
    } on ArgumentError {
      log.add('refused');
    }
  }
  print(log.length); // expect: 7
}
