part of 'ffi.dart';

extension Int8Pointer on Pointer<Int8> {
  int get value => _load(_address, _int8);

  void set value(int value) => _store(_address, _int8, value);

  int operator [](int index) => _load(_address + index, _int8);

  void operator []=(int index, int value) =>
      _store(_address + index, _int8, value);

  Pointer<Int8> operator +(int offset) =>
      Pointer<Int8>.fromAddress(_address + offset);

  Pointer<Int8> operator -(int offset) =>
      Pointer<Int8>.fromAddress(_address - offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Int8List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Int8List>(_typedList(this, _int8, length, finalizer, token));
}

extension Int16Pointer on Pointer<Int16> {
  int get value => _load(_address, _int16);

  void set value(int value) => _store(_address, _int16, value);

  int operator [](int index) => _load(_address + 2 * index, _int16);

  void operator []=(int index, int value) =>
      _store(_address + 2 * index, _int16, value);

  Pointer<Int16> operator +(int offset) =>
      Pointer<Int16>.fromAddress(_address + 2 * offset);

  Pointer<Int16> operator -(int offset) =>
      Pointer<Int16>.fromAddress(_address - 2 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Int16List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Int16List>(_typedList(this, _int16, length, finalizer, token));
}

extension Int32Pointer on Pointer<Int32> {
  int get value => _load(_address, _int32);

  void set value(int value) => _store(_address, _int32, value);

  int operator [](int index) => _load(_address + 4 * index, _int32);

  void operator []=(int index, int value) =>
      _store(_address + 4 * index, _int32, value);

  Pointer<Int32> operator +(int offset) =>
      Pointer<Int32>.fromAddress(_address + 4 * offset);

  Pointer<Int32> operator -(int offset) =>
      Pointer<Int32>.fromAddress(_address - 4 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Int32List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Int32List>(_typedList(this, _int32, length, finalizer, token));
}

extension Int64Pointer on Pointer<Int64> {
  int get value => _load(_address, _int64);

  void set value(int value) => _store(_address, _int64, value);

  int operator [](int index) => _load(_address + 8 * index, _int64);

  void operator []=(int index, int value) =>
      _store(_address + 8 * index, _int64, value);

  Pointer<Int64> operator +(int offset) =>
      Pointer<Int64>.fromAddress(_address + 8 * offset);

  Pointer<Int64> operator -(int offset) =>
      Pointer<Int64>.fromAddress(_address - 8 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Int64List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Int64List>(_typedList(this, _int64, length, finalizer, token));
}

extension Uint8Pointer on Pointer<Uint8> {
  int get value => _load(_address, _uint8);

  void set value(int value) => _store(_address, _uint8, value);

  int operator [](int index) => _load(_address + index, _uint8);

  void operator []=(int index, int value) =>
      _store(_address + index, _uint8, value);

  Pointer<Uint8> operator +(int offset) =>
      Pointer<Uint8>.fromAddress(_address + offset);

  Pointer<Uint8> operator -(int offset) =>
      Pointer<Uint8>.fromAddress(_address - offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Uint8List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Uint8List>(_typedList(this, _uint8, length, finalizer, token));
}

extension Uint16Pointer on Pointer<Uint16> {
  int get value => _load(_address, _uint16);

  void set value(int value) => _store(_address, _uint16, value);

  int operator [](int index) => _load(_address + 2 * index, _uint16);

  void operator []=(int index, int value) =>
      _store(_address + 2 * index, _uint16, value);

  Pointer<Uint16> operator +(int offset) =>
      Pointer<Uint16>.fromAddress(_address + 2 * offset);

  Pointer<Uint16> operator -(int offset) =>
      Pointer<Uint16>.fromAddress(_address - 2 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Uint16List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Uint16List>(_typedList(this, _uint16, length, finalizer, token));
}

extension Uint32Pointer on Pointer<Uint32> {
  int get value => _load(_address, _uint32);

