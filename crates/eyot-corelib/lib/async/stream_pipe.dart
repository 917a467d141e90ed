part of 'async.dart';

/// A stream made from [_source] by looking at each event.
///
/// The event of the source and what comes of it are delivered in one go.
abstract class _Derived<S, T> extends Stream<T> {
  final Stream<S> _source;

  _Derived(this._source);

  bool get isBroadcast => _source.isBroadcast;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final subscription = _DerivedSubscription<S, T>(
        this, onData, onError, onDone, cancelOnError ?? false);
    subscription._listen(_source);
    return subscription;
  }

  /// What a subscription counts or remembers; set in its [_memory].
  Object? _start() => null;

  /// [data] is an S.
  void _onData(Object? data, _DerivedSubscription<S, T> out);

  void _onError(Object error, StackTrace stackTrace,
      _DerivedSubscription<S, T> out) {
    out._addError(error, stackTrace);
  }
}

final class _DerivedSubscription<S, T> extends _Subscription<T> {
  final _Derived<S, T> _stream;
  StreamSubscription<S>? _input;

  /// For the stream's use.
  Object? _memory;

  _DerivedSubscription(this._stream, void Function(T)? onData,
      Function? onError, void Function()? onDone, bool cancelOnError)
      : super(onData, onError, onDone, cancelOnError) {
    _memory = _stream._start();
  }

  void _listen(Stream<S> source) {
    _input = source.listen(_handleData,
        onError: _handleError, onDone: _handleDone);
  }

  void _handleData(Object? data) => _stream._onData(data, this);

  void _handleError(Object error, StackTrace stackTrace) =>
      _stream._onError(error, stackTrace, this);

  void _handleDone() => _close();

  // Once closed nothing is added, though events may still be pending.

  void _add(Object? data) {
    final state = _state;
    if (state & (_Subscription._closed | _Subscription._canceled) != 0) return;
    if (state < _Subscription._inCallback) {
      _sendData(data);
    } else {
      _addPending(data);
    }
  }

  void _addError(Object error, StackTrace stackTrace) {
    if (_state & _Subscription._closed == 0) super._addError(error, stackTrace);
  }

  /// An error that a callback of the program threw.
  void _addThrown(Object error, StackTrace stackTrace) {
    final report = _interceptError(error, stackTrace);
    _addError(report.error, report.stackTrace);
  }

  void _close() {
    if (_state & _Subscription._closed == 0) super._close();
  }

  void _onPause() {
    _input?.pause();
  }

  void _onResume() {
    _input?.resume();
  }

  Future<void>? _onCancel() {
    final input = _input;
    if (input == null) return null;
    _input = null;
    return input.cancel();
  }
}

final class _WhereStream<T> extends _Derived<T, T> {
  final bool Function(T) _test;

  _WhereStream(super.source, this._test);

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    final bool keep;
    try {
      keep = _test(unsafeCast<T>(data));
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
      return;
    }
    if (keep) out._add(data);
  }
}

final class _MapStream<S, T> extends _Derived<S, T> {
  final T Function(S) _convert;

  _MapStream(super.source, this._convert);

  void _onData(Object? data, _DerivedSubscription<S, T> out) {
    final T value;
    try {
      value = _convert(unsafeCast<S>(data));
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
      return;
    }
    out._add(value);
  }
}

final class _ExpandStream<S, T> extends _Derived<S, T> {
  final Iterable<T> Function(S) _convert;

  _ExpandStream(super.source, this._convert);

  void _onData(Object? data, _DerivedSubscription<S, T> out) {
    try {
      for (final value in _convert(unsafeCast<S>(data))) {
        out._add(value);
      }
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
    }
  }
}

final class _CastStream<S, T> extends _Derived<S, T> {
  _CastStream(super.source);

  Stream<R> cast<R>() => _CastStream<S, R>(_source);

