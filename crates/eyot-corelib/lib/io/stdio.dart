part of 'io.dart';

final Stdin _stdin = Stdin._();
final Stdout _stdout = Stdout._(1);
final Stdout _stderr = Stdout._(2);

Stdin get stdin => IOOverrides.current?.stdin ?? _stdin;

Stdout get stdout => IOOverrides.current?.stdout ?? _stdout;

Stdout get stderr => IOOverrides.current?.stderr ?? _stderr;

/// Native: writes [text] in UTF-8 to standard output (1) or error (2), behind
/// what `print` has written. Errors are ignored.
external void _writeText(int descriptor, String text);

/// Native: writes bytes likewise.
external void _writeBytes(int descriptor, Uint8List bytes);

/// Native: whether that descriptor (0, 1, 2) is a terminal.
external bool _isTerminal(int descriptor);

/// Native: columns and lines of the terminal, or 0 if it is none: columns in
/// the upper half of 32 bits.
external int _terminalSize(int descriptor);

/// What a standard stream leads to.
final class StdioType {
  static const StdioType terminal = StdioType._('terminal');
  static const StdioType pipe = StdioType._('pipe');
  static const StdioType file = StdioType._('file');
  static const StdioType other = StdioType._('other');

  final String name;

  const StdioType._(this.name);

  String toString() => 'StdioType: $name';
}

StdioType stdioType(dynamic object) {
  final int descriptor;
  if (object is Stdout) {
    descriptor = object._descriptor;
  } else if (object is Stdin) {
    descriptor = 0;
  } else {
    return StdioType.other;
  }
  return _isTerminal(descriptor) ? StdioType.terminal : StdioType.pipe;
}

/// Writes go straight to the runtime, in order with `print`.
class Stdout extends _TextSink {
  final int _descriptor;
  final Completer<dynamic> _done = Completer<dynamic>();
  String lineTerminator = '\n';
  IOSink? _nonBlocking;

  Stdout._(this._descriptor) : super(utf8);

  bool get hasTerminal => _isTerminal(_descriptor);

  int get terminalColumns => _size() >> 16;

  int get terminalLines => _size() & 0xFFFF;

  int _size() {
    final size = _terminalSize(_descriptor);
    if (size == 0) {
      throw const StdoutException('Could not get terminal size',
          OSError('Inappropriate ioctl for device', 25));
    }
    return size;
  }

  bool get supportsAnsiEscapes =>
      hasTerminal && Platform.environment['TERM'] != 'dumb';

  IOSink get nonBlocking => _nonBlocking ??= IOSink(_StdConsumer(this));

  bool _isBound = false;
  bool _isClosed = false;

  void _check() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (_isClosed) throw StateError('StreamSink is closed');
  }

  void write(Object? object) {
    _check();
    if (_done.isCompleted) return;
    final text = '$object';
    if (identical(encoding, utf8)) {
      _writeText(_descriptor, text);
    } else {
      _writeBytes(_descriptor, _uint8(encoding.encode(text)));
    }
  }

  void writeln([Object? object = '']) => write('$object$lineTerminator');

  void add(List<int> data) {
    _check();
    if (!_done.isCompleted) _writeNow(data);
  }

  void _writeNow(List<int> data) => _writeBytes(_descriptor, _uint8(data));

  /// Ends the sink: what is written later is dropped.
  void addError(Object error, [StackTrace? stackTrace]) {
    _check();
    if (!_done.isCompleted) _done.completeError(error, stackTrace);
  }

  Future<dynamic> addStream(Stream<List<int>> stream) {
    _check();
    _isBound = true;
    return stream.forEach(_writeNow).whenComplete(() {
      _isBound = false;
    });
  }

  Future<dynamic> flush() {
    _check();
    return Future<dynamic>.value(this);
  }

  Future<dynamic> close() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    _isClosed = true;
    if (!_done.isCompleted) _done.complete(this);
    return done;
  }

  Future<dynamic> get done => _done.future;
}

final class _StdConsumer implements StreamConsumer<List<int>> {
  final Stdout _out;

