// A small HTTP server. `/` says hello, `/echo` gives back what it is sent,
// `/time` sends the time once a second until the client leaves, and `/sum?n=N`
// lets another isolate count, so that the server answers others meanwhile.
//
//   eyot run examples/http_server.dart 8080
import 'dart:io';
import 'dart:isolate';

int sumTo(int n) {
  int sum = 0;
  for (int i = 1; i <= n; i++) {
    sum += i;
  }
  return sum;
}

Stream<String> times() => Stream.periodic(
    const Duration(seconds: 1), (_) => '${DateTime.now().toUtc()}\n');

Future<void> handle(HttpRequest request) async {
  final response = request.response;
  switch (request.uri.path) {
    case '/':
      response.write('hello\n');
    case '/echo':
      response.headers.contentType = request.headers.contentType;
      await response.addStream(request);
    case '/time':
      response.bufferOutput = false;
      await for (final time in times()) {
        response.write(time);
        await response.flush();
      }
    case '/sum':
      final n = int.tryParse(request.uri.queryParameters['n'] ?? '') ?? 1000000;
      response.write('${await Isolate.run(() => sumTo(n))}\n');
    default:
      response.statusCode = HttpStatus.notFound;
      response.write('no ${request.uri.path} here\n');
  }
  await response.close();
}

Future<void> main(List<String> arguments) async {
  final port = arguments.isEmpty ? 8080 : int.parse(arguments.first);
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, port);
  print('http://${server.address.address}:${server.port}/');
  await for (final request in server) {
    // A client that leaves early is no reason to stop.
    handle(request).ignore();
  }
}
