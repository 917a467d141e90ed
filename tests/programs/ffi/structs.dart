// Structs, unions and arrays: layout, access, nesting, copies.
// stress
import 'dart:ffi';
import 'dart:typed_data';

import '_memory.dart';

final class Inner extends Struct {
  @Int8()
  external int a;
  @Int32()
  external int b;
}

final class Number extends Union {
  @Int64()
  external int whole;
  @Double()
  external double real;
  @Array(8)
  external Array<Uint8> bytes;
}

final class Outer extends Struct {
  @Bool()
  external bool flag;
  external Inner inner;
  @Float()
  external double ratio;
  external Pointer<Outer> next;
  external Number number;
  @Array(2, 3)
  external Array<Array<Int16>> grid;
  @Array.multi([2])
  external Array<Inner> inners;
  @Array(2)
  external Array<Pointer<Uint8>> pointers;
  @Array(3)
  external Array<Long> longs;

  int get total => inner.a + inner.b;
}

@Packed(1)
final class Tight extends Struct {
  @Int8()
  external int a;
  @Int32()
  external int b;
  @Double()
  external final double c;
}

void main() {
  print([sizeOf<Inner>(), sizeOf<Number>(), sizeOf<Tight>(), sizeOf<Outer>()]); // expect: [8, 8, 13, 104]

  final outer = calloc<Outer>();
  final ref = outer.ref;
  ref.flag = true;
  ref.inner.a = -3;
  ref.inner.b = 100;
  ref.ratio = 0.5;
  ref.next = outer;
  ref.number.real = 1.0;
  print([ref.flag, ref.inner.a, ref.inner.b, ref.ratio]); // expect: [true, -3, 100, 0.5]
  print(ref.next.ref.total); // expect: 97
  print(ref.number.whole.toRadixString(16)); // expect: 3ff0000000000000
  print(ref.number.bytes[7]); // expect: 63
  print(ref.number.bytes.elements); // expect: [0, 0, 0, 0, 0, 0, 240, 63]
  ref.grid[1][2] = 12;
  ref.grid[0] = ref.grid[1];
  print([ref.grid[0][2], ref.grid[1][1]]); // expect: [12, 0]
  try {
    ref.grid[0][3] = 1;
  } on RangeError {
    print('outside'); // expect: outside
  }
  ref.inners[1] = ref.inner;
  print(ref.inners[1].b); // expect: 100
  ref.pointers[1] = outer.cast();
  print(ref.pointers[1].address == outer.address); // expect: true
  ref.longs[2] = -7;
  print(ref.longs[2]); // expect: -7
  print((outer.cast<Uint8>() + 4).cast<Inner>().ref.a); // expect: -3

  // A struct is a reference; assigning to `ref` copies.
  final two = calloc<Inner>(2);
  two[1] = ref.inner;
  ref.inner.b = 1;
  print([two[1].b, (two + 1).ref.a]); // expect: [100, -3]
  two.ref = two[1];
  two[1].b += 5;
  print([two.ref.b, two[1].b]); // expect: [100, 105]

  // In Dart's own memory.
  final data = Uint8List(16);
  final tight = Struct.create<Tight>(data, 3);
  tight.a = 1;
  tight.b = 0x04030201;
  print(data); // expect: [0, 0, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]
  final number = Union.create<Number>();
  number.real = -2.0;
  print(number.whole.isNegative); // expect: true
  try {
    Struct.create<Tight>(data, 4);
  } on RangeError {
    print('too far'); // expect: too far
  }

  // Structs of Dart's memory stay where they are, whatever is collected.
  final kept = [for (int i = 0; i < 50; i++) Struct.create<Inner>()..b = i];
  int sum = 0;
  for (final one in kept) {
    sum += one.b;
  }
  print(sum); // expect: 1225
  calloc.free(outer);
  calloc.free(two);
}
