// HTTP on the loopback: kinds of bodies, connections that are kept, fields,
// cookies, redirections, compression, upgrade, and requests that make no sense.
import 'dart:async';
import 'dart:convert';
import 'dart:io';

final loopback = InternetAddress.loopbackIPv4;

Future<String> text(Stream<List<int>> body) => utf8.decoder.bind(body).join();

Future<void> handle(HttpRequest request) async {
  final response = request.response;
  switch (request.uri.path) {
    case '/echo':
      response.headers.contentType = request.headers.contentType;
      await response.addStream(request);
    case '/length':
      response.contentLength = 3;
      response.write('abc');
    case '/old':
      await response.redirect(Uri.parse('/new?a=b'));
      return;
    case '/new':
      response.cookies.add(Cookie('name', 'value')..path = '/');
      response.write('${request.uri.queryParameters}');
    case '/cookies':
      response.write(request.cookies.join(' '));
    case '/empty':
      response.statusCode = HttpStatus.noContent;
    default:
      response.statusCode = HttpStatus.notFound;
  }
  await response.close();
}

Future<void> requests(HttpServer server, HttpClient client) async {
  Uri at(String path) => Uri.parse('http://127.0.0.1:${server.port}$path');

  final post = await client.postUrl(at('/echo'));
  post.headers.contentType = ContentType('text', 'plain', charset: 'utf-8');
  post.write('grüße');
  var response = await post.close();
  print(response.headers.contentType); // expect: text/plain; charset=utf-8
  print(response.contentLength); // expect: -1
  print(await text(response)); // expect: grüße

  response = await (await client.getUrl(at('/length'))).close();
  print('${response.contentLength} ${await text(response)}'); // expect: 3 abc

  response = await (await client.getUrl(at('/old'))).close();
  print(response.redirects.single.location); // expect: /new?a=b
  print(response.cookies.single); // expect: name=value; Path=/; HttpOnly
  print(await text(response)); // expect: {a: b}

  final cookies = await client.getUrl(at('/cookies'));
  cookies.cookies.add(Cookie('a', '1'));
  cookies.cookies.add(Cookie('b', '2'));
  print(await text(await cookies.close())); // expect: a=1 b=2

  response = await (await client.headUrl(at('/length'))).close();
  print('${response.contentLength} ${await text(response)};'); // expect: 3 ;

  response = await (await client.getUrl(at('/empty'))).close();
  print('${response.statusCode} ${await response.isEmpty}'); // expect: 204 true

  response = await (await client.getUrl(at('/nothing'))).close();
  print('${response.statusCode} ${response.reasonPhrase}'); // expect: 404 Not Found
  await response.drain<void>();
  // All of it went over one connection.
  print(server.connectionsInfo().total); // expect: 1

  final short = await client.postUrl(at('/echo'));
  short.contentLength = 5;
  short.write('abc');
  try {
    await short.close();
  } on HttpException catch (error) {
    print(error.message.split('.').first); // expect: Content size below specified contentLength
  }
}

Future<void> compressed() async {
  final server = await HttpServer.bind(loopback, 0);
  server.autoCompress = true;
  server.listen((request) {
    request.response.write('x' * 100000);
    request.response.close();
  });
  for (final expands in [true, false]) {
    final client = HttpClient()..autoUncompress = expands;
    final request =
        await client.getUrl(Uri.parse('http://127.0.0.1:${server.port}/'));
    final response = await request.close();
    final length = await response.fold<int>(0, (sum, data) => sum + data.length);
    print('${response.compressionState} ${length > 1000}');
    client.close();
  }
  // expect: HttpClientResponseCompressionState.decompressed true
  // expect: HttpClientResponseCompressionState.compressed false
  await server.close();
}

/// What a server answers to bytes that it is sent: the first line, or nothing.
Future<String> answer(int port, String bytes) async {
  final socket = await Socket.connect(loopback, port);
  socket.write(bytes);
  await socket.flush();
  unawaited(socket.close());
  final all = await utf8.decoder.bind(socket).join();
  socket.destroy();
  return all.split('\r\n').first;
}

Future<void> nonsense() async {
  final server = await HttpServer.bind(loopback, 0);
  server.listen((request) async {
    try {
      final length = await request.fold<int>(0, (sum, data) => sum + data.length);
      request.response.write('$length');
      await request.response.close();
    } on HttpException catch (error) {
      print(error.message);
    }
  });
  for (final bytes in [
    'GET / HTTP/1.1\r\nhost: a\r\n\r\n',
    'no request at all\r\n\r\n',
    '\x00\x01\x02\r\n\r\n',
    'GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n',
    'GET / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcdef\r\n',
    'POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc',
  ]) {
    print('[${await answer(server.port, bytes)}]');
  }
  // expect: [HTTP/1.1 200 OK]
  // expect: []
  // expect: []
  // expect: []
  // expect: []
  // expect: [HTTP/1.1 200 OK]
  // expect: Invalid chunk size
  // expect: []
  // expect: Invalid chunk: no end of line
  // expect: []
  // expect: Connection closed while receiving data
  // expect: []
  await server.close(force: true);
}

Future<void> upgraded() async {
  final server = await HttpServer.bind(loopback, 0);
  server.listen((request) async {
    request.response.statusCode = HttpStatus.switchingProtocols;
    request.response.headers
      ..set('connection', 'upgrade')
      ..set('upgrade', 'shout');
    final socket = await request.response.detachSocket();
    socket.listen((data) => socket.write(utf8.decode(data).toUpperCase()),
        onDone: socket.close);
  });
  final client = HttpClient();
  final request =
      await client.getUrl(Uri.parse('http://127.0.0.1:${server.port}/'));
  request.headers
    ..set('connection', 'upgrade')
    ..set('upgrade', 'shout');
  final response = await request.close();
  final socket = await response.detachSocket();
  socket.write('quiet');
  await socket.flush();
  unawaited(socket.close());
  print(await utf8.decoder.bind(socket).join()); // expect: QUIET
  client.close();
  await server.close();
}

Future<void> main() async {
  final server = await HttpServer.bind(loopback, 0);
  server.listen(handle);
  final client = HttpClient();
  await requests(server, client);
  client.close(force: true);
  await server.close(force: true);
  await compressed();
  await nonsense();
  await upgraded();
}
