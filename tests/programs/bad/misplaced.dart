// Words, names and members where they cannot be.
import '../language/_deferred_lib.dart' as dynamic; // expect error: 'dynamic' cannot be the name of an import prefix

class Box<dynamic> {} // expect error: 'dynamic' cannot be the name of a type parameter

void free(covariant int x) {} // expect error: only parameters of instance members can be 'covariant'

void named({int _x = 0}) {} // expect error: its name cannot start with '_'

external int elsewhere() => 1; // expect error: an 'external' function has its code elsewhere

void numbers() sync* {} // expect error: a generator gives a `Iterable`

void events() async* {} // expect error: an async generator gives a `Stream`

typedef int Old([int x = 1]); // expect error: a parameter of a function type has no default value

const int unset; // expect error: `unset` is constant and has no value

extension Named on List<int> { // as specific as the next one
  int get total => 1;
  String toString() => 'list'; // expect error: every object has its own `toString`
}

extension Other on List<int> {
  int get total => 2;
}

class Pair<T> {
  factory Pair(covariant T one) = Same<T>; // expect error: only parameters of instance members can be 'covariant'
  static int count() => 0;
  void constants() {
    const Same<T>(null); // expect error: a constant is the same for all type arguments
  }
}

class Same<T> implements Pair<T> {
  const Same(T? one);
  void constants() {}
}

void nothing(void gone, bool isIt, Never never) {
  <Object?, int>{?gone: 1}; // expect error: void
  Pair<int>.count; // expect error: static members belong to the class without type arguments
  <int>[].total; // expect error: extensions 'Named' and 'Other' both give 'total'
  switch (isIt) {
    same: // first
    case true:
      continue same;
    same: // expect error: another case of this switch is labelled 'same'
    case false:
  }
  final mixed = () {
    if (isIt) return 1;
    return; // expect error: this function returns a 'int?' elsewhere
  };
  Never text = never.toString(); // expect error: Never
}

enum Level {
  low,
  high.made(); // expect error: constructors that are no factories
  const Level();
  factory Level.made() => low;
  factory Level.other() = Level.new; // expect error: a constructor of an enum is for its own values
}

class Reads {
  int operator [](int at) => at;
}

class Writes extends Reads {
  void write() {
    super[0] = 1; // expect error: no superclass implements '[]='
  }
}

void main() {}
