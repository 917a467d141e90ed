// Descriptors go over unix sockets with data: files, sockets, standard output.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

/// The next message that [socket] brings; null at the end.
Future<SocketMessage?> next(RawSocket socket, StreamIterator<RawSocketEvent> events) async {
  while (await events.moveNext()) {
    if (events.current == RawSocketEvent.read) {
      final message = socket.readMessage();
      if (message != null) return message;
    }
    if (events.current == RawSocketEvent.readClosed) return null;
  }
  return null;
}

String thrown(Object? Function() action) {
  try {
    return '${action()}';
  } on StateError {
    return 'used';
  } on ArgumentError {
    return 'argument';
  } on SocketException {
    return 'no socket';
  }
}

Future<void> main() async {
  final folder = Directory.systemTemp.createTempSync('handles');
  final address = InternetAddress('${folder.path}/socket', type: InternetAddressType.unix);
  final server = await RawServerSocket.bind(address, 0);
  final accepted = server.first;
  final client = await RawSocket.connect(address, 0);
  final peer = await accepted;
  final events = StreamIterator(peer);

  // A file, and a pair of sockets, one of which the receiver goes on with.
  final file = File('${folder.path}/file')..writeAsStringSync('in the file');
  final open = file.openSync();
  final tcp = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
  final far = tcp.first;
  final near = await Socket.connect(InternetAddress.loopbackIPv4, tcp.port);
  final sent = client.sendMessage([
    SocketControlMessage.fromHandles([ResourceHandle.fromFile(open), ResourceHandle.fromSocket(near)]),
    SocketControlMessage.fromHandles([ResourceHandle.fromStdout(stdout), ResourceHandle.fromStdin(stdin)]),
  ], utf8.encode('--four--'), 2, 4);
  print(sent); // expect: 4
  open.closeSync();
  near.destroy();

  final message = (await next(peer, events))!;
  print(utf8.decode(message.data)); // expect: four
  final control = message.controlMessages.single;
  print([control.level, control.type, control.data.length]); // expect: [1, 1, 16]
  final [fileHandle, socketHandle, outHandle, inHandle] = control.extractHandles();
  final received = fileHandle.toFile();
  print(utf8.decode(received.readSync(100))); // expect: in the file
  received.closeSync();
  print(thrown(fileHandle.toFile)); // expect: used

  final socket = socketHandle.toSocket();
  socket.write('from elsewhere');
  await socket.close();
  final heard = await far;
  print(await utf8.decodeStream(heard)); // expect: from elsewhere
  heard.destroy();
  socket.destroy();
  outHandle.toFile()
    ..writeStringSync('by another name\n') // expect: by another name
    ..closeSync();
  print(thrown(inHandle.toSocket)); // expect: no socket

  // The end of a pipe that the sender keeps the other end of.
  final pipe = await Pipe.create();
  client.sendMessage([
    SocketControlMessage.fromHandles([ResourceHandle.fromWritePipe(pipe.write)]),
  ], [0]);
  await pipe.write.close();
  final [writeHandle] = (await next(peer, events))!.controlMessages.single.extractHandles();
  final write = writeHandle.toWritePipe()..write('through a pipe');
  await write.close();
  print(await utf8.decodeStream(pipe.read)); // expect: through a pipe

  // Without handles it is plain data; with handles there must be some.
  print(client.sendMessage([], [1, 2, 3])); // expect: 3
  print((await next(peer, events))!.controlMessages); // expect: []
  print(thrown(() => client.sendMessage([SocketControlMessage.fromHandles([])], [])));
  // expect: argument
  print(thrown(() => client.sendMessage([SocketControlMessage.fromHandles([fileHandle])], Uint8List(1)))); // expect: used
  await client.close();
  print(await next(peer, events)); // expect: null
  await peer.close();
  await tcp.close();
  folder.deleteSync(recursive: true);
}
