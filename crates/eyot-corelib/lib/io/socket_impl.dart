part of 'io.dart';

/// A connection as a stream and a sink, straight on its endpoint.
class _Socket extends Stream<Uint8List> implements Socket {
  final _Endpoint _endpoint;
  late final StreamController<Uint8List> _controller =
      StreamController<Uint8List>(
          sync: true,
          onListen: _resume,
          onPause: _pause,
          onResume: _resume,
          onCancel: _stopReading);
  late final _IOSink _sink = _IOSink(_SocketConsumer(this), utf8);
  bool _closedRead = false;
  bool _closedWrite = false;

  final InternetAddress _address;
  final int _port;
  InternetAddress? _remoteAddress;
  int? _remotePort;

  _Socket(this._endpoint)
      : _address = _endpoint.address,
        _port = _endpoint.port {
    _endpoint.onReadable = _onReadable;
    try {
      final answer = _endpoint._addressAnswer(_opRemoteAddress);
      _remoteAddress = _InternetAddress._from(answer);
      _remotePort = unsafeCast<int>(answer[1]);
    } on SocketException {
      // The other side has left already.
    }
  }

  // ---- what comes

  StreamSubscription<Uint8List> listen(void Function(Uint8List event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  void _resume() {
    if (_endpoint.isOpen && !_closedRead) _endpoint.arm(_readable);
  }

  void _pause() => _endpoint.disarm(_readable);

  void _stopReading() {
    if (_closedRead) return;
    _closedRead = true;
    if (_closedWrite) {
      _release();
    } else if (_endpoint.isOpen) {
      _endpoint.disarm(_readable);
      _endpointCall(_opShutdown, [_endpoint.handle, 0], null);
    }
  }

  void _onReadable() {
    while (_endpoint.isOpen && !_closedRead) {
      final bytes = _endpointRead(_endpoint.handle, _chunkBytes);
      if (bytes is! Uint8List) {
        if (bytes != null) {
          _breakDown(_osErrorOf(bytes));
        } else {
          _resume();
        }
        return;
      }
      if (bytes.isEmpty) {
        _endReading();
        return;
      }
      _controller.add(bytes);
      if (_controller.isPaused) return;
      if (bytes.length < _chunkBytes) {
        // Very likely there is no more yet.
        _resume();
        return;
      }
    }
  }

  static const int _chunkBytes = 64 * 1024;

  void _endReading() {
    _closedRead = true;
    _controller.close();
    if (_closedWrite) {
      _release();
    } else {
      _endpoint.endReading();
    }
  }

  SocketException _exception(OSError error) => SocketException(error.message,
      osError: error, address: _address, port: _port);

  /// The connection is broken: whoever listens is told.
  void _breakDown(OSError error) {
    if (!_endpoint.isOpen) return;
    _closedRead = true;
    _controller.addError(_exception(error));
    _controller.close();
    _closedWrite = true;
    _release();
    _sink._finish(this);
  }

  void _release() => _endpoint.close();

  // ---- what goes

  Encoding get encoding => _sink.encoding;

  void set encoding(Encoding value) {
    _sink.encoding = value;
  }

  void add(List<int> data) => _sink.add(data);

  void write(Object? object) => _sink.write(object);

  void writeAll(Iterable<dynamic> objects, [String separator = '']) =>
      _sink.writeAll(objects, separator);

  void writeln([Object? object = '']) => _sink.writeln(object);

  void writeCharCode(int charCode) => _sink.writeCharCode(charCode);

  void addError(Object error, [StackTrace? stackTrace]) =>
      throw UnsupportedError('Cannot send errors on sockets');

  Future<dynamic> addStream(Stream<List<int>> stream) =>
      _sink.addStream(stream);

  Future<dynamic> flush() => _sink.flush();

  Future<dynamic> close() => _sink.close();

  Future<dynamic> get done => _sink.done;

  /// Past the sink: how many of the bytes the system takes at once, if nothing
  /// is on its way. What goes wrong the sink meets again.
  int _writeNow(Uint8List bytes, int start, int count) {
    if (!_endpoint.isOpen || _closedWrite || !_sink._isAtRest) return 0;
    final taken = _endpointWrite(_endpoint.handle, bytes, start, count);
    return taken is int ? taken : 0;
  }

  /// The sending direction ends.
  void _endWriting() {
    if (_closedWrite) return;
    _closedWrite = true;
    if (_closedRead) {
      _release();
    } else if (_endpoint.isOpen) {
      _endpointCall(_opShutdown, [_endpoint.handle, 1], null);
    }
  }

  void destroy() {
    if (!_endpoint.isOpen) return;
    _closedRead = true;
    _closedWrite = true;
    _release();
    _controller.close();
    _sink._finish(this);
  }

  // ---- properties

  bool setOption(SocketOption option, bool enabled) =>
      _endpoint.isOpen && _endpoint.setSocketOption(option, enabled);

  Uint8List getRawOption(RawSocketOption option) =>
      _endpoint.getOption(option);

  void setRawOption(RawSocketOption option) => _endpoint.setOption(option);

  InternetAddress get address {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _address;
  }

  int get port {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _port;
  }

  InternetAddress get remoteAddress {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _remoteAddress ?? _endpoint.remoteAddress;
  }

  int get remotePort {
    if (!_endpoint.isOpen) throw const SocketException.closed();
    return _remotePort ?? _endpoint.remotePort;
  }
}

/// Writes a stream to a socket, no faster than the socket takes it.
final class _SocketConsumer implements StreamConsumer<List<int>> {
  final _Socket _socket;

  _SocketConsumer(this._socket);

  Future<dynamic> addStream(Stream<List<int>> stream) =>
      _EndpointWriter(_socket._endpoint, _socket, _socket._exception)
          .take(stream);

  Future<dynamic> close() {
    _socket._endWriting();
    return Future<dynamic>.value(_socket);
  }
}

/// Writes one stream to an endpoint.
final class _EndpointWriter {
  final _Endpoint _endpoint;

  /// What the future gives.
  final Object? _result;
  final Object Function(OSError) _exception;
  final Completer<dynamic> _done = Completer<dynamic>();
  StreamSubscription<List<int>>? _subscription;
  Uint8List _bytes = Uint8List(0);
  int _start = 0;
  bool _isWaiting = false;
  bool _hasEnded = false;

  _EndpointWriter(this._endpoint, this._result, this._exception);

  Future<dynamic> take(Stream<List<int>> stream) {
    _subscription = stream.listen(_add,
        onError: _fail, onDone: _end, cancelOnError: true);
    return _done.future;
  }

  void _add(List<int> data) {
    if (_isWaiting) {
      // A stream that does not mind being paused.
      final all = BytesBuilder(copy: false)
        ..add(Uint8List.sublistView(_bytes, _start))
        ..add(data);
      _bytes = all.takeBytes();
      _start = 0;
      return;
    }
    try {
      _bytes = _asBytes(data);
    } catch (error, stackTrace) {
      _fail(error, stackTrace);
      return;
    }
    _start = 0;
    _writeMore();
  }

  void _writeMore() {
    while (_start < _bytes.length) {
      if (!_endpoint.isOpen) {
        // Closed from here: what is left is dropped.
        _finish();
        return;
      }
      final taken = _endpointWrite(
          _endpoint.handle, _bytes, _start, _bytes.length - _start);
      if (taken is! int) {
        _fail(_exception(_osErrorOf(taken)), StackTrace.current);
        return;
      }
      if (taken == 0) {
        _wait();
        return;
      }
      _start += taken;
    }
    if (_isWaiting) {
      _isWaiting = false;
      _endpoint.onWritable = null;
      if (_hasEnded) {
        _finish();
      } else {
        _subscription?.resume();
      }
    }
  }

  void _wait() {
    if (!_isWaiting) {
      _isWaiting = true;
      if (!_hasEnded) _subscription?.pause();
      _endpoint.onWritable = _writeMore;
    }
    _endpoint.arm(_writable);
  }

  void _end() {
    _hasEnded = true;
    if (!_isWaiting) _finish();
  }

  void _finish() {
    _subscription?.cancel();
    if (!_done.isCompleted) _done.complete(_result);
  }

  void _fail(Object error, StackTrace stackTrace) {
    _subscription?.cancel();
    if (_isWaiting) _endpoint.onWritable = null;
    final target = _result;
    if (target is _Socket) {
      target._sink._fail(error, stackTrace);
      target.destroy();
    }
    if (!_done.isCompleted) _done.completeError(error, stackTrace);
  }
}
