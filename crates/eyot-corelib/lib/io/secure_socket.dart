part of 'io.dart';

/// What goes wrong with encryption.
class TlsException implements IOException {
  final String type;
  final String message;
  final OSError? osError;

  const TlsException([String message = '', OSError? osError])
      : this._('TlsException', message, osError);

  const TlsException._(this.type, this.message, this.osError);

  String toString() {
    final buffer = StringBuffer(type);
    if (message.isNotEmpty) {
      buffer.write(': $message');
      if (osError != null) buffer.write(' ($osError)');
    } else if (osError != null) {
      buffer.write(': $osError');
    }
    return buffer.toString();
  }
}

class HandshakeException extends TlsException {
  const HandshakeException([String message = '', OSError? osError])
      : super._('HandshakeException', message, osError);
}

class CertificateException extends TlsException {
  const CertificateException([String message = '', OSError? osError])
      : super._('CertificateException', message, osError);
}

/// A certificate, as it came.
abstract interface class X509Certificate {
  Uint8List get der;
  String get pem;
  Uint8List get sha1;
  String get subject;
  String get issuer;
  DateTime get startValidity;
  DateTime get endValidity;
}

final class _X509Certificate implements X509Certificate {
  final Uint8List der;
  final String subject;
  final String issuer;
  final DateTime startValidity;
  final DateTime endValidity;

  _X509Certificate._(this.der, this.subject, this.issuer, this.startValidity,
      this.endValidity);

  static _X509Certificate of(Uint8List der) {
    final parts =
        unsafeCast<List<Object?>>(_tls(_opDescribe, [der], TlsException.new));
    DateTime time(int index) => DateTime.fromMillisecondsSinceEpoch(
        unsafeCast<int>(parts[index]), isUtc: true);
    return _X509Certificate._(der, unsafeCast<String>(parts[0]),
        unsafeCast<String>(parts[1]), time(2), time(3));
  }

  String get pem {
    final buffer = StringBuffer('-----BEGIN CERTIFICATE-----\n');
    final text = base64.encode(der);
    for (int i = 0; i < text.length; i += 64) {
      buffer.writeln(
          text.substring(i, i + 64 < text.length ? i + 64 : text.length));
    }
    buffer.write('-----END CERTIFICATE-----\n');
    return buffer.toString();
  }

  Uint8List get sha1 => _sha1(der);
}

/// What a secure connection tells besides what any does.
abstract interface class SecureSocket implements Socket {
  static Future<SecureSocket> connect(dynamic host, int port,
          {SecurityContext? context,
          bool Function(X509Certificate certificate)? onBadCertificate,
          void Function(String line)? keyLog,
          List<String>? supportedProtocols,
          Duration? timeout}) =>
      _connectSecurely<SecureSocket>(host, port, context, onBadCertificate, keyLog,
              supportedProtocols, timeout, _SecureSocket.new)
          .then<SecureSocket>((task) => task.socket);

  static Future<ConnectionTask<SecureSocket>> startConnect(dynamic host, int port,
          {SecurityContext? context,
          bool Function(X509Certificate certificate)? onBadCertificate,
          void Function(String line)? keyLog,
          List<String>? supportedProtocols}) =>
      _connectSecurely<SecureSocket>(host, port, context, onBadCertificate, keyLog,
          supportedProtocols, null, _SecureSocket.new);

  /// Encrypts a connection, as a client.
  static Future<SecureSocket> secure(Socket socket,
          {dynamic host,
          SecurityContext? context,
          bool Function(X509Certificate certificate)? onBadCertificate,
          void Function(String line)? keyLog,
          List<String>? supportedProtocols}) {
    final endpoint = _endpointOf(socket);
    final name = host == null
        ? endpoint.remoteAddress.host
        : _hostName(host);
    return _Handshake.client(endpoint, name, context, onBadCertificate, keyLog,
            supportedProtocols)
        .done
        .then<SecureSocket>(_SecureSocket.new);
  }

  /// Encrypts a connection, as a server.
  static Future<SecureSocket> secureServer(
          Socket socket, SecurityContext? context,
          {List<int>? bufferedData,
          bool requestClientCertificate = false,
          bool requireClientCertificate = false,
          List<String>? supportedProtocols}) {
    return _Handshake.server(_endpointOf(socket), context,
            requestClientCertificate, requireClientCertificate,
            supportedProtocols, bufferedData)
        .done
        .then<SecureSocket>(_SecureSocket.new);
  }

  X509Certificate? get peerCertificate;

  String? get selectedProtocol;

