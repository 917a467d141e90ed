// The table of fields: names in any case, values that become lists, what goes over the wire, and fields of a message that are
// read only once somebody asks for them.
import 'dart:convert';
import 'dart:io';

Future<String> ask(int port, String request) async {
  final socket = await Socket.connect(InternetAddress.loopbackIPv4, port);
  socket.add(latin1.encode(request));
  final answer = await latin1.decodeStream(socket);
  socket.destroy();
  return answer;
}

Future<void> main() async {
  final server = await HttpServer.bind(InternetAddress.loopbackIPv4, 0);
  final fields = server.defaultResponseHeaders..clear();
  fields
    ..add('X-A', 1)
    ..add('x-a', 'two')
    ..add('X-Kept', 'é', preserveHeaderCase: true);
  print(fields['X-a']); // expect: [1, two]
  print(fields['\u212aept']); // expect: null
  fields['x-a']!.remove('1');
  print(fields.value('X-A')); // expect: two
  fields.removeAll('x-kept');
  try {
    fields.forEach((name, values) => fields.add('x-new', name));
  } on ConcurrentModificationError {
    print('modified'); // expect: modified
  }
  print('$fields'.trim().split('\n')); // expect: [x-a: two, x-new: x-a]
  fields
    ..add('set-cookie', 'a=b')
    ..add('set-cookie', 'c=d')
    ..add('x-new', ['y', 'z'])
    ..noFolding('x-a');

  late HttpHeaders kept;
  server.listen((request) {
    kept = request.headers;
    final type = request.headers.contentType;
    request.response
      ..headers.set('x-length', request.contentLength)
      ..write('$type ${request.headers.host} ${request.headers.port}')
      ..close();
  });
  final answer = await ask(server.port,
      'POST / HTTP/1.1\r\nHOST: h:8\r\nContent-Type: Text/Plain\r\nX: 1\r\nx: é\r\nConnection: x, Close\r\ncontent-length: 5\r\n\r\nhello');
  LineSplitter.split(answer).forEach(print);
  // expect: HTTP/1.1 200 OK
  // expect: x-a: two
  // expect: x-new: x-a, y, z
  // expect: set-cookie: a=b
  // expect: set-cookie: c=d
  // expect: transfer-encoding: chunked
  // expect: connection: close
  // expect: x-length: 5
  // expect:
  // expect: e
  // expect: Text/Plain h 8
  // expect: 0
  // expect:
  print(kept['X']); // expect: [1, é]
  print(kept['connection']); // expect: [x, Close]
  print('${kept.contentLength} ${kept.persistentConnection}'); // expect: 5 false
  try {
    kept.add('x', 'y');
  } on HttpException catch (error) {
    print(error.message); // expect: HTTP headers are not mutable
  }
  // The same length twice is one; two lengths are none.
  final twice = await ask(server.port, 'POST / HTTP/1.0\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello');
  print(twice.contains('x-length: 5')); // expect: true
  print(await ask(server.port, 'POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!') == ''); // expect: true
  await server.close(force: true);
}
