// Integers wrap at 64 bits; doubles print as Dart prints them; mixed arithmetic.
// stress

int big = 9223372036854775807;

void main() {
  print(big + 1); // expect: -9223372036854775808
  print(big * 2); // expect: -2
  print(-7 ~/ 2); // expect: -3
  print(-7 % 3); // expect: 2
  print((-7).remainder(3)); // expect: -1
  print(7 / 2); // expect: 3.5
  print(1 << 62); // expect: 4611686018427387904
  print(1 << 63); // expect: -9223372036854775808
  print(1 << 64); // expect: 0
  print(-1 >> 1); // expect: -1
  print(-1 >>> 1); // expect: 9223372036854775807
  print(0xff & 0x0f | 0x100 ^ 1); // expect: 271
  print(~5); // expect: -6
  print(5.isOdd && 4.isEven); // expect: true
  print(1.0); // expect: 1.0
  print(0.1 + 0.2); // expect: 0.30000000000000004
  print(1e21); // expect: 1e+21
  print(1e20); // expect: 100000000000000000000.0
  print(1.5e-7); // expect: 1.5e-7
  print(0.000001); // expect: 0.000001
  print(1 / 0); // expect: Infinity
  print(-1 / 0); // expect: -Infinity
  print(0 / 0); // expect: NaN
  print(-0.0); // expect: -0.0
  print(0.0 == -0.0); // expect: true
  print(double.nan == double.nan); // expect: false
  print(3.7.toInt()); // expect: 3
  print(-3.5.round()); // expect: -4
  print(2.5.floor() + 2.5.ceil()); // expect: 5
  print(3.14159.toStringAsFixed(2)); // expect: 3.14
  print(1234.5.toStringAsExponential(2)); // expect: 1.23e+3
  print(0.00012345.toStringAsPrecision(3)); // expect: 0.000123
  print(255.toRadixString(16)); // expect: ff
  print((-255).toRadixString(2)); // expect: -11111111
  print(int.parse('-42') + int.parse('ff', radix: 16)); // expect: 213
  print(int.tryParse('12x')); // expect: null
  print(double.parse('1e3')); // expect: 1000.0
  print(10.gcd(4)); // expect: 2
  print(3.modPow(4, 5)); // expect: 1
  print(5.clamp(1, 3)); // expect: 3
  print(1 == 1.0); // expect: true
  print(1.hashCode == 1.0.hashCode); // expect: true
  print(identical(1 << 62, 1 << 62)); // expect: true
  num n = 3;
  print(n * 1.5); // expect: 4.5
  n = n ~/ 2;
  print(n is int); // expect: true
  print(7.compareTo(7.5)); // expect: -1
  print(1_000_000); // expect: 1000000
  print(12345678901.5.truncate()); // expect: 12345678901
  double half = 1;
  half /= 2;
  print(half); // expect: 0.5
  var i = 5;
  print(i++ + ++i); // expect: 12
  print((i--, --i)); // expect: (7, 5)
  try {
    print(1 ~/ (i - 5));
  } on UnsupportedError catch (e) {
    print(e is IntegerDivisionByZeroException); // expect: true
  }
}
