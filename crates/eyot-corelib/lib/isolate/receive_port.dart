part of 'isolate.dart';

/// Receives messages as a stream for one listener.
///
/// Cancelling the subscription closes the port.
abstract interface class ReceivePort implements Stream<dynamic> {
  factory ReceivePort([String debugName = '']) =>
      _ReceivePort(_RawReceivePort(null, debugName));

  factory ReceivePort.fromRawReceivePort(RawReceivePort rawPort) =>
      _ReceivePort(rawPort);

  StreamSubscription<dynamic> listen(void Function(dynamic message)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError});

  void close();

  SendPort get sendPort;
}

/// There is no stream controller behind it: the raw port knows the
/// subscription and calls its method. Messages from before anyone listens
/// wait.
@pragma('vm:isolate-unsendable')
final class _ReceivePort extends Stream<dynamic>
    implements ReceivePort, EventSource {
  final RawReceivePort _raw;
  final SendPort sendPort;
  _PortSubscription? _subscription;
  List<Object?>? _early;
  bool _closed = false;

  _ReceivePort(RawReceivePort raw)
      : _raw = raw,
        sendPort = raw.sendPort {
    if (raw is _RawReceivePort) {
      raw._handler = null;
      raw._stream = this;
    } else {
      raw.handler = _keep;
    }
  }

  void _keep(Object? message) {
    (_early ??= <Object?>[]).add(message);
  }

  StreamSubscription<dynamic> listen(void Function(dynamic message)? onData,
          {Function? onError, void Function()? onDone, bool? cancelOnError}) =>
      _listen(_PortSubscription(this, Zone.current, onData, onDone, null));

  Object connect(EventTaker taker) =>
      _listen(_PortSubscription(this, Zone.root, null, null, taker));

  _PortSubscription _listen(_PortSubscription subscription) {
    if (_subscription != null) {
      throw StateError('Stream has already been listened to.');
    }
    _subscription = subscription;
    final early = _early;
    _early = null;
    if (early != null) subscription._queueAll(early);
    if (_closed) {
      subscription._endLater();
    } else {
      final raw = _raw;
      if (raw is _RawReceivePort) {
        raw._handler = null;
        raw._listener = subscription;
      } else {
        raw.handler = subscription._deliver;
      }
    }
    return subscription;
  }

  void close() {
    if (_closed) return;
    _closed = true;
    _raw.close();
    _subscription?._end();
  }
}

void _ignoreMessage(Object? _) {}

/// The one listener of a receive port.
///
/// A message is delivered in its own event. Those that come while the
/// listener pauses, or while others wait, are queued, and then delivered
/// one by one, each in a microtask.
@pragma('vm:isolate-unsendable')
final class _PortSubscription implements StreamSubscription<dynamic> {
  final _ReceivePort _port;
  final Zone _zone;
  final bool _inRoot;
  void Function(dynamic) _onData;
  void Function()? _onDone;

  /// Who takes the events instead of the two callbacks.
  final EventTaker? _taker;
  int _pauses = 0;
  bool _inCallback = false;
  bool _canceled = false;

  /// The port is closed; the done event comes when the queue is empty.
  bool _ended = false;
  bool _scheduled = false;

  /// Messages from [_first] on wait.
  List<Object?>? _queue;
  int _first = 0;

  _PortSubscription(this._port, this._zone, void Function(dynamic)? onData,
      void Function()? onDone, this._taker)
      : _inRoot = identical(_zone, Zone.root),
        _onData = onData ?? _ignoreMessage,
        _onDone = onDone {
    if (!_inRoot) {
      _onData = _zone.registerUnaryCallback<void, dynamic>(_onData);
      if (onDone != null) _onDone = _zone.registerCallback<void>(onDone);
    }
  }

  // ---- from the port

