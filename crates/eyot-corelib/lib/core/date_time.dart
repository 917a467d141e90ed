part of 'core.dart';

/// An instant, seen in UTC or in local time.
class DateTime implements Comparable<DateTime> {
  static const int monday = 1;
  static const int tuesday = 2;
  static const int wednesday = 3;
  static const int thursday = 4;
  static const int friday = 5;
  static const int saturday = 6;
  static const int sunday = 7;
  static const int daysPerWeek = 7;

  static const int january = 1;
  static const int february = 2;
  static const int march = 3;
  static const int april = 4;
  static const int may = 5;
  static const int june = 6;
  static const int july = 7;
  static const int august = 8;
  static const int september = 9;
  static const int october = 10;
  static const int november = 11;
  static const int december = 12;
  static const int monthsPerYear = 12;

  static const int _maxMillisecondsSinceEpoch = 8640000000000000;
  static const int _maxMicrosecondsSinceEpoch = 8640000000000000000;

  /// Microseconds since 1970-01-01T00:00:00Z.
  final int microsecondsSinceEpoch;

  final bool isUtc;

  /// Year, month and day packed by [_pack], 0 until needed.
  int _date = 0;

  DateTime(int year,
      [int month = 1,
      int day = 1,
      int hour = 0,
      int minute = 0,
      int second = 0,
      int millisecond = 0,
      int microsecond = 0])
      : this._fromParts(year, month, day, hour, minute, second, millisecond,
            microsecond, false);

  DateTime.utc(int year,
      [int month = 1,
      int day = 1,
      int hour = 0,
      int minute = 0,
      int second = 0,
      int millisecond = 0,
      int microsecond = 0])
      : this._fromParts(year, month, day, hour, minute, second, millisecond,
            microsecond, true);

  DateTime._fromParts(int year, int month, int day, int hour, int minute,
      int second, int millisecond, int microsecond, bool isUtc)
      : isUtc = isUtc,
        microsecondsSinceEpoch = _fromPartsOrNull(year, month, day, hour,
                minute, second, millisecond, microsecond, isUtc) ??
            (throw ArgumentError('($year, $month, $day, $hour, $minute, '
                '$second, $millisecond, $microsecond)'));

  DateTime.now()
      : isUtc = false,
        microsecondsSinceEpoch = _now();

  DateTime.timestamp()
      : isUtc = true,
        microsecondsSinceEpoch = _now();

  DateTime.fromMillisecondsSinceEpoch(int millisecondsSinceEpoch,
      {bool isUtc = false})
      : isUtc = isUtc,
        microsecondsSinceEpoch = RangeError.checkValueInInterval(
                millisecondsSinceEpoch,
                -_maxMillisecondsSinceEpoch,
                _maxMillisecondsSinceEpoch,
                'millisecondsSinceEpoch') *
            1000;

  DateTime.fromMicrosecondsSinceEpoch(int microsecondsSinceEpoch,
      {bool isUtc = false})
      : isUtc = isUtc,
        microsecondsSinceEpoch = RangeError.checkValueInInterval(
            microsecondsSinceEpoch,
            -_maxMicrosecondsSinceEpoch,
            _maxMicrosecondsSinceEpoch,
            'microsecondsSinceEpoch');

  DateTime._at(this.microsecondsSinceEpoch, this.isUtc);

  static DateTime parse(String formattedString) =>
      _parseDateTime(formattedString, true)!;

  static DateTime? tryParse(String formattedString) =>
      _parseDateTime(formattedString, false);

  /// Native: microseconds since the epoch.
  external static int _now();

  /// Native: seconds that local time is ahead of UTC at the instant
  /// [secondsSinceEpoch].
  external static int _zoneOffset(int secondsSinceEpoch);

  /// Native: the abbreviation of the local time zone at that instant.
  external static String _zoneName(int secondsSinceEpoch);

