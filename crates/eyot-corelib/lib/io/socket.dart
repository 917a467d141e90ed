part of 'io.dart';

/// What goes wrong with sockets.
class SocketException implements IOException {
  final String message;
  final OSError? osError;
  final InternetAddress? address;
  final int? port;

  const SocketException(this.message, {this.osError, this.address, this.port});

  const SocketException.closed()
      : message = 'Socket has been closed',
        osError = null,
        address = null,
        port = null;

  String toString() {
    final buffer = StringBuffer('SocketException');
    final error = osError;
    if (message.isNotEmpty) {
      buffer.write(': $message');
      if (error != null) buffer.write(' ($error)');
    } else if (error != null) {
      buffer.write(': $error');
    }
    final where = address;
    if (where != null) buffer.write(', address = ${where.host}');
    if (port != null) buffer.write(', port = $port');
    return buffer.toString();
  }
}

/// A direction of a connection.
final class SocketDirection {
  static const SocketDirection receive = SocketDirection._(0);
  static const SocketDirection send = SocketDirection._(1);
  static const SocketDirection both = SocketDirection._(2);

  final int _number;

  const SocketDirection._(this._number);
}

/// What a plain option of a socket switches.
final class SocketOption {
  /// Small pieces are sent at once.
  static const SocketOption tcpNoDelay = SocketOption._(1);

  final int _number;

  const SocketOption._(this._number);
}

/// An option as the system knows it.
final class RawSocketOption {
  final int level;
  final int option;
  final Uint8List value;

  const RawSocketOption(this.level, this.option, this.value);

  factory RawSocketOption.fromInt(int level, int option, int value) {
    final bytes = Uint8List(4);
    ByteData.sublistView(bytes).setInt32(0, value, Endian.host);
    return RawSocketOption(level, option, bytes);
  }

  factory RawSocketOption.fromBool(int level, int option, bool value) =>
      RawSocketOption.fromInt(level, option, value ? 1 : 0);

  // The numbers are Linux's.
  static int get levelSocket => 1;
  static int get levelIPv4 => 0;
  static int get IPv4MulticastInterface => 32;
  static int get levelIPv6 => 41;
  static int get IPv6MulticastInterface => 17;
  static int get levelTcp => 6;
  static int get levelUdp => 17;
}

/// What a raw socket tells.
class RawSocketEvent {
  static const RawSocketEvent read = RawSocketEvent._(0);
  static const RawSocketEvent write = RawSocketEvent._(1);
  static const RawSocketEvent readClosed = RawSocketEvent._(2);
  static const RawSocketEvent closed = RawSocketEvent._(3);

  static const List<String> _names = ['read', 'write', 'readClosed', 'closed'];

  final int _number;

  const RawSocketEvent._(this._number);

  String toString() => 'RawSocketEvent.${_names[_number]}';
}

/// A connection that is being made, and can be given up.
final class ConnectionTask<S> {
  final Future<S> socket;
  final void Function() _onCancel;

  ConnectionTask._(this.socket, this._onCancel);

  static ConnectionTask<T> fromSocket<T extends Socket>(
          Future<T> socket, void Function() onCancel) =>
      ConnectionTask<T>._(socket, onCancel);

  void cancel() => _onCancel();
}

/// A listening socket that gives raw sockets.
abstract interface class RawServerSocket implements Stream<RawSocket> {
  static Future<RawServerSocket> bind(dynamic address, int port,
          {int backlog = 0, bool v6Only = false, bool shared = false}) =>
      _listen(address, port, backlog, v6Only, shared)
          .then<RawServerSocket>(_RawServerSocket.new);

  int get port;

  InternetAddress get address;

  Future<RawServerSocket> close();
}

/// What listening sockets have, encrypted or not.
abstract interface class ServerSocketBase<T extends Socket>
    implements Stream<T> {
  int get port;

  InternetAddress get address;

  Future<ServerSocketBase<T>> close();
}

/// A listening socket.
abstract interface class ServerSocket implements ServerSocketBase<Socket> {
  static Future<ServerSocket> bind(dynamic address, int port,
      {int backlog = 0, bool v6Only = false, bool shared = false}) {
    final overrides = IOOverrides.current;
    if (overrides != null) {
      return overrides.serverSocketBind(address, port,
          backlog: backlog, v6Only: v6Only, shared: shared);
    }
    return _bind(address, port, backlog, v6Only, shared);
  }

