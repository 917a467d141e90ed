// Bytes whose address C code or a struct has are not lent: messages get a copy of them.
// stress
import 'dart:ffi';
import 'dart:isolate';
import 'dart:typed_data';

final class Pair extends Struct {
  @Int64()
  external int first;
  @Int64()
  external int second;
}

@Native<Void Function(Pointer<Uint8>, Int32, Size)>(symbol: 'memset', isLeaf: true)
external void fill(Pointer<Uint8> at, int byte, int count);

TransferableTypedData wrap(TypedData data) => TransferableTypedData.fromList([data]);

Uint8List unwrap(TransferableTypedData data) => data.materialize().asUint8List();

Future<void> main() async {
  final bytes = Uint8List(1 << 17);
  final before = wrap(bytes);
  fill(bytes.address, 7, 100);
  final after = wrap(bytes);
  fill(bytes.address, 8, 100);
  print('${unwrap(before)[99]} ${unwrap(after)[99]} ${bytes[99]}'); // expect: 0 7 8

  final other = Uint8List(1 << 17);
  final early = wrap(other);
  final pair = Struct.create<Pair>(other, 16);
  final view = other.buffer.asInt64List();
  final late = wrap(other);
  pair.second = 300;
  print('${view[3]} ${other[25]}'); // expect: 300 1
  print('${unwrap(early)[25]} ${unwrap(late)[25]}'); // expect: 0 0
  print(await Isolate.run(() => other[25])); // expect: 1
  other[25] = 2;
  print(pair.second); // expect: 556

  // A view that belongs to what came from elsewhere.
  final got = unwrap(wrap(other));
  fill(got.address, 9, 32);
  print('${got[31]} ${other[31]}'); // expect: 9 0
  try {
    fill(got.asUnmodifiableView().address, 1, 1);
  } on ArgumentError {
    print('cannot be written to'); // expect: cannot be written to
  }
}
