part of 'math.dart';

const double e = 2.718281828459045;

const double ln10 = 2.302585092994046;

const double ln2 = 0.6931471805599453;

const double log2e = 1.4426950408889634;

const double log10e = 0.4342944819032518;

const double pi = 3.1415926535897932;

const double sqrt1_2 = 0.7071067811865476;

const double sqrt2 = 1.4142135623730951;

/// The lesser of two numbers; of zeros the negative one, NaN if one is NaN.
T min<T extends num>(T a, T b) {
  if (a > b) return b;
  if (a < b) return a;
  if (b is double) {
    if (a is double && a == 0.0) {
      return b.isNegative || b.isNaN ? b : a;
    }
    if (a == 0 && b.isNegative || b.isNaN) return b;
  }
  return a;
}

/// The greater of two numbers; of zeros the positive one, NaN if one is NaN.
T max<T extends num>(T a, T b) {
  if (a > b) return a;
  if (a < b) return b;
  if (b is double) {
    if (b.isNaN) return b;
    if (a is double && a == 0.0) {
      return a.isNegative ? b : a;
    }
    return a;
  }
  if (b == 0 && a.isNegative) return b;
  return a;
}

/// Native: the angle of the point (b, a) as in `atan2(a, b)`.
double atan2(num a, num b) => _atan2(a.toDouble(), b.toDouble());

/// [x] to the power of [exponent]: an int where both are ints and the
/// exponent is not negative (wrapping), otherwise a double.
num pow(num x, num exponent) {
  if (x is int && exponent is int && exponent >= 0) {
    return _intPow(x, exponent);
  }
  return _pow(x.toDouble(), exponent.toDouble());
}

int _intPow(int base, int exponent) {
  int result = 1;
  int square = base;
  int rest = exponent;
  while (rest != 0) {
    if ((rest & 1) != 0) result *= square;
    rest >>= 1;
    square *= square;
  }
  return result;
}

double sin(num radians) => _sin(radians.toDouble());

double cos(num radians) => _cos(radians.toDouble());

double tan(num radians) => _tan(radians.toDouble());

double acos(num x) => _acos(x.toDouble());

double asin(num x) => _asin(x.toDouble());

double atan(num x) => _atan(x.toDouble());

double sqrt(num x) => _sqrt(x.toDouble());

double exp(num x) => _exp(x.toDouble());

double log(num x) => _log(x.toDouble());

// The natives below are IEEE double functions; the compiler turns most of
// them into `math.d`.

/// Native: arc tangent of the quotient, by quadrant.
external double _atan2(double a, double b);

/// Native: power with Dart's special cases: `pow(x, 0)` and `pow(1, y)` are
/// 1 even for NaN, `pow(-1, ±infinity)` is 1.
external double _pow(double x, double exponent);

/// Native: sine.
external double _sin(double x);

/// Native: cosine.
external double _cos(double x);

/// Native: tangent.
external double _tan(double x);

/// Native: arc cosine.
external double _acos(double x);

/// Native: arc sine.
external double _asin(double x);

/// Native: arc tangent.
external double _atan(double x);

/// Native: square root, correctly rounded.
external double _sqrt(double x);

/// Native: e to the power of [x].
external double _exp(double x);

/// Native: natural logarithm.
external double _log(double x);
