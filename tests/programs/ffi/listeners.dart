// C functions that any thread may call: the isolate gets a message.
import 'dart:async';
import 'dart:ffi';

import '_memory.dart';

final createThread = DynamicLibrary.process().lookupFunction<
    Int Function(Pointer<Uint64>, Pointer<Void>,
        Pointer<NativeFunction<Void Function(Pointer<Void>)>>, Pointer<Void>),
    int Function(
        Pointer<Uint64>,
        Pointer<Void>,
        Pointer<NativeFunction<Void Function(Pointer<Void>)>>,
        Pointer<Void>)>('pthread_create');
final joinThread = DynamicLibrary.process().lookupFunction<
    Int Function(Uint64, Pointer<Void>),
    int Function(int, Pointer<Void>)>('pthread_join');

final class Both extends Struct {
  @Int32()
  external int a;
  @Double()
  external double b;
}

void main() async {
  final got = <int>[];
  final all = Completer<void>();
  final callable =
      NativeCallable<Void Function(Pointer<Void>)>.listener((Pointer<Void> p) {
    got.add(p.address);
    if (got.length == 10) all.complete();
  });
  final threads = calloc<Uint64>(10);
  for (int i = 0; i < 10; i++) {
    createThread(threads + i, nullptr, callable.nativeFunction,
        Pointer.fromAddress(i * 16));
  }
  await all.future;
  for (int i = 0; i < 10; i++) {
    joinThread(threads[i], nullptr);
  }
  calloc.free(threads);
  print(got..sort()); // expect: [0, 16, 32, 48, 64, 80, 96, 112, 128, 144]
  callable.close();

  String? caught;
  // Called by the isolate itself it is told later, too, and in its zone.
  await runZonedGuarded(() async {
    final done = Completer<List<Object>>();
    final mixed = NativeCallable<Void Function(Int8, Bool, Float, Both)>.listener(
        (int a, bool b, double c, Both both) {
      done.complete([a, b, c, both.a, both.b]);
      throw 'in the zone';
    });
    final void Function(int, bool, double, Both) tell =
        mixed.nativeFunction.asFunction();
    tell(255, true, 0.25, Struct.create<Both>()
      ..a = 5
      ..b = 6.5);
    print('told'); // expect: told
    print(await done.future); // expect: [-1, true, 0.25, 5, 6.5]
    mixed.close();
  }, (error, _) => caught = '$error');
  print('caught $caught'); // expect: caught in the zone

  // An open listener keeps its isolate alive, unless it is told not to.
  final idle = NativeCallable<Void Function()>.listener(() {});
  print(idle.keepIsolateAlive); // expect: true
  idle.keepIsolateAlive = false;
}
