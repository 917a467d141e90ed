part of 'io.dart';

/// Native: the head of a message in `bytes[start .. end)`: its length, flags
/// ([_HeadFlags]), the content length or -1, then method and target, or status
/// and reason. Null if it is not complete, a String if it makes no sense.
external Object? _httpHead(bool isRequest, Uint8List bytes, int start, int end);

/// Native: the fields of a complete head: names (in lower case) and values by
/// turns.
external List<Object?> _httpFields(
    bool isRequest, Uint8List bytes, int start, int end);

/// What a head says of its message.
abstract final class _HeadFlags {
  static const int version11 = 1;
  static const int chunked = 2;
  static const int persistent = 4;
  static const int upgrade = 8;
  static const int continue_ = 16;

  /// There is a Content-Encoding.
  static const int encoded = 32;

  /// The others do not say it all: the fields have to be read.
  static const int irregular = 64;
}

/// A message that comes in; the stream is its body.
final class _HttpIncoming extends Stream<Uint8List> {
  final _HttpParser _parser;
  final _HttpHeaders headers;
  final String method;
  final String target;
  final int statusCode;
  final String reasonPhrase;

  /// The body has come to its end, or nobody will get the rest of it.
  bool isEnded = false;
  void Function()? _afterEnd;

  /// Called just before whoever listens hears of the end.
  void Function()? onEnded;

  /// Made when somebody listens: most messages have no body.
  StreamController<Uint8List>? _controller;
  bool hasSubscriber = false;
  bool upgraded = false;
  bool isEncoded = true;
  bool expectsContinue = false;
  int transferLength = -1;

  _HttpIncoming(this._parser, this.headers, this.method, this.target,
      this.statusCode, this.reasonPhrase);

  bool get persistentConnection => headers.persistentConnection;

  StreamController<Uint8List> get _body => _controller ??= _makeBody();

  StreamController<Uint8List> _makeBody() {
    final controller = StreamController<Uint8List>(
        sync: true,
        onListen: _changed,
        onPause: _changed,
        onResume: _changed,
        onCancel: () => _parser._bodyLeft(this));
    if (isEnded) controller.close();
    return controller;
  }

  void _changed() => _parser._bodyChanged(this);

  /// Nobody takes anything now.
  bool get _isPaused {
    final controller = _controller;
    return controller == null || !controller.hasListener || controller.isPaused;
  }

  /// Calls [action], once, after the end and after the event that brings it.
  void whenEnded(void Function() action) {
    if (isEnded) {
      scheduleMicrotask(action);
    } else {
      final zone = Zone.current;
      _afterEnd =
          identical(zone, Zone.root) ? action : zone.bindCallback<void>(action);
    }
  }

  void _end() {
    if (isEnded) return;
    isEnded = true;
    final action = _afterEnd;
    if (action != null) scheduleMicrotask(action);
    _controller?.close();
  }

  StreamSubscription<Uint8List> listen(void Function(Uint8List event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    hasSubscriber = true;
    return _body.stream.listen(onData,
        onError: onError, onDone: onDone, cancelOnError: cancelOnError);
  }
}

/// How much of a body is left.
enum _BodyKind { none, length, chunked, untilClosed }

enum _ChunkState { size, data, end, trailer }

/// Takes messages out of a connection, one at a time: the next begins when
/// [next] says so.
final class _HttpParser {
  final bool _isRequest;
  final StreamSubscription<List<int>> _subscription;
  final void Function(_HttpIncoming) _onMessage;
  final void Function(Object, StackTrace) _onError;

  /// The connection ended where a message may.
  final void Function() _onEnd;

  /// The request that a response answers: HEAD and CONNECT have no body.
  String? requestMethod;

  Uint8List _buffer = _noBytes;
  int _start = 0;
  bool _isClosed = false;
  bool _isDetached = false;
  bool _isParsing = false;
  bool _pausedSocket = false;

  /// Heads may be read.
  bool _wantsHead = true;
  _HttpIncoming? _incoming;
  _BodyKind _kind = _BodyKind.none;
  _ChunkState _chunkState = _ChunkState.size;
  int _left = 0;
  bool _bodyCanceled = false;

  /// A head that is longer than this is refused.
  static const int _headBytesMax = 1024 * 1024;

  _HttpParser(this._isRequest, this._subscription, this._onMessage,
      this._onError, this._onEnd) {
    _subscription
      ..onData(_onData)
      ..onDone(_onDone)
      ..onError(_fail);
  }

  bool get isIdle => _incoming == null && _start == _buffer.length;

  /// The message is dealt with on both sides: on to the next one.
  void next() {
    _wantsHead = true;
    _updatePause();
    if (!_isParsing) _parse();
  }

