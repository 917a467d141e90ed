part of 'io.dart';

/// The fields of one message.
final class _HttpHeaders implements HttpHeaders {
  final Map<String, List<String>> _fields = {};

  /// As they were given, where that is to be kept.
  Map<String, String>? _originalNames;

  /// `1.0` or `1.1`.
  final String protocolVersion;
  final int _defaultPort;
  bool _isMutable = true;
  List<String>? _notFolded;

  int _contentLength = -1;
  bool _persistentConnection = true;
  bool _chunked = false;
  String? _host;
  int? _port;

  _HttpHeaders(this.protocolVersion,
      {int defaultPort = 80, _HttpHeaders? initial})
      : _defaultPort = defaultPort {
    if (initial != null) {
      initial._fields.forEach((String name, List<String> values) {
        _fields[name] = List.of(values);
      });
      _contentLength = initial._contentLength;
      _persistentConnection = initial._persistentConnection;
      _chunked = initial._chunked;
      _host = initial._host;
      _port = initial._port;
    }
    if (protocolVersion == '1.0') {
      _persistentConnection = false;
      _chunked = false;
    }
  }

  // ---- names and values

  static String _checkField(String name) {
    if (name.isEmpty) throw const FormatException('Invalid HTTP header field name: empty');
    for (int i = 0; i < name.length; i++) {
      if (!_isTokenChar(name.codeUnitAt(i))) {
        throw FormatException('Invalid HTTP header field name: '
            '${json.encode(name)}', name, i);
      }
    }
    return name.toLowerCase();
  }

  static Object _checkValue(Object value) {
    if (value is! String) return value;
    for (int i = 0; i < value.length; i++) {
      final code = value.codeUnitAt(i);
      final isValid = code > 31 && code < 128 || code == 9 || code > 159;
      if (!isValid) {
        throw FormatException(
            'Invalid HTTP header field value: ${json.encode(value)}', value, i);
      }
    }
    return value;
  }

  void _checkMutable() {
    if (!_isMutable) {
      throw const HttpException('HTTP headers are not mutable');
    }
  }

  List<String>? operator [](String name) => _fields[name.toLowerCase()];

  String? value(String name) {
    final values = _fields[name.toLowerCase()];
    if (values == null || values.isEmpty) return null;
    if (values.length > 1) {
      throw HttpException('More than one value for header $name');
    }
    return values[0];
  }

  void add(String name, Object value, {bool preserveHeaderCase = false}) {
    _checkMutable();
    final key = _checkField(name);
    _keepName(name, key, preserveHeaderCase);
    _addAll(key, value);
  }

  void set(String name, Object value, {bool preserveHeaderCase = false}) {
    _checkMutable();
    final key = _checkField(name);
    _fields.remove(key);
    _originalNames?.remove(key);
    if (key == HttpHeaders.contentLengthHeader) _contentLength = -1;
    if (key == HttpHeaders.transferEncodingHeader) _chunked = false;
    _keepName(name, key, preserveHeaderCase);
    _addAll(key, value);
  }

  void _keepName(String name, String key, bool keep) {
    if (keep && name != key) {
      (_originalNames ??= {})[key] = name;
    } else {
      _originalNames?.remove(key);
    }
  }

  void _addAll(String name, Object value) {
    if (value is Iterable) {
      for (final element in value) {
        _add(name, _checkValue(element as Object));
      }
    } else {
      _add(name, _checkValue(value));
    }
  }

  void remove(String name, Object value) {
    _checkMutable();
    final key = _checkField(name);
    final values = _fields[key];
    if (values != null) {
      values.remove(_text(value));
      if (values.isEmpty) {
        _fields.remove(key);
        _originalNames?.remove(key);
      }
    }
    if (key == HttpHeaders.transferEncodingHeader && value == 'chunked') {
      _chunked = false;
    }
  }

  void removeAll(String name) {
    _checkMutable();
    final key = _checkField(name);
    _fields.remove(key);
    _originalNames?.remove(key);
    if (key == HttpHeaders.contentLengthHeader) _contentLength = -1;
    if (key == HttpHeaders.transferEncodingHeader) _chunked = false;
  }

  void forEach(void Function(String name, List<String> values) action) {
    _fields.forEach((String name, List<String> values) {
      action(_originalNames?[name] ?? name, values);
    });
  }

  void noFolding(String name) => (_notFolded ??= []).add(_checkField(name));

