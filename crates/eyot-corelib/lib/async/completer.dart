part of 'async.dart';

/// Makes a future and completes it.
abstract interface class Completer<T> {
  factory Completer() => _AsyncCompleter<T>();

  /// Its future tells its listeners while [complete] runs.
  factory Completer.sync() => _SyncCompleter<T>();

  Future<T> get future;

  void complete([FutureOr<T>? value]);

  void completeError(Object error, [StackTrace? stackTrace]);

  bool get isCompleted;
}

abstract class _Completer<T> implements Completer<T> {
  final _Future<T> future = _Future<T>();

  bool get isCompleted => !future._mayComplete;
}

final class _AsyncCompleter<T> extends _Completer<T> {
  void complete([FutureOr<T>? value]) {
    if (!future._mayComplete) throw StateError('Future already completed');
    future._completeLater(value == null ? value as T : value);
  }

  void completeError(Object error, [StackTrace? stackTrace]) {
    if (!future._mayComplete) throw StateError('Future already completed');
    future._completeErrorLater(_interceptError(error, stackTrace));
  }
}

final class _SyncCompleter<T> extends _Completer<T> {
  void complete([FutureOr<T>? value]) {
    if (!future._mayComplete) throw StateError('Future already completed');
    future._complete(value == null ? value as T : value);
  }

  void completeError(Object error, [StackTrace? stackTrace]) {
    if (!future._mayComplete) throw StateError('Future already completed');
    future._completeError(_interceptError(error, stackTrace));
  }
}
