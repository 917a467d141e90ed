// An isolate that sends everything back, for tests that look at what became of it on the way.
import 'dart:async';
import 'dart:isolate';

void echoes(SendPort home) {
  final port = RawReceivePort();
  home.send(port.sendPort);
  port.handler = (Object? message) {
    if (message == 'stop') return port.close();
    home.send(message);
  };
}

final class Echo {
  final Isolate isolate;
  final SendPort port;
  final StreamIterator<Object?> _replies;
  Echo._(this.isolate, this.port, this._replies);

  static Future<Echo> start([void Function(SendPort) body = echoes]) async {
    final inbox = ReceivePort();
    final replies = StreamIterator<Object?>(inbox);
    final isolate = await Isolate.spawn(body, inbox.sendPort);
    await replies.moveNext();
    return Echo._(isolate, replies.current as SendPort, replies);
  }

  /// What comes back if [value] is sent.
  Future<T> there<T>(T value) async {
    port.send(value);
    await _replies.moveNext();
    return _replies.current as T;
  }

  Future<void> stop() {
    port.send('stop');
    return _replies.cancel();
  }
}

/// Whether [change] is an error because what it changes cannot be changed.
bool refuses(void Function() change) {
  try {
    change();
    return false;
  } on UnsupportedError {
    return true;
  }
}

/// Makes the collector look at everything: so much is alive for a while that old space must be looked through.
int churn() {
  final alive = [for (var i = 0; i < 12; i++) List.filled(200000, i)];
  return alive.fold(0, (total, list) => total + list.length);
}
