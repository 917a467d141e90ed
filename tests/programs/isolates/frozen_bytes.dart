// Unmodifiable typed data is shared once nobody can write to its bytes any more; until then a message gets a copy of what they are then.
// stress
import 'dart:isolate';
import 'dart:typed_data';

import '_echo.dart';

late Echo echo;

Future<T> there<T>(T value) => echo.there(value);

Uint8List numbers(int length) => Uint8List.fromList([for (var i = 0; i < length; i++) i & 255]).asUnmodifiableView();

Future<void> sharing() async {
  final list = numbers(20000);
  churn();
  final back = await there(list);
  print([identical(back, list), identical(await there(back), list), back.length, back[300], back.sublist(19998)]); // expect: [true, true, 20000, 44, [30, 31]]
  print([refuses(() => back[0] = 1), refuses(() => back.buffer.asUint8List()[0] = 1), refuses(() => back.fillRange(0, 1, 2))]); // expect: [true, true, true]
  final doubles = Float64List.fromList([for (var i = 0; i < 1000; i++) i / 8]).asUnmodifiableView();
  final data = ByteData.sublistView(numbers(3000)).asUnmodifiableView();
  churn();
  final both = await there((doubles, [data], List<Object?>.unmodifiable([doubles, 'and', list])));
  print([identical(both.$1, doubles), both.$1[999], both.$2[0].getUint16(2), identical(both.$3[0], both.$1), identical(both.$3[2], list)]); // expect: [true, 124.875, 515, true, true]
  // Views of what is shared.
  final view = both.$1.buffer.asUint8List(8, 4000);
  final viewBack = await there(view);
  print([viewBack.length, viewBack.offsetInBytes, viewBack[7] == view[7], refuses(() => viewBack[0] = 1)]); // expect: [4000, 8, true, true]
}

Future<void> stillWritten() async {
  final raw = Uint8List(5000);
  final view = raw.asUnmodifiableView();
  churn();
  final first = await there(view);
  raw[0] = 7;
  print([first[0], view[0], (await there(view))[0], identical(first, view)]); // expect: [0, 7, 7, false]
  // The copy is the receiver's alone, so it is shared from then on.
  final second = await there(first);
  print([identical(second, first), second[0]]); // expect: [true, 0]
  // Both in one message keep sharing their bytes.
  final (there1, there2) = await there((raw, view));
  there1[1] = 9;
  print([there2[1], raw[1], view[1]]); // expect: [9, 0, 0]
  raw[4999] = 1;
  print([view[4999], first[4999]]); // expect: [1, 0]
}

Future<void> transferring() async {
  final list = numbers(300000);
  churn();
  final shared = await there(list);
  final moved = await there(TransferableTypedData.fromList([list]));
  final bytes = moved.materialize().asUint8List();
  bytes[1] = 77;
  print([bytes.length, bytes[1], bytes[299999], list[1], shared[1]]); // expect: [300000, 77, 223, 1, 1]
  print(refuses(() => shared[1] = 2)); // expect: true
  try {
    moved.materialize();
  } on ArgumentError {
    print('only once'); // expect: only once
  }
  final inner = await Isolate.run(() => TransferableTypedData.fromList([list]).materialize().asUint8List()..[2] = 5);
  print([inner[2], list[2]]); // expect: [5, 2]
  // Without the list nobody else has the bytes.
  final alone = await Isolate.run(() {
    final made = numbers(100000);
    churn();
    return TransferableTypedData.fromList([made]);
  });
  final own = alone.materialize().asUint8List();
  own[0] = 3;
  print([own[0], own[1], own.length]); // expect: [3, 1, 100000]
  // What is sent unmodifiable and small is no region of its own.
  final small = numbers(10);
  churn();
  final small2 = await there([small, small]);
  print([small2[0], identical(small2[0], small2[1]), refuses(() => small2[0][0] = 1)]); // expect: [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], true, true]
  small2.clear();
  churn();
  print(small[9]); // expect: 9
}

Future<void> main() async {
  echo = await Echo.start();
  await sharing();
  await stillWritten();
  await transferring();
  await echo.stop();
}