  void clear() {
    _checkMutable();
    _fields.clear();
    _originalNames = null;
    _contentLength = -1;
    _persistentConnection = true;
    _chunked = false;
    _host = null;
    _port = null;
  }

  // ---- fields with a meaning

  int get contentLength => _contentLength;

  void set contentLength(int length) {
    _checkMutable();
    if (protocolVersion == '1.0' &&
        _persistentConnection &&
        length == -1) {
      throw const HttpException(
          'Trying to clear ContentLength on HTTP 1.0 headers with '
          "'Connection: Keep-Alive' set");
    }
    if (_contentLength == length) return;
    _contentLength = length;
    if (length >= 0) {
      if (_chunked) chunkedTransferEncoding = false;
      _fields[HttpHeaders.contentLengthHeader] = ['$length'];
    } else {
      _fields.remove(HttpHeaders.contentLengthHeader);
      if (protocolVersion == '1.1') chunkedTransferEncoding = true;
    }
  }

  bool get persistentConnection => _persistentConnection;

  void set persistentConnection(bool value) {
    _checkMutable();
    if (value == _persistentConnection) return;
    if (value) {
      if (protocolVersion == '1.1') {
        remove(HttpHeaders.connectionHeader, 'close');
      } else {
        if (_contentLength < 0) {
          throw const HttpException(
              "Trying to set 'Connection: Keep-Alive' on HTTP 1.0 headers "
              'with no ContentLength');
        }
        _fields[HttpHeaders.connectionHeader] = ['keep-alive'];
      }
    } else if (protocolVersion == '1.1') {
      (_fields[HttpHeaders.connectionHeader] ??= []).add('close');
    } else {
      remove(HttpHeaders.connectionHeader, 'keep-alive');
    }
    _persistentConnection = value;
  }

  bool get chunkedTransferEncoding => _chunked;

  void set chunkedTransferEncoding(bool value) {
    _checkMutable();
    if (value && protocolVersion == '1.0') {
      throw const HttpException(
          "Trying to set 'Transfer-Encoding: Chunked' on HTTP 1.0 headers");
    }
    if (value == _chunked) return;
    if (value) {
      final values = _fields[HttpHeaders.transferEncodingHeader];
      if (values == null || !values.contains('chunked')) {
        (_fields[HttpHeaders.transferEncodingHeader] ??= []).add('chunked');
      }
      _chunked = true;
      if (_contentLength >= 0) {
        _contentLength = -1;
        _fields.remove(HttpHeaders.contentLengthHeader);
      }
    } else {
      remove(HttpHeaders.transferEncodingHeader, 'chunked');
      _chunked = false;
    }
  }

  String? get host => _host;

  void set host(String? value) {
    _checkMutable();
    _host = value;
    _writeHost();
  }

  int? get port => _port;

  void set port(int? value) {
    _checkMutable();
    _port = value;
    _writeHost();
  }

  void _writeHost() {
    final host = _host;
    if (host == null) {
      _fields.remove(HttpHeaders.hostHeader);
      return;
    }
    final name = host.contains(':') && !host.startsWith('[') ? '[$host]' : host;
    final isDefault = _port == null || _port == _defaultPort;
    _fields[HttpHeaders.hostHeader] = [isDefault ? name : '$name:$_port'];
  }

  DateTime? _date(String name) {
    final values = _fields[name];
    if (values == null) return null;
    try {
      return HttpDate.parse(values[0]);
    } on HttpException {
      return null;
    }
  }

  void _setDate(String name, DateTime? value) {
    _checkMutable();
    if (value == null) {
      _fields.remove(name);
    } else {
      _fields[name] = [HttpDate.format(value)];
    }
  }

  DateTime? get date => _date(HttpHeaders.dateHeader);

  void set date(DateTime? value) => _setDate(HttpHeaders.dateHeader, value);

  DateTime? get expires => _date(HttpHeaders.expiresHeader);

  void set expires(DateTime? value) =>
      _setDate(HttpHeaders.expiresHeader, value);

  DateTime? get ifModifiedSince => _date(HttpHeaders.ifModifiedSinceHeader);

  void set ifModifiedSince(DateTime? value) =>
      _setDate(HttpHeaders.ifModifiedSinceHeader, value);

  ContentType? get contentType {
    final values = _fields[HttpHeaders.contentTypeHeader];
    return values == null ? null : ContentType.parse(values[0]);
  }

  void set contentType(ContentType? value) {
    _checkMutable();
    if (value == null) {
      _fields.remove(HttpHeaders.contentTypeHeader);
    } else {
      _fields[HttpHeaders.contentTypeHeader] = ['$value'];
    }
  }

