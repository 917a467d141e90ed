part of 'io.dart';

/// Native: the head of a message in `bytes[start .. end)`: its length, minor
/// version, method and target or status and reason, then names (in lower
/// case) and values by turns. Null if it is not complete, a String if it makes
/// no sense.
external Object? _httpHead(bool isRequest, Uint8List bytes, int start, int end);

/// A message that comes in; the stream is its body.
final class _HttpIncoming extends Stream<Uint8List> {
  final _HttpHeaders headers;
  final String method;
  final String target;
  final int statusCode;
  final String reasonPhrase;

  /// Completes when the body has come to its end.
  final Completer<void> ended = Completer<void>();

  /// Called just before whoever listens hears of the end.
  void Function()? onEnded;
  late final StreamController<Uint8List> _body;
  bool hasSubscriber = false;
  bool upgraded = false;
  int transferLength = -1;

  _HttpIncoming(this.headers, this.method, this.target, this.statusCode,
      this.reasonPhrase);

  bool get persistentConnection => headers.persistentConnection;

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

  Uint8List _buffer = Uint8List(0);
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
    _updatePause();
  }

  bool _isBlocked(_HttpIncoming incoming) =>
      !_bodyCanceled &&
      (!incoming._body.hasListener || incoming._body.isPaused) &&
      _kind != _BodyKind.none;

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
    final parts = unsafeCast<List<Object?>>(head);
    _start += unsafeCast<int>(parts[0]);
    _begin(parts);
    return true;
  }

  void _begin(List<Object?> parts) {
    final headers = _HttpHeaders(parts[1] == 0 ? '1.0' : '1.1');
    for (int i = 4; i + 1 < parts.length; i += 2) {
      headers._receive(
          unsafeCast<String>(parts[i]), unsafeCast<String>(parts[i + 1]));
    }
    headers._isMutable = false;
    final _HttpIncoming incoming;
    if (_isRequest) {
      incoming = _HttpIncoming(headers, unsafeCast<String>(parts[2]),
          unsafeCast<String>(parts[3]), 0, '');
    } else {
      incoming = _HttpIncoming(headers, '', '', unsafeCast<int>(parts[2]),
          unsafeCast<String>(parts[3]));
    }
    _chooseBody(incoming);
    incoming._body = StreamController<Uint8List>(
        sync: true,
        onListen: _bodyChanged,
        onPause: _updatePause,
        onResume: _bodyChanged,
        onCancel: () {
          _bodyCanceled = true;
          _bodyChanged();
        });
    _incoming = incoming;
    _wantsHead = false;
    _bodyCanceled = false;
    if (_isRequest
        ? incoming.method == 'CONNECT'
        : incoming.statusCode == 101 ||
            requestMethod == 'CONNECT' && incoming.statusCode ~/ 100 == 2) {
      incoming.upgraded = true;
    } else {
      final upgrade = headers[HttpHeaders.upgradeHeader];
      incoming.upgraded = _isRequest && upgrade != null && _hasUpgrade(headers);
    }
    if (_kind == _BodyKind.none || _kind == _BodyKind.length && _left == 0) {
      _kind = _BodyKind.none;
    }
    _onMessage(incoming);
  }

  static bool _hasUpgrade(_HttpHeaders headers) =>
      headers[HttpHeaders.connectionHeader]
          ?.any((token) => token.toLowerCase() == 'upgrade') ??
      false;

  void _bodyChanged() {
    _updatePause();
    if (!_isParsing && _incoming != null) {
      // Not within the caller's listen or resume.
      scheduleMicrotask(() {
        if (!_isParsing) _parse();
      });
    }
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
    if (!incoming.ended.isCompleted) incoming.ended.complete();
    incoming._body.close();
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
    incoming._body.close();
    if (!incoming.ended.isCompleted) incoming.ended.complete();
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
    if (incoming != null) {
      if (!incoming.ended.isCompleted) incoming.ended.complete();
      incoming._body.close();
    }
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
