// Native finalizers: called when an object is gone, or when its isolate ends.
import 'dart:ffi';
import 'dart:isolate';

import '_memory.dart';

final class Resource implements Finalizable {
  static final _finalizer = NativeFinalizer(freeFunction);
  final Pointer<Uint8> memory = calloc<Uint8>(64);

  Resource() {
    _finalizer.attach(this, memory.cast(), detach: this, externalSize: 64);
  }

  void close() {
    _finalizer.detach(this);
    calloc.free(memory);
  }
}

/// Calls that a callback counts: the listener is told by the finalizer.
Future<int> collected() async {
  int count = 0;
  final told =
      NativeCallable<Void Function(Pointer<Void>)>.listener((Pointer<Void> token) {
    count += token.address;
  });
  final finalizer = NativeFinalizer(told.nativeFunction.cast());
  void attach() {
    for (int i = 0; i < 100; i++) {
      finalizer.attach(Marker(), Pointer.fromAddress(1));
    }
  }

  attach();
  final kept = Marker();
  finalizer.attach(kept, Pointer.fromAddress(100000), detach: kept);
  for (int i = 0; i < 200 && count < 100; i++) {
    List<int>.filled(100000, 0);
    await Future<void>.delayed(const Duration(milliseconds: 1));
  }
  finalizer.detach(kept);
  told.close();
  return count;
}

final class Marker implements Finalizable {}

void main() async {
  for (int i = 0; i < 1000; i++) {
    final resource = Resource();
    resource.memory.value = 1;
    if (i.isEven) resource.close();
  }
  print(await collected()); // expect: 100

  // What is left when an isolate ends is called then.
  final receive = RawReceivePort();
  int total = 0;
  final told =
      NativeCallable<Void Function(Pointer<Void>)>.listener((Pointer<Void> token) {
    total += token.address;
  });
  final address = told.nativeFunction.address;
  await Isolate.run(() {
    final finalizer = NativeFinalizer(Pointer.fromAddress(address));
    final keep = Marker();
    finalizer.attach(keep, Pointer.fromAddress(3));
    finalizer.attach(keep, Pointer.fromAddress(4));
    return identityHashCode(keep) > 0;
  });
  while (total < 7) {
    await Future<void>.delayed(const Duration(milliseconds: 1));
  }
  print(total); // expect: 7
  told.close();
  receive.close();
}
