// Pipes, sockets that wait, and files that end with their isolate.
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

Future<void> pipes() async {
  final pipe = await Pipe.create();
  pipe.write.write('through ');
  pipe.write.writeln('a pipe');
  await pipe.write.flush();
  await pipe.write.close();
  print(await utf8.decodeStream(pipe.read)); // expect: through a pipe
  // expect:
  final other = Pipe.createSync();
  final big = List.filled(200000, 65);
  final read = other.read.fold<int>(0, (count, bytes) => count + bytes.length);
  other.write.add(big);
  await other.write.close();
  print(await read); // expect: 200000
}

void client(List<Object?> message) {
  final socket = RawSynchronousSocket.connectSync('127.0.0.1', message[1] as int);
  final home = message[0] as SendPort;
  socket.writeFromSync(utf8.encode('-ping-'), 1, 5);
  final buffer = List.filled(10, 0);
  var count = 0;
  while (count < 4) {
    count += socket.readIntoSync(buffer, count + 2);
  }
  home.send(utf8.decode(buffer.sublist(2, 6)));
  home.send('${socket.remotePort == message[1]} ${socket.address.address} ${socket.available()}');
  socket.shutdown(SocketDirection.send);
  home.send(socket.readSync(10) ?? 'the end');
  socket.closeSync();
  try {
    socket.readSync(1);
  } on SocketException catch (error) {
    home.send(error.message);
  }
}

Future<void> sockets() async {
  final server = await ServerSocket.bind('127.0.0.1', 0);
  server.listen((socket) async {
    await for (final bytes in socket) {
      socket.write(utf8.decode(bytes).toUpperCase());
    }
    await socket.close();
  });
  final port = ReceivePort();
  final number = server.port;
  await Isolate.spawn(client, [port.sendPort, number], onExit: port.sendPort);
  await for (final message in port) {
    if (message == null) break;
    print(message);
    // expect: PING
    // expect: true 127.0.0.1 0
    // expect: the end
    // expect: Socket has been closed
  }
  await server.close();
  try {
    RawSynchronousSocket.connectSync(InternetAddress.loopbackIPv4, number);
  } on SocketException catch (error) {
    print('${error.message}: ${error.osError?.message}'); // expect: Failed to connect to 127.0.0.1: Connection refused
  }
}

/// Opens a file and never closes it.
void careless(List<Object?> message) {
  File(message[0] as String).openSync();
  (message[1] as SendPort).send('open');
  RawReceivePort();
}

int descriptors(String path) =>
    Directory('/proc/self/fd').listSync(followLinks: false).whereType<Link>().where((link) => link.resolvesTo(path)).length;

extension on Link {
  bool resolvesTo(String path) {
    try {
      return targetSync() == path;
    } on FileSystemException {
      return false;
    }
  }
}

Future<void> files() async {
  final file = File('${Directory.systemTemp.createTempSync('pipes').resolveSymbolicLinksSync()}/file')..createSync();
  final port = ReceivePort();
  final isolate = await Isolate.spawn(careless, [file.path, port.sendPort], onExit: port.sendPort);
  await for (final message in port) {
    print('$message ${descriptors(file.path)}');
    // expect: open 1
    // expect: null 0
    if (message == null) break;
    isolate.kill(priority: Isolate.immediate);
  }
  file.parent.deleteSync(recursive: true);
}

Future<void> main() async {
  await pipes();
  await sockets();
  await files();
  print(await Future.syncValue(3)); // expect: 3
}
