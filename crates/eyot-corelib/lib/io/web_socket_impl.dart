part of 'io.dart';

final class _WebSocket extends Stream<dynamic> implements WebSocket {
  final Socket _socket;
  final bool _isServer;
  final _Deflate? _deflate;
  final String? protocol;
  final _HttpWriter _writer;
  late final StreamSubscription<Uint8List> _subscription;
  late final _FrameReader _reader =
      _FrameReader(_isServer, _deflate, _onFrame);
  late final StreamController<dynamic> _controller = StreamController<dynamic>(
      sync: true,
      onListen: _resume,
      onPause: () => _subscription.pause(),
      onResume: _resume,
      onCancel: _onCancel);
  final Completer<dynamic> _done = Completer<dynamic>();
  int readyState = WebSocket.open;

  /// A close frame was sent, or has come.
  bool _sentClose = false;
  bool _gotClose = false;
  bool _isBound = false;
  bool _isClosed = false;
  bool _hasFailed = false;
  int? _closeCode;
  String? _closeReason;

  /// What this side has said.
  int? _outCode;
  String? _outReason;
  Timer? _closeTimer;
  Duration? _pingInterval;
  Timer? _pingTimer;

  /// How long the other side may take to close.
  static const Duration _closeTimeout = Duration(seconds: 5);

  _WebSocket(this._socket, this.protocol, this._isServer, this._deflate)
      : _writer = _HttpWriter(_socket) {
    _subscription = _socket.listen(_onData,
        onError: (Object error, StackTrace stackTrace) => _onEnd(),
        onDone: _onEnd,
        cancelOnError: true);
    _subscription.pause();
  }

  // ---- what comes

