part of 'ffi.dart';

/// Gives and takes back native memory.
abstract interface class Allocator {
  Pointer<T> allocate<T extends NativeType>(int byteCount, {int? alignment});

  void free(Pointer<NativeType> pointer);
}

extension AllocatorAlloc on Allocator {
  /// Memory for [count] values of [T].
  Pointer<T> call<T extends SizedNativeType>([int count = 1]) =>
      _needsStaticTypes('call');
}

Pointer<T> _allocate<T extends SizedNativeType>(int size, Allocator allocator,
        [int count = 1]) =>
    allocator.allocate<T>(size * count);
