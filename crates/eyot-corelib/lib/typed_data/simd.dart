part of 'typed_data.dart';

// Vectors of four or two lanes as ordinary objects: they behave as specified,
// without the machine's vector instructions.

/// [value] as a single-precision number.
double _single(double value) {
  final cell = _rounding;
  cell[0] = value;
  return cell[0];
}

final Float32List _rounding = Float32List(1);
final Uint32List _roundingBits = Uint32List.view(_rounding.buffer);

int _singleBits(double value) {
  _rounding[0] = value;
  return _roundingBits[0];
}

double _singleFromBits(int bits) {
  _roundingBits[0] = bits;
  return _rounding[0];
}

final Float64List _wide = Float64List(1);
final Uint64List _wideBits = Uint64List.view(_wide.buffer);

int _doubleBits(double value) {
  _wide[0] = value;
  return _wideBits[0];
}

int _signed32(int value) => (value & 0x7fffffff) - (value & 0x80000000);

void _checkMask(int mask) {
  if (mask < 0 || mask > 255) throw RangeError.range(mask, 0, 255, 'mask');
}

int _mask(bool lane) => lane ? -1 : 0;

double _clampLane(double value, double low, double high) =>
    _greatest(_least(value, high), low);

double _least(double a, double b) => a < b ? a : b;

double _greatest(double a, double b) => a > b ? a : b;

/// Four single-precision numbers.
final class Float32x4 {
  final double x;
  final double y;
  final double z;
  final double w;

  Float32x4(double x, double y, double z, double w)
      : x = _single(x),
        y = _single(y),
        z = _single(z),
        w = _single(w);

  /// The lanes are singles already.
  Float32x4._(this.x, this.y, this.z, this.w);

  Float32x4.splat(double value) : this(value, value, value, value);

  Float32x4.zero() : this._(0.0, 0.0, 0.0, 0.0);

  Float32x4.fromInt32x4Bits(Int32x4 bits)
      : this._(_singleFromBits(bits.x), _singleFromBits(bits.y),
            _singleFromBits(bits.z), _singleFromBits(bits.w));

  Float32x4.fromFloat64x2(Float64x2 value) : this(value.x, value.y, 0.0, 0.0);

  Float32x4 operator +(Float32x4 other) => Float32x4(
      x + other.x, y + other.y, z + other.z, w + other.w);

  Float32x4 operator -(Float32x4 other) => Float32x4(
      x - other.x, y - other.y, z - other.z, w - other.w);

  Float32x4 operator *(Float32x4 other) => Float32x4(
      x * other.x, y * other.y, z * other.z, w * other.w);

  Float32x4 operator /(Float32x4 other) => Float32x4(
      x / other.x, y / other.y, z / other.z, w / other.w);

  Float32x4 operator -() => Float32x4._(-x, -y, -z, -w);

  Int32x4 lessThan(Float32x4 other) => Int32x4(_mask(x < other.x),
      _mask(y < other.y), _mask(z < other.z), _mask(w < other.w));

  Int32x4 lessThanOrEqual(Float32x4 other) => Int32x4(_mask(x <= other.x),
      _mask(y <= other.y), _mask(z <= other.z), _mask(w <= other.w));

  Int32x4 greaterThan(Float32x4 other) => Int32x4(_mask(x > other.x),
      _mask(y > other.y), _mask(z > other.z), _mask(w > other.w));

  Int32x4 greaterThanOrEqual(Float32x4 other) => Int32x4(_mask(x >= other.x),
      _mask(y >= other.y), _mask(z >= other.z), _mask(w >= other.w));

  Int32x4 equal(Float32x4 other) => Int32x4(_mask(x == other.x),
      _mask(y == other.y), _mask(z == other.z), _mask(w == other.w));

  Int32x4 notEqual(Float32x4 other) => Int32x4(_mask(x != other.x),
      _mask(y != other.y), _mask(z != other.z), _mask(w != other.w));

