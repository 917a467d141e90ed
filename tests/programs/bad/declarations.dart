// Rules about declarations: every error of a program comes in one run, at the place of its cause, without cascades.

abstract class Shape {
  num area(int scale, {int? unit});
  String get name;
  set size(num value);
  void move(covariant Shape by) {}
}

class Square extends Shape {
  String area(int scale, {int? unit}) => ''; // expect error: `area` with the type `String Function(int, {int? unit})` is no valid override
  String name() => 'square'; // expect error: the method `name` cannot override the getter `name` of `Shape`
  set size(int value) {} // expect error: `size` with the type `int` is no valid override
  void move(Square by) {}
}

class Below extends Square {} // one cause, one error

abstract class Reads {
  int get it;
}

abstract class Calls {
  int it();
}

abstract class Both implements Reads, Calls {} // expect error: `Both` inherits the getter `it` of `Reads` and the method `it` of `Calls`

class Members<T, T2> {
  static int size = 0; // expect error: the static member `size` has the name of the field `size` of `Members`
  int size = 1;
  int Members = 1; // expect error: `Members` cannot have a member with its own name
  operator +(int a, int b) => a; // expect error: the operator `+` takes exactly one required parameter
  set twice(int a, int b) {} // expect error: a setter takes exactly one required parameter
}

class Constructors {
  final int a;
  final int b;
  Constructors(this.a); // expect error: `b` is not initialised by this constructor
  Constructors.twice(this.a) : a = 1, b = 2; // expect error: `a` is initialised by this constructor already
  Constructors.round() : this.about(); // expect error: redirects to itself in a circle
  Constructors.about() : this.round(); // expect error: redirects to itself in a circle
  const Constructors.constant(this.a) : b = a, assert(a.toString() == ''); // expect error: this is no constant
  factory Constructors.make([int by]) = Constructors.twice; // expect error: does not fit the factory's
  int optional([int x]) => x; // expect error: `x` can be left out but cannot be null
}

base class Closed {}

class Open extends Closed {} // expect error: mark it `base`, `final` or `sealed`

abstract class Number implements int {} // expect error: `int` is final

abstract class Small implements Comparable<int> {}

class Comparing extends Small implements Comparable<num> { // expect error: `Comparing` is both a `Comparable<int>` and a `Comparable<num>`
  int compareTo(num other) => 0;
}

class Bounded<T extends num> {}

Bounded<String>? bounded; // expect error: the type argument `String` is no subtype of `num`, the bound of `T`

enum Suit {
  hearts;
  int get index => 2; // expect error: `index` of an enum is what the language makes it
}

int unset; // expect error: `unset` cannot be null and has no value

(int, {int $1})? record; // expect error: '$1' is the name of a field without name

void main() {
  var twice = 1;
  var twice = 2; // expect error: `twice` is declared twice in this scope
}
