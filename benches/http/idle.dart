// Opens many connections to a server, asks once on each, lets them idle, and asks on each again.
//
//   eyot run benches/http/idle.dart 8090 10000
import 'dart:async';
import 'dart:convert';
import 'dart:io';

final request = latin1.encode('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

final class Connection {
  final Socket socket;
  Completer<void>? _answered;
  String _text = '';

  Connection(this.socket) {
    socket.listen((bytes) {
      _text += latin1.decode(bytes);
      if (_text.contains('Hello /')) _answered?.complete();
    }, onDone: () => _answered?.completeError('the server has ended the connection'));
  }

  Future<void> ask() {
    final answered = _answered = Completer<void>();
    _text = '';
    socket.add(request);
    return answered.future;
  }
}

Future<void> main(List<String> arguments) async {
  final port = int.parse(arguments[0]);
  final count = int.parse(arguments[1]);
  final watch = Stopwatch()..start();
  void tell(String what) {
    print('$what: ${watch.elapsedMilliseconds} ms');
    watch.reset();
  }

  final connections = [
    for (var i = 0; i < count; i++) Connection(await Socket.connect(InternetAddress.loopbackIPv4, port)),
  ];
  tell('$count connections opened');
  for (final connection in connections) {
    await connection.ask();
  }
  tell('each asked');
  await Future<void>.delayed(const Duration(seconds: 5));
  watch.reset();
  for (final connection in connections) {
    await connection.ask();
  }
  tell('each asked again after 5 s');
  exit(0);
}
