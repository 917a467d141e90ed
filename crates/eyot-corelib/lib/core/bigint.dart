part of 'core.dart';

/// An integer of any size.
abstract final class BigInt implements Comparable<BigInt> {
  static BigInt get zero => _BigInt._zero;

  static BigInt get one => _BigInt._one;

  static BigInt get two => _BigInt._two;

  static BigInt parse(String source, {int? radix}) {
    final result = tryParse(source, radix: radix);
    if (result != null) return result;
    throw FormatException('Could not parse BigInt', source);
  }

  static BigInt? tryParse(String source, {int? radix}) {
    if (radix != null && (radix < 2 || radix > 36)) {
      throw RangeError.range(radix, 2, 36, 'radix');
    }
    final digits = _BigInt._parse(source, radix ?? 0);
    return digits == null ? null : _BigInt._(digits);
  }

  factory BigInt.from(num value) {
    if (value is int) return _BigInt._(_BigInt._fromInt(value));
    final number = value.toDouble();
    if (!number.isFinite) {
      throw ArgumentError('Value must be finite: $value');
    }
    return _BigInt._(_BigInt._fromDouble(number));
  }

  BigInt abs();

  BigInt operator -();

  BigInt operator +(BigInt other);

  BigInt operator -(BigInt other);

  BigInt operator *(BigInt other);

  double operator /(BigInt other);

  BigInt operator ~/(BigInt other);

  BigInt operator %(BigInt other);

  BigInt remainder(BigInt other);

  BigInt operator <<(int shiftAmount);

  BigInt operator >>(int shiftAmount);

  BigInt operator &(BigInt other);

  BigInt operator |(BigInt other);

  BigInt operator ^(BigInt other);

  BigInt operator ~();

  bool operator <(BigInt other);

  bool operator <=(BigInt other);

  bool operator >(BigInt other);

  bool operator >=(BigInt other);

  int compareTo(BigInt other);

  int get bitLength;

  int get sign;

  bool get isEven;

  bool get isOdd;

  bool get isNegative;

  BigInt pow(int exponent);

  BigInt modPow(BigInt exponent, BigInt modulus);

  BigInt modInverse(BigInt modulus);

  BigInt gcd(BigInt other);

  BigInt toUnsigned(int width);

  BigInt toSigned(int width);

  bool get isValidInt;

  int toInt();

  double toDouble();

  String toString();

  String toRadixString(int radix);
}

/// The implementation: an immutable digits object of the runtime (an
/// `_IndexTable`: word 0 is 1 for a negative value and else 0, then the
/// magnitude in 32-bit words, least significant first, without leading zero
/// words), and natives over it.
final class _BigInt implements BigInt {
  static final BigInt _zero = _BigInt._(_fromInt(0));
  static final BigInt _one = _BigInt._(_fromInt(1));
  static final BigInt _two = _BigInt._(_fromInt(2));

  final Object _digits;

  _BigInt._(this._digits);

  /// Native: the digits of an int.
  external static Object _fromInt(int value);

  /// Native: the digits of a finite double without its fraction.
  external static Object _fromDouble(double value);

  /// Native: the digits that [source] spells, or `null`. Form as for
  /// `int.parse`, of any size; a [radix] of 0 as there.
  external static Object? _parse(String source, int radix);

  /// Native: sum.
  external static Object _add(Object a, Object b);

  /// Native: difference.
  external static Object _subtract(Object a, Object b);

  /// Native: product.
  external static Object _multiply(Object a, Object b);

  /// Native: truncating quotient; [b] is not zero.
  external static Object _divide(Object a, Object b);

  /// Native: remainder with the sign of [a]; [b] is not zero.
  external static Object _remainder(Object a, Object b);

  /// Native: Euclidean modulo, never negative; [b] is not zero.
  external static Object _modulo(Object a, Object b);

  /// Native: negation.
  external static Object _negate(Object a);

  /// Native: bitwise and of the two's complements.
  external static Object _and(Object a, Object b);

  /// Native: bitwise or of the two's complements.
  external static Object _or(Object a, Object b);

  /// Native: bitwise exclusive or of the two's complements.
  external static Object _xor(Object a, Object b);

  /// Native: left shift, [amount] not negative. A result that memory cannot
  /// hold throws through `_throwOutOfMemory`.
  external static Object _shiftLeft(Object a, int amount);

  /// Native: arithmetic right shift, [amount] not negative.
  external static Object _shiftRight(Object a, int amount);

  /// Native: [a] to the power of [exponent], which is not negative. Size as
  /// for [_shiftLeft].
  external static Object _power(Object a, int exponent);

  /// Native: `a ** exponent % modulus`, [exponent] not negative, [modulus]
  /// positive.
  external static Object _powerModulo(
      Object a, Object exponent, Object modulus);

  /// Native: the inverse of [a] modulo [modulus] (positive), or `null` where
  /// there is none.
  external static Object? _inverse(Object a, Object modulus);

  /// Native: greatest common divisor, never negative.
  external static Object _gcd(Object a, Object b);

  /// Native: -1, 0 or 1.
  external static int _compare(Object a, Object b);

