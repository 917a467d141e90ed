part of 'typed_data.dart';

// The VM's list classes. All say the same of their own size; what differs is
// how an element is read and written.

/// Native: a list of [length] (at least 0) zeros.
external Int8List _newInt8List(int length);

final class _Int8List extends _IntList implements Int8List {
  _Int8List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 1;

  Int8List _create(int length) => _newInt8List(length);

  Int8List sublist(int start, [int? end]) =>
      unsafeCast<Int8List>(_sublist(start, end));

  Int8List asUnmodifiableView() =>
      _UnmodifiableInt8List(unsafeCast<Int8List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Uint8List _newUint8List(int length);

final class _Uint8List extends _IntList implements Uint8List {
  _Uint8List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 1;

  Uint8List _create(int length) => _newUint8List(length);

  Uint8List sublist(int start, [int? end]) =>
      unsafeCast<Uint8List>(_sublist(start, end));

  Uint8List asUnmodifiableView() =>
      _UnmodifiableUint8List(unsafeCast<Uint8List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Uint8ClampedList _newUint8ClampedList(int length);

final class _Uint8ClampedList extends _IntList implements Uint8ClampedList {
  _Uint8ClampedList._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], clamped; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 1;

  Uint8ClampedList _create(int length) => _newUint8ClampedList(length);

  Uint8ClampedList sublist(int start, [int? end]) =>
      unsafeCast<Uint8ClampedList>(_sublist(start, end));

  Uint8ClampedList asUnmodifiableView() =>
      _UnmodifiableUint8ClampedList(unsafeCast<Uint8ClampedList>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Int16List _newInt16List(int length);

final class _Int16List extends _IntList implements Int16List {
  _Int16List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 2;

  Int16List _create(int length) => _newInt16List(length);

  Int16List sublist(int start, [int? end]) =>
      unsafeCast<Int16List>(_sublist(start, end));

  Int16List asUnmodifiableView() =>
      _UnmodifiableInt16List(unsafeCast<Int16List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Uint16List _newUint16List(int length);

final class _Uint16List extends _IntList implements Uint16List {
  _Uint16List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 2;

  Uint16List _create(int length) => _newUint16List(length);

  Uint16List sublist(int start, [int? end]) =>
      unsafeCast<Uint16List>(_sublist(start, end));

  Uint16List asUnmodifiableView() =>
      _UnmodifiableUint16List(unsafeCast<Uint16List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Int32List _newInt32List(int length);

final class _Int32List extends _IntList implements Int32List {
  _Int32List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 4;

  Int32List _create(int length) => _newInt32List(length);

  Int32List sublist(int start, [int? end]) =>
      unsafeCast<Int32List>(_sublist(start, end));

  Int32List asUnmodifiableView() =>
      _UnmodifiableInt32List(unsafeCast<Int32List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Uint32List _newUint32List(int length);

final class _Uint32List extends _IntList implements Uint32List {
  _Uint32List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], its low bits; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 4;

  Uint32List _create(int length) => _newUint32List(length);

  Uint32List sublist(int start, [int? end]) =>
      unsafeCast<Uint32List>(_sublist(start, end));

  Uint32List asUnmodifiableView() =>
      _UnmodifiableUint32List(unsafeCast<Uint32List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Int64List _newInt64List(int length);

final class _Int64List extends _IntList implements Int64List {
  _Int64List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], as it is; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 8;

  Int64List _create(int length) => _newInt64List(length);

  Int64List sublist(int start, [int? end]) =>
      unsafeCast<Int64List>(_sublist(start, end));

  Int64List asUnmodifiableView() =>
      _UnmodifiableInt64List(unsafeCast<Int64List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Uint64List _newUint64List(int length);

final class _Uint64List extends _IntList implements Uint64List {
  _Uint64List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external int operator [](int index);

  /// Native: writes element [index], as it is; throws RangeError outside.
  external void operator []=(int index, int value);

  int get elementSizeInBytes => 8;

  Uint64List _create(int length) => _newUint64List(length);

  Uint64List sublist(int start, [int? end]) =>
      unsafeCast<Uint64List>(_sublist(start, end));

  Uint64List asUnmodifiableView() =>
      _UnmodifiableUint64List(unsafeCast<Uint64List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Float32List _newFloat32List(int length);

final class _Float32List extends _DoubleList implements Float32List {
  _Float32List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external double operator [](int index);

  /// Native: writes element [index], rounded to a single; throws RangeError outside.
  external void operator []=(int index, double value);

  int get elementSizeInBytes => 4;

  Float32List _create(int length) => _newFloat32List(length);

  Float32List sublist(int start, [int? end]) =>
      unsafeCast<Float32List>(_sublist(start, end));

  Float32List asUnmodifiableView() =>
      _UnmodifiableFloat32List(unsafeCast<Float32List>(_readOnly(this)));
}

/// Native: a list of [length] (at least 0) zeros.
external Float64List _newFloat64List(int length);

final class _Float64List extends _DoubleList implements Float64List {
  _Float64List._();

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; throws RangeError outside.
  external double operator [](int index);

  /// Native: writes element [index], as it is; throws RangeError outside.
  external void operator []=(int index, double value);

  int get elementSizeInBytes => 8;

  Float64List _create(int length) => _newFloat64List(length);

  Float64List sublist(int start, [int? end]) =>
      unsafeCast<Float64List>(_sublist(start, end));

  Float64List asUnmodifiableView() =>
      _UnmodifiableFloat64List(unsafeCast<Float64List>(_readOnly(this)));
}
