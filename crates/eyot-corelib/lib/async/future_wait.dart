part of 'async.dart';

/// The work of [Future.wait].
Future<List<T>> _waitForAll<T>(Iterable<Future<T>> futures, bool eagerError,
    void Function(T successValue)? cleanUp) {
  final wait = _Wait<T>(eagerError, cleanUp);
  try {
    for (final future in futures) {
      wait._add(future);
    }
    if (wait._remaining == 0) {
      wait.result._completeLater(wait._list());
      return wait.result;
    }
  } catch (error, stackTrace) {
    // The iterable failed.
    if (wait._remaining == 0 || eagerError) {
      final failed = _Future<List<T>>();
      failed._completeErrorLater(_interceptError(error, stackTrace));
      return failed;
    }
    wait._values = null;
    wait._firstError = AsyncError._(error, stackTrace);
  }
  return wait.result;
}

/// Several futures that are waited for, each by no more than a [_Listener] in
/// the root zone; what is there already by nothing at all.
final class _Wait<T> {
  final _Future<List<T>> result = _Future<List<T>>();
  final bool eagerError;
  final void Function(T)? cleanUp;

  /// Null after the first error.
  List<T?>? _values = <T?>[];
  int _remaining = 0;
  AsyncError? _firstError;

  _Wait(this.eagerError, this.cleanUp);

  void _add(Future<T> future) {
    final values = unsafeCast<List<T?>>(_values);
    final index = values.length;
    if (identical(Zone._current, _rootZone) && future is _Future) {
      final known = unsafeCast<_Future<Object?>>(future);
      if (known._state == _Future._hasValue &&
          identical(known._zone, _rootZone)) {
        values.add(unsafeCast<T>(known._data));
        return;
      }
      values.add(null);
      known._listen(
          _Listener(_Listener._waits, _rootZone, null, this, index));
    } else {
      values.add(null);
      // Counted after `then`, which may throw.
      future.then<void>((T value) => _take(index, value), onError: _takeError);
    }
    _remaining++;
  }

  List<T> _list() => <T>[
        for (final value in unsafeCast<List<T?>>(_values)) unsafeCast<T>(value)
      ];

  void _take(int index, Object? value) {
    _remaining--;
    final values = _values;
    if (values != null) {
      values[index] = unsafeCast<T>(value);
      if (_remaining == 0) result._completeValue(_list());
    } else {
      _discard(unsafeCast<T>(value));
      if (_remaining == 0 && !eagerError) {
        result._completeError(unsafeCast<AsyncError>(_firstError));
      }
    }
  }

  void _takeError(Object error, StackTrace stackTrace) {
    _remaining--;
    final values = _values;
    if (values != null) {
      _values = null;
      for (final value in values) {
        if (value != null) _discard(unsafeCast<T>(value));
      }
      final report = AsyncError._(error, stackTrace);
      _firstError = report;
      if (_remaining == 0 || eagerError) result._completeError(report);
    } else if (_remaining == 0 && !eagerError) {
      result._completeError(unsafeCast<AsyncError>(_firstError));
    }
  }

  void _discard(T value) {
    final cleanUp = this.cleanUp;
    if (cleanUp != null && value != null) {
      Future<void>.sync(() => cleanUp(value));
    }
  }
}

/// Several futures were waited for together and at least one failed.
class ParallelWaitError<V, E> extends Error {
  /// What came in; null where an error did.
  final V values;

  /// Null where a value came in.
  final E errors;

  final AsyncError? _defaultError;

  final int? _errorCount;

  ParallelWaitError(this.values, this.errors,
      {int? errorCount, AsyncError? defaultError})
      : _errorCount = errorCount,
        _defaultError = defaultError;

  StackTrace? get stackTrace => _defaultError?.stackTrace ?? super.stackTrace;

  String toString() {
    final error = _defaultError;
    final count = _errorCount;
    if (error == null) {
      if (count == null || count <= 1) return 'ParallelWaitError';
      return 'ParallelWaitError($count errors)';
    }
    if (count == null || count <= 1) {
      return 'ParallelWaitError: ${error.error}';
    }
    return 'ParallelWaitError($count errors): ${error.error}';
  }
}

extension FutureIterable<T> on Iterable<Future<T>> {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<List<T>> get wait {
    final results = [for (final future in this) _Awaited<T>(future)];
    final done = _Future<List<T>>();
    _awaitAll(results, (int errors) {
      if (errors == 0) {
        done._completeValue(<T>[for (final r in results) r.value as T]);
        return;
      }
      done._completeError(_parallelError<List<T?>, List<AsyncError?>>(
          <T?>[for (final r in results) r.value],
          <AsyncError?>[for (final r in results) r.error],
          results,
          errors));
    });
    return done;
  }
}

/// One of several futures that are waited for together.
final class _Awaited<T> {
  final Future<T> future;
  T? value;
  AsyncError? error;

  _Awaited(this.future);

  void listen(void Function(bool failed) onDone) {
    future.then<void>((T v) {
      value = v;
      onDone(false);
    }, onError: (Object e, StackTrace s) {
      error = AsyncError._(e, s);
      onDone(true);
    });
  }
}

