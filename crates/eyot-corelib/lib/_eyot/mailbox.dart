part of '_eyot.dart';

/// A port whose messages are waited for in the middle of an event.
///
/// Meant for synchronous code that needs something of another isolate:
///
/// ```dart
/// final mailbox = Mailbox();
/// worker.send((question, mailbox.sendPort));
/// final answer = mailbox.take();
/// ```
///
/// While it waits, the isolate handles no events; others run. It can be killed, and its limits count.
@pragma('vm:isolate-unsendable')
final class Mailbox {
  final RawReceivePort _port;
  final Queue<Object?> _messages = Queue<Object?>();
  bool _isClosed = false;

  Mailbox([String debugName = 'Mailbox']) : _port = RawReceivePort(null, debugName) {
    _port.handler = _messages.add;
    _port.keepIsolateAlive = false;
  }

  /// Where messages are sent to. It may be used from other programs' isolates too.
  SendPort get sendPort => _port.sendPort;

  /// The oldest message; waits for one if there is none.
  ///
  /// Throws a [TimeoutException] if none comes within [timeout], and a [StateError] if the mailbox is closed.
  Object? take({Duration? timeout}) {
    if (_isClosed) throw StateError('the mailbox is closed');
    if (_messages.isNotEmpty) return _messages.removeFirst();
    final micros = timeout == null ? -1 : max(0, timeout.inMicroseconds);
    final taken = _takeMessage(_port.sendPort, micros);
    if (taken == null) throw TimeoutException('no message', timeout);
    return taken[0];
  }

  /// Drops what has come, and takes no more.
  void close() {
    _isClosed = true;
    _port.close();
    _messages.clear();
  }
}

/// Native: waits for a message to a port of this isolate, in no hurry if [micros] is negative. A list with the message; null if none came
/// in time.
external List<Object?>? _takeMessage(SendPort port, int micros);
