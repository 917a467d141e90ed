part of 'io.dart';

// Operations on endpoints: number, arguments, value. An address is three
// arguments: bytes or path, port, scope.

/// (address, source address or null) -> handle
const int _opConnect = 100;

/// (address, backlog, IPv6 only, shared) -> handle
const int _opListen = 101;

/// (address, reuse address, reuse port, time to live) -> handle
const int _opBindDatagram = 102;

/// (handle) -> handle, or null if nobody waits
const int _opAccept = 103;

/// (handle, 0 receive, 1 send, 2 both) -> null
const int _opShutdown = 105;

/// (handle) -> address
const int _opLocalAddress = 106;

/// (handle) -> address
const int _opRemoteAddress = 107;

/// (handle) -> null, or the error that has happened to the socket
const int _opTakeError = 108;

/// (handle, level, option, bytes) -> null
const int _opSetOption = 109;

/// (handle, level, option, bytes of the right length) -> bytes
const int _opGetOption = 110;

/// (handle, group, interface's address or null, its index) -> null
const int _opJoin = 111;
const int _opLeave = 112;

/// (handle) -> [bytes, address], or null
const int _opReceive = 114;

/// (handle, address, bytes) -> number of bytes sent
const int _opSend = 115;

/// Native: an operation on the isolate's endpoints that does not block;
/// answers as [_request]. A new endpoint tells [events] when it is ready.
external List<Object?> _endpointCall(
    int operation, List<Object?> arguments, SendPort? events);

/// Native: a Uint8List of at most [most] bytes, empty at the end; null if
/// there is nothing yet; or `[errno, text]`.
external Object? _endpointRead(int handle, int most);

/// Native: how many of the bytes were taken, or `[errno, text]`.
external Object? _endpointWrite(
    int handle, Uint8List data, int start, int count);

/// Native: bytes that can be read, 0 at the end, null if there is nothing
/// yet; or `[errno, text]`.
external Object? _endpointAvailable(int handle);

/// Native: asks for one event of each kind in [bits].
external void _endpointArm(int handle, int bits);

/// Native: asks no more for them.
external void _endpointDisarm(int handle, int bits);

/// Native: closes it.
external void _endpointClose(int handle);

const int _readable = 1;
const int _writable = 2;

/// A descriptor that the runtime watches: see `natives/io/endpoints.rs`.
///
/// The isolate stays alive from the first wish for an event until it is
/// closed, or read to its end while no event is wanted: nothing more comes.
@pragma('vm:isolate-unsendable')
final class _Endpoint {
  final RawReceivePort _port = RawReceivePort();

  /// 0 before it is open, and after.
  int handle = 0;
  int _armed = 0;
  bool _isSecure = false;
  bool _isReadToEnd = false;

  void Function()? onReadable;
  void Function()? onWritable;

  _Endpoint() {
    _port.keepIsolateAlive = false;
    _port.handler = _ready;
  }

  bool get isOpen => handle != 0;

  /// Opens it by an operation that answers a handle; null if it answers none.
  int? open(int operation, List<Object?> arguments, SocketException Function(OSError) failed) {
    final answer = _endpointCall(operation, arguments, _port.sendPort);
    if (answer.length == 2) {
      _port.close();
      throw failed(_osErrorOf(answer));
    }
    final value = answer[0];
    if (value is int) handle = value;
    return handle == 0 ? null : handle;
  }

  void _ready(Object? message) {
    final bits = unsafeCast<int>(message);
    final told = bits & _armed;
    _armed &= ~bits;
    if (told & _readable != 0) onReadable?.call();
    if (told & _writable != 0 && handle != 0) onWritable?.call();
    // Encryption has its own reasons to write.
    if (_isSecure && bits & ~told != 0 && handle != 0) _endpointArm(handle, 0);
    if (_isReadToEnd) _rest();
  }

  /// The other side has said its last.
  void endReading() {
    _isReadToEnd = true;
    _rest();
  }

  void _rest() {
    if (_armed == 0 && handle != 0) _port.keepIsolateAlive = false;
  }

  void arm(int bits) {
    final wanted = bits & ~_armed;
    if (wanted == 0 || handle == 0) return;
    _armed |= wanted;
    _port.keepIsolateAlive = true;
    _endpointArm(handle, wanted);
  }

  void disarm(int bits) {
    if (_armed & bits == 0) return;
    _armed &= ~bits;
    if (handle != 0) _endpointDisarm(handle, bits);
    if (_isReadToEnd) _rest();
  }

  /// Performs an operation on it: the answer's value.
  Object? call(int operation, [List<Object?> rest = const []]) {
    if (handle == 0) throw const SocketException.closed();
    final answer = _endpointCall(operation, [handle, ...rest], null);
    if (answer.length == 1) return answer[0];
    final error = _osErrorOf(answer);
    throw SocketException(error.message, osError: error);
  }

  void close() {
    if (handle != 0) _endpointClose(handle);
    handle = 0;
    _armed = 0;
    onReadable = null;
    onWritable = null;
    _port.close();
  }

  // ---- what all sockets have

  List<Object?> _addressAnswer(int operation) =>
      unsafeCast<List<Object?>>(call(operation));

  InternetAddress get address =>
      _InternetAddress._from(_addressAnswer(_opLocalAddress));

  int get port => unsafeCast<int>(_addressAnswer(_opLocalAddress)[1]);

  InternetAddress get remoteAddress =>
      _InternetAddress._from(_addressAnswer(_opRemoteAddress));

  int get remotePort => unsafeCast<int>(_addressAnswer(_opRemoteAddress)[1]);

  Uint8List getOption(RawSocketOption option) => unsafeCast<Uint8List>(
      call(_opGetOption, [option.level, option.option, option.value]));

  void setOption(RawSocketOption option) =>
      call(_opSetOption, [option.level, option.option, option.value]);

  bool setSocketOption(SocketOption option, bool enabled) {
    setOption(RawSocketOption.fromBool(
        RawSocketOption.levelTcp, option._number, enabled));
    return true;
  }
}

/// The error in an answer of two elements.
OSError _osErrorOf(Object? answer) {
  final parts = unsafeCast<List<Object?>>(answer);
  return OSError(unsafeCast<String>(parts[1]), unsafeCast<int>(parts[0]));
}

/// How an operation fails that is about sockets.
Object _socketError(OSError error, String what, String? path) =>
    SocketException(what, osError: error);

/// The same bytes as the runtime takes them.
Uint8List _asBytes(List<int> data) =>
    data is Uint8List ? data : _uint8(data);
