part of 'io.dart';

/// Serves HTTP: a stream of requests.
abstract class HttpServer implements Stream<HttpRequest> {
  static Future<HttpServer> bind(dynamic address, int port,
      {int backlog = 0, bool v6Only = false, bool shared = false}) async {
    final socket = await ServerSocket.bind(address, port,
        backlog: backlog, v6Only: v6Only, shared: shared);
    return _HttpServer(socket, true);
  }

  static Future<HttpServer> bindSecure(
      dynamic address, int port, SecurityContext context,
      {int backlog = 0,
      bool v6Only = false,
      bool requestClientCertificate = false,
      bool shared = false}) async {
    final socket = await SecureServerSocket.bind(address, port, context,
        backlog: backlog,
        v6Only: v6Only,
        requestClientCertificate: requestClientCertificate,
        shared: shared);
    return _HttpServer(socket, true);
  }

  factory HttpServer.listenOn(ServerSocket serverSocket) =>
      _HttpServer(serverSocket, false);

  abstract String? serverHeader;

  /// Fields that each response starts with.
  HttpHeaders get defaultResponseHeaders;

  abstract bool autoCompress;

  /// How long a connection may be idle; null for ever.
  abstract Duration? idleTimeout;

  Future<dynamic> close({bool force = false});

  int get port;

  InternetAddress get address;

  void set sessionTimeout(int timeout);

  HttpConnectionsInfo connectionsInfo();
}

class HttpConnectionsInfo {
  int total = 0;
  int active = 0;
  int idle = 0;
  int closing = 0;
}

abstract interface class HttpRequest implements Stream<Uint8List> {
  int get contentLength;
  String get method;
  Uri get uri;
  Uri get requestedUri;
  HttpHeaders get headers;
  List<Cookie> get cookies;
  bool get persistentConnection;
  X509Certificate? get certificate;
  HttpSession get session;
  String get protocolVersion;
  HttpConnectionInfo? get connectionInfo;
  HttpResponse get response;
}

abstract interface class HttpResponse implements IOSink {
  abstract int contentLength;
  abstract int statusCode;
  abstract String reasonPhrase;
  abstract bool persistentConnection;
  abstract Duration? deadline;
  abstract bool bufferOutput;
  HttpHeaders get headers;
  List<Cookie> get cookies;
  Future<dynamic> redirect(Uri location,
      {int status = HttpStatus.movedTemporarily});
  Future<Socket> detachSocket({bool writeHeaders = true});
  HttpConnectionInfo? get connectionInfo;
}

/// What a server remembers of a client; a map for the program.
abstract interface class HttpSession implements Map<dynamic, dynamic> {
  String get id;
  void destroy();
  void set onTimeout(void Function() callback);
  bool get isNew;
}

final class _HttpServer extends Stream<HttpRequest> implements HttpServer {
  final ServerSocketBase<Socket> _socket;
  final bool _ownsSocket;
  String? serverHeader;
  bool autoCompress = false;
  Duration? _idleTimeout = const Duration(seconds: 120);
  final _HttpHeaders defaultResponseHeaders = _defaultHeaders();
  final Set<_ServerConnection> _connections = {};
  final _Sessions _sessions = _Sessions();
  final Stopwatch _clock = Stopwatch()..start();
  bool _isClosed = false;
  StreamSubscription<Socket>? _subscription;
  late final StreamController<HttpRequest> _controller =
      StreamController<HttpRequest>(
          sync: true,
          onListen: _start,
          onPause: () => _subscription?.pause(),
          onResume: () => _subscription?.resume(),
          onCancel: close);

  _HttpServer(this._socket, this._ownsSocket);

  static _HttpHeaders _defaultHeaders() => _HttpHeaders('1.1')
    ..contentType = ContentType.text
    ..set('X-Frame-Options', 'SAMEORIGIN')
    ..set('X-Content-Type-Options', 'nosniff')
    ..set('X-XSS-Protection', '1; mode=block');

