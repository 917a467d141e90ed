part of 'typed_data.dart';

/// Bytes that views share.
abstract final class ByteBuffer {
  int get lengthInBytes;

  Int8List asInt8List([int offsetInBytes = 0, int? length]);

  Uint8List asUint8List([int offsetInBytes = 0, int? length]);

  Uint8ClampedList asUint8ClampedList([int offsetInBytes = 0, int? length]);

  Int16List asInt16List([int offsetInBytes = 0, int? length]);

  Uint16List asUint16List([int offsetInBytes = 0, int? length]);

  Int32List asInt32List([int offsetInBytes = 0, int? length]);

  Uint32List asUint32List([int offsetInBytes = 0, int? length]);

  Int64List asInt64List([int offsetInBytes = 0, int? length]);

  Uint64List asUint64List([int offsetInBytes = 0, int? length]);

  Float32List asFloat32List([int offsetInBytes = 0, int? length]);

  Float64List asFloat64List([int offsetInBytes = 0, int? length]);

  Float32x4List asFloat32x4List([int offsetInBytes = 0, int? length]);

  Int32x4List asInt32x4List([int offsetInBytes = 0, int? length]);

  Float64x2List asFloat64x2List([int offsetInBytes = 0, int? length]);

  ByteData asByteData([int offsetInBytes = 0, int? length]);
}

/// A view of a buffer.
abstract final class TypedData {
  int get elementSizeInBytes;

  int get offsetInBytes;

  int get lengthInBytes;

  ByteBuffer get buffer;
}

/// A view as a list.
abstract final class TypedDataList<E> implements TypedData, List<E> {}

/// The order of the bytes of a number.
final class Endian {
  final bool _isLittle;

  const Endian._(this._isLittle);

  static const Endian big = Endian._(false);
  static const Endian little = Endian._(true);
  static final Endian host = little;
}

void _checkLength(int length, int size) {
  final most = 0x3fffffffffff ~/ size;
  if (length < 0 || length > most) {
    throw RangeError.range(length, 0, most, 'length');
  }
}

/// Offset in bytes and number of [size]-byte elements of
/// `data[start .. end)`, which are counted in elements of [data].
(int, int) _byteRange(TypedData data, int start, int? end, int size) {
  final from = data.elementSizeInBytes;
  final stop =
      RangeError.checkValidRange(start, end, data.lengthInBytes ~/ from);
  final bytes = (stop - start) * from;
  if (bytes % size != 0) {
    throw ArgumentError(
        'The number of bytes to view must be a multiple of $size');
  }
  return (data.offsetInBytes + start * from, bytes ~/ size);
}

/// Signed 8-bit integers.
abstract final class Int8List implements TypedDataList<int> {
  static const int bytesPerElement = 1;

  factory Int8List(int length) {
    _checkLength(length, 1);
    return _newInt8List(length);
  }

  factory Int8List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newInt8List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Int8List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asInt8List(offsetInBytes, length);

  factory Int8List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 1);
    return data.buffer.asInt8List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Int8List sublist(int start, [int? end]);

  Int8List asUnmodifiableView();
}

/// Unsigned 8-bit integers: bytes.
abstract final class Uint8List implements TypedDataList<int> {
  static const int bytesPerElement = 1;

  factory Uint8List(int length) {
    _checkLength(length, 1);
    return _newUint8List(length);
  }

  factory Uint8List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newUint8List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Uint8List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asUint8List(offsetInBytes, length);

  factory Uint8List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 1);
    return data.buffer.asUint8List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Uint8List sublist(int start, [int? end]);

  Uint8List asUnmodifiableView();
}

/// Unsigned 8-bit integers; what is written is clamped to 0..255.
abstract final class Uint8ClampedList implements TypedDataList<int> {
  static const int bytesPerElement = 1;

  factory Uint8ClampedList(int length) {
    _checkLength(length, 1);
    return _newUint8ClampedList(length);
  }

  factory Uint8ClampedList.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newUint8ClampedList(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Uint8ClampedList.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asUint8ClampedList(offsetInBytes, length);

  factory Uint8ClampedList.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 1);
    return data.buffer.asUint8ClampedList(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Uint8ClampedList sublist(int start, [int? end]);

  Uint8ClampedList asUnmodifiableView();
}

/// Signed 16-bit integers.
abstract final class Int16List implements TypedDataList<int> {
  static const int bytesPerElement = 2;

