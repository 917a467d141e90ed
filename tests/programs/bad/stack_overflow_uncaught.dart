void down() => down();

void main() {
  print('down'); // expect: down
  down(); // expect uncaught: Stack Overflow
}