  Float32x4 scale(double scale) => Float32x4(
      x * scale, y * scale, z * scale, w * scale);

  Float32x4 abs() => Float32x4._(x.abs(), y.abs(), z.abs(), w.abs());

  Float32x4 clamp(Float32x4 lowerLimit, Float32x4 upperLimit) => Float32x4._(
      _clampLane(x, lowerLimit.x, upperLimit.x),
      _clampLane(y, lowerLimit.y, upperLimit.y),
      _clampLane(z, lowerLimit.z, upperLimit.z),
      _clampLane(w, lowerLimit.w, upperLimit.w));

  Float32x4 min(Float32x4 other) => Float32x4._(_least(x, other.x),
      _least(y, other.y), _least(z, other.z), _least(w, other.w));

  Float32x4 max(Float32x4 other) => Float32x4._(_greatest(x, other.x),
      _greatest(y, other.y), _greatest(z, other.z), _greatest(w, other.w));

  Float32x4 sqrt() => Float32x4(
      math.sqrt(x), math.sqrt(y), math.sqrt(z), math.sqrt(w));

  Float32x4 reciprocal() => Float32x4(1.0 / x, 1.0 / y, 1.0 / z, 1.0 / w);

  Float32x4 reciprocalSqrt() => Float32x4(math.sqrt(1.0 / x),
      math.sqrt(1.0 / y), math.sqrt(1.0 / z), math.sqrt(1.0 / w));

  /// A bit for the sign of each lane.
  int get signMask =>
      (_singleBits(x) >>> 31) |
      (_singleBits(y) >>> 31) << 1 |
      (_singleBits(z) >>> 31) << 2 |
      (_singleBits(w) >>> 31) << 3;

  double _lane(int index) {
    switch (index & 3) {
      case 0:
        return x;
      case 1:
        return y;
      case 2:
        return z;
      default:
        return w;
    }
  }

  Float32x4 shuffle(int mask) {
    _checkMask(mask);
    return Float32x4._(
        _lane(mask), _lane(mask >> 2), _lane(mask >> 4), _lane(mask >> 6));
  }

  Float32x4 shuffleMix(Float32x4 other, int mask) {
    _checkMask(mask);
    return Float32x4._(_lane(mask), _lane(mask >> 2), other._lane(mask >> 4),
        other._lane(mask >> 6));
  }

  Float32x4 withX(double value) => Float32x4._(_single(value), y, z, w);

  Float32x4 withY(double value) => Float32x4._(x, _single(value), z, w);

  Float32x4 withZ(double value) => Float32x4._(x, y, _single(value), w);

  Float32x4 withW(double value) => Float32x4._(x, y, z, _single(value));

  String toString() => '[${_text(x)}, ${_text(y)}, ${_text(z)}, ${_text(w)}]';

  static String _text(double lane) => lane.toStringAsFixed(6);