  void _onData(List<int> data) {
    final bytes = _asBytes(data);
    if (_start == _buffer.length) {
      _buffer = bytes;
      _start = 0;
    } else {
      final rest = _buffer.length - _start;
      final joined = Uint8List(rest + bytes.length);
      joined.setRange(0, rest, _buffer, _start);
      joined.setRange(rest, joined.length, bytes);
      _buffer = joined;
      _start = 0;
    }
    if (!_isParsing) _parse();
  }

  /// Works on what is there until more is needed or nobody takes it.
  void _parse() {
    _isParsing = true;
    try {
      while (!_isDetached && !_isClosed) {
        final incoming = _incoming;
        if (incoming == null) {
          if (!_wantsHead || !_parseHead()) break;
        } else {
          if (_isBlocked(incoming)) break;
          if (!_parseBody(incoming)) break;
        }
      }
    } on HttpException catch (error, stackTrace) {
      _fail(error, stackTrace);
    } finally {
      _isParsing = false;
    }
    if (_start == _buffer.length) {
      _buffer = _noBytes;
      _start = 0;
    }
    _updatePause();
  }

  bool _isBlocked(_HttpIncoming incoming) =>
      _kind != _BodyKind.none && !_bodyCanceled && incoming._isPaused;

  /// The socket waits while nobody wants what comes.
  void _updatePause() {
    if (_isDetached || _isClosed) return;
    final incoming = _incoming;
    final wantsPause = incoming == null
        ? !_wantsHead && _start < _buffer.length
        : _isBlocked(incoming);
    if (wantsPause == _pausedSocket) return;
    _pausedSocket = wantsPause;
    if (wantsPause) {
      _subscription.pause();
    } else {
      _subscription.resume();
    }
  }

  bool _parseHead() {
    // Empty lines before a request are nothing.
    while (_start < _buffer.length &&
        (_buffer[_start] == 13 || _buffer[_start] == 10)) {
      _start++;
    }
    if (_start == _buffer.length) return false;
    final head = _httpHead(_isRequest, _buffer, _start, _buffer.length);
    if (head == null) {
      if (_buffer.length - _start > _headBytesMax) {
        throw const HttpException('Header size limit exceeded');
      }
      return false;
    }
    if (head is String) {
      throw HttpException(_isRequest
          ? 'Invalid request: $head'
          : 'Invalid response: $head');
    }
    _begin(unsafeCast<List<Object?>>(head));
    return true;
  }

  /// What comes in one go with a head is not kept for the fields' sake if it is
  /// longer.
  static const int _keptMax = 4096;

  void _begin(List<Object?> parts) {
    final end = _start + unsafeCast<int>(parts[0]);
    final int flags = unsafeCast<int>(parts[1]);
    Uint8List head = _buffer;
    int start = _start;
    if (head.length > _keptMax) {
      head = head.sublist(start, end);
      start = 0;
    }
    final headers = _HttpHeaders._received(_isRequest, head, start,
        start + end - _start, flags, unsafeCast<int>(parts[2]));
    _start = end;
    final _HttpIncoming incoming;
    if (_isRequest) {
      incoming = _HttpIncoming(this, headers, unsafeCast<String>(parts[3]),
          unsafeCast<String>(parts[4]), 0, '');
    } else {
      incoming = _HttpIncoming(this, headers, '', '',
          unsafeCast<int>(parts[3]), unsafeCast<String>(parts[4]));
    }
    _chooseBody(incoming);
    _incoming = incoming;
    _wantsHead = false;
    _bodyCanceled = false;
    if (_isRequest) {
      incoming.expectsContinue = _expectsContinue(headers, flags);
    }
    if (_isRequest
        ? incoming.method == 'CONNECT'
        : incoming.statusCode == 101 ||
            requestMethod == 'CONNECT' && incoming.statusCode ~/ 100 == 2) {
      incoming.upgraded = true;
    } else if (_isRequest) {
      incoming.upgraded = flags & _HeadFlags.irregular == 0
          ? flags & _HeadFlags.upgrade != 0
          : headers._has(HttpHeaders.upgradeHeader) && _hasUpgrade(headers);
    }
    incoming.isEncoded =
        flags & (_HeadFlags.encoded | _HeadFlags.irregular) != 0;
    if (_kind == _BodyKind.none || _kind == _BodyKind.length && _left == 0) {
      _kind = _BodyKind.none;
    }
    _onMessage(incoming);
  }

  static bool _expectsContinue(_HttpHeaders headers, int flags) {
    if (headers.protocolVersion != '1.1') return false;
    if (flags & _HeadFlags.irregular == 0) {
      return flags & _HeadFlags.continue_ != 0;
    }
    return headers.value(HttpHeaders.expectHeader)?.toLowerCase() ==
        '100-continue';
  }