  /// The port's handler.
  void _deliver(Object? message) {
    if (_pauses == 0 && _queue == null && !_inCallback) {
      final taker = _taker;
      if (taker != null) {
        _inCallback = true;
        if (!taker.takeEvent(message)) _pauses = 1;
        _inCallback = false;
        if (_queue != null || _ended) _schedule();
        return;
      }
      if (!_inRoot) {
        _call(message);
        return;
      }
      // What [_call] does in the root zone, without a call.
      _inCallback = true;
      try {
        _onData(message);
      } catch (error, stackTrace) {
        _zone.handleUncaughtError(error, stackTrace);
      }
      _inCallback = false;
      if (_queue != null || _ended) _schedule();
    } else if (!_canceled) {
      (_queue ??= <Object?>[]).add(message);
      _schedule();
    }
  }

  void _queueAll(List<Object?> messages) {
    _queue = messages;
    _schedule();
  }

  /// The port was closed.
  void _end() {
    if (_canceled || _ended) return;
    _ended = true;
    if (_pauses == 0 && _queue == null && !_inCallback) {
      _finish();
    } else {
      _schedule();
    }
  }

  /// The port was closed before anyone listened.
  void _endLater() {
    _ended = true;
    _schedule();
  }

  // ---- delivery

  void _call(Object? message) {
    final taker = _taker;
    _inCallback = true;
    if (taker != null) {
      if (!taker.takeEvent(message)) _pauses = 1;
    } else if (_inRoot) {
      try {
        _onData(message);
      } catch (error, stackTrace) {
        _zone.handleUncaughtError(error, stackTrace);
      }
    } else {
      _zone.runUnaryGuarded<dynamic>(_onData, message);
    }
    _inCallback = false;
    if (_queue != null || _ended) _schedule();
  }

  void _schedule() {
    if (_scheduled || _pauses > 0 || _inCallback || _canceled) return;
    _scheduled = true;
    scheduleMicrotask(_deliverNext);
  }

  void _deliverNext() {
    _scheduled = false;
    if (_canceled || _pauses > 0) return;
    final queue = _queue;
    if (queue == null) {
      if (_ended) _finish();
      return;
    }
    final message = queue[_first];
    queue[_first] = null;
    _first++;
    if (_first == queue.length) {
      _queue = null;
      _first = 0;
    }
    _call(message);
  }

  void _finish() {
    _canceled = true;
    _taker?.takeEnd();
    final handler = _onDone;
    if (handler != null) _zone.runGuarded(handler);
  }

  // ---- for the one who listens

  Future<void> cancel() {
    if (!_canceled) {
      _canceled = true;
      _queue = null;
      _port.close();
    }
    return _nothing;
  }

  void onData(void Function(dynamic data)? handleData) {
    _onData =
        _zone.registerUnaryCallback<void, dynamic>(handleData ?? _ignoreMessage);
  }

  /// A port never sends an error.
  void onError(Function? handleError) {}

  void onDone(void Function()? handleDone) {
    _onDone =
        handleDone == null ? null : _zone.registerCallback<void>(handleDone);
  }

  bool get isPaused => _pauses > 0;

  void pause([Future<void>? resumeSignal]) {
    if (_canceled) return;
    _pauses++;
    if (resumeSignal != null) resumeSignal.whenComplete(resume);
  }

  void resume() {
    if (_canceled || _pauses == 0) return;
    _pauses--;
    if (_pauses == 0 && (_queue != null || _ended)) _schedule();
  }

  Future<E> asFuture<E>([E? futureValue]) {
    final E value;
    if (futureValue == null) {
      if (null is! E) throw ArgumentError.notNull('futureValue');
      value = futureValue as E;
    } else {
      value = futureValue;
    }
    final completer = Completer<E>();
    _onDone = () => completer.complete(value);
    return completer.future;
  }
}

/// The very future by which dart:async says "nothing to wait for": it is
/// recognised there by identity, which saves a turn of the event loop.
final Future<void> _nothing = const Stream<void>.empty().listen(null).cancel();
