part of 'io.dart';

/// What a client proves who it is with.
abstract interface class HttpClientCredentials {}

abstract final class HttpClientBasicCredentials
    implements HttpClientCredentials {
  factory HttpClientBasicCredentials(String username, String password) =
      _BasicCredentials;
}

abstract final class HttpClientBearerCredentials
    implements HttpClientCredentials {
  factory HttpClientBearerCredentials(String token) = _BearerCredentials;
}

abstract final class HttpClientDigestCredentials
    implements HttpClientCredentials {
  factory HttpClientDigestCredentials(String username, String password) =
      _DigestCredentials;
}

abstract class _HttpClientCredentials implements HttpClientCredentials {
  String get scheme;

  /// The field's value; null if a challenge is needed first.
  String? authorization(_Credentials state, _HttpClientRequest request,
      String uri);
}

final class _BasicCredentials extends _HttpClientCredentials
    implements HttpClientBasicCredentials {
  final String _username;
  final String _password;

  _BasicCredentials(this._username, this._password);

  String get scheme => 'basic';

  String? authorization(
          _Credentials state, _HttpClientRequest request, String uri) =>
      'Basic ${base64.encode(utf8.encode('$_username:$_password'))}';
}

final class _BearerCredentials extends _HttpClientCredentials
    implements HttpClientBearerCredentials {
  final String _token;

  _BearerCredentials(String token) : _token = token {
    if (RegExp(r'[^0-9A-Za-z\-._~+/=]').hasMatch(token)) {
      throw ArgumentError.value(token, 'token', 'Invalid characters');
    }
  }

  String get scheme => 'bearer';

  String? authorization(
          _Credentials state, _HttpClientRequest request, String uri) =>
      'Bearer $_token';
}

/// RFC 2617 with MD5.
final class _DigestCredentials extends _HttpClientCredentials
    implements HttpClientDigestCredentials {
  final String _username;
  final String _password;

  _DigestCredentials(this._username, this._password);

  String get scheme => 'digest';

  static String _hash(String text) => _hex(_md5(utf8.encode(text)));

  String? authorization(
      _Credentials state, _HttpClientRequest request, String uri) {
    final nonce = state.nonce;
    if (nonce == null) return null;
    final user = _hash('$_username:${state.realm}:$_password');
    final what = _hash('${request.method}:$uri');
    final buffer = StringBuffer('Digest username="$_username", '
        'realm="${state.realm}", nonce="$nonce", uri="$uri", '
        'algorithm="MD5"');
    final String response;
    if (state.qop == 'auth') {
      final client = _hex([for (int i = 0; i < 8; i++) Random.secure().nextInt(256)]);
      state.count++;
      final count = state.count.toRadixString(16).padLeft(8, '0');
      response = _hash('$user:$nonce:$count:$client:auth:$what');
      buffer.write(', qop="auth", cnonce="$client", nc="$count"');
    } else {
      response = _hash('$user:$nonce:$what');
    }
    buffer.write(', response="$response"');
    return buffer.toString();
  }
}

/// Credentials and what the last challenge said.
abstract class _Credentials {
  final String realm;
  final _HttpClientCredentials credentials;
  String? nonce;
  String? qop;
  int count = 0;

  _Credentials(this.realm, this.credentials);

  /// The challenge is one that can be answered now.
  bool accepts(HeaderValue challenge) {
    if (credentials.scheme != 'digest') return true;
    final algorithm = challenge.parameters['algorithm'];
    if (algorithm != null && algorithm.toLowerCase() != 'md5') return false;
    final fresh = challenge.parameters['nonce'];
    if (fresh == null) return false;
    if (fresh != nonce) count = 0;
    nonce = fresh;
    final offered = challenge.parameters['qop'];
    final offers = offered?.split(',').map((word) => word.trim());
    qop = offers != null && offers.contains('auth') ? 'auth' : null;
    return true;
  }

  bool isStale(HeaderValue challenge) =>
      challenge.parameters['stale']?.toLowerCase() == 'true';

  void authorize(_HttpClientRequest request, String field) {
    final isProxy = field == HttpHeaders.proxyAuthorizationHeader;
    final value = credentials.authorization(
        this, request, isProxy ? request._proxyUri : request._target);
    if (value == null) return;
    request.headers.set(field, value);
    _note(request);
  }

  void _note(_HttpClientRequest request);

  void remove(_HttpClient client);
}

final class _SiteCredentials extends _Credentials {
  final Uri uri;

  _SiteCredentials(this.uri, super.realm, super.credentials);

  bool applies(Uri url, String? scheme) {
    if (scheme != null && credentials.scheme != scheme) return false;
    return uri.host == url.host &&
        uri.port == url.port &&
        (uri.path.isEmpty || url.path.startsWith(uri.path));
  }

  void _note(_HttpClientRequest request) {
    request._usedCredentials = this;
  }

  void remove(_HttpClient client) => client._credentials.remove(this);
}

final class _ProxyCredentials extends _Credentials {
  final String host;
  final int port;

  _ProxyCredentials(this.host, this.port, super.realm, super.credentials);

  bool applies(_Proxy proxy, String? scheme) {
    if (scheme != null && credentials.scheme != scheme) return false;
    return proxy.host == host && proxy.port == port;
  }

