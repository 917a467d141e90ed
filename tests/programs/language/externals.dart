// External members that nobody gives code throw where they are used.

external int top;

class C {
  external static String name;
  external int field;
}

void attempt(void Function() action) {
  try {
    action();
  } on NoSuchMethodError catch (e) {
    print('$e'.split('\n').first.split("'")[1]);
  }
}

void main() {
  attempt(() => print(top)); // expect: top
  attempt(() => top = 2); // expect: top=
  attempt(() => print(C.name)); // expect: name
  attempt(() => C.name += 'x'); // expect: name
  print(C() is C); // expect: true
}
