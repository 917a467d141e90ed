part of 'io.dart';

/// The zone value under which overrides are found.
final Object _overridesKey = Object();

/// Replaces what dart:io does, in a zone or for the whole isolate.
abstract class IOOverrides {
  static IOOverrides? _global;

  static IOOverrides? get current {
    final zone = Zone.current;
    if (identical(zone, Zone.root)) return _global;
    final value = zone[_overridesKey];
    return value is IOOverrides ? value : _global;
  }

  /// Of the isolate.
  static void set global(IOOverrides? overrides) {
    _global = overrides;
  }

  static R runZoned<R>(R Function() body,
      {Directory Function(String)? createDirectory,
      Directory Function()? getCurrentDirectory,
      void Function(String)? setCurrentDirectory,
      Directory Function()? getSystemTempDirectory,
      File Function(String)? createFile,
      Future<FileStat> Function(String)? stat,
      FileStat Function(String)? statSync,
      Future<bool> Function(String, String)? fseIdentical,
      bool Function(String, String)? fseIdenticalSync,
      Future<FileSystemEntityType> Function(String, bool)? fseGetType,
      FileSystemEntityType Function(String, bool)? fseGetTypeSync,
      Stream<FileSystemEvent> Function(String, int, bool)? fsWatch,
      bool Function()? fsWatchIsSupported,
      Link Function(String)? createLink,
      Future<Socket> Function(dynamic, int,
              {dynamic sourceAddress, int sourcePort, Duration? timeout})?
          socketConnect,
      Future<ConnectionTask<Socket>> Function(dynamic, int,
              {dynamic sourceAddress, int sourcePort})?
          socketStartConnect,
      Future<ServerSocket> Function(dynamic, int,
              {int backlog, bool v6Only, bool shared})?
          serverSocketBind,
      Stdin Function()? stdin,
      Stdout Function()? stdout,
      Stdout Function()? stderr,
      Never Function(int)? exit}) {
    final overrides = _ZonedOverrides(
        current,
        createDirectory,
        getCurrentDirectory,
        setCurrentDirectory,
        getSystemTempDirectory,
        createFile,
        stat,
        statSync,
        fseIdentical,
        fseIdenticalSync,
        fseGetType,
        fseGetTypeSync,
        fsWatch,
        fsWatchIsSupported,
        createLink,
        socketConnect,
        socketStartConnect,
        serverSocketBind,
        stdin,
        stdout,
        stderr,
        exit);
    return runWithIOOverrides<R>(body, overrides);
  }

  static R runWithIOOverrides<R>(R Function() body, IOOverrides overrides) =>
      _runZoned<R>(body, {_overridesKey: overrides});

  Directory createDirectory(String path) => _Directory(path);

  Directory getCurrentDirectory() => _Directory(_currentDirectory());

  void setCurrentDirectory(String path) => _changeDirectory(path);

  Directory getSystemTempDirectory() => _Directory(_temporaryDirectory());

  File createFile(String path) => _File(path);

  Future<FileStat> stat(String path) => FileStat._stat(path);

  FileStat statSync(String path) => FileStat._statSync(path);

  Future<bool> fseIdentical(String path1, String path2) =>
      FileSystemEntity._identical(path1, path2);

  bool fseIdenticalSync(String path1, String path2) =>
      FileSystemEntity._identicalSync(path1, path2);

  Future<FileSystemEntityType> fseGetType(String path, bool followLinks) =>
      FileSystemEntity._type(path, followLinks);

  FileSystemEntityType fseGetTypeSync(String path, bool followLinks) =>
      FileSystemEntity._typeSync(path, followLinks);

  Stream<FileSystemEvent> fsWatch(String path, int events, bool recursive) =>
      _watch(path, events, recursive);

  bool fsWatchIsSupported() => true;

  Link createLink(String path) => _Link(path);

