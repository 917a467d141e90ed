part of 'async.dart';

/// Reads a stream to find one answer: what the methods of [Stream] that
/// return a future are made of.
///
/// The first error of the stream, or of a callback, is the answer's error.
/// An answer that is found before the end is given once the cancelling is
/// done.
final class _Reader<T, R> {
  final _Future<R> answer = _Future<R>();
  late final StreamSubscription<T> _subscription;

  /// Listens to [stream]. The end is told to [onDone].
  _Reader(Stream<T> stream, void Function() onDone) {
    _subscription = stream.listen(null,
        onError: answer._completeErrorWith, onDone: () {
      try {
        onDone();
      } catch (error, stackTrace) {
        fail(error, stackTrace);
      }
    }, cancelOnError: true);
  }

  /// Calls [onData] with each event; it may throw.
  void each(void Function(T value) onData) {
    _subscription.onData((T value) {
      try {
        onData(value);
      } catch (error, stackTrace) {
        cancelAndFail(error, stackTrace);
      }
    });
  }

  void done(Object? value) => answer._complete(value);

  void fail(Object error, StackTrace stackTrace) =>
      answer._completeError(_interceptError(error, stackTrace));

  /// Cancels, then answers.
  void cancelAndAnswer(Object? value) {
    final canceled = _subscription.cancel();
    if (identical(canceled, _nullFuture)) {
      answer._complete(value);
    } else {
      canceled.whenComplete(() => answer._complete(value));
    }
  }

  void cancelAndFail(Object error, StackTrace stackTrace) {
    final report = _interceptError(error, stackTrace);
    final canceled = _subscription.cancel();
    if (identical(canceled, _nullFuture)) {
      answer._completeError(report);
    } else {
      canceled.whenComplete(() => answer._completeError(report));
    }
  }
}

StateError _noElement() => StateError('No element');

StateError _tooMany() => StateError('Too many elements');

Future<dynamic> _pipe<T>(Stream<T> stream, StreamConsumer<T> consumer) =>
    consumer.addStream(stream).then((_) => consumer.close());

/// `asyncMap`: the next event waits for the future of this one.
Stream<E> _asyncMap<T, E>(
    Stream<T> source, FutureOr<E> Function(T event) convert) {
  final _ControllerOf<E> out = _ControllerOf<E>(source.isBroadcast);
  out.start = () {
    final subscription = source.listen(null,
        onError: out.addError, onDone: out.close);
    subscription.onData((T event) {
      final FutureOr<E> value;
      try {
        value = convert(event);
      } catch (error, stackTrace) {
        out.addThrown(error, stackTrace);
        return;
      }
      if (value is Future<E>) {
        subscription.pause();
        value
            .then<void>(out.add, onError: out.addError)
            .whenComplete(subscription.resume);
      } else {
        out.add(unsafeCast<E>(value));
      }
    });
    return subscription;
  };
  return out.stream;
}

/// `asyncExpand`: the next event waits for the stream of this one.
Stream<E> _asyncExpand<T, E>(
    Stream<T> source, Stream<E>? Function(T event) convert) {
  final out = _ControllerOf<E>(source.isBroadcast);
  out.start = () {
    final subscription = source.listen(null,
        onError: out.addError, onDone: out.close);
    subscription.onData((T event) {
      final Stream<E>? inner;
      try {
        inner = convert(event);
      } catch (error, stackTrace) {
        out.addThrown(error, stackTrace);
        return;
      }
      if (inner != null) {
        subscription.pause();
        out.controller.addStream(inner).whenComplete(subscription.resume);
      }
    });
    return subscription;
  };
  return out.stream;
}

/// A synchronous controller, single or broadcast, that hands the life of its
/// listener on to the subscription made by [start].
final class _ControllerOf<E> {
  late final StreamSubscription<Object?> Function() start;
  late final StreamController<E> controller;
  StreamSubscription<Object?>? _subscription;

