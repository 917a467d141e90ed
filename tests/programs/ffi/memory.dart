// Native memory through pointers and lists.
// stress
import 'dart:ffi';
import 'dart:typed_data';

import '_memory.dart';

@AbiSpecificIntegerMapping({
  Abi.linuxX64: Int32(),
  Abi.linuxArm64: Int32(),
  Abi.macosArm64: Int16(),
})
final class Mine extends AbiSpecificInteger {
  const Mine();
}

void main() {
  print([sizeOf<Int8>(), sizeOf<Uint16>(), sizeOf<Float>(), sizeOf<Double>()]); // expect: [1, 2, 4, 8]
  print([sizeOf<Pointer<Void>>(), sizeOf<Long>(), sizeOf<Mine>()]); // expect: [8, 8, 4]

  final bytes = calloc<Uint8>(16);
  bytes[0] = 0x1ff;
  print(bytes.value); // expect: 255
  print(bytes.cast<Int8>().value); // expect: -1
  bytes.cast<Uint64>()[1] = 0x0102030405060708;
  print((bytes + 8).value); // expect: 8
  print((bytes + 9)[-1]); // expect: 8
  print((bytes + 10 - 1).cast<Uint16>().value.toRadixString(16)); // expect: 607
  bytes.cast<Double>().value = 0.1;
  print(bytes.cast<Double>().value); // expect: 0.1
  bytes.cast<Float>().value = 0.1;
  print(bytes.cast<Float>().value == 0.1); // expect: false
  bytes.cast<Bool>()[3] = true;
  print(bytes.cast<Bool>()[3]); // expect: true
  bytes.cast<Uint64>().value = -1;
  print(bytes.cast<Uint32>().value); // expect: 4294967295
  bytes.cast<Mine>()[1] = 7;
  bytes.cast<Mine>().value += 8;
  print([bytes.cast<Mine>().value, bytes.cast<Mine>()[1]]); // expect: [7, 7]
  print((bytes.cast<Mine>() + 1).address - bytes.address); // expect: 4

  final list = bytes.asTypedList(16);
  list[15] = 9;
  print(bytes[15]); // expect: 9
  print(list.sublist(8)); // expect: [8, 7, 6, 5, 4, 3, 2, 9]
  final words = list.buffer.asUint16List(8);
  words[0] = 0;
  print(list[8]); // expect: 0

  final pointers = calloc<Pointer<Uint8>>(2);
  pointers[1] = bytes;
  print(pointers[1] == bytes); // expect: true
  print(pointers.value == nullptr); // expect: true
  print((pointers + 1).value.address == bytes.address); // expect: true
  print(bytes.cast<Void>().runtimeType); // expect: Pointer<Void>
  print(Pointer<Int8>.fromAddress(0x1f)); // expect: Pointer<Int8>: address=0x1f

  // The list frees the memory when it is gone.
  int sum = 0;
  for (int i = 0; i < 200; i++) {
    final Int32List owned = calloc<Int32>(1000)
        .asTypedList(1000, finalizer: freeFunction);
    owned[999] = i;
    sum += owned[999] + owned[0];
  }
  print(sum); // expect: 19900
  calloc.free(bytes);
  calloc.free(pointers);

  try {
    Expando<int>('')[nullptr] = 1;
  } on ArgumentError {
    print('no key'); // expect: no key
  }
  print(Abi.values.contains(Abi.current())); // expect: true
}