  Future<Socket> socketConnect(dynamic host, int port,
          {dynamic sourceAddress, int sourcePort = 0, Duration? timeout}) =>
      Socket._connect_(host, port, sourceAddress, sourcePort, timeout);

  Future<ConnectionTask<Socket>> socketStartConnect(dynamic host, int port,
          {dynamic sourceAddress, int sourcePort = 0}) =>
      Socket._startConnect(host, port, sourceAddress, sourcePort);

  Future<ServerSocket> serverSocketBind(dynamic address, int port,
          {int backlog = 0, bool v6Only = false, bool shared = false}) =>
      ServerSocket._bind(address, port, backlog, v6Only, shared);

  Stdin get stdin => _stdin;

  Stdout get stdout => _stdout;

  Stdout get stderr => _stderr;

  Never exit(int code) => _exitProcess(code);
}

R _runZoned<R>(R Function() body, Map<Object?, Object?> values) =>
    Zone.current.fork(zoneValues: values).run<R>(body);

/// Overrides given one by one; what is missing is as it was around the zone.
final class _ZonedOverrides extends IOOverrides {
  final IOOverrides? _outer;
  final Directory Function(String)? _createDirectory;
  final Directory Function()? _getCurrentDirectory;
  final void Function(String)? _setCurrentDirectory;
  final Directory Function()? _getSystemTempDirectory;
  final File Function(String)? _createFile;
  final Future<FileStat> Function(String)? _stat;
  final FileStat Function(String)? _statSync;
  final Future<bool> Function(String, String)? _fseIdentical;
  final bool Function(String, String)? _fseIdenticalSync;
  final Future<FileSystemEntityType> Function(String, bool)? _fseGetType;
  final FileSystemEntityType Function(String, bool)? _fseGetTypeSync;
  final Stream<FileSystemEvent> Function(String, int, bool)? _fsWatch;
  final bool Function()? _fsWatchIsSupported;
  final Link Function(String)? _createLink;
  final Future<Socket> Function(dynamic, int,
      {dynamic sourceAddress,
      int sourcePort,
      Duration? timeout})? _socketConnect;
  final Future<ConnectionTask<Socket>> Function(dynamic, int,
      {dynamic sourceAddress, int sourcePort})? _socketStartConnect;
  final Future<ServerSocket> Function(dynamic, int,
      {int backlog, bool v6Only, bool shared})? _serverSocketBind;
  final Stdin Function()? _getStdin;
  final Stdout Function()? _getStdout;
  final Stdout Function()? _getStderr;
  final Never Function(int)? _exit;

  _ZonedOverrides(
      this._outer,
      this._createDirectory,
      this._getCurrentDirectory,
      this._setCurrentDirectory,
      this._getSystemTempDirectory,
      this._createFile,
      this._stat,
      this._statSync,
      this._fseIdentical,
      this._fseIdenticalSync,
      this._fseGetType,
      this._fseGetTypeSync,
      this._fsWatch,
      this._fsWatchIsSupported,
      this._createLink,
      this._socketConnect,
      this._socketStartConnect,
      this._serverSocketBind,
      this._getStdin,
      this._getStdout,
      this._getStderr,
      this._exit);

  Directory createDirectory(String path) =>
      _createDirectory?.call(path) ??
      _outer?.createDirectory(path) ??
      super.createDirectory(path);

  Directory getCurrentDirectory() =>
      _getCurrentDirectory?.call() ??
      _outer?.getCurrentDirectory() ??
      super.getCurrentDirectory();

  void setCurrentDirectory(String path) {
    final set = _setCurrentDirectory;
    final outer = _outer;
    if (set != null) {
      set(path);
    } else if (outer != null) {
      outer.setCurrentDirectory(path);
    } else {
      super.setCurrentDirectory(path);
    }
  }

  Directory getSystemTempDirectory() =>
      _getSystemTempDirectory?.call() ??
      _outer?.getSystemTempDirectory() ??
      super.getSystemTempDirectory();

