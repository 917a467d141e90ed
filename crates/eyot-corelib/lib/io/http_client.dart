part of 'io.dart';

/// Whether to trust a certificate that could not be verified.
typedef BadCertificateCallback = bool Function(
    X509Certificate cr, String host, int port);

/// Makes HTTP requests; connections are kept for the next ones.
abstract interface class HttpClient {
  static const int defaultHttpPort = 80;
  static const int defaultHttpsPort = 443;
  static bool enableTimelineLogging = false;

  factory HttpClient({SecurityContext? context}) {
    final overrides = HttpOverrides.current;
    return overrides == null
        ? _HttpClient(context)
        : overrides.createHttpClient(context);
  }

  abstract Duration idleTimeout;
  abstract Duration? connectionTimeout;
  abstract int? maxConnectionsPerHost;
  abstract bool autoUncompress;
  abstract String? userAgent;

  Future<HttpClientRequest> open(
      String method, String host, int port, String path);
  Future<HttpClientRequest> openUrl(String method, Uri url);
  Future<HttpClientRequest> get(String host, int port, String path);
  Future<HttpClientRequest> getUrl(Uri url);
  Future<HttpClientRequest> post(String host, int port, String path);
  Future<HttpClientRequest> postUrl(Uri url);
  Future<HttpClientRequest> put(String host, int port, String path);
  Future<HttpClientRequest> putUrl(Uri url);
  Future<HttpClientRequest> delete(String host, int port, String path);
  Future<HttpClientRequest> deleteUrl(Uri url);
  Future<HttpClientRequest> patch(String host, int port, String path);
  Future<HttpClientRequest> patchUrl(Uri url);
  Future<HttpClientRequest> head(String host, int port, String path);
  Future<HttpClientRequest> headUrl(Uri url);

  void set authenticate(
      Future<bool> Function(Uri url, String scheme, String? realm)? f);
  void addCredentials(
      Uri url, String realm, HttpClientCredentials credentials);
  void set connectionFactory(
      Future<ConnectionTask<Socket>> Function(
              Uri url, String? proxyHost, int? proxyPort)?
          f);
  void set findProxy(String Function(Uri url)? f);
  void set authenticateProxy(
      Future<bool> Function(
              String host, int port, String scheme, String? realm)?
          f);
  void addProxyCredentials(
      String host, int port, String realm, HttpClientCredentials credentials);
  void set badCertificateCallback(BadCertificateCallback? callback);
  void set keyLog(void Function(String line)? callback);

  /// What environment variables say: `PROXY host:port` or `DIRECT`.
  static String findProxyFromEnvironment(Uri url,
      {Map<String, String>? environment}) {
    final overrides = HttpOverrides.current;
    return overrides == null
        ? _findProxyFromEnvironment(url, environment)
        : overrides.findProxyFromEnvironment(url, environment);
  }

  void close({bool force = false});
}

abstract interface class HttpClientRequest implements IOSink {
  abstract bool persistentConnection;
  abstract bool followRedirects;
  abstract int maxRedirects;
  abstract int contentLength;
  abstract bool bufferOutput;
  String get method;
  Uri get uri;
  HttpHeaders get headers;
  List<Cookie> get cookies;
  Future<HttpClientResponse> get done;
  Future<HttpClientResponse> close();
  HttpConnectionInfo? get connectionInfo;
  void abort([Object? exception, StackTrace? stackTrace]);
}

/// How a response's body compares with what was sent.
enum HttpClientResponseCompressionState {
  notCompressed,
  decompressed,
  compressed
}

abstract interface class HttpClientResponse implements Stream<List<int>> {
  int get statusCode;
  String get reasonPhrase;
  int get contentLength;
  HttpClientResponseCompressionState get compressionState;
  bool get persistentConnection;
  bool get isRedirect;
  List<RedirectInfo> get redirects;
  Future<HttpClientResponse> redirect(
      [String? method, Uri? url, bool? followLoops]);
  HttpHeaders get headers;
  Future<Socket> detachSocket();
  List<Cookie> get cookies;
  X509Certificate? get certificate;
  HttpConnectionInfo? get connectionInfo;
}

abstract interface class RedirectInfo {
  int get statusCode;
  String get method;
  Uri get location;
}

final class _RedirectInfo implements RedirectInfo {
  final int statusCode;
  final String method;
  final Uri location;

  _RedirectInfo(this.statusCode, this.method, this.location);
}