  static const int
      xxxx = 0, yxxx = 1, zxxx = 2, wxxx = 3, xyxx = 4, yyxx = 5,
      zyxx = 6, wyxx = 7, xzxx = 8, yzxx = 9, zzxx = 10, wzxx = 11,
      xwxx = 12, ywxx = 13, zwxx = 14, wwxx = 15, xxyx = 16, yxyx = 17,
      zxyx = 18, wxyx = 19, xyyx = 20, yyyx = 21, zyyx = 22, wyyx = 23,
      xzyx = 24, yzyx = 25, zzyx = 26, wzyx = 27, xwyx = 28, ywyx = 29,
      zwyx = 30, wwyx = 31, xxzx = 32, yxzx = 33, zxzx = 34, wxzx = 35,
      xyzx = 36, yyzx = 37, zyzx = 38, wyzx = 39, xzzx = 40, yzzx = 41,
      zzzx = 42, wzzx = 43, xwzx = 44, ywzx = 45, zwzx = 46, wwzx = 47,
      xxwx = 48, yxwx = 49, zxwx = 50, wxwx = 51, xywx = 52, yywx = 53,
      zywx = 54, wywx = 55, xzwx = 56, yzwx = 57, zzwx = 58, wzwx = 59,
      xwwx = 60, ywwx = 61, zwwx = 62, wwwx = 63, xxxy = 64, yxxy = 65,
      zxxy = 66, wxxy = 67, xyxy = 68, yyxy = 69, zyxy = 70, wyxy = 71,
      xzxy = 72, yzxy = 73, zzxy = 74, wzxy = 75, xwxy = 76, ywxy = 77,
      zwxy = 78, wwxy = 79, xxyy = 80, yxyy = 81, zxyy = 82, wxyy = 83,
      xyyy = 84, yyyy = 85, zyyy = 86, wyyy = 87, xzyy = 88, yzyy = 89,
      zzyy = 90, wzyy = 91, xwyy = 92, ywyy = 93, zwyy = 94, wwyy = 95,
      xxzy = 96, yxzy = 97, zxzy = 98, wxzy = 99, xyzy = 100, yyzy = 101,
      zyzy = 102, wyzy = 103, xzzy = 104, yzzy = 105, zzzy = 106, wzzy = 107,
      xwzy = 108, ywzy = 109, zwzy = 110, wwzy = 111, xxwy = 112, yxwy = 113,
      zxwy = 114, wxwy = 115, xywy = 116, yywy = 117, zywy = 118, wywy = 119,
      xzwy = 120, yzwy = 121, zzwy = 122, wzwy = 123, xwwy = 124, ywwy = 125,
      zwwy = 126, wwwy = 127, xxxz = 128, yxxz = 129, zxxz = 130, wxxz = 131,
      xyxz = 132, yyxz = 133, zyxz = 134, wyxz = 135, xzxz = 136, yzxz = 137,
      zzxz = 138, wzxz = 139, xwxz = 140, ywxz = 141, zwxz = 142, wwxz = 143,
      xxyz = 144, yxyz = 145, zxyz = 146, wxyz = 147, xyyz = 148, yyyz = 149,
      zyyz = 150, wyyz = 151, xzyz = 152, yzyz = 153, zzyz = 154, wzyz = 155,
      xwyz = 156, ywyz = 157, zwyz = 158, wwyz = 159, xxzz = 160, yxzz = 161,
      zxzz = 162, wxzz = 163, xyzz = 164, yyzz = 165, zyzz = 166, wyzz = 167,
      xzzz = 168, yzzz = 169, zzzz = 170, wzzz = 171, xwzz = 172, ywzz = 173,
      zwzz = 174, wwzz = 175, xxwz = 176, yxwz = 177, zxwz = 178, wxwz = 179,
      xywz = 180, yywz = 181, zywz = 182, wywz = 183, xzwz = 184, yzwz = 185,
      zzwz = 186, wzwz = 187, xwwz = 188, ywwz = 189, zwwz = 190, wwwz = 191,
      xxxw = 192, yxxw = 193, zxxw = 194, wxxw = 195, xyxw = 196, yyxw = 197,
      zyxw = 198, wyxw = 199, xzxw = 200, yzxw = 201, zzxw = 202, wzxw = 203,
      xwxw = 204, ywxw = 205, zwxw = 206, wwxw = 207, xxyw = 208, yxyw = 209,
      zxyw = 210, wxyw = 211, xyyw = 212, yyyw = 213, zyyw = 214, wyyw = 215,
      xzyw = 216, yzyw = 217, zzyw = 218, wzyw = 219, xwyw = 220, ywyw = 221,
      zwyw = 222, wwyw = 223, xxzw = 224, yxzw = 225, zxzw = 226, wxzw = 227,
      xyzw = 228, yyzw = 229, zyzw = 230, wyzw = 231, xzzw = 232, yzzw = 233,
      zzzw = 234, wzzw = 235, xwzw = 236, ywzw = 237, zwzw = 238, wwzw = 239,
      xxww = 240, yxww = 241, zxww = 242, wxww = 243, xyww = 244, yyww = 245,
      zyww = 246, wyww = 247, xzww = 248, yzww = 249, zzww = 250, wzww = 251,
      xwww = 252, ywww = 253, zwww = 254, wwww = 255;
}

