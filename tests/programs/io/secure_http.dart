// A server with a certificate of an authority of its own, and clients that trust it, do not, and decide for themselves.
import 'dart:convert';
import 'dart:io';

final folder = Platform.script.resolve('_certificates/');

String file(String name) => folder.resolve(name).toFilePath();

Future<String> fetch(HttpClient client, int port, String host) async {
  final request = await client.postUrl(Uri.parse('https://$host:$port/echo'));
  request.write('secret');
  final response = await request.close();
  return '${response.statusCode} ${await response.transform(utf8.decoder).join()}';
}

Future<void> main() async {
  final context = SecurityContext()
    ..useCertificateChain(file('server.pem'))
    ..usePrivateKey(file('server.key'));
  final server = await HttpServer.bindSecure(InternetAddress.loopbackIPv4, 0, context);
  server.listen((request) async {
    final text = await utf8.decodeStream(request);
    request.response.write('heard $text');
    await request.response.close();
  }, onError: (Object error) {
    // A client that does not trust the server gives up in the middle.
  });

  final trusting = HttpClient(
      context: SecurityContext(withTrustedRoots: false)..setTrustedCertificates(file('authority.pem')));
  print(await fetch(trusting, server.port, 'localhost')); // expect: 200 heard secret
  print(await fetch(trusting, server.port, '127.0.0.1')); // expect: 200 heard secret
  trusting.close();

  final strict = HttpClient();
  try {
    await fetch(strict, server.port, 'localhost');
  } on HandshakeException {
    print('not trusted'); // expect: not trusted
  }
  strict.close();

  final careless = HttpClient();
  careless.badCertificateCallback = (certificate, host, port) {
    print([certificate.subject.contains('localhost'), certificate.issuer.contains('Eyot'), host]); // expect: [true, true, localhost]
    return true;
  };
  print(await fetch(careless, server.port, 'localhost')); // expect: 200 heard secret
  careless.close();

  final socket = await SecureSocket.connect('localhost', server.port,
      context: SecurityContext()..setTrustedCertificatesBytes(File(file('authority.pem')).readAsBytesSync()));
  socket.write('GET / HTTP/1.0\r\n\r\n');
  final answer = await utf8.decodeStream(socket);
  print(answer.split('\r\n').first); // expect: HTTP/1.0 200 OK
  socket.destroy();
  await server.close(force: true);
}
