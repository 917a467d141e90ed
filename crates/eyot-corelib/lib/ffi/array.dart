part of 'ffi.dart';

/// Elements that lie in a struct one after the other. As an annotation of a
/// field it says how many.
final class Array<T extends NativeType> extends _Compound {
  /// Bytes of what is in the innermost arrays.
  final int _scalarSize;

  /// Numbers of elements, this array's first.
  final List<int> _dimensions;

  const Array._(super.address, super.owner, this._scalarSize, this._dimensions)
      : super._();

  const factory Array(int dimension1,
      [int dimension2,
      int dimension3,
      int dimension4,
      int dimension5]) = _ArraySize<T>;

  const factory Array.multi(List<int> dimensions) = _ArraySize<T>.multi;

  /// An array at the end of a struct, whose length the struct does not know.
  const factory Array.variable(
      [int dimension2,
      int dimension3,
      int dimension4,
      int dimension5]) = _ArraySize<T>.variable;

  const factory Array.variableWithVariableDimension(int dimension1,
      [int dimension2,
      int dimension3,
      int dimension4,
      int dimension5]) = _ArraySize<T>;

  const factory Array.variableMulti(List<int> dimensions,
      {int variableDimension}) = _ArraySize<T>.variableMulti;

  int get _length => _dimensions[0];

  int get _elementSize {
    int size = _scalarSize;
    for (int i = 1; i < _dimensions.length; i++) {
      size *= _dimensions[i];
    }
    return size;
  }

  /// Address of the element at [index]. A length of 0 is that of an array
  /// whose length nobody knows.
  int _at(int index) {
    final length = _length;
    if (index < 0 || index >= length && length != 0) {
      throw RangeError.range(index, 0, length - 1, 'index');
    }
    return _address + index * _elementSize;
  }
}

/// The annotation.
final class _ArraySize<T extends NativeType> implements Array<T> {
  final int? dimension1;
  final int? dimension2;
  final int? dimension3;
  final int? dimension4;
  final int? dimension5;
  final List<int>? dimensions;
  final bool isVariable;

  const _ArraySize(this.dimension1,
      [this.dimension2, this.dimension3, this.dimension4, this.dimension5])
      : dimensions = null,
        isVariable = false;

  const _ArraySize.multi(this.dimensions)
      : dimension1 = null,
        dimension2 = null,
        dimension3 = null,
        dimension4 = null,
        dimension5 = null,
        isVariable = false;

  const _ArraySize.variable(
      [this.dimension2, this.dimension3, this.dimension4, this.dimension5])
      : dimension1 = 0,
        dimensions = null,
        isVariable = true;

  const _ArraySize.variableMulti(this.dimensions, {int variableDimension = 0})
      : dimension1 = variableDimension,
        dimension2 = null,
        dimension3 = null,
        dimension4 = null,
        dimension5 = null,
        isVariable = true;

  Object? noSuchMethod(Invocation invocation) =>
      throw UnsupportedError('an annotation is no array');
}

/// The list of [kind] over the elements of an array of numbers.
Object _arrayList(Array<NativeType> array, int kind) {
  final owner = array._owner;
  return owner is TypedData
      ? _viewAt(owner, array._address, kind, array._length)
      : _listAt(array._address, kind, array._length, 0, 0);
}

/// Native: as [_listAt], inside the bytes of [owner].
external Object _viewAt(TypedData owner, int address, int kind, int length);

extension Int8Array on Array<Int8> {
  int operator [](int index) => _load(_at(index), _int8);

  void operator []=(int index, int value) =>
      _store(_at(index), _int8, value);

  /// The elements as a list over the same memory.
  Int8List get elements =>
      unsafeCast<Int8List>(_arrayList(this, _int8));
}

extension Int16Array on Array<Int16> {
  int operator [](int index) => _load(_at(index), _int16);

  void operator []=(int index, int value) =>
      _store(_at(index), _int16, value);

  /// The elements as a list over the same memory.
  Int16List get elements =>
      unsafeCast<Int16List>(_arrayList(this, _int16));
}

extension Int32Array on Array<Int32> {
  int operator [](int index) => _load(_at(index), _int32);

  void operator []=(int index, int value) =>
      _store(_at(index), _int32, value);

  /// The elements as a list over the same memory.
  Int32List get elements =>
      unsafeCast<Int32List>(_arrayList(this, _int32));
}