/// Four signed 32-bit integers.
final class Int32x4 {
  final int x;
  final int y;
  final int z;
  final int w;

  Int32x4(int x, int y, int z, int w)
      : x = _signed32(x),
        y = _signed32(y),
        z = _signed32(z),
        w = _signed32(w);

  Int32x4.bool(bool x, bool y, bool z, bool w)
      : this(_mask(x), _mask(y), _mask(z), _mask(w));

  Int32x4.fromFloat32x4Bits(Float32x4 value)
      : this(_singleBits(value.x), _singleBits(value.y), _singleBits(value.z),
            _singleBits(value.w));

  Int32x4 operator |(Int32x4 other) =>
      Int32x4(x | other.x, y | other.y, z | other.z, w | other.w);

  Int32x4 operator &(Int32x4 other) =>
      Int32x4(x & other.x, y & other.y, z & other.z, w & other.w);

  Int32x4 operator ^(Int32x4 other) =>
      Int32x4(x ^ other.x, y ^ other.y, z ^ other.z, w ^ other.w);

  Int32x4 operator +(Int32x4 other) =>
      Int32x4(x + other.x, y + other.y, z + other.z, w + other.w);

  Int32x4 operator -(Int32x4 other) =>
      Int32x4(x - other.x, y - other.y, z - other.z, w - other.w);

  int get signMask =>
      (x >>> 63) | (y >>> 63) << 1 | (z >>> 63) << 2 | (w >>> 63) << 3;

  int _lane(int index) {
    switch (index & 3) {
      case 0:
        return x;
      case 1:
        return y;
      case 2:
        return z;
      default:
        return w;
    }
  }

  Int32x4 shuffle(int mask) {
    _checkMask(mask);
    return Int32x4(
        _lane(mask), _lane(mask >> 2), _lane(mask >> 4), _lane(mask >> 6));
  }

  Int32x4 shuffleMix(Int32x4 other, int mask) {
    _checkMask(mask);
    return Int32x4(_lane(mask), _lane(mask >> 2), other._lane(mask >> 4),
        other._lane(mask >> 6));
  }

  /// Bits of [trueValue] where this has ones, of [falseValue] elsewhere.
  Float32x4 select(Float32x4 trueValue, Float32x4 falseValue) =>
      Float32x4.fromInt32x4Bits(Int32x4(
          _pick(x, trueValue.x, falseValue.x),
          _pick(y, trueValue.y, falseValue.y),
          _pick(z, trueValue.z, falseValue.z),
          _pick(w, trueValue.w, falseValue.w)));

  static int _pick(int mask, double a, double b) =>
      (_singleBits(a) & mask) | (_singleBits(b) & ~mask);

  Int32x4 withX(int value) => Int32x4(value, y, z, w);

  Int32x4 withY(int value) => Int32x4(x, value, z, w);

  Int32x4 withZ(int value) => Int32x4(x, y, value, w);

  Int32x4 withW(int value) => Int32x4(x, y, z, value);

  bool get flagX => x != 0;

  Int32x4 withFlagX(bool value) => Int32x4(_mask(value), y, z, w);

  bool get flagY => y != 0;

  Int32x4 withFlagY(bool value) => Int32x4(x, _mask(value), z, w);

  bool get flagZ => z != 0;

  Int32x4 withFlagZ(bool value) => Int32x4(x, y, _mask(value), w);

  bool get flagW => w != 0;

  Int32x4 withFlagW(bool value) => Int32x4(x, y, z, _mask(value));

  String toString() => '[${_text(x)}, ${_text(y)}, ${_text(z)}, ${_text(w)}]';

  static String _text(int lane) =>
      (lane & 0xFFFFFFFF).toRadixString(16).padLeft(8, '0');

