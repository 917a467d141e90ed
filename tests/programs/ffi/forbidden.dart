// A program that is run without `dart:ffi` cannot import it.
// flags: --no-ffi
import 'dart:ffi'; // expect error: the program is run without `dart:ffi`

void main() {
  print(sizeOf<Int32>());
}
