// flags: --max-heap=64m
// A program that allocates for ever gets an error; what it let go of can be used again.
void main() {
  for (int round = 0; round < 2; round++) {
    List<Object?> chain = [];
    try {
      while (true) {
        chain = [chain, List.filled(4000, round)];
      }
    } on OutOfMemoryError {
      // What needs no memory itself.
      chain = const [];
      print('round $round'); // expect: round 0
    }
  }
  // expect: round 1
  try {
    List.filled(1 << 28, null);
  } on OutOfMemoryError catch (error) {
    print(error); // expect: Out of Memory
  }
}
