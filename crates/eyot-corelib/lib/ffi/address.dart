part of 'ffi.dart';

// Addresses of what lies in the heap, for arguments of leaf calls: analysis
// sees to it that they are nothing else. Bytes of typed data never move, and
// nothing is collected while a leaf call is under way.

extension Int8ListAddress on Int8List {
  Pointer<Int8> get address => Pointer<Int8>.fromAddress(_addressOf(this));
}

extension Int16ListAddress on Int16List {
  Pointer<Int16> get address => Pointer<Int16>.fromAddress(_addressOf(this));
}

extension Int32ListAddress on Int32List {
  Pointer<Int32> get address => Pointer<Int32>.fromAddress(_addressOf(this));
}

extension Int64ListAddress on Int64List {
  Pointer<Int64> get address => Pointer<Int64>.fromAddress(_addressOf(this));
}

extension Uint8ListAddress on Uint8List {
  Pointer<Uint8> get address => Pointer<Uint8>.fromAddress(_addressOf(this));
}

extension Uint16ListAddress on Uint16List {
  Pointer<Uint16> get address => Pointer<Uint16>.fromAddress(_addressOf(this));
}

extension Uint32ListAddress on Uint32List {
  Pointer<Uint32> get address => Pointer<Uint32>.fromAddress(_addressOf(this));
}

extension Uint64ListAddress on Uint64List {
  Pointer<Uint64> get address => Pointer<Uint64>.fromAddress(_addressOf(this));
}

extension Float32ListAddress on Float32List {
  Pointer<Float> get address => Pointer<Float>.fromAddress(_addressOf(this));
}

extension Float64ListAddress on Float64List {
  Pointer<Double> get address => Pointer<Double>.fromAddress(_addressOf(this));
}

extension ArrayAddress<T extends NativeType> on Array<T> {
  Pointer<T> get address => Pointer<T>.fromAddress(_addressIn(this));
}

extension StructAddress<T extends Struct> on T {
  Pointer<T> get address => Pointer<T>.fromAddress(_addressIn(this));
}

extension UnionAddress<T extends Union> on T {
  Pointer<T> get address => Pointer<T>.fromAddress(_addressIn(this));
}