  void _note(_HttpClientRequest request) {
    request._usedProxyCredentials = this;
  }

  void remove(_HttpClient client) => client._proxyCredentials.remove(this);
}

// ---- proxies

final class _Proxy {
  final String? host;
  final int? port;
  final String? _username;
  final String? _password;

  const _Proxy(this.host, this.port, this._username, this._password);

  const _Proxy.direct()
      : host = null,
        port = null,
        _username = null,
        _password = null;

  bool get isDirect => host == null;
}

/// `PROXY host:port; PROXY host:port; DIRECT`
final class _ProxyConfiguration {
  final List<_Proxy> proxies = [];

  _ProxyConfiguration(String configuration) {
    Never bad() =>
        throw HttpException('Invalid proxy configuration $configuration');
    for (final part in configuration.split(';')) {
      final entry = part.trim();
      if (entry.isEmpty) continue;
      if (entry == 'DIRECT') {
        proxies.add(const _Proxy.direct());
      } else if (entry.startsWith('PROXY ')) {
        String where = entry.substring(6).trim();
        String? username, password;
        final at = where.indexOf('@');
        if (at >= 0) {
          final user = where.substring(0, at).trim();
          where = where.substring(at + 1).trim();
          final colon = user.indexOf(':');
          if (colon <= 0 || colon == user.length - 1) bad();
          username = user.substring(0, colon).trim();
          password = user.substring(colon + 1).trim();
        }
        final colon = where.lastIndexOf(':');
        if (colon <= 0 || colon == where.length - 1) bad();
        String host = where.substring(0, colon).trim();
        if (host.startsWith('[') && host.endsWith(']')) {
          host = host.substring(1, host.length - 1);
        }
        final port = int.tryParse(where.substring(colon + 1).trim());
        if (port == null) bad();
        proxies.add(_Proxy(host, port, username, password));
      } else {
        bad();
      }
    }
    if (proxies.isEmpty) bad();
  }
}

String _findProxyFromEnvironment(Uri url, Map<String, String>? environment) {
  final variables = environment ?? Platform.environment;
  String? variable(String name) =>
      variables[name] ?? variables[name.toUpperCase()];
  final none = variable('no_proxy');
  if (none != null) {
    for (final entry in none.split(',').map((text) => text.trim())) {
      if (entry.isEmpty) continue;
      if (entry == '*') return 'DIRECT';
      if (entry.startsWith('[') && entry.endsWith(']')) {
        if ('[${url.host}]' == entry) return 'DIRECT';
      } else if (url.host.endsWith(entry)) {
        return 'DIRECT';
      }
    }
  }
  final proxy = variable(url.isScheme('https') ? 'https_proxy' : 'http_proxy');
  if (proxy == null || proxy.trim().isEmpty) return 'DIRECT';
  String text = proxy.trim();
  if (text.startsWith('http://')) text = text.substring(7);
  if (text.startsWith('https://')) text = text.substring(8);
  final slash = text.indexOf('/');
  if (slash >= 0) text = text.substring(0, slash);
  if (text.startsWith('[')) {
    final end = text.lastIndexOf(':');
    if (text.indexOf(']') > end) text = '$text:1080';
  } else if (!text.contains(':')) {
    text = '$text:1080';
  }
  return 'PROXY $text';
}

/// Replaces the HTTP client, in a zone or for the whole isolate.
abstract class HttpOverrides {
  static HttpOverrides? _global;
  static final Object _key = Object();

  static HttpOverrides? get current {
    final zone = Zone.current;
    if (identical(zone, Zone.root)) return _global;
    final value = zone[_key];
    return value is HttpOverrides ? value : _global;
  }

  static void set global(HttpOverrides? overrides) {
    _global = overrides;
  }

  static R runZoned<R>(R Function() body,
          {HttpClient Function(SecurityContext?)? createHttpClient,
          String Function(Uri uri, Map<String, String>? environment)?
              findProxyFromEnvironment}) =>
      runWithHttpOverrides<R>(
          body,
          _ZonedHttpOverrides(
              current, createHttpClient, findProxyFromEnvironment));

  static R runWithHttpOverrides<R>(
          R Function() body, HttpOverrides overrides) =>
      _runZoned<R>(body, {_key: overrides});

  HttpClient createHttpClient(SecurityContext? context) =>
      _HttpClient(context);

  String findProxyFromEnvironment(Uri url, Map<String, String>? environment) =>
      _findProxyFromEnvironment(url, environment);
}

final class _ZonedHttpOverrides extends HttpOverrides {
  final HttpOverrides? _outer;
  final HttpClient Function(SecurityContext?)? _createHttpClient;
  final String Function(Uri, Map<String, String>?)? _findProxy;

  _ZonedHttpOverrides(this._outer, this._createHttpClient, this._findProxy);

  HttpClient createHttpClient(SecurityContext? context) =>
      _createHttpClient?.call(context) ??
      _outer?.createHttpClient(context) ??
      super.createHttpClient(context);

  String findProxyFromEnvironment(Uri url, Map<String, String>? environment) =>
      _findProxy?.call(url, environment) ??
      _outer?.findProxyFromEnvironment(url, environment) ??
      super.findProxyFromEnvironment(url, environment);
}
