part of 'ffi.dart';

/// What lies in memory that is native, or the bytes of typed data.
abstract base class _Compound implements NativeType, WithoutIdentity {
  final int _address;

  /// The typed data, which keeps the bytes alive.
  final Object? _owner;

  const _Compound._(this._address, this._owner);
}

/// A struct of C. Its subclasses declare the fields.
abstract base class Struct extends _Compound implements SizedNativeType {
  Struct() : super._(0, null);

  /// A struct in [typedData], from byte [offset] on; in memory of its own
  /// without any.
  static T create<T extends Struct>([TypedData? typedData, int offset = 0]) =>
      _needsStaticTypes('Struct.create');
}

/// A union of C. Its subclasses declare the fields.
abstract base class Union extends _Compound implements SizedNativeType {
  Union() : super._(0, null);

  /// As [Struct.create].
  static T create<T extends Union>([TypedData? typedData, int offset = 0]) =>
      _needsStaticTypes('Union.create');
}

/// Native: an object of the class [T] for the memory at [address].
external T _compoundAt<T extends NativeType>(int address, Object? owner);

T _create<T extends NativeType>(int size,
    [TypedData? typedData, int offset = 0]) {
  final data = typedData ?? Uint8List(size);
  if (offset < 0 || offset + size > data.lengthInBytes) {
    throw RangeError.range(offset, 0, data.lengthInBytes - size, 'offset');
  }
  return _compoundAt<T>(_addressOf(data) + offset, data);
}

Uint8List _bytesAt(int size, int address) {
  final data = Uint8List(size);
  _copy(_addressOf(data), address, size);
  return data;
}

/// A copy of native memory as an object of its own.
T _copied<T extends NativeType>(int size, int address) {
  final data = _bytesAt(size, address);
  return _compoundAt<T>(_addressOf(data), data);
}

extension StructPointer<T extends Struct> on Pointer<T> {
  T get ref => _compoundAt<T>(_address, null);

  void set ref(T value) => _needsStaticTypes('ref=');

  /// The struct; [finalizer] is called when it is gone.
  T refWithFinalizer(Pointer<NativeFinalizerFunction> finalizer,
          {Pointer<Void>? token}) =>
      _refWithFinalizer<T>(this, finalizer, token);

  T operator [](int index) => _needsStaticTypes('[]');

  void operator []=(int index, T value) => _needsStaticTypes('[]=');

  Pointer<T> operator +(int offset) => _needsStaticTypes('+');

  Pointer<T> operator -(int offset) => _needsStaticTypes('-');
}

extension UnionPointer<T extends Union> on Pointer<T> {
  T get ref => _compoundAt<T>(_address, null);

  void set ref(T value) => _needsStaticTypes('ref=');

  /// The union; [finalizer] is called when it is gone.
  T refWithFinalizer(Pointer<NativeFinalizerFunction> finalizer,
          {Pointer<Void>? token}) =>
      _refWithFinalizer<T>(this, finalizer, token);

  T operator [](int index) => _needsStaticTypes('[]');

  void operator []=(int index, T value) => _needsStaticTypes('[]=');

  Pointer<T> operator +(int offset) => _needsStaticTypes('+');

  Pointer<T> operator -(int offset) => _needsStaticTypes('-');
}

T _refWithFinalizer<T extends NativeType>(Pointer<T> pointer,
    Pointer<NativeFinalizerFunction> finalizer, Pointer<Void>? token) {
  final owner = _listAt(pointer._address, _uint8, 0, finalizer._address,
      token?._address ?? pointer._address);
  return _compoundAt<T>(pointer._address, owner);
}

void _refSet<T extends NativeType>(int size, Pointer<T> pointer, T value) =>
    _copy(pointer._address, _addressIn(value), size);

T _refAt<T extends NativeType>(int size, Pointer<T> pointer, int index) =>
    _compoundAt<T>(pointer._address + size * index, null);

void _refSetAt<T extends NativeType>(
        int size, Pointer<T> pointer, int index, T value) =>
    _copy(pointer._address + size * index, _addressIn(value), size);

int _addressIn(Object? value) => unsafeCast<_Compound>(value)._address;

// ---- arguments of callbacks, which come as numbers and bytes

Pointer<T> _pointerAt<T extends NativeType>(int address) =>
    Pointer<T>.fromAddress(address);

int _pointerAddress(Pointer<NativeType> pointer) => pointer._address;

bool _isTrue(int value) => value != 0;

T _wrap<T extends NativeType>(Object data) {
  final bytes = unsafeCast<Uint8List>(data);
  return _compoundAt<T>(_addressOf(bytes), bytes);
}

/// A variable of C, which analysis accesses as the only field of a struct.
final class _NativeVariable extends _Compound {
  const _NativeVariable._(int address) : super._(address, null);
}

_NativeVariable _nativeVariable(String symbol, String? asset) =>
    _NativeVariable._(_nativeAddress(symbol, asset));

// ---- fields: analysis makes the accessors of calls of these

int _fieldInt(_Compound compound, int offset, int kind) =>
    _load(compound._address + offset, kind);

void _setFieldInt(_Compound compound, int offset, int kind, int value) =>
    _store(compound._address + offset, kind, value);

double _fieldDouble(_Compound compound, int offset, int kind) =>
    _loadDouble(compound._address + offset, kind);

void _setFieldDouble(_Compound compound, int offset, int kind, double value) =>
    _storeDouble(compound._address + offset, kind, value);

bool _fieldBool(_Compound compound, int offset, int kind) =>
    _load(compound._address + offset, kind) != 0;

void _setFieldBool(_Compound compound, int offset, int kind, bool value) =>
    _store(compound._address + offset, kind, value ? 1 : 0);

Pointer<T> _fieldPointer<T extends NativeType>(
        _Compound compound, int offset, int kind) =>
    Pointer<T>.fromAddress(_load(compound._address + offset, kind));

void _setFieldPointer<T extends NativeType>(
        _Compound compound, int offset, int kind, Pointer<T> value) =>
    _store(compound._address + offset, kind, value._address);

T _fieldCompound<T extends NativeType>(
        _Compound compound, int offset, int size) =>
    _compoundAt<T>(compound._address + offset, compound._owner);

void _setFieldCompound<T extends NativeType>(
        _Compound compound, int offset, int size, T value) =>
    _copy(compound._address + offset, _addressIn(value), size);

Array<T> _fieldArray<T extends NativeType>(_Compound compound, int offset,
        int scalarSize, List<int> dimensions) =>
    Array<T>._(
        compound._address + offset, compound._owner, scalarSize, dimensions);

void _setFieldArray<T extends NativeType>(_Compound compound, int offset,
    int scalarSize, List<int> dimensions, Array<T> value) {
  int size = scalarSize;
  for (final dimension in dimensions) {
    size *= dimension;
  }
  if (value._length * value._elementSize != size) {
    throw ArgumentError.value(value, 'value', 'of another length');
  }
  _copy(compound._address + offset, value._address, size);
}