  /// The instant of a date and time whose parts may overflow into each other,
  /// or `null` beyond the valid range.
  static int? _fromPartsOrNull(int year, int month, int day, int hour,
      int minute, int second, int millisecond, int microsecond, bool isUtc) {
    final int months = month - 1;
    final int carried = (months - months % 12) ~/ 12;
    final int fullYear = year + carried;
    if (fullYear > 300000 || fullYear < -300000) return null;
    final int days = _daysFromCivil(fullYear, months % 12 + 1, 1) + day - 1;
    if (days > 200000000 || days < -200000000) return null;
    int value = microsecond +
        1000 *
            (millisecond +
                1000 * (second + 60 * (minute + 60 * (hour + 24 * days))));
    if (!isUtc) value = _localToUtc(value);
    if (value > _maxMicrosecondsSinceEpoch ||
        value < -_maxMicrosecondsSinceEpoch) {
      return null;
    }
    return value;
  }

  static int _floorDiv(int a, int b) => (a - a % b) ~/ b;

  /// The instant at which clocks show [wall] (microseconds as if in UTC). Of
  /// two the first; in a gap, by the offset that held before it.
  static int _localToUtc(int wall) {
    final seconds = _floorDiv(wall, 1000000);
    final before = _zoneOffset(seconds - 86400);
    final early = seconds - before;
    final after = _zoneOffset(early);
    if (after != before) {
      final late = seconds - after;
      if (_zoneOffset(late) == after) return wall - after * 1000000;
    }
    return wall - before * 1000000;
  }

  /// Days from the epoch to a date of the proleptic Gregorian calendar.
  static int _daysFromCivil(int year, int month, int day) {
    // Years start in March, so that the leap day comes last.
    final int y = month <= 2 ? year - 1 : year;
    final int era = _floorDiv(y, 400);
    final int yearOfEra = y - era * 400;
    final int monthFromMarch = month > 2 ? month - 3 : month + 9;
    final int dayOfYear = (153 * monthFromMarch + 2) ~/ 5 + day - 1;
    final int dayOfEra =
        yearOfEra * 365 + yearOfEra ~/ 4 - yearOfEra ~/ 100 + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
  }

  static int _pack(int year, int month, int day) =>
      (year + 400000) << 9 | month << 5 | day;

  /// The packed date of the day that lies [days] after the epoch.
  static int _civilFromDays(int days) {
    final int shifted = days + 719468;
    final int era = _floorDiv(shifted, 146097);
    final int dayOfEra = shifted - era * 146097;
    final int yearOfEra = (dayOfEra -
            dayOfEra ~/ 1460 +
            dayOfEra ~/ 36524 -
            dayOfEra ~/ 146096) ~/
        365;
    final int dayOfYear =
        dayOfEra - (365 * yearOfEra + yearOfEra ~/ 4 - yearOfEra ~/ 100);
    final int monthFromMarch = (5 * dayOfYear + 2) ~/ 153;
    final int day = dayOfYear - (153 * monthFromMarch + 2) ~/ 5 + 1;
    final int month =
        monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    final int year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    return _pack(year, month, day);
  }

  int get _secondsSinceEpoch => _floorDiv(microsecondsSinceEpoch, 1000000);

  /// What the clock shows, in microseconds as if in UTC.
  int get _wall => isUtc
      ? microsecondsSinceEpoch
      : microsecondsSinceEpoch + _zoneOffset(_secondsSinceEpoch) * 1000000;

  int get _packedDate {
    int date = _date;
    if (date == 0) {
      date = _civilFromDays(_floorDiv(_wall, 86400000000));
      _date = date;
    }
    return date;
  }

  int get millisecondsSinceEpoch => _floorDiv(microsecondsSinceEpoch, 1000);

  int get year => (_packedDate >> 9) - 400000;

  int get month => (_packedDate >> 5) & 15;

  int get day => _packedDate & 31;

  int get hour => _floorDiv(_wall, 3600000000) % 24;

