// Inference of type arguments: phases, bounds that mention their own parameter, what is fixed for later arguments.

T maxOf<T extends Comparable<T>>(T a, T b) {
  print(T);
  return a.compareTo(b) > 0 ? a : b;
}

class Node<X extends Node<X>> {}

class Tree extends Node<Tree> {}

class Oak extends Tree {}

void plant<X extends Node<X>>(X x) => print(X);

void pair<X, Y>(X Function(Y) a, Y Function(X) b) => print((X, Y));

String greet(num n) => 'hello $n';

S convert<S, T>(T from, S Function(T) f) {
  print((S, T));
  return f(from);
}

class Box<X extends Iterable<Y>, Y> {
  Box(this.values);
  final X values;
  Y? last;
}

class Base {
  @override
  bool operator ==(Object other) => true;
  @override
  int get hashCode => 1;
}

class Derived extends Base {
  List<bool> compare(Object? other) => [super == other, super != other];
}

final int? again = once(() => again);
int calls = 0;
int? once(int? Function() read) {
  if (calls++ == 0) read();
  return calls;
}

class Sink<T> {
  void put(T value, {T? other}) {}
}

void main() {
  print(maxOf('a', 'b').length);
  // expect: String
  // expect: 1
  print(maxOf(1, 2) + 1);
  // expect: num
  // expect: 3
  plant(Oak()); // expect: Tree
  pair((v) => v.length, greet); // expect: (num, String)
  print(convert(1, (n) => '${n.isOdd}').length);
  // expect: (String, int)
  // expect: 4
  print(Box(<int>[1]).runtimeType); // expect: Box<List<int>, int>
  List<num> numbers = List.filled(2, 0);
  numbers[0] = 1.5;
  print(numbers); // expect: [1.5, 0]
  final Iterable<Object> objects = [1].map((n) => 'x$n');
  print(objects is Iterable<String>); // expect: false
  final total = [1, 2].fold(0.0, (sum, n) => sum + n);
  print(total); // expect: 3.0
  // A literal that asks for nothing that is inferred gets no context from the other arguments.
  print([1.5].fold(0, (dynamic sum, n) => sum + n)); // expect: 1.5
  // What super compares with null is not asked.
  print(Derived().compare(null)); // expect: [false, true]
  print(Derived().compare(3)); // expect: [true, false]
  try {
    print(again);
  } catch (error) {
    print(error); // expect: LateInitializationError: Field 'again' has been assigned during initialization.
  }
  print(Sink<int>().put.runtimeType); // expect: (Object?, {Object? other}) => void
}
