import 'dart:isolate';

class Private {
  final int n;
  Private(this.n);
}

void main(List<String> args, Object? message) {
  final [home as SendPort, rest] = message as List;
  if (args.contains('fail')) throw StateError('the other program');
  final port = ReceivePort();
  home.send({
    'args': args,
    'rest': rest,
    'name': Isolate.current.debugName,
    'define': const String.fromEnvironment('flavour', defaultValue: 'none'),
    'port': port.sendPort,
  });
  port.listen((message) {
    if (message == 'object') {
      try {
        home.send(Private(1));
      } on ArgumentError {
        home.send('no objects between programs');
      }
    } else {
      home.send(message);
      port.close();
    }
  });
}
