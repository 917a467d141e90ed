part of 'io.dart';

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
  void set badCertificateCallback(
      bool Function(X509Certificate cert, String host, int port)? callback);
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
  bool Function(X509Certificate, String, int)? _badCertificateCallback;

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

  void set keyLog(void Function(String line)? callback) {}

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
        onBadCertificate: _badCertificate);
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
      incoming.ended.future.then<void>((_) => _parser.next());
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

final class _HttpClientRequest extends _HttpSink implements HttpClientRequest {
  final _ClientConnection _connection;
  final Uri uri;
  final String method;
  final _Proxy _proxy;
  final Completer<HttpClientResponse> _response = Completer();
  final List<Cookie> cookies = [];
  bool _followRedirects = true;
  int _maxRedirects = 5;
  List<RedirectInfo> _redirects = [];
  bool _hasResponse = false;
  bool _isAborted = false;
  _SiteCredentials? _usedCredentials;
  _ProxyCredentials? _usedProxyCredentials;

  _HttpClientRequest(this._connection, this.uri, this.method, this._proxy)
      : super(_HttpHeaders('1.1',
            defaultPort: uri.isScheme('https') ? 443 : 80)) {
    _writer = _connection.writer;
    final client = _connection.client;
    headers.host = uri.host;
    headers.port = uri.hasPort || uri.hasScheme ? uri.port : null;
    if (client.userAgent != null) {
      headers.set(HttpHeaders.userAgentHeader, client.userAgent!);
    }
    headers.set(HttpHeaders.acceptEncodingHeader, 'gzip');
    if (method == 'GET' || method == 'HEAD') {
      headers.contentLength = 0;
    } else if (method == 'CONNECT') {
      headers.removeAll(HttpHeaders.acceptEncodingHeader);
      _ignoresBody = true;
    } else {
      headers.chunkedTransferEncoding = true;
    }
    if (uri.userInfo.isNotEmpty) {
      headers.set(HttpHeaders.authorizationHeader,
          'Basic ${base64.encode(utf8.encode(Uri.decodeComponent(uri.userInfo)))}');
    } else {
      final credentials = client._findCredentials(uri);
      if (credentials != null) {
        credentials.authorize(this, HttpHeaders.authorizationHeader);
      }
    }
    if (!_proxy.isDirect) {
      final credentials = client._findProxyCredentials(_proxy);
      if (credentials != null) {
        credentials.authorize(this, HttpHeaders.proxyAuthorizationHeader);
      }
    }
    // Whoever wants to know asks for the response.
    _response.future.ignore();
    _sent.future.ignore();
  }

  Uri? get _uri => uri;

  bool get followRedirects => _followRedirects;

  void set followRedirects(bool value) {
    if (_headWritten) throw StateError('Request already sent');
    _followRedirects = value;
  }

  int get maxRedirects => _maxRedirects;

  void set maxRedirects(int value) {
    if (_headWritten) throw StateError('Request already sent');
    _maxRedirects = value;
  }

  HttpConnectionInfo? get connectionInfo =>
      _HttpConnectionInfo.of(_connection.socket);

  Future<HttpClientResponse> get done => _response.future;

  Future<HttpClientResponse> close() {
    if (!_isAborted) super.close();
    return _response.future;
  }

  void abort([Object? exception, StackTrace? stackTrace]) {
    if (_response.isCompleted || _isAborted) return;
    _isAborted = true;
    _failed = true;
    _response.completeError(
        exception ?? const HttpException('Request has been aborted'),
        stackTrace ?? StackTrace.empty);
    _connection.destroy();
  }

  /// What the request line asks for.
  String get _target {
    if (method == 'CONNECT') return '${uri.host}:${uri.port}';
    final path = uri.path.isEmpty ? '/' : uri.path;
    final relative = uri.hasQuery ? '$path?${uri.query}' : path;
    if (_proxy.isDirect || uri.isScheme('https')) return relative;
    return _proxyUri;
  }

  String get _proxyUri => '${uri.removeFragment()}';

  void _beforeHead() {
    if (cookies.isNotEmpty) {
      headers.set(HttpHeaders.cookieHeader,
          [for (final cookie in cookies) '${cookie.name}=${cookie.value}'].join('; '));
    }
  }

