// transferable: bytes go there and come back changed; materialised twice is an error.
import 'dart:isolate';
import 'dart:typed_data';

void negate(List<Object> args) {
  final reply = args[0] as SendPort;
  final bytes = (args[1] as TransferableTypedData).materialize().asUint8List();
  for (int i = 0; i < bytes.length; i++) {
    bytes[i] = 255 - bytes[i];
  }
  reply.send(TransferableTypedData.fromList([bytes]));
}

void main() async {
  final port = ReceivePort();
  final one = Uint8List.fromList([0, 1, 2]);
  final two = Uint8List.fromList([253, 254, 255]);
  final both = TransferableTypedData.fromList([one, two]);
  await Isolate.spawn(negate, [port.sendPort, both]);
  final back = await port.first as TransferableTypedData;
  print(back.materialize().asUint8List()); // expect: [255, 254, 253, 2, 1, 0]
  try {
    back.materialize();
  } on ArgumentError {
    print('only once'); // expect: only once
  }
}
