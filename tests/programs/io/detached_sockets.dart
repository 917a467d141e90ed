// Sockets that HTTP has given away. Nobody need listen: what comes waits, the
// end of the connection is seen, and the program ends.
import 'dart:convert';
import 'dart:io';

Future<Socket> detached(int port, String path) async {
  final client = HttpClient();
  final response = await (await client.open('get', '127.0.0.1', port, path)).close();
  if (response.statusCode == HttpStatus.ok) response.listen(null);
  return response.detachSocket();
}

Future<void> main() async {
  final server = await HttpServer.bind('127.0.0.1', 0);
  server.listen((request) async {
    if (request.uri.path == '/talk') {
      request.response.statusCode = HttpStatus.switchingProtocols;
      final socket = await request.response.detachSocket();
      socket.write('early');
      print('server got ${await utf8.decoder.bind(socket).join()}');
      // expect: server got words
      socket.write(' late');
      await socket.close();
    } else {
      await request.response.close();
    }
  });

  final talking = await detached(server.port, '/talk');
  await Future<void>.delayed(const Duration(milliseconds: 30));
  talking.write('words');
  await talking.close();
  print(await utf8.decoder.bind(talking).join()); // expect: early late

  final ended = await detached(server.port, '/over');
  final silent = await detached(server.port, '/over');
  await server.close();
  await Future<void>.delayed(const Duration(milliseconds: 30));
  print(await ended.isEmpty); // expect: true
  print(silent.port > 0); // expect: true
}
