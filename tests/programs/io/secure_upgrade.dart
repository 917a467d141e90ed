// Connections that are encrypted after something was read from them, and the secrets of connections for tools that read traffic.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

final folder = Platform.script.resolve('_certificates/');

String file(String name) => folder.resolve(name).toFilePath();

final serving = SecurityContext()
  ..useCertificateChain(file('server.pem'))
  ..usePrivateKey(file('server.key'));
final trusting = SecurityContext(withTrustedRoots: false)
  ..setTrustedCertificates(file('authority.pem'));

Future<void> main() async {
  await sockets();
  await rawSockets();
  await keys();
  await strangers();
}

class Strange implements Socket {
  dynamic noSuchMethod(Invocation invocation) => null;
}

/// The server looks at what the client says first, as one that takes both
/// kinds of connections on one port does.
Future<void> sockets() async {
  final server = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
  final done = server.first.then((Socket connection) async {
    final first = Completer<Uint8List>();
    late final StreamSubscription<Uint8List> subscription;
    subscription = connection.listen((Uint8List data) {
      subscription.pause();
      first.complete(data);
    });
    final hello = await first.future;
    print('hello: ${hello[0]}'); // expect: hello: 22
    final secured = await SecureSocket.secureServer(connection, serving,
        bufferedData: hello);
    secured.add(await secured.first);
    await secured.close();
  });
  final client = await SecureSocket.connect('localhost', server.port, context: trusting);
  client.write('through');
  print(await utf8.decodeStream(client)); // expect: through
  await done;
  client.destroy();
}

Future<void> rawSockets() async {
  final server = await RawServerSocket.bind(InternetAddress.loopbackIPv4, 0);
  final done = server.first.then((RawSocket connection) async {
    // All of it arrives: what was read comes in two pieces, of which the second is read by the encryption itself.
    final read = Completer<Uint8List>();
    late final StreamSubscription<RawSocketEvent> subscription;
    subscription = connection.listen((event) {
      if (event == RawSocketEvent.read && !read.isCompleted) {
        subscription.pause();
        read.complete(connection.read(7));
      }
    });
    final secured = await RawSecureSocket.secureServer(connection, serving,
        subscription: subscription, bufferedData: await read.future);
    secured.write(utf8.encode('raw'));
    await secured.close();
  });
  final client = await SecureSocket.connect('localhost', server.port, context: trusting);
  print(await utf8.decodeStream(client)); // expect: raw
  await done;
  client.destroy();
}

Future<void> keys() async {
  final server = await HttpServer.bindSecure(InternetAddress.loopbackIPv4, 0, serving);
  server.listen((request) => request.response.close());
  final lines = <String>[];
  final client = HttpClient(context: trusting)..keyLog = lines.add;
  final request = await client.getUrl(Uri.parse('https://localhost:${server.port}/'));
  await (await request.close()).drain<void>();
  final form = RegExp(r'^([A-Z_0-9]+) [0-9a-f]{64} [0-9a-f]{64,96}\n$');
  print(lines.every(form.hasMatch)); // expect: true
  final labels = [for (final line in lines) form.firstMatch(line)![1]!];
  print(labels.contains('CLIENT_TRAFFIC_SECRET_0')); // expect: true
  client.close(force: true);

  // What the callback throws ends the connection.
  try {
    await SecureSocket.connect('localhost', server.port,
        context: trusting, keyLog: (line) => throw 'no log');
  } catch (error) {
    print(error); // expect: no log
  }
  await server.close(force: true);
}

Future<void> strangers() async {
  try {
    await SecureSocket.secureServer(Strange(), serving);
  } on ArgumentError catch (error) {
    print(error.name); // expect: socket
  }
}
