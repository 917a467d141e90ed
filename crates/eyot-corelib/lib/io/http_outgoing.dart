part of 'io.dart';

/// Native: writes a head into the buffer from [at] on: the start line, the
/// fields of a table, an empty line. Answers where it ends; -1 if it cannot; -2
/// less the number of bytes if the buffer has no room for them.
external int _headInto(
    Uint8List buffer, int at, String start, List<Object?> table);

/// Native: writes a chunk into the buffer from [at] on. Answers where it ends.
external int _chunkInto(Uint8List buffer, int at, Uint8List data);

final Uint8List _noBytes = Uint8List(0);

/// Writes to a connection for the messages on it, in order. Small pieces are
/// collected, so that a small message is one packet. What the system takes at
/// once is written then; the rest goes through the socket's sink, until a flush.
/// While a flush is under way the socket takes nothing, and data waits here too.
final class _HttpWriter {
  final Socket socket;

  /// The socket, if it is one that can be written to without its sink.
  final _Socket? _direct;

  /// What is collected: `_held[0 .. _length)`.
  Uint8List _held = _noBytes;
  int _length = 0;

  /// Bytes that the sink of the socket has got since its last flush.
  int _given = 0;
  Future<void>? _flushing;
  bool _isScheduled = false;

  /// So much is not held back.
  static const int _heldMax = 8 * 1024;

  /// Longer pieces are not copied.
  static const int _copyMax = 128 * 1024;

  static const int _bufferMin = 2048;

  /// A buffer that is not used now: whoever writes next takes it. So
  /// connections that are idle have none.
  static Uint8List? _spare;
  static const int _spareMax = 64 * 1024;

  bool isBroken = false;

  /// Whoever writes now: told when the socket has gone.
  _HttpSink? sink;

  _HttpWriter(this.socket)
      : _direct = socket is _Socket ? unsafeCast<_Socket>(socket) : null {
    socket.done.then<void>((_) {}, onError: (_) {}).whenComplete(() {
      isBroken = true;
      sink?._onBroken();
    });
  }

  /// Bytes that the system does not have yet.
  int get unflushed => _length + _given;

  void _reserve(int count) {
    final needed = _length + count;
    final held = _held;
    if (needed <= held.length) return;
    final spare = _spare;
    if (_length == 0 && spare != null && spare.length >= needed) {
      _spare = null;
      _held = spare;
      return;
    }
    int capacity = held.length < _bufferMin ? _bufferMin : held.length * 2;
    while (capacity < needed) {
      capacity *= 2;
    }
    final grown = Uint8List(capacity);
    if (_length != 0) grown.setRange(0, _length, held);
    _held = grown;
  }

  /// With [waits] it may be held back until a flush; else only until the
  /// running event is over.
  void add(Uint8List bytes, {bool waits = false}) {
    final count = bytes.length;
    if (isBroken || count == 0) return;
    if (count > _copyMax && _flushing == null) {
      _release();
      _give(bytes, 0, count);
      return;
    }
    _reserve(count);
    _held.setRange(_length, _length + count, bytes);
    _length += count;
    _added(waits);
  }

  void addChunk(Uint8List bytes, bool waits) {
    final count = bytes.length;
    if (isBroken || count == 0) return;
    if (count > _copyMax) {
      add(ascii.encode('${count.toRadixString(16)}\r\n'), waits: true);
      add(bytes, waits: true);
      add(ascii.encode('\r\n'), waits: waits);
      return;
    }
    _reserve(count + 20);
    _length = _chunkInto(_held, _length, bytes);
    _added(waits);
  }

  void addHead(String start, _HttpHeaders headers, bool waits) {
    if (isBroken) return;
    if (headers._isPlain) {
      final rows = headers._rows;
      int end = _headInto(_held, _length, start, rows);
      if (end < -1) {
        _reserve(-2 - end);
        end = _headInto(_held, _length, start, rows);
      }
      if (end >= 0) {
        _length = end;
        _added(waits);
        return;
      }
    }
    final buffer = StringBuffer(start);
    headers._write(buffer);
    buffer.write('\r\n');
    add(latin1.encode(buffer.toString()), waits: waits);
  }

  void _added(bool waits) {
    if (_flushing != null) return;
    if (_length > _heldMax) {
      _release();
    } else if (!waits && !_isScheduled) {
      _isScheduled = true;
      scheduleMicrotask(() {
        _isScheduled = false;
        if (_flushing == null) _release();
      });
    }
  }

