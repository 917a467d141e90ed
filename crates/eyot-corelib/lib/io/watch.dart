part of 'io.dart';

/// A change of the file system.
sealed class FileSystemEvent {
  static const int create = 1;
  static const int modify = 2;
  static const int delete = 4;
  static const int move = 8;
  static const int all = create | modify | delete | move;

  final int type;
  final String path;
  final bool isDirectory;

  FileSystemEvent._(this.type, this.path, this.isDirectory);
}

final class FileSystemCreateEvent extends FileSystemEvent {
  FileSystemCreateEvent(String path, bool isDirectory)
      : super._(FileSystemEvent.create, path, isDirectory);

  String toString() => "FileSystemCreateEvent('$path')";
}

final class FileSystemModifyEvent extends FileSystemEvent {
  /// Not only attributes.
  final bool contentChanged;

  FileSystemModifyEvent(String path, bool isDirectory, this.contentChanged)
      : super._(FileSystemEvent.modify, path, isDirectory);

  String toString() =>
      "FileSystemModifyEvent('$path', contentChanged=$contentChanged)";
}

final class FileSystemDeleteEvent extends FileSystemEvent {
  FileSystemDeleteEvent(String path, bool isDirectory)
      : super._(FileSystemEvent.delete, path, isDirectory);

  String toString() => "FileSystemDeleteEvent('$path')";
}

final class FileSystemMoveEvent extends FileSystemEvent {
  /// Where to, if that is known.
  final String? destination;

  FileSystemMoveEvent(String path, bool isDirectory, this.destination)
      : super._(FileSystemEvent.move, path, isDirectory);

  String toString() {
    final buffer = StringBuffer("FileSystemMoveEvent('$path'");
    if (destination != null) buffer.write(", '$destination'");
    buffer.write(')');
    return buffer.toString();
  }
}

/// Watches a path: on Linux one directory or file, never what is below.
Stream<FileSystemEvent> _watch(String path, int events, bool recursive) {
  if (recursive) {
    throw const FileSystemException(
        'File system watching is not supported recursively on this platform');
  }
  return _Watch(path, events).controller.stream;
}

/// () -> handle
const int _opWatch = 200;

/// (handle, path) -> null
const int _opWatchPath = 201;

/// (handle) -> [mask, cookie, name or empty, …], null if nothing happened
const int _opWatchEvents = 202;

// What the system says of a change.
const int _inModify = 0x2;
const int _inAttributes = 0x4;
const int _inMovedFrom = 0x40;
const int _inMovedTo = 0x80;
const int _inCreate = 0x100;
const int _inDelete = 0x200;
const int _inDeleteSelf = 0x400;
const int _inMoveSelf = 0x800;
const int _inIgnored = 0x8000;
const int _inDirectory = 0x40000000;

/// A watch is on from the first listener to the last; all hear the same.
final class _Watch {
  final String _path;
  final int _events;
  _Endpoint? _endpoint;
  late final StreamController<FileSystemEvent> controller =
      StreamController<FileSystemEvent>.broadcast(
          onListen: _start, onCancel: _stop);

  _Watch(this._path, this._events);

  void _start() {
    final endpoint = _Endpoint();
    try {
      final found = FileSystemEntity._typeSync(_path, true);
      if (found == FileSystemEntityType.notFound) {
        throw const OSError('No such file or directory', 2);
      }
      endpoint.open(_opWatch, const [],
          (OSError error) => SocketException('', osError: error));
      final answer =
          _endpointCall(_opWatchPath, [endpoint.handle, _path], null);
      if (answer.length == 2) throw _osErrorOf(answer);
    } on OSError catch (error, stackTrace) {
      _refuse(endpoint, error, stackTrace);
      return;
    } on SocketException catch (error, stackTrace) {
      _refuse(endpoint, error.osError!, stackTrace);
      return;
    }
    _endpoint = endpoint;
    endpoint.onReadable = _onReadable;
    endpoint.arm(_readable);
  }

  void _refuse(_Endpoint endpoint, OSError error, StackTrace stackTrace) {
    endpoint.close();
    controller.addError(
        FileSystemException._of(error, 'Failed to watch path', _path),
        stackTrace);
    controller.close();
  }

  void _stop() {
    _endpoint?.close();
    _endpoint = null;
  }

  void _onReadable() {
    final endpoint = _endpoint;
    if (endpoint == null) return;
    final answer = _endpointCall(_opWatchEvents, [endpoint.handle], null);
    final rows = answer[0];
    if (answer.length == 1 && rows is List<Object?>) _tell(rows);
    _endpoint?.arm(_readable);
  }

  /// The two halves of a move become one event where both are seen.
  void _tell(List<Object?> rows) {
    final all = <FileSystemEvent>[];
    final moves = <int, int>{};
    for (int i = 0; i + 2 < rows.length; i += 3) {
      final mask = unsafeCast<int>(rows[i]);
      final cookie = unsafeCast<int>(rows[i + 1]);
      final name = unsafeCast<String>(rows[i + 2]);
      final isDirectory = mask & _inDirectory != 0;
      final path = name.isEmpty ? _path : _join(name);
      if (mask & _inIgnored != 0) {
        _emit(all);
        controller.close();
        return;
      }
      if (mask & _inCreate != 0) {
        all.add(FileSystemCreateEvent(path, isDirectory));
      }
      if (mask & _inModify != 0) {
        all.add(FileSystemModifyEvent(path, isDirectory, true));
      }
      if (mask & _inAttributes != 0) {
        all.add(FileSystemModifyEvent(path, isDirectory, false));
      }
      if (mask & _inMovedFrom != 0) {
        moves[cookie] = all.length;
        all.add(FileSystemMoveEvent(path, isDirectory, null));
      }
      if (mask & _inMovedTo != 0) {
        final from = moves.remove(cookie);
        if (from == null) {
          all.add(FileSystemCreateEvent(path, isDirectory));
        } else {
          all[from] = FileSystemMoveEvent(all[from].path, isDirectory, path);
        }
      }
      if (mask & (_inDelete | _inDeleteSelf) != 0) {
        all.add(FileSystemDeleteEvent(path, false));
      }
      if (mask & _inMoveSelf != 0) {
        all.add(FileSystemMoveEvent(path, isDirectory, null));
      }
    }
    // What left for an unwatched place is gone, as far as one can see.
    for (final index in moves.values) {
      all[index] = FileSystemDeleteEvent(all[index].path, false);
    }
    _emit(all);
  }

  String _join(String name) => _path == '/' ? '/$name' : '$_path/$name';

  void _emit(List<FileSystemEvent> events) {
    for (final event in events) {
      if (event.type & _events != 0) controller.add(event);
    }
  }
}