final class _HttpClient implements HttpClient {
  final SecurityContext? _context;
  Duration _idleTimeout = const Duration(seconds: 15);
  Duration? connectionTimeout;
  int? maxConnectionsPerHost;
  bool autoUncompress = true;
  String? userAgent = _defaultUserAgent;
  bool _isClosing = false;
  bool _isForced = false;
  final Map<String, _ConnectionTarget> _targets = {};
  final List<_SiteCredentials> _credentials = [];
  final List<_ProxyCredentials> _proxyCredentials = [];
  Future<bool> Function(Uri, String, String?)? _authenticate;
  Future<bool> Function(String, int, String, String?)? _authenticateProxy;
  String Function(Uri)? _findProxy = HttpClient.findProxyFromEnvironment;
  Future<ConnectionTask<Socket>> Function(Uri, String?, int?)?
      _connectionFactory;
  BadCertificateCallback? _badCertificateCallback;
  void Function(String line)? _keyLog;

  _HttpClient(this._context);

  /// With the two first numbers of the version.
  static final String _defaultUserAgent = 'Dart/'
      '${Platform.version.split('.').take(2).join('.')} (dart:io)';

  Duration get idleTimeout => _idleTimeout;

  void set idleTimeout(Duration value) {
    _idleTimeout = value;
    for (final target in _targets.values) {
      for (final connection in target._idle) {
        connection._watchIdle();
      }
    }
  }

  Future<HttpClientRequest> open(
      String method, String host, int port, String path) {
    final hash = path.indexOf('#');
    final whole = hash < 0 ? path : path.substring(0, hash);
    final question = whole.indexOf('?');
    final uri = Uri(
        scheme: 'http',
        host: host,
        port: port,
        path: question < 0 ? whole : whole.substring(0, question),
        query: question < 0 ? null : whole.substring(question + 1));
    return _open(method, uri);
  }

  Future<HttpClientRequest> openUrl(String method, Uri url) =>
      _open(method, url);

  Future<HttpClientRequest> get(String host, int port, String path) =>
      open('GET', host, port, path);
  Future<HttpClientRequest> getUrl(Uri url) => _open('GET', url);
  Future<HttpClientRequest> post(String host, int port, String path) =>
      open('POST', host, port, path);
  Future<HttpClientRequest> postUrl(Uri url) => _open('POST', url);
  Future<HttpClientRequest> put(String host, int port, String path) =>
      open('PUT', host, port, path);
  Future<HttpClientRequest> putUrl(Uri url) => _open('PUT', url);
  Future<HttpClientRequest> delete(String host, int port, String path) =>
      open('DELETE', host, port, path);
  Future<HttpClientRequest> deleteUrl(Uri url) => _open('DELETE', url);
  Future<HttpClientRequest> patch(String host, int port, String path) =>
      open('PATCH', host, port, path);
  Future<HttpClientRequest> patchUrl(Uri url) => _open('PATCH', url);
  Future<HttpClientRequest> head(String host, int port, String path) =>
      open('HEAD', host, port, path);
  Future<HttpClientRequest> headUrl(Uri url) => _open('HEAD', url);

  void set authenticate(Future<bool> Function(Uri, String, String?)? f) {
    _authenticate = f;
  }

  void set authenticateProxy(
      Future<bool> Function(String, int, String, String?)? f) {
    _authenticateProxy = f;
  }

  void addCredentials(
          Uri url, String realm, HttpClientCredentials credentials) =>
      _credentials.add(_SiteCredentials(
          url, realm, credentials as _HttpClientCredentials));

  void addProxyCredentials(String host, int port, String realm,
          HttpClientCredentials credentials) =>
      _proxyCredentials.add(_ProxyCredentials(
          host, port, realm, credentials as _HttpClientCredentials));

  void set connectionFactory(
      Future<ConnectionTask<Socket>> Function(Uri, String?, int?)? f) {
    _connectionFactory = f;
  }

  void set findProxy(String Function(Uri)? f) {
    _findProxy = f;
  }

  void set badCertificateCallback(
      bool Function(X509Certificate, String, int)? callback) {
    _badCertificateCallback = callback;
  }

  void set keyLog(void Function(String line)? callback) {
    _keyLog = callback;
  }

  void close({bool force = false}) {
    _isClosing = true;
    _isForced = force;
    for (final target in List.of(_targets.values)) {
      target.close(force);
    }
  }

  // ---- requests

  Future<_HttpClientRequest> _open(String name, Uri uri) {
    final method = name.toUpperCase();
    if (_isClosing) throw StateError('Client is closed');
    if (method != 'CONNECT') {
      if (uri.host.isEmpty) {
        throw ArgumentError('No host specified in URI $uri');
      }
      if (!uri.isScheme('http') && !uri.isScheme('https')) {
        throw ArgumentError("Unsupported scheme '${uri.scheme}' in URI $uri");
      }
    }
    final _ProxyConfiguration proxies;
    try {
      final find = _findProxy;
      proxies = _ProxyConfiguration(
          find == null ? 'DIRECT' : find(uri.removeFragment()));
    } catch (error, stackTrace) {
      return Future<_HttpClientRequest>.error(error, stackTrace);
    }
    return _connect(uri, proxies.proxies, 0).then<_HttpClientRequest>(
        (_ClientConnection connection) => connection.send(uri, method));
  }

