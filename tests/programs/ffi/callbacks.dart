// C functions that call Dart functions of the isolate that has called C.
// stress
import 'dart:ffi';
import 'dart:isolate';

import '_memory.dart';

typedef Compare = Int Function(Pointer<Int32>, Pointer<Int32>);

final qsort = DynamicLibrary.process().lookupFunction<
    Void Function(Pointer<Int32>, Size, Size, Pointer<NativeFunction<Compare>>),
    void Function(Pointer<Int32>, int, int,
        Pointer<NativeFunction<Compare>>)>('qsort');

List<int> sorted(List<int> numbers, Pointer<NativeFunction<Compare>> compare) {
  final memory = calloc<Int32>(numbers.length);
  final list = memory.asTypedList(numbers.length)..setAll(0, numbers);
  qsort(memory, numbers.length, 4, compare);
  final result = list.toList();
  calloc.free(memory);
  return result;
}

int backwards(Pointer<Int32> a, Pointer<Int32> b) => b.value - a.value;

final class Pair extends Struct {
  @Double()
  external double a;
  @Int32()
  external int b;
}

Pair swapped(Pair pair) => Struct.create<Pair>()
  ..a = pair.b.toDouble()
  ..b = pair.a.toInt();

void main() async {
  final numbers = [for (int i = 0; i < 60; i++) i * 37 % 61];
  int calls = 0;
  final callable = NativeCallable<Compare>.isolateLocal((Pointer<Int32> a, Pointer<Int32> b) {
    calls++;
    // Allocates, so that collections pass through the call of C.
    return int.parse('${a.value - b.value}');
  }, exceptionalReturn: 0);
  final up = sorted(numbers, callable.nativeFunction);
  print(up.take(5).toList()); // expect: [0, 1, 2, 3, 4]
  print(calls > 60); // expect: true
  callable.close();
  try {
    callable.nativeFunction;
  } on StateError {
    print('closed'); // expect: closed
  }

  final down = Pointer.fromFunction<Compare>(backwards, 0);
  print(sorted([1, 3, 2], down)); // expect: [3, 2, 1]
  print(down == Pointer.fromFunction<Compare>(backwards, 0)); // expect: true

  // What it throws is lost; C gets the exceptional value.
  final failing = NativeCallable<Int Function(Int)>.isolateLocal(
      (int x) => x > 0 ? x : throw 'negative',
      exceptionalReturn: -99);
  final int Function(int) call = failing.nativeFunction.asFunction();
  print([call(3), call(-3)]); // expect: [3, -99]
  failing.close();

  // C calls Dart, which calls C, which calls Dart.
  late final int Function(int) down1;
  final nested = NativeCallable<Int64 Function(Int64)>.isolateLocal(
      (int x) => x == 0 ? 0 : x + down1(x - 1),
      exceptionalReturn: 0);
  down1 = nested.nativeFunction.asFunction();
  print(down1(50)); // expect: 1275
  // Too deep for the native stack: the innermost function throws, and C gets 0.
  print(down1(1000000) > 1000000); // expect: true
  nested.close();

  // All kinds of arguments and results.
  final mixed = NativeCallable<
          Double Function(Uint8, Bool, Float, Pointer<Char>, Int16)>.isolateLocal(
      (int a, bool b, double c, Pointer<Char> d, int e) =>
          a + (b ? 1000 : 0) + c + d.address + e,
      exceptionalReturn: 0.0);
  final double Function(int, bool, double, Pointer<Char>, int) mix =
      mixed.nativeFunction.asFunction();
  print(mix(257, true, 0.5, Pointer.fromAddress(4), -2)); // expect: 1003.5
  mixed.close();
  final pairs = NativeCallable<Pair Function(Pair)>.isolateLocal(swapped);
  final Pair Function(Pair) swap = pairs.nativeFunction.asFunction();
  final pair = swap(Struct.create<Pair>()
    ..a = 7.0
    ..b = 9);
  print([pair.a, pair.b]); // expect: [9.0, 7]
  pairs.close();

  // A callback cannot wait.
  final waiting = NativeCallable<Void Function()>.isolateLocal(() {
    try {
      Isolate.exit();
    } on UnsupportedError catch (error) {
      print(error.message); // expect: not supported yet: waiting in a function that native code has called
    }
  });
  waiting.nativeFunction.asFunction<void Function()>()();
  waiting.close();

  // Each isolate has callbacks of its own.
  final elsewhere = await Isolate.run(
      () => sorted([5, 1, 4], Pointer.fromFunction<Compare>(backwards, 0)));
  print(elsewhere); // expect: [5, 4, 1]
}
