part of 'io.dart';

// Operations: number, arguments, value. Paths are Strings, times milliseconds
// since 1970, flags bools.

/// (path, follow links) -> type number, see [FileSystemEntityType]
const int _opType = 0;

/// (path, exclusive) -> null
const int _opCreate = 1;

/// (path, a file: or a link to one; else only a link) -> null
const int _opDelete = 2;

/// (path, new path) -> null; the target is replaced
const int _opRename = 3;

/// (path, new path) -> null; the target is replaced
const int _opCopy = 4;

/// (path) -> bytes
const int _opLength = 5;

/// (path, milliseconds) -> null
const int _opSetModified = 7;

/// (path, milliseconds) -> null
const int _opSetAccessed = 9;

/// (path) -> [type, changed, modified, accessed, mode, size], links followed;
/// type 3 and zeros (size -1) if there is nothing
const int _opStat = 10;

/// (path) -> Uint8List
const int _opReadAll = 11;

/// (path, Uint8List, mode, flush) -> null
const int _opWriteAll = 12;

/// (path, mode: 0 read, 1 write, 2 append, 3 write only, 4 append, write
/// only) -> handle, an int
const int _opOpen = 13;

/// (handle) -> null
const int _opClose = 14;

/// (handle, count) -> Uint8List, shorter only at the end of the file
const int _opRead = 15;

/// (handle, Uint8List) -> null
const int _opWrite = 16;

/// (handle) -> position
const int _opPosition = 17;

/// (handle, position) -> null
const int _opSetPosition = 18;

/// (handle, length) -> null
const int _opTruncate = 19;

/// (handle) -> length
const int _opLengthOf = 20;

/// (handle) -> null; data and metadata are on the disk
const int _opFlush = 21;

/// (handle, lock number, start, end or -1) -> null
const int _opLock = 22;

/// (path, with parents) -> null; no error if it exists
const int _opCreateDirectory = 30;

/// (prefix) -> path of a fresh directory whose path starts so
const int _opCreateTemp = 31;

/// (path, recursive) -> null; recursive also deletes what is no directory
const int _opDeleteDirectory = 32;

/// (path, recursive, follow links) -> [type, path, type, path, …]
const int _opList = 33;

/// (path, new path) -> null; only a directory
const int _opRenameDirectory = 34;

/// (path, target) -> null
const int _opCreateLink = 40;

/// (path) -> path
const int _opLinkTarget = 41;

/// (path) -> path without links and dots, absolute
const int _opResolve = 50;

/// (path, path) -> bool
const int _opIdentical = 51;

/// (executable, arguments, working directory or null, environment as
/// [name, value, …] or null, with the parent's environment, in a shell)
/// -> [pid, exit code, stdout Uint8List, stderr Uint8List]
const int _opRun = 60;

/// (retain the line feed) -> Uint8List of a line, null at the end
const int _opStdinLine = 70;

/// () -> byte, -1 at the end
const int _opStdinByte = 71;

/// () -> Uint8List of what is read already
const int _opStdinBuffered = 72;

/// (name, kind of address) -> [[bytes, scope], …], or [number, text]
const int _opLookup = 80;

/// (bytes) -> name, or [number, text]
const int _opReverse = 81;

/// (kind of address) -> [[name, index, [bytes, scope]], …]
const int _opInterfaces = 82;

/// Native (pending): performs [operation] on the blocking pool. Answers a
/// list: `[value]`, or `[errno, text]` if it failed.
external List<Object?> _request(int operation, List<Object?> arguments);

/// Native: as [_request], but returns at once; the answer is sent to [reply].
external void _requestLater(
    int operation, List<Object?> arguments, SendPort reply);

/// Performs it now; [what] failed, with [path], is what an exception says.
Object? _now(
        int operation, List<Object?> arguments, String what, String? path) =>
    _valueOf(_request(operation, arguments), what, path);

/// Performs it on the blocking pool. [failed] makes the exception, if it is
/// no [FileSystemException].
Future<T> _later<T>(
    int operation, List<Object?> arguments, String what, String? path,
    [Object Function(OSError, String, String?) failed =
        FileSystemException._of]) {
  final done = Completer<T>();
  final port = RawReceivePort();
  port.handler = (Object? answer) {
    port.close();
    final Object? value;
    try {
      value = _valueOf(unsafeCast<List<Object?>>(answer), what, path, failed);
    } catch (error, stackTrace) {
      done.completeError(error, stackTrace);
      return;
    }
    done.complete(unsafeCast<T>(value));
  };
  _requestLater(operation, arguments, port.sendPort);
  return done.future;
}

Object? _valueOf(List<Object?> answer, String what, String? path,
    [Object Function(OSError, String, String?) failed =
        FileSystemException._of]) {
  if (answer.length == 1) return answer[0];
  throw failed(_osErrorOf(answer), what, path);
}
