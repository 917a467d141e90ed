part of 'io.dart';

/// An open file.
abstract interface class RandomAccessFile {
  Future<void> close();
  void closeSync();
  Future<int> readByte();
  int readByteSync();
  Future<Uint8List> read(int count);
  Uint8List readSync(int count);
  Future<int> readInto(List<int> buffer, [int start = 0, int? end]);
  int readIntoSync(List<int> buffer, [int start = 0, int? end]);
  Future<RandomAccessFile> writeByte(int value);
  int writeByteSync(int value);
  Future<RandomAccessFile> writeFrom(List<int> buffer,
      [int start = 0, int? end]);
  void writeFromSync(List<int> buffer, [int start = 0, int? end]);
  Future<RandomAccessFile> writeString(String string,
      {Encoding encoding = utf8});
  void writeStringSync(String string, {Encoding encoding = utf8});
  Future<int> position();
  int positionSync();
  Future<RandomAccessFile> setPosition(int position);
  void setPositionSync(int position);
  Future<RandomAccessFile> truncate(int length);
  void truncateSync(int length);
  Future<int> length();
  int lengthSync();
  Future<RandomAccessFile> flush();
  void flushSync();
  Future<RandomAccessFile> lock(
      [FileLock mode = FileLock.exclusive, int start = 0, int end = -1]);
  void lockSync(
      [FileLock mode = FileLock.exclusive, int start = 0, int end = -1]);
  Future<RandomAccessFile> unlock([int start = 0, int end = -1]);
  void unlockSync([int start = 0, int end = -1]);
  String get path;
}

/// Asynchronous operations of one file come one after the other: a second one
/// while the first is under way is an error.
@pragma('vm:isolate-unsendable')
final class _RandomAccessFile implements RandomAccessFile {
  final String path;

  /// The operating system's handle in the runtime's table; -1 once closed.
  int _handle;
  bool _isBusy = false;

  _RandomAccessFile(this.path, this._handle);

  void _checkFree() {
    if (_isBusy) {
      throw FileSystemException(
          'An async operation is currently pending', path);
    }
    if (_handle < 0) throw FileSystemException('File closed', path);
  }

  Object? _run(int operation, List<Object?> rest, String what) {
    _checkFree();
    return _now(operation, [_handle, ...rest], what, path);
  }

  Future<T> _runLater<T>(int operation, List<Object?> rest, String what) {
    try {
      _checkFree();
    } catch (error, stackTrace) {
      return Future<T>.error(error, stackTrace);
    }
    _isBusy = true;
    return _later<T>(operation, [_handle, ...rest], what, path)
        .whenComplete(() {
      _isBusy = false;
    });
  }

  Future<RandomAccessFile> _self(
          int operation, List<Object?> rest, String what) =>
      _runLater<Object?>(operation, rest, what).then((_) => this);

  Future<void> close() {
    final closed = _runLater<Object?>(_opClose, const [], 'close failed');
    if (_isBusy) _handle = -1;
    return closed;
  }

  void closeSync() {
    _run(_opClose, const [], 'close failed');
    _handle = -1;
  }

  static int _byteOf(Uint8List bytes) => bytes.isEmpty ? -1 : bytes[0];

  Future<int> readByte() =>
      _runLater<Uint8List>(_opRead, const [1], 'readByte failed')
          .then(_byteOf);

  int readByteSync() => _byteOf(unsafeCast<Uint8List>(
      _run(_opRead, const [1], 'readByte failed')));

  Future<Uint8List> read(int count) {
    RangeError.checkNotNegative(count, 'count');
    return _runLater<Uint8List>(_opRead, [count], 'read failed');
  }

  Uint8List readSync(int count) {
    RangeError.checkNotNegative(count, 'count');
    return unsafeCast<Uint8List>(_run(_opRead, [count], 'readSync failed'));
  }