  /// Tries the ways to the host one after the other.
  Future<_ClientConnection> _connect(
      Uri uri, List<_Proxy> proxies, int index) async {
    final proxy = proxies[index];
    try {
      return await _target(uri, proxy).connect();
    } catch (_) {
      if (index + 1 == proxies.length) rethrow;
      return _connect(uri, proxies, index + 1);
    }
  }

  _ConnectionTarget _target(Uri uri, _Proxy proxy) {
    final isSecure = uri.isScheme('https');
    final port =
        uri.port == 0 && !uri.hasPort ? (isSecure ? 443 : 80) : uri.port;
    // One connection to a proxy serves all hosts, unless it is a tunnel.
    final String host;
    final int at;
    if (proxy.isDirect || isSecure) {
      host = uri.host;
      at = port;
    } else {
      host = proxy.host!;
      at = proxy.port!;
    }
    final key = '${isSecure ? 'ssh' : ''}:$host:$at:${proxy.host}:${proxy.port}';
    return _targets[key] ??=
        _ConnectionTarget(this, key, uri, host, at, isSecure, proxy);
  }

  // ---- credentials

  _SiteCredentials? _findCredentials(Uri url, [String? scheme]) {
    _SiteCredentials? best;
    for (final credentials in _credentials) {
      if (!credentials.applies(url, scheme)) continue;
      if (best == null ||
          credentials.uri.path.length > best.uri.path.length) {
        best = credentials;
      }
    }
    return best;
  }

  _ProxyCredentials? _findProxyCredentials(_Proxy proxy, [String? scheme]) {
    for (final credentials in _proxyCredentials) {
      if (credentials.applies(proxy, scheme)) return credentials;
    }
    return null;
  }
}

/// The connections to one host, by one way.
final class _ConnectionTarget {
  final _HttpClient _client;
  final String _key;
  final Uri _uri;
  final String _host;
  final int _port;
  final bool _isSecure;
  final _Proxy _proxy;
  final Set<_ClientConnection> _idle = {};
  final Set<_ClientConnection> _active = {};
  final Queue<Completer<_ClientConnection>> _waiting = ListQueue();
  int _connecting = 0;

  _ConnectionTarget(this._client, this._key, this._uri, this._host, this._port,
      this._isSecure, this._proxy);

  Future<_ClientConnection> connect() {
    if (_idle.isNotEmpty) {
      final connection = _idle.first;
      _idle.remove(connection);
      _active.add(connection);
      connection._stopIdling();
      return Future<_ClientConnection>.value(connection);
    }
    final most = _client.maxConnectionsPerHost;
    if (most != null && _active.length + _connecting >= most) {
      final completer = Completer<_ClientConnection>();
      _waiting.add(completer);
      return completer.future;
    }
    return _open();
  }

  Future<_ClientConnection> _open() async {
    _connecting++;
    final Socket socket;
    try {
      socket = await _openSocket();
    } on SocketException catch (error) {
      _connecting--;
      _checkWaiting();
      if (error.message.startsWith('Connection timed out')) {
        throw SocketException(
            'HTTP connection timed out after ${_client.connectionTimeout}, '
            'host: $_host, port: $_port');
      }
      rethrow;
    } catch (_) {
      _connecting--;
      _checkWaiting();
      rethrow;
    }
    _connecting--;
    if (_client._isClosing && _client._isForced) {
      socket.destroy();
      throw HttpException('Client is closed', uri: _uri);
    }
    socket.setOption(SocketOption.tcpNoDelay, true);
    final connection = _ClientConnection(this, socket);
    _active.add(connection);
    return connection;
  }

  Future<Socket> _openSocket() async {
    final factory = _client._connectionFactory;
    final timeout = _client.connectionTimeout;
    if (factory != null) {
      final task = await factory(_uri, _proxy.host, _proxy.port);
      final socket = task.socket;
      if (timeout == null) return socket;
      return socket.timeout(timeout, onTimeout: () {
        task.cancel();
        throw SocketException('Connection timed out');
      });
    }
    if (!_proxy.isDirect) {
      final socket =
          await Socket.connect(_proxy.host, _proxy.port!, timeout: timeout);
      return _isSecure ? _tunnel(socket) : socket;
    }
    if (!_isSecure) {
      return Socket.connect(_host, _port, timeout: timeout);
    }
    return SecureSocket.connect(_host, _port,
        context: _client._context,
        onBadCertificate: _badCertificate,
        keyLog: _client._keyLog,
        timeout: timeout);
  }