  void _onData(Object? data, _DerivedSubscription<S, T> out) {
    final T value;
    try {
      value = data as T;
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
      return;
    }
    out._add(value);
  }
}

final class _HandleErrorStream<T> extends _Derived<T, T> {
  final Function _handler;
  final bool Function(Object)? _test;

  _HandleErrorStream(super.source, this._handler, this._test);

  void _onData(Object? data, _DerivedSubscription<T, T> out) => out._add(data);

  void _onError(
      Object error, StackTrace stackTrace, _DerivedSubscription<T, T> out) {
    final test = _test;
    if (test != null) {
      final bool matches;
      try {
        matches = test(error);
      } catch (thrown, thrownTrace) {
        out._addThrown(thrown, thrownTrace);
        return;
      }
      if (!matches) {
        out._addError(error, stackTrace);
        return;
      }
    }
    try {
      final handler = _handler;
      if (handler is void Function(Object, StackTrace)) {
        handler(error, stackTrace);
      } else {
        unsafeCast<void Function(Object)>(handler)(error);
      }
    } catch (thrown, thrownTrace) {
      if (identical(thrown, error)) {
        out._addError(error, stackTrace);
      } else {
        out._addThrown(thrown, thrownTrace);
      }
    }
  }
}

final class _TakeStream<T> extends _Derived<T, T> {
  final int _limit;

  _TakeStream(super.source, this._limit);

  Object? _start() => _limit;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    if (_limit == 0) {
      // The source hears of it, and no more.
      _source.listen(null).cancel();
      return _DoneSubscription<T>(onDone);
    }
    return super.listen(onData,
        onError: onError, onDone: onDone, cancelOnError: cancelOnError);
  }

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    final left = unsafeCast<int>(out._memory);
    if (left <= 0) return;
    out._memory = left - 1;
    out._add(data);
    if (left == 1) out._close();
  }
}

final class _TakeWhileStream<T> extends _Derived<T, T> {
  final bool Function(T) _test;

  _TakeWhileStream(super.source, this._test);

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    final bool matches;
    try {
      matches = _test(unsafeCast<T>(data));
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
      out._close();
      return;
    }
    if (matches) {
      out._add(data);
    } else {
      out._close();
    }
  }
}

final class _SkipStream<T> extends _Derived<T, T> {
  final int _count;

  _SkipStream(super.source, this._count);

  Object? _start() => _count;

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    final left = unsafeCast<int>(out._memory);
    if (left > 0) {
      out._memory = left - 1;
      return;
    }
    out._add(data);
  }
}

final class _SkipWhileStream<T> extends _Derived<T, T> {
  final bool Function(T) _test;

  _SkipWhileStream(super.source, this._test);

  Object? _start() => true;

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    if (identical(out._memory, true)) {
      final bool matches;
      try {
        matches = _test(unsafeCast<T>(data));
      } catch (error, stackTrace) {
        // The event that made it fail counts as skipped.
        out._memory = false;
        out._addThrown(error, stackTrace);
        return;
      }
      if (matches) return;
      out._memory = false;
    }
    out._add(data);
  }
}

/// In the memory of a [_DistinctStream] before the first event.
const Object _nothingYet = _DoneEvent();

final class _DistinctStream<T> extends _Derived<T, T> {
  final bool Function(T, T)? _equals;

  _DistinctStream(super.source, this._equals);

  Object? _start() => _nothingYet;

  void _onData(Object? data, _DerivedSubscription<T, T> out) {
    final previous = out._memory;
    if (identical(previous, _nothingYet)) {
      out._memory = data;
      out._add(data);
      return;
    }
    final last = unsafeCast<T>(previous);
    final equals = _equals;
    final bool same;
    try {
      same = equals == null ? last == data : equals(last, unsafeCast<T>(data));
    } catch (error, stackTrace) {
      out._addThrown(error, stackTrace);
      return;
    }
    if (!same) {
      out._memory = data;
      out._add(data);
    }
  }
}
