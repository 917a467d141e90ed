part of 'core.dart';

/// A parsed URI reference.
abstract interface class Uri {
  /// The current directory as a `file:` URI.
  static Uri get base => Uri.parse(_currentDirectoryUri());

  factory Uri(
          {String? scheme,
          String? userInfo,
          String? host,
          int? port,
          String? path,
          Iterable<String>? pathSegments,
          String? query,
          Map<String, dynamic>? queryParameters,
          String? fragment}) =>
      _Uri._build(scheme, userInfo, host, port, path, pathSegments, query,
          queryParameters, fragment);

  factory Uri.http(String authority,
          [String unencodedPath = '', Map<String, dynamic>? queryParameters]) =>
      _makeHttpUri('http', authority, unencodedPath, queryParameters);

  factory Uri.https(String authority,
          [String unencodedPath = '', Map<String, dynamic>? queryParameters]) =>
      _makeHttpUri('https', authority, unencodedPath, queryParameters);

  factory Uri.file(String path, {bool? windows}) =>
      windows ?? false ? _windowsFileUri(path, false) : _posixFileUri(path, false);

  factory Uri.directory(String path, {bool? windows}) =>
      windows ?? false ? _windowsFileUri(path, true) : _posixFileUri(path, true);

  factory Uri.dataFromString(String content,
          {String? mimeType,
          Encoding? encoding,
          Map<String, String>? parameters,
          bool base64 = false}) =>
      UriData.fromString(content,
              mimeType: mimeType,
              encoding: encoding,
              parameters: parameters,
              base64: base64)
          .uri;

  factory Uri.dataFromBytes(List<int> bytes,
          {String mimeType = 'application/octet-stream',
          Map<String, String>? parameters,
          bool percentEncoded = false}) =>
      UriData.fromBytes(bytes,
              mimeType: mimeType,
              parameters: parameters,
              percentEncoded: percentEncoded)
          .uri;

  static Uri parse(String uri, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, uri.length);
    return _UriParser(uri, start, stop).parse();
  }

  static Uri? tryParse(String uri, [int start = 0, int? end]) {
    try {
      return parse(uri, start, end);
    } on FormatException {
      return null;
    }
  }

  static String encodeComponent(String component) =>
      _uriEncode(_UriChars.component, component, utf8, false);

  static String encodeQueryComponent(String component,
          {Encoding encoding = utf8}) =>
      _uriEncode(_UriChars.unreserved, component, encoding, true);

  static String decodeComponent(String encodedComponent) =>
      _uriDecode(encodedComponent, 0, encodedComponent.length, utf8, false);

  static String decodeQueryComponent(String encodedComponent,
          {Encoding encoding = utf8}) =>
      _uriDecode(encodedComponent, 0, encodedComponent.length, encoding, true);

  static String encodeFull(String uri) =>
      _uriEncode(_UriChars.full, uri, utf8, false);

  static String decodeFull(String uri) =>
      _uriDecode(uri, 0, uri.length, utf8, false);

  static Map<String, String> splitQueryString(String query,
          {Encoding encoding = utf8}) =>
      _splitQuery(query, encoding);

  static List<int> parseIPv4Address(String host, [int start = 0, int? end]) =>
      _parseIPv4(
          host, start, RangeError.checkValidRange(start, end, host.length));

  static List<int> parseIPv6Address(String host, [int start = 0, int? end]) =>
      _parseIPv6(host, start, end ?? host.length);

  String get scheme;

  String get authority;

  String get userInfo;

  String get host;

  int get port;

  String get path;

  String get query;

  String get fragment;

  List<String> get pathSegments;

  Map<String, String> get queryParameters;

  Map<String, List<String>> get queryParametersAll;

  bool get isAbsolute;

  bool get hasScheme;

  bool get hasAuthority;

  bool get hasPort;

  bool get hasQuery;

  bool get hasFragment;

  bool get hasEmptyPath;

  bool get hasAbsolutePath;

  String get origin;

  bool isScheme(String scheme);

  String toFilePath({bool? windows});

  UriData? get data;

  int get hashCode;

  bool operator ==(Object other);

  String toString();

  Uri replace(
      {String? scheme,
      String? userInfo,
      String? host,
      int? port,
      String? path,
      Iterable<String>? pathSegments,
      String? query,
      Map<String, dynamic>? queryParameters,
      String? fragment});

  Uri removeFragment();

  Uri resolve(String reference);

  Uri resolveUri(Uri reference);

  Uri normalizePath();
}

