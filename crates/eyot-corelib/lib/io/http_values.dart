part of 'io.dart';

/// What goes wrong with HTTP.
class HttpException implements IOException {
  final String message;
  final Uri? uri;

  const HttpException(this.message, {this.uri});

  String toString() {
    final buffer = StringBuffer('HttpException: $message');
    if (uri != null) buffer.write(', uri = $uri');
    return buffer.toString();
  }
}

/// Following redirections came to no end.
class RedirectException implements HttpException {
  final String message;
  final List<RedirectInfo> redirects;

  const RedirectException(this.message, this.redirects);

  String toString() => 'RedirectException: $message';

  Uri? get uri => redirects.isEmpty ? null : redirects.last.location;
}

/// A value with parameters, as many fields have it.
abstract interface class HeaderValue {
  factory HeaderValue(
          [String value = '', Map<String, String?> parameters = const {}]) =>
      _HeaderValue(value, parameters);

  static HeaderValue parse(String value,
      {String parameterSeparator = ';',
      String? valueSeparator,
      bool preserveBackslash = false}) {
    final parsed = _HeaderValue('', const {});
    _ValueParser(value, parameterSeparator, valueSeparator, preserveBackslash)
        .parseInto(parsed);
    return parsed;
  }

  String get value;

  /// Unmodifiable.
  Map<String, String?> get parameters;

  String toString();
}

class _HeaderValue implements HeaderValue {
  String _value;
  final Map<String, String?> _own = {};
  late final Map<String, String?> _view = UnmodifiableMapView(_own);

  _HeaderValue(this._value, Map<String, String?> parameters) {
    parameters.forEach(_setParameter);
  }

  void _setParameter(String name, String? value) {
    _own[name] = value;
  }

  String get value => _value;

  Map<String, String?> get parameters => _view;

  String toString() {
    if (_own.isEmpty) return _value;
    final buffer = StringBuffer(_value);
    _own.forEach((String name, String? value) {
      buffer.write('; ');
      buffer.write(name);
      if (value == null) return;
      buffer.write('=');
      if (_isToken(value)) {
        buffer.write(value);
      } else {
        buffer.write('"');
        buffer.write(value.replaceAllMapped(
            RegExp(r'["\\]'), (match) => '\\${match[0]}'));
        buffer.write('"');
      }
    });
    return buffer.toString();
  }
}

/// Without controls, separators and what is beyond ASCII.
bool _isToken(String text) => text.isNotEmpty && _tokenFault(text) < 0;

/// Parses `value; name=value; name="quoted"`.
final class _ValueParser {
  final String _text;
  final String _parameterSeparator;
  final String? _valueSeparator;
  final bool _preserveBackslash;
  int _index = 0;

  _ValueParser(this._text, this._parameterSeparator, this._valueSeparator,
      this._preserveBackslash);

  bool get _isDone => _index == _text.length;

  String get _char => _text[_index];

  bool get _isSpace => _char == ' ' || _char == '\t';

  void _skipSpace() {
    while (!_isDone && _isSpace) {
      _index++;
    }
  }

  bool get _isSeparator =>
      _char == _parameterSeparator || _char == _valueSeparator;

  void parseInto(_HeaderValue target) {
    _skipSpace();
    final start = _index;
    while (!_isDone && !_isSpace && !_isSeparator) {
      _index++;
    }
    target._value = _text.substring(start, _index);
    _skipSpace();
    if (_isDone || _char == _valueSeparator) return;
    if (_char == _parameterSeparator) _index++;
    while (_parseParameter(target)) {}
  }

  /// Whether more may follow.
  bool _parseParameter(_HeaderValue target) {
    _skipSpace();
    if (_isDone || _char == _valueSeparator) return false;
    final start = _index;
    while (!_isDone && !_isSpace && _char != '=' && !_isSeparator) {
      _index++;
    }
    final name = _text.substring(start, _index).toLowerCase();
    _skipSpace();
    String? value;
    if (!_isDone && _char == '=') {
      _index++;
      _skipSpace();
      value = _parseParameterValue();
    }
    if (name.isNotEmpty) target._setParameter(name, value);
    _skipSpace();
    if (_isDone) return false;
    if (_char == _valueSeparator) return false;
    if (_char == _parameterSeparator) {
      _index++;
    } else if (name.isEmpty) {
      throw const HttpException('Failed to parse header value');
    }
    return true;
  }