  static bool _hasUpgrade(_HttpHeaders headers) =>
      headers[HttpHeaders.connectionHeader]
          ?.any((token) => token.toLowerCase() == 'upgrade') ??
      false;

  void _bodyChanged(_HttpIncoming incoming) {
    // The body of an earlier message may be read to its end later.
    if (!identical(incoming, _incoming)) return;
    _updatePause();
    if (_isParsing || incoming._isPaused && !_bodyCanceled) return;
    // Not within the caller's listen or resume.
    scheduleMicrotask(() {
      if (!_isParsing) _parse();
    });
  }

  /// Whoever listened has cancelled: the rest of the body is dropped.
  void _bodyLeft(_HttpIncoming incoming) {
    if (!identical(incoming, _incoming)) return;
    _bodyCanceled = true;
    _bodyChanged(incoming);
  }

  void _chooseBody(_HttpIncoming incoming) {
    final headers = incoming.headers;
    _chunkState = _ChunkState.size;
    if (headers.chunkedTransferEncoding) {
      // A length beside it means nothing.
      headers._contentLength = -1;
      _kind = _BodyKind.chunked;
    } else if (headers.contentLength >= 0) {
      _kind = _BodyKind.length;
      _left = headers.contentLength;
    } else {
      _kind = _isRequest ? _BodyKind.none : _BodyKind.untilClosed;
    }
    final status = incoming.statusCode;
    if (!_isRequest &&
        (requestMethod == 'HEAD' ||
            requestMethod == 'CONNECT' && status ~/ 100 == 2 ||
            status == 204 ||
            status == 304 ||
            status ~/ 100 == 1)) {
      _kind = _BodyKind.none;
    }
    incoming.transferLength = _kind == _BodyKind.none && _isRequest
        ? 0
        : headers.contentLength;
  }

  /// Whether to go on.
  bool _parseBody(_HttpIncoming incoming) {
    final available = _buffer.length - _start;
    switch (_kind) {
      case _BodyKind.none:
        _endBody(incoming);
        return true;
      case _BodyKind.length:
        if (_left == 0) {
          _endBody(incoming);
          return true;
        }
        if (available == 0) return false;
        _left -= _give(incoming, available < _left ? available : _left);
        return true;
      case _BodyKind.untilClosed:
        if (available == 0) return false;
        _give(incoming, available);
        return true;
      case _BodyKind.chunked:
        return _parseChunk(incoming, available);
    }
  }

  int _give(_HttpIncoming incoming, int count) {
    final data = Uint8List.sublistView(_buffer, _start, _start + count);
    _start += count;
    if (!_bodyCanceled) incoming._body.add(data);
    return count;
  }

  bool _parseChunk(_HttpIncoming incoming, int available) {
    if (_chunkState == _ChunkState.data) {
      if (available == 0) return false;
      _left -= _give(incoming, available < _left ? available : _left);
      if (_left == 0) _chunkState = _ChunkState.end;
      return true;
    }
    final end = _lineEnd();
    if (end < 0) {
      if (available > _headBytesMax) {
        throw const HttpException('Chunk header size limit exceeded');
      }
      return false;
    }
    final line = String.fromCharCodes(_buffer, _start, end);
    _start = end + (_buffer[end] == 13 ? 2 : 1);
    switch (_chunkState) {
      case _ChunkState.size:
        _left = _chunkSize(line);
        _chunkState = _left == 0 ? _ChunkState.trailer : _ChunkState.data;
      case _ChunkState.end:
        if (line.isNotEmpty) {
          throw const HttpException('Invalid chunk: no end of line');
        }
        _chunkState = _ChunkState.size;
      default:
        // Fields behind the last chunk are dropped.
        if (line.isEmpty) _endBody(incoming);
    }
    return true;
  }

  static int _chunkSize(String line) {
    final semicolon = line.indexOf(';');
    final text = (semicolon < 0 ? line : line.substring(0, semicolon)).trim();
    final size = RegExp(r'^[0-9a-fA-F]{1,15}$').hasMatch(text)
        ? int.tryParse(text, radix: 16)
        : null;
    if (size == null) throw const HttpException('Invalid chunk size');
    return size;
  }

  /// Where the line ends: at its line feed, or the return before it.
  int _lineEnd() {
    final feed = _buffer.indexOf(10, _start);
    if (feed > _start && _buffer[feed - 1] == 13) return feed - 1;
    return feed;
  }

  void _endBody(_HttpIncoming incoming) {
    _incoming = null;
    incoming.onEnded?.call();
    incoming._end();
  }

