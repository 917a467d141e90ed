// Switches must cover all values: expressions always, statements over types whose values are known.

enum Suit { clubs, hearts }

sealed class Shape {}
class Circle extends Shape {}
class Square extends Shape {
  final bool filled;
  Square(this.filled);
}

sealed class Result<T> {}
class Ok<T> extends Result<T> {}
class Text extends Result<String> {}

extension type Flag(bool value) {}

int suit(Suit s) => switch (s) { Suit.clubs => 1 }; // expect error: no case takes 'Suit.hearts'
int flag(Flag f) => switch (f) { true => 1 }; // expect error: no case takes false
int maybe(bool? b) => switch (b) { true => 1, false => 2 }; // expect error: no case takes null
int shape(Shape s) => switch (s) { // expect error: no case takes every 'Square'
  Circle() => 1,
  Square(filled: true) => 2,
};
int list(List<bool> l) => switch (l) { [] => 0, [_, true, ...] => 1, [_] => 2 }; // expect error: no case takes every 'List<bool>'
int guarded(Suit s) => switch (s) { Suit.clubs => 1, Suit.hearts when s.index > 5 => 2 }; // expect error: Suit.hearts
int number(int i) => switch (i) { 1 => 1 }; // expect error: no case takes every 'int'

void statement(Shape s, String text) {
  switch (s) { // expect error: no case takes every 'Circle'
    case Square():
  }
  switch (text) {
    case 'a':
  }
}

int fine(Suit a, bool? b, Result<int> r, (bool, Suit) pair, List<Suit> l, Shape s) {
  switch (pair) {
    case (true, _):
      return 1;
    case (false, Suit.clubs || Suit.hearts):
  }
  return switch (a) { Suit.clubs => 1, Suit.hearts => 2 } +
      switch (b) { true => 1, false => 2, null => 3 } +
      switch (b) { var x? => x ? 1 : 2, null => 3 } +
      switch (r) { Ok() => 1 } +
      switch (l) { [] => 0, [Suit.clubs] => 1, [Suit.hearts] => 1, [_, _, ...] => 2 } +
      switch (s) { Square(filled: true) || Circle() => 1, Square(filled: false) => 2 } +
      switch (s) { Circle() as Circle => 1 };
}

void main() {}
