// Calls of C functions: numbers of all kinds, pointers, variable arguments, structs.
// stress
import 'dart:ffi';

import '_memory.dart';

final class DivT extends Struct {
  @Int()
  external int quotient;
  @Int()
  external int remainder;
}

final class LdivT extends Struct {
  @Long()
  external int quotient;
  @Long()
  external int remainder;
}

typedef Format = Int32 Function(
    Pointer<Char>, Size, Pointer<Char>, VarArgs<(Int32, Double, Pointer<Char>)>);

void main() {
  final process = DynamicLibrary.process();
  final abs = process.lookupFunction<Int Function(Int), int Function(int)>('abs');
  print(abs(-5)); // expect: 5
  print(abs(0x100000003)); // expect: 3
  final toLower =
      process.lookup<NativeFunction<Int32 Function(Int32)>>('tolower');
  final int Function(int) lower = toLower.asFunction(isLeaf: true);
  print(String.fromCharCode(lower(0x45))); // expect: e
  print(lower is int Function(int)); // expect: true
  print(lower is int Function(double)); // expect: false
  dynamic any = lower;
  print(any(0x46)); // expect: 102
  try {
    any('no');
  } on TypeError {
    print('refused'); // expect: refused
  }

  final math = DynamicLibrary.open('libm.so.6');
  final pow = math.lookupFunction<Double Function(Double, Double),
      double Function(double, double)>('pow');
  print(pow(2.0, 10.0)); // expect: 1024.0
  final powf = math.lookupFunction<Float Function(Float, Float),
      double Function(double, double)>('powf');
  print(powf(3.0, 2.0)); // expect: 9.0
  final ldexp = math.lookupFunction<Double Function(Double, Int),
      double Function(double, int)>('ldexp');
  print(ldexp(1.5, 4)); // expect: 24.0

  final strlen = process.lookupFunction<Size Function(Pointer<Char>),
      int Function(Pointer<Char>)>('strlen', isLeaf: true);
  final strchr = process.lookupFunction<
      Pointer<Char> Function(Pointer<Char>, Int),
      Pointer<Char> Function(Pointer<Char>, int)>('strchr');
  final text = cString('hello, world');
  print(strlen(text)); // expect: 12
  final comma = strchr(text, 0x2c);
  print(comma.address - text.address); // expect: 5
  print(comma.runtimeType); // expect: Pointer<Char>
  print(strchr(text, 0x5a) == nullptr); // expect: true

  final snprintf = process.lookupFunction<
      Format,
      int Function(Pointer<Char>, int, Pointer<Char>, int, double,
          Pointer<Char>)>('snprintf');
  final buffer = calloc<Char>(100);
  final format = cString('%d %.2f %s');
  final count = snprintf(buffer, 100, format, 42, 2.5, text);
  print('$count: ${dartString(buffer)}'); // expect: 20: 42 2.50 hello, world

  final div = process.lookupFunction<DivT Function(Int, Int),
      DivT Function(int, int)>('div');
  final small = div(17, 5);
  print('${small.quotient} ${small.remainder}'); // expect: 3 2
  final ldiv = process.lookupFunction<LdivT Function(Long, Long),
      LdivT Function(int, int)>('ldiv');
  final large = ldiv(1000000000007, -10);
  print('${large.quotient} ${large.remainder}'); // expect: -100000000000 7
  large.quotient = 1;
  print(large.quotient); // expect: 1

  print(process.providesSymbol('strlen')); // expect: true
  print(process.providesSymbol('no such symbol')); // expect: false
  try {
    process.lookup<Void>('no_such_symbol');
  } on ArgumentError catch (error) {
    print(error); // expect: Invalid argument(s): Failed to lookup symbol 'no_such_symbol'
  }
  try {
    DynamicLibrary.open('/no/such/library.so');
  } on ArgumentError catch (error) {
    print('$error'.contains('Failed to load dynamic library')); // expect: true
  }
  print(DynamicLibrary.open('libm.so.6') == math); // expect: true
  for (final pointer in [text, buffer, format]) {
    calloc.free(pointer);
  }
}
