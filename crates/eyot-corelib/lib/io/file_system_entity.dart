part of 'io.dart';

/// What is at a path.
final class FileSystemEntityType {
  static const FileSystemEntityType file = FileSystemEntityType._(0);
  static const FileSystemEntityType directory = FileSystemEntityType._(1);
  static const FileSystemEntityType link = FileSystemEntityType._(2);
  static const FileSystemEntityType notFound = FileSystemEntityType._(3);
  static const FileSystemEntityType unixDomainSock = FileSystemEntityType._(4);
  static const FileSystemEntityType pipe = FileSystemEntityType._(5);

  @Deprecated('Use notFound')
  static const FileSystemEntityType NOT_FOUND = notFound;

  static const List<FileSystemEntityType> _all = [
    file,
    directory,
    link,
    notFound,
    unixDomainSock,
    pipe,
  ];

  static const List<String> _names = [
    'file',
    'directory',
    'link',
    'notFound',
    'unixDomainSock',
    'pipe',
  ];

  final int _number;

  const FileSystemEntityType._(this._number);

  static FileSystemEntityType _of(Object? number) {
    final index = unsafeCast<int>(number);
    return index >= 0 && index < _all.length ? _all[index] : notFound;
  }

  String toString() => _names[_number];
}

/// What the file system says of an entity.
interface class FileStat {
  final DateTime changed;
  final DateTime modified;
  final DateTime accessed;
  final FileSystemEntityType type;
  final int mode;
  final int size;

  FileStat._(this.changed, this.modified, this.accessed, this.type, this.mode,
      this.size);

  factory FileStat._from(Object? answer) {
    final values = unsafeCast<List<Object?>>(answer);
    int number(int index) => unsafeCast<int>(values[index]);
    DateTime time(int index) =>
        DateTime.fromMicrosecondsSinceEpoch(number(index));
    return FileStat._(time(1), time(2), time(3),
        FileSystemEntityType._of(values[0]), number(4), number(5));
  }

  static FileStat statSync(String path) =>
      IOOverrides.current?.statSync(path) ?? _statSync(path);

  static FileStat _statSync(String path) =>
      FileStat._from(_now(_opStat, [path], 'stat failed', path));

  static Future<FileStat> stat(String path) =>
      IOOverrides.current?.stat(path) ?? _stat(path);

  static Future<FileStat> _stat(String path) =>
      _later<Object?>(_opStat, [path], 'stat failed', path)
          .then<FileStat>(FileStat._from);

  /// The permissions, as `rwxr-xr-x`.
  String modeString() {
    final buffer = StringBuffer();
    final permissions = mode & 0xFFF;
    if (permissions & 0x800 != 0) buffer.write('(suid) ');
    if (permissions & 0x400 != 0) buffer.write('(guid) ');
    if (permissions & 0x200 != 0) buffer.write('(sticky) ');
    for (int shift = 6; shift >= 0; shift -= 3) {
      final bits = permissions >> shift;
      buffer.write(bits & 4 != 0 ? 'r' : '-');
      buffer.write(bits & 2 != 0 ? 'w' : '-');
      buffer.write(bits & 1 != 0 ? 'x' : '-');
    }
    return buffer.toString();
  }

  String toString() => 'FileStat: type $type\n'
      '          changed $changed\n'
      '          modified $modified\n'
      '          accessed $accessed\n'
      '          mode ${modeString()}\n'
      '          size $size';
}

/// A file, a directory or a link: a path and what can be done at it.
abstract class FileSystemEntity {
  String get path;

  Uri get uri => Uri.file(path);

  Future<bool> exists();

  bool existsSync();

  Future<FileSystemEntity> rename(String newPath);

  FileSystemEntity renameSync(String newPath);

  Future<String> resolveSymbolicLinks() => _later<String>(
      _opResolve, [path], 'Cannot resolve symbolic links', path);