  /// Does nothing: the protocol has no such thing any more.
  void renegotiate(
      {bool useSessionCache = true,
      bool requestClientCertificate = false,
      bool requireClientCertificate = false});
}

/// A listening socket whose connections are encrypted.
abstract interface class SecureServerSocket
    implements ServerSocketBase<SecureSocket> {
  static Future<SecureServerSocket> bind(
          dynamic address, int port, SecurityContext? context,
          {int backlog = 0,
          bool v6Only = false,
          bool requestClientCertificate = false,
          bool requireClientCertificate = false,
          List<String>? supportedProtocols,
          bool shared = false}) =>
      _listen(address, port, backlog, v6Only, shared)
          .then<SecureServerSocket>((_Endpoint endpoint) =>
              _SecureServerSocket(_SecureAcceptor<SecureSocket>(
                  endpoint,
                  context,
                  requestClientCertificate,
                  requireClientCertificate,
                  supportedProtocols,
                  _SecureSocket.new)));

  Future<SecureServerSocket> close();
}

abstract interface class RawSecureSocket implements RawSocket {
  static Future<RawSecureSocket> connect(dynamic host, int port,
          {SecurityContext? context,
          bool Function(X509Certificate certificate)? onBadCertificate,
          void Function(String line)? keyLog,
          List<String>? supportedProtocols,
          Duration? timeout}) =>
      _connectSecurely<RawSecureSocket>(host, port, context, onBadCertificate, keyLog,
              supportedProtocols, timeout, _RawSecureSocket.new)
          .then<RawSecureSocket>((task) => task.socket);

  static Future<ConnectionTask<RawSecureSocket>> startConnect(dynamic host, int port,
          {SecurityContext? context,
          bool Function(X509Certificate certificate)? onBadCertificate,
          void Function(String line)? keyLog,
          List<String>? supportedProtocols}) =>
      _connectSecurely<RawSecureSocket>(host, port, context, onBadCertificate, keyLog,
          supportedProtocols, null, _RawSecureSocket.new);

  static Future<RawSecureSocket> secure(RawSocket socket,
      {StreamSubscription<RawSocketEvent>? subscription,
      dynamic host,
      SecurityContext? context,
      bool Function(X509Certificate certificate)? onBadCertificate,
      void Function(String line)? keyLog,
      List<String>? supportedProtocols}) {
    final endpoint = _endpointOf(socket);
    final name =
        host == null ? endpoint.remoteAddress.host : _hostName(host);
    return _Handshake.client(endpoint, name, context, onBadCertificate, keyLog,
            supportedProtocols)
        .done
        .then<RawSecureSocket>(_RawSecureSocket.new);
  }

  static Future<RawSecureSocket> secureServer(
          RawSocket socket, SecurityContext? context,
          {StreamSubscription<RawSocketEvent>? subscription,
          List<int>? bufferedData,
          bool requestClientCertificate = false,
          bool requireClientCertificate = false,
          List<String>? supportedProtocols}) {
    return _Handshake.server(_endpointOf(socket), context,
            requestClientCertificate, requireClientCertificate,
            supportedProtocols, bufferedData)
        .done
        .then<RawSecureSocket>(_RawSecureSocket.new);
  }

  void renegotiate(
      {bool useSessionCache = true,
      bool requestClientCertificate = false,
      bool requireClientCertificate = false});

  X509Certificate? get peerCertificate;

  String? get selectedProtocol;
}

abstract interface class RawSecureServerSocket
    implements Stream<RawSecureSocket> {
  static Future<RawSecureServerSocket> bind(
          dynamic address, int port, SecurityContext? context,
          {int backlog = 0,
          bool v6Only = false,
          bool requestClientCertificate = false,
          bool requireClientCertificate = false,
          List<String>? supportedProtocols,
          bool shared = false}) =>
      _listen(address, port, backlog, v6Only, shared)
          .then<RawSecureServerSocket>((_Endpoint endpoint) =>
              _RawSecureServerSocket(
                  _SecureAcceptor<RawSecureSocket>(
                      endpoint,
                      context,
                      requestClientCertificate,
                      requireClientCertificate,
                      supportedProtocols,
                      _RawSecureSocket.new),
                  requestClientCertificate,
                  requireClientCertificate,
                  supportedProtocols));

  bool get requestClientCertificate;
  bool get requireClientCertificate;
  List<String>? get supportedProtocols;
  int get port;
  InternetAddress get address;
  Future<RawSecureServerSocket> close();
}

