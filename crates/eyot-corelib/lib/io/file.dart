part of 'io.dart';

/// How a file is opened.
class FileMode {
  static const FileMode read = FileMode._(0);
  static const FileMode write = FileMode._(1);
  static const FileMode append = FileMode._(2);
  static const FileMode writeOnly = FileMode._(3);
  static const FileMode writeOnlyAppend = FileMode._(4);

  final int _number;

  const FileMode._(this._number);
}

/// How a part of a file is locked.
class FileLock {
  static const FileLock shared = FileLock._(0);
  static const FileLock exclusive = FileLock._(1);
  static const FileLock blockingShared = FileLock._(2);
  static const FileLock blockingExclusive = FileLock._(3);

  final int _number;

  const FileLock._(this._number);
}

abstract interface class File implements FileSystemEntity {
  factory File(String path) =>
      IOOverrides.current?.createFile(path) ?? _File(path);

  factory File.fromUri(Uri uri) => File(uri.toFilePath());

  factory File.fromRawPath(Uint8List rawPath) =>
      File(utf8.decode(rawPath, allowMalformed: true));

  Future<File> create({bool recursive = false, bool exclusive = false});

  void createSync({bool recursive = false, bool exclusive = false});

  Future<File> rename(String newPath);

  File renameSync(String newPath);

  Future<FileSystemEntity> delete({bool recursive = false});

  void deleteSync({bool recursive = false});

  Future<File> copy(String newPath);

  File copySync(String newPath);

  Future<int> length();

  int lengthSync();

  File get absolute;

  Future<DateTime> lastAccessed();

  DateTime lastAccessedSync();

  Future<dynamic> setLastAccessed(DateTime time);

  void setLastAccessedSync(DateTime time);

  Future<DateTime> lastModified();

  DateTime lastModifiedSync();

  Future<dynamic> setLastModified(DateTime time);

  void setLastModifiedSync(DateTime time);

  Future<RandomAccessFile> open({FileMode mode = FileMode.read});

  RandomAccessFile openSync({FileMode mode = FileMode.read});

  Stream<List<int>> openRead([int? start, int? end]);

  IOSink openWrite(
      {FileMode mode = FileMode.write, Encoding encoding = utf8});

  Future<Uint8List> readAsBytes();

  Uint8List readAsBytesSync();

  Future<String> readAsString({Encoding encoding = utf8});

  String readAsStringSync({Encoding encoding = utf8});

  Future<List<String>> readAsLines({Encoding encoding = utf8});

  List<String> readAsLinesSync({Encoding encoding = utf8});

  Future<File> writeAsBytes(List<int> bytes,
      {FileMode mode = FileMode.write, bool flush = false});

  void writeAsBytesSync(List<int> bytes,
      {FileMode mode = FileMode.write, bool flush = false});

  Future<File> writeAsString(String contents,
      {FileMode mode = FileMode.write,
      Encoding encoding = utf8,
      bool flush = false});

  void writeAsStringSync(String contents,
      {FileMode mode = FileMode.write,
      Encoding encoding = utf8,
      bool flush = false});

  String get path;
}