extension Int64Array on Array<Int64> {
  int operator [](int index) => _load(_at(index), _int64);

  void operator []=(int index, int value) =>
      _store(_at(index), _int64, value);

  /// The elements as a list over the same memory.
  Int64List get elements =>
      unsafeCast<Int64List>(_arrayList(this, _int64));
}

extension Uint8Array on Array<Uint8> {
  int operator [](int index) => _load(_at(index), _uint8);

  void operator []=(int index, int value) =>
      _store(_at(index), _uint8, value);

  /// The elements as a list over the same memory.
  Uint8List get elements =>
      unsafeCast<Uint8List>(_arrayList(this, _uint8));
}

extension Uint16Array on Array<Uint16> {
  int operator [](int index) => _load(_at(index), _uint16);

  void operator []=(int index, int value) =>
      _store(_at(index), _uint16, value);

  /// The elements as a list over the same memory.
  Uint16List get elements =>
      unsafeCast<Uint16List>(_arrayList(this, _uint16));
}

extension Uint32Array on Array<Uint32> {
  int operator [](int index) => _load(_at(index), _uint32);

  void operator []=(int index, int value) =>
      _store(_at(index), _uint32, value);

  /// The elements as a list over the same memory.
  Uint32List get elements =>
      unsafeCast<Uint32List>(_arrayList(this, _uint32));
}

extension Uint64Array on Array<Uint64> {
  int operator [](int index) => _load(_at(index), _uint64);

  void operator []=(int index, int value) =>
      _store(_at(index), _uint64, value);

  /// The elements as a list over the same memory.
  Uint64List get elements =>
      unsafeCast<Uint64List>(_arrayList(this, _uint64));
}

extension FloatArray on Array<Float> {
  double operator [](int index) => _loadDouble(_at(index), _float);

  void operator []=(int index, double value) =>
      _storeDouble(_at(index), _float, value);

  /// The elements as a list over the same memory.
  Float32List get elements =>
      unsafeCast<Float32List>(_arrayList(this, _float));
}

extension DoubleArray on Array<Double> {
  double operator [](int index) => _loadDouble(_at(index), _double);

  void operator []=(int index, double value) =>
      _storeDouble(_at(index), _double, value);

  /// The elements as a list over the same memory.
  Float64List get elements =>
      unsafeCast<Float64List>(_arrayList(this, _double));
}

extension BoolArray on Array<Bool> {
  bool operator [](int index) => _load(_at(index), _uint8) != 0;

  void operator []=(int index, bool value) =>
      _store(_at(index), _uint8, value ? 1 : 0);
}

extension PointerArray<T extends NativeType> on Array<Pointer<T>> {
  Pointer<T> operator [](int index) =>
      Pointer<T>.fromAddress(_load(_at(index), _uint64));

  void operator []=(int index, Pointer<T> value) =>
      _store(_at(index), _uint64, value._address);
}

extension StructArray<T extends Struct> on Array<T> {
  T operator [](int index) => _compoundAt<T>(_at(index), _owner);

  void operator []=(int index, T value) =>
      _copy(_at(index), value._address, _elementSize);
}

extension UnionArray<T extends Union> on Array<T> {
  T operator [](int index) => _compoundAt<T>(_at(index), _owner);

  void operator []=(int index, T value) =>
      _copy(_at(index), value._address, _elementSize);
}

extension ArrayArray<T extends NativeType> on Array<Array<T>> {
  Array<T> operator [](int index) =>
      Array<T>._(_at(index), _owner, _scalarSize, _dimensions.sublist(1));

  void operator []=(int index, Array<T> value) {
    final size = _elementSize;
    if (value._length * value._elementSize != size) {
      throw ArgumentError.value(value, 'value', 'of another length');
    }
    _copy(_at(index), value._address, size);
  }
}

extension AbiSpecificIntegerArray<T extends AbiSpecificInteger> on Array<T> {
  int operator [](int index) => _needsStaticTypes('[]');

  void operator []=(int index, int value) => _needsStaticTypes('[]=');
}

int _abiArrayAt<T extends NativeType>(int kind, Array<T> array, int index) =>
    _load(array._at(index), kind);

void _abiArraySetAt<T extends NativeType>(
        int kind, Array<T> array, int index, int value) =>
    _store(array._at(index), kind, value);