  /// Native: bits of the two's complement without the sign bit.
  external static int _bits(Object a);

  /// Native: -1, 0 or 1.
  external static int _signOf(Object a);

  /// Native: whether the value is odd.
  external static bool _odd(Object a);

  /// Native: whether the value lies in the signed 64-bit range.
  external static bool _fits(Object a);

  /// Native: the value, limited to the signed 64-bit range.
  external static int _toInt(Object a);

  /// Native: nearest double, ties to even; infinite beyond the range.
  external static double _toDouble(Object a);

  /// Native: a hash of the value, that of the equal int where there is one.
  external static int _hash(Object a);

  /// Native: the value in [radix] (2 to 36), lower case.
  external static String _toText(Object a, int radix);

  static Object _of(BigInt other) => unsafeCast<_BigInt>(other)._digits;

  /// The digits of a divisor, which must not be zero.
  static Object _divisor(BigInt other) {
    final digits = unsafeCast<_BigInt>(other)._digits;
    if (_signOf(digits) == 0) throw const IntegerDivisionByZeroException();
    return digits;
  }

  BigInt abs() => isNegative ? -this : this;

  BigInt operator -() => _BigInt._(_negate(_digits));

  BigInt operator +(BigInt other) => _BigInt._(_add(_digits, _of(other)));

  BigInt operator -(BigInt other) => _BigInt._(_subtract(_digits, _of(other)));

  BigInt operator *(BigInt other) => _BigInt._(_multiply(_digits, _of(other)));

  double operator /(BigInt other) => toDouble() / other.toDouble();

  BigInt operator ~/(BigInt other) =>
      _BigInt._(_divide(_digits, _divisor(other)));

  BigInt operator %(BigInt other) =>
      _BigInt._(_modulo(_digits, _divisor(other)));

  BigInt remainder(BigInt other) =>
      _BigInt._(_remainder(_digits, _divisor(other)));

  BigInt operator <<(int shiftAmount) =>
      _BigInt._(_shiftLeft(_digits, _amount(shiftAmount)));

  BigInt operator >>(int shiftAmount) =>
      _BigInt._(_shiftRight(_digits, _amount(shiftAmount)));

  static int _amount(int shiftAmount) {
    if (shiftAmount < 0) {
      throw ArgumentError('shift-amount must be positive: $shiftAmount');
    }
    return shiftAmount;
  }

  BigInt operator &(BigInt other) => _BigInt._(_and(_digits, _of(other)));

  BigInt operator |(BigInt other) => _BigInt._(_or(_digits, _of(other)));

  BigInt operator ^(BigInt other) => _BigInt._(_xor(_digits, _of(other)));

  BigInt operator ~() => -this - _one;

  bool operator <(BigInt other) => _compare(_digits, _of(other)) < 0;

  bool operator <=(BigInt other) => _compare(_digits, _of(other)) <= 0;

  bool operator >(BigInt other) => _compare(_digits, _of(other)) > 0;

  bool operator >=(BigInt other) => _compare(_digits, _of(other)) >= 0;

  int compareTo(BigInt other) => _compare(_digits, _of(other));

  bool operator ==(Object other) =>
      other is _BigInt && _compare(_digits, other._digits) == 0;

  int get hashCode => _hash(_digits);

  int get bitLength => _bits(_digits);

  int get sign => _signOf(_digits);

  bool get isEven => !_odd(_digits);

  bool get isOdd => _odd(_digits);

  bool get isNegative => _signOf(_digits) < 0;

  BigInt pow(int exponent) {
    if (exponent < 0) {
      throw ArgumentError('Exponent must not be negative: $exponent');
    }
    return _BigInt._(_power(_digits, exponent));
  }

  BigInt modPow(BigInt exponent, BigInt modulus) {
    if (exponent.isNegative) {
      throw ArgumentError('exponent must be positive: $exponent');
    }
    if (modulus.sign <= 0) {
      throw ArgumentError('modulus must be strictly positive: $modulus');
    }
    return _BigInt._(_powerModulo(_digits, _of(exponent), _of(modulus)));
  }

  BigInt modInverse(BigInt modulus) {
    if (modulus.sign <= 0) {
      throw ArgumentError('Modulus must be strictly positive: $modulus');
    }
    if (modulus == _one) return _zero;
    final digits = _inverse(_digits, _of(modulus));
    if (digits == null) throw Exception('Not coprime');
    return _BigInt._(digits);
  }

  BigInt gcd(BigInt other) => _BigInt._(_gcd(_digits, _of(other)));

  BigInt toUnsigned(int width) => this & ((_one << width) - _one);

  BigInt toSigned(int width) {
    final signBit = _one << (width - 1);
    return (this & (signBit - _one)) - (this & signBit);
  }

  bool get isValidInt => _fits(_digits);

  int toInt() => _toInt(_digits);

  double toDouble() => _toDouble(_digits);

  String toString() => _toText(_digits, 10);

  String toRadixString(int radix) {
    if (radix < 2 || radix > 36) {
      throw RangeError.range(radix, 2, 36, 'radix');
    }
    return _toText(_digits, radix);
  }
}
