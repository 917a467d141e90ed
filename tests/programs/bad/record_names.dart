// Names that the fields of records and named parameters cannot have.

typedef Twice = (int a, {int a}); // expect error: two fields 'a'
typedef Private = ({int _b}); // expect error: cannot be private
typedef Object_ = ({int hashCode}); // expect error: has its own 'hashCode'
typedef Numbered = (int, {int $1}); // expect error: name of a field without name
typedef Fine = (int $1, int _, {int $3});

class C {
  int _x;
  int __y = 0;
  C({required this._x, this.__y = 1}); // expect error: no public name
  C.again(int x, {required this._x}); // expect error: taken by another one
}

abstract class A {
  abstract int x = 1; // expect error: has no initial value
}

class Box<_> {
  _ value() => throw ''; // expect error: `_`
}

void main() {
  print((1, a: 2, a: 3)); // expect error: two fields 'a'
  print((1, $1: 2)); // expect error: name of a field without name
}
