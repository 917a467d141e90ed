part of 'io.dart';

/// What raw sockets and datagram sockets share: a stream of events, told while
/// somebody listens and has them enabled.
abstract class _EventSocket extends Stream<RawSocketEvent> {
  final _Endpoint _endpoint;
  late final StreamController<RawSocketEvent> _controller =
      StreamController<RawSocketEvent>(
          sync: true,
          onListen: _update,
          onPause: _update,
          onResume: _update,
          onCancel: _closeNow);
  bool _readEnabled = true;
  bool _writeEnabled = true;
  bool _closedRead = false;
  bool _closedWrite = false;
  bool _isClosing = false;

  /// Another socket, an encrypted one, has the endpoint now.
  bool _isTaken = false;

  InternetAddress? _address;
  int? _port;

  _EventSocket(this._endpoint) {
    _endpoint.onReadable = _onReadable;
    _endpoint.onWritable = _onWritable;
    _port = _endpoint.port;
  }

  StreamSubscription<RawSocketEvent> listen(
          void Function(RawSocketEvent event)? onData,
          {Function? onError,
          void Function()? onDone,
          bool? cancelOnError}) =>
      _controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  bool get readEventsEnabled => _readEnabled;

  void set readEventsEnabled(bool value) {
    _readEnabled = value;
    _update();
  }

  bool get writeEventsEnabled => _writeEnabled;

  void set writeEventsEnabled(bool value) {
    _writeEnabled = value;
    _update();
  }

  /// Asks for the events that are wanted, and for no others.
  void _update() {
    if (!_endpoint.isOpen || _isTaken) return;
    int wanted = 0;
    if (_controller.hasListener && !_controller.isPaused) {
      if (_readEnabled && !_closedRead) wanted |= _readable;
      if (_writeEnabled && !_closedWrite) wanted |= _writable;
    }
    _endpoint.disarm(~wanted & 3);
    _endpoint.arm(wanted);
  }

  void _onReadable();

  void _onWritable() {
    // One event for each time it is enabled.
    _writeEnabled = false;
    _controller.add(RawSocketEvent.write);
    _update();
  }

  void _failWith(OSError error) {
    if (_isClosing) return;
    _controller.addError(SocketException(error.message,
        osError: error, address: _knownAddress, port: _port));
    _closeNow();
  }

  InternetAddress? get _knownAddress {
    try {
      return _address ??= _endpoint.address;
    } on SocketException {
      return null;
    }
  }

  int get port {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _port ?? _endpoint.port;
  }

  InternetAddress get address {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _address ??= _endpoint.address;
  }

  /// Closes it; the events of the end come a little later.
  void _closeNow() {
    if (_isClosing) return;
    _isClosing = true;
    _knownAddress;
    _closedRead = true;
    _closedWrite = true;
    _endpoint.close();
    if (_isTaken) {
      _onClosed();
      return;
    }
    scheduleMicrotask(() {
      if (_tellsClosed) _controller.add(RawSocketEvent.closed);
      _controller.close();
      _onClosed();
    });
  }

  void _onClosed() {}

  /// An encrypted socket ends without a last event.
  bool get _tellsClosed => true;

  bool setOption(SocketOption option, bool enabled) =>
      _endpoint.setSocketOption(option, enabled);

  Uint8List getRawOption(RawSocketOption option) =>
      _endpoint.getOption(option);

  void setRawOption(RawSocketOption option) => _endpoint.setOption(option);
}

class _RawSocket extends _EventSocket implements RawSocket {
  final Completer<RawSocket> _closed = Completer<RawSocket>();
  InternetAddress? _remoteAddress;
  int? _remotePort;

  _RawSocket(super.endpoint) {
    _noteRemote();
  }

  void _noteRemote() {
    try {
      final answer = _endpoint._addressAnswer(_opRemoteAddress);
      _remoteAddress = _InternetAddress._from(answer);
      _remotePort = unsafeCast<int>(answer[1]);
    } on SocketException {
      // The other side has left already.
    }
  }

