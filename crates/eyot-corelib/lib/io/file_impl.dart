part of 'io.dart';

final class _File extends FileSystemEntity implements File {
  final String path;

  _File(this.path);

  File get absolute => _File(_absolutePath);

  Future<bool> exists() => FileSystemEntity.isFile(path);

  bool existsSync() => FileSystemEntity.isFileSync(path);

  Future<File> create({bool recursive = false, bool exclusive = false}) async {
    if (recursive) await parent.create(recursive: true);
    await _later<Object?>(
        _opCreate, [path, exclusive], 'Cannot create file', path);
    return this;
  }

  void createSync({bool recursive = false, bool exclusive = false}) {
    if (recursive) parent.createSync(recursive: true);
    _now(_opCreate, [path, exclusive], 'Cannot create file', path);
  }

  Future<File> rename(String newPath) => _later<Object?>(_opRename,
          [path, newPath], "Cannot rename file to '$newPath'", path)
      .then((_) => _File(newPath));

  File renameSync(String newPath) {
    _now(_opRename, [path, newPath], "Cannot rename file to '$newPath'", path);
    return _File(newPath);
  }

  Future<FileSystemEntity> delete({bool recursive = false}) {
    if (recursive) return Directory(path).delete(recursive: true);
    return _later<Object?>(_opDelete, [path, true], 'Cannot delete file', path)
        .then((_) => this);
  }

  void deleteSync({bool recursive = false}) {
    if (recursive) {
      Directory(path).deleteSync(recursive: true);
    } else {
      _now(_opDelete, [path, true], 'Cannot delete file', path);
    }
  }

  Future<File> copy(String newPath) => _later<Object?>(
          _opCopy, [path, newPath], "Cannot copy file to '$newPath'", path)
      .then((_) => _File(newPath));

  File copySync(String newPath) {
    _now(_opCopy, [path, newPath], "Cannot copy file to '$newPath'", path);
    return _File(newPath);
  }

  Future<int> length() => _later<int>(
      _opLength, [path], 'Cannot retrieve length of file', path);

  int lengthSync() => unsafeCast<int>(
      _now(_opLength, [path], 'Cannot retrieve length of file', path));

  FileStat _existing(FileStat stat, String what) {
    if (stat.type == FileSystemEntityType.notFound) {
      throw PathNotFoundException(
          path, const OSError('No such file or directory', 2), what);
    }
    return stat;
  }

  Future<DateTime> lastAccessed() async =>
      _existing(await stat(), 'Cannot retrieve access time').accessed;

  DateTime lastAccessedSync() =>
      _existing(statSync(), 'Cannot retrieve access time').accessed;

  Future<DateTime> lastModified() async =>
      _existing(await stat(), 'Cannot retrieve modification time').modified;

  DateTime lastModifiedSync() =>
      _existing(statSync(), 'Cannot retrieve modification time').modified;

  Future<dynamic> setLastAccessed(DateTime time) => _later<Object?>(
      _opSetAccessed,
      [path, time.microsecondsSinceEpoch],
      'Failed to set file access time',
      path);

  void setLastAccessedSync(DateTime time) {
    _now(_opSetAccessed, [path, time.microsecondsSinceEpoch],
        'Failed to set file access time', path);
  }

  Future<dynamic> setLastModified(DateTime time) => _later<Object?>(
      _opSetModified,
      [path, time.microsecondsSinceEpoch],
      'Failed to set file modification time',
      path);

  void setLastModifiedSync(DateTime time) {
    _now(_opSetModified, [path, time.microsecondsSinceEpoch],
        'Failed to set file modification time', path);
  }

  Future<RandomAccessFile> open({FileMode mode = FileMode.read}) =>
      _later<int>(_opOpen, [path, mode._number], 'Cannot open file', path)
          .then((int handle) => _RandomAccessFile(path, handle));

  RandomAccessFile openSync({FileMode mode = FileMode.read}) =>
      _RandomAccessFile(
          path,
          unsafeCast<int>(_now(
              _opOpen, [path, mode._number], 'Cannot open file', path)));

  Stream<List<int>> openRead([int? start, int? end]) =>
      _readBlocks(this, start ?? 0, end);

  IOSink openWrite(
      {FileMode mode = FileMode.write, Encoding encoding = utf8}) {
    if (mode == FileMode.read) {
      throw ArgumentError('Invalid file mode for this operation');
    }
    return IOSink(_FileConsumer(this, mode), encoding: encoding);
  }

  Future<Uint8List> readAsBytes() =>
      _later<Uint8List>(_opReadAll, [path], 'Cannot open file', path);

  Uint8List readAsBytesSync() => unsafeCast<Uint8List>(
      _now(_opReadAll, [path], 'Cannot open file', path));

  String _decode(Uint8List bytes, Encoding encoding) {
    try {
      return encoding.decode(bytes);
    } catch (_) {
      throw FileSystemException(
          "Failed to decode data using encoding '${encoding.name}'", path);
    }
  }

  Future<String> readAsString({Encoding encoding = utf8}) => readAsBytes()
      .then((Uint8List bytes) => _decode(bytes, encoding));

  String readAsStringSync({Encoding encoding = utf8}) =>
      _decode(readAsBytesSync(), encoding);

  Future<List<String>> readAsLines({Encoding encoding = utf8}) =>
      readAsString(encoding: encoding).then(const LineSplitter().convert);

  List<String> readAsLinesSync({Encoding encoding = utf8}) =>
      const LineSplitter().convert(readAsStringSync(encoding: encoding));

  List<Object?> _writeArguments(
          List<int> bytes, FileMode mode, bool flush) =>
      [path, _uint8(bytes), mode._number, flush];

  Future<File> writeAsBytes(List<int> bytes,
          {FileMode mode = FileMode.write, bool flush = false}) =>
      _later<Object?>(_opWriteAll, _writeArguments(bytes, mode, flush),
              'Cannot open file', path)
          .then((_) => this);

  void writeAsBytesSync(List<int> bytes,
      {FileMode mode = FileMode.write, bool flush = false}) {
    _now(_opWriteAll, _writeArguments(bytes, mode, flush), 'Cannot open file',
        path);
  }

  Future<File> writeAsString(String contents,
          {FileMode mode = FileMode.write,
          Encoding encoding = utf8,
          bool flush = false}) =>
      writeAsBytes(encoding.encode(contents), mode: mode, flush: flush);

  void writeAsStringSync(String contents,
          {FileMode mode = FileMode.write,
          Encoding encoding = utf8,
          bool flush = false}) =>
      writeAsBytesSync(encoding.encode(contents), mode: mode, flush: flush);

  String toString() => "File: '$path'";
}

/// [bytes] as the natives take them; the low eight bits of each count.
Uint8List _uint8(List<int> bytes) =>
    bytes is Uint8List ? bytes : Uint8List.fromList(bytes);
