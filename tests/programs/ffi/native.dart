// External functions with `@Native`.
@DefaultAsset('libm.so.6')
library;

import 'dart:ffi';
import 'dart:typed_data';

import '_memory.dart';

@Native<Double Function(Double)>()
external double sqrt(double x);

@Native<Size Function(Pointer<Char>)>(
    symbol: 'strlen', assetId: 'libc.so.6', isLeaf: true)
external int lengthOf(Pointer<Char> text);

@Native<Double Function(Double)>()
external double no_such_function(double x);

@Native<Size Function(Pointer<Uint8>)>(symbol: 'strlen', assetId: 'libc.so.6', isLeaf: true)
external int lengthIn(Pointer<Uint8> text);

@Native<Pointer<Void> Function(Pointer<Void>, Pointer<Void>, Size)>(symbol: 'memcpy', assetId: 'libc.so.6', isLeaf: true)
external Pointer<Void> copy(Pointer<Void> to, Pointer<Void> from, int count);

final class Pair extends Struct {
  @Int32()
  external int a;
  @Array(3)
  external Array<Int32> rest;
}

abstract final class Libc {
  @Native<Int32 Function(Int32)>(symbol: 'abs', assetId: 'libc.so.6')
  external static int absolute(int x);

  @Native<Void Function(Pointer<Void>)>(symbol: 'free', assetId: 'libc.so.6')
  external static void free(Pointer<Void> memory);
}

@Native<Double Function(Double)>()
external double lgamma(double x);

/// The sign of what lgamma gave last.
@Native<Int32>()
external int signgam;

@Native<Pointer<Pointer<Char>>>(assetId: 'libc.so.6')
external final Pointer<Pointer<Char>> environ;

@Native(assetId: 'libc.so.6')
@Array(2)
external Array<Pointer<Char>> tzname;

@Native<Int32>(symbol: 'optind', assetId: 'libc.so.6')
external int get nextOption;

@Native<Int32>(symbol: 'optind', assetId: 'libc.so.6')
external set nextOption(int value);

@Native<Int32>()
external int no_such_variable;

abstract final class Options {
  @Native<Int32>(assetId: 'libc.so.6')
  external static int opterr;
}

void variables() {
  lgamma(-0.5);
  print(signgam); // expect: -1
  lgamma(0.5);
  print(signgam); // expect: 1
  signgam += 4;
  print(Native.addressOf<Int32>(signgam).value); // expect: 5
  print(environ.value.value != 0); // expect: true
  print(tzname[0].address != 0); // expect: true
  nextOption = 12;
  print('$nextOption ${Options.opterr} ${Options.opterr = 3} ${Options.opterr}'); // expect: 12 1 3 3
  try {
    no_such_variable = 1;
  } on ArgumentError catch (error) {
    print(error.message); // expect: Couldn't resolve native function 'no_such_variable' in 'libm.so.6'.
  }
}

void main() {
  variables();
  print(sqrt(2.25)); // expect: 1.5
  final text = cString('four');
  print(lengthOf(text)); // expect: 4
  Libc.free(text.cast());

  // Leaf calls take what is in the heap.
  final bytes = Uint8List.fromList([1, 2, 3, 0, 4]);
  print([lengthIn(bytes.address), lengthIn(Uint8List.sublistView(bytes, 1).address)]); // expect: [3, 2]
  final pair = Struct.create<Pair>();
  copy(pair.address.cast(), Int32List.fromList([7, 8, 9, 10]).address.cast(), 16);
  final doubles = Float64List(2);
  copy(doubles.address.cast(), pair.rest.address.cast(), 12);
  print([pair.a, pair.rest[2], doubles.buffer.asInt32List(0, 3)]); // expect: [7, 10, [8, 9, 10]]

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