  static const int
      xxxx = 0, yxxx = 1, zxxx = 2, wxxx = 3, xyxx = 4, yyxx = 5,
      zyxx = 6, wyxx = 7, xzxx = 8, yzxx = 9, zzxx = 10, wzxx = 11,
      xwxx = 12, ywxx = 13, zwxx = 14, wwxx = 15, xxyx = 16, yxyx = 17,
      zxyx = 18, wxyx = 19, xyyx = 20, yyyx = 21, zyyx = 22, wyyx = 23,
      xzyx = 24, yzyx = 25, zzyx = 26, wzyx = 27, xwyx = 28, ywyx = 29,
      zwyx = 30, wwyx = 31, xxzx = 32, yxzx = 33, zxzx = 34, wxzx = 35,
      xyzx = 36, yyzx = 37, zyzx = 38, wyzx = 39, xzzx = 40, yzzx = 41,
      zzzx = 42, wzzx = 43, xwzx = 44, ywzx = 45, zwzx = 46, wwzx = 47,
      xxwx = 48, yxwx = 49, zxwx = 50, wxwx = 51, xywx = 52, yywx = 53,
      zywx = 54, wywx = 55, xzwx = 56, yzwx = 57, zzwx = 58, wzwx = 59,
      xwwx = 60, ywwx = 61, zwwx = 62, wwwx = 63, xxxy = 64, yxxy = 65,
      zxxy = 66, wxxy = 67, xyxy = 68, yyxy = 69, zyxy = 70, wyxy = 71,
      xzxy = 72, yzxy = 73, zzxy = 74, wzxy = 75, xwxy = 76, ywxy = 77,
      zwxy = 78, wwxy = 79, xxyy = 80, yxyy = 81, zxyy = 82, wxyy = 83,
      xyyy = 84, yyyy = 85, zyyy = 86, wyyy = 87, xzyy = 88, yzyy = 89,
      zzyy = 90, wzyy = 91, xwyy = 92, ywyy = 93, zwyy = 94, wwyy = 95,
      xxzy = 96, yxzy = 97, zxzy = 98, wxzy = 99, xyzy = 100, yyzy = 101,
      zyzy = 102, wyzy = 103, xzzy = 104, yzzy = 105, zzzy = 106, wzzy = 107,
      xwzy = 108, ywzy = 109, zwzy = 110, wwzy = 111, xxwy = 112, yxwy = 113,
      zxwy = 114, wxwy = 115, xywy = 116, yywy = 117, zywy = 118, wywy = 119,
      xzwy = 120, yzwy = 121, zzwy = 122, wzwy = 123, xwwy = 124, ywwy = 125,
      zwwy = 126, wwwy = 127, xxxz = 128, yxxz = 129, zxxz = 130, wxxz = 131,
      xyxz = 132, yyxz = 133, zyxz = 134, wyxz = 135, xzxz = 136, yzxz = 137,
      zzxz = 138, wzxz = 139, xwxz = 140, ywxz = 141, zwxz = 142, wwxz = 143,
      xxyz = 144, yxyz = 145, zxyz = 146, wxyz = 147, xyyz = 148, yyyz = 149,
      zyyz = 150, wyyz = 151, xzyz = 152, yzyz = 153, zzyz = 154, wzyz = 155,
      xwyz = 156, ywyz = 157, zwyz = 158, wwyz = 159, xxzz = 160, yxzz = 161,
      zxzz = 162, wxzz = 163, xyzz = 164, yyzz = 165, zyzz = 166, wyzz = 167,
      xzzz = 168, yzzz = 169, zzzz = 170, wzzz = 171, xwzz = 172, ywzz = 173,
      zwzz = 174, wwzz = 175, xxwz = 176, yxwz = 177, zxwz = 178, wxwz = 179,
      xywz = 180, yywz = 181, zywz = 182, wywz = 183, xzwz = 184, yzwz = 185,
      zzwz = 186, wzwz = 187, xwwz = 188, ywwz = 189, zwwz = 190, wwwz = 191,
      xxxw = 192, yxxw = 193, zxxw = 194, wxxw = 195, xyxw = 196, yyxw = 197,
      zyxw = 198, wyxw = 199, xzxw = 200, yzxw = 201, zzxw = 202, wzxw = 203,
      xwxw = 204, ywxw = 205, zwxw = 206, wwxw = 207, xxyw = 208, yxyw = 209,
      zxyw = 210, wxyw = 211, xyyw = 212, yyyw = 213, zyyw = 214, wyyw = 215,
      xzyw = 216, yzyw = 217, zzyw = 218, wzyw = 219, xwyw = 220, ywyw = 221,
      zwyw = 222, wwyw = 223, xxzw = 224, yxzw = 225, zxzw = 226, wxzw = 227,
      xyzw = 228, yyzw = 229, zyzw = 230, wyzw = 231, xzzw = 232, yzzw = 233,
      zzzw = 234, wzzw = 235, xwzw = 236, ywzw = 237, zwzw = 238, wwzw = 239,
      xxww = 240, yxww = 241, zxww = 242, wxww = 243, xyww = 244, yyww = 245,
      zyww = 246, wyww = 247, xzww = 248, yzww = 249, zzww = 250, wzww = 251,
      xwww = 252, ywww = 253, zwww = 254, wwww = 255;
}

