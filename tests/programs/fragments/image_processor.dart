// Fragment of a seed, completed with a main.
import 'dart:isolate';
import 'dart:typed_data';

class ImageProcessor {
  late final Isolate _isolate;
  late final SendPort _sendPort;
  final _receivePort = ReceivePort();

  Future<void> start() async {
    _isolate = await Isolate.spawn(
      _workerEntryPoint,
      _receivePort.sendPort,
    );
    _sendPort = await _receivePort.first as SendPort;
  }

  Future<Uint8List> compress(Uint8List imageBytes) async {
    final responsePort = ReceivePort();
    _sendPort.send(_CompressRequest(imageBytes, responsePort.sendPort));
    final result = await responsePort.first as Uint8List;
    responsePort.close();
    return result;
  }

  void dispose() {
    _isolate.kill(priority: Isolate.immediate);
    _receivePort.close();
  }

  static void _workerEntryPoint(SendPort mainSendPort) {
    final workerReceivePort = ReceivePort();
    mainSendPort.send(workerReceivePort.sendPort);

    workerReceivePort.listen((message) {
      if (message is _CompressRequest) {
        final compressed = _compressImage(message.bytes);
        message.replyPort.send(compressed);
      }
    });
  }

  static Uint8List _compressImage(Uint8List bytes) {
    final runs = BytesBuilder();
    for (int i = 0; i < bytes.length;) {
      int end = i;
      while (end < bytes.length && bytes[end] == bytes[i] && end - i < 255) {
        end++;
      }
      runs.add([end - i, bytes[i]]);
      i = end;
    }
    return runs.toBytes();
  }
}

class _CompressRequest {
  final Uint8List bytes;
  final SendPort replyPort;
  _CompressRequest(this.bytes, this.replyPort);
}

void main() async {
  final processor = ImageProcessor();
  await processor.start();
  final image = Uint8List(600)..fillRange(300, 600, 7);
  print(await processor.compress(image)); // expect: [255, 0, 45, 0, 255, 7, 45, 7]
  processor.dispose();
}
