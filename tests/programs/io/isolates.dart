// Sockets and isolates: they belong to the isolate that opened them and end
// with it, a shared port has many servers, and one isolate's waiting or
// spinning is none of the others' business.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

final loopback = InternetAddress.loopbackIPv4;

Future<void> serve(SendPort home) async {
  final server = await ServerSocket.bind(loopback, 0);
  server.listen((socket) => socket.write('still here'));
  home.send(server.port);
}

Future<void> killed() async {
  final home = ReceivePort();
  final ended = ReceivePort();
  final isolate =
      await Isolate.spawn(serve, home.sendPort, onExit: ended.sendPort);
  final port = await home.first as int;
  final socket = await Socket.connect(loopback, port);
  final texts = StreamIterator(utf8.decoder.bind(socket));
  await texts.moveNext();
  print(texts.current); // expect: still here
  isolate.kill(priority: Isolate.immediate);
  await ended.first;
  // Its sockets are closed with it.
  print(await texts.moveNext()); // expect: false
  socket.destroy();
  try {
    await Socket.connect(loopback, port);
  } on SocketException catch (error) {
    print(error.osError?.errorCode); // expect: 111
  }
}

Future<void> serveOne((int, SendPort) message) async {
  final (port, home) = message;
  final server = await HttpServer.bind(loopback, port, shared: true);
  home.send(null);
  server.listen((request) async {
    request.response.write(Isolate.current.debugName);
    await request.response.close();
  });
}

Future<String> ask(int port) async {
  final client = HttpClient();
  final request = await client.get('127.0.0.1', port, '/');
  final text = await utf8.decoder.bind(await request.close()).join();
  client.close();
  return text;
}

Future<void> shared() async {
  final server = await HttpServer.bind(loopback, 0, shared: true);
  final port = server.port;
  final isolates = <Isolate>[];
  for (final name in ['one', 'two']) {
    final ready = ReceivePort();
    isolates.add(await Isolate.spawn(serveOne, (port, ready.sendPort),
        debugName: name));
    await ready.first;
  }
  await server.close();
  final answers = <String>{};
  for (int i = 0; i < 200 && answers.length < 2; i++) {
    answers.add(await ask(port));
  }
  print(answers.toList()..sort()); // expect: [one, two]
  for (final isolate in isolates) {
    isolate.kill(priority: Isolate.immediate);
  }
}

void spin(_) {
  while (true) {}
}

Future<void> responsive() async {
  final spinners = [
    for (int i = 0; i < 8; i++) await Isolate.spawn(spin, null)
  ];
  final server = await HttpServer.bind(loopback, 0);
  server.listen((request) {
    request.response.write('quick');
    request.response.close();
  });
  int answers = 0;
  for (int i = 0; i < 20; i++) {
    if (await ask(server.port) == 'quick') answers++;
  }
  print(answers); // expect: 20
  await server.close();
  for (final spinner in spinners) {
    spinner.kill(priority: Isolate.immediate);
  }
}

Future<void> main() async {
  await killed();
  await shared();
  await responsive();
}