/// Two double-precision numbers.
final class Float64x2 {
  final double x;
  final double y;

  Float64x2(this.x, this.y);

  Float64x2.splat(double value) : this(value, value);

  Float64x2.zero() : this(0.0, 0.0);

  Float64x2.fromFloat32x4(Float32x4 value) : this(value.x, value.y);

  Float64x2 operator +(Float64x2 other) => Float64x2(x + other.x, y + other.y);

  Float64x2 operator -(Float64x2 other) => Float64x2(x - other.x, y - other.y);

  Float64x2 operator *(Float64x2 other) => Float64x2(x * other.x, y * other.y);

  Float64x2 operator /(Float64x2 other) => Float64x2(x / other.x, y / other.y);

  Float64x2 operator -() => Float64x2(-x, -y);

  Float64x2 scale(double scale) => Float64x2(x * scale, y * scale);

  Float64x2 abs() => Float64x2(x.abs(), y.abs());

  Float64x2 clamp(Float64x2 lowerLimit, Float64x2 upperLimit) => Float64x2(
      _clampLane(x, lowerLimit.x, upperLimit.x),
      _clampLane(y, lowerLimit.y, upperLimit.y));

  int get signMask => (_doubleBits(x) >>> 63) | (_doubleBits(y) >>> 63) << 1;

  Float64x2 withX(double x) => Float64x2(x, y);

  Float64x2 withY(double y) => Float64x2(x, y);

  Float64x2 min(Float64x2 other) =>
      Float64x2(_least(x, other.x), _least(y, other.y));

  Float64x2 max(Float64x2 other) =>
      Float64x2(_greatest(x, other.x), _greatest(y, other.y));

  Float64x2 sqrt() => Float64x2(math.sqrt(x), math.sqrt(y));

  String toString() =>
      '[${x.toStringAsFixed(6)}, ${y.toStringAsFixed(6)}]';
}

/// A list of [Float32x4], sixteen bytes each.
abstract final class Float32x4List implements TypedDataList<Float32x4> {
  static const int bytesPerElement = 16;

  factory Float32x4List(int length) {
    _checkLength(length, 16);
    return _Float32x4List(Float32List(length * 4));
  }

  factory Float32x4List.fromList(List<Float32x4> elements) {
    final list = Float32x4List(elements.length);
    for (int i = 0; i < elements.length; i++) {
      list[i] = elements[i];
    }
    return list;
  }

  factory Float32x4List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asFloat32x4List(offsetInBytes, length);

