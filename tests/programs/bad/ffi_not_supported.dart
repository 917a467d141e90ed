// What `dart:ffi` cannot do here yet.
import 'dart:ffi';

void main() {
  final library = DynamicLibrary.process();
  library.lookupFunction<Handle Function(), Object Function()>('x'); // expect unsupported: a Handle in a native function type
}