/// Connects, and makes a socket with [make] once the connection is encrypted.
Future<ConnectionTask<T>> _connectSecurely<T>(
    dynamic host,
    int port,
    SecurityContext? context,
    bool Function(X509Certificate certificate)? onBadCertificate,
    void Function(String line)? keyLog,
    List<String>? supportedProtocols,
    Duration? timeout,
    T Function(_Endpoint endpoint) make) async {
  final task = _connect(host, port, null, 0, timeout);
  final secured = task.socket.then<T>((_Endpoint endpoint) =>
      _Handshake.client(endpoint, _hostName(host), context, onBadCertificate,
              keyLog, supportedProtocols)
          .done
          .then<T>(make));
  return ConnectionTask<T>._(secured, task.cancel);
}

String _hostName(dynamic host) =>
    host is InternetAddress ? host.host : host as String;

/// Takes the endpoint of a connection, which can only be closed by itself then.
_Endpoint _endpointOf(Object socket) {
  final Object inner = socket is _DetachedSocket ? socket._socket : socket;
  final _Endpoint endpoint;
  if (inner is _Socket) {
    inner._closedRead = true;
    endpoint = inner._endpoint;
  } else if (inner is _RawSocket) {
    inner._isTaken = true;
    endpoint = inner._endpoint;
  } else {
    throw ArgumentError.value(socket, 'socket', 'Not a socket of dart:io');
  }
  endpoint
    ..disarm(3)
    ..onReadable = null
    ..onWritable = null;
  return endpoint;
}

/// What is known of a connection once its handshake is over.
mixin _Secured {
  _Endpoint get _endpoint;

  late final List<Object?> _about = unsafeCast<List<Object?>>(
      _tls(_opAbout, [_endpoint.handle], TlsException.new));

  late final X509Certificate? peerCertificate = switch (_about[1]) {
    final Uint8List der => _X509Certificate.of(der),
    _ => null,
  };

  late final String? selectedProtocol = _about[0] as String?;

  /// Looks at both while the endpoint is open.
  void _noteAbout() {
    peerCertificate;
    selectedProtocol;
  }

  void renegotiate(
      {bool useSessionCache = true,
      bool requestClientCertificate = false,
      bool requireClientCertificate = false}) {}
}

final class _SecureSocket extends _Socket with _Secured
    implements SecureSocket {
  _SecureSocket(super.endpoint) {
    _noteAbout();
  }
}

final class _RawSecureSocket extends _RawSocket with _Secured
    implements RawSecureSocket {
  _RawSecureSocket(super.endpoint) {
    _noteAbout();
  }

  bool get _tellsClosed => false;
}

/// The exchange before a connection is encrypted.
final class _Handshake {
  final _Endpoint _endpoint;
  final String _role;
  final bool Function(X509Certificate)? _onBadCertificate;

  /// Gets the secrets of the connection, a line each, as tools that read
  /// recorded traffic want them.
  final void Function(String line)? _keyLog;
  final Completer<_Endpoint> _done = Completer<_Endpoint>();

  Future<_Endpoint> get done => _done.future;

  _Handshake.client(this._endpoint, String host, SecurityContext? context,
      this._onBadCertificate, this._keyLog, List<String>? protocols)
      : _role = 'client' {
    _start(host, const [], () {
      final used = context ?? SecurityContext.defaultContext;
      return unsafeCast<_SecurityContext>(used)._clientConfig(protocols);
    });
  }

  _Handshake.server(this._endpoint, SecurityContext? context,
      bool requestsCertificate, bool requiresCertificate,
      List<String>? protocols, [List<int>? alreadyRead])
      : _role = 'server',
        _onBadCertificate = null,
        _keyLog = null {
    _start('localhost', alreadyRead ?? const [], () {
      final used = context ?? SecurityContext.defaultContext;
      return unsafeCast<_SecurityContext>(used)._serverConfig(
          protocols, requiresCertificate ? 2 : (requestsCertificate ? 1 : 0));
    });
  }

  void _start(String host, List<int> alreadyRead, int Function() config) {
    try {
      _tls(
          _opStart,
          [
            _endpoint.handle,
            config(),
            host,
            _keyLog != null,
            Uint8List.fromList(alreadyRead)
          ],
          HandshakeException.new);
    } catch (error, stackTrace) {
      _fail(error, stackTrace);
      return;
    }
    _endpoint
      .._isSecure = true
      ..onReadable = _go;
    _go();
  }

