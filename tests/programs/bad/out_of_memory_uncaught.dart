// flags: --max-heap=16m
void main() {
  final all = <String>[];
  print('more'); // expect: more
  for (int i = 0;; i++) {
    all.add('number $i' * 100); // expect uncaught: Out of Memory
  }
}
