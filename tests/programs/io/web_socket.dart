// WebSockets on the loopback: texts and bytes of all lengths, compressed and
// not, the closing handshake, and frames that the protocol does not allow.
import 'dart:async';
import 'dart:io';

Future<HttpServer> serve(void Function(WebSocket) handle) async {
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
  server.transform(WebSocketTransformer()).listen(handle);
  return server;
}

Future<void> echo(CompressionOptions compression) async {
  final server = await serve((socket) {
    socket.listen(socket.add, onDone: () => print(socket.closeReason));
  });
  final socket = await WebSocket.connect('ws://127.0.0.1:${server.port}/',
      compression: compression);
  final sizes = [0, 1, 125, 126, 65535, 65536, 200000];
  final received = socket.asBroadcastStream();
  for (final size in sizes) {
    socket.add('é' * size);
    final text = await received.first;
    if (text != 'é' * size) print('text of $size');
    socket.add(List.generate(size, (i) => i & 255));
    final bytes = await received.first as List<int>;
    if (bytes.length != size || (size > 0 && bytes.last != (size - 1) & 255)) {
      print('bytes of $size');
    }
  }
  await socket.close(4000, 'enough');
  print(socket.closeCode);
  await server.close();
}

/// What a server makes of bytes behind the handshake.
Future<int?> closesWith(List<int> bytes) async {
  final code = Completer<int?>();
  final server = await serve((socket) {
    socket.listen((_) {},
        onError: (_) {}, onDone: () => code.complete(socket.closeCode));
  });
  final socket = await Socket.connect('127.0.0.1', server.port);
  socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n'
      'upgrade: websocket\r\nsec-websocket-version: 13\r\n'
      'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
  socket.add(bytes);
  await socket.flush();
  unawaited(socket.drain<void>());
  final result = await code.future;
  socket.destroy();
  await server.close(force: true);
  return result;
}

Future<void> main() async {
  await echo(CompressionOptions.compressionDefault); // expect: enough
  // expect: 4000
  await echo(CompressionOptions.compressionOff); // expect: enough
  // expect: 4000

  const mask = [0, 0, 0, 0];
  print(await closesWith([0x88, 0x82, ...mask, 0x03, 0xE9])); // expect: 1001
  print(await closesWith([0x81, 0x00])); // expect: 1002
  print(await closesWith([0x83, 0x80, ...mask])); // expect: 1002
  print(await closesWith([0x80, 0x80, ...mask])); // expect: 1002
  print(await closesWith([0x89, 0xFE, 0x01, 0x00, ...mask])); // expect: 1002
  print(await closesWith([0x81, 0x81, ...mask, 0xFF])); // expect: 1007
  print(await closesWith([0x88, 0x81, ...mask, 0x00])); // expect: 1002
  try {
    await WebSocket.connect('http://127.0.0.1/');
  } on WebSocketException catch (error) {
    print(error); // expect: WebSocketException: Unsupported URL scheme 'http'
  }
}
