// What patterns may declare and assign; parameters passed on to the superclass; waiting.
int global = 0;

class Base {
  Base(this.x, [this.y = 0]);
  int x, y;
}

class Twice extends Base {
  Twice(super.x) // expect error: would both be passed by position
      : super(1);
  Twice.wide(num super.x); // expect error: is passed on as a `int`
}

class Writes extends Base {
  Writes(super.x) : later = x++; // expect error: 'x' cannot be assigned again
  int later;
}

String form(Object? value) {
  switch (value) {
    case [var a, var a]: // expect error: `a` stands twice in this pattern
      return '$a';
    case (int b, _) || (_, int _): // expect error: `b` is in one alternative
      return '';
    case [...var d, ...]: // expect error: a list pattern has one `...`
      return '$d';
    case <int>{1: _}: // expect error: a map pattern has two type arguments
      return '';
    case int e when e > 1:
    case String _:
      return '$e'; // expect error: 'e' is not declared by each of the cases
  }
  return '';
}

void nothing() {}

Future<int> wait(Future<dynamic> any) async {
  (global, _) = (1, 2); // expect error: a pattern assigns local variables only
  late int slow = await any; // expect error: the initialiser of a 'late' variable
  if (slow > 1) await nothing(); // expect error: void
  for (late int i = 0; i < 1; i++) {} // expect error: a loop's own variable cannot be 'late'
  return any; // expect error: this is a 'Future<dynamic>'
}

void main() {}
