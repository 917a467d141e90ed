part of 'core.dart';

/// A 64-bit IEEE 754 floating-point number.
abstract final class double extends num {
  static const double nan = 0.0 / 0.0;
  static const double infinity = 1.0 / 0.0;
  static const double negativeInfinity = -infinity;
  static const double minPositive = 5e-324;
  static const double maxFinite = 1.7976931348623157e+308;

  // Operators on operands of static type double are instructions; the
  // natives take any num and convert it first.

  /// Native: sum.
  external double operator +(num other);

  /// Native: difference.
  external double operator -(num other);

  /// Native: product.
  external double operator *(num other);

  /// Native: Euclidean modulo, never negative for a finite divisor.
  external double operator %(num other);

  /// Native: quotient.
  external double operator /(num other);

  /// Native: truncated quotient as an int; a quotient that is not finite
  /// throws through `_throwUnsupported` with the text of [toInt].
  external int operator ~/(num other);

  /// Native: the IEEE remainder with the sign of the receiver.
  external double remainder(num other);

  double operator -() => _negate();

  /// Native: the receiver with its sign flipped, also for zero and NaN.
  external double _negate();

  /// Native: numeric comparison, exact also against ints.
  external bool operator <(num other);

  /// Native: numeric comparison, exact also against ints.
  external bool operator <=(num other);

  /// Native: numeric comparison, exact also against ints.
  external bool operator >(num other);

  /// Native: numeric comparison, exact also against ints.
  external bool operator >=(num other);

  /// Native: numeric equality with an int or a double, otherwise false.
  external bool operator ==(Object other);

  /// Native: hash of the value; that of the equal int where there is one.
  external int get hashCode;

  bool get isNaN => this != this;

  /// Native: whether the sign bit is set and the value is no NaN.
  external bool get isNegative;

  bool get isInfinite => this == infinity || this == negativeInfinity;

  bool get isFinite => this - this == 0.0;

  double abs() => this == 0.0 ? 0.0 : (this < 0.0 ? -this : this);

  double get sign => this > 0.0 ? 1.0 : (this < 0.0 ? -1.0 : this);

  int round() => roundToDouble().toInt();

  int floor() => floorToDouble().toInt();

  int ceil() => ceilToDouble().toInt();

  int truncate() => toInt();

  /// Native: nearest integral value, halves away from zero.
  external double roundToDouble();

  /// Native: greatest integral value that is not greater.
  external double floorToDouble();

  /// Native: least integral value that is not less.
  external double ceilToDouble();

  /// Native: the value without its fraction.
  external double truncateToDouble();

  int toInt() {
    if (!isFinite) throw UnsupportedError('Infinity or NaN toInt');
    return _toIntSaturating();
  }

  /// Native: truncation to int, limited to the signed 64-bit range.
  external int _toIntSaturating();

  double toDouble() => this;

  int compareTo(num other) {
    if (this < other) return -1;
    if (this > other) return 1;
    if (this == other) {
      if (this == 0.0) {
        final thisNegative = isNegative;
        final otherNegative = other.isNegative;
        if (thisNegative == otherNegative) return 0;
        return thisNegative ? -1 : 1;
      }
      return 0;
    }
    // At least one is NaN, which sorts after everything and equals itself.
    if (isNaN) return other.isNaN ? 0 : 1;
    return -1;
  }

  num clamp(num lowerLimit, num upperLimit) {
    if (lowerLimit.compareTo(upperLimit) > 0) {
      throw ArgumentError(lowerLimit);
    }
    if (lowerLimit.isNaN) return lowerLimit;
    if (compareTo(lowerLimit) < 0) return lowerLimit;
    if (compareTo(upperLimit) > 0) return upperLimit;
    return this;
  }

  /// Native: the shortest digits that read back as this value, in Dart's
  /// form: always with a fraction or an exponent, exponent form from 1e21
  /// upwards and below 1e-6, `NaN`, `Infinity`, `-Infinity`.
  external String toString();

  String toStringAsFixed(int fractionDigits) {
    if (fractionDigits < 0 || fractionDigits > 20) {
      throw RangeError.range(fractionDigits, 0, 20, 'fractionDigits');
    }
    if (isNaN) return 'NaN';
    if (this >= 1e21 || this <= -1e21) return toString();
    return _toFixed(fractionDigits);
  }

  /// Native: exactly [fractionDigits] digits after the point (no point for
  /// 0), correctly rounded with ties away from zero; the receiver is finite
  /// and below 1e21 in magnitude.
  external String _toFixed(int fractionDigits);

  String toStringAsExponential([int? fractionDigits]) {
    if (fractionDigits != null &&
        (fractionDigits < 0 || fractionDigits > 20)) {
      throw RangeError.range(fractionDigits, 0, 20, 'fractionDigits');
    }
    if (isNaN) return 'NaN';
    if (!isFinite) return this > 0.0 ? 'Infinity' : '-Infinity';
    return _toExponential(fractionDigits ?? -1);
  }

  /// Native: one digit, [fractionDigits] more after a point, and `e+N` or
  /// `e-N`; -1 means as many as the shortest form needs. Receiver finite.
  external String _toExponential(int fractionDigits);

  String toStringAsPrecision(int precision) {
    if (precision < 1 || precision > 21) {
      throw RangeError.range(precision, 1, 21, 'precision');
    }
    if (isNaN) return 'NaN';
    if (!isFinite) return this > 0.0 ? 'Infinity' : '-Infinity';
    return _toPrecision(precision);
  }

  /// Native: [precision] significant digits, in exponent form where the
  /// exponent is below -6 or not below [precision]. Receiver finite.
  external String _toPrecision(int precision);

  /// Parses a double literal with optional sign and surrounding white space,
  /// `NaN` or `Infinity`.
  static double parse(String source) {
    final result = _parseDouble(source);
    if (result != null) return result;
    throw FormatException('Invalid double', source);
  }

  /// As [parse], but answers `null` where [source] is no number.
  static double? tryParse(String source) => _parseDouble(source);

  /// Native: the double that [source] spells, or `null`. Form: white space,
  /// sign, then `NaN`, `Infinity`, or digits with optional point and
  /// fraction (either side of the point may be empty, not both), optional
  /// exponent, white space.
  external static double? _parseDouble(String source);
}