  StreamSubscription<HttpRequest> listen(
          void Function(HttpRequest event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  void _start() {
    _subscription = _socket.listen((Socket socket) {
      if (_isClosed) {
        socket.destroy();
        return;
      }
      socket.setOption(SocketOption.tcpNoDelay, true);
      _connections.add(_ServerConnection(socket, this));
    }, onError: (Object error, StackTrace stackTrace) {
      // One connection that could not be accepted is nobody's failure.
      if (error is! HandshakeException) {
        _controller.addError(error, stackTrace);
      }
    }, onDone: _controller.close);
  }

  void _handle(HttpRequest request) {
    if (!_isClosed) _controller.add(request);
  }

  Duration? get idleTimeout => _idleTimeout;

  void set idleTimeout(Duration? value) {
    _idleTimeout = value;
    for (final connection in _connections) {
      connection._watchIdle();
    }
  }

  Future<dynamic> close({bool force = false}) {
    if (!_isClosed || force) {
      final first = !_isClosed;
      _isClosed = true;
      for (final connection in List.of(_connections)) {
        if (force || connection.isIdle) connection.destroy();
      }
      _sessions.close();
      if (first) {
        final Future<dynamic> done;
        if (_ownsSocket) {
          done = _socket.close();
        } else {
          done = _subscription?.cancel() ?? Future<dynamic>.value();
        }
        _controller.close();
        return done.then<dynamic>((_) => this);
      }
    }
    return Future<dynamic>.value(this);
  }

  int get port {
    if (_isClosed) {
      throw const HttpException('HttpServer is not bound to a socket');
    }
    return _socket.port;
  }

  InternetAddress get address {
    if (_isClosed) {
      throw const HttpException('HttpServer is not bound to a socket');
    }
    return _socket.address;
  }

  void set sessionTimeout(int timeout) {
    _sessions.timeout = Duration(seconds: timeout);
  }

  HttpConnectionsInfo connectionsInfo() {
    final info = HttpConnectionsInfo();
    for (final connection in _connections) {
      info.total++;
      if (connection.isIdle) {
        info.idle++;
      } else if (connection.isClosing) {
        info.closing++;
      } else {
        info.active++;
      }
    }
    return info;
  }
}

/// One client: requests one after the other.
final class _ServerConnection {
  final Socket socket;
  final _HttpServer server;
  final _HttpWriter writer;
  late final _HttpParser _parser;
  Timer? _idleTimer;

  /// By the server's clock.
  int _idleSince = 0;
  bool isIdle = true;
  bool isClosing = false;
  bool _isDetached = false;

  _ServerConnection(this.socket, this.server) : writer = _HttpWriter(socket) {
    _parser = _HttpParser(
        true, socket.listen(null), _onRequest, _onError, destroy);
    _watchIdle();
  }

  void _onRequest(_HttpIncoming incoming) {
    isIdle = false;
    if (incoming.expectsContinue) {
      writer.add(ascii.encode('HTTP/1.1 100 Continue\r\n\r\n'));
    }
    final request = _HttpRequest(incoming, this);
    final response = _HttpResponse(this, request);
    request.response = response;
    server._handle(request);
  }

  /// A response is sent; the next request may come once the last is read.
  void finished(_HttpRequest request, _HttpResponse response) {
    if (_isDetached) return;
    if (!response.headers.persistentConnection || server._isClosed) {
      close();
      return;
    }
    final incoming = request._incoming;
    if (!incoming.hasSubscriber && !incoming.isEnded) {
      // Nobody wants the body: it is read and dropped.
      incoming.listen((_) {}, onError: (_) {});
    }
    if (incoming.isEnded) {
      _goOn();
    } else {
      incoming.whenEnded(_goOn);
    }
  }

  void _goOn() {
    if (isClosing) return;
    isIdle = true;
    _idleSince = server._clock.elapsedMicroseconds;
    if (_idleTimer == null) _startTimer(server._idleTimeout);
    _parser.next();
  }

  /// From now on it is idle, if it is.
  void _watchIdle() {
    _idleTimer?.cancel();
    _idleTimer = null;
    _idleSince = server._clock.elapsedMicroseconds;
    _startTimer(server._idleTimeout);
  }

  void _startTimer(Duration? wait) {
    if (wait != null) _idleTimer = Timer(wait, _timeIsUp);
  }

  /// The timer is left alone while requests come; what has been meanwhile is
  /// asked here.
  void _timeIsUp() {
    _idleTimer = null;
    final timeout = server._idleTimeout;
    if (timeout == null || !isIdle || !_parser.isIdle) return;
    final idle = server._clock.elapsedMicroseconds - _idleSince;
    final left = timeout.inMicroseconds - idle;
    if (left > 0) {
      _startTimer(Duration(microseconds: left));
    } else {
      destroy();
    }
  }

  void _onError(Object error, StackTrace stackTrace) {
    // Whoever sends no requests gets no answers.
    destroy();
  }

  void close() {
    isClosing = true;
    writer.flush().then<void>((_) => socket.close()).then<void>((_) => destroy(),
        onError: (_) => destroy());
  }

  void destroy() {
    isClosing = true;
    _idleTimer?.cancel();
    server._connections.remove(this);
    if (!_isDetached) {
      _parser.cancel();
      socket.destroy();
    }
  }

  Future<Socket> detach() {
    _isDetached = true;
    _idleTimer?.cancel();
    server._connections.remove(this);
    final rest = _parser.detach();
    return writer
        .flush()
        .then<Socket>((_) => _DetachedSocket(socket, rest));
  }
}

final class _HttpRequest extends Stream<Uint8List> implements HttpRequest {
  final _HttpIncoming _incoming;
  final _ServerConnection _connection;
  late final HttpResponse response;
  List<Cookie>? _cookies;
  _HttpSession? _session;
  late final Uri uri = _parseTarget();

  _HttpRequest(this._incoming, this._connection);

  Uri _parseTarget() {
    final target = _incoming.target;
    // An absolute path that starts with two slashes has no authority.
    if (target.startsWith('//')) return Uri.parse('${Uri(path: '/')}.$target');
    return Uri.tryParse(target) ?? Uri(path: target);
  }

  StreamSubscription<Uint8List> listen(void Function(Uint8List event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _incoming.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  int get contentLength => _incoming.transferLength;

  String get method => _incoming.method;

  Uri get requestedUri {
    if (uri.hasScheme && uri.hasAuthority) return uri;
    final proto = headers['x-forwarded-proto'];
    final scheme = proto != null
        ? proto.first
        : _connection.socket is SecureSocket
            ? 'https'
            : 'http';
    final hosts = headers['x-forwarded-host'] ?? headers[HttpHeaders.hostHeader];
    final host = hosts != null
        ? hosts.first
        : '${_connection.server.address.host}:${_connection.server.port}';
    return Uri.parse('$scheme://$host$uri');
  }

  HttpHeaders get headers => _incoming.headers;

  List<Cookie> get cookies =>
      _cookies ??= _incoming.headers._requestCookies();

  bool get persistentConnection => _incoming.persistentConnection;

  X509Certificate? get certificate {
    final Object socket = _connection.socket;
    return socket is SecureSocket ? socket.peerCertificate : null;
  }

  String get protocolVersion => _incoming.headers.protocolVersion;

  HttpConnectionInfo? get connectionInfo =>
      _HttpConnectionInfo.of(_connection.socket);

  HttpSession get session {
    final known = _session;
    if (known != null && !known._isDestroyed) return known;
    final sessions = _connection.server._sessions;
    for (final cookie in cookies) {
      if (cookie.name.toUpperCase() != _sessionCookie) continue;
      final found = sessions.find(cookie.value);
      if (found != null) return _session = found;
    }
    return _session = sessions.create();
  }
}

const String _sessionCookie = 'DARTSESSID';

final class _HttpResponse extends _HttpSink implements HttpResponse {
  final _ServerConnection _connection;
  final _HttpRequest _request;
  int _status = 200;
  String? _reason;
  List<Cookie>? _cookies;
  Duration? _deadline;
  Timer? _deadlineTimer;
  bool _isDetached = false;

  _HttpResponse(this._connection, this._request)
      : super(_HttpHeaders(_request.protocolVersion,
            initial: _connection.server.defaultResponseHeaders)) {
    _writer = _connection.writer;
    final server = _connection.server.serverHeader;
    if (server != null) headers.set(HttpHeaders.serverHeader, server);
    if (_request.method == 'HEAD') _ignoresBody = true;
    if (headers.protocolVersion == '1.0') {
      // Keeping it open needs a length, which is not known yet.
      headers._persistentConnection = false;
    } else {
      headers.chunkedTransferEncoding = true;
      if (!_request._incoming.persistentConnection) {
        headers.persistentConnection = false;
      }
    }
  }

  int get statusCode => _status;

  void set statusCode(int status) {
    if (_headWritten) throw StateError('Header already sent');
    _status = status;
  }

  String get reasonPhrase => _reason ?? _reasonPhrase(_status);

  void set reasonPhrase(String value) {
    if (_headWritten) throw StateError('Header already sent');
    _reason = value;
  }

  List<Cookie> get cookies => _cookies ??= [];

  Duration? get deadline => _deadline;

  void set deadline(Duration? value) {
    _deadlineTimer?.cancel();
    _deadline = value;
    if (value == null || _sent.isCompleted) return;
    _deadlineTimer = Timer(value, _connection.destroy);
  }

  HttpConnectionInfo? get connectionInfo =>
      _HttpConnectionInfo.of(_connection.socket);

  Future<dynamic> redirect(Uri location,
      {int status = HttpStatus.movedTemporarily}) {
    if (_headWritten) throw StateError('Header already sent');
    statusCode = status;
    headers.set(HttpHeaders.locationHeader, '$location');
    return close();
  }

  Future<Socket> detachSocket({bool writeHeaders = true}) {
    if (_headWritten) throw StateError('Headers already sent');
    deadline = null;
    _isDetached = true;
    if (writeHeaders) {
      // What follows is not HTTP's.
      headers.chunkedTransferEncoding = false;
      _writeHead();
    } else {
      _headWritten = true;
    }
    _isClosed = true;
    final socket = _connection.detach();
    if (!_sent.isCompleted) _sent.complete(this);
    return socket;
  }

  void _beforeHead() {
    final session = _request._session;
    if (session != null && !session._isDestroyed) {
      session._isNew = false;
      final all = cookies;
      bool found = false;
      for (final cookie in all) {
        if (cookie.name.toUpperCase() == _sessionCookie) {
          cookie
            ..value = session.id
            ..httpOnly = true
            ..path = '/';
          found = true;
        }
      }
      if (!found) {
        all.add(Cookie(_sessionCookie, session.id)
          ..httpOnly = true
          ..path = '/');
      }
    }
    for (final cookie in _cookies ?? const <Cookie>[]) {
      headers.add(HttpHeaders.setCookieHeader, cookie);
    }
    if (_status ~/ 100 == 1 || _status == 204 || _status == 304) {
      _ignoresBody = _ignoresBody || _status != 101;
      headers.chunkedTransferEncoding = false;
      if (_status == 204) headers.contentLength = -1;
      headers.chunkedTransferEncoding = false;
    }
    if (headers.protocolVersion == '1.0' && headers.contentLength < 0) {
      headers._persistentConnection = false;
    }
    if (_connection.server.autoCompress &&
        bufferOutput &&
        headers.chunkedTransferEncoding &&
        headers[HttpHeaders.contentEncodingHeader] == null &&
        _acceptsGzip()) {
      headers.set(HttpHeaders.contentEncodingHeader, 'gzip');
      _compressor =
          gzip.encoder.startChunkedConversion(_CallSink(_frame));
    }
  }

  bool _acceptsGzip() {
    final accepted = _request.headers[HttpHeaders.acceptEncodingHeader];
    if (accepted == null) return false;
    return accepted
        .expand((list) => list.split(','))
        .any((encoding) => encoding.trim().toLowerCase() == 'gzip');
  }

  String get _startLine =>
      'HTTP/${headers.protocolVersion} $_status $reasonPhrase\r\n';

  void _onSent() {
    _deadlineTimer?.cancel();
    if (!_isDetached) _connection.finished(_request, this);
  }

  void _onFailed() {
    _deadlineTimer?.cancel();
    _connection.destroy();
  }
}

/// A sink that is a function.
final class _CallSink implements Sink<List<int>> {
  final void Function(List<int>) _add;

  _CallSink(this._add);

  void add(List<int> data) => _add(data);

  void close() {}
}

/// The sessions of a server; each ends after a time without use.
final class _Sessions {
  final Map<String, _HttpSession> _byId = {};
  Duration timeout = const Duration(minutes: 20);
  final Random _random = Random.secure();

  _HttpSession create() {
    final id = [
      for (int i = 0; i < 16; i++)
        _random.nextInt(256).toRadixString(16).padLeft(2, '0')
    ].join().toUpperCase();
    final session = _HttpSession(this, id);
    _byId[id] = session;
    session._touch();
    return session;
  }

  _HttpSession? find(String id) => _byId[id]?.._touch();

  void close() {
    for (final session in _byId.values) {
      session._timer?.cancel();
    }
    _byId.clear();
  }
}

final class _HttpSession extends MapBase<dynamic, dynamic>
    implements HttpSession {
  final _Sessions _sessions;
  final String id;
  final Map<dynamic, dynamic> _data = {};
  bool _isNew = true;
  bool _isDestroyed = false;
  void Function()? _onTimeout;
  Timer? _timer;

  _HttpSession(this._sessions, this.id);

  void _touch() {
    _timer?.cancel();
    _timer = Timer(_sessions.timeout, () {
      _onTimeout?.call();
      destroy();
    });
  }

  void destroy() {
    _isDestroyed = true;
    _timer?.cancel();
    _sessions._byId.remove(id);
  }

  void set onTimeout(void Function() callback) {
    _onTimeout = callback;
  }

  bool get isNew => _isNew;

  dynamic operator [](Object? key) => _data[key];

  void operator []=(dynamic key, dynamic value) {
    _data[key] = value;
  }

  Iterable<dynamic> get keys => _data.keys;

  dynamic remove(Object? key) => _data.remove(key);

  void clear() => _data.clear();

  String toString() => 'HttpSession id:$id $_data';
}
