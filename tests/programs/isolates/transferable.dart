// TransferableTypedData: several parts, moved once, materialised once; also through Isolate.exit and between several isolates.
// stress
import 'dart:isolate';
import 'dart:typed_data';

void adder((SendPort, TransferableTypedData) message) {
  final (home, data) = message;
  final bytes = data.materialize().asUint8List();
  for (var i = 0; i < bytes.length; i++) {
    bytes[i]++;
  }
  home.send(TransferableTypedData.fromList([bytes]));
}

Future<void> main() async {
  final words = Uint32List.fromList([1, 2]);
  final part = Uint8List.fromList([9, 8, 7, 6, 5]);
  var data = TransferableTypedData.fromList([words, Uint8List.sublistView(part, 1, 3), Uint8List(0)]);
  // The parts were copied.
  words[0] = 100;
  for (var i = 0; i < 3; i++) {
    final port = ReceivePort();
    await Isolate.spawn(adder, (port.sendPort, data));
    try {
      data.materialize();
      print('still there');
    } on ArgumentError {
      print('gone'); // expect: gone
      // expect: gone
      // expect: gone
    }
    data = await port.first as TransferableTypedData;
  }
  final bytes = data.materialize().asUint8List();
  print(bytes); // expect: [4, 3, 3, 3, 5, 3, 3, 3, 11, 10]
  try {
    data.materialize();
  } on ArgumentError {
    print('only once'); // expect: only once
  }
  final megabytes = await Isolate.run(() => TransferableTypedData.fromList([Uint8List(8 << 20)..[5] = 5]));
  print(megabytes.materialize().asUint8List()[5]); // expect: 5
  // Views and lists of vectors, which are objects around the bytes.
  final read = Uint8List.fromList([1, 2, 3, 4]).asUnmodifiableView();
  final vectors = Float32x4List(2);
  final mixed = TransferableTypedData.fromList([read, ByteData(1).asUnmodifiableView(), vectors, Uint8List.sublistView(part, 0, 2)]);
  final joined = mixed.materialize();
  print('${joined.lengthInBytes} ${joined.asUint8List(0, 5)} ${joined.asUint8List(37)}'); // expect: 39 [1, 2, 3, 4, 0] [9, 8]
  joined.asUint8List()[0] = 7;
  print(read[0]); // expect: 1
  print(TransferableTypedData.fromList([]).materialize().lengthInBytes); // expect: 0
}
