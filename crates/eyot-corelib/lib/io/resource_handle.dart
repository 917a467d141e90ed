part of 'io.dart';

// Operations on descriptors that are on their way. A descriptor is the handle
// of an open file.

/// (endpoint) -> descriptor, a copy
const int _opOfEndpoint = 0;

/// (file) -> descriptor, a copy
const int _opOfFile = 1;

/// (0, 1 or 2) -> descriptor, a copy
const int _opOfStandard = 2;

/// (descriptor) -> endpoint, in its place
const int _opToEndpoint = 3;

/// (endpoint, bytes, pairs of one of the operations above and its argument)
/// -> number of bytes sent
const int _opSendMessage = 4;

/// (endpoint, most) -> [bytes, descriptor, …], the bytes empty at the end, or
/// null
const int _opReceiveMessage = 5;

/// Native: an operation that does not block; answers as [_request].
external List<Object?> _handleCall(
    int operation, List<Object?> arguments, SendPort? events);

/// A descriptor that a unix socket can send, or has brought.
abstract interface class ResourceHandle {
  factory ResourceHandle.fromFile(RandomAccessFile file) {
    if (file is! _RandomAccessFile) throw _notOurs(file, 'file');
    file._checkFree();
    return _ResourceHandle._of(_opOfFile, file._handle);
  }

  factory ResourceHandle.fromSocket(Socket socket) {
    if (socket is! _Socket) throw _notOurs(socket, 'socket');
    return _ResourceHandle._ofEndpoint(socket._endpoint, socket);
  }

  factory ResourceHandle.fromRawSocket(RawSocket socket) {
    if (socket is! _RawSocket) throw _notOurs(socket, 'socket');
    return _ResourceHandle._ofEndpoint(socket._endpoint, socket);
  }

  factory ResourceHandle.fromRawDatagramSocket(RawDatagramSocket socket) {
    if (socket is! _RawDatagramSocket) throw _notOurs(socket, 'socket');
    return _ResourceHandle._ofEndpoint(socket._endpoint, socket);
  }

  factory ResourceHandle.fromStdin(Stdin stdin) =>
      _ResourceHandle._of(_opOfStandard, 0);

  factory ResourceHandle.fromStdout(Stdout stdout) =>
      _ResourceHandle._of(_opOfStandard, stdout._descriptor);

  factory ResourceHandle.fromReadPipe(ReadPipe pipe) {
    if (pipe is! _ReadPipe) throw _notOurs(pipe, 'pipe');
    return _ResourceHandle._ofEndpoint(pipe._endpoint, pipe);
  }

  factory ResourceHandle.fromWritePipe(WritePipe pipe) {
    if (pipe is! _WritePipe) throw _notOurs(pipe, 'pipe');
    return _ResourceHandle._ofEndpoint(pipe._endpoint, pipe);
  }

  RandomAccessFile toFile();
  Socket toSocket();
  RawSocket toRawSocket();
  RawDatagramSocket toRawDatagramSocket();
  ReadPipe toReadPipe();
  WritePipe toWritePipe();
}

ArgumentError _notOurs(Object object, String name) =>
    ArgumentError.value(object, name, 'not of dart:io');

@pragma('vm:isolate-unsendable')
final class _ResourceHandle implements ResourceHandle {
  static final Finalizer<int> _forgotten = Finalizer<int>(
      (int descriptor) => _request(_opClose, [descriptor]));

  /// The operation that gives a copy of the descriptor, and its argument. One
  /// that was received is the handle's own: [_opOfFile], no copy needed.
  final int _operation;
  int _number;
  final bool _isOwn;

  /// It has become something else.
  bool _isUsed = false;

  _ResourceHandle._of(this._operation, this._number) : _isOwn = false;

  _ResourceHandle.received(this._number)
      : _operation = _opOfFile,
        _isOwn = true {
    _forgotten.attach(this, _number, detach: this);
  }

  static _ResourceHandle _ofEndpoint(_Endpoint endpoint, Object socket) {
    if (endpoint._isSecure) throw _notOurs(socket, 'socket');
    if (!endpoint.isOpen) throw const SocketException.closed();
    return _ResourceHandle._of(_opOfEndpoint, endpoint.handle);
  }

  void _checkUnused() {
    if (_isUsed) throw StateError('Resource handle has already been used.');
  }

  /// A descriptor for something else to have.
  int _take() {
    _checkUnused();
    if (!_isOwn) {
      final answer = _handleCall(_operation, [_number], null);
      if (answer.length == 2) {
        final error = _osErrorOf(answer);
        throw SocketException(error.message, osError: error);
      }
      _number = unsafeCast<int>(answer[0]);
    }
    _isUsed = true;
    _forgotten.detach(this);
    return _number;
  }

  _Endpoint _toEndpoint() {
    final descriptor = _take();
    final endpoint = _Endpoint();
    final answer =
        _handleCall(_opToEndpoint, [descriptor], endpoint._port.sendPort);
    if (answer.length == 2) {
      endpoint.close();
      final error = _osErrorOf(answer);
      throw SocketException('Resource handle is no socket', osError: error);
    }
    endpoint.handle = unsafeCast<int>(answer[0]);
    return endpoint;
  }

  RandomAccessFile toFile() => _RandomAccessFile('', _take());

  Socket toSocket() => _Socket(_toEndpoint());

  RawSocket toRawSocket() => _RawSocket(_toEndpoint());

  RawDatagramSocket toRawDatagramSocket() =>
      _RawDatagramSocket(_toEndpoint());

  ReadPipe toReadPipe() => _ReadPipe(_toEndpoint());

  WritePipe toWritePipe() => _WritePipe(_toEndpoint());
}

/// What a unix socket sends beside data.
abstract interface class SocketControlMessage {
  factory SocketControlMessage.fromHandles(List<ResourceHandle> handles) =
      _SocketControlMessage;

  List<ResourceHandle> extractHandles();
  int get level;
  int get type;
  Uint8List get data;
}

@pragma('vm:isolate-unsendable')
final class _SocketControlMessage implements SocketControlMessage {
  final List<ResourceHandle> _handles;

  _SocketControlMessage(this._handles);

  List<ResourceHandle> extractHandles() => _handles;

  /// `SOL_SOCKET`.
  int get level => 1;

  /// `SCM_RIGHTS`.
  int get type => 1;

  Uint8List get data => Int32List.fromList([
        for (final handle in _handles)
          unsafeCast<_ResourceHandle>(handle)._number,
      ]).buffer.asUint8List();

  /// What to send: pairs of operation and argument.
  static List<int> _descriptorsOf(List<SocketControlMessage> messages) {
    final pairs = <int>[];
    for (final message in messages) {
      for (final handle in message.extractHandles()) {
        if (handle is! _ResourceHandle) throw _notOurs(handle, 'handle');
        handle._checkUnused();
        pairs
          ..add(handle._operation)
          ..add(handle._number);
      }
    }
    return pairs;
  }
}
