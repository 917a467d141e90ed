part of 'async.dart';

/// Either a value or a future of one; a type of the language.
abstract class FutureOr<T> {
  // Nobody extends or makes one.
  FutureOr._();
}

/// The result of a computation that may not be there yet.
abstract interface class Future<T> {
  /// Runs [computation] in a timer event and completes with its result.
  factory Future(FutureOr<T> Function() computation) {
    final result = _Future<T>();
    Timer.run(() => result._completeWith(computation));
    return result;
  }

  factory Future.microtask(FutureOr<T> Function() computation) {
    final result = _Future<T>();
    scheduleMicrotask(() => result._completeWith(computation));
    return result;
  }

  /// Runs [computation] at once.
  factory Future.sync(FutureOr<T> Function() computation) {
    try {
      final value = computation();
      if (value is Future<T>) return value;
      return _Future<T>.completed(value);
    } catch (error, stackTrace) {
      final report = _interceptError(error, stackTrace);
      final result = _Future<T>();
      result._completeErrorLater(report);
      return result;
    }
  }

  factory Future.value([FutureOr<T>? value]) {
    final result = _Future<T>();
    result._completeLater(value == null ? value as T : value);
    return result;
  }

  /// A future of [value], which is no future itself.
  factory Future.syncValue(T value) => _Future<T>.completed(value);

  factory Future.error(Object error, [StackTrace? stackTrace]) {
    final result = _Future<T>();
    result._completeErrorLater(_interceptError(error, stackTrace));
    return result;
  }

  /// Completes with [computation]'s result, or with null, after [duration].
  factory Future.delayed(Duration duration,
      [FutureOr<T> Function()? computation]) {
    if (computation == null && null is! T) {
      throw ArgumentError.value(
          null, 'computation', 'The type parameter is not nullable');
    }
    final result = _Future<T>();
    Timer(duration, () {
      if (computation == null) {
        result._complete(null);
      } else {
        result._completeWith(computation);
      }
    });
    return result;
  }

  /// Completes after [duration] and cannot fail, so less is done for it than
  /// for [Future.delayed].
  static Future<void> pause([Duration duration = Duration.zero]) {
    final result = _Future<void>();
    Timer(duration, () => result._complete(null));
    return result;
  }

  /// The values of all [futures] in their order, or the first error.
  ///
  /// Waits for all of them even after an error, unless [eagerError];
  /// [cleanUp] gets the values that nobody will see because of an error.
  static Future<List<T>> wait<T>(Iterable<Future<T>> futures,
          {bool eagerError = false, void Function(T successValue)? cleanUp}) =>
      _waitForAll<T>(futures, eagerError, cleanUp);

  /// The result of the first of [futures] to complete.
  static Future<T> any<T>(Iterable<Future<T>> futures) {
    final completer = Completer<T>.sync();
    void onValue(T value) {
      if (!completer.isCompleted) completer.complete(value);
    }

    void onError(Object error, StackTrace stackTrace) {
      if (!completer.isCompleted) completer.completeError(error, stackTrace);
    }

    for (final future in futures) {
      future.then(onValue, onError: onError);
    }
    return completer.future;
  }

  /// Calls [action] on each of [elements], one after the other.
  static Future<void> forEach<T>(
      Iterable<T> elements, FutureOr<dynamic> Function(T element) action) {
    final iterator = elements.iterator;
    FutureOr<bool> step() {
      if (!iterator.moveNext()) return false;
      final result = action(iterator.current);
      if (result is Future) return result.then<bool>(_toTrue);
      return true;
    }

    return doWhile(step);
  }

  static bool _toTrue(Object? _) => true;

  /// Calls [action] until it says false.
  static Future<void> doWhile(FutureOr<bool> Function() action) {
    final done = _Future<void>();
    late void Function(bool) next;
    // Runs on in a loop while the answers come at once.
    next = Zone.current.bindUnaryCallbackGuarded((bool goOn) {
      while (goOn) {
        final FutureOr<bool> answer;
        try {
          answer = action();
        } catch (error, stackTrace) {
          done._completeErrorLater(_interceptError(error, stackTrace));
          return;
        }
        if (answer is Future<bool>) {
          answer.then(next, onError: done._completeErrorWith);
          return;
        }
        goOn = unsafeCast<bool>(answer);
      }
      done._complete(null);
    });
    next(true);
    return done;
  }

  Future<R> then<R>(FutureOr<R> Function(T value) onValue,
      {Function? onError});

  Future<T> catchError(Function onError, {bool Function(Object error)? test});

  Future<T> whenComplete(FutureOr<void> Function() action);

  Stream<T> asStream();

  Future<T> timeout(Duration timeLimit, {FutureOr<T> Function()? onTimeout});
}

/// Says that [future] is not awaited on purpose.
void unawaited(Future<void>? future) {}

extension FutureExtensions<T> on Future<T> {
  /// Handles errors of type [E]; others pass.
  Future<T> onError<E extends Object>(
      FutureOr<T> Function(E error, StackTrace stackTrace) handleError,
      {bool Function(E error)? test}) {
    FutureOr<T> handle(Object error, StackTrace stackTrace) =>
        handleError(error as E, stackTrace);
    if (test == null) {
      return catchError(handle, test: (Object error) => error is E);
    }
    return catchError(handle,
        test: (Object error) => error is E && test(error));
  }

  /// Drops the result, and an error of it too.
  void ignore() {
    final self = this;
    if (self is _Future<T>) {
      self._ignore();
    } else {
      self.then<void>(_ignoreValue, onError: _ignoreError);
    }
  }

  static void _ignoreValue(Object? _) {}

  static void _ignoreError(Object _, StackTrace __) {}
}
