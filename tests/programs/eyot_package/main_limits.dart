// flags: --max-cpu=30ms
void main() {
  print('more'); // expect: more
  while (true) {}
  // expect stderr: the main isolate was ended: it used up its time on a core
  // expect exit: 255
}
