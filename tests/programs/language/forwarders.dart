// Members a class leaves to noSuchMethod, and what callers by a supertype may get wrong.
import '_forwarders_lib.dart';

class Ghost implements Locked {
  @override
  dynamic noSuchMethod(Invocation invocation) => 'caught';
}

class Box<T> {
  bool fits<S extends T>(S value) => value is T;
  List<S> all<S extends List<T>>(S value) => [value];
}

String fails(void Function() action) {
  try {
    action();
    return 'no error';
  } on NoSuchMethodError {
    return 'no such method';
  } on TypeError {
    return 'type error';
  }
}

void main() {
  print(Ghost().open()); // expect: caught
  // What is private to another library is beyond the class's own method.
  print(fails(() => knock(Ghost()))); // expect: no such method

  final Box<num> box = Box<int>();
  print(box.fits<int>(1)); // expect: true
  print(fails(() => box.fits<num>(1))); // expect: type error
  print(fails(() => box.all<List<double>>([]))); // expect: type error
  print(box.all<List<int>>([2])); // expect: [[2]]
}