  int get minute => _floorDiv(_wall, 60000000) % 60;

  int get second => _floorDiv(_wall, 1000000) % 60;

  int get millisecond => _floorDiv(_wall, 1000) % 1000;

  int get microsecond => _wall % 1000;

  int get weekday => (_floorDiv(_wall, 86400000000) + 3) % 7 + 1;

  String get timeZoneName => isUtc ? 'UTC' : _zoneName(_secondsSinceEpoch);

  Duration get timeZoneOffset =>
      isUtc ? Duration.zero : Duration(seconds: _zoneOffset(_secondsSinceEpoch));

  DateTime toLocal() =>
      isUtc ? DateTime._at(microsecondsSinceEpoch, false) : this;

  DateTime toUtc() => isUtc ? this : DateTime._at(microsecondsSinceEpoch, true);

  DateTime add(Duration duration) => DateTime.fromMicrosecondsSinceEpoch(
      microsecondsSinceEpoch + duration.inMicroseconds,
      isUtc: isUtc);

  DateTime subtract(Duration duration) => DateTime.fromMicrosecondsSinceEpoch(
      microsecondsSinceEpoch - duration.inMicroseconds,
      isUtc: isUtc);

  Duration difference(DateTime other) => Duration(
      microseconds: microsecondsSinceEpoch - other.microsecondsSinceEpoch);

  bool isBefore(DateTime other) =>
      microsecondsSinceEpoch < other.microsecondsSinceEpoch;

  bool isAfter(DateTime other) =>
      microsecondsSinceEpoch > other.microsecondsSinceEpoch;

  bool isAtSameMomentAs(DateTime other) =>
      microsecondsSinceEpoch == other.microsecondsSinceEpoch;

  int compareTo(DateTime other) =>
      microsecondsSinceEpoch.compareTo(other.microsecondsSinceEpoch);

  bool operator ==(Object other) =>
      other is DateTime &&
      microsecondsSinceEpoch == other.microsecondsSinceEpoch &&
      isUtc == other.isUtc;

  int get hashCode =>
      (microsecondsSinceEpoch ^ (microsecondsSinceEpoch >> 30)) & 0x3fffffff;

  static String _two(int n) => n >= 10 ? '$n' : '0$n';

  static String _fourDigits(int n) {
    final sign = n < 0 ? '-' : '';
    return '$sign${n.abs().toString().padLeft(4, '0')}';
  }

  static String _sixDigits(int n) {
    final sign = n < 0 ? '-' : '+';
    return '$sign${n.abs().toString().padLeft(6, '0')}';
  }

  String _timeText() {
    final ms = millisecond.toString().padLeft(3, '0');
    final int us = microsecond;
    final usText = us == 0 ? '' : us.toString().padLeft(3, '0');
    return '${_two(hour)}:${_two(minute)}:${_two(second)}.$ms$usText'
        '${isUtc ? 'Z' : ''}';
  }

  String toString() =>
      '${_fourDigits(year)}-${_two(month)}-${_two(day)} ${_timeText()}';

  String toIso8601String() {
    final int y = year;
    final yearText =
        y >= -9999 && y <= 9999 ? _fourDigits(y) : _sixDigits(y);
    return '$yearText-${_two(month)}-${_two(day)}T${_timeText()}';
  }
}

/// Copies with some parts replaced.
extension DateTimeCopyWith on DateTime {
  DateTime copyWith({
    int? year,
    int? month,
    int? day,
    int? hour,
    int? minute,
    int? second,
    int? millisecond,
    int? microsecond,
    bool? isUtc,
  }) =>
      DateTime._fromParts(
          year ?? this.year,
          month ?? this.month,
          day ?? this.day,
          hour ?? this.hour,
          minute ?? this.minute,
          second ?? this.second,
          millisecond ?? this.millisecond,
          microsecond ?? this.microsecond,
          isUtc ?? this.isUtc);
}
