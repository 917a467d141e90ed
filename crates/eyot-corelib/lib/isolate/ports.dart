part of 'isolate.dart';

/// An unforgeable object that keeps its identity when it is sent.
abstract interface class Capability {
  factory Capability() => _newCapability();
}

/// Native: a capability that is equal to no other.
external Capability _newCapability();

/// Made and looked into by the VM alone: one word.
final class _Capability implements Capability {
  _Capability._();

  /// Native: whether [other] is the same capability, perhaps sent around.
  external bool operator ==(Object other);

  /// Native: a hash that copies share.
  external int get hashCode;
}

/// Sends messages to one receive port.
abstract interface class SendPort implements Capability {
  /// Sends a copy of [message]; what is deeply immutable is shared.
  void send(Object? message);

  bool operator ==(Object other);

  int get hashCode;
}

/// Made and looked into by the VM alone: isolate and port number.
final class _SendPort implements SendPort {
  _SendPort._();

  /// Native: copies [message] and puts it in the receiver's mailbox; nothing
  /// happens if the receiver or its port is gone. Throws through
  /// `_throwArgumentMessage` for an object that cannot be sent, with the
  /// path that leads to it, and then sends nothing.
  external void send(Object? message);

  /// Native: whether [other] sends to the same port.
  external bool operator ==(Object other);

  /// Native: a hash that copies share.
  external int get hashCode;
}

/// Receives messages by a callback, in the root zone.
abstract interface class RawReceivePort {
  factory RawReceivePort([Function? handler, String debugName = '']) =>
      _RawReceivePort(handler, debugName);

  void set handler(Function? newHandler);

  void close();

  SendPort get sendPort;

  /// Whether the isolate lives on while this port is open.
  bool get keepIsolateAlive;
  void set keepIsolateAlive(bool value);
}

@pragma('vm:isolate-unsendable')
final class _RawReceivePort implements RawReceivePort {
  final String _debugName;

  /// What the VM calls it; 0 once closed.
  int _number = 0;
  void Function(Object?)? _handler;

  /// Instead of a handler: the port for the stream's listener, and that.
  _ReceivePort? _stream;
  _PortSubscription? _listener;
  SendPort? _sendPort;
  bool _keepsAlive = true;

  _RawReceivePort(Function? handler, this._debugName) {
    if (handler != null) _handler = _unaryHandler(handler);
    _number = _openPort(this);
    _sendPort = _sendPortTo(_number);
  }

  void set handler(Function? newHandler) {
    _stream = null;
    _listener = null;
    _handler = newHandler == null ? null : _unaryHandler(newHandler);
  }

  SendPort get sendPort => unsafeCast<SendPort>(_sendPort);

  void close() {
    final number = _number;
    _handler = null;
    _stream = null;
    _listener = null;
    if (number == 0) return;
    _number = 0;
    _closePort(number);
  }

  bool get keepIsolateAlive => _number != 0 && _keepsAlive;

  void set keepIsolateAlive(bool value) {
    if (_number == 0 || value == _keepsAlive) return;
    _keepsAlive = value;
    _setPortKeepsAlive(_number, value);
  }

  String toString() =>
      _debugName == '' ? 'RawReceivePort' : 'RawReceivePort($_debugName)';
}

/// A handler as a function of one message; one that asks for a narrower type
/// is called dynamically, which checks the message.
void Function(Object?) _unaryHandler(Function handler) {
  if (handler is void Function(Object?)) return handler;
  final dynamic callee = handler;
  return (Object? message) {
    callee(message);
  };
}

/// Native: opens a port of the running isolate: messages to it become calls
/// of [_handleMessage] with [port]. Returns its number (from 1 on, never used
/// again). An open port keeps its object, and the isolate, alive.
external int _openPort(_RawReceivePort port);

/// Native: closes the port with this number, if it is open. Messages that
/// wait for it are dropped.
external void _closePort(int number);

/// Native: a send port to that port of the running isolate.
external SendPort _sendPortTo(int number);

/// Native: whether that port, while open, keeps the isolate alive.
external void _setPortKeepsAlive(int number, bool keepsAlive);

/// Entry point of the VM: the event of a message for [port], which is open.
/// Never throws.
void _handleMessage(Object port, Object? message) {
  final raw = unsafeCast<_RawReceivePort>(port);
  final listener = raw._listener;
  if (listener != null) {
    listener._deliver(message);
    return;
  }
  final stream = raw._stream;
  if (stream != null) {
    stream._keep(message);
    return;
  }
  final handler = raw._handler;
  if (handler == null) return;
  try {
    handler(message);
  } catch (error, stackTrace) {
    Zone.root.handleUncaughtError(error, stackTrace);
  }
}
