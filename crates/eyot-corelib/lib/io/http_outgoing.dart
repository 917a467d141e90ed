part of 'io.dart';

/// Writes to a connection for the messages on it, in order. Small pieces are
/// collected, so that a small message is one packet; while a flush is under way
/// the socket takes nothing, and data waits here too.
final class _HttpWriter {
  final Socket socket;
  final BytesBuilder _held = BytesBuilder(copy: false);
  Future<void>? _flushing;
  bool _isScheduled = false;

  /// So much is not held back.
  static const int _heldMax = 8 * 1024;

  /// Bytes since the last flush.
  int unflushed = 0;
  bool isBroken = false;

  /// Whoever writes now is told when the socket has gone.
  void Function()? onBroken;

  _HttpWriter(this.socket) {
    socket.done.then<void>((_) {}, onError: (_) {}).whenComplete(() {
      isBroken = true;
      onBroken?.call();
    });
  }

  /// With [waits] it may be held back until a flush; else only until the
  /// running event is over.
  void add(Uint8List bytes, {bool waits = false}) {
    if (isBroken || bytes.isEmpty) return;
    unflushed += bytes.length;
    _held.add(bytes);
    if (_flushing != null) return;
    if (_held.length > _heldMax) {
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
    if (!isBroken && _held.isNotEmpty) socket.add(_held.takeBytes());
  }

  Future<void> flush() => _flushing ??= _flush().whenComplete(() {
        _flushing = null;
      });

  Future<void> _flush() async {
    do {
      _release();
      unflushed = 0;
      if (isBroken) return;
      await socket.flush();
    } while (unflushed > 0);
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

  Encoding get encoding {
    if (_encodingFixed && _headWritten) return super.encoding;
    final charset = headers.contentType?.charset;
    return (charset == null ? null : Encoding.getByName(charset)) ?? latin1;
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
    if (!headers.chunkedTransferEncoding) {
      writer.add(_asBytes(data), waits: bufferOutput);
      return;
    }
    final size = data.length.toRadixString(16);
    final framed = BytesBuilder()
      ..add(ascii.encode('$size\r\n'))
      ..add(data)
      ..add(const [13, 10]);
    writer.add(framed.takeBytes(), waits: bufferOutput);
  }

  void _writeHead() {
    if (_headWritten) return;
    _headWritten = true;
    _writer?.onBroken = _onBroken;
    _beforeHead();
    headers._isMutable = false;
    final buffer = StringBuffer();
    _startLine(buffer);
    headers._write(buffer);
    buffer.write('\r\n');
    _writer?.add(latin1.encode(buffer.toString()), waits: bufferOutput);
  }

  /// Last changes of the fields.
  void _beforeHead() {}

  void _startLine(StringBuffer buffer);

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
      _writer?.add(ascii.encode('0\r\n\r\n'), waits: true);
    }
    final writer = _writer;
    if (writer == null) {
      _complete();
    } else {
      writer.flush().then<void>((_) => _complete(), onError: _fail);
    }
    return done;
  }

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