  /// Gives the socket what is held.
  void _release() {
    final length = _length;
    if (length == 0) return;
    final held = _held;
    _held = _noBytes;
    _length = 0;
    if (isBroken) return;
    if (_give(held, 0, length) && held.length <= _spareMax) _spare = held;
  }

  /// Whether the system has taken all of it.
  bool _give(Uint8List bytes, int start, int end) {
    final direct = _direct;
    if (direct != null && _given == 0) {
      start += direct._writeNow(bytes, start, end - start);
      if (start == end) return true;
    }
    _given += end - start;
    socket.add(start == 0 && end == bytes.length
        ? bytes
        : Uint8List.sublistView(bytes, start, end));
    return false;
  }

  /// A flush that needs no waiting; false if it does.
  bool flushNow() {
    if (_flushing != null || _direct == null) return false;
    _release();
    return _given == 0 || isBroken;
  }

  Future<void> flush() {
    final running = _flushing;
    if (running != null) return running;
    if (flushNow()) return Future<void>.value();
    return _flushing = _flush().whenComplete(() {
      _flushing = null;
    });
  }

  Future<void> _flush() async {
    do {
      _release();
      if (isBroken) return;
      await socket.flush();
      _given = 0;
    } while (_length > 0);
  }
}

/// A message that goes out: a request or a response.
///
/// The head goes out with the first data; until then fields may change. What is
/// added at once is one chunk.
abstract class _HttpSink extends _TextSink {
  final _HttpHeaders headers;
  _HttpWriter? _writer;
  final Completer<dynamic> _sent = Completer<dynamic>();
  bool _headWritten = false;
  bool _encodingFixed = false;
  bool _isClosed = false;
  bool _isBound = false;
  bool _failed = false;
  bool bufferOutput = true;

  /// Since the last flush or added stream: only then a flush binds the sink.
  bool _hasAdded = false;

  /// The body is not sent: it answers a HEAD.
  bool _ignoresBody = false;
  int _written = 0;
  Sink<List<int>>? _compressor;

  /// A stream that is added waits when this much is not sent yet.
  static const int _unflushedMax = 64 * 1024;

  _HttpSink(this.headers) : super(latin1) {
    // A client that has left is nobody's mistake: who wants to know, asks.
    _sent.future.ignore();
  }

  Uri? get _uri => null;

  int get contentLength => headers.contentLength;

  void set contentLength(int value) {
    headers.contentLength = value;
  }

  bool get persistentConnection => headers.persistentConnection;

  void set persistentConnection(bool value) {
    headers.persistentConnection = value;
  }

  // ---- text

  /// Most messages have the type of the one before.
  static String? _lastType;
  static Encoding _lastEncoding = latin1;

  Encoding get encoding {
    if (_encodingFixed && _headWritten) return super.encoding;
    final type = headers._first(HttpHeaders.contentTypeHeader);
    if (type == null) return latin1;
    if (type != _lastType) {
      final charset = ContentType.parse(type).charset;
      _lastEncoding =
          (charset == null ? null : Encoding.getByName(charset)) ?? latin1;
      _lastType = type;
    }
    return _lastEncoding;
  }

  void set encoding(Encoding value) => throw StateError(
      'IOSink encoding is not mutable');

  void write(Object? object) {
    if (!_encodingFixed) {
      super.encoding = encoding;
      _encodingFixed = true;
    }
    final text = '$object';
    if (text.isNotEmpty) add(super.encoding.encode(text));
  }

  // ---- data

