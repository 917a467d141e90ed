part of 'io.dart';

/// What goes wrong with input and output.
abstract class IOException implements Exception {
  String toString() => 'IOException';
}

/// An error of the operating system.
class OSError implements Exception {
  static const int noErrorCode = -1;

  final String message;
  final int errorCode;

  const OSError([this.message = '', this.errorCode = noErrorCode]);

  String toString() {
    final buffer = StringBuffer('OS Error');
    if (message.isNotEmpty) {
      buffer.write(': ');
      buffer.write(message);
      if (errorCode != noErrorCode) {
        buffer.write(', errno = ');
        buffer.write(errorCode);
      }
    } else if (errorCode != noErrorCode) {
      buffer.write(': errno = ');
      buffer.write(errorCode);
    }
    return buffer.toString();
  }
}

class FileSystemException implements IOException {
  final String message;
  final String? path;
  final OSError? osError;

  const FileSystemException([this.message = '', this.path = '', this.osError]);

  /// The class says the reason, where it is one of the frequent ones.
  static FileSystemException _of(OSError error, String what, String? path) {
    final where = path ?? '';
    switch (error.errorCode) {
      case 1:
      case 13:
        return PathAccessException(where, error, what);
      case 2:
        return PathNotFoundException(where, error, what);
      case 17:
        return PathExistsException(where, error, what);
    }
    return FileSystemException(what, path, error);
  }

  String _text(String name) {
    final buffer = StringBuffer(name);
    final where = path;
    final error = osError;
    if (message.isNotEmpty) {
      buffer.write(': $message');
      if (where != null) buffer.write(", path = '$where'");
      if (error != null) buffer.write(' ($error)');
    } else if (error != null) {
      buffer.write(': $error');
      if (where != null) buffer.write(", path = '$where'");
    } else if (where != null) {
      buffer.write(': $where');
    }
    return buffer.toString();
  }

  String toString() => _text('FileSystemException');
}

class PathAccessException extends FileSystemException {
  const PathAccessException(String path, OSError osError, [String message = ''])
      : super(message, path, osError);

  String toString() => _text('PathAccessException');
}

class PathExistsException extends FileSystemException {
  const PathExistsException(String path, OSError osError, [String message = ''])
      : super(message, path, osError);

  String toString() => _text('PathExistsException');
}

class PathNotFoundException extends FileSystemException {
  const PathNotFoundException(String path, OSError osError,
      [String message = ''])
      : super(message, path, osError);

  String toString() => _text('PathNotFoundException');
}

class StdoutException implements IOException {
  final String message;
  final OSError? osError;

  const StdoutException(this.message, [this.osError]);

  String toString() =>
      "StdoutException: $message${osError == null ? "" : ", $osError"}";
}

class StdinException implements IOException {
  final String message;
  final OSError? osError;

  const StdinException(this.message, [this.osError]);

  String toString() =>
      "StdinException: $message${osError == null ? "" : ", $osError"}";
}

class ProcessException implements IOException {
  final String executable;
  final List<String> arguments;
  final String message;
  final int errorCode;

  const ProcessException(this.executable, this.arguments,
      [this.message = '', this.errorCode = 0]);

  String toString() {
    final args = arguments.join(' ');
    return 'ProcessException: $message\n  Command: $executable $args';
  }
}

class SignalException implements IOException {
  final String message;
  final dynamic osError;

  const SignalException(this.message, [this.osError]);

  String toString() {
    final error = osError == null ? '' : ', osError: $osError';
    return 'SignalException: $message$error';
  }
}
