part of 'io.dart';

/// A request; redirections and demands for credentials are dealt with before the
/// program gets a response.
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

  /// Completes when the connection serves others, or is closed.
  final Completer<void> _freed = Completer<void>();
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

  String get _startLine => '$method $_target HTTP/1.1\r\n';

  void _onSent() {}

  /// The response that will never come says so.
  void _onLeft() {}

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
    incoming.onEnded = () => _onResponseEnd(incoming);
    _decide(response).then<void>((HttpClientResponse answer) {
      if (!_response.isCompleted) _response.complete(answer);
    }, onError: _failResponse);
  }

  /// The connection is free for others before the program hears of the end.
  void _onResponseEnd(_HttpIncoming incoming) {
    if (incoming.upgraded) return;
    void free() {
      _connection.finished(incoming);
      _freed.complete();
    }

    if (_sent.isCompleted || !_isClosed) {
      free();
    } else {
      // The last of the request is not known to be sent yet.
      _sent.future.then<void>((_) => free(), onError: (_) => free());
    }
  }

  /// Redirections and requests for credentials are dealt with here.
  Future<HttpClientResponse> _decide(_HttpClientResponse response) async {
    if (followRedirects && response.isRedirect) {
      if (_redirects.length >= maxRedirects) {
        response._drop().ignore();
        throw RedirectException('Redirect limit exceeded', _redirects);
      }
      await response._drop();
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
        await response._drop();
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
    await response._drop();
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
    if (!incoming.isEncoded ||
        incoming.headers[HttpHeaders.contentEncodingHeader]?.first != 'gzip') {
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

  /// Nobody wants the body; once it is through the connection is free again.
  Future<void> _drop() {
    _incoming.listen((_) {}, onError: (_) {});
    return _request._freed.future;
  }

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
