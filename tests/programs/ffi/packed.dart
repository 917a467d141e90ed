// Packed structs as arguments and results, of C functions and of callbacks.
import 'dart:ffi';

import '_build.dart';

@Packed(1)
final class Five extends Struct {
  @Int8()
  external int a;
  @Int32()
  external int b;
}

@Packed(1)
final class Eleven extends Struct {
  @Int8()
  external int a;
  @Double()
  external double b;
  @Int16()
  external int c;
}

@Packed(1)
final class Large extends Struct {
  @Int8()
  external int a;
  @Array(3)
  external Array<Int64> b;
}

final library = build('_values');

Five five(int a, int b) => Struct.create<Five>()
  ..a = a
  ..b = b;

Eleven eleven(int a, double b, int c) => Struct.create<Eleven>()
  ..a = a
  ..b = b
  ..c = c;

Large large(int a, int b) {
  final made = Struct.create<Large>()..a = a;
  for (int i = 0; i < 3; i++) {
    made.b[i] = b + i;
  }
  return made;
}

void main() {
  final weigh = library.lookupFunction<
      Int64 Function(Int32, Five, Double, Eleven, Int64, Int64, Int64, Int64,
          Int64, Large, Int8),
      int Function(int, Five, double, Eleven, int, int, int, int, int, Large,
          int)>('weigh');
  print(weigh(1, five(2, 3), 0.25, eleven(4, 0.5, 5), 1, 2, 3, 4, 5,
      large(6, 7), 8)); // expect: 1109141
  final makeFive = library.lookupFunction<Five Function(Int8, Int32),
      Five Function(int, int)>('make_five');
  final made = makeFive(-1, 1 << 30);
  print([sizeOf<Five>(), made.a, made.b]); // expect: [5, -1, 1073741824]
  final turn = library.lookupFunction<Eleven Function(Eleven),
      Eleven Function(Eleven)>('turn');
  final turned = turn(eleven(3, 2.5, -4));
  print([turned.a, turned.b, turned.c]); // expect: [-4, -2.5, 3]
  final makeLarge = library.lookupFunction<Large Function(Int8, Int64),
      Large Function(int, int)>('make_large');
  final big = makeLarge(9, 100);
  print([big.a, big.b[0], big.b[1], big.b[2]]); // expect: [9, 100, 101, 102]

  final callTurn = library.lookupFunction<
      Double Function(
          Pointer<NativeFunction<Eleven Function(Int8, Five, Eleven, Large)>>),
      double Function(
          Pointer<
              NativeFunction<
                  Eleven Function(Int8, Five, Eleven, Large)>>)>('call_turn');
  final callback = NativeCallable<
          Eleven Function(Int8, Five, Eleven, Large)>.isolateLocal(
      (int a, Five b, Eleven c, Large d) {
    print([a, b.a, b.b, c.a, c.b, c.c, d.a, d.b[0], d.b[1], d.b[2]]);
    return eleven(a, c.b, b.b);
  });
  print(callTurn(callback.nativeFunction));
  // expect: [1, 2, 3, 4, 5.5, 6, 7, 8, 9, 10]
  // expect: 356.0
  callback.close();
}