  factory Int16List(int length) {
    _checkLength(length, 2);
    return _newInt16List(length);
  }

  factory Int16List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newInt16List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Int16List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asInt16List(offsetInBytes, length);

  factory Int16List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 2);
    return data.buffer.asInt16List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Int16List sublist(int start, [int? end]);

  Int16List asUnmodifiableView();
}

/// Unsigned 16-bit integers.
abstract final class Uint16List implements TypedDataList<int> {
  static const int bytesPerElement = 2;

  factory Uint16List(int length) {
    _checkLength(length, 2);
    return _newUint16List(length);
  }

  factory Uint16List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newUint16List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Uint16List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asUint16List(offsetInBytes, length);

  factory Uint16List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 2);
    return data.buffer.asUint16List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Uint16List sublist(int start, [int? end]);

  Uint16List asUnmodifiableView();
}

/// Signed 32-bit integers.
abstract final class Int32List implements TypedDataList<int> {
  static const int bytesPerElement = 4;

  factory Int32List(int length) {
    _checkLength(length, 4);
    return _newInt32List(length);
  }

  factory Int32List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newInt32List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Int32List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asInt32List(offsetInBytes, length);

  factory Int32List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 4);
    return data.buffer.asInt32List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Int32List sublist(int start, [int? end]);

  Int32List asUnmodifiableView();
}

/// Unsigned 32-bit integers.
abstract final class Uint32List implements TypedDataList<int> {
  static const int bytesPerElement = 4;

  factory Uint32List(int length) {
    _checkLength(length, 4);
    return _newUint32List(length);
  }

  factory Uint32List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newUint32List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Uint32List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asUint32List(offsetInBytes, length);

  factory Uint32List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 4);
    return data.buffer.asUint32List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Uint32List sublist(int start, [int? end]);

  Uint32List asUnmodifiableView();
}

/// Signed 64-bit integers.
abstract final class Int64List implements TypedDataList<int> {
  static const int bytesPerElement = 8;

  factory Int64List(int length) {
    _checkLength(length, 8);
    return _newInt64List(length);
  }

  factory Int64List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newInt64List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Int64List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asInt64List(offsetInBytes, length);

  factory Int64List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 8);
    return data.buffer.asInt64List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Int64List sublist(int start, [int? end]);

  Int64List asUnmodifiableView();
}

/// 64-bit integers, read as signed ones like every int.
abstract final class Uint64List implements TypedDataList<int> {
  static const int bytesPerElement = 8;

  factory Uint64List(int length) {
    _checkLength(length, 8);
    return _newUint64List(length);
  }

  factory Uint64List.fromList(List<int> elements) {
    final length = elements.length;
    final list = _newUint64List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Uint64List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asUint64List(offsetInBytes, length);

  factory Uint64List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 8);
    return data.buffer.asUint64List(range.$1, range.$2);
  }

  List<int> operator +(List<int> other);

  Uint64List sublist(int start, [int? end]);

  Uint64List asUnmodifiableView();
}

/// Single-precision numbers.
abstract final class Float32List implements TypedDataList<double> {
  static const int bytesPerElement = 4;

  factory Float32List(int length) {
    _checkLength(length, 4);
    return _newFloat32List(length);
  }

  factory Float32List.fromList(List<double> elements) {
    final length = elements.length;
    final list = _newFloat32List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Float32List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asFloat32List(offsetInBytes, length);

  factory Float32List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 4);
    return data.buffer.asFloat32List(range.$1, range.$2);
  }

  List<double> operator +(List<double> other);

  Float32List sublist(int start, [int? end]);

  Float32List asUnmodifiableView();
}

/// Double-precision numbers.
abstract final class Float64List implements TypedDataList<double> {
  static const int bytesPerElement = 8;

  factory Float64List(int length) {
    _checkLength(length, 8);
    return _newFloat64List(length);
  }

  factory Float64List.fromList(List<double> elements) {
    final length = elements.length;
    final list = _newFloat64List(length);
    list.setRange(0, length, elements);
    return list;
  }

  factory Float64List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asFloat64List(offsetInBytes, length);

  factory Float64List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 8);
    return data.buffer.asFloat64List(range.$1, range.$2);
  }

  List<double> operator +(List<double> other);

  Float64List sublist(int start, [int? end]);

  Float64List asUnmodifiableView();
}