  void _onReadable() {
    final count = _endpointAvailable(_endpoint.handle);
    if (count is List<Object?>) {
      _failWith(_osErrorOf(count));
      return;
    }
    if (count == 0) {
      _closedRead = true;
      _controller.add(RawSocketEvent.readClosed);
      if (_closedWrite) _closeNow();
    } else if (count != null) {
      _controller.add(RawSocketEvent.read);
    }
    _update();
  }

  int available() {
    if (!_endpoint.isOpen) return 0;
    final count = _endpointAvailable(_endpoint.handle);
    return count is int ? count : 0;
  }

  Uint8List? read([int? len]) {
    if (len != null && len <= 0) throw ArgumentError('Illegal length $len');
    if (!_endpoint.isOpen) return null;
    final first = _readSome(len ?? _chunkBytes);
    if (first == null || first.length < _chunkBytes) return first;
    final all = BytesBuilder(copy: false)..add(first);
    while (len == null || all.length < len) {
      final more =
          _readSome(len == null ? _chunkBytes : len - all.length);
      if (more == null) break;
      all.add(more);
    }
    return all.takeBytes();
  }

  static const int _chunkBytes = 64 * 1024;

  Uint8List? _readSome(int most) {
    if (!_endpoint.isOpen) return null;
    final bytes = _endpointRead(_endpoint.handle, most);
    if (bytes is Uint8List) return bytes.isEmpty ? null : bytes;
    if (bytes != null) {
      final error = _osErrorOf(bytes);
      scheduleMicrotask(() => _failWith(error));
    }
    return null;
  }

  SocketMessage? readMessage([int? count]) {
    if (count != null && count <= 0) throw ArgumentError('Illegal length $count');
    if (!_endpoint.isOpen) return null;
    if (_endpoint._isSecure) {
      final data = read(count);
      return data == null ? null : SocketMessage(data, const []);
    }
    final answer = _handleCall(
        _opReceiveMessage, [_endpoint.handle, count ?? _chunkBytes], null);
    if (answer.length == 2) {
      final error = _osErrorOf(answer);
      scheduleMicrotask(() => _failWith(error));
      return null;
    }
    final message = unsafeCast<List<Object?>?>(answer[0]);
    if (message == null) return null;
    final data = unsafeCast<Uint8List>(message[0]);
    if (data.isEmpty) return null;
    return SocketMessage(data, [
      if (message.length > 1)
        _SocketControlMessage([
          for (int i = 1; i < message.length; i++)
            _ResourceHandle.received(unsafeCast<int>(message[i])),
        ]),
    ]);
  }

  int write(List<int> buffer, [int offset = 0, int? count]) {
    if (_closedWrite || !_endpoint.isOpen) return 0;
    final length = count ?? buffer.length - offset;
    if (offset < 0) throw RangeError.value(offset);
    if (length < 0) throw RangeError.value(length);
    if (offset + length > buffer.length) {
      throw RangeError.value(offset + length);
    }
    if (length == 0) return 0;
    final Uint8List bytes;
    int start = offset;
    if (buffer is Uint8List) {
      bytes = buffer;
    } else {
      bytes = Uint8List(length);
      for (int i = 0; i < length; i++) {
        bytes[i] = buffer[offset + i];
      }
      start = 0;
    }
    final taken = _endpointWrite(_endpoint.handle, bytes, start, length);
    if (taken is int) return taken;
    final error = _osErrorOf(taken);
    scheduleMicrotask(() => _failWith(error));
    return 0;
  }

  int sendMessage(List<SocketControlMessage> controlMessages, List<int> data,
      [int offset = 0, int? count]) {
    if (controlMessages.isEmpty || _closedWrite || !_endpoint.isOpen) {
      return write(data, offset, count);
    }
    final end = RangeError.checkValidRange(
        offset, count == null ? null : offset + count, data.length);
    if (end == offset) {
      throw ArgumentError.value(data, 'data', 'control messages need data');
    }
    if (_endpoint._isSecure) throw _notOurs(this, 'socket');
    final answer = _handleCall(
        _opSendMessage,
        [
          _endpoint.handle,
          _uint8(data.sublist(offset, end)),
          _SocketControlMessage._descriptorsOf(controlMessages),
        ],
        null);
    if (answer.length == 1) return unsafeCast<int>(answer[0]);
    final error = _osErrorOf(answer);
    throw SocketException('Failed to send message', osError: error);
  }

