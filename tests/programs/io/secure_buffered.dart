// Bytes that were read before a handshake cannot be handed to it yet; that is said, and nothing is lost.
import 'dart:io';

void main() async {
  final server = await ServerSocket.bind(InternetAddress.loopbackIPv4, 0);
  final client = await Socket.connect(server.address, server.port);
  final connection = await server.first;
  try {
    await SecureSocket.secureServer(connection, SecurityContext(), bufferedData: [22]);
  } on UnsupportedError catch (error) {
    print(error.message!.startsWith('not supported yet: bufferedData')); // expect: true
  }
  client.destroy();
  connection.destroy();
}