  factory Float32x4List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 16);
    return data.buffer.asFloat32x4List(range.$1, range.$2);
  }

  List<Float32x4> operator +(List<Float32x4> other);

  Float32x4List sublist(int start, [int? end]);

  Float32x4List asUnmodifiableView();
}

final class _Float32x4List extends FixedLengthListBase<Float32x4>
    implements Float32x4List {
  final Float32List _lanes;
  final bool _isReadOnly;

  _Float32x4List(this._lanes, [this._isReadOnly = false]);

  Type get runtimeType => Float32x4List;

  int get length => _lanes.length ~/ 4;

  int _at(int index) {
    RangeError.checkValidIndex(index, this, null, length);
    return index * 4;
  }

  Float32x4 operator [](int index) {
    final at = _at(index);
    return Float32x4(_lanes[at], _lanes[at + 1], _lanes[at + 2], _lanes[at + 3]);
  }

  void operator []=(int index, Float32x4 value) {
    if (_isReadOnly) _refuse();
    final at = _at(index);
    _lanes[at] = value.x;
    _lanes[at + 1] = value.y;
    _lanes[at + 2] = value.z;
    _lanes[at + 3] = value.w;
  }

  int get elementSizeInBytes => 16;

  int get offsetInBytes => _lanes.offsetInBytes;

  int get lengthInBytes => _lanes.lengthInBytes;

  ByteBuffer get buffer => _lanes.buffer;

  Float32x4List sublist(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    return _Float32x4List(_lanes.sublist(start * 4, stop * 4));
  }

  Float32x4List asUnmodifiableView() => _Float32x4List(_lanes, true);

  void setRange(int start, int end, Iterable<Float32x4> iterable,
      [int skipCount = 0]) {
    if (iterable is! _Float32x4List || _isReadOnly) {
      super.setRange(start, end, iterable, skipCount);
      return;
    }
    RangeError.checkValidRange(start, end, length);
    RangeError.checkNotNegative(skipCount, 'skipCount');
    _lanes.setRange(
        start * 4, end * 4, iterable._lanes, skipCount * 4);
  }

  void setAll(int index, Iterable<Float32x4> iterable) {
    setRange(index, index + iterable.length, iterable);
  }
}

/// A list of [Int32x4], sixteen bytes each.
abstract final class Int32x4List implements TypedDataList<Int32x4> {
  static const int bytesPerElement = 16;

  factory Int32x4List(int length) {
    _checkLength(length, 16);
    return _Int32x4List(Int32List(length * 4));
  }

  factory Int32x4List.fromList(List<Int32x4> elements) {
    final list = Int32x4List(elements.length);
    for (int i = 0; i < elements.length; i++) {
      list[i] = elements[i];
    }
    return list;
  }

  factory Int32x4List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asInt32x4List(offsetInBytes, length);

  factory Int32x4List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 16);
    return data.buffer.asInt32x4List(range.$1, range.$2);
  }

  List<Int32x4> operator +(List<Int32x4> other);

  Int32x4List sublist(int start, [int? end]);

  Int32x4List asUnmodifiableView();
}