  int get remotePort {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _remotePort ?? _endpoint.remotePort;
  }

  InternetAddress get remoteAddress {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _remoteAddress ?? _endpoint.remoteAddress;
  }

  Future<RawSocket> close() {
    _closeNow();
    return _closed.future;
  }

  void _onClosed() => _closed.complete(this);

  void shutdown(SocketDirection direction) {
    if (!_endpoint.isOpen) return;
    if (!identical(direction, SocketDirection.receive)) _closedWrite = true;
    if (!identical(direction, SocketDirection.send)) _closedRead = true;
    if (_closedRead && _closedWrite) {
      _closeNow();
      return;
    }
    // The other side may have closed everything.
    _endpointCall(_opShutdown, [_endpoint.handle, direction._number], null);
    _update();
  }
}

/// Accepts connections while somebody listens.
final class _Acceptor<T> {
  final _Endpoint _endpoint;
  final T Function(_Endpoint) _make;
  late final StreamController<T> controller = StreamController<T>(
      sync: true,
      onListen: _resume,
      onPause: _pause,
      onResume: _resume,
      onCancel: close);
  final InternetAddress address;
  final int port;

  /// What the next connection will be; made ahead, because the runtime must
  /// know whom to tell.
  _Endpoint? _spare;

  _Acceptor(this._endpoint, this._make)
      : address = _endpoint.address,
        port = _endpoint.port {
    _endpoint.onReadable = _accept;
  }

  void _resume() => _endpoint.arm(_readable);

  void _pause() => _endpoint.disarm(_readable);

  void _accept() {
    while (_endpoint.isOpen && !controller.isPaused) {
      final next = _spare ?? _Endpoint();
      _spare = null;
      final T accepted;
      try {
        final handle = next.open(
            _opAccept,
            [_endpoint.handle],
            (OSError error) => SocketException('Accept failed',
                osError: error, address: address, port: port));
        if (handle == null) {
          _spare = next;
          _endpoint.arm(_readable);
          return;
        }
        accepted = _make(next);
      } on SocketException catch (error, stackTrace) {
        controller.addError(error, stackTrace);
        // Descriptors may be short: not at once again.
        Timer(const Duration(milliseconds: 10), _resume);
        return;
      }
      controller.add(accepted);
    }
  }

  void close() {
    if (!_endpoint.isOpen) return;
    _endpoint.close();
    _spare?.close();
    controller.close();
  }
}

/// A listening socket of either kind.
abstract class _Server<T> extends Stream<T> {
  final _Acceptor<T> _acceptor;

  _Server(this._acceptor);

  StreamSubscription<T> listen(void Function(T event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _acceptor.controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  int get port {
    if (!_acceptor._endpoint.isOpen) throw const SocketException.closed();
    return _acceptor.port;
  }

  InternetAddress get address {
    if (!_acceptor._endpoint.isOpen) throw const SocketException.closed();
    return _acceptor.address;
  }
}

final class _RawServerSocket extends _Server<RawSocket>
    implements RawServerSocket {
  _RawServerSocket(_Endpoint endpoint)
      : super(_Acceptor<RawSocket>(endpoint, _RawSocket.new));

  Future<RawServerSocket> close() {
    _acceptor.close();
    return Future<RawServerSocket>.value(this);
  }
}

final class _ServerSocket extends _Server<Socket> implements ServerSocket {
  _ServerSocket(_Endpoint endpoint)
      : super(_Acceptor<Socket>(endpoint, _Socket.new));

  Future<ServerSocket> close() {
    _acceptor.close();
    return Future<ServerSocket>.value(this);
  }
}
