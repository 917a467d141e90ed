// Nor can what it starts; a condition on the library does not hold.
// flags: --no-ffi
import 'dart:isolate';

import '_without.dart' if (dart.library.ffi) '_memory.dart';

void main() async {
  print(which); // expect: without
  try {
    await Isolate.spawnUri(Uri.parse('calls.dart'), [], null);
  } on IsolateSpawnException catch (error) {
    print('$error'.contains('the program is run without `dart:ffi`')); // expect: true
  }
}
