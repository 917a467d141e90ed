// What two tests of error texts share.

int count = 0;

/// Says where an error does not read as it should.
void t(String expected, Function() f) {
  count++;
  String got;
  try {
    got = 'no error: ${f()}';
  } catch (error) {
    got = '$error';
  }
  if (got != expected) print('want: $expected\ngot: $got');
}

class A {
  void m(int a, {int? b}) {}
  X g<X extends num>(X x) => x;
}
class B {}
