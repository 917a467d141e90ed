// C functions that call Dart on any thread, with variables that isolates share.
// flags: --experimental-shared-data
import 'dart:concurrent';
import 'dart:ffi';

import '_build.dart';

typedef Work = Int64 Function(Int64, Double);

final library = build('_values');
final onThreads = library.lookupFunction<
    Int64 Function(Pointer<NativeFunction<Work>>),
    int Function(Pointer<NativeFunction<Work>>)>('on_threads');

@pragma('vm:shared')
final mutex = Mutex();

@pragma('vm:shared')
int counter = 0;

@pragma('vm:shared')
final start = int.parse('1');

int own = 0;

int count(int a, double b) {
  mutex.runLocked(() => counter += start);
  return 1;
}

void main() {
  final counts = NativeCallable<Work>.isolateGroupBound(count, exceptionalReturn: -1);
  print(onThreads(counts.nativeFunction)); // expect: 400
  print(counter); // expect: 400
  counts.close();

  // What only isolates have throws.
  final fails = NativeCallable<Work>.isolateGroupBound((int a, double b) => own++, exceptionalReturn: -1);
  print(onThreads(fails.nativeFunction)); // expect: -400
  print(own); // expect: 0
  fails.close();

  final catches = NativeCallable<Work>.isolateGroupBound((int a, double b) {
    try {
      return own;
    } on FieldAccessError {
      return 2;
    }
  }, exceptionalReturn: -1);
  print(onThreads(catches.nativeFunction)); // expect: 800
  catches.close();
}