  static Future<ServerSocket> _bind(dynamic address, int port, int backlog,
          bool v6Only, bool shared) =>
      _listen(address, port, backlog, v6Only, shared)
          .then<ServerSocket>(_ServerSocket.new);

  int get port;

  InternetAddress get address;

  Future<ServerSocket> close();
}

/// A connection, by events: the program reads and writes when it may.
abstract interface class RawSocket implements Stream<RawSocketEvent> {
  abstract bool readEventsEnabled;
  abstract bool writeEventsEnabled;

  static Future<RawSocket> connect(dynamic host, int port,
          {dynamic sourceAddress, int sourcePort = 0, Duration? timeout}) =>
      _connect(host, port, sourceAddress, sourcePort, timeout)
          .socket
          .then<RawSocket>(_RawSocket.new);

  static Future<ConnectionTask<RawSocket>> startConnect(dynamic host, int port,
      {dynamic sourceAddress, int sourcePort = 0}) async {
    final task = _connect(host, port, sourceAddress, sourcePort, null);
    return ConnectionTask<RawSocket>._(
        task.socket.then<RawSocket>(_RawSocket.new), task.cancel);
  }

  int available();

  /// At most [len] bytes, or all that are there; null if there are none.
  Uint8List? read([int? len]);

  SocketMessage? readMessage([int? count]);

  /// How many bytes were taken.
  int write(List<int> buffer, [int offset = 0, int? count]);

  int sendMessage(List<SocketControlMessage> controlMessages, List<int> data,
      [int offset = 0, int? count]);

  int get port;

  int get remotePort;

  InternetAddress get address;

  InternetAddress get remoteAddress;

  Future<RawSocket> close();

  void shutdown(SocketDirection direction);

  bool setOption(SocketOption option, bool enabled);

  Uint8List getRawOption(RawSocketOption option);

  void setRawOption(RawSocketOption option);
}

/// A connection: a stream of what comes, a sink for what goes.
abstract interface class Socket implements Stream<Uint8List>, IOSink {
  static Future<Socket> connect(dynamic host, int port,
      {dynamic sourceAddress, int sourcePort = 0, Duration? timeout}) {
    final overrides = IOOverrides.current;
    if (overrides != null) {
      return overrides.socketConnect(host, port,
          sourceAddress: sourceAddress,
          sourcePort: sourcePort,
          timeout: timeout);
    }
    return _connect_(host, port, sourceAddress, sourcePort, timeout);
  }

  static Future<Socket> _connect_(dynamic host, int port, dynamic sourceAddress,
          int sourcePort, Duration? timeout) =>
      _connect(host, port, sourceAddress, sourcePort, timeout)
          .socket
          .then<Socket>(_Socket.new);

  static Future<ConnectionTask<Socket>> startConnect(dynamic host, int port,
      {dynamic sourceAddress, int sourcePort = 0}) {
    final overrides = IOOverrides.current;
    if (overrides != null) {
      return overrides.socketStartConnect(host, port,
          sourceAddress: sourceAddress, sourcePort: sourcePort);
    }
    return _startConnect(host, port, sourceAddress, sourcePort);
  }

  static Future<ConnectionTask<Socket>> _startConnect(dynamic host, int port,
      dynamic sourceAddress, int sourcePort) async {
    final task = _connect(host, port, sourceAddress, sourcePort, null);
    return ConnectionTask<Socket>._(
        task.socket.then<Socket>(_Socket.new), task.cancel);
  }

  /// Closes both directions at once; what was not sent yet may be lost.
  void destroy();

  bool setOption(SocketOption option, bool enabled);

  Uint8List getRawOption(RawSocketOption option);

  void setRawOption(RawSocketOption option);

  int get port;

  int get remotePort;

  InternetAddress get address;

  InternetAddress get remoteAddress;

  /// Ends the sending direction.
  Future<dynamic> close();

  Future<dynamic> get done;
}

/// One packet that has come.
final class Datagram {
  Uint8List data;
  InternetAddress address;
  int port;

  Datagram(this.data, this.address, this.port);
}

/// Data, and what came with it.
final class SocketMessage {
  final Uint8List data;
  final List<SocketControlMessage> controlMessages;

  SocketMessage(this.data, this.controlMessages);
}

// ---- making connections

void _checkPort(int port) {
  if (port < 0 || port > 0xFFFF) throw ArgumentError('Invalid port $port');
}