final class _Int32x4List extends FixedLengthListBase<Int32x4>
    implements Int32x4List {
  final Int32List _lanes;
  final bool _isReadOnly;

  _Int32x4List(this._lanes, [this._isReadOnly = false]);

  Type get runtimeType => Int32x4List;

  int get length => _lanes.length ~/ 4;

  int _at(int index) {
    RangeError.checkValidIndex(index, this, null, length);
    return index * 4;
  }

  Int32x4 operator [](int index) {
    final at = _at(index);
    return Int32x4(_lanes[at], _lanes[at + 1], _lanes[at + 2], _lanes[at + 3]);
  }

  void operator []=(int index, Int32x4 value) {
    if (_isReadOnly) _refuse();
    final at = _at(index);
    _lanes[at] = value.x;
    _lanes[at + 1] = value.y;
    _lanes[at + 2] = value.z;
    _lanes[at + 3] = value.w;
  }

  int get elementSizeInBytes => 16;

  int get offsetInBytes => _lanes.offsetInBytes;

  int get lengthInBytes => _lanes.lengthInBytes;

  ByteBuffer get buffer => _lanes.buffer;

  Int32x4List sublist(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    return _Int32x4List(_lanes.sublist(start * 4, stop * 4));
  }

  Int32x4List asUnmodifiableView() => _Int32x4List(_lanes, true);

  void setRange(int start, int end, Iterable<Int32x4> iterable,
      [int skipCount = 0]) {
    if (iterable is! _Int32x4List || _isReadOnly) {
      super.setRange(start, end, iterable, skipCount);
      return;
    }
    RangeError.checkValidRange(start, end, length);
    RangeError.checkNotNegative(skipCount, 'skipCount');
    _lanes.setRange(
        start * 4, end * 4, iterable._lanes, skipCount * 4);
  }

  void setAll(int index, Iterable<Int32x4> iterable) {
    setRange(index, index + iterable.length, iterable);
  }
}

/// A list of [Float64x2], sixteen bytes each.
abstract final class Float64x2List implements TypedDataList<Float64x2> {
  static const int bytesPerElement = 16;

  factory Float64x2List(int length) {
    _checkLength(length, 16);
    return _Float64x2List(Float64List(length * 2));
  }

  factory Float64x2List.fromList(List<Float64x2> elements) {
    final list = Float64x2List(elements.length);
    for (int i = 0; i < elements.length; i++) {
      list[i] = elements[i];
    }
    return list;
  }

  factory Float64x2List.view(ByteBuffer buffer,
          [int offsetInBytes = 0, int? length]) =>
      buffer.asFloat64x2List(offsetInBytes, length);

  factory Float64x2List.sublistView(TypedData data, [int start = 0, int? end]) {
    final range = _byteRange(data, start, end, 16);
    return data.buffer.asFloat64x2List(range.$1, range.$2);
  }

  List<Float64x2> operator +(List<Float64x2> other);

  Float64x2List sublist(int start, [int? end]);

  Float64x2List asUnmodifiableView();
}

final class _Float64x2List extends FixedLengthListBase<Float64x2>
    implements Float64x2List {
  final Float64List _lanes;
  final bool _isReadOnly;

  _Float64x2List(this._lanes, [this._isReadOnly = false]);

  Type get runtimeType => Float64x2List;

  int get length => _lanes.length ~/ 2;

  int _at(int index) {
    RangeError.checkValidIndex(index, this, null, length);
    return index * 2;
  }

  Float64x2 operator [](int index) {
    final at = _at(index);
    return Float64x2(_lanes[at], _lanes[at + 1]);
  }

  void operator []=(int index, Float64x2 value) {
    if (_isReadOnly) _refuse();
    final at = _at(index);
    _lanes[at] = value.x;
    _lanes[at + 1] = value.y;
  }

  int get elementSizeInBytes => 16;

  int get offsetInBytes => _lanes.offsetInBytes;

  int get lengthInBytes => _lanes.lengthInBytes;

  ByteBuffer get buffer => _lanes.buffer;

  Float64x2List sublist(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    return _Float64x2List(_lanes.sublist(start * 2, stop * 2));
  }

  Float64x2List asUnmodifiableView() => _Float64x2List(_lanes, true);

  void setRange(int start, int end, Iterable<Float64x2> iterable,
      [int skipCount = 0]) {
    if (iterable is! _Float64x2List || _isReadOnly) {
      super.setRange(start, end, iterable, skipCount);
      return;
    }
    RangeError.checkValidRange(start, end, length);
    RangeError.checkNotNegative(skipCount, 'skipCount');
    _lanes.setRange(
        start * 2, end * 2, iterable._lanes, skipCount * 2);
  }

  void setAll(int index, Iterable<Float64x2> iterable) {
    setRange(index, index + iterable.length, iterable);
  }
}