/// Calls [onDone] with the number of errors when all are complete.
void _awaitAll(
    List<_Awaited<Object?>> all, void Function(int errors) onDone) {
  int remaining = all.length;
  int errors = 0;
  if (remaining == 0) {
    scheduleMicrotask(() => onDone(0));
    return;
  }
  void ready(bool failed) {
    if (failed) errors++;
    if (--remaining == 0) onDone(errors);
  }

  for (final one in all) {
    one.listen(ready);
  }
}

AsyncError _parallelError<V, E>(
    V values, E errors, List<_Awaited<Object?>> all, int errorCount) {
  AsyncError? first;
  for (final one in all) {
    first ??= one.error;
  }
  final error = ParallelWaitError<V, E>(values, errors,
      errorCount: errorCount, defaultError: first);
  return AsyncError(error, first?.stackTrace);
}

extension FutureRecord2<T1, T2> on (Future<T1>, Future<T2>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final done = _Future<(T1, T2)>();
    final all = <_Awaited<Object?>>[r1, r2];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
      ), (
        r1.error,
        r2.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord3<T1, T2, T3> on (Future<T1>, Future<T2>, Future<T3>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final done = _Future<(T1, T2, T3)>();
    final all = <_Awaited<Object?>>[r1, r2, r3];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord4<T1, T2, T3, T4> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final done = _Future<(T1, T2, T3, T4)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord5<T1, T2, T3, T4, T5> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>, Future<T5>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4, T5)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final r5 = _Awaited<T5>($5);
    final done = _Future<(T1, T2, T3, T4, T5)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4, r5];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
          r5.value as T5,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
        r5.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
        r5.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord6<T1, T2, T3, T4, T5, T6> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>, Future<T5>, Future<T6>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4, T5, T6)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final r5 = _Awaited<T5>($5);
    final r6 = _Awaited<T6>($6);
    final done = _Future<(T1, T2, T3, T4, T5, T6)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4, r5, r6];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
          r5.value as T5,
          r6.value as T6,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
        r5.value,
        r6.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
        r5.error,
        r6.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord7<T1, T2, T3, T4, T5, T6, T7> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>, Future<T5>, Future<T6>, Future<T7>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4, T5, T6, T7)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final r5 = _Awaited<T5>($5);
    final r6 = _Awaited<T6>($6);
    final r7 = _Awaited<T7>($7);
    final done = _Future<(T1, T2, T3, T4, T5, T6, T7)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4, r5, r6, r7];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
          r5.value as T5,
          r6.value as T6,
          r7.value as T7,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
        r5.value,
        r6.value,
        r7.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
        r5.error,
        r6.error,
        r7.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord8<T1, T2, T3, T4, T5, T6, T7, T8> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>, Future<T5>, Future<T6>, Future<T7>, Future<T8>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4, T5, T6, T7, T8)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final r5 = _Awaited<T5>($5);
    final r6 = _Awaited<T6>($6);
    final r7 = _Awaited<T7>($7);
    final r8 = _Awaited<T8>($8);
    final done = _Future<(T1, T2, T3, T4, T5, T6, T7, T8)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4, r5, r6, r7, r8];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
          r5.value as T5,
          r6.value as T6,
          r7.value as T7,
          r8.value as T8,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
        r5.value,
        r6.value,
        r7.value,
        r8.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
        r5.error,
        r6.error,
        r7.error,
        r8.error,
      ), all, errors));
    });
    return done;
  }
}

extension FutureRecord9<T1, T2, T3, T4, T5, T6, T7, T8, T9> on (Future<T1>, Future<T2>, Future<T3>, Future<T4>, Future<T5>, Future<T6>, Future<T7>, Future<T8>, Future<T9>) {
  /// The values of all, or a [ParallelWaitError] once all are complete.
  Future<(T1, T2, T3, T4, T5, T6, T7, T8, T9)> get wait {
    final r1 = _Awaited<T1>($1);
    final r2 = _Awaited<T2>($2);
    final r3 = _Awaited<T3>($3);
    final r4 = _Awaited<T4>($4);
    final r5 = _Awaited<T5>($5);
    final r6 = _Awaited<T6>($6);
    final r7 = _Awaited<T7>($7);
    final r8 = _Awaited<T8>($8);
    final r9 = _Awaited<T9>($9);
    final done = _Future<(T1, T2, T3, T4, T5, T6, T7, T8, T9)>();
    final all = <_Awaited<Object?>>[r1, r2, r3, r4, r5, r6, r7, r8, r9];
    _awaitAll(all, (int errors) {
      if (errors == 0) {
        done._completeValue((
          r1.value as T1,
          r2.value as T2,
          r3.value as T3,
          r4.value as T4,
          r5.value as T5,
          r6.value as T6,
          r7.value as T7,
          r8.value as T8,
          r9.value as T9,
        ));
        return;
      }
      done._completeError(_parallelError((
        r1.value,
        r2.value,
        r3.value,
        r4.value,
        r5.value,
        r6.value,
        r7.value,
        r8.value,
        r9.value,
      ), (
        r1.error,
        r2.error,
        r3.error,
        r4.error,
        r5.error,
        r6.error,
        r7.error,
        r8.error,
        r9.error,
      ), all, errors));
    });
    return done;
  }
}
