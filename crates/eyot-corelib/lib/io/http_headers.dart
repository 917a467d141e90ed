part of 'io.dart';

/// Native: the index of the field [name], in any case, in a table of fields;
/// negative if there is none, -2 if it has to be asked again in lower case.
external int _fieldAt(List<Object?> table, String name);

/// Native: where a text stops being a token, or -1.
external int _tokenFault(String text);

/// Native: where a text stops being the value of a field, or -1.
external int _valueFault(String text);

/// The fields of one message.
final class _HttpHeaders implements HttpHeaders {
  /// Names, in lower case, and values by turns, in order of insertion. A value
  /// is a String, or a List<String> if there are several or somebody has seen
  /// it as a list. Few enough to be searched from end to end, by a native.
  ///
  /// Null while nobody has asked for the fields of a message that came.
  List<Object?>? _table;

  /// The head that the fields are in, while [_table] is null.
  final Uint8List? _head;
  final int _headStart;
  final int _headEnd;
  final bool _isOfRequest;

  /// Counts fields added and removed.
  int _modifications = 0;

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
      : _defaultPort = defaultPort,
        _head = null,
        _headStart = 0,
        _headEnd = 0,
        _isOfRequest = false {
    if (initial == null) {
      _table = [];
    } else {
      final table = List<Object?>.of(initial._rows);
      _table = table;
      for (int i = 1; i < table.length; i += 2) {
        final value = table[i];
        if (value is! String) {
          table[i] = List<String>.of(unsafeCast<List<String>>(value));
        }
      }
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

  /// Those of a message that came: its head is `head[start .. end)`, which
  /// means [flags] and the content length [length].
  _HttpHeaders._received(this._isOfRequest, Uint8List this._head,
      this._headStart, this._headEnd, int flags, int length)
      : protocolVersion = flags & _HeadFlags.version11 != 0 ? '1.1' : '1.0',
        _defaultPort = 80,
        _isMutable = false {
    if (flags & _HeadFlags.irregular != 0) {
      _persistentConnection = protocolVersion == '1.1';
      _readHead();
    } else {
      _persistentConnection = flags & _HeadFlags.persistent != 0;
      _chunked = flags & _HeadFlags.chunked != 0;
      _contentLength = length;
    }
  }

  List<Object?> get _rows => _table ?? _readLater();

  /// The fields are read once somebody asks for them; what they mean is known.
  List<Object?> _readLater() {
    final length = _contentLength;
    final persistent = _persistentConnection;
    final chunked = _chunked;
    _contentLength = -1;
    final table = _readHead();
    _contentLength = length;
    _persistentConnection = persistent;
    _chunked = chunked;
    return table;
  }

  List<Object?> _readHead() {
    final table = <Object?>[];
    _table = table;
    final head = _head;
    if (head == null) return table;
    final fields = _httpFields(_isOfRequest, head, _headStart, _headEnd);
    for (int i = 0; i + 1 < fields.length; i += 2) {
      _receive(
          unsafeCast<String>(fields[i]), unsafeCast<String>(fields[i + 1]));
    }
    return table;
  }

  // ---- the table

  int _at(String name) {
    final at = _fieldAt(_rows, name);
    return at == -2 ? _fieldAt(_rows, name.toLowerCase()) : at;
  }

  bool _has(String name) => _at(name) >= 0;

  /// The first value, if there is one.
  String? _first(String name) {
    final at = _at(name);
    if (at < 0) return null;
    final value = _rows[at + 1];
    return value is String ? value : unsafeCast<List<String>>(value)[0];
  }

  List<String>? _list(String name) {
    final at = _at(name);
    return at < 0 ? null : _listAt(at);
  }

  /// The values as a list, from now on.
  List<String> _listAt(int at) {
    final rows = _rows;
    final value = rows[at + 1];
    if (value is! String) return unsafeCast<List<String>>(value);
    final list = [value];
    rows[at + 1] = list;
    return list;
  }

  /// The only value of a field; [name] is lower case.
  void _put(String name, String value) {
    final rows = _rows;
    final at = _fieldAt(rows, name);
    if (at >= 0) {
      rows[at + 1] = value;
    } else {
      rows
        ..add(name)
        ..add(value);
      _modifications++;
    }
  }

  /// One more value of a field; [name] is lower case.
  void _append(String name, String value) {
    final rows = _rows;
    final at = _fieldAt(rows, name);
    if (at >= 0) {
      _listAt(at).add(value);
    } else {
      rows
        ..add(name)
        ..add(value);
      _modifications++;
    }
  }

  /// [name] is lower case.
  void _drop(String name) {
    final rows = _rows;
    final at = _fieldAt(rows, name);
    if (at < 0) return;
    rows.removeRange(at, at + 2);
    _modifications++;
  }

  // ---- names and values

  /// Throws if it cannot be one; in lower case.
  static String _checkField(String name) {
    if (name.isEmpty) {
      throw const FormatException('Invalid HTTP header field name: empty');
    }
    final fault = _tokenFault(name);
    if (fault >= 0) {
      throw FormatException(
          'Invalid HTTP header field name: ${json.encode(name)}', name, fault);
    }
    return name.toLowerCase();
  }

  static Object _checkValue(Object value) {
    if (value is! String) return value;
    final fault = _valueFault(value);
    if (fault >= 0) {
      throw FormatException(
          'Invalid HTTP header field value: ${json.encode(value)}',
          value,
          fault);
    }
    return value;
  }

  void _checkMutable() {
    if (!_isMutable) {
      throw const HttpException('HTTP headers are not mutable');
    }
  }

  List<String>? operator [](String name) => _list(name);

  String? value(String name) {
    final at = _at(name);
    if (at < 0) return null;
    final value = _rows[at + 1];
    if (value is String) return value;
    final values = unsafeCast<List<String>>(value);
    if (values.isEmpty) return null;
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
    _drop(key);
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
    if (_removeValue(key, _text(value))) _originalNames?.remove(key);
    if (key == HttpHeaders.transferEncodingHeader && value == 'chunked') {
      _chunked = false;
    }
  }

  /// Whether that was the last one.
  bool _removeValue(String name, String value) {
    final at = _fieldAt(_rows, name);
    if (at < 0) return false;
    final old = _rows[at + 1];
    if (old is String) {
      if (old != value) return false;
    } else {
      final values = unsafeCast<List<String>>(old)..remove(value);
      if (values.isNotEmpty) return false;
    }
    _drop(name);
    return true;
  }

  void removeAll(String name) {
    _checkMutable();
    final key = _checkField(name);
    _drop(key);
    _originalNames?.remove(key);
    if (key == HttpHeaders.contentLengthHeader) _contentLength = -1;
    if (key == HttpHeaders.transferEncodingHeader) _chunked = false;
  }

  void forEach(void Function(String name, List<String> values) action) {
    final rows = _rows;
    final before = _modifications;
    final length = rows.length;
    for (int i = 0; i < length; i += 2) {
      final name = unsafeCast<String>(rows[i]);
      action(_originalNames?[name] ?? name, _listAt(i));
      if (before != _modifications) throw ConcurrentModificationError(this);
    }
  }

  void noFolding(String name) => (_notFolded ??= []).add(_checkField(name));

  void clear() {
    _checkMutable();
    _rows.clear();
    _modifications++;
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
      _put(HttpHeaders.contentLengthHeader, '$length');
    } else {
      _drop(HttpHeaders.contentLengthHeader);
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
        _put(HttpHeaders.connectionHeader, 'keep-alive');
      }
    } else if (protocolVersion == '1.1') {
      _append(HttpHeaders.connectionHeader, 'close');
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
      final at = _fieldAt(_rows, HttpHeaders.transferEncodingHeader);
      if (at < 0 || !_listAt(at).contains('chunked')) {
        _append(HttpHeaders.transferEncodingHeader, 'chunked');
      }
      _chunked = true;
      if (_contentLength >= 0) {
        _contentLength = -1;
        _drop(HttpHeaders.contentLengthHeader);
      }
    } else {
      if (_removeValue(HttpHeaders.transferEncodingHeader, 'chunked')) {
        _originalNames?.remove(HttpHeaders.transferEncodingHeader);
      }
      _chunked = false;
    }
  }

