part of 'core.dart';

/// The supertype of [int] and [double], which are its only subtypes.
sealed class num implements Comparable<num> {
  bool operator ==(Object other);

  int get hashCode;

  int compareTo(num other);

  num operator +(num other);

  num operator -(num other);

  num operator *(num other);

  num operator %(num other);

  double operator /(num other);

  int operator ~/(num other);

  num operator -();

  num remainder(num other);

  bool operator <(num other);

  bool operator <=(num other);

  bool operator >(num other);

  bool operator >=(num other);

  bool get isNaN;

  bool get isNegative;

  bool get isInfinite;

  bool get isFinite;

  num abs();

  num get sign;

  int round();

  int floor();

  int ceil();

  int truncate();

  double roundToDouble();

  double floorToDouble();

  double ceilToDouble();

  double truncateToDouble();

  num clamp(num lowerLimit, num upperLimit);

  int toInt();

  double toDouble();

  String toStringAsFixed(int fractionDigits);

  String toStringAsExponential([int? fractionDigits]);

  String toStringAsPrecision(int precision);

  String toString();

  /// Parses an integer or else a double literal, or throws a
  /// [FormatException]. Nobody calls [onError] any more.
  static num parse(String input, [@deprecated num onError(String input)?]) =>
      tryParse(input) ?? (throw FormatException(input));

  /// As [parse], but answers `null` where [input] is no number.
  static num? tryParse(String input) {
    final source = input.trim();
    return int.tryParse(source) ?? double.tryParse(source);
  }
}
