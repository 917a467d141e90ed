// Functions so small that they stand in place of their calls, and function literals that take arguments as callees pass them.

int mix(int sum, int value) => (sum * 31 + value) & 0xffff;
bool isDigit(int unit) => unit >= 48 && unit <= 57;
bool either(bool a, bool b) => a || b;
double half(double x) => x / 2;
int pick(bool first, int a, int b) => first ? a : b;
int swapped(int a, int b) => b - a;
bool differ(int a, int b) {
  return a != b;
}

class Box<T> {
  Box(this.value, this.combine);
  T value;
  final T Function(T, T) combine;
  void add(T other) => value = combine(value, other);
  R map<R>(R Function(T) f) => f(value);
  void visit(void Function(T) action, {bool Function(T)? where}) {
    if (where?.call(value) ?? true) action(value);
  }
}

int calls = 0;
int next() => ++calls;

T apply<T>(T Function(T) f, T x) => f(x);

void main() {
  // The variable that takes the result is an operand, too.
  var a = 3, b = 5;
  a = mix(a, b);
  print(a); // expect: 98
  a = swapped(a, b);
  print(a); // expect: -93
  a = pick(a < b, b, a);
  print(a); // expect: 5
  var flag = false;
  flag = either(flag, !flag);
  print(flag); // expect: true
  flag = either(flag && a > 9, differ(a, b));
  print(flag); // expect: false

  // Arguments are evaluated once, in order, whether the result is used or not.
  print(swapped(next(), next())); // expect: 1
  mix(next(), next());
  print(calls); // expect: 4
  print(mix(mix(1, 2), mix(3, pick(isDigit(50), 4, 5)))); // expect: 1120

  // As conditions.
  var digits = 0;
  for (final unit in 'a1b22'.codeUnits) {
    if (isDigit(unit)) digits++;
    if (!isDigit(unit) || differ(unit, 50)) digits += 10;
  }
  print(digits); // expect: 33
  // As values of other representations, and as functions.
  final Object boxed = mix(1, 1);
  print(boxed); // expect: 32
  print(half(3)); // expect: 1.5
  final int folded = [1, 2, 3].fold(0, mix);
  print(folded); // expect: 1026
  print(Function.apply(half, [5.0])); // expect: 2.5

  // Literals whose parameters are raw by their types and tagged for the callee.
  final box = Box<int>(4, (x, y) => x * y);
  box.add(5);
  print(box.value); // expect: 20
  print(box.map((x) => x / 8)); // expect: 2.5
  print(box.map((x) => x.isEven)); // expect: true
  var seen = 0;
  box.visit((x) => seen += x, where: (x) => x > 3);
  box.visit((x) => seen += x, where: (x) => x > 30);
  print(seen); // expect: 20
  final int more = apply((x) => x + 1, 41);
  print(more); // expect: 42
  final double most = apply((x) => x + 1, 41);
  print(most); // expect: 42.0
  final int Function(int) twice = apply((f) => (x) => f(f(x)), (x) => x * 3);
  print(twice(7)); // expect: 63

  // Called otherwise than they were made to be called.
  final int Function(int, int) combine = box.combine;
  print(combine(6, 7)); // expect: 42
  final dynamic anything = box.combine;
  print(anything(2, 3)); // expect: 6
  try {
    anything('x', 1);
  } on TypeError catch (error) {
    print('$error'.contains("'String'")); // expect: true
  }
  print(box.combine is int Function(int, int)); // expect: true
  print(box.combine is num Function(num, num)); // expect: false

  // A callee that believes in a larger type.
  final Box<num> wider = box;
  try {
    wider.add(1.5);
    print('added');
  } on TypeError {
    print('refused'); // expect: refused
  }
  print(box.value); // expect: 20

  // Captured and assigned parameters.
  final adders = [1, 2].map((x) => (int y) => x += y).toList();
  print(adders[0](10)); // expect: 11
  print(adders[0](10)); // expect: 21
  print(adders[1](10)); // expect: 12
  // Beyond 63 bits.
  print([1 << 62, 5].map((x) => x + (1 << 62)).toList()); // expect: [-9223372036854775808, 4611686018427387909]
}
