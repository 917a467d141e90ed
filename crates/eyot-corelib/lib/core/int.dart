part of 'core.dart';

/// A 64-bit two's complement integer; arithmetic wraps.
abstract final class int extends num {
  /// Evaluated by the compiler from `-D` declarations.
  external const factory int.fromEnvironment(String name,
      {int defaultValue = 0});

  // Operators on operands of static type int are instructions. The natives
  // are reached from dynamic calls and where the argument is only known to be
  // a num: with an int argument the answer is an int (wrapping), with a
  // double argument the double operation is done.

  /// Native: sum, see above.
  external num operator +(num other);

  /// Native: difference, see above.
  external num operator -(num other);

  /// Native: product, see above.
  external num operator *(num other);

  /// Native: Euclidean modulo (never negative). An int zero divisor throws
  /// through `_throwIntegerDivisionByZero`.
  external num operator %(num other);

  /// Native: remainder with the sign of the receiver; zero as for `%`.
  external num remainder(num other);

  /// Native: quotient of the two values as doubles.
  external double operator /(num other);

  /// Native: truncating quotient. An int zero divisor throws through
  /// `_throwIntegerDivisionByZero`, a double divisor works like
  /// `double.~/`.
  external int operator ~/(num other);

  int operator -() => 0 - this;

  /// Native: bitwise and.
  external int operator &(int other);

  /// Native: bitwise or.
  external int operator |(int other);

  /// Native: bitwise exclusive or.
  external int operator ^(int other);

  /// Native: bitwise complement.
  external int operator ~();

  /// Native: left shift; amounts of 64 and more give 0, a negative amount
  /// throws through `_throwArgument(amount, null, null)`.
  external int operator <<(int shiftAmount);

  /// Native: arithmetic right shift; large amounts give 0 or -1, a negative
  /// amount throws as for `<<`.
  external int operator >>(int shiftAmount);

  /// Native: logical right shift; large amounts give 0, a negative amount
  /// throws as for `<<`.
  external int operator >>>(int shiftAmount);

  /// Native: numeric comparison, exact also against doubles.
  external bool operator <(num other);

  /// Native: numeric comparison, exact also against doubles.
  external bool operator <=(num other);

  /// Native: numeric comparison, exact also against doubles.
  external bool operator >(num other);

  /// Native: numeric comparison, exact also against doubles.
  external bool operator >=(num other);

  /// Native: numeric equality with an int or a double, otherwise false.
  external bool operator ==(Object other);

  /// Native: hash of the value; the same as that of an equal double.
  external int get hashCode;

  /// Native: decimal digits.
  external String toString();

  /// Native: how many bits the magnitude needs, without a sign bit.
  external int get bitLength;

  /// Native: how many of the 64 bits are ones.
  external int get oneBitCount;

  /// Native: how many bits below the lowest one are zeros; 64 for zero.
  external int get trailingZeroBitCount;

  /// Native: nearest double.
  external double toDouble();

  int compareTo(num other) {
    if (other is int) return compareTo(other);
    if (this < other) return -1;
    if (this > other) return 1;
    if (this == other) {
      if (other is double && this == 0 && other.isNegative) return 1;
      return 0;
    }
    return -1;
  }

  int modPow(int exponent, int modulus) {
    if (exponent < 0) throw RangeError.range(exponent, 0, null, 'exponent');
    if (modulus <= 0) throw RangeError.range(modulus, 1, null, 'modulus');
    if (exponent == 0) return 1;
    if (modulus > 3037000499 || modulus < 0) {
      // A square could pass 63 bits, so this goes through big integers.
      return BigInt.from(this)
          .modPow(BigInt.from(exponent), BigInt.from(modulus))
          .toInt();
    }
    int base = this;
    if (base < 0 || base >= modulus) base %= modulus;
    int result = 1;
    int rest = exponent;
    while (rest != 0) {
      if ((rest & 1) != 0) result = (result * base) % modulus;
      rest >>= 1;
      base = (base * base) % modulus;
    }
    return result;
  }

  int modInverse(int modulus) {
    if (modulus <= 0) throw RangeError.range(modulus, 1, null, 'modulus');
    if (modulus == 1) return 0;
    int remainderOld = modulus;
    int remainderNew = this % modulus;
    int factorOld = 0;
    int factorNew = 1;
    while (remainderNew != 0) {
      final quotient = remainderOld ~/ remainderNew;
      final nextRemainder = remainderOld - quotient * remainderNew;
      remainderOld = remainderNew;
      remainderNew = nextRemainder;
      final nextFactor = factorOld - quotient * factorNew;
      factorOld = factorNew;
      factorNew = nextFactor;
    }
    if (remainderOld != 1) throw Exception('Not coprime');
    return factorOld < 0 ? factorOld + modulus : factorOld;
  }