  _ControllerOf(bool isBroadcast) {
    if (isBroadcast) {
      controller =
          _SyncBroadcastController<E>(_listen, _cancel);
    } else {
      controller = _SyncController<E>(_listen, () => _subscription?.pause(),
          () => _subscription?.resume(), _cancel);
    }
  }

  Stream<E> get stream => controller.stream;

  void _listen() {
    _subscription = start();
  }

  Future<void>? _cancel() {
    final subscription = _subscription;
    _subscription = null;
    return subscription?.cancel();
  }

  _EventTarget<E> get _target => unsafeCast<_EventTarget<E>>(controller);

  void add(E event) => _target._addChecked(event);

  void addError(Object error, StackTrace stackTrace) =>
      _target._addErrorChecked(error, stackTrace);

  void addThrown(Object error, StackTrace stackTrace) {
    final report = _interceptError(error, stackTrace);
    _target._addErrorChecked(report.error, report.stackTrace);
  }

  void close() {
    controller.close();
  }
}

Stream<T> _timeoutStream<T>(Stream<T> source, Duration timeLimit,
    void Function(EventSink<T> sink)? onTimeout) {
  final out = _ControllerOf<T>(source.isBroadcast);
  final zone = Zone._current;
  Timer? timer;
  late void Function() expire;
  if (onTimeout == null) {
    expire = () {
      out.addError(
          TimeoutException('No stream event', timeLimit), StackTrace.current);
    };
  } else {
    final handler = zone.registerUnaryCallback<void, EventSink<T>>(onTimeout);
    final sink = _TimeoutSink<T>(out);
    expire = () {
      sink._open = true;
      zone.runUnaryGuarded<EventSink<T>>(handler, sink);
      sink._open = false;
    };
  }
  void restart() {
    timer?.cancel();
    timer = zone.createTimer(timeLimit, expire);
  }

  out.start = () {
    final subscription = source.listen(null);
    subscription
      ..onData((T event) {
        restart();
        out.add(event);
      })
      ..onError((Object error, StackTrace stackTrace) {
        restart();
        out.addError(error, stackTrace);
      })
      ..onDone(() {
        timer?.cancel();
        out.close();
      });
    restart();
    return _TimedSubscription(subscription, () => timer?.cancel(), restart);
  };
  return out.stream;
}

/// Stops the clock of a `timeout` while the listener pauses.
final class _TimedSubscription extends _SubscriptionView {
  final void Function() _stop;
  final void Function() _restart;

  _TimedSubscription(super.target, this._stop, this._restart);

  void pause([Future<void>? resumeSignal]) {
    _stop();
    super.pause(resumeSignal);
  }

  void resume() {
    super.resume();
    _restart();
  }

  Future<void> cancel() {
    _stop();
    return super.cancel();
  }
}

/// Passes the life of a subscription on.
base class _SubscriptionView implements StreamSubscription<Object?> {
  final StreamSubscription<Object?> _target;

  _SubscriptionView(this._target);

  Future<void> cancel() => _target.cancel();

  void onData(void Function(Object? data)? handleData) =>
      _target.onData(handleData);

  void onError(Function? handleError) => _target.onError(handleError);

  void onDone(void Function()? handleDone) => _target.onDone(handleDone);

  void pause([Future<void>? resumeSignal]) => _target.pause(resumeSignal);

  void resume() => _target.resume();

  bool get isPaused => _target.isPaused;

  Future<E> asFuture<E>([E? futureValue]) => _target.asFuture<E>(futureValue);
}

/// What `onTimeout` may use while it runs.
final class _TimeoutSink<T> implements EventSink<T> {
  final _ControllerOf<T> _out;
  bool _open = false;

  _TimeoutSink(this._out);

  void _check() {
    if (!_open) throw StateError('Sink not available');
  }

  void add(T data) {
    _check();
    _out.add(data);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    _check();
    _out.addError(error, stackTrace ?? AsyncError.defaultStackTrace(error));
  }

  void close() {
    _check();
    _out._cancel();
    _out.close();
  }
}
