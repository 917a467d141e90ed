// What `dart:ffi` asks of types and declarations.
import 'dart:ffi';
import 'dart:typed_data';

final class NoNative extends Struct {
  external int plain; // expect error: this field needs its native type as an annotation
  @Int32()
  external double other; // expect error: the native type in the annotation does not fit the field's type
  @Int32()
  @Int64()
  external int twice; // expect error: a field has one native type as an annotation
  @Int32()
  late int inside; // expect error: a field of a Struct lies in native memory: mark it 'external'
  external String text; // expect error: a field of a struct or union is an int, double or bool
  external Array<Int8> open; // expect error: an Array needs its dimensions
  @Array(2)
  external Array<Array<Int8>> flat; // expect error: has not as many dimensions as the type
  @Array(0)
  external Array<Int8> empty; // expect error: dimensions of an Array are greater than 0
  @Array.multi([9223372036854775807, 2])
  external Array<Array<Int8>> endless; // expect error: more elements than memory can hold
  @Array(2)
  external Array<Void> nothing; // expect error: of a native type that has a size
}

final class Inside extends Struct {
  @Int8()
  external int a;
  external Inside again; // expect error: a struct or union cannot contain itself
}

final class Empty extends Union {} // expect error: a Union needs fields

@Packed(3) // expect error: a struct is packed to 1, 2, 4, 8 or 16 bytes
final class Odd extends Struct {
  @Int8()
  external int a;
  Odd(this.a); // expect error: a constructor of a struct or union initialises no fields
}

final class Fine extends Struct {
  @Int8()
  external int a;
}

final class More extends Fine {} // expect error: a struct or union cannot be extended, implemented or mixed in

@Native<Int32 Function(Int32)>()
external double mismatch(int x); // expect error: does not fit the native one

int add(int a, int b) => a + b;

void generic<T extends NativeType>(Pointer<T> pointer) {
  pointer + 1; // expect error: 'T' is not known before the program runs
}

void main() {
  Odd(1); // expect error: a struct or union is not made by a constructor
  final library = DynamicLibrary.process();
  library.lookupFunction<Int32 Function(Int32), int Function(double)>('abs'); // expect error: does not fit the native one
  library.lookupFunction<int Function(int), int Function(int)>('abs'); // expect error: 'int' is no native type that a function can take or give
  Pointer<Void> nothing = nullptr;
  nothing + 1; // expect error: 'Void' is no native type with a size
  Pointer.fromFunction<Int32 Function(Int32, Int32)>(add); // expect error: needs an exceptional return value
  Pointer.fromFunction<Int32 Function(Int32)>(add, 0); // expect error: cannot be called as
  NativeCallable<Int32 Function(Int32, Int32)>.listener(add); // expect error: its function gives 'Void'
  Native.addressOf<NativeFunction<Void Function()>>(main); // expect error: has a '@Native' annotation
  Pointer<Uint8> kept = Uint8List(1).address; // expect error: can only be an argument of a call of a leaf '@Native' function
  notLeaf(Uint8List(1).address); // expect error: can only be an argument of a call of a leaf '@Native' function
}

@Native<Void Function(Pointer<Uint8>)>()
external void notLeaf(Pointer<Uint8> data);