  String _parseParameterValue() {
    if (_isDone || _char != '"') {
      final start = _index;
      while (!_isDone && !_isSpace && !_isSeparator) {
        _index++;
      }
      return _text.substring(start, _index);
    }
    _index++;
    final buffer = StringBuffer();
    while (!_isDone) {
      if (_char == '\\') {
        if (_index + 1 == _text.length) break;
        if (_preserveBackslash && _text[_index + 1] != '"') {
          buffer.write(_char);
        }
        _index++;
      } else if (_char == '"') {
        _index++;
        return buffer.toString();
      }
      buffer.write(_char);
      _index++;
    }
    throw const HttpException('Failed to parse header value');
  }
}

/// The type of a message's content.
abstract interface class ContentType implements HeaderValue {
  static final ContentType text =
      ContentType('text', 'plain', charset: 'utf-8');
  static final ContentType html = ContentType('text', 'html', charset: 'utf-8');
  static final ContentType json =
      ContentType('application', 'json', charset: 'utf-8');
  static final ContentType binary = ContentType('application', 'octet-stream');

  factory ContentType(String primaryType, String subType,
          {String? charset, Map<String, String?> parameters = const {}}) =>
      _ContentType(primaryType, subType, charset, parameters);

  static ContentType parse(String value) {
    final parsed = _ContentType('', '', null, const {});
    _ValueParser(value, ';', null, false).parseInto(parsed);
    final index = parsed._value.indexOf('/');
    if (index < 0) {
      parsed._primary = parsed._value.trim().toLowerCase();
    } else {
      parsed._primary = parsed._value.substring(0, index).trim().toLowerCase();
      parsed._sub = parsed._value.substring(index + 1).trim().toLowerCase();
    }
    return parsed;
  }

  String get mimeType;

  String get primaryType;

  String get subType;

  String? get charset;
}

final class _ContentType extends _HeaderValue implements ContentType {
  String _primary;
  String _sub;

  _ContentType(this._primary, this._sub, String? charset,
      Map<String, String?> parameters)
      : super(_primary == '' && _sub == '' ? '' : '$_primary/$_sub',
            parameters) {
    if (charset != null) _setParameter('charset', charset);
  }

  void _setParameter(String name, String? value) {
    final key = name.toLowerCase();
    super._setParameter(key, key == 'charset' ? value?.toLowerCase() : value);
  }

  String get mimeType => '$_primary/$_sub';

  /// What it is written as; it does not change once somebody has it.
  String? _shown;

  String toString() => _shown ??= super.toString();

  String get primaryType => _primary;

  String get subType => _sub;

  String? get charset => _own['charset'];
}

/// Which requests from other sites carry a cookie.
final class SameSite {
  static const SameSite lax = SameSite._('Lax');
  static const SameSite strict = SameSite._('Strict');
  static const SameSite none = SameSite._('None');

  static const List<SameSite> values = [lax, strict, none];

  final String name;

  const SameSite._(this.name);

  String toString() => 'SameSite=$name';
}

abstract interface class Cookie {
  factory Cookie(String name, String value) => _Cookie(name, value);

  factory Cookie.fromSetCookieValue(String value) => _Cookie._parse(value);

  abstract String name;
  abstract String value;
  abstract DateTime? expires;
  abstract int? maxAge;
  abstract String? domain;
  abstract String? path;
  abstract bool secure;
  abstract bool httpOnly;
  abstract SameSite? sameSite;

  String toString();
}

final class _Cookie implements Cookie {
  String _name;
  String _value;
  DateTime? expires;
  int? maxAge;
  String? _domain;
  String? _path;
  bool secure = false;
  bool httpOnly = false;
  SameSite? sameSite;