  String resolveSymbolicLinksSync() => unsafeCast<String>(
      _now(_opResolve, [path], 'Cannot resolve symbolic links', path));

  Future<FileStat> stat() => FileStat.stat(path);

  FileStat statSync() => FileStat.statSync(path);

  Future<FileSystemEntity> delete({bool recursive = false});

  void deleteSync({bool recursive = false});

  Stream<FileSystemEvent> watch(
          {int events = FileSystemEvent.all, bool recursive = false}) =>
      IOOverrides.current?.fsWatch(_pathToWatch, events, recursive) ??
      _watch(_pathToWatch, events, recursive);

  /// The path without slashes at its end.
  String get _pathToWatch {
    int end = path.length;
    while (end > 1 && path.codeUnitAt(end - 1) == 0x2F) {
      end--;
    }
    return path.substring(0, end);
  }

  static bool get isWatchSupported =>
      IOOverrides.current?.fsWatchIsSupported() ?? true;

  bool get isAbsolute => path.startsWith('/');

  FileSystemEntity get absolute;

  Directory get parent => Directory(parentOf(path));

  String get _absolutePath {
    if (isAbsolute) return path;
    final current = Directory.current.path;
    return current.endsWith('/') ? '$current$path' : '$current/$path';
  }

  /// The path without its last component.
  static String parentOf(String path) {
    int end = path.length;
    while (end > 1 && path.codeUnitAt(end - 1) == 0x2F) {
      end--;
    }
    final slash = path.lastIndexOf('/', end - 1 < 0 ? 0 : end - 1);
    if (slash < 0) return '.';
    int stop = slash;
    while (stop > 1 && path.codeUnitAt(stop - 1) == 0x2F) {
      stop--;
    }
    return stop == 0 ? '/' : path.substring(0, stop);
  }

  static Future<bool> identical(String path1, String path2) =>
      IOOverrides.current?.fseIdentical(path1, path2) ??
      _identical(path1, path2);

  static Future<bool> _identical(String path1, String path2) => _later<bool>(
      _opIdentical, [path1, path2], 'Error in FileSystemEntity.identical',
      path1);

  static bool identicalSync(String path1, String path2) =>
      IOOverrides.current?.fseIdenticalSync(path1, path2) ??
      _identicalSync(path1, path2);

  static bool _identicalSync(String path1, String path2) => unsafeCast<bool>(
      _now(_opIdentical, [path1, path2],
          'Error in FileSystemEntity.identicalSync', path1));

  static Future<FileSystemEntityType> type(String path,
          {bool followLinks = true}) =>
      IOOverrides.current?.fseGetType(path, followLinks) ??
      _type(path, followLinks);

  static Future<FileSystemEntityType> _type(String path, bool followLinks) =>
      _later<Object?>(_opType, [path, followLinks], 'type failed', path)
          .then<FileSystemEntityType>(FileSystemEntityType._of);

  static FileSystemEntityType typeSync(String path,
          {bool followLinks = true}) =>
      IOOverrides.current?.fseGetTypeSync(path, followLinks) ??
      _typeSync(path, followLinks);

  static FileSystemEntityType _typeSync(String path, bool followLinks) =>
      FileSystemEntityType._of(
          _now(_opType, [path, followLinks], 'type failed', path));

  static Future<bool> isLink(String path) => type(path, followLinks: false)
      .then((t) => t == FileSystemEntityType.link);

  static bool isLinkSync(String path) =>
      typeSync(path, followLinks: false) == FileSystemEntityType.link;

  static Future<bool> isFile(String path) =>
      type(path).then((t) => t == FileSystemEntityType.file);

  static bool isFileSync(String path) =>
      typeSync(path) == FileSystemEntityType.file;

  static Future<bool> isDirectory(String path) =>
      type(path).then((t) => t == FileSystemEntityType.directory);

  static bool isDirectorySync(String path) =>
      typeSync(path) == FileSystemEntityType.directory;
}
