// Null safety at run time: promotion, ?., ??, ??=, !, late, definite assignment.
// stress

class Node {
  Node(this.value, [this.next]);
  int value;
  Node? next;
  int Function()? callback;
}

int calls = 0;
Node? make(bool yes) {
  calls++;
  return yes ? Node(1) : null;
}

class Lazy {
  late final int once = compute();
  late String set;
  late final String setOnce;
  int computed = 0;
  int compute() => ++computed;
}

int? maybe(int n) => n > 0 ? n : null;

void main() {
  final list = Node(1, Node(2));
  print(list.next?.next?.value); // expect: null
  print(list.next?.value); // expect: 2
  print(make(false)?.next!.value); // expect: null
  print(list.callback?.call()); // expect: null
  list.callback = () => 9;
  print(list.callback!()); // expect: 9
  list.next?.next ??= Node(3);
  print(list.next!.next!.value); // expect: 3
  int? n;
  n ??= 4;
  print(n + 1); // expect: 5
  print(maybe(0) ?? maybe(-1) ?? 8); // expect: 8
  make(false)
    ?..value = 5
    ..next = null;
  print(calls); // expect: 2
  final lazy = Lazy();
  print('${lazy.computed} ${lazy.once} ${lazy.once} ${lazy.computed}'); // expect: 0 1 1 1
  try {
    print(lazy.set);
  } catch (e) {
    print(e); // expect: LateInitializationError: Field 'set' has not been initialized.
  }
  lazy.set = 'now';
  print(lazy.set); // expect: now
  lazy.setOnce = 'first';
  try {
    lazy.setOnce = 'second';
  } catch (e) {
    print(e); // expect: LateInitializationError: Field 'setOnce' has already been initialized.
  }
  late int assigned;
  if (calls > 0) {
    assigned = 1;
  } else {
    assigned = 2;
  }
  print(assigned); // expect: 1
  try {
    print(maybe(0)! + 1);
  } on TypeError catch (e) {
    print(e); // expect: Null check operator used on a null value
  }
  Object? object = calls > 1 ? 'text' : null;
  if (object is String) print(object.length); // expect: 4
  if (object == null) return;
  print(object.hashCode == 'text'.hashCode); // expect: true
  final int definitely;
  if (n > 3) {
    definitely = 1;
  } else {
    throw 'never';
  }
  print(definitely); // expect: 1
}
