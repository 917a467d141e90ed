// Endless recursion is an error that can be caught, as often as one likes.
int depth = 0;

int dive(int n) {
  depth = n;
  return dive(n + 1) + 1;
}

String endless(Object? o) => '${endless(o)}!';

void main() {
  for (int i = 0; i < 3; i++) {
    try {
      dive(0);
    } on StackOverflowError {
      print(depth > 1000); // expect: true
    }
  }
  // expect: true
  // expect: true
  try {
    endless(null);
  } on StackOverflowError catch (error) {
    print(error); // expect: Stack Overflow
  }
}