/// Native: the current directory as the text of a `file:` URI that ends in a
/// slash.
external String _currentDirectoryUri();

/// The one implementation: components in normal form.
class _Uri implements Uri {
  final String scheme;
  final String userInfo;

  /// The host with the brackets of an IPv6 address; `null` without authority.
  final String? _host;

  /// The port where it is not the scheme's default.
  final int? _port;

  final String path;
  final String? _query;
  final String? _fragment;

  String? _text;
  List<String>? _segments;
  Map<String, String>? _parameters;
  Map<String, List<String>>? _parameterLists;

  _Uri._(this.scheme, this.userInfo, this._host, this._port, this.path,
      this._query, this._fragment);

  factory _Uri._build(
      String? scheme,
      String? userInfo,
      String? host,
      int? port,
      String? path,
      Iterable<String>? pathSegments,
      String? query,
      Map<String, dynamic>? queryParameters,
      String? fragment) {
    final String schemeText =
        scheme == null ? '' : _makeScheme(scheme, 0, scheme.length);
    final String userText = userInfo == null
        ? ''
        : _uriNormalize(userInfo, 0, userInfo.length, _UriChars.userInfo);
    String? hostText =
        host == null ? null : _makeHost(host, 0, host.length, false);
    final String? queryText = _makeQuery(query, queryParameters);
    final String? fragmentText = fragment == null
        ? null
        : _uriNormalize(fragment, 0, fragment.length, _UriChars.query);
    final int? portNumber = _makePort(port, schemeText);
    final bool isFile = schemeText == 'file';
    if (hostText == null &&
        (userText.isNotEmpty || portNumber != null || isFile)) {
      hostText = '';
    }
    final bool hasAuthority = hostText != null;
    String pathText =
        _makePath(path, pathSegments, schemeText, hasAuthority);
    pathText = _normalizeUriPath(pathText, schemeText, hasAuthority);
    if (hostText == null && pathText.startsWith('//')) hostText = '';
    return _Uri._(schemeText, userText, hostText, portNumber, pathText,
        queryText, fragmentText);
  }

  String get authority {
    if (!hasAuthority) return '';
    final buffer = StringBuffer();
    _writeAuthority(buffer);
    return buffer.toString();
  }

  void _writeAuthority(StringBuffer buffer) {
    if (userInfo.isNotEmpty) {
      buffer.write(userInfo);
      buffer.write('@');
    }
    final host = _host;
    if (host != null) buffer.write(host);
    final port = _port;
    if (port != null) {
      buffer.write(':');
      buffer.write(port);
    }
  }

  String get host {
    final host = _host;
    if (host == null) return '';
    if (host.startsWith('[')) return host.substring(1, host.length - 1);
    return host;
  }

  int get port => _port ?? _defaultPort(scheme);

  static int _defaultPort(String scheme) {
    if (scheme == 'http') return 80;
    if (scheme == 'https') return 443;
    return 0;
  }

  String get query => _query ?? '';

  String get fragment => _fragment ?? '';

  bool isScheme(String scheme) {
    if (scheme.length != this.scheme.length) return false;
    return scheme.toLowerCase() == this.scheme;
  }

  List<String> get pathSegments => _segments ??= _splitPath(path);

  static List<String> _splitPath(String path) {
    final text = path.startsWith('/') ? path.substring(1) : path;
    if (text.isEmpty) return const <String>[];
    return List<String>.unmodifiable(
        text.split('/').map<String>(Uri.decodeComponent));
  }

  Map<String, String> get queryParameters =>
      _parameters ??= UnmodifiableMapView<String, String>(
          _splitQuery(query, utf8));

  Map<String, List<String>> get queryParametersAll =>
      _parameterLists ??= _splitQueryAll(query);

  bool get isAbsolute => scheme != '' && !hasFragment;

