part of 'io.dart';

abstract interface class Directory implements FileSystemEntity {
  factory Directory(String path) =>
      IOOverrides.current?.createDirectory(path) ?? _Directory(path);

  factory Directory.fromRawPath(Uint8List path) =>
      Directory(utf8.decode(path, allowMalformed: true));

  factory Directory.fromUri(Uri uri) => Directory(uri.toFilePath());

  /// The working directory of the process.
  static Directory get current =>
      IOOverrides.current?.getCurrentDirectory() ??
      _Directory(_currentDirectory());

  static void set current(dynamic path) {
    final String where;
    if (path is Directory) {
      where = path.path;
    } else if (path is String) {
      where = path;
    } else {
      throw ArgumentError('${Error.safeToString(path)} is not a String or'
          ' Directory');
    }
    final overrides = IOOverrides.current;
    if (overrides != null) {
      overrides.setCurrentDirectory(where);
    } else {
      _changeDirectory(where);
    }
  }

  static Directory get systemTemp =>
      IOOverrides.current?.getSystemTempDirectory() ??
      _Directory(_temporaryDirectory());

  String get path;

  Uri get uri;

  Future<Directory> create({bool recursive = false});

  void createSync({bool recursive = false});

  Future<Directory> createTemp([String? prefix]);

  Directory createTempSync([String? prefix]);

  Future<String> resolveSymbolicLinks();

  String resolveSymbolicLinksSync();

  Future<Directory> rename(String newPath);

  Directory renameSync(String newPath);

  Future<FileSystemEntity> delete({bool recursive = false});

  void deleteSync({bool recursive = false});

  Directory get absolute;

  Stream<FileSystemEntity> list(
      {bool recursive = false, bool followLinks = true});

  List<FileSystemEntity> listSync(
      {bool recursive = false, bool followLinks = true});

  String toString();
}

void _changeDirectory(String path) {
  _valueOf(_setCurrentDirectory(path),
      'Setting current working directory failed', path);
}

/// Native: the working directory, absolute.
external String _currentDirectory();

/// Native: changes the working directory; answers as [_request].
external List<Object?> _setCurrentDirectory(String path);

/// Native: the directory for temporary files, without a slash at the end.
external String _temporaryDirectory();

final class _Directory extends FileSystemEntity implements Directory {
  final String path;

  _Directory(this.path);

  Uri get uri => Uri.directory(path);

  Directory get absolute => _Directory(_absolutePath);

  Future<bool> exists() => FileSystemEntity.isDirectory(path);

  bool existsSync() => FileSystemEntity.isDirectorySync(path);

  Future<Directory> create({bool recursive = false}) => _later<Object?>(
          _opCreateDirectory, [path, recursive], 'Creation failed', path)
      .then((_) => this);

  void createSync({bool recursive = false}) {
    _now(_opCreateDirectory, [path, recursive], 'Creation failed', path);
  }

  String _prefix(String? prefix) {
    if (path == '') {
      throw ArgumentError('Directory.createTemp called with an empty path. '
          'To use the system temp directory, use Directory.systemTemp');
    }
    final start = path.endsWith('/') ? path : '$path/';
    return '$start${prefix ?? ''}';
  }

  Future<Directory> createTemp([String? prefix]) => _later<String>(
          _opCreateTemp,
          [_prefix(prefix)],
          'Creation of temporary directory failed',
          path)
      .then<Directory>(Directory.new);

  Directory createTempSync([String? prefix]) =>
      _Directory(unsafeCast<String>(_now(_opCreateTemp, [_prefix(prefix)],
          'Creation of temporary directory failed', path)));

  Future<Directory> rename(String newPath) => _later<Object?>(
          _opRenameDirectory, [path, newPath], 'Rename failed', path)
      .then((_) => _Directory(newPath));

  Directory renameSync(String newPath) {
    _now(_opRenameDirectory, [path, newPath], 'Rename failed', path);
    return _Directory(newPath);
  }

  Future<FileSystemEntity> delete({bool recursive = false}) => _later<Object?>(
          _opDeleteDirectory, [path, recursive], 'Deletion failed', path)
      .then((_) => this);

  void deleteSync({bool recursive = false}) {
    _now(_opDeleteDirectory, [path, recursive], 'Deletion failed', path);
  }

  Stream<FileSystemEntity> list(
      {bool recursive = false, bool followLinks = true}) async* {
    final answer = await _later<Object?>(_opList,
        [path, recursive, followLinks], 'Directory listing failed', path);
    final entities = _entities(answer);
    for (int i = 0; i < entities.length; i++) {
      yield entities[i];
    }
  }

  List<FileSystemEntity> listSync(
          {bool recursive = false, bool followLinks = true}) =>
      _entities(_now(_opList, [path, recursive, followLinks],
          'Directory listing failed', path));

  static List<FileSystemEntity> _entities(Object? answer) {
    final pairs = unsafeCast<List<Object?>>(answer);
    final entities = <FileSystemEntity>[];
    for (int i = 0; i + 1 < pairs.length; i += 2) {
      final path = unsafeCast<String>(pairs[i + 1]);
      switch (unsafeCast<int>(pairs[i])) {
        case 1:
          entities.add(_Directory(path));
        case 2:
          entities.add(_Link(path));
        default:
          entities.add(_File(path));
      }
    }
    return entities;
  }

  String toString() => "Directory: '$path'";
}