  _StdConsumer(this._out);

  Future<dynamic> addStream(Stream<List<int>> stream) =>
      stream.forEach(_out._writeNow);

  Future<dynamic> close() => Future<dynamic>.value(_out);
}

/// Standard input: lines or bytes now, or a stream.
class Stdin extends Stream<List<int>> {
  StreamController<List<int>>? _controller;
  _Endpoint? _endpoint;

  Stdin._();

  StreamSubscription<List<int>> listen(
      void Function(List<int> event)? onData,
      {Function? onError,
      void Function()? onDone,
      bool? cancelOnError}) {
    final controller = _controller ??= StreamController<List<int>>(
        sync: true,
        onListen: _start,
        onPause: () => _endpoint?.disarm(_readable),
        onResume: () => _endpoint?.arm(_readable),
        onCancel: () => _endpoint?.close());
    return controller.stream.listen(onData,
        onError: onError, onDone: onDone, cancelOnError: cancelOnError);
  }

  void _start() {
    final endpoint = _Endpoint();
    endpoint.open(_opStandardInput, const [],
        (OSError error) => SocketException('', osError: error));
    _endpoint = endpoint;
    endpoint.onReadable = _read;
    final first = unsafeCast<Uint8List>(
        _now(_opStdinBuffered, const [], 'Error reading stdin', null));
    if (first.isNotEmpty) {
      scheduleMicrotask(() => _controller?.add(first));
    }
    endpoint.arm(_readable);
  }

  /// Only once for each event: the descriptor may block.
  void _read() {
    final endpoint = _endpoint, controller = _controller;
    if (endpoint == null || controller == null) return;
    final bytes = _endpointRead(endpoint.handle, 64 * 1024);
    if (bytes is! Uint8List || bytes.isEmpty) {
      if (bytes is List<Object?> && bytes is! Uint8List) {
        controller.addError(FileSystemException._of(
            _osErrorOf(bytes), 'Error reading stdin', null));
      }
      endpoint.close();
      controller.close();
      return;
    }
    controller.add(bytes);
    if (!controller.isPaused) endpoint.arm(_readable);
  }

  String? readLineSync(
      {Encoding encoding = systemEncoding, bool retainNewlines = false}) {
    final line = _now(
        _opStdinLine, [retainNewlines], 'Error reading from stdin', null);
    return line == null ? null : encoding.decode(unsafeCast<Uint8List>(line));
  }

  int readByteSync() => unsafeCast<int>(
      _now(_opStdinByte, const [], 'Error reading byte from stdin', null));

  bool get hasTerminal => _isTerminal(0);

  bool get supportsAnsiEscapes =>
      hasTerminal && Platform.environment['TERM'] != 'dumb';

  bool get echoMode => _mode(_modeEcho);

  void set echoMode(bool value) => _setMode(_modeEcho, value);

  bool get echoNewlineMode => _mode(_modeEchoNewline);

  void set echoNewlineMode(bool value) => _setMode(_modeEchoNewline, value);

  bool get lineMode => _mode(_modeLine);

  void set lineMode(bool value) => _setMode(_modeLine, value);

  static bool _mode(int which) {
    final answer = _terminalMode(which);
    if (answer.length == 1) return unsafeCast<bool>(answer[0]);
    throw StdinException(
        'Error getting terminal ${_modeNames[which]} mode', _osErrorOf(answer));
  }

  static void _setMode(int which, bool value) {
    final answer = _setTerminalMode(which, value);
    if (answer.length == 1) return;
    throw StdinException(
        'Error setting terminal ${_modeNames[which]} mode', _osErrorOf(answer));
  }
}

const int _modeEcho = 0;
const int _modeLine = 1;
const int _modeEchoNewline = 2;
const List<String> _modeNames = ['echo', 'line', 'echo newline'];

/// Native: a setting of the terminal at standard input; answers as [_request].
external List<Object?> _terminalMode(int which);

/// Native: changes it.
external List<Object?> _setTerminalMode(int which, bool value);
