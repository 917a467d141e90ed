// `fillRange` of typed data: elements of all kinds, views, ranges that take several steps.

import 'dart:typed_data';

/// Whether exactly the elements from [start] to [end] are [filled], and the others [old].
bool isFilled<T>(List<T> list, int start, int end, T old, T filled) {
  for (var i = 0; i < list.length; i++) {
    if (list[i] != (i >= start && i < end ? filled : old)) return false;
  }
  return true;
}

void ints(String name, List<int> list, int value, int filled) {
  list.fillRange(3, 40, value);
  print('$name ${isFilled(list, 3, 40, 0, filled)}');
}

void doubles(String name, List<double> list, double filled) {
  list.fillRange(3, 40, 0.1);
  print('$name ${isFilled(list, 3, 40, 0.0, filled)}');
}

String refusal(void Function() action) {
  try {
    action();
    return 'done';
  } on RangeError {
    return 'range';
  } on ArgumentError {
    return 'argument';
  } on UnsupportedError {
    return 'unsupported';
  }
}

void main() {
  ints('Int8', Int8List(43), 200, -56); // expect: Int8 true
  ints('Uint8', Uint8List(43), -1, 255); // expect: Uint8 true
  ints('Uint8Clamped', Uint8ClampedList(43), 300, 255); // expect: Uint8Clamped true
  ints('Int16', Int16List(43), 0x12345, 0x2345); // expect: Int16 true
  ints('Uint16', Uint16List(43), -2, 0xfffe); // expect: Uint16 true
  ints('Int32', Int32List(43), -7, -7); // expect: Int32 true
  ints('Uint32', Uint32List(43), -1, 0xffffffff); // expect: Uint32 true
  ints('Int64', Int64List(43), 1 << 63, 1 << 63); // expect: Int64 true
  ints('Uint64', Uint64List(43), 5, 5); // expect: Uint64 true
  doubles('Float32', Float32List(43), Float32List.fromList([0.1])[0]); // expect: Float32 true
  doubles('Float64', Float64List(43), 0.1); // expect: Float64 true

  // A view writes to its own part only.
  final bytes = Uint8List(64);
  Uint16List.sublistView(bytes, 6, 20).fillRange(1, 6, 0x0201);
  print(bytes.sublist(6, 22)); // expect: [0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 0, 0, 0, 0]
  final large = Uint8List(3 << 20);
  Uint8List.sublistView(large, 5).fillRange(2, large.length - 8, 9);
  print(isFilled(large, 7, large.length - 3, 0, 9)); // expect: true
  final wide = Float64List(200000)..fillRange(1, 199999, 2.5);
  print(isFilled(wide, 1, 199999, 0.0, 2.5)); // expect: true

  print(refusal(() => bytes.fillRange(0, 65, 1))); // expect: range
  print(refusal(() => bytes.fillRange(3, 2, 1))); // expect: range
  print(refusal(() => bytes.fillRange(0, 2))); // expect: argument
  print(refusal(() => bytes.fillRange(2, 2))); // expect: done
  print(refusal(() => bytes.asUnmodifiableView().fillRange(0, 2, 1))); // expect: unsupported
}
