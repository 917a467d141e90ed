// @dart=2.13
// What later versions of the language allow.
class Note<T> {
  const Note();
}

@Note<int>() // expect error: annotations have type arguments from language version 2.14 on
void call(int a, {int b = 0}) {}

void main() {
  call(b: 1, 2); // expect error: arguments without a name come before those with one
}