  static String _text(Object value) =>
      value is DateTime ? HttpDate.format(value) : '$value';

  /// [name] is lower case.
  void _add(String name, Object value) {
    switch (name) {
      case HttpHeaders.contentLengthHeader:
        contentLength = value is int ? value : _lengthOf('$value');
      case HttpHeaders.transferEncodingHeader:
        if (value == 'chunked') {
          chunkedTransferEncoding = true;
        } else {
          _append(name, value);
        }
      case HttpHeaders.dateHeader:
      case HttpHeaders.expiresHeader:
      case HttpHeaders.ifModifiedSinceHeader:
        _checkDate(name, value);
        _fields[name] = [_text(value)];
      case HttpHeaders.hostHeader:
        _parseHost('$value');
      case HttpHeaders.connectionHeader:
        final lower = '$value'.toLowerCase();
        if (lower == 'close') {
          _persistentConnection = false;
        } else if (lower == 'keep-alive') {
          _persistentConnection = true;
        }
        _append(name, value);
      case HttpHeaders.contentTypeHeader:
        _fields[name] = ['$value'];
      default:
        _append(name, value);
    }
  }

  void _checkDate(String name, Object value) {
    if (value is! DateTime && value is! String) {
      throw HttpException('Unexpected type for header named $name');
    }
  }

  static int _lengthOf(String text) {
    final length = RegExp(r'^\d+$').hasMatch(text) ? int.tryParse(text) : null;
    if (length == null) {
      throw const HttpException('Content-Length must contain only digits');
    }
    return length;
  }

  void _append(String name, Object value) =>
      (_fields[name] ??= []).add(_text(value));

  void _parseHost(String value) {
    int colon = value.lastIndexOf(':');
    if (value.endsWith(']')) colon = -1;
    if (colon < 0) {
      _host = value;
      _port = _defaultPort;
    } else {
      _host = colon == 0 ? null : value.substring(0, colon);
      if (colon + 1 == value.length) {
        _port = _defaultPort;
      } else {
        _port = int.tryParse(value.substring(colon + 1));
      }
    }
    _fields[HttpHeaders.hostHeader] = [value];
  }

  /// A field that has come; nothing about it is refused.
  void _receive(String name, String value) {
    switch (name) {
      case HttpHeaders.contentLengthHeader:
        final length = _lengthOf(value);
        if (_contentLength >= 0 && _contentLength != length) {
          throw const HttpException('Content-Length values differ');
        }
        _contentLength = length;
        _fields[name] = [value];
      case HttpHeaders.transferEncodingHeader:
        if (value.toLowerCase() == 'chunked') _chunked = true;
        _append(name, value);
      case HttpHeaders.hostHeader:
        _parseHost(value);
      case HttpHeaders.connectionHeader:
        for (final token in value.split(',')) {
          final word = token.trim();
          if (word.isEmpty) continue;
          _add(name, word);
        }
      default:
        _append(name, value);
    }
  }

  /// The lines of all fields.
  void _write(StringBuffer buffer) {
    _fields.forEach((String name, List<String> values) {
      final shown = _originalNames?[name] ?? name;
      final isFolded = name != HttpHeaders.setCookieHeader &&
          (_notFolded == null || !_notFolded!.contains(name));
      if (isFolded) {
        buffer.write('$shown: ${values.join(', ')}\r\n');
      } else {
        for (final value in values) {
          buffer.write('$shown: $value\r\n');
        }
      }
    });
  }

  String toString() {
    final buffer = StringBuffer();
    _fields.forEach((String name, List<String> values) {
      buffer.write('${_originalNames?[name] ?? name}: ${values.join(', ')}\n');
    });
    return buffer.toString();
  }

  // ---- cookies

  List<Cookie> _requestCookies() {
    final cookies = <Cookie>[];
    for (final line in _fields[HttpHeaders.cookieHeader] ?? const <String>[]) {
      for (final part in line.split(';')) {
        final (name, value) = _Cookie._pair(part);
        if (name.isEmpty || value == null) continue;
        try {
          cookies.add(
              _Cookie._bare(_Cookie._checkName(name), _Cookie._checkValue(value)));
        } on FormatException {
          // Not for us, then.
        }
      }
    }
    return cookies;
  }

  List<Cookie> _responseCookies() => [
        for (final line
            in _fields[HttpHeaders.setCookieHeader] ?? const <String>[])
          Cookie.fromSetCookieValue(line)
      ];
}
