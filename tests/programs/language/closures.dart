// Closures: capture by value and by cell, fresh loop variables, recursion of local functions.
// stress

int Function() counter() {
  var count = 0;
  return () => ++count;
}

(int Function(), void Function(int)) shared() {
  var value = 1.5;
  return (() => value.round(), (by) => value += by);
}

String describe(String Function(int, {String suffix}) f) => f(3, suffix: '!');

void main() {
  final a = counter(), b = counter();
  a();
  a();
  print('${a()} ${b()}'); // expect: 3 1

  final (read, add) = shared();
  add(2);
  print(read()); // expect: 4

  final functions = <int Function()>[];
  for (var i = 0; i < 3; i++) {
    functions.add(() => i * 10);
  }
  for (final f in functions) {
    f();
  }
  print(functions.map((f) => f()).toList()); // expect: [0, 10, 20]

  final each = [for (final name in ['x', 'y']) () => name];
  print(each.map((f) => f()).join()); // expect: xy

  int factorial(int n) => n <= 1 ? 1 : n * factorial(n - 1);
  print(factorial(20)); // expect: 2432902008176640000

  int apply(int Function(int) f, int times, int start) {
    var value = start;
    for (var i = 0; i < times; i++) {
      value = f(value);
    }
    return value;
  }

  var calls = 0;
  print(apply((n) {
    calls++;
    return n * 2;
  }, 10, 1)); // expect: 1024
  print(calls); // expect: 10

  print(describe((n, {suffix = '?'}) => '$n$suffix')); // expect: 3!

  var late = 1;
  int seen() => late;
  late = 7;
  print(seen()); // expect: 7

  // A variable of a loop's body is fresh in each round, also in while.
  final later = <void Function()>[];
  final log = <int>[];
  var n = 0;
  while (n < 3) {
    var square = n * n;
    later.add(() => log.add(square++));
    n++;
  }
  for (final f in later) {
    f();
    f();
  }
  print(log); // expect: [0, 1, 1, 2, 4, 5]
}