  _Cookie(String name, String value)
      : _name = _checkName(name),
        _value = _checkValue(value) {
    httpOnly = true;
  }

  _Cookie._bare(this._name, this._value);

  factory _Cookie._parse(String text) {
    final parts = text.split(';');
    final (name, value) = _pair(parts[0]);
    if (value == null || name.isEmpty) {
      throw HttpException('Failed to parse header value [$text]');
    }
    final cookie =
        _Cookie._bare(_checkName(name), _checkValue(value));
    for (int i = 1; i < parts.length; i++) {
      final (key, value) = _pair(parts[i]);
      cookie._setAttribute(key.toLowerCase(), value ?? '');
    }
    return cookie;
  }

  static (String, String?) _pair(String text) {
    final index = text.indexOf('=');
    if (index < 0) return (text.trim(), null);
    return (text.substring(0, index).trim(), text.substring(index + 1).trim());
  }

  void _setAttribute(String name, String value) {
    switch (name) {
      case 'expires':
        expires = HttpDate._parseCookieDate(value);
      case 'max-age':
        maxAge = int.parse(value);
      case 'domain':
        domain = value;
      case 'path':
        path = value;
      case 'httponly':
        httpOnly = true;
      case 'secure':
        secure = true;
      case 'samesite':
        sameSite = switch (value.toLowerCase()) {
          'lax' => SameSite.lax,
          'none' => SameSite.none,
          'strict' => SameSite.strict,
          _ => throw const HttpException(
              'SameSite value should be one of Lax, Strict or None.'),
        };
    }
  }

  String get name => _name;

  void set name(String value) {
    _name = _checkName(value);
  }

  String get value => _value;

  void set value(String value) {
    _value = _checkValue(value);
  }

  String? get path => _path;

  void set path(String? value) {
    if (value != null) {
      for (int i = 0; i < value.length; i++) {
        final code = value.codeUnitAt(i);
        if (code < 0x20 || code >= 0x7F || code == 0x3B) {
          throw FormatException(
              "Invalid character in cookie path, code unit: '$code'", value, i);
        }
      }
    }
    _path = value;
  }

  String? get domain => _domain;

  void set domain(String? value) {
    _domain = value?.trim();
  }

  static String _checkName(String name) {
    final fault = _tokenFault(name);
    if (fault >= 0) {
      throw FormatException(
          "Invalid character in cookie name, code unit: "
          "'${name.codeUnitAt(fault)}'",
          name,
          fault);
    }
    return name;
  }

  /// A value may stand in quotes.
  static String _checkValue(String value) {
    int start = 0;
    int end = value.length;
    if (end >= 2 && value[0] == '"' && value[end - 1] == '"') {
      start++;
      end--;
    }
    for (int i = start; i < end; i++) {
      final code = value.codeUnitAt(i);
      if (code <= 0x20 ||
          code >= 0x7F ||
          code == 0x22 ||
          code == 0x2C ||
          code == 0x3B ||
          code == 0x5C) {
        throw FormatException(
            "Invalid character in cookie value, code unit: '$code'", value, i);
      }
    }
    return value;
  }

  String toString() {
    final buffer = StringBuffer('$_name=$_value');
    final until = expires;
    if (until != null) buffer.write('; Expires=${HttpDate.format(until)}');
    if (maxAge != null) buffer.write('; Max-Age=$maxAge');
    if (_domain != null) buffer.write('; Domain=$_domain');
    if (_path != null) buffer.write('; Path=$_path');
    if (secure) buffer.write('; Secure');
    if (httpOnly) buffer.write('; HttpOnly');
    if (sameSite != null) buffer.write('; $sameSite');
    return buffer.toString();
  }
}