  void _go() {
    if (!_endpoint.isOpen) return;
    final answer =
        _endpointCall(_opShakeHands, [_endpoint.handle], null);
    if (!_tellKeys()) return;
    if (answer.length == 2) {
      final error = _osErrorOf(answer);
      _fail(
          HandshakeException('Handshake error in $_role', error),
          StackTrace.current);
    } else if (answer[0] == true) {
      _finish();
    } else {
      _endpoint.arm(_readable);
    }
  }

  /// Whether the handshake goes on.
  bool _tellKeys() {
    final keyLog = _keyLog;
    if (keyLog == null) return true;
    final lines = unsafeCast<List<Object?>>(
        _tls(_opKeys, [_endpoint.handle], TlsException.new));
    try {
      for (final line in lines) {
        keyLog(unsafeCast<String>(line));
      }
    } catch (error, stackTrace) {
      _fail(error, stackTrace);
      return false;
    }
    return true;
  }

  void _finish() {
    final about = unsafeCast<List<Object?>>(
        _tls(_opAbout, [_endpoint.handle], TlsException.new));
    final refusal = about[2];
    if (refusal is String) {
      final der = about[1];
      final ask = _onBadCertificate;
      bool accepted = false;
      if (ask != null && der is Uint8List) {
        try {
          accepted = ask(_X509Certificate.of(der));
        } catch (error, stackTrace) {
          _fail(error, stackTrace);
          return;
        }
      }
      if (!accepted) {
        _fail(
            HandshakeException('Handshake error in client',
                OSError('CERTIFICATE_VERIFY_FAILED: $refusal', 1)),
            StackTrace.current);
        return;
      }
    }
    _endpoint.onReadable = null;
    _done.complete(_endpoint);
  }

  void _fail(Object error, StackTrace stackTrace) {
    _endpoint.close();
    _done.completeError(error, stackTrace);
  }
}

/// Accepts connections and gives them on when they are encrypted.
final class _SecureAcceptor<T> {
  final SecurityContext? _context;
  final bool _requestsCertificate;
  final bool _requiresCertificate;
  final List<String>? _protocols;
  final T Function(_Endpoint) _make;
  late final _Acceptor<_Endpoint> _acceptor;
  StreamSubscription<_Endpoint>? _subscription;
  late final StreamController<T> controller = StreamController<T>(
      sync: true,
      onListen: _start,
      onPause: () => _subscription?.pause(),
      onResume: () => _subscription?.resume(),
      onCancel: close);

  _SecureAcceptor(_Endpoint endpoint, this._context, this._requestsCertificate,
      this._requiresCertificate, this._protocols, this._make) {
    _acceptor = _Acceptor<_Endpoint>(endpoint, (accepted) => accepted);
  }

  void _start() {
    _subscription = _acceptor.controller.stream.listen((_Endpoint accepted) {
      _Handshake.server(accepted, _context, _requestsCertificate,
              _requiresCertificate, _protocols)
          .done
          .then<void>((_Endpoint secured) {
        if (controller.isClosed) {
          secured.close();
        } else {
          controller.add(_make(secured));
        }
      }, onError: (Object error, StackTrace stackTrace) {
        if (!controller.isClosed) controller.addError(error, stackTrace);
      });
    }, onError: controller.addError, onDone: controller.close);
  }

  void close() {
    _acceptor.close();
    controller.close();
  }
}

abstract class _SecureServer<T> extends Stream<T> {
  final _SecureAcceptor<T> _secure;

  _SecureServer(this._secure);

  StreamSubscription<T> listen(void Function(T event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _secure.controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  void _checkOpen() {
    if (!_secure._acceptor._endpoint.isOpen) {
      throw const SocketException.closed();
    }
  }

  int get port {
    _checkOpen();
    return _secure._acceptor.port;
  }

  InternetAddress get address {
    _checkOpen();
    return _secure._acceptor.address;
  }
}

final class _SecureServerSocket extends _SecureServer<SecureSocket>
    implements SecureServerSocket {
  _SecureServerSocket(super.secure);

  Future<SecureServerSocket> close() {
    _secure.close();
    return Future<SecureServerSocket>.value(this);
  }
}

final class _RawSecureServerSocket extends _SecureServer<RawSecureSocket>
    implements RawSecureServerSocket {
  final bool requestClientCertificate;
  final bool requireClientCertificate;
  final List<String>? supportedProtocols;

  _RawSecureServerSocket(super.secure, this.requestClientCertificate,
      this.requireClientCertificate, this.supportedProtocols);

  Future<RawSecureServerSocket> close() {
    _secure.close();
    return Future<RawSecureServerSocket>.value(this);
  }
}