  int gcd(int other) {
    int x = abs();
    int y = other.abs();
    while (y != 0) {
      final rest = x.remainder(y);
      x = y;
      y = rest;
    }
    return x;
  }

  bool get isEven => (this & 1) == 0;

  bool get isOdd => (this & 1) != 0;

  int toUnsigned(int width) => this & ((1 << width) - 1);

  int toSigned(int width) {
    final signBit = 1 << (width - 1);
    return (this & (signBit - 1)) - (this & signBit);
  }

  bool get isNaN => false;

  bool get isNegative => this < 0;

  bool get isInfinite => false;

  bool get isFinite => true;

  int abs() => this < 0 ? -this : this;

  int get sign => this > 0 ? 1 : (this < 0 ? -1 : 0);

  int round() => this;

  int floor() => this;

  int ceil() => this;

  int truncate() => this;

  double roundToDouble() => toDouble();

  double floorToDouble() => toDouble();

  double ceilToDouble() => toDouble();

  double truncateToDouble() => toDouble();

  int toInt() => this;

  num clamp(num lowerLimit, num upperLimit) {
    if (lowerLimit is int && upperLimit is int) {
      final int lower = lowerLimit;
      final int upper = upperLimit;
      if (lower > upper) throw ArgumentError(lowerLimit);
      if (this < lower) return lower;
      if (this > upper) return upper;
      return this;
    }
    if (lowerLimit.compareTo(upperLimit) > 0) {
      throw ArgumentError(lowerLimit);
    }
    if (lowerLimit.isNaN) return lowerLimit;
    if (compareTo(lowerLimit) < 0) return lowerLimit;
    if (compareTo(upperLimit) > 0) return upperLimit;
    return this;
  }

  String toStringAsFixed(int fractionDigits) =>
      toDouble().toStringAsFixed(fractionDigits);

  String toStringAsExponential([int? fractionDigits]) =>
      toDouble().toStringAsExponential(fractionDigits);

  String toStringAsPrecision(int precision) =>
      toDouble().toStringAsPrecision(precision);

  String toRadixString(int radix) {
    if (radix < 2 || radix > 36) {
      throw RangeError.range(radix, 2, 36, 'radix');
    }
    return _toRadix(radix);
  }

  /// Native: digits in [radix] (2 to 36, lower case), with a leading minus
  /// for a negative value.
  external String _toRadix(int radix);

  /// Parses an integer with optional sign and surrounding white space;
  /// without [radix] also `0x` hexadecimal.
  static int parse(String source, {int? radix}) {
    final result = tryParse(source, radix: radix);
    if (result != null) return result;
    throw _parseError(source, radix);
  }

  /// As [parse], but answers `null` where [source] is no integer.
  static int? tryParse(String source, {int? radix}) {
    if (radix != null && (radix < 2 || radix > 36)) {
      throw RangeError.range(radix, 2, 36, 'radix');
    }
    return _parseInt(source, radix ?? 0);
  }

  /// Native: the integer that [source] spells, or `null`. Leading and
  /// trailing white space is allowed, then one sign, then digits of [radix]
  /// in either case. A [radix] of 0 means decimal, or hexadecimal after
  /// `0x`/`0X`. Decimal (and other radix) values must lie in the signed
  /// 64-bit range; hexadecimal ones written with `0x` may use all 64 bits
  /// when there is no sign.
  external static int? _parseInt(String source, int radix);

  static FormatException _parseError(String source, int? radix) {
    final text = source.trimLeft();
    if (text.isEmpty) {
      return FormatException('Invalid number', source, source.length);
    }
    if (_isTooLarge(text.trimRight(), radix)) {
      final sign = text.startsWith('-') ? 'Negative' : 'Positive';
      return FormatException(
          '$sign input exceeds the limit of integer', source);
    }
    return FormatException('Invalid radix-${radix ?? 10} number', source,
        source.length - text.length);
  }

  /// Whether [text], which is no integer, is only too large for one.
  static bool _isTooLarge(String text, int? radix) {
    int start = text.startsWith('-') || text.startsWith('+') ? 1 : 0;
    int base = radix ?? 10;
    if (radix == null &&
        (text.startsWith('0x', start) || text.startsWith('0X', start))) {
      start += 2;
      base = 16;
    }
    for (int i = start; i < text.length; i++) {
      final unit = text.codeUnitAt(i);
      final letter = unit | 0x20;
      int digit = unit - 0x30;
      if (letter >= 0x61 && letter <= 0x7A) {
        digit = letter - 0x61 + 10;
      } else if (digit > 9) {
        return false;
      }
      if (digit < 0 || digit >= base) return false;
    }
    return text.length > start;
  }
}
