// transferable with doubles, through Isolate.exit.
import 'dart:isolate';
import 'dart:math';
import 'dart:typed_data';

void sines(SendPort reply) {
  final list = Float64List(1000);
  for (int i = 0; i < list.length; i++) {
    list[i] = sin(i * pi / 500);
  }
  Isolate.exit(reply, TransferableTypedData.fromList([list]));
}

void main() async {
  final port = ReceivePort();
  await Isolate.spawn(sines, port.sendPort);
  final data = await port.first as TransferableTypedData;
  final list = data.materialize().asFloat64List();
  print(list.length); // expect: 1000
  print(list.reduce(max)); // expect: 1.0
  print(list[250] == 1.0 && list[0] == 0.0); // expect: true
}