  void _onDone() {
    if (_isDetached || _isClosed) return;
    _isClosed = true;
    final incoming = _incoming;
    if (incoming == null) {
      if (_start < _buffer.length && _wantsHead) {
        _onError(
            const HttpException(
                'Connection closed before full header was received'),
            StackTrace.current);
      } else {
        _onEnd();
      }
      return;
    }
    if (_kind == _BodyKind.untilClosed || _kind == _BodyKind.none) {
      _flushRest(incoming);
      _endBody(incoming);
    } else {
      _breakBody(
          incoming,
          const HttpException('Connection closed while receiving data'),
          StackTrace.current);
    }
    _onEnd();
  }

  void _flushRest(_HttpIncoming incoming) {
    final rest = _buffer.length - _start;
    if (_kind == _BodyKind.untilClosed && rest > 0) _give(incoming, rest);
  }

  void _breakBody(_HttpIncoming incoming, Object error, StackTrace trace) {
    _incoming = null;
    incoming.onEnded?.call();
    if (!_bodyCanceled) incoming._body.addError(error, trace);
    incoming._end();
  }

  void _fail(Object error, StackTrace stackTrace) {
    if (_isClosed || _isDetached) return;
    _isClosed = true;
    final incoming = _incoming;
    if (incoming != null) {
      _breakBody(incoming, error, stackTrace);
      _onEnd();
    } else {
      _onError(error, stackTrace);
    }
  }

  /// Gives the connection away: what has come already, and the subscription.
  _DetachedIncoming detach() {
    _isDetached = true;
    final rest = Uint8List.sublistView(_buffer, _start);
    final incoming = _incoming;
    _incoming = null;
    incoming?._end();
    return _DetachedIncoming(_subscription, rest, _pausedSocket);
  }

  void cancel() {
    _isClosed = true;
    _subscription.cancel();
  }
}

/// The rest of a connection's stream.
///
/// The connection is read on until something comes, so that its end is seen
/// although nobody listens.
final class _DetachedIncoming extends Stream<Uint8List> {
  final StreamSubscription<List<int>> _subscription;
  late final StreamController<Uint8List> _controller =
      StreamController<Uint8List>(
          sync: true,
          onListen: _resume,
          onPause: _pause,
          onResume: _resume,
          onCancel: _subscription.cancel);
  bool _isPaused;

  _DetachedIncoming(this._subscription, Uint8List rest, this._isPaused) {
    _subscription
      ..onData(_add)
      ..onError(_controller.addError)
      ..onDone(_controller.close);
    if (rest.isEmpty) {
      _resume();
    } else {
      _add(rest);
    }
  }

  void _add(List<int> data) {
    _controller.add(_asBytes(data));
    if (!_controller.hasListener) _pause();
  }

  void _pause() {
    if (!_isPaused) _subscription.pause();
    _isPaused = true;
  }

  void _resume() {
    if (_isPaused) _subscription.resume();
    _isPaused = false;
  }

  StreamSubscription<Uint8List> listen(void Function(Uint8List event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _controller.stream.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);
}

/// A connection that HTTP has no part in any more.
final class _DetachedSocket extends Stream<Uint8List> implements Socket {
  final Socket _socket;
  final Stream<Uint8List> _incoming;

  _DetachedSocket(this._socket, this._incoming);

  StreamSubscription<Uint8List> listen(void Function(Uint8List event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _incoming.listen(onData,
          onError: onError, onDone: onDone, cancelOnError: cancelOnError);

  Encoding get encoding => _socket.encoding;

  void set encoding(Encoding value) {
    _socket.encoding = value;
  }

  void write(Object? object) => _socket.write(object);
  void writeln([Object? object = '']) => _socket.writeln(object);
  void writeCharCode(int charCode) => _socket.writeCharCode(charCode);
  void writeAll(Iterable<dynamic> objects, [String separator = '']) =>
      _socket.writeAll(objects, separator);
  void add(List<int> data) => _socket.add(data);
  void addError(Object error, [StackTrace? stackTrace]) =>
      _socket.addError(error, stackTrace);
  Future<dynamic> addStream(Stream<List<int>> stream) =>
      _socket.addStream(stream);
  void destroy() => _socket.destroy();
  Future<dynamic> flush() => _socket.flush();
  Future<dynamic> close() => _socket.close();
  Future<dynamic> get done => _socket.done;
  int get port => _socket.port;
  InternetAddress get address => _socket.address;
  InternetAddress get remoteAddress => _socket.remoteAddress;
  int get remotePort => _socket.remotePort;
  bool setOption(SocketOption option, bool enabled) =>
      _socket.setOption(option, enabled);
  Uint8List getRawOption(RawSocketOption option) =>
      _socket.getRawOption(option);
  void setRawOption(RawSocketOption option) => _socket.setRawOption(option);
}
