part of 'io.dart';

abstract interface class Link implements FileSystemEntity {
  factory Link(String path) =>
      IOOverrides.current?.createLink(path) ?? _Link(path);

  factory Link.fromRawPath(Uint8List rawPath) =>
      Link(utf8.decode(rawPath, allowMalformed: true));

  factory Link.fromUri(Uri uri) => Link(uri.toFilePath());

  Future<Link> create(String target, {bool recursive = false});

  void createSync(String target, {bool recursive = false});

  void updateSync(String target);

  Future<Link> update(String target);

  Future<String> resolveSymbolicLinks();

  String resolveSymbolicLinksSync();

  Future<Link> rename(String newPath);

  Link renameSync(String newPath);

  Future<FileSystemEntity> delete({bool recursive = false});

  void deleteSync({bool recursive = false});

  Link get absolute;

  Future<String> target();

  String targetSync();
}

final class _Link extends FileSystemEntity implements Link {
  final String path;

  _Link(this.path);

  Link get absolute => _Link(_absolutePath);

  Future<bool> exists() => FileSystemEntity.isLink(path);

  bool existsSync() => FileSystemEntity.isLinkSync(path);

  Future<Link> create(String target, {bool recursive = false}) async {
    if (recursive) await parent.create(recursive: true);
    await _later<Object?>(_opCreateLink, [path, target],
        "Cannot create link to target '$target'", path);
    return this;
  }

  void createSync(String target, {bool recursive = false}) {
    if (recursive) parent.createSync(recursive: true);
    _now(_opCreateLink, [path, target],
        "Cannot create link to target '$target'", path);
  }

  void updateSync(String target) {
    deleteSync();
    createSync(target);
  }

  Future<Link> update(String target) async {
    await delete();
    return create(target);
  }

  Future<Link> rename(String newPath) => _later<Object?>(_opRename,
          [path, newPath], "Cannot rename link to '$newPath'", path)
      .then((_) => _Link(newPath));

  Link renameSync(String newPath) {
    _now(_opRename, [path, newPath], "Cannot rename link to '$newPath'", path);
    return _Link(newPath);
  }

  Future<FileSystemEntity> delete({bool recursive = false}) {
    if (recursive) return Directory(path).delete(recursive: true);
    return _later<Object?>(_opDelete, [path, false], 'Cannot delete link', path)
        .then((_) => this);
  }

  void deleteSync({bool recursive = false}) {
    if (recursive) {
      Directory(path).deleteSync(recursive: true);
    } else {
      _now(_opDelete, [path, false], 'Cannot delete link', path);
    }
  }

  Future<String> target() => _later<String>(
      _opLinkTarget, [path], 'Cannot get target of link', path);

  String targetSync() => unsafeCast<String>(
      _now(_opLinkTarget, [path], 'Cannot get target of link', path));

  String toString() => "Link: '$path'";
}