  Future<int> readInto(List<int> buffer, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, buffer.length);
    return _runLater<Uint8List>(_opRead, [stop - start], 'readInto failed')
        .then((Uint8List bytes) => _fill(buffer, start, bytes));
  }

  int readIntoSync(List<int> buffer, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, buffer.length);
    return _fill(
        buffer,
        start,
        unsafeCast<Uint8List>(
            _run(_opRead, [stop - start], 'readInto failed')));
  }

  static int _fill(List<int> buffer, int start, Uint8List bytes) {
    buffer.setRange(start, start + bytes.length, bytes);
    return bytes.length;
  }

  Future<RandomAccessFile> writeByte(int value) => _self(
      _opWrite, [Uint8List(1)..[0] = value], 'writeByte failed');

  int writeByteSync(int value) {
    _run(_opWrite, [Uint8List(1)..[0] = value], 'writeByte failed');
    return 1;
  }

  static Uint8List _slice(List<int> buffer, int start, int? end) {
    final stop = RangeError.checkValidRange(start, end, buffer.length);
    if (buffer is Uint8List && start == 0 && stop == buffer.length) {
      return buffer;
    }
    final bytes = Uint8List(stop - start);
    bytes.setRange(0, stop - start, buffer, start);
    return bytes;
  }

  Future<RandomAccessFile> writeFrom(List<int> buffer,
          [int start = 0, int? end]) =>
      _self(_opWrite, [_slice(buffer, start, end)], 'writeFrom failed');

  void writeFromSync(List<int> buffer, [int start = 0, int? end]) {
    _run(_opWrite, [_slice(buffer, start, end)], 'writeFrom failed');
  }

  Future<RandomAccessFile> writeString(String string,
          {Encoding encoding = utf8}) =>
      writeFrom(encoding.encode(string));

  void writeStringSync(String string, {Encoding encoding = utf8}) =>
      writeFromSync(encoding.encode(string));

  Future<int> position() =>
      _runLater<int>(_opPosition, const [], 'position failed');

  int positionSync() =>
      unsafeCast<int>(_run(_opPosition, const [], 'position failed'));

  Future<RandomAccessFile> setPosition(int position) =>
      _self(_opSetPosition, [position], 'setPosition failed');

  void setPositionSync(int position) {
    _run(_opSetPosition, [position], 'setPosition failed');
  }

  Future<RandomAccessFile> truncate(int length) =>
      _self(_opTruncate, [length], 'truncate failed');

  void truncateSync(int length) {
    _run(_opTruncate, [length], 'truncate failed');
  }

  Future<int> length() =>
      _runLater<int>(_opLengthOf, const [], 'length failed');

  int lengthSync() =>
      unsafeCast<int>(_run(_opLengthOf, const [], 'length failed'));

  Future<RandomAccessFile> flush() =>
      _self(_opFlush, const [], 'flush failed');

  void flushSync() {
    _run(_opFlush, const [], 'flush failed');
  }

  // Lock numbers: those of [FileLock] from 1 on; 0 unlocks.

  static List<Object?> _lockArguments(int lock, int start, int end) {
    if (start < 0) throw ArgumentError('Invalid lock range');
    if (end != -1 && start >= end) throw ArgumentError('Invalid lock range');
    return [lock, start, end];
  }

  Future<RandomAccessFile> lock(
          [FileLock mode = FileLock.exclusive, int start = 0, int end = -1]) =>
      _self(_opLock, _lockArguments(mode._number + 1, start, end), 'lock failed');

  void lockSync(
      [FileLock mode = FileLock.exclusive, int start = 0, int end = -1]) {
    _run(_opLock, _lockArguments(mode._number + 1, start, end), 'lock failed');
  }

  Future<RandomAccessFile> unlock([int start = 0, int end = -1]) =>
      _self(_opLock, _lockArguments(0, start, end), 'unlock failed');

  void unlockSync([int start = 0, int end = -1]) {
    _run(_opLock, _lockArguments(0, start, end), 'unlock failed');
  }

  String toString() => "RandomAccessFile: '$path'";
}
