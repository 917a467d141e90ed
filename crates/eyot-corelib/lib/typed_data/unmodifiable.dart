part of 'typed_data.dart';

// Views that refuse to be written; the VM does not know them.

Never _refuse() =>
    throw UnsupportedError('Cannot modify an unmodifiable list');

@pragma('vm:deeply-immutable')
final class _UnmodifiableInt8List extends _IntList implements Int8List {
  final Int8List _list;

  _UnmodifiableInt8List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 1;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Int8List _create(int length) => _newInt8List(length);

  Int8List sublist(int start, [int? end]) => _list.sublist(start, end);

  Int8List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableUint8List extends _IntList implements Uint8List {
  final Uint8List _list;

  _UnmodifiableUint8List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 1;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Uint8List _create(int length) => _newUint8List(length);

  Uint8List sublist(int start, [int? end]) => _list.sublist(start, end);

  Uint8List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableUint8ClampedList extends _IntList implements Uint8ClampedList {
  final Uint8ClampedList _list;

  _UnmodifiableUint8ClampedList(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 1;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Uint8ClampedList _create(int length) => _newUint8ClampedList(length);

  Uint8ClampedList sublist(int start, [int? end]) => _list.sublist(start, end);

  Uint8ClampedList asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableInt16List extends _IntList implements Int16List {
  final Int16List _list;

  _UnmodifiableInt16List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 2;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Int16List _create(int length) => _newInt16List(length);

  Int16List sublist(int start, [int? end]) => _list.sublist(start, end);

  Int16List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableUint16List extends _IntList implements Uint16List {
  final Uint16List _list;

  _UnmodifiableUint16List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 2;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Uint16List _create(int length) => _newUint16List(length);

  Uint16List sublist(int start, [int? end]) => _list.sublist(start, end);

  Uint16List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableInt32List extends _IntList implements Int32List {
  final Int32List _list;

  _UnmodifiableInt32List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 4;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Int32List _create(int length) => _newInt32List(length);

  Int32List sublist(int start, [int? end]) => _list.sublist(start, end);

  Int32List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableUint32List extends _IntList implements Uint32List {
  final Uint32List _list;

  _UnmodifiableUint32List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 4;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Uint32List _create(int length) => _newUint32List(length);

  Uint32List sublist(int start, [int? end]) => _list.sublist(start, end);

  Uint32List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableInt64List extends _IntList implements Int64List {
  final Int64List _list;

  _UnmodifiableInt64List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 8;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Int64List _create(int length) => _newInt64List(length);

  Int64List sublist(int start, [int? end]) => _list.sublist(start, end);

  Int64List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableUint64List extends _IntList implements Uint64List {
  final Uint64List _list;

  _UnmodifiableUint64List(this._list);

  int get length => _list.length;

  int operator [](int index) => _list[index];

  void operator []=(int index, int value) => _refuse();

  int get elementSizeInBytes => 8;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Uint64List _create(int length) => _newUint64List(length);

  Uint64List sublist(int start, [int? end]) => _list.sublist(start, end);

  Uint64List asUnmodifiableView() => this;

  void setAll(int index, Iterable<int> iterable) => _refuse();

  void setRange(int start, int end, Iterable<int> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [int? fill]) => _refuse();

  void sort([int Function(int a, int b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableFloat32List extends _DoubleList implements Float32List {
  final Float32List _list;

  _UnmodifiableFloat32List(this._list);

  int get length => _list.length;

  double operator [](int index) => _list[index];

  void operator []=(int index, double value) => _refuse();

  int get elementSizeInBytes => 4;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Float32List _create(int length) => _newFloat32List(length);

  Float32List sublist(int start, [int? end]) => _list.sublist(start, end);

  Float32List asUnmodifiableView() => this;

  void setAll(int index, Iterable<double> iterable) => _refuse();

  void setRange(int start, int end, Iterable<double> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [double? fill]) => _refuse();

  void sort([int Function(double a, double b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableFloat64List extends _DoubleList implements Float64List {
  final Float64List _list;

  _UnmodifiableFloat64List(this._list);

  int get length => _list.length;

  double operator [](int index) => _list[index];

  void operator []=(int index, double value) => _refuse();

  int get elementSizeInBytes => 8;

  int get offsetInBytes => _list.offsetInBytes;

  int get lengthInBytes => _list.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_list.buffer);

  Float64List _create(int length) => _newFloat64List(length);

  Float64List sublist(int start, [int? end]) => _list.sublist(start, end);

  Float64List asUnmodifiableView() => this;

  void setAll(int index, Iterable<double> iterable) => _refuse();

  void setRange(int start, int end, Iterable<double> iterable,
          [int skipCount = 0]) =>
      _refuse();

  void fillRange(int start, int end, [double? fill]) => _refuse();

  void sort([int Function(double a, double b)? compare]) => _refuse();

  void shuffle([Random? random]) => _refuse();
}

/// A buffer whose views cannot be written.
@pragma('vm:deeply-immutable')
final class _UnmodifiableByteBuffer implements ByteBuffer {
  final ByteBuffer _buffer;

  _UnmodifiableByteBuffer(this._buffer);

  int get lengthInBytes => _buffer.lengthInBytes;

  int get hashCode => _buffer.hashCode;

  bool operator ==(Object other) =>
      other is _UnmodifiableByteBuffer && other._buffer == _buffer;

  Int8List asInt8List([int offsetInBytes = 0, int? length]) =>
      _buffer.asInt8List(offsetInBytes, length).asUnmodifiableView();

  Uint8List asUint8List([int offsetInBytes = 0, int? length]) =>
      _buffer.asUint8List(offsetInBytes, length).asUnmodifiableView();

  Uint8ClampedList asUint8ClampedList([int offsetInBytes = 0, int? length]) =>
      _buffer.asUint8ClampedList(offsetInBytes, length).asUnmodifiableView();

  Int16List asInt16List([int offsetInBytes = 0, int? length]) =>
      _buffer.asInt16List(offsetInBytes, length).asUnmodifiableView();

  Uint16List asUint16List([int offsetInBytes = 0, int? length]) =>
      _buffer.asUint16List(offsetInBytes, length).asUnmodifiableView();

  Int32List asInt32List([int offsetInBytes = 0, int? length]) =>
      _buffer.asInt32List(offsetInBytes, length).asUnmodifiableView();

  Uint32List asUint32List([int offsetInBytes = 0, int? length]) =>
      _buffer.asUint32List(offsetInBytes, length).asUnmodifiableView();

  Int64List asInt64List([int offsetInBytes = 0, int? length]) =>
      _buffer.asInt64List(offsetInBytes, length).asUnmodifiableView();

  Uint64List asUint64List([int offsetInBytes = 0, int? length]) =>
      _buffer.asUint64List(offsetInBytes, length).asUnmodifiableView();

  Float32List asFloat32List([int offsetInBytes = 0, int? length]) =>
      _buffer.asFloat32List(offsetInBytes, length).asUnmodifiableView();

  Float64List asFloat64List([int offsetInBytes = 0, int? length]) =>
      _buffer.asFloat64List(offsetInBytes, length).asUnmodifiableView();

  ByteData asByteData([int offsetInBytes = 0, int? length]) =>
      _buffer.asByteData(offsetInBytes, length).asUnmodifiableView();

  Float32x4List asFloat32x4List([int offsetInBytes = 0, int? length]) =>
      _buffer.asFloat32x4List(offsetInBytes, length).asUnmodifiableView();

  Int32x4List asInt32x4List([int offsetInBytes = 0, int? length]) =>
      _buffer.asInt32x4List(offsetInBytes, length).asUnmodifiableView();

  Float64x2List asFloat64x2List([int offsetInBytes = 0, int? length]) =>
      _buffer.asFloat64x2List(offsetInBytes, length).asUnmodifiableView();
}

@pragma('vm:deeply-immutable')
final class _UnmodifiableByteData implements ByteData {
  final ByteData _data;

  _UnmodifiableByteData(this._data);

  int get elementSizeInBytes => 1;

  int get offsetInBytes => _data.offsetInBytes;

  int get lengthInBytes => _data.lengthInBytes;

  ByteBuffer get buffer => _UnmodifiableByteBuffer(_data.buffer);

  ByteData asUnmodifiableView() => this;

  int getInt8(int byteOffset) => _data.getInt8(byteOffset);

  void setInt8(int byteOffset, int value) => _refuse();

  int getUint8(int byteOffset) => _data.getUint8(byteOffset);

  void setUint8(int byteOffset, int value) => _refuse();

  int getInt16(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getInt16(byteOffset, endian);

  void setInt16(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  int getUint16(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getUint16(byteOffset, endian);

  void setUint16(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  int getInt32(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getInt32(byteOffset, endian);

  void setInt32(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  int getUint32(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getUint32(byteOffset, endian);

  void setUint32(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  int getInt64(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getInt64(byteOffset, endian);

  void setInt64(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  int getUint64(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getUint64(byteOffset, endian);

  void setUint64(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _refuse();

  double getFloat32(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getFloat32(byteOffset, endian);

  void setFloat32(int byteOffset, double value, [Endian endian = Endian.big]) =>
      _refuse();

  double getFloat64(int byteOffset, [Endian endian = Endian.big]) =>
      _data.getFloat64(byteOffset, endian);

  void setFloat64(int byteOffset, double value, [Endian endian = Endian.big]) =>
      _refuse();
}