  StreamSubscription<dynamic> listen(void Function(dynamic event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  bool _isStarted = false;

  void _resume() {
    _isStarted = true;
    _subscription.resume();
  }

  void _onCancel() {
    // What still comes is dropped.
    if (_controller.isPaused) _subscription.resume();
  }

  void _onData(Uint8List bytes) {
    try {
      _reader.add(bytes);
    } on _FrameError catch (error) {
      _fail(error.code, error.message);
    }
  }

  void _onFrame(int opcode, Uint8List payload) {
    if (_gotClose) return;
    switch (opcode) {
      case _opcodeText:
        final String text;
        try {
          text = utf8.decode(payload);
        } on FormatException {
          throw _FrameError(
              WebSocketStatus.invalidFramePayloadData, 'Bad UTF-8');
        }
        _deliver(text);
      case _opcodeBinary:
        _deliver(payload);
      case _opcodePing:
        if (!_sentClose) _send(_opcodePong, payload, false);
      case _opcodePong:
        _schedulePing();
      case _opcodeClose:
        _onClose(payload);
    }
  }

  void _deliver(Object message) {
    if (!_controller.isClosed) _controller.add(message);
  }

  void _onClose(Uint8List payload) {
    int code = WebSocketStatus.noStatusReceived;
    String reason = '';
    if (payload.isNotEmpty) {
      if (payload.length == 1) {
        throw _FrameError(WebSocketStatus.protocolError, 'Bad close frame');
      }
      code = payload[0] << 8 | payload[1];
      if (!_mayBeSent(code)) {
        throw _FrameError(WebSocketStatus.protocolError, 'Bad close code');
      }
      try {
        reason = utf8.decode(Uint8List.sublistView(payload, 2));
      } on FormatException {
        throw _FrameError(WebSocketStatus.invalidFramePayloadData, 'Bad UTF-8');
      }
    }
    _gotClose = true;
    _closeCode = code;
    _closeReason = reason;
    if (!_sentClose) _sendClose(_outCode ?? code, _outReason ?? reason);
    _shutDown();
  }

  static bool _mayBeSent(int code) =>
      code >= 1000 &&
      code < 5000 &&
      code != 1004 &&
      code != WebSocketStatus.noStatusReceived &&
      code != WebSocketStatus.abnormalClosure &&
      (code < 1012 || code >= 3000);

  void _fail(int code, String message) {
    _gotClose = true;
    _closeCode = code;
    _closeReason = '';
    if (!_sentClose) _sendClose(code, '');
    if (!_controller.isClosed) {
      _controller.addError(WebSocketException(message));
    }
    _shutDown();
  }

  /// The socket has ended.
  void _onEnd() {
    if (!_gotClose) {
      _closeCode ??= _outCode ?? WebSocketStatus.abnormalClosure;
      _closeReason ??= _outReason ?? '';
    }
    _sentClose = true;
    _shutDown();
  }

  bool _isDown = false;

  /// Both sides have said what they had to.
  void _shutDown() {
    if (_isDown) return;
    _isDown = true;
    readyState = WebSocket.closed;
    _closeTimer?.cancel();
    _pingTimer?.cancel();
    _controller.close();
    _writer
        .flush()
        .then<void>((_) => _socket.close())
        .then<void>((_) {}, onError: (_) {})
        .whenComplete(() {
      _socket.destroy();
      _deflate?.release();
      if (!_done.isCompleted) _done.complete(this);
    });
    _subscription
      ..onData((_) {})
      ..onDone(() {})
      ..onError((_) {});
    if (_subscription.isPaused) _subscription.resume();
  }

  // ---- what goes

  void _send(int opcode, List<int> payload, bool mayCompress) {
    final deflate = mayCompress ? _deflate : null;
    final bytes = deflate == null ? payload : deflate.compress(payload);
    _writer.add(_webSocketFrame(opcode, bytes, !_isServer, deflate != null));
  }

  void _check() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (_isClosed) throw StateError('StreamSink is closed');
  }

  void add(dynamic data) {
    _check();
    _addMessage(data);
  }

  void _addMessage(Object? data) {
    if (data is String) {
      _sendMessage(_opcodeText, utf8.encode(data));
    } else if (data is List<int>) {
      _sendMessage(_opcodeBinary, data);
    } else {
      throw ArgumentError(data);
    }
  }

  void _sendMessage(int opcode, List<int> payload) {
    if (!_sentClose && !_hasFailed) _send(opcode, payload, true);
  }

  void addUtf8Text(List<int> bytes) {
    ArgumentError.checkNotNull(bytes, 'bytes');
    _check();
    _sendMessage(_opcodeText, bytes);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    _check();
    // What is added later is dropped; closing is still the program's.
    _hasFailed = true;
  }

  Future<dynamic> addStream(Stream<dynamic> stream) {
    _check();
    _isBound = true;
    final done = Completer<dynamic>();
    late final StreamSubscription<dynamic> subscription;
    void end([Object? error, StackTrace? stackTrace]) {
      subscription.cancel();
      _isBound = false;
      if (done.isCompleted) return;
      if (error == null) {
        done.complete(this);
      } else {
        done.completeError(error, stackTrace);
      }
    }

    subscription = stream.listen((dynamic data) {
      try {
        _addMessage(data);
      } catch (error, stackTrace) {
        end(error, stackTrace);
        return;
      }
      if (_sentClose) return end();
      if (_writer.unflushed > 64 * 1024) {
        subscription
            .pause(_writer.flush().then<void>((_) {}, onError: (_) {}));
      }
    }, onError: (Object error, StackTrace stackTrace) {
      end(error, stackTrace);
    }, onDone: end);
    return done.future;
  }

  static bool _isReserved(int code) =>
      code < WebSocketStatus.normalClosure ||
      code == WebSocketStatus.reserved1004 ||
      code == WebSocketStatus.noStatusReceived ||
      code == WebSocketStatus.abnormalClosure ||
      code > WebSocketStatus.internalServerError &&
          code < WebSocketStatus.reserved1015 ||
      code >= WebSocketStatus.reserved1015 && code < 3000;

  Future<dynamic> close([int? code, String? reason]) {
    if (code != null && _isReserved(code)) {
      throw WebSocketException('Reserved status code $code');
    }
    if (!_isClosed) {
      _isClosed = true;
      _startClosing(code, reason);
    }
    return _done.future;
  }

  void _startClosing(int? code, String? reason) {
    if (_sentClose) return;
    _outCode = code;
    _outReason = reason;
    readyState = WebSocket.closing;
    _sendClose(code, reason);
    // Nobody may hear what still comes, but the other side's close must.
    if (!_isStarted) _controller.stream.listen((_) {}, onError: (_) {});
    _closeTimer = Timer(_closeTimeout, () {
      _closeCode ??= _outCode ?? WebSocketStatus.noStatusReceived;
      _closeReason ??= _outReason ?? '';
      _shutDown();
    });
  }

  void _sendClose(int? code, String? reason) {
    _sentClose = true;
    final payload = BytesBuilder();
    if (code != null && code != WebSocketStatus.noStatusReceived) {
      payload
        ..addByte(code >> 8)
        ..addByte(code & 0xFF);
      if (reason != null) {
        final bytes = utf8.encode(reason);
        payload.add(bytes.length <= 123 ? bytes : bytes.sublist(0, 123));
      }
    }
    _send(_opcodeClose, payload.takeBytes(), false);
  }

  Future<dynamic> get done => _done.future;

  // ---- properties

  int? get closeCode => _closeCode;

  String? get closeReason => _closeReason;

  String get extensions => '';

  Duration? get pingInterval => _pingInterval;

  void set pingInterval(Duration? interval) {
    _pingInterval = interval;
    _schedulePing();
  }

  void _schedulePing() {
    _pingTimer?.cancel();
    final interval = _pingInterval;
    if (interval == null || readyState != WebSocket.open) return;
    _pingTimer = Timer(interval, () {
      if (readyState != WebSocket.open) return;
      _send(_opcodePing, const [], false);
      _pingTimer = Timer(interval, () {
        if (!_isClosed) {
          _isClosed = true;
          _startClosing(WebSocketStatus.goingAway, null);
        }
      });
    });
  }
}
