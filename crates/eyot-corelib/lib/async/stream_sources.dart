part of 'async.dart';

/// A stream with only a done event.
final class _EmptyStream<T> extends Stream<T> {
  final bool _isBroadcast;

  const _EmptyStream({bool broadcast = true}) : _isBroadcast = broadcast;

  bool get isBroadcast => _isBroadcast;

  StreamSubscription<T> listen(void Function(T event)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _DoneSubscription<T>(onDone);
}

/// The elements of an iterable, each as a microtask of its own; anew for
/// every listener.
final class _IterableStream<T> extends Stream<T> {
  final Iterable<T> _elements;

  _IterableStream(this._elements);

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final subscription = _IterableSubscription<T>(
        _elements, onData, onError, onDone, cancelOnError ?? false);
    subscription._schedule();
    return subscription;
  }
}

final class _IterableSubscription<T> extends _Subscription<T> {
  final Iterable<T> _elements;
  Iterator<T>? _iterator;

  _IterableSubscription(this._elements, void Function(T)? onData,
      Function? onError, void Function()? onDone, bool cancelOnError)
      : super(onData, onError, onDone, cancelOnError);

  void _onResume() => _schedule();

  void _deliverNext() {
    _scheduled = false;
    if (_scheduleCanceled || _state & _Subscription._canceled != 0) {
      _scheduleCanceled = false;
      return;
    }
    if (_state >= _Subscription._onePause) return;
    final T element;
    try {
      final iterator = _iterator ??= _elements.iterator;
      if (!iterator.moveNext()) {
        _close();
        return;
      }
      element = iterator.current;
    } catch (error, stackTrace) {
      _addError(error, stackTrace);
      _close();
      return;
    }
    _sendData(element);
    if (_state & (_Subscription._canceled | _Subscription._inputPaused) == 0) {
      _schedule();
    }
  }
}

/// Each listener gets a controller of its own.
final class _MultiStream<T> extends Stream<T> {
  final void Function(MultiStreamController<T>) _onListen;
  final bool _isBroadcast;

  _MultiStream(this._onListen, this._isBroadcast);

  bool get isBroadcast => _isBroadcast;

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError}) {
    final controller = _MultiController<T>();
    controller.onListen = () {
      _onListen(controller);
    };
    return controller._subscribe(
        onData, onError, onDone, cancelOnError ?? false);
  }
}

final class _MultiController<T> extends _Controller<T>
    implements MultiStreamController<T> {
  _MultiController() : super(null, null, null, null);

  Stream<T> get stream => throw UnsupportedError('Not available');

  void addSync(T value) {
    if (_state & (_Controller._closed | _Controller._adding) != 0) {
      throw _badState();
    }
    _subscription?._add(value);
  }

  void addErrorSync(Object error, [StackTrace? stackTrace]) {
    if (_state & (_Controller._closed | _Controller._adding) != 0) {
      throw _badState();
    }
    _subscription?._addError(
        error, stackTrace ?? AsyncError.defaultStackTrace(error));
  }

  void closeSync() {
    if (isClosed) return;
    if (_state & _Controller._adding != 0) throw _badState();
    _state |= _Controller._closed;
    _subscription?._close();
  }
}

Stream<T> _streamOfFuture<T>(Future<T> future) {
  final controller = _SyncController<T>(null, null, null, null);
  future.then<void>((T value) {
    controller._addChecked(value);
    controller._closeUnchecked();
  }, onError: (Object error, StackTrace stackTrace) {
    controller._addErrorChecked(error, stackTrace);
    controller._closeUnchecked();
  });
  return controller.stream;
}

Stream<T> _streamOfFutures<T>(Iterable<Future<T>> futures) {
  final controller = _SyncController<T>(null, null, null, null);
  int remaining = 0;
  void finishOne() {
    if (--remaining == 0) controller._closeUnchecked();
  }

  void onValue(T value) {
    if (controller.isClosed) return;
    controller._addChecked(value);
    finishOne();
  }

  void onError(Object error, StackTrace stackTrace) {
    if (controller.isClosed) return;
    controller._addErrorChecked(error, stackTrace);
    finishOne();
  }

  for (final future in futures) {
    remaining++;
    future.then<void>(onValue, onError: onError);
  }
  if (remaining == 0) scheduleMicrotask(controller.close);
  return controller.stream;
}

Stream<T> _streamOfOne<T>(T value) {
  final controller = _Controller<T>(null, null, null, null);
  controller._addChecked(value);
  controller._closeUnchecked();
  return controller.stream;
}

Stream<T> _streamOfError<T>(Object error, StackTrace? stackTrace) {
  final report = _interceptError(error, stackTrace);
  final controller = _Controller<T>(null, null, null, null);
  controller._addErrorChecked(report.error, report.stackTrace);
  controller._closeUnchecked();
  return controller.stream;
}

Stream<T> _periodicStream<T>(
    Duration period, T Function(int computationCount)? computation) {
  if (computation == null && null is! T) {
    throw ArgumentError.value(null, 'computation',
        'Must not be omitted when the event type is non-nullable');
  }
  return _Ticker<T>(period, computation)._controller.stream;
}

/// Sends the events of [Stream.periodic]. While paused no time passes.
final class _Ticker<T> {
  final Duration _period;
  final T Function(int)? _computation;
  final Stopwatch _watch = Stopwatch();
  late final _SyncController<T> _controller =
      _SyncController<T>(_start, _pause, _resume, _cancel);
  Timer? _timer;
  int _count = 0;

  _Ticker(this._period, this._computation);

  void _start() {
    _watch.start();
    _timer = Timer.periodic(_period, _tick);
  }

  void _tick(Timer _) {
    _watch.reset();
    final computation = _computation;
    if (computation == null) {
      _controller.add(null as T);
      return;
    }
    final T event;
    try {
      event = computation(_count++);
    } catch (error, stackTrace) {
      _controller.addError(error, stackTrace);
      return;
    }
    _controller.add(event);
  }

  void _pause() {
    _timer?.cancel();
    _watch.stop();
  }

  /// The tick that was under way when the pause began comes first.
  void _resume() {
    final elapsed = _watch.elapsed;
    _watch.start();
    final Duration wait =
        elapsed < _period ? _period - elapsed : Duration.zero;
    _timer = Timer(wait, () {
      _timer = Timer.periodic(_period, _tick);
      _tick(_timer!);
    });
  }

  Future<void> _cancel() {
    _timer?.cancel();
    _timer = null;
    return _nullFuture;
  }
}
