part of 'typed_data.dart';

// What [_viewOf] makes, in the order of their class ids.
const int _kindByteBuffer = 0;
const int _kindByteData = 1;
const int _kindInt8List = 2;
const int _kindUint8List = 3;
const int _kindUint8ClampedList = 4;
const int _kindInt16List = 5;
const int _kindUint16List = 6;
const int _kindInt32List = 7;
const int _kindUint32List = 8;
const int _kindInt64List = 9;
const int _kindUint64List = 10;
const int _kindFloat32List = 11;
const int _kindFloat64List = 12;

/// Native: a new handle of the bytes of [base] (typed data, or a buffer),
/// starting [offsetInBytes] behind the first byte *of its buffer*, of the
/// class [kind] with [length] elements, or all there are to the end. Null if
/// that is not inside the buffer, or not aligned.
external Object? _viewOf(Object base, int kind, int offsetInBytes, int? length);

/// Native: a new handle like [base], for an unmodifiable view, which never
/// writes through it. The runtime knows by that when nobody can write to the
/// bytes any more.
external Object _readOnly(TypedData base);

/// Bytes that lists and other views share.
final class _ByteBuffer implements ByteBuffer {
  _ByteBuffer._();

  /// Native: number of bytes.
  external int get lengthInBytes;

  /// Native: whether [other] is a buffer of the very same bytes.
  external bool operator ==(Object other);

  /// Native: equal for buffers of the same bytes.
  external int get hashCode;

  /// Where a view of [length] elements of [size] bytes ends; throws if it is
  /// not inside or not aligned. Without a length it goes to the end.
  int _elements(int offset, int? length, int size) {
    final bytes = lengthInBytes;
    if (offset < 0 || offset > bytes) {
      throw RangeError.range(offset, 0, bytes, 'offsetInBytes');
    }
    if (offset % size != 0) {
      throw RangeError(
          'Offset ($offset) must be a multiple of bytesPerElement ($size)');
    }
    if (length == null) return (bytes - offset) ~/ size;
    if (length < 0 || length > (bytes - offset) ~/ size) {
      throw RangeError.range(length, 0, (bytes - offset) ~/ size, 'length');
    }
    return length;
  }

  /// Throws for a view that [_viewOf] did not make.
  Never _refuse(int offset, int? length, int size) {
    _elements(offset, length, size);
    throw StateError('a view that is inside its buffer');
  }

  Int8List asInt8List([int offsetInBytes = 0, int? length]) => unsafeCast<Int8List>(
      _viewOf(this, _kindInt8List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 1));

  Uint8List asUint8List([int offsetInBytes = 0, int? length]) => unsafeCast<Uint8List>(
      _viewOf(this, _kindUint8List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 1));

  Uint8ClampedList asUint8ClampedList([int offsetInBytes = 0, int? length]) => unsafeCast<Uint8ClampedList>(
      _viewOf(this, _kindUint8ClampedList, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 1));

  Int16List asInt16List([int offsetInBytes = 0, int? length]) => unsafeCast<Int16List>(
      _viewOf(this, _kindInt16List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 2));

  Uint16List asUint16List([int offsetInBytes = 0, int? length]) => unsafeCast<Uint16List>(
      _viewOf(this, _kindUint16List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 2));

  Int32List asInt32List([int offsetInBytes = 0, int? length]) => unsafeCast<Int32List>(
      _viewOf(this, _kindInt32List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 4));

  Uint32List asUint32List([int offsetInBytes = 0, int? length]) => unsafeCast<Uint32List>(
      _viewOf(this, _kindUint32List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 4));

  Int64List asInt64List([int offsetInBytes = 0, int? length]) => unsafeCast<Int64List>(
      _viewOf(this, _kindInt64List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 8));

  Uint64List asUint64List([int offsetInBytes = 0, int? length]) => unsafeCast<Uint64List>(
      _viewOf(this, _kindUint64List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 8));

  Float32List asFloat32List([int offsetInBytes = 0, int? length]) => unsafeCast<Float32List>(
      _viewOf(this, _kindFloat32List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 4));

  Float64List asFloat64List([int offsetInBytes = 0, int? length]) => unsafeCast<Float64List>(
      _viewOf(this, _kindFloat64List, offsetInBytes, length) ??
          _refuse(offsetInBytes, length, 8));

  ByteData asByteData([int offsetInBytes = 0, int? length]) =>
      unsafeCast<ByteData>(
          _viewOf(this, _kindByteData, offsetInBytes, length) ??
              _refuse(offsetInBytes, length, 1));

  Float32x4List asFloat32x4List([int offsetInBytes = 0, int? length]) {
    final count = _elements(offsetInBytes, length, 16);
    return _Float32x4List(asFloat32List(offsetInBytes, count * 4));
  }

  Int32x4List asInt32x4List([int offsetInBytes = 0, int? length]) {
    final count = _elements(offsetInBytes, length, 16);
    return _Int32x4List(asInt32List(offsetInBytes, count * 4));
  }

  Float64x2List asFloat64x2List([int offsetInBytes = 0, int? length]) {
    final count = _elements(offsetInBytes, length, 16);
    return _Float64x2List(asFloat64List(offsetInBytes, count * 2));
  }
}
