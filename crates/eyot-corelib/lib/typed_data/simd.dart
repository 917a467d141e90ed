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

double _doubleFromBits(int bits) {
  _wideBits[0] = bits;
  return _wide[0];
}

int _signed32(int value) => (value & 0x7fffffff) - (value & 0x80000000);

void _checkMask(int mask) {
  if (mask < 0 || mask > 255) throw RangeError.range(mask, 0, 255, 'mask');
}

int _mask(bool lane) => lane ? -1 : 0;

double _clampLane(double value, double low, double high) {
  if (value < low) return low;
  return value > high ? high : value;
}

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

  String toString() => '[$x, $y, $z, $w]';

  static const int xxxx = 0;
  static const int yxxx = 1;
  static const int zxxx = 2;
  static const int wxxx = 3;
  static const int xyxx = 4;
  static const int yyxx = 5;
  static const int zyxx = 6;
  static const int wyxx = 7;
  static const int xzxx = 8;
  static const int yzxx = 9;
  static const int zzxx = 10;
  static const int wzxx = 11;
  static const int xwxx = 12;
  static const int ywxx = 13;
  static const int zwxx = 14;
  static const int wwxx = 15;
  static const int xxyx = 16;
  static const int yxyx = 17;
  static const int zxyx = 18;
  static const int wxyx = 19;
  static const int xyyx = 20;
  static const int yyyx = 21;
  static const int zyyx = 22;
  static const int wyyx = 23;
  static const int xzyx = 24;
  static const int yzyx = 25;
  static const int zzyx = 26;
  static const int wzyx = 27;
  static const int xwyx = 28;
  static const int ywyx = 29;
  static const int zwyx = 30;
  static const int wwyx = 31;
  static const int xxzx = 32;
  static const int yxzx = 33;
  static const int zxzx = 34;
  static const int wxzx = 35;
  static const int xyzx = 36;
  static const int yyzx = 37;
  static const int zyzx = 38;
  static const int wyzx = 39;
  static const int xzzx = 40;
  static const int yzzx = 41;
  static const int zzzx = 42;
  static const int wzzx = 43;
  static const int xwzx = 44;
  static const int ywzx = 45;
  static const int zwzx = 46;
  static const int wwzx = 47;
  static const int xxwx = 48;
  static const int yxwx = 49;
  static const int zxwx = 50;
  static const int wxwx = 51;
  static const int xywx = 52;
  static const int yywx = 53;
  static const int zywx = 54;
  static const int wywx = 55;
  static const int xzwx = 56;
  static const int yzwx = 57;
  static const int zzwx = 58;
  static const int wzwx = 59;
  static const int xwwx = 60;
  static const int ywwx = 61;
  static const int zwwx = 62;
  static const int wwwx = 63;
  static const int xxxy = 64;
  static const int yxxy = 65;
  static const int zxxy = 66;
  static const int wxxy = 67;
  static const int xyxy = 68;
  static const int yyxy = 69;
  static const int zyxy = 70;
  static const int wyxy = 71;
  static const int xzxy = 72;
  static const int yzxy = 73;
  static const int zzxy = 74;
  static const int wzxy = 75;
  static const int xwxy = 76;
  static const int ywxy = 77;
  static const int zwxy = 78;
  static const int wwxy = 79;
  static const int xxyy = 80;
  static const int yxyy = 81;
  static const int zxyy = 82;
  static const int wxyy = 83;
  static const int xyyy = 84;
  static const int yyyy = 85;
  static const int zyyy = 86;
  static const int wyyy = 87;
  static const int xzyy = 88;
  static const int yzyy = 89;
  static const int zzyy = 90;
  static const int wzyy = 91;
  static const int xwyy = 92;
  static const int ywyy = 93;
  static const int zwyy = 94;
  static const int wwyy = 95;
  static const int xxzy = 96;
  static const int yxzy = 97;
  static const int zxzy = 98;
  static const int wxzy = 99;
  static const int xyzy = 100;
  static const int yyzy = 101;
  static const int zyzy = 102;
  static const int wyzy = 103;
  static const int xzzy = 104;
  static const int yzzy = 105;
  static const int zzzy = 106;
  static const int wzzy = 107;
  static const int xwzy = 108;
  static const int ywzy = 109;
  static const int zwzy = 110;
  static const int wwzy = 111;
  static const int xxwy = 112;
  static const int yxwy = 113;
  static const int zxwy = 114;
  static const int wxwy = 115;
  static const int xywy = 116;
  static const int yywy = 117;
  static const int zywy = 118;
  static const int wywy = 119;
  static const int xzwy = 120;
  static const int yzwy = 121;
  static const int zzwy = 122;
  static const int wzwy = 123;
  static const int xwwy = 124;
  static const int ywwy = 125;
  static const int zwwy = 126;
  static const int wwwy = 127;
  static const int xxxz = 128;
  static const int yxxz = 129;
  static const int zxxz = 130;
  static const int wxxz = 131;
  static const int xyxz = 132;
  static const int yyxz = 133;
  static const int zyxz = 134;
  static const int wyxz = 135;
  static const int xzxz = 136;
  static const int yzxz = 137;
  static const int zzxz = 138;
  static const int wzxz = 139;
  static const int xwxz = 140;
  static const int ywxz = 141;
  static const int zwxz = 142;
  static const int wwxz = 143;
  static const int xxyz = 144;
  static const int yxyz = 145;
  static const int zxyz = 146;
  static const int wxyz = 147;
  static const int xyyz = 148;
  static const int yyyz = 149;
  static const int zyyz = 150;
  static const int wyyz = 151;
  static const int xzyz = 152;
  static const int yzyz = 153;
  static const int zzyz = 154;
  static const int wzyz = 155;
  static const int xwyz = 156;
  static const int ywyz = 157;
  static const int zwyz = 158;
  static const int wwyz = 159;
  static const int xxzz = 160;
  static const int yxzz = 161;
  static const int zxzz = 162;
  static const int wxzz = 163;
  static const int xyzz = 164;
  static const int yyzz = 165;
  static const int zyzz = 166;
  static const int wyzz = 167;
  static const int xzzz = 168;
  static const int yzzz = 169;
  static const int zzzz = 170;
  static const int wzzz = 171;
  static const int xwzz = 172;
  static const int ywzz = 173;
  static const int zwzz = 174;
  static const int wwzz = 175;
  static const int xxwz = 176;
  static const int yxwz = 177;
  static const int zxwz = 178;
  static const int wxwz = 179;
  static const int xywz = 180;
  static const int yywz = 181;
  static const int zywz = 182;
  static const int wywz = 183;
  static const int xzwz = 184;
  static const int yzwz = 185;
  static const int zzwz = 186;
  static const int wzwz = 187;
  static const int xwwz = 188;
  static const int ywwz = 189;
  static const int zwwz = 190;
  static const int wwwz = 191;
  static const int xxxw = 192;
  static const int yxxw = 193;
  static const int zxxw = 194;
  static const int wxxw = 195;
  static const int xyxw = 196;
  static const int yyxw = 197;
  static const int zyxw = 198;
  static const int wyxw = 199;
  static const int xzxw = 200;
  static const int yzxw = 201;
  static const int zzxw = 202;
  static const int wzxw = 203;
  static const int xwxw = 204;
  static const int ywxw = 205;
  static const int zwxw = 206;
  static const int wwxw = 207;
  static const int xxyw = 208;
  static const int yxyw = 209;
  static const int zxyw = 210;
  static const int wxyw = 211;
  static const int xyyw = 212;
  static const int yyyw = 213;
  static const int zyyw = 214;
  static const int wyyw = 215;
  static const int xzyw = 216;
  static const int yzyw = 217;
  static const int zzyw = 218;
  static const int wzyw = 219;
  static const int xwyw = 220;
  static const int ywyw = 221;
  static const int zwyw = 222;
  static const int wwyw = 223;
  static const int xxzw = 224;
  static const int yxzw = 225;
  static const int zxzw = 226;
  static const int wxzw = 227;
  static const int xyzw = 228;
  static const int yyzw = 229;
  static const int zyzw = 230;
  static const int wyzw = 231;
  static const int xzzw = 232;
  static const int yzzw = 233;
  static const int zzzw = 234;
  static const int wzzw = 235;
  static const int xwzw = 236;
  static const int ywzw = 237;
  static const int zwzw = 238;
  static const int wwzw = 239;
  static const int xxww = 240;
  static const int yxww = 241;
  static const int zxww = 242;
  static const int wxww = 243;
  static const int xyww = 244;
  static const int yyww = 245;
  static const int zyww = 246;
  static const int wyww = 247;
  static const int xzww = 248;
  static const int yzww = 249;
  static const int zzww = 250;
  static const int wzww = 251;
  static const int xwww = 252;
  static const int ywww = 253;
  static const int zwww = 254;
  static const int wwww = 255;
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

  String toString() => '[$x, $y, $z, $w]';

  static const int xxxx = 0;
  static const int yxxx = 1;
  static const int zxxx = 2;
  static const int wxxx = 3;
  static const int xyxx = 4;
  static const int yyxx = 5;
  static const int zyxx = 6;
  static const int wyxx = 7;
  static const int xzxx = 8;
  static const int yzxx = 9;
  static const int zzxx = 10;
  static const int wzxx = 11;
  static const int xwxx = 12;
  static const int ywxx = 13;
  static const int zwxx = 14;
  static const int wwxx = 15;
  static const int xxyx = 16;
  static const int yxyx = 17;
  static const int zxyx = 18;
  static const int wxyx = 19;
  static const int xyyx = 20;
  static const int yyyx = 21;
  static const int zyyx = 22;
  static const int wyyx = 23;
  static const int xzyx = 24;
  static const int yzyx = 25;
  static const int zzyx = 26;
  static const int wzyx = 27;
  static const int xwyx = 28;
  static const int ywyx = 29;
  static const int zwyx = 30;
  static const int wwyx = 31;
  static const int xxzx = 32;
  static const int yxzx = 33;
  static const int zxzx = 34;
  static const int wxzx = 35;
  static const int xyzx = 36;
  static const int yyzx = 37;
  static const int zyzx = 38;
  static const int wyzx = 39;
  static const int xzzx = 40;
  static const int yzzx = 41;
  static const int zzzx = 42;
  static const int wzzx = 43;
  static const int xwzx = 44;
  static const int ywzx = 45;
  static const int zwzx = 46;
  static const int wwzx = 47;
  static const int xxwx = 48;
  static const int yxwx = 49;
  static const int zxwx = 50;
  static const int wxwx = 51;
  static const int xywx = 52;
  static const int yywx = 53;
  static const int zywx = 54;
  static const int wywx = 55;
  static const int xzwx = 56;
  static const int yzwx = 57;
  static const int zzwx = 58;
  static const int wzwx = 59;
  static const int xwwx = 60;
  static const int ywwx = 61;
  static const int zwwx = 62;
  static const int wwwx = 63;
  static const int xxxy = 64;
  static const int yxxy = 65;
  static const int zxxy = 66;
  static const int wxxy = 67;
  static const int xyxy = 68;
  static const int yyxy = 69;
  static const int zyxy = 70;
  static const int wyxy = 71;
  static const int xzxy = 72;
  static const int yzxy = 73;
  static const int zzxy = 74;
  static const int wzxy = 75;
  static const int xwxy = 76;
  static const int ywxy = 77;
  static const int zwxy = 78;
  static const int wwxy = 79;
  static const int xxyy = 80;
  static const int yxyy = 81;
  static const int zxyy = 82;
  static const int wxyy = 83;
  static const int xyyy = 84;
  static const int yyyy = 85;
  static const int zyyy = 86;
  static const int wyyy = 87;
  static const int xzyy = 88;
  static const int yzyy = 89;
  static const int zzyy = 90;
  static const int wzyy = 91;
  static const int xwyy = 92;
  static const int ywyy = 93;
  static const int zwyy = 94;
  static const int wwyy = 95;
  static const int xxzy = 96;
  static const int yxzy = 97;
  static const int zxzy = 98;
  static const int wxzy = 99;
  static const int xyzy = 100;
  static const int yyzy = 101;
  static const int zyzy = 102;
  static const int wyzy = 103;
  static const int xzzy = 104;
  static const int yzzy = 105;
  static const int zzzy = 106;
  static const int wzzy = 107;
  static const int xwzy = 108;
  static const int ywzy = 109;
  static const int zwzy = 110;
  static const int wwzy = 111;
  static const int xxwy = 112;
  static const int yxwy = 113;
  static const int zxwy = 114;
  static const int wxwy = 115;
  static const int xywy = 116;
  static const int yywy = 117;
  static const int zywy = 118;
  static const int wywy = 119;
  static const int xzwy = 120;
  static const int yzwy = 121;
  static const int zzwy = 122;
  static const int wzwy = 123;
  static const int xwwy = 124;
  static const int ywwy = 125;
  static const int zwwy = 126;
  static const int wwwy = 127;
  static const int xxxz = 128;
  static const int yxxz = 129;
  static const int zxxz = 130;
  static const int wxxz = 131;
  static const int xyxz = 132;
  static const int yyxz = 133;
  static const int zyxz = 134;
  static const int wyxz = 135;
  static const int xzxz = 136;
  static const int yzxz = 137;
  static const int zzxz = 138;
  static const int wzxz = 139;
  static const int xwxz = 140;
  static const int ywxz = 141;
  static const int zwxz = 142;
  static const int wwxz = 143;
  static const int xxyz = 144;
  static const int yxyz = 145;
  static const int zxyz = 146;
  static const int wxyz = 147;
  static const int xyyz = 148;
  static const int yyyz = 149;
  static const int zyyz = 150;
  static const int wyyz = 151;
  static const int xzyz = 152;
  static const int yzyz = 153;
  static const int zzyz = 154;
  static const int wzyz = 155;
  static const int xwyz = 156;
  static const int ywyz = 157;
  static const int zwyz = 158;
  static const int wwyz = 159;
  static const int xxzz = 160;
  static const int yxzz = 161;
  static const int zxzz = 162;
  static const int wxzz = 163;
  static const int xyzz = 164;
  static const int yyzz = 165;
  static const int zyzz = 166;
  static const int wyzz = 167;
  static const int xzzz = 168;
  static const int yzzz = 169;
  static const int zzzz = 170;
  static const int wzzz = 171;
  static const int xwzz = 172;
  static const int ywzz = 173;
  static const int zwzz = 174;
  static const int wwzz = 175;
  static const int xxwz = 176;
  static const int yxwz = 177;
  static const int zxwz = 178;
  static const int wxwz = 179;
  static const int xywz = 180;
  static const int yywz = 181;
  static const int zywz = 182;
  static const int wywz = 183;
  static const int xzwz = 184;
  static const int yzwz = 185;
  static const int zzwz = 186;
  static const int wzwz = 187;
  static const int xwwz = 188;
  static const int ywwz = 189;
  static const int zwwz = 190;
  static const int wwwz = 191;
  static const int xxxw = 192;
  static const int yxxw = 193;
  static const int zxxw = 194;
  static const int wxxw = 195;
  static const int xyxw = 196;
  static const int yyxw = 197;
  static const int zyxw = 198;
  static const int wyxw = 199;
  static const int xzxw = 200;
  static const int yzxw = 201;
  static const int zzxw = 202;
  static const int wzxw = 203;
  static const int xwxw = 204;
  static const int ywxw = 205;
  static const int zwxw = 206;
  static const int wwxw = 207;
  static const int xxyw = 208;
  static const int yxyw = 209;
  static const int zxyw = 210;
  static const int wxyw = 211;
  static const int xyyw = 212;
  static const int yyyw = 213;
  static const int zyyw = 214;
  static const int wyyw = 215;
  static const int xzyw = 216;
  static const int yzyw = 217;
  static const int zzyw = 218;
  static const int wzyw = 219;
  static const int xwyw = 220;
  static const int ywyw = 221;
  static const int zwyw = 222;
  static const int wwyw = 223;
  static const int xxzw = 224;
  static const int yxzw = 225;
  static const int zxzw = 226;
  static const int wxzw = 227;
  static const int xyzw = 228;
  static const int yyzw = 229;
  static const int zyzw = 230;
  static const int wyzw = 231;
  static const int xzzw = 232;
  static const int yzzw = 233;
  static const int zzzw = 234;
  static const int wzzw = 235;
  static const int xwzw = 236;
  static const int ywzw = 237;
  static const int zwzw = 238;
  static const int wwzw = 239;
  static const int xxww = 240;
  static const int yxww = 241;
  static const int zxww = 242;
  static const int wxww = 243;
  static const int xyww = 244;
  static const int yyww = 245;
  static const int zyww = 246;
  static const int wyww = 247;
  static const int xzww = 248;
  static const int yzww = 249;
  static const int zzww = 250;
  static const int wzww = 251;
  static const int xwww = 252;
  static const int ywww = 253;
  static const int zwww = 254;
  static const int wwww = 255;
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

  String toString() => '[$x, $y]';
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
}