  void _startLine(StringBuffer buffer) =>
      buffer.write('$method $_target HTTP/1.1\r\n');

  void _onSent() {}

  void _onFailed() {
    final failure = _sent.future;
    failure.then<void>((_) {}, onError: _failResponse);
    _connection.destroy();
  }

  void _failResponse(Object error, StackTrace stackTrace) {
    if (!_response.isCompleted) _response.completeError(error, stackTrace);
  }

  void _respond(_HttpIncoming incoming) {
    _hasResponse = true;
    final response =
        _HttpClientResponse(incoming, this, _connection.client);
    incoming.ended.future.then<void>((_) {
      if (!incoming.upgraded) _connection.finished(incoming);
    });
    _decide(response).then<void>((HttpClientResponse answer) {
      if (!_response.isCompleted) _response.complete(answer);
    }, onError: _failResponse);
  }

  /// Redirections and requests for credentials are dealt with here.
  Future<HttpClientResponse> _decide(_HttpClientResponse response) async {
    if (followRedirects && response.isRedirect) {
      if (_redirects.length >= maxRedirects) {
        response._drop();
        throw RedirectException('Redirect limit exceeded', _redirects);
      }
      response._drop();
      return response.redirect();
    }
    if (!_proxy.isDirect && response._asksProxyCredentials) {
      return _tryAgain(response, true);
    }
    if (response._asksCredentials) return _tryAgain(response, false);
    return response;
  }

  Future<HttpClientResponse> _tryAgain(
      _HttpClientResponse response, bool forProxy) async {
    final client = _connection.client;
    final challenge = response.headers[forProxy
        ? HttpHeaders.proxyAuthenticateHeader
        : HttpHeaders.wwwAuthenticateHeader];
    if (challenge == null || challenge.length != 1) return response;
    final asked = HeaderValue.parse(challenge[0], parameterSeparator: ',');
    final realm = asked.parameters['realm'];
    final scheme = asked.value.toLowerCase();
    if (scheme != 'basic' && scheme != 'digest') return response;
    final known = forProxy
        ? client._findProxyCredentials(_proxy, scheme)
        : client._findCredentials(uri, scheme);
    final isUsed = known != null &&
        (identical(known, _usedCredentials) ||
            identical(known, _usedProxyCredentials));
    if (known != null && !isUsed || known != null && known.isStale(asked)) {
      if (known.accepts(asked)) {
        response._drop();
        return _repeat();
      }
    }
    if (known != null && isUsed) known.remove(client);
    final bool more;
    if (forProxy) {
      final ask = client._authenticateProxy;
      if (ask == null) return response;
      more = await ask(_proxy.host!, _proxy.port!, asked.value, realm);
    } else {
      final ask = client._authenticate;
      if (ask == null) return response;
      more = await ask(uri, asked.value, realm);
    }
    if (!more) return response;
    final given = forProxy
        ? client._findProxyCredentials(_proxy, scheme)
        : client._findCredentials(uri, scheme);
    if (given == null || !given.accepts(asked)) return response;
    response._drop();
    return _repeat();
  }

  /// The same request again, without its body.
  Future<HttpClientResponse> _repeat() async {
    final again = await _connection.client._open(method, uri);
    _copyTo(again);
    again._redirects = _redirects;
    return again.close();
  }

  void _copyTo(_HttpClientRequest next) {
    headers.forEach((String name, List<String> values) {
      if (next.headers[name] == null &&
          name.toLowerCase() != HttpHeaders.contentLengthHeader &&
          name.toLowerCase() != HttpHeaders.transferEncodingHeader) {
        next.headers.set(name, values);
      }
    });
    next.headers.chunkedTransferEncoding = false;
    next.contentLength = 0;
    next
      ..followRedirects = followRedirects
      ..maxRedirects = maxRedirects;
  }
}