  void set value(int value) => _store(_address, _uint32, value);

  int operator [](int index) => _load(_address + 4 * index, _uint32);

  void operator []=(int index, int value) =>
      _store(_address + 4 * index, _uint32, value);

  Pointer<Uint32> operator +(int offset) =>
      Pointer<Uint32>.fromAddress(_address + 4 * offset);

  Pointer<Uint32> operator -(int offset) =>
      Pointer<Uint32>.fromAddress(_address - 4 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Uint32List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Uint32List>(_typedList(this, _uint32, length, finalizer, token));
}

extension Uint64Pointer on Pointer<Uint64> {
  int get value => _load(_address, _uint64);

  void set value(int value) => _store(_address, _uint64, value);

  int operator [](int index) => _load(_address + 8 * index, _uint64);

  void operator []=(int index, int value) =>
      _store(_address + 8 * index, _uint64, value);

  Pointer<Uint64> operator +(int offset) =>
      Pointer<Uint64>.fromAddress(_address + 8 * offset);

  Pointer<Uint64> operator -(int offset) =>
      Pointer<Uint64>.fromAddress(_address - 8 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Uint64List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Uint64List>(_typedList(this, _uint64, length, finalizer, token));
}

extension FloatPointer on Pointer<Float> {
  double get value => _loadDouble(_address, _float);

  void set value(double value) => _storeDouble(_address, _float, value);

  double operator [](int index) => _loadDouble(_address + 4 * index, _float);

  void operator []=(int index, double value) =>
      _storeDouble(_address + 4 * index, _float, value);

  Pointer<Float> operator +(int offset) =>
      Pointer<Float>.fromAddress(_address + 4 * offset);

  Pointer<Float> operator -(int offset) =>
      Pointer<Float>.fromAddress(_address - 4 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Float32List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Float32List>(_typedList(this, _float, length, finalizer, token));
}

extension DoublePointer on Pointer<Double> {
  double get value => _loadDouble(_address, _double);

  void set value(double value) => _storeDouble(_address, _double, value);

  double operator [](int index) => _loadDouble(_address + 8 * index, _double);

  void operator []=(int index, double value) =>
      _storeDouble(_address + 8 * index, _double, value);

  Pointer<Double> operator +(int offset) =>
      Pointer<Double>.fromAddress(_address + 8 * offset);

  Pointer<Double> operator -(int offset) =>
      Pointer<Double>.fromAddress(_address - 8 * offset);

  /// The memory as a list. It is the caller's to keep, unless [finalizer] is
  /// to be called with [token] (or this address) when the list is gone.
  Float64List asTypedList(int length,
          {Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token}) =>
      unsafeCast<Float64List>(_typedList(this, _double, length, finalizer, token));
}

extension BoolPointer on Pointer<Bool> {
  bool get value => _load(_address, _uint8) != 0;

  void set value(bool value) => _store(_address, _uint8, value ? 1 : 0);

  bool operator [](int index) => _load(_address + index, _uint8) != 0;

  void operator []=(int index, bool value) =>
      _store(_address + index, _uint8, value ? 1 : 0);

  Pointer<Bool> operator +(int offset) =>
      Pointer<Bool>.fromAddress(_address + offset);

  Pointer<Bool> operator -(int offset) =>
      Pointer<Bool>.fromAddress(_address - offset);
}

Object _typedList(Pointer<NativeType> pointer, int kind, int length,
        Pointer<NativeFinalizerFunction>? finalizer, Pointer<Void>? token) =>
    _listAt(pointer._address, kind, length, finalizer?._address ?? 0,
        token?._address ?? pointer._address);

/// Native: a list of [length] numbers of [kind] over native memory. When the
/// list and all its views are gone, [finalizer], unless it is 0, is called
/// with [token].
external Object _listAt(
    int address, int kind, int length, int finalizer, int token);