  String? get host {
    _rows;
    return _host;
  }

  void set host(String? value) {
    _checkMutable();
    _host = value;
    _writeHost();
  }

  int? get port {
    _rows;
    return _port;
  }

  void set port(int? value) {
    _checkMutable();
    _port = value;
    _writeHost();
  }

  void _writeHost() {
    final host = _host;
    if (host == null) {
      _drop(HttpHeaders.hostHeader);
      return;
    }
    final name = host.contains(':') && !host.startsWith('[') ? '[$host]' : host;
    final isDefault = _port == null || _port == _defaultPort;
    _put(HttpHeaders.hostHeader, isDefault ? name : '$name:$_port');
  }

  DateTime? _date(String name) {
    final text = _first(name);
    if (text == null) return null;
    try {
      return HttpDate.parse(text);
    } on HttpException {
      return null;
    }
  }

  void _setDate(String name, DateTime? value) {
    _checkMutable();
    if (value == null) {
      _drop(name);
    } else {
      _put(name, HttpDate.format(value));
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
    final text = _first(HttpHeaders.contentTypeHeader);
    return text == null ? null : ContentType.parse(text);
  }

  void set contentType(ContentType? value) {
    _checkMutable();
    if (value == null) {
      _drop(HttpHeaders.contentTypeHeader);
    } else {
      _put(HttpHeaders.contentTypeHeader, '$value');
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
          _append(name, _text(value));
        }
      case HttpHeaders.dateHeader:
      case HttpHeaders.expiresHeader:
      case HttpHeaders.ifModifiedSinceHeader:
        _checkDate(name, value);
        _put(name, _text(value));
      case HttpHeaders.hostHeader:
        _parseHost('$value');
      case HttpHeaders.connectionHeader:
        final lower = '$value'.toLowerCase();
        if (lower == 'close') {
          _persistentConnection = false;
        } else if (lower == 'keep-alive') {
          _persistentConnection = true;
        }
        _append(name, _text(value));
      case HttpHeaders.contentTypeHeader:
        _put(name, '$value');
      default:
        _append(name, _text(value));
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
    _put(HttpHeaders.hostHeader, value);
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
        _put(name, value);
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

  /// Whether [_write] does what the runtime does by itself.
  bool get _isPlain => _originalNames == null && _notFolded == null;

  /// The lines of all fields.
  void _write(StringBuffer buffer) {
    forEach((String shown, List<String> values) {
      final name = shown.toLowerCase();
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
    forEach((String name, List<String> values) {
      buffer.write('$name: ${values.join(', ')}\n');
    });
    return buffer.toString();
  }

  // ---- cookies

  List<Cookie> _requestCookies() {
    final cookies = <Cookie>[];
    for (final line in _list(HttpHeaders.cookieHeader) ?? const <String>[]) {
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
            in _list(HttpHeaders.setCookieHeader) ?? const <String>[])
          Cookie.fromSetCookieValue(line)
      ];
}
