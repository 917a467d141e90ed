// C functions that call Dart on any thread, without an isolate of the program's.
import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';

import '_build.dart';

typedef Work = Int64 Function(Int64, Double);

final library = build('_values');
final onThreads = library.lookupFunction<
    Int64 Function(Pointer<NativeFunction<Work>>),
    int Function(Pointer<NativeFunction<Work>>)>('on_threads');
final callHere = library.lookupFunction<
    Int64 Function(Pointer<NativeFunction<Work>>, Int64),
    int Function(Pointer<NativeFunction<Work>>, int)>('call_here');

@Packed(1)
final class Five extends Struct {
  @Int8()
  external int a;
  @Int32()
  external int b;
}

int counter = 0;

int work(int a, double b) {
  final list = List.generate(10, (index) => index * a);
  return list.last + (b * 2).toInt() + counter++;
}

int fails(int a, double b) => throw StateError('nobody hears this');

Five make(int a) => Struct.create<Five>()
  ..a = a
  ..b = a * 2;

/// Calls C, which calls Dart, and so on, until that is too deep.
int deeper(int address, double b) {
  final call = Pointer<NativeFunction<Int64 Function(Int64, Double)>>.fromAddress(address)
      .asFunction<int Function(int, double)>();
  return 1 + call(address, b);
}

Future<void> main() async {
  final callable = NativeCallable<Work>.isolateGroupBound(work, exceptionalReturn: -1);
  // Each call finds fresh statics: 100 * 9 * (0 + 1 + 2 + 3) + 400.
  print(onThreads(callable.nativeFunction)); // expect: 5800
  print(callHere(callable.nativeFunction, 3)); // expect: 27
  print(counter); // expect: 0
  print(callable.keepIsolateAlive); // expect: true
  callable.close();

  // What it captures is shared.
  final int base = int.parse('1000');
  final closure = NativeCallable<Work>.isolateGroupBound(
      (int a, double b) => base + a, exceptionalReturn: 0);
  print(onThreads(closure.nativeFunction)); // expect: 400600
  closure.close();

  final throws = NativeCallable<Work>.isolateGroupBound(fails, exceptionalReturn: -7);
  print(callHere(throws.nativeFunction, 1)); // expect: -7
  throws.close();

  final makes = NativeCallable<Five Function(Int64)>.isolateGroupBound(make);
  final makeOnThread = library.lookupFunction<
      Int64 Function(Pointer<NativeFunction<Five Function(Int64)>>),
      int Function(Pointer<NativeFunction<Five Function(Int64)>>)>('make_on_thread');
  print(makeOnThread(makes.nativeFunction)); // expect: 7014
  makes.close();

  final recursive = NativeCallable<Work>.isolateGroupBound(deeper, exceptionalReturn: 0);
  final address = recursive.nativeFunction.address;
  print(callHere(recursive.nativeFunction, address) > 1); // expect: true
  recursive.close();

  // Messages go out, and what waits blocks the thread.
  final port = ReceivePort();
  final to = port.sendPort;
  final sends = NativeCallable<Work>.isolateGroupBound((int a, double b) {
    to.send(a);
    return a;
  }, exceptionalReturn: 0);
  print(onThreads(sends.nativeFunction)); // expect: 600
  print(await port.take(400).fold<int>(0, (sum, a) => sum + (a as int))); // expect: 600
  sends.close();

  int changing = 0;
  try {
    NativeCallable<Work>.isolateGroupBound((int a, double b) => changing++,
        exceptionalReturn: 0);
  } on ArgumentError catch (error) {
    print(error.name); // expect: callback
  }
}