/// The addresses that a host given as address or name stands for.
Future<List<InternetAddress>> _addressesOf(dynamic host) async {
  if (host is _InternetAddress) return [host];
  if (host is! String) {
    throw ArgumentError.value(host, 'host', 'neither a String nor an address');
  }
  final numeric = InternetAddress.tryParse(host);
  if (numeric != null) return [numeric];
  final found = await InternetAddress.lookup(host);
  if (found.isEmpty) {
    throw SocketException("Failed host lookup: '$host'");
  }
  return found;
}

Future<_Endpoint> _listen(dynamic address, int port, int backlog, bool v6Only,
    bool shared) async {
  _checkPort(port);
  final addresses = await _addressesOf(address);
  final where = unsafeCast<_InternetAddress>(addresses[0]);
  final endpoint = _Endpoint();
  endpoint.open(
      _opListen,
      [...where._arguments(port), backlog, v6Only, shared],
      (OSError error) => SocketException('Failed to create server socket',
          osError: error, address: where, port: port));
  return endpoint;
}

ConnectionTask<_Endpoint> _connect(dynamic host, int port,
    dynamic sourceAddress, int sourcePort, Duration? timeout) {
  _checkPort(port);
  _checkPort(sourcePort);
  final attempt = _Connecting(port, sourcePort);
  attempt.start(host, sourceAddress);
  if (timeout != null) attempt.limit(timeout, host);
  return ConnectionTask<_Endpoint>._(attempt._done.future, attempt.cancel);
}

/// Tries the addresses of a host one after the other.
final class _Connecting {
  final int _port;
  final int _sourcePort;
  final Completer<_Endpoint> _done = Completer<_Endpoint>();
  List<InternetAddress> _addresses = const [];
  List<Object?> _source = const [null, 0, 0];
  int _next = 0;
  _Endpoint? _current;
  Timer? _timer;

  /// Of the first address that failed.
  Object? _error;
  StackTrace? _stackTrace;

  _Connecting(this._port, this._sourcePort);

  void start(dynamic host, dynamic source) async {
    try {
      _addresses = await _addressesOf(host);
      if (source != null) {
        final from = (await _addressesOf(source))[0];
        _source = unsafeCast<_InternetAddress>(from)._arguments(_sourcePort);
      } else if (_sourcePort != 0) {
        final any = _addresses[0].type == InternetAddressType.IPv6
            ? InternetAddress.anyIPv6
            : InternetAddress.anyIPv4;
        _source = unsafeCast<_InternetAddress>(any)._arguments(_sourcePort);
      }
    } catch (error, stackTrace) {
      _fail(error, stackTrace);
      return;
    }
    _try();
  }

  void limit(Duration timeout, dynamic host) {
    _timer = Timer(timeout, () {
      final where = host is InternetAddress ? host.address : host;
      _fail(
          SocketException(
              'Connection timed out, host: $where, port: $_port'),
          StackTrace.current);
    });
  }

  void cancel() => _fail(
      SocketException('Connection attempt cancelled, host: '
          '${_addresses.isEmpty ? '' : _addresses[0].host}, port: $_port'),
      StackTrace.current);

  void _try() {
    if (_done.isCompleted) return;
    if (_next == _addresses.length) {
      _fail(_error!, _stackTrace ?? StackTrace.empty);
      return;
    }
    final address = unsafeCast<_InternetAddress>(_addresses[_next]);
    _next++;
    SocketException failed(OSError error) => SocketException(error.message,
        osError: error, address: address, port: _port);
    final endpoint = _Endpoint();
    try {
      endpoint.open(_opConnect,
          [...address._arguments(_port), ..._source], failed);
    } on SocketException catch (error, stackTrace) {
      _note(error, stackTrace);
      _try();
      return;
    }
    _current = endpoint;
    endpoint.onWritable = () {
      final answer =
          _endpointCall(_opTakeError, [endpoint.handle], null);
      _current = null;
      if (answer.length == 1) {
        _finish(endpoint);
      } else {
        endpoint.close();
        _note(failed(_osErrorOf(answer)), StackTrace.current);
        _try();
      }
    };
    endpoint.arm(_writable);
  }

  void _note(Object error, StackTrace stackTrace) {
    if (_error != null) return;
    _error = error;
    _stackTrace = stackTrace;
  }

  void _finish(_Endpoint endpoint) {
    endpoint.onWritable = null;
    _timer?.cancel();
    _done.complete(endpoint);
  }

  void _fail(Object error, StackTrace stackTrace) {
    if (_done.isCompleted) return;
    _timer?.cancel();
    _current?.close();
    _done.completeError(error, stackTrace);
  }
}
