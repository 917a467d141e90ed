// What flow analysis knows: promotion, definite assignment, what cannot be reached.

class Animal {}

class Dog extends Animal {
  String bark() => 'woof';
}

/// A test makes a type one of interest: an assignment of that type promotes.
String interest() {
  Animal a = Animal();
  a is Dog;
  a = Dog();
  return a.bark();
}

String interestAfterLoop() {
  Animal a = Animal();
  for (var i = 0; i < 2; i++) {
    if (a is Dog) a.bark();
  }
  a = Dog();
  return a.bark();
}

/// Comparisons with null that the types decide.
int decided(int n, Null nothing) {
  int a, b, c, d;
  if (n != null) a = 1;
  if (nothing == null) b = 2;
  nothing ?? (c = 3);
  if (n is Never) {
  } else {
    d = 4;
  }
  return a + b + c + d;
}

int neverBoth(Object o) {
  int result;
  switch (o) {
    case int n:
      result = n;
    default:
      throw 'no int';
  }
  return result;
}

/// A dynamic variable stays dynamic where a test says nothing new.
bool stillDynamic(dynamic d) => d is Object? && d.isEven;

String kept(Object o) {
  final isString = o is String;
  if (!isString) return 'no string';
  return o.toUpperCase();
}

/// A test may be kept by assignment, and be about variables assigned before it.
String keptByAssignment(Object o) {
  bool isString;
  o = [o, 'fallback'].last;
  isString = o is String || o is Never;
  if (isString) return o.toUpperCase();
  isString = o is! int;
  if (!isString) return '${o.isEven}';
  return '?';
}

int lateVariable<T>(T value) {
  if (value is int) {
    late final copy = value;
    late var nothing = null;
    nothing = 'dynamic';
    return copy + (nothing.length as int);
  }
  return 0;
}

void main() {
  print(interest()); // expect: woof
  print(interestAfterLoop()); // expect: woof
  print(decided(1, null)); // expect: 10
  print(neverBoth(5)); // expect: 5
  print(stillDynamic(4)); // expect: true
  print(kept('s')); // expect: S
  print(keptByAssignment(3)); // expect: FALLBACK
  print(lateVariable(3)); // expect: 10
}
