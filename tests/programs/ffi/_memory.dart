// Memory of C's allocator, as package:ffi gives it.
import 'dart:ffi';

final _process = DynamicLibrary.process();
final _calloc = _process.lookupFunction<Pointer<Void> Function(Size, Size),
    Pointer<Void> Function(int, int)>('calloc');
final _free = _process.lookupFunction<Void Function(Pointer<Void>),
    void Function(Pointer<Void>)>('free');

/// The address of C's `free`, for finalizers.
final Pointer<NativeFinalizerFunction> freeFunction =
    _process.lookup<NativeFinalizerFunction>('free');

const Calloc calloc = Calloc();

class Calloc implements Allocator {
  const Calloc();

  Pointer<T> allocate<T extends NativeType>(int byteCount, {int? alignment}) =>
      _calloc(byteCount, 1).cast<T>();

  void free(Pointer<NativeType> pointer) => _free(pointer.cast<Void>());
}

/// A C string that the caller frees.
Pointer<Char> cString(String text) {
  final result = calloc<Char>(text.length + 1);
  for (int i = 0; i < text.length; i++) {
    result[i] = text.codeUnitAt(i);
  }
  return result;
}

String dartString(Pointer<Char> text) {
  final units = <int>[];
  for (int i = 0; text[i] != 0; i++) {
    units.add(text[i]);
  }
  return String.fromCharCodes(units);
}