  bool get hasScheme => scheme.isNotEmpty;

  bool get hasAuthority => _host != null;

  bool get hasPort => _port != null;

  bool get hasQuery => _query != null;

  bool get hasFragment => _fragment != null;

  bool get hasEmptyPath => path.isEmpty;

  bool get hasAbsolutePath => path.startsWith('/');

  String get origin {
    if (scheme == '') {
      throw StateError('Cannot use origin without a scheme: $this');
    }
    if (scheme != 'http' && scheme != 'https') {
      throw StateError(
          'Origin is only applicable schemes http and https: $this');
    }
    final host = _host;
    if (host == null || host == '') {
      throw StateError(
          'A $scheme: URI should have a non-empty host name: $this');
    }
    final port = _port;
    return port == null ? '$scheme://$host' : '$scheme://$host:$port';
  }

  UriData? get data => scheme == 'data' ? UriData.fromUri(this) : null;

  String toFilePath({bool? windows}) {
    if (scheme != '' && scheme != 'file') {
      throw UnsupportedError('Cannot extract a file path from a $scheme URI');
    }
    if (query != '') {
      throw UnsupportedError(
          'Cannot extract a file path from a URI with a query component');
    }
    if (fragment != '') {
      throw UnsupportedError(
          'Cannot extract a file path from a URI with a fragment component');
    }
    return windows ?? false ? _toWindowsPath(this) : _toPosixPath(this);
  }

  Uri replace(
      {String? scheme,
      String? userInfo,
      String? host,
      int? port,
      String? path,
      Iterable<String>? pathSegments,
      String? query,
      Map<String, dynamic>? queryParameters,
      String? fragment}) {
    final String newScheme = scheme ?? this.scheme;
    final String newUserInfo = userInfo ?? this.userInfo;
    int? newPort = port;
    if (newPort == null && hasPort) newPort = _port;
    String? newHost = host;
    if (newHost == null && hasAuthority) newHost = this.host;
    String? newPath;
    if (path != null) {
      newPath = path;
    } else if (pathSegments == null) {
      newPath = this.path;
      if (newPath.isNotEmpty &&
          !newPath.startsWith('/') &&
          (newHost != null || newScheme == 'file')) {
        newPath = '/$newPath';
      }
    }
    String? newQuery = query;
    if (query == null && queryParameters == null) newQuery = _query;
    return _Uri._build(newScheme, newUserInfo, newHost, newPort, newPath,
        pathSegments, newQuery, queryParameters, fragment ?? _fragment);
  }

  Uri removeFragment() {
    if (!hasFragment) return this;
    return _Uri._(scheme, userInfo, _host, _port, path, _query, null);
  }

  Uri normalizePath() {
    final normal = _normalizeUriPath(path, scheme, hasAuthority);
    if (normal == path) return this;
    return _Uri._(scheme, userInfo, _host, _port, normal, _query, _fragment);
  }

  Uri resolve(String reference) => resolveUri(Uri.parse(reference));

  Uri resolveUri(Uri reference) => _resolveUri(this, reference);

  bool operator ==(Object other) =>
      identical(this, other) ||
      other is Uri &&
          scheme == other.scheme &&
          hasAuthority == other.hasAuthority &&
          userInfo == other.userInfo &&
          host == other.host &&
          port == other.port &&
          path == other.path &&
          hasQuery == other.hasQuery &&
          query == other.query &&
          hasFragment == other.hasFragment &&
          fragment == other.fragment;

  int get hashCode => toString().hashCode;

  String toString() => _text ??= _makeText();

  String _makeText() {
    final buffer = StringBuffer();
    if (scheme.isNotEmpty) {
      buffer.write(scheme);
      buffer.write(':');
    }
    if (_host != null || scheme == 'file') {
      buffer.write('//');
      _writeAuthority(buffer);
    }
    buffer.write(path);
    final query = _query;
    if (query != null) {
      buffer.write('?');
      buffer.write(query);
    }
    final fragment = _fragment;
    if (fragment != null) {
      buffer.write('#');
      buffer.write(fragment);
    }
    return buffer.toString();
  }
}