final class _HttpClientResponse extends Stream<List<int>>
    implements HttpClientResponse {
  final _HttpIncoming _incoming;
  final _HttpClientRequest _request;
  final HttpClientResponseCompressionState compressionState;
  List<Cookie>? _cookies;

  _HttpClientResponse(this._incoming, this._request, _HttpClient client)
      : compressionState = _compression(_incoming, client);

  static HttpClientResponseCompressionState _compression(
      _HttpIncoming incoming, _HttpClient client) {
    if (incoming.headers[HttpHeaders.contentEncodingHeader]?.first != 'gzip') {
      return HttpClientResponseCompressionState.notCompressed;
    }
    return client.autoUncompress
        ? HttpClientResponseCompressionState.decompressed
        : HttpClientResponseCompressionState.compressed;
  }

  StreamSubscription<List<int>> listen(void Function(List<int> event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    if (_incoming.upgraded) {
      return const Stream<List<int>>.empty().listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);
    }
    if (compressionState == HttpClientResponseCompressionState.decompressed) {
      return gzip.decoder.bind(_incoming).listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);
    }
    return _incoming.listen(onData,
        onError: onError, onDone: onDone, cancelOnError: cancelOnError);
  }

  /// Nobody wants the body.
  void _drop() => _incoming.listen((_) {}, onError: (_) {});

  int get statusCode => _incoming.statusCode;

  String get reasonPhrase => _incoming.reasonPhrase;

  int get contentLength =>
      compressionState == HttpClientResponseCompressionState.decompressed
          ? -1
          : _incoming.transferLength;

  bool get persistentConnection => _incoming.persistentConnection;

  HttpHeaders get headers => _incoming.headers;

  List<Cookie> get cookies =>
      _cookies ??= _incoming.headers._responseCookies();

  X509Certificate? get certificate {
    final Object socket = _request._connection.socket;
    return socket is SecureSocket ? socket.peerCertificate : null;
  }

  HttpConnectionInfo? get connectionInfo => _request.connectionInfo;

  List<RedirectInfo> get redirects => _request._redirects;

  bool get isRedirect => switch (_request.method) {
        'GET' || 'HEAD' => const [301, 302, 303, 307, 308].contains(statusCode),
        'POST' => statusCode == HttpStatus.seeOther,
        _ => false,
      };

  bool get _asksCredentials =>
      statusCode == HttpStatus.unauthorized &&
      headers[HttpHeaders.wwwAuthenticateHeader]?.length == 1;

  bool get _asksProxyCredentials =>
      statusCode == HttpStatus.proxyAuthenticationRequired &&
      headers[HttpHeaders.proxyAuthenticateHeader]?.length == 1;

  Future<HttpClientResponse> redirect(
      [String? method, Uri? url, bool? followLoops]) {
    final String next;
    if (method != null) {
      next = method;
    } else if (statusCode == HttpStatus.seeOther &&
        _request.method == 'POST') {
      next = 'GET';
    } else {
      next = _request.method;
    }
    Uri? to = url;
    if (to == null) {
      final location = headers.value(HttpHeaders.locationHeader);
      if (location == null) {
        throw StateError('Response has no Location header for redirect');
      }
      to = Uri.parse(location);
    }
    if (followLoops != true) {
      for (final redirect in redirects) {
        if (redirect.location == to) {
          return Future<HttpClientResponse>.error(
              RedirectException('Redirect loop detected', redirects));
        }
      }
    }
    return _follow(next, to);
  }

  Future<HttpClientResponse> _follow(String method, Uri to) async {
    final location = _request.uri.resolveUri(to);
    final request =
        await _request._connection.client._open(method, location);
    request._redirects = [
      ...redirects,
      _RedirectInfo(statusCode, method, to),
    ];
    _request.headers.forEach((String name, List<String> values) {
      final key = name.toLowerCase();
      // What is for one site only is not for another.
      if (!_sameSite(_request.uri, location) &&
          const [
            'authorization',
            'www-authenticate',
            'cookie',
            'cookie2',
          ].contains(key)) {
        return;
      }
      if (request.headers[name] == null &&
          key != HttpHeaders.contentLengthHeader &&
          key != HttpHeaders.transferEncodingHeader &&
          key != HttpHeaders.hostHeader) {
        request.headers.set(name, values);
      }
    });
    request
      ..headers.chunkedTransferEncoding = false
      ..contentLength = 0
      ..followRedirects = _request.followRedirects
      ..maxRedirects = _request.maxRedirects;
    return request.close();
  }

  static bool _sameSite(Uri from, Uri to) =>
      from.scheme == to.scheme &&
      from.port == to.port &&
      (to.host == from.host || to.host.endsWith('.${from.host}'));

  Future<Socket> detachSocket() => _request._connection.detach();
}