/// Dates as HTTP writes them.
class HttpDate {
  static const List<String> _days = [
    'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun' //
  ];
  static const List<String> _fullDays = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', //
    'Sunday'
  ];
  static const List<String> _months = [
    'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', //
    'Nov', 'Dec'
  ];

  static String _two(int number) => number.toString().padLeft(2, '0');

  static String format(DateTime date) {
    final utc = date.toUtc();
    return '${_days[utc.weekday - 1]}, ${_two(utc.day)} '
        '${_months[utc.month - 1]} ${utc.year.toString().padLeft(4, '0')} '
        '${_two(utc.hour)}:${_two(utc.minute)}:${_two(utc.second)} GMT';
  }

  static final RegExp _modern = RegExp(
      r'^([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) '
      r'(\d\d):(\d\d):(\d\d) GMT$');
  static final RegExp _old = RegExp(r'^([A-Z][a-z]+day), (\d\d)-([A-Z][a-z]{2})-(\d\d) '
      r'(\d\d):(\d\d):(\d\d) GMT$');
  static final RegExp _asctime = RegExp(
      r'^([A-Z][a-z]{2}) ([A-Z][a-z]{2}) ([ \d]\d) '
      r'(\d\d):(\d\d):(\d\d) (\d{4})$');

  /// One of the three forms of RFC 2616.
  static DateTime parse(String date) {
    Never bad() => throw HttpException('Invalid HTTP date $date');
    int number(String? text) => int.parse(text!.trim());
    DateTime make(int year, String month, int day, RegExpMatch match, int at) {
      final index = _months.indexOf(month);
      if (index < 0 || day < 1 || day > 31) bad();
      final hour = number(match[at]);
      final minute = number(match[at + 1]);
      final second = number(match[at + 2]);
      if (hour > 23 || minute > 59 || second > 60) bad();
      return DateTime.utc(year, index + 1, day, hour, minute, second);
    }

    RegExpMatch? match = _modern.firstMatch(date);
    if (match != null) {
      if (!_days.contains(match[1])) bad();
      return make(number(match[4]), match[3]!, number(match[2]), match, 5);
    }
    match = _old.firstMatch(date);
    if (match != null) {
      if (!_fullDays.contains(match[1])) bad();
      return make(
          1900 + number(match[4]), match[3]!, number(match[2]), match, 5);
    }
    match = _asctime.firstMatch(date);
    if (match != null) {
      if (!_days.contains(match[1])) bad();
      return make(number(match[7]), match[2]!, number(match[3]), match, 4);
    }
    bad();
  }

  static final RegExp _separator =
      RegExp(r'[\x09\x20-\x2F\x3B-\x40\x5B-\x60\x7B-\x7E]+');

  /// As browsers read it: the parts of the date in any order (RFC 6265).
  static DateTime _parseCookieDate(String date) {
    Never bad() => throw HttpException('Invalid cookie date $date');
    List<int>? time;
    int? day, month, year;
    for (final token in date.split(_separator)) {
      if (token.isEmpty) continue;
      if (time == null) {
        final match =
            RegExp(r'^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)').firstMatch(token);
        if (match != null) {
          time = [for (int i = 1; i < 4; i++) int.parse(match[i]!)];
          continue;
        }
      }
      if (day == null) {
        final match = RegExp(r'^(\d{1,2})(?!\d)').firstMatch(token);
        if (match != null) {
          day = int.parse(match[1]!);
          continue;
        }
      }
      if (month == null && token.length >= 3) {
        final short = token.substring(0, 3).toLowerCase();
        final index =
            _months.indexWhere((name) => name.toLowerCase() == short);
        if (index >= 0) {
          month = index + 1;
          continue;
        }
      }
      if (year == null) {
        final match = RegExp(r'^(\d{2,4})(?!\d)').firstMatch(token);
        if (match != null) year = int.parse(match[1]!);
      }
    }
    if (time == null || day == null || month == null || year == null) bad();
    if (year >= 70 && year <= 99) {
      year += 1900;
    } else if (year <= 69) {
      year += 2000;
    }
    if (day < 1 ||
        day > 31 ||
        year < 1601 ||
        time[0] > 23 ||
        time[1] > 59 ||
        time[2] > 59) {
      bad();
    }
    return DateTime.utc(year, month, day, time[0], time[1], time[2]);
  }
}
