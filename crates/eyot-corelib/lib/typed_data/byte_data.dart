part of 'typed_data.dart';

/// Reads and writes numbers of any size at any place.
abstract final class ByteData implements TypedData {
  factory ByteData(int length) {
    _checkLength(length, 1);
    return _newByteData(length);
  }

  factory ByteData.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asByteData(offsetInBytes, length);

  factory ByteData.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 1);
    return data.buffer.asByteData(range.$1, range.$2);
  }

  int getInt8(int byteOffset);
  void setInt8(int byteOffset, int value);
  int getUint8(int byteOffset);
  void setUint8(int byteOffset, int value);
  int getInt16(int byteOffset, [Endian endian = Endian.big]);
  void setInt16(int byteOffset, int value, [Endian endian = Endian.big]);
  int getUint16(int byteOffset, [Endian endian = Endian.big]);
  void setUint16(int byteOffset, int value, [Endian endian = Endian.big]);
  int getInt32(int byteOffset, [Endian endian = Endian.big]);
  void setInt32(int byteOffset, int value, [Endian endian = Endian.big]);
  int getUint32(int byteOffset, [Endian endian = Endian.big]);
  void setUint32(int byteOffset, int value, [Endian endian = Endian.big]);
  int getInt64(int byteOffset, [Endian endian = Endian.big]);
  void setInt64(int byteOffset, int value, [Endian endian = Endian.big]);
  int getUint64(int byteOffset, [Endian endian = Endian.big]);
  void setUint64(int byteOffset, int value, [Endian endian = Endian.big]);
  double getFloat32(int byteOffset, [Endian endian = Endian.big]);
  void setFloat32(int byteOffset, double value, [Endian endian = Endian.big]);
  double getFloat64(int byteOffset, [Endian endian = Endian.big]);
  void setFloat64(int byteOffset, double value, [Endian endian = Endian.big]);

  ByteData asUnmodifiableView();
}

/// Native: [length] (at least 0) zero bytes.
external ByteData _newByteData(int length);

final class _ByteData extends _TypedDataBase implements ByteData {
  _ByteData._();

  int get elementSizeInBytes => 1;

  ByteData asUnmodifiableView() =>
      _UnmodifiableByteData(unsafeCast<ByteData>(_readOnly(this)));

  /// Native: the integer of [size] (1, 2, 4, 8) bytes at [offset]; throws
  /// RangeError if they are not all inside.
  external int _getInt(int offset, int size, bool signed, bool little);

  /// Native: writes the low [size] bytes of [value]; throws as [_getInt].
  external void _setInt(int offset, int size, int value, bool little);

  /// Native: the float of [size] (4, 8) bytes; throws as [_getInt].
  external double _getFloat(int offset, int size, bool little);

  /// Native: writes [value], rounded to a single if [size] is 4; throws as
  /// [_getInt].
  external void _setFloat(int offset, int size, double value, bool little);

  int getInt8(int byteOffset) => _getInt(byteOffset, 1, true, true);

  void setInt8(int byteOffset, int value) =>
      _setInt(byteOffset, 1, value, true);

  int getUint8(int byteOffset) => _getInt(byteOffset, 1, false, true);

  void setUint8(int byteOffset, int value) =>
      _setInt(byteOffset, 1, value, true);

  int getInt16(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 2, true, endian._isLittle);

  void setInt16(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 2, value, endian._isLittle);

  int getUint16(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 2, false, endian._isLittle);

  void setUint16(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 2, value, endian._isLittle);

  int getInt32(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 4, true, endian._isLittle);

  void setInt32(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 4, value, endian._isLittle);

  int getUint32(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 4, false, endian._isLittle);

  void setUint32(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 4, value, endian._isLittle);

  int getInt64(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 8, true, endian._isLittle);

  void setInt64(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 8, value, endian._isLittle);

  int getUint64(int byteOffset, [Endian endian = Endian.big]) =>
      _getInt(byteOffset, 8, false, endian._isLittle);

  void setUint64(int byteOffset, int value, [Endian endian = Endian.big]) =>
      _setInt(byteOffset, 8, value, endian._isLittle);

  double getFloat32(int byteOffset, [Endian endian = Endian.big]) =>
      _getFloat(byteOffset, 4, endian._isLittle);

  void setFloat32(int byteOffset, double value,
          [Endian endian = Endian.big]) =>
      _setFloat(byteOffset, 4, value, endian._isLittle);

  double getFloat64(int byteOffset, [Endian endian = Endian.big]) =>
      _getFloat(byteOffset, 8, endian._isLittle);

  void setFloat64(int byteOffset, double value,
          [Endian endian = Endian.big]) =>
      _setFloat(byteOffset, 8, value, endian._isLittle);
}