  void _check() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (_isClosed) throw StateError('StreamSink is closed');
  }

  void add(List<int> data) {
    _check();
    if (data.isEmpty || _failed) return;
    _hasAdded = true;
    _take(data);
  }

  void _take(List<int> data) {
    if (_ignoresBody) {
      _writeHead();
      return;
    }
    _written += data.length;
    final length = headers.contentLength;
    if (length >= 0 && _written > length) {
      _fail(
          HttpException(
              'Content size exceeds specified contentLength. '
              '$_written bytes written while expected $length. '
              '[${String.fromCharCodes(data)}]',
              uri: _uri),
          StackTrace.current);
      return;
    }
    _writeHead();
    final compressor = _compressor;
    if (compressor != null) {
      compressor.add(data);
    } else {
      _frame(data);
    }
  }

  void _frame(List<int> data) {
    final writer = _writer;
    if (writer == null || data.isEmpty) return;
    final bytes = _asBytes(data);
    if (headers._chunked) {
      writer.addChunk(bytes, bufferOutput);
    } else {
      writer.add(bytes, waits: bufferOutput);
    }
  }

  void _writeHead() {
    if (_headWritten) return;
    _headWritten = true;
    final writer = _writer;
    writer?.sink = this;
    _beforeHead();
    headers._isMutable = false;
    writer?.addHead(_startLine, headers, bufferOutput);
  }

  /// Last changes of the fields.
  void _beforeHead() {}

  /// With its end of line.
  String get _startLine;

  void addError(Object error, [StackTrace? stackTrace]) {
    _check();
    _fail(error, stackTrace ?? StackTrace.current);
  }

  Future<dynamic> addStream(Stream<List<int>> stream) {
    _check();
    if (_failed) return _sent.future;
    _isBound = true;
    _hasAdded = false;
    final done = Completer<dynamic>();
    final subscription = stream.listen(null);
    void end([Object? error, StackTrace? stackTrace]) {
      subscription.cancel();
      _isBound = false;
      _stopAdding = null;
      if (done.isCompleted) return;
      if (error == null) {
        done.complete(this);
      } else {
        done.completeError(error, stackTrace);
      }
    }

    _stopAdding = end;
    subscription
      ..onData((List<int> data) {
        if (data.isNotEmpty && !_failed) _take(data);
        final writer = _writer;
        if (writer != null && writer.unflushed > _unflushedMax) {
          subscription
              .pause(writer.flush().then<void>((_) {}, onError: (_) {}));
        }
      })
      ..onError((Object error, StackTrace stackTrace) {
        end(error, stackTrace);
        _fail(error, stackTrace);
      })
      ..onDone(end);
    return done.future;
  }

  /// Ends the stream that is being added, if one is.
  void Function([Object? error, StackTrace? stackTrace])? _stopAdding;

  /// The other side has left: what is still written is dropped, without an
  /// error.
  void _onBroken() {
    if (_failed || _sent.isCompleted) return;
    _failed = true;
    _stopAdding?.call();
    _onLeft();
  }

  /// Tells that nobody will read what was sent.
  void _onLeft() => _sent.complete(this);

  Future<dynamic> flush() {
    _check();
    final writer = _writer;
    if (_failed || writer == null || !_headWritten) {
      return Future<dynamic>.value(this);
    }
    if (!_hasAdded) return writer.flush().then<dynamic>((_) => this);
    _hasAdded = false;
    _isBound = true;
    return writer.flush().then<dynamic>((_) => this).whenComplete(() {
      _isBound = false;
    });
  }

  Future<dynamic> close() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (_isClosed) return done;
    _isClosed = true;
    if (_failed) return done;
    if (!_headWritten && !_ignoresBody && headers.contentLength == -1 && _written == 0) {
      // There is no body.
      headers.chunkedTransferEncoding = false;
      headers.contentLength = 0;
    }
    final length = headers.contentLength;
    if (!_ignoresBody && length >= 0 && _written < length) {
      _fail(
          HttpException(
              'Content size below specified contentLength. '
              ' $_written bytes written but expected $length.',
              uri: _uri),
          StackTrace.current);
      return done;
    }
    _writeHead();
    _compressor?.close();
    if (headers.chunkedTransferEncoding && !_ignoresBody) {
      _writer?.add(_lastChunk, waits: true);
    }
    final writer = _writer;
    if (writer == null) {
      _complete();
    } else if (writer.flushNow()) {
      scheduleMicrotask(_complete);
    } else {
      writer.flush().then<void>((_) => _complete(), onError: _fail);
    }
    return done;
  }

  static final Uint8List _lastChunk = ascii.encode('0\r\n\r\n');

  Future<dynamic> get done => _sent.future;

  void _complete() {
    if (_sent.isCompleted) return;
    _sent.complete(this);
    _onSent();
  }

  /// Everything is sent.
  void _onSent();

  /// The connection cannot be used any more.
  void _onFailed();

  void _fail(Object error, StackTrace stackTrace) {
    if (_failed) return;
    _failed = true;
    if (!_sent.isCompleted) _sent.completeError(error, stackTrace);
    _stopAdding?.call(error, stackTrace);
    _onFailed();
  }
}

/// The two ends of a connection.
abstract interface class HttpConnectionInfo {
  InternetAddress get remoteAddress;
  int get remotePort;
  int get localPort;
}

final class _HttpConnectionInfo implements HttpConnectionInfo {
  final InternetAddress remoteAddress;
  final int remotePort;
  final int localPort;

  _HttpConnectionInfo(this.remoteAddress, this.remotePort, this.localPort);

  static HttpConnectionInfo? of(Socket socket) {
    try {
      return _HttpConnectionInfo(
          socket.remoteAddress, socket.remotePort, socket.port);
    } on SocketException {
      return null;
    }
  }
}
