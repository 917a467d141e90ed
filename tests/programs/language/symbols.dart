// Names as objects: a private one is that of its library.
import '_symbols_lib.dart' as lib;

class Echo implements lib.Asking {
  int Function() get own => super.noSuchMethod == super.noSuchMethod ? _one : _two;
  static int _one() => 1;
  static int _two() => 2;

  dynamic noSuchMethod(Invocation invocation) {
    print('${invocation.memberName} ${invocation.memberName == #_hidden}');
    return null;
  }
}

class Base {
  T same<T>(T value) => value;
}

class Derived extends Base {
  T same<T>(T value) => throw 'never called';
  Function get plain => super.same;
  int Function(int) get numbers => super.same;
  String Function(String) get texts => super.same;
}

void main() {
  print(#_hidden); // expect: Symbol("_hidden")
  print(#_hidden == lib.other); // expect: false
  print(#_hidden == Symbol('_hidden')); // expect: false
  print(identical(#_hidden, const Symbol('_hidden'))); // expect: false
  print(#seen == Symbol('seen') && identical(#seen, const Symbol('seen'))); // expect: true

  final dynamic echo = Echo();
  echo._hidden(); // expect: Symbol("_hidden") true
  echo._hidden = 1; // expect: Symbol("_hidden=") false
  try {
    lib.ask(Derived());
  } on NoSuchMethodError catch (error) {
    print('$error'.contains("'_hidden'")); // expect: true
  }

  // Functions torn off from the superclass are equal as others are.
  final one = Derived(), two = Derived();
  print(one.plain == one.plain); // expect: true
  print(one.plain.hashCode == one.plain.hashCode); // expect: true
  print(one.numbers == one.numbers); // expect: true
  print(one.plain == two.plain); // expect: false
  print((one.numbers as Object) == one.texts); // expect: false
  print(Echo().own()); // expect: 1
}
