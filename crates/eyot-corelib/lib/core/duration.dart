part of 'core.dart';

/// A span of time in microseconds.
class Duration implements Comparable<Duration> {
  static const int microsecondsPerMillisecond = 1000;
  static const int millisecondsPerSecond = 1000;
  static const int secondsPerMinute = 60;
  static const int minutesPerHour = 60;
  static const int hoursPerDay = 24;
  static const int microsecondsPerSecond =
      microsecondsPerMillisecond * millisecondsPerSecond;
  static const int microsecondsPerMinute =
      microsecondsPerSecond * secondsPerMinute;
  static const int microsecondsPerHour = microsecondsPerMinute * minutesPerHour;
  static const int microsecondsPerDay = microsecondsPerHour * hoursPerDay;
  static const int millisecondsPerMinute =
      millisecondsPerSecond * secondsPerMinute;
  static const int millisecondsPerHour = millisecondsPerMinute * minutesPerHour;
  static const int millisecondsPerDay = millisecondsPerHour * hoursPerDay;
  static const int secondsPerHour = secondsPerMinute * minutesPerHour;
  static const int secondsPerDay = secondsPerHour * hoursPerDay;
  static const int minutesPerDay = minutesPerHour * hoursPerDay;

  static const Duration zero = Duration(seconds: 0);

  final int _microseconds;

  const Duration(
      {int days = 0,
      int hours = 0,
      int minutes = 0,
      int seconds = 0,
      int milliseconds = 0,
      int microseconds = 0})
      : this._microsecondsOnly(microseconds +
            microsecondsPerMillisecond * milliseconds +
            microsecondsPerSecond * seconds +
            microsecondsPerMinute * minutes +
            microsecondsPerHour * hours +
            microsecondsPerDay * days);

  const Duration._microsecondsOnly(this._microseconds);

  Duration operator +(Duration other) =>
      Duration._microsecondsOnly(_microseconds + other._microseconds);

  Duration operator -(Duration other) =>
      Duration._microsecondsOnly(_microseconds - other._microseconds);

  Duration operator *(num factor) =>
      Duration._microsecondsOnly((_microseconds * factor).round());

  Duration operator ~/(int quotient) {
    if (quotient == 0) throw const IntegerDivisionByZeroException();
    return Duration._microsecondsOnly(_microseconds ~/ quotient);
  }

  Duration operator -() => Duration._microsecondsOnly(0 - _microseconds);

  bool operator <(Duration other) => _microseconds < other._microseconds;

  bool operator >(Duration other) => _microseconds > other._microseconds;

  bool operator <=(Duration other) => _microseconds <= other._microseconds;

  bool operator >=(Duration other) => _microseconds >= other._microseconds;

  int get inDays => _microseconds ~/ microsecondsPerDay;

  int get inHours => _microseconds ~/ microsecondsPerHour;

  int get inMinutes => _microseconds ~/ microsecondsPerMinute;

  int get inSeconds => _microseconds ~/ microsecondsPerSecond;

  int get inMilliseconds => _microseconds ~/ microsecondsPerMillisecond;

  int get inMicroseconds => _microseconds;

  bool operator ==(Object other) =>
      other is Duration && _microseconds == other.inMicroseconds;

  int get hashCode => _microseconds.hashCode;

  int compareTo(Duration other) => _microseconds.compareTo(other._microseconds);

  bool get isNegative => _microseconds < 0;

  Duration abs() => Duration._microsecondsOnly(_microseconds.abs());

  /// `h:mm:ss.uuuuuu`, with a minus in front of a negative span.
  String toString() {
    int rest = _microseconds;
    final sign = rest < 0 ? '-' : '';
    final hours = (rest ~/ microsecondsPerHour).abs();
    rest = rest.remainder(microsecondsPerHour).abs();
    final minutes = rest ~/ microsecondsPerMinute;
    rest = rest.remainder(microsecondsPerMinute);
    final seconds = rest ~/ microsecondsPerSecond;
    rest = rest.remainder(microsecondsPerSecond);
    return '$sign$hours:${_digits(minutes, 2)}:${_digits(seconds, 2)}'
        '.${_digits(rest, 6)}';
  }

  static String _digits(int value, int width) =>
      value.toString().padLeft(width, '0');
}
