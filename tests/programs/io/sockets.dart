// Sockets on the loopback: data both ways, back pressure, half-closed
// connections, raw events, unix sockets, datagrams, and errors that carry
// what the system says.
import 'dart:async';
import 'dart:convert';
import 'dart:io';

final loopback = InternetAddress.loopbackIPv4;

Future<void> echo() async {
  final server = await ServerSocket.bind(loopback, 0);
  server.listen((socket) => socket.cast<List<int>>().pipe(socket));
  final socket = await Socket.connect(loopback, server.port);
  print(socket.remotePort == server.port); // expect: true
  socket.write('ab');
  await socket.flush();
  // More than any buffer takes: the reader must keep up with the writer.
  socket.add(List.filled(3000000, 7));
  unawaited(socket.close());
  int count = 0;
  await for (final data in socket) {
    count += data.length;
  }
  print(count); // expect: 3000002
  await server.close();
}

Future<void> raw() async {
  final server = await RawServerSocket.bind(loopback, 0);
  final events = <RawSocketEvent>[];
  final ended = Completer<void>();
  server.listen((socket) {
    socket.listen((event) {
      events.add(event);
      if (event == RawSocketEvent.read) {
        print(utf8.decode(socket.read()!)); // expect: hello
        socket.writeEventsEnabled = true;
      } else if (event == RawSocketEvent.readClosed) {
        socket.shutdown(SocketDirection.send);
      }
    }, onDone: ended.complete);
    socket.writeEventsEnabled = false;
  });
  final socket = await Socket.connect(loopback, server.port);
  socket.write('hello');
  await socket.flush();
  await Future<void>.delayed(const Duration(milliseconds: 50));
  await socket.close();
  await socket.drain<void>();
  await ended.future;
  print(events.last); // expect: RawSocketEvent.closed
  print(events.where((event) => event == RawSocketEvent.write).length); // expect: 1
  await server.close();
}

Future<void> unix() async {
  final directory = Directory.systemTemp.createTempSync('eyot_sockets');
  final address = InternetAddress('${directory.path}/socket',
      type: InternetAddressType.unix);
  final server = await ServerSocket.bind(address, 0);
  server.listen((socket) async {
    socket.write('over a file');
    await socket.flush();
    socket.destroy();
  });
  final socket = await Socket.connect(address, 0);
  print(await utf8.decoder.bind(socket).join()); // expect: over a file
  await socket.close();
  await server.close();
  directory.deleteSync(recursive: true);
}

Future<void> errors() async {
  try {
    // Nobody listens there: the port was just given back.
    final server = await ServerSocket.bind(loopback, 0);
    final port = server.port;
    await server.close();
    await Socket.connect(loopback, port);
  } on SocketException catch (error) {
    print(error.osError); // expect: OS Error: Connection refused, errno = 111
    print(error.address); // expect: InternetAddress('127.0.0.1', IPv4)
  }
  final server = await ServerSocket.bind(loopback, 0);
  try {
    await ServerSocket.bind(loopback, server.port);
  } on SocketException catch (error) {
    print(error.message); // expect: Failed to create server socket
    print(error.osError?.errorCode); // expect: 98
  }
  await server.close();
  try {
    server.port;
  } on SocketException catch (error) {
    print(error); // expect: SocketException: Socket has been closed
  }
  try {
    await Socket.connect(loopback, 70000);
  } on ArgumentError catch (error) {
    print(error.message); // expect: Invalid port 70000
  }
}

Future<void> datagrams() async {
  final one = await RawDatagramSocket.bind(loopback, 0);
  final other = await RawDatagramSocket.bind(loopback, 0);
  final sender = one.port;
  print(one.send(utf8.encode('packet'), loopback, other.port)); // expect: 6
  other.listen((event) {
    if (event != RawSocketEvent.read) return;
    final datagram = other.receive()!;
    print(utf8.decode(datagram.data)); // expect: packet
    print(datagram.port == sender); // expect: true
    one.close();
    other.close();
  });
}

Future<void> main() async {
  await echo();
  await raw();
  await unix();
  await errors();
  await datagrams();
}
