// An HTTP server that says hello, for `wrk` and for idle.dart. Its twin for node is server.js.
//
//   eyot run benches/http/server.dart 8090
//   wrk -t1 -c50 -d10s http://127.0.0.1:8090/
import 'dart:io';

Future<void> main(List<String> arguments) async {
  final port = arguments.isEmpty ? 8090 : int.parse(arguments.first);
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, port);
  server.listen((request) {
    request.response.headers.contentType = ContentType.text;
    request.response.write('Hello ${request.uri}');
    request.response.close();
  });
}
