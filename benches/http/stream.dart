// Streams a file of so many bytes through an HTTP server and a client in one program; prints the most memory it took.
//
//   eyot run benches/http/stream.dart 1073741824
import 'dart:io';
import 'dart:typed_data';

Future<void> main(List<String> arguments) async {
  final length = int.parse(arguments[0]);
  final folder = Directory.systemTemp.createTempSync('stream');
  final file = File('${folder.path}/file');
  final out = file.openSync(mode: FileMode.write);
  final piece = Uint8List(1 << 20);
  for (var written = 0; written < length; written += piece.length) {
    out.writeFromSync(piece);
  }
  out.closeSync();
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
  server.listen((request) => file.openRead().pipe(request.response));
  final client = HttpClient();
  final watch = Stopwatch()..start();
  final response = await (await client.get('127.0.0.1', server.port, '/')).close();
  final received = await response.fold<int>(0, (count, bytes) => count + bytes.length);
  print('$received bytes in ${watch.elapsedMilliseconds} ms, ${ProcessInfo.maxRss >> 20} MiB at most');
  client.close();
  await server.close();
  folder.deleteSync(recursive: true);
}