  bool _badCertificate(X509Certificate certificate) =>
      _client._badCertificateCallback?.call(certificate, _host, _port) ??
      false;

  /// Asks the proxy for a connection through it, and encrypts that.
  Future<Socket> _tunnel(Socket socket) async {
    final connection = _ClientConnection(this, socket);
    final uri = Uri(host: _host, port: _port);
    final request = connection.send(uri, 'CONNECT');
    final credentials = _client._findProxyCredentials(_proxy);
    if (credentials != null) {
      credentials.authorize(request, HttpHeaders.proxyAuthorizationHeader);
    }
    final response = await request.close();
    if (response.statusCode != 200) {
      socket.destroy();
      throw HttpException(
          'Proxy failed to establish tunnel '
          '(${response.statusCode} ${response.reasonPhrase})',
          uri: uri);
    }
    connection._parser.detach();
    return SecureSocket.secure(socket,
        host: _host,
        context: _client._context,
        onBadCertificate: _badCertificate,
        keyLog: _client._keyLog);
  }

  void returned(_ClientConnection connection) {
    _active.remove(connection);
    if (_client._isClosing) {
      connection.destroy();
      return;
    }
    if (_waiting.isNotEmpty) {
      _active.add(connection);
      _waiting.removeFirst().complete(connection);
      return;
    }
    _idle.add(connection);
    connection._watchIdle();
  }

  void gone(_ClientConnection connection) {
    _idle.remove(connection);
    _active.remove(connection);
    _checkWaiting();
    if (_idle.isEmpty && _active.isEmpty && _connecting == 0 && _waiting.isEmpty) {
      _client._targets.remove(_key);
    }
  }

  void _checkWaiting() {
    final most = _client.maxConnectionsPerHost;
    while (_waiting.isNotEmpty &&
        (most == null || _active.length + _connecting < most)) {
      final next = _waiting.removeFirst();
      _open().then<void>(next.complete, onError: next.completeError);
    }
  }

  void close(bool force) {
    for (final connection in List.of(_idle)) {
      connection.destroy();
    }
    if (force) {
      for (final connection in List.of(_active)) {
        connection.destroy();
      }
    }
  }
}

/// One connection to a server, with one request on it at a time.
final class _ClientConnection {
  final _ConnectionTarget _target;
  final Socket socket;
  final _HttpWriter writer;
  late final _HttpParser _parser;
  _HttpClientRequest? _request;
  Timer? _idleTimer;
  bool _isGone = false;

  _ClientConnection(this._target, this.socket) : writer = _HttpWriter(socket) {
    _parser = _HttpParser(
        false, socket.listen(null), _onResponse, _onError, _onEnd);
  }

  _HttpClient get client => _target._client;

  _HttpClientRequest send(Uri uri, String method) {
    final request = _HttpClientRequest(this, uri, method, _target._proxy);
    _request = request;
    _parser.requestMethod = method;
    _parser.next();
    return request;
  }

  void _onResponse(_HttpIncoming incoming) {
    final status = incoming.statusCode;
    if (status ~/ 100 == 1 && status != 101) {
      // Not the answer yet.
      incoming.whenEnded(_parser.next);
      return;
    }
    _request?._respond(incoming);
  }

  void _onError(Object error, StackTrace stackTrace) {
    final request = _request;
    destroy();
    if (request == null) return;
    request._failResponse(
        error is HttpException ? HttpException(error.message, uri: request.uri) : error,
        stackTrace);
  }

  void _onEnd() {
    final request = _request;
    destroy();
    if (request == null || request._hasResponse) return;
    request._failResponse(
        HttpException('Connection closed before full header was received',
            uri: request.uri),
        StackTrace.current);
  }

  /// Request and response are over.
  void finished(_HttpIncoming incoming) {
    if (_isGone) return;
    final request = _request;
    if (!incoming.persistentConnection ||
        request == null ||
        !request.headers.persistentConnection ||
        !request._sent.isCompleted) {
      destroy();
      return;
    }
    _request = null;
    _parser.next();
    _target.returned(this);
  }

  void _watchIdle() {
    _idleTimer?.cancel();
    _idleTimer = Timer(client._idleTimeout, destroy);
  }

  void _stopIdling() => _idleTimer?.cancel();

  void destroy() {
    if (_isGone) return;
    _isGone = true;
    _idleTimer?.cancel();
    _parser.cancel();
    socket.destroy();
    _target.gone(this);
  }

  Future<Socket> detach() {
    _isGone = true;
    _idleTimer?.cancel();
    final rest = _parser.detach();
    _target.gone(this);
    return writer.flush().then<Socket>((_) => _DetachedSocket(socket, rest));
  }
}
