part of 'io.dart';

/// (host, port) -> handle among the open files
const int _opConnectSync = 90;

/// (handle) -> bytes that can be read at once
const int _opAvailableSync = 91;

/// (handle, most) -> Uint8List of at least one byte, empty at the end
const int _opReceiveSync = 92;

/// (handle, 0 receive, 1 send, 2 both) -> null
const int _opShutdownSync = 93;

/// (handle) -> address
const int _opLocalAddressSync = 94;
const int _opRemoteAddressSync = 95;

/// A socket whose operations wait. They hold up the isolate, nobody else.
abstract interface class RawSynchronousSocket {
  static RawSynchronousSocket connectSync(dynamic host, int port) {
    final name = host is InternetAddress ? host.address : host as String;
    return _RawSynchronousSocket(unsafeCast<int>(_valueOf(
        _request(_opConnectSync, [name, port]),
        'Failed to connect to $name',
        null,
        _RawSynchronousSocket._failed)));
  }

  InternetAddress get address;

  int available();

  void closeSync();

  int get port;

  int readIntoSync(List<int> buffer, [int start = 0, int? end]);

  List<int>? readSync(int bytes);

  InternetAddress get remoteAddress;

  int get remotePort;

  void shutdown(SocketDirection direction);

  void writeFromSync(List<int> buffer, [int start = 0, int? end]);
}

@pragma('vm:isolate-unsendable')
final class _RawSynchronousSocket implements RawSynchronousSocket {
  /// -1 once closed.
  int _handle;

  _RawSynchronousSocket(this._handle);

  static SocketException _failed(OSError error, String what, String? _) =>
      SocketException(what, osError: error);

  Object? _run(int operation, List<Object?> rest, String what) {
    if (_handle < 0) throw SocketException.closed();
    return _valueOf(
        _request(operation, [_handle, ...rest]), what, null, _failed);
  }

  (InternetAddress, int) _address(int operation) {
    final answer = unsafeCast<List<Object?>>(
        _run(operation, const [], 'Failed to ask for the address'));
    return (_InternetAddress._from(answer), unsafeCast<int>(answer[1]));
  }

  InternetAddress get address => _address(_opLocalAddressSync).$1;

  int get port => _address(_opLocalAddressSync).$2;

  InternetAddress get remoteAddress => _address(_opRemoteAddressSync).$1;

  int get remotePort => _address(_opRemoteAddressSync).$2;

  int available() =>
      unsafeCast<int>(_run(_opAvailableSync, const [], 'available failed'));

  void closeSync() {
    if (_handle < 0) return;
    _run(_opClose, const [], 'closeSync failed');
    _handle = -1;
  }

  int readIntoSync(List<int> buffer, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, buffer.length);
    if (start == stop) return 0;
    final bytes = unsafeCast<Uint8List>(
        _run(_opReceiveSync, [stop - start], 'readIntoSync failed'));
    buffer.setRange(start, start + bytes.length, bytes);
    return bytes.length;
  }

  /// Null at the end.
  List<int>? readSync(int bytes) {
    RangeError.checkNotNegative(bytes, 'bytes');
    if (bytes == 0) return Uint8List(0);
    final read =
        unsafeCast<Uint8List>(_run(_opReceiveSync, [bytes], 'readSync failed'));
    return read.isEmpty ? null : read;
  }

  void shutdown(SocketDirection direction) {
    _run(_opShutdownSync, [direction._number], 'shutdown failed');
  }

  void writeFromSync(List<int> buffer, [int start = 0, int? end]) {
    _run(_opWrite, [_RandomAccessFile._slice(buffer, start, end)], 'writeFromSync failed');
  }
}