  File createFile(String path) =>
      _createFile?.call(path) ??
      _outer?.createFile(path) ??
      super.createFile(path);

  Future<FileStat> stat(String path) =>
      _stat?.call(path) ?? _outer?.stat(path) ?? super.stat(path);

  FileStat statSync(String path) =>
      _statSync?.call(path) ?? _outer?.statSync(path) ?? super.statSync(path);

  Future<bool> fseIdentical(String path1, String path2) =>
      _fseIdentical?.call(path1, path2) ??
      _outer?.fseIdentical(path1, path2) ??
      super.fseIdentical(path1, path2);

  bool fseIdenticalSync(String path1, String path2) =>
      _fseIdenticalSync?.call(path1, path2) ??
      _outer?.fseIdenticalSync(path1, path2) ??
      super.fseIdenticalSync(path1, path2);

  Future<FileSystemEntityType> fseGetType(String path, bool followLinks) =>
      _fseGetType?.call(path, followLinks) ??
      _outer?.fseGetType(path, followLinks) ??
      super.fseGetType(path, followLinks);

  FileSystemEntityType fseGetTypeSync(String path, bool followLinks) =>
      _fseGetTypeSync?.call(path, followLinks) ??
      _outer?.fseGetTypeSync(path, followLinks) ??
      super.fseGetTypeSync(path, followLinks);

  Stream<FileSystemEvent> fsWatch(String path, int events, bool recursive) =>
      _fsWatch?.call(path, events, recursive) ??
      _outer?.fsWatch(path, events, recursive) ??
      super.fsWatch(path, events, recursive);

  bool fsWatchIsSupported() =>
      _fsWatchIsSupported?.call() ??
      _outer?.fsWatchIsSupported() ??
      super.fsWatchIsSupported();

  Link createLink(String path) =>
      _createLink?.call(path) ??
      _outer?.createLink(path) ??
      super.createLink(path);

  Future<Socket> socketConnect(dynamic host, int port,
          {dynamic sourceAddress, int sourcePort = 0, Duration? timeout}) =>
      _socketConnect?.call(host, port,
          sourceAddress: sourceAddress,
          sourcePort: sourcePort,
          timeout: timeout) ??
      _outer?.socketConnect(host, port,
          sourceAddress: sourceAddress,
          sourcePort: sourcePort,
          timeout: timeout) ??
      super.socketConnect(host, port,
          sourceAddress: sourceAddress,
          sourcePort: sourcePort,
          timeout: timeout);

  Future<ConnectionTask<Socket>> socketStartConnect(dynamic host, int port,
          {dynamic sourceAddress, int sourcePort = 0}) =>
      _socketStartConnect?.call(host, port,
          sourceAddress: sourceAddress, sourcePort: sourcePort) ??
      _outer?.socketStartConnect(host, port,
          sourceAddress: sourceAddress, sourcePort: sourcePort) ??
      super.socketStartConnect(host, port,
          sourceAddress: sourceAddress, sourcePort: sourcePort);

  Future<ServerSocket> serverSocketBind(dynamic address, int port,
          {int backlog = 0, bool v6Only = false, bool shared = false}) =>
      _serverSocketBind?.call(address, port,
          backlog: backlog, v6Only: v6Only, shared: shared) ??
      _outer?.serverSocketBind(address, port,
          backlog: backlog, v6Only: v6Only, shared: shared) ??
      super.serverSocketBind(address, port,
          backlog: backlog, v6Only: v6Only, shared: shared);

  Stdin get stdin => _getStdin?.call() ?? _outer?.stdin ?? super.stdin;

  Stdout get stdout => _getStdout?.call() ?? _outer?.stdout ?? super.stdout;

  Stdout get stderr => _getStderr?.call() ?? _outer?.stderr ?? super.stderr;

  Never exit(int code) {
    _exit?.call(code);
    _outer?.exit(code);
    super.exit(code);
  }
}
