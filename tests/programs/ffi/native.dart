// External functions with `@Native`.
@DefaultAsset('libm.so.6')
library;

import 'dart:ffi';

import '_memory.dart';

@Native<Double Function(Double)>()
external double sqrt(double x);

@Native<Size Function(Pointer<Char>)>(
    symbol: 'strlen', assetId: 'libc.so.6', isLeaf: true)
external int lengthOf(Pointer<Char> text);

@Native<Double Function(Double)>()
external double no_such_function(double x);

abstract final class Libc {
  @Native<Int32 Function(Int32)>(symbol: 'abs', assetId: 'libc.so.6')
  external static int absolute(int x);

  @Native<Void Function(Pointer<Void>)>(symbol: 'free', assetId: 'libc.so.6')
  external static void free(Pointer<Void> memory);
}

void main() {
  print(sqrt(2.25)); // expect: 1.5
  final text = cString('four');
  print(lengthOf(text)); // expect: 4
  Libc.free(text.cast());
  print([1, -2, -3].map(Libc.absolute).toList()); // expect: [1, 2, 3]
  final address =
      Native.addressOf<NativeFunction<Double Function(Double)>>(sqrt);
  print(address.asFunction<double Function(double)>()(16.0)); // expect: 4.0
  try {
    no_such_function(1.0);
  } on ArgumentError catch (error) {
    print(error.message); // expect: Couldn't resolve native function 'no_such_function' in 'libm.so.6'.
  }
}
