part of 'async.dart';

/// An error together with the stack trace it came with.
final class AsyncError implements Error {
  final Object error;
  final StackTrace stackTrace;

  AsyncError(Object error, StackTrace? stackTrace)
      : error = error,
        stackTrace = stackTrace ?? defaultStackTrace(error);

  /// Both are there: the fast way in for the library itself.
  AsyncError._(this.error, this.stackTrace);

  /// The trace to show for [error] when nobody gave one: its own if it was
  /// thrown, else an empty one.
  static StackTrace defaultStackTrace(Object error) {
    if (error is Error) {
      final trace = error.stackTrace;
      if (trace != null) return trace;
    }
    return StackTrace.empty;
  }

  String toString() => '$error';
}

/// Thrown when something took longer than it was allowed to.
class TimeoutException implements Exception {
  final String? message;
  final Duration? duration;

  TimeoutException(this.message, [this.duration]);

  String toString() {
    final time = duration == null ? '' : ' after $duration';
    final text = message == null ? '' : ': $message';
    return 'TimeoutException$time$text';
  }
}

/// Thrown when a deferred library cannot be loaded.
final class DeferredLoadException implements Exception {
  final String _message;

  DeferredLoadException(String message) : _message = message;

  String toString() => "DeferredLoadException: '$_message'";
}

/// Where a future's error went when nobody else wanted it; see [Zone].
///
/// [error] and [stackTrace] as the zone's `errorCallback` wants them, or as
/// they are.
AsyncError _interceptError(Object error, StackTrace? stackTrace) {
  final zone = Zone._current;
  if (!identical(zone, _rootZone)) {
    final replacement = zone.errorCallback(
        error, stackTrace ?? AsyncError.defaultStackTrace(error));
    if (replacement != null) return replacement;
  }
  return AsyncError(error, stackTrace);
}
