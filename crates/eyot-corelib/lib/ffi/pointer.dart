part of 'ffi.dart';

/// No address at all.
final Pointer<Never> nullptr = Pointer<Never>.fromAddress(0);

/// An address in native memory.
final class Pointer<T extends NativeType>
    implements SizedNativeType, WithoutIdentity {
  final int _address;

  Pointer.fromAddress(int address) : _address = address;

  int get address => _address;

  Pointer<U> cast<U extends NativeType>() => Pointer<U>.fromAddress(_address);

  /// A C function that calls the static function [f] of this isolate.
  static Pointer<NativeFunction<T>> fromFunction<T extends Function>(Function f,
          [Object? exceptionalReturn]) =>
      _needsStaticTypes('Pointer.fromFunction');

  bool operator ==(Object other) =>
      other is Pointer && other._address == _address;

  int get hashCode => _address.hashCode;

  String toString() =>
      '$runtimeType: address=0x${_address.toUnsigned(64).toRadixString(16)}';
}

Pointer<T> _offset<T extends NativeType>(
        int size, Pointer<T> pointer, int count) =>
    Pointer<T>.fromAddress(pointer._address + size * count);

Pointer<T> _offsetBack<T extends NativeType>(
        int size, Pointer<T> pointer, int count) =>
    Pointer<T>.fromAddress(pointer._address - size * count);

extension NativeFunctionPointer<NF extends Function>
    on Pointer<NativeFunction<NF>> {
  /// The C function as one of Dart.
  DF asFunction<DF extends Function>({bool isLeaf = false}) =>
      _needsStaticTypes('asFunction');
}

extension PointerArith<T extends NativeType> on Pointer<T> {
  /// The element [index] places behind this one.
  Pointer<T> elementAt(int index) => _needsStaticTypes('elementAt');

  Pointer<T> operator +(int offset) => _needsStaticTypes('+');

  Pointer<T> operator -(int offset) => _needsStaticTypes('-');
}

extension PointerPointer<T extends NativeType> on Pointer<Pointer<T>> {
  Pointer<T> get value => Pointer<T>.fromAddress(_load(_address, _uint64));

  void set value(Pointer<T> value) =>
      _store(_address, _uint64, value._address);

  Pointer<T> operator [](int index) =>
      Pointer<T>.fromAddress(_load(_address + 8 * index, _uint64));

  void operator []=(int index, Pointer<T> value) =>
      _store(_address + 8 * index, _uint64, value._address);

  Pointer<Pointer<T>> operator +(int offset) =>
      Pointer<Pointer<T>>.fromAddress(_address + 8 * offset);

  Pointer<Pointer<T>> operator -(int offset) =>
      Pointer<Pointer<T>>.fromAddress(_address - 8 * offset);
}

/// The value of an integer of the given kind.
extension AbiSpecificIntegerPointer<T extends AbiSpecificInteger>
    on Pointer<T> {
  int get value => _needsStaticTypes('value');

  void set value(int value) => _needsStaticTypes('value=');

  int operator [](int index) => _needsStaticTypes('[]');

  void operator []=(int index, int value) => _needsStaticTypes('[]=');

  Pointer<T> operator +(int offset) => _needsStaticTypes('+');

  Pointer<T> operator -(int offset) => _needsStaticTypes('-');
}

int _abiGet<T extends NativeType>(int kind, Pointer<T> pointer) =>
    _load(pointer._address, kind);

void _abiSet<T extends NativeType>(int kind, Pointer<T> pointer, int value) =>
    _store(pointer._address, kind, value);

int _abiAt<T extends NativeType>(int kind, Pointer<T> pointer, int index) =>
    _load(pointer._address + (index << (kind >> 1)), kind);

void _abiSetAt<T extends NativeType>(
        int kind, Pointer<T> pointer, int index, int value) =>
    _store(pointer._address + (index << (kind >> 1)), kind, value);
