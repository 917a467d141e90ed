// Servers and clients of HTTP and WebSocket beside peers that send damaged bytes: Dart's own exceptions, and the next
// honest peer is served. More rounds and another seed: eyot run malformed_wire.dart ROUNDS SEED
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:math';
import 'dart:typed_data';

late Random random;
late int rounds;

final words = [
  '\r\n', '\n', ' ', ':', '/', '0\r\n\r\n', 'Content-Length: 5\r\n', 'Content-Length: -1\r\n', 'Transfer-Encoding: chunked\r\n',
  'fffffffffffffffff\r\n', 'HTTP/9.9', 'Connection: close\r\n', 'Host: a\r\nHost: b\r\n', ';x="', 'Expect: 100-continue\r\n', '\x00', 'é', //
];

Uint8List damage(List<int> bytes) {
  final result = [...bytes];
  for (var edits = random.nextInt(5); edits > 0; edits--) {
    final at = random.nextInt(result.length + 1);
    switch (random.nextInt(5)) {
      case 0:
        result.removeRange(at, min(result.length, at + random.nextInt(8)));
      case 1 when at < result.length:
        result[at] ^= 1 << random.nextInt(8);
      case 2:
        result.insertAll(at, latin1.encode(words[random.nextInt(words.length)]));
      case 3:
        result.insertAll(at, List.filled(random.nextInt(300), random.nextInt(256)));
      default:
        result.length = at;
    }
  }
  return Uint8List.fromList(result);
}

/// Sends [bytes] in two pieces, ends, and reads until the peer ends too.
Future<void> send(int port, Uint8List bytes) async {
  final socket = await Socket.connect(InternetAddress.loopbackIPv4, port);
  try {
    final half = random.nextInt(bytes.length + 1);
    socket.add(Uint8List.sublistView(bytes, 0, half));
    await socket.flush();
    socket.add(Uint8List.sublistView(bytes, half));
    await socket.close();
    await socket.drain<void>();
  } on SocketException {
    // The peer has had enough.
  } finally {
    socket.destroy();
  }
}

/// Runs [attack] a few at a time.
Future<void> attackers(Future<void> Function() attack) async {
  var left = rounds;
  await Future.wait([
    for (var i = 0; i < 8; i++)
      Future(() async {
        while (left-- > 0) {
          await attack();
        }
      }),
  ]);
}

final requests = [
  'GET /a?b=c HTTP/1.1\r\nHost: localhost\r\nCookie: a=b; c="d"\r\nAccept: */*\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nhello world',
  'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n',
  'HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n',
].map(latin1.encode).toList();

Future<void> httpServer() async {
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
  final unexpected = <Object>{};
  server.listen((request) async {
    try {
      [request.cookies, request.uri.queryParameters, request.headers.contentType, request.connectionInfo];
      request.response.write(await utf8.decodeStream(request));
    } on HttpException {
      request.response.statusCode = 400;
    } on FormatException {
      request.response.statusCode = 400;
    } on ArgumentError {
      // Escapes of the query that are none.
      request.response.statusCode = 400;
    } on SocketException {
      return;
    } catch (error) {
      unexpected.add(error);
    }
    try {
      await request.response.close();
    } on HttpException {
      // The client is gone.
    } on SocketException {
      // Likewise.
    }
  });
  await attackers(() => send(server.port, damage(requests[random.nextInt(requests.length)])));
  final client = HttpClient();
  final request = await client.post('localhost', server.port, '/');
  request.write('still here');
  print(await utf8.decodeStream(await request.close())); // expect: still here
  client.close();
  await server.close(force: true);
  print(unexpected); // expect: {}
}

final responses = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b; Max-Age=3; Path=/\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.0 302 Found\r\nLocation: /again\r\nConnection: close\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 25\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00',
].map(latin1.encode).toList();

Future<void> httpClient() async {
  final server = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
  server.listen((socket) {
    final answer = damage(responses[random.nextInt(responses.length)]);
    socket.listen((_) {
      socket.add(answer);
      socket.close();
    }, onError: (Object _) {});
    socket.done.ignore();
  });
  final unexpected = <Object>{};
  var answered = 0, refused = 0;
  await attackers(() async {
    final client = HttpClient()..maxConnectionsPerHost = 1;
    try {
      final request = await client.get('localhost', server.port, '/');
      final response = await request.close();
      [response.cookies, response.headers.contentType, response.statusCode];
      await response.drain<void>();
      answered++;
    } on HttpException {
      refused++;
    } on SocketException {
      refused++;
    } on FormatException {
      refused++;
    } on StateError {
      // A redirection to nowhere.
      refused++;
    } on ArgumentError {
      // A redirection to what is no host.
      refused++;
    } catch (error) {
      unexpected.add(error);
    }
    client.close(force: true);
  });
  await server.close();
  print('${answered > 0} ${refused > 0} $unexpected'); // expect: true true {}
}

/// A frame as a client sends it: masked.
List<int> frame(int first, List<int> payload) {
  final mask = [1, 2, 3, 4];
  return [
    first,
    0x80 | payload.length,
    ...mask,
    for (var i = 0; i < payload.length; i++) payload[i] ^ mask[i & 3],
  ];
}

Future<void> webSockets() async {
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
  final unexpected = <Object>{};
  server.listen((request) async {
    try {
      final socket = await WebSocketTransformer.upgrade(request);
      socket.listen(socket.add, onError: (Object error) {
        if (error is! WebSocketException) unexpected.add(error);
      });
      socket.done.ignore();
    } on WebSocketException {
      // Refused already.
    } catch (error) {
      unexpected.add(error);
    }
  });
  final upgrade = latin1.encode('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  final frames = [
    ...frame(0x81, utf8.encode('hé')),
    ...frame(0x01, utf8.encode('first')),
    ...frame(0x89, [1]),
    ...frame(0x80, utf8.encode('last')),
    ...frame(0x82, [0, 255]),
    ...frame(0x88, [3, 232]),
  ];
  await attackers(() => send(server.port, Uint8List.fromList([...upgrade, ...damage(frames)])));
  final socket = await WebSocket.connect('ws://localhost:${server.port}/');
  socket.add('still here');
  print(await socket.first); // expect: still here
  await socket.close();
  await server.close(force: true);
  print(unexpected); // expect: {}
}

Future<void> main(List<String> arguments) async {
  rounds = arguments.isEmpty ? 100 : int.parse(arguments[0]);
  random = Random(arguments.length > 1 ? int.parse(arguments[1]) : 1);
  await httpServer();
  await httpClient();
  await webSockets();
}
