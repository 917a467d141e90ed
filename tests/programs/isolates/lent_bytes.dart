// stress
// Bytes of large typed data are lent to whoever gets them, and copied when one side writes: nobody may see what another has written.

import 'dart:async';
import 'dart:io';
import 'dart:isolate';
import 'dart:typed_data';

const size = 1 << 17;

Uint8List numbers() {
  final bytes = Uint8List(size);
  for (var i = 0; i < size; i += 1024) {
    bytes[i] = i >> 10;
  }
  return bytes;
}

/// Some of the bytes, as one number.
int sum(Uint8List bytes) {
  var sum = 0;
  for (var i = 0; i < size; i += 512) {
    sum = (sum * 31 + bytes[i]) & 0xffffff;
  }
  return sum;
}

TransferableTypedData wrap(TypedData data) =>
    TransferableTypedData.fromList([data]);

Uint8List unwrap(TransferableTypedData data) => data.materialize().asUint8List();

/// Ways to write something into a buffer; each undoes nothing and writes other bytes than were there.
final writers = <String, void Function(Uint8List)>{
  'element': (bytes) => bytes[1024]++,
  'last element': (bytes) => bytes[size - 512] ^= 1,
  'setRange': (bytes) => bytes.setRange(0, 3, [9, 8, 7]),
  'setRange typed': (bytes) =>
      bytes.setRange(512, 2048, Uint8List(2048)..fillRange(0, 2048, 5), 100),
  'setRange onto itself': (bytes) => bytes.setRange(1, size - 1024, bytes, 1025),
  'setAll': (bytes) => bytes.setAll(1024, [91, 2, 3]),
  'fillRange': (bytes) => bytes.fillRange(0, 4096, 77),
  'sort': (bytes) => Uint8List.sublistView(bytes, 0, 4096).sort((a, b) => b - a),
  'view': (bytes) => bytes.buffer.asUint8List(1024, 5)[0] = 99,
  'sublist view': (bytes) => Uint8List.sublistView(bytes, 512)[512] = 98,
  'signed view': (bytes) => bytes.buffer.asInt8List()[2048] = -3,
  'clamped view': (bytes) => bytes.buffer.asUint8ClampedList()[2048] = 300,
  'wide view': (bytes) => bytes.buffer.asUint16List()[512] = 0x1234,
  'wider view': (bytes) => bytes.buffer.asInt64List()[128] = -7,
  'float view': (bytes) => bytes.buffer.asFloat32List()[256] = -1.5,
  'double view': (bytes) => bytes.buffer.asFloat64List()[128] = 3.25,
  'ByteData': (bytes) => ByteData.sublistView(bytes).setUint32(1022, 0x01020304),
  'ByteData of the buffer': (bytes) => bytes.buffer.asByteData().setFloat64(1024, -2),
  'vector': (bytes) => bytes.buffer.asFloat32x4List()[64] = Float32x4(1, 2, 3, 4),
  'int vector': (bytes) => bytes.buffer.asInt32x4List()[64] = Int32x4(9, 2, 3, 4),
};

/// What the sender writes is not seen by the receiver, and the other way round, whoever is first.
void inOneIsolate() {
  var wrong = 0;
  for (final MapEntry(key: name, value: write) in writers.entries) {
    for (final receiverWrites in [true, false]) {
      final own = numbers();
      final view = own.buffer.asUint16List();
      final before = sum(own);
      final got = unwrap(wrap(own));
      final gotView = got.buffer.asUint16List();
      write(receiverWrites ? got : own);
      final written = receiverWrites ? got : own;
      final other = receiverWrites ? own : got;
      final writtenView = receiverWrites ? gotView : view;
      final otherView = receiverWrites ? view : gotView;
      if (sum(other) != before) wrong++;
      if (sum(written) == before) wrong++;
      // Views of one buffer go on sharing it.
      if (sum(writtenView.buffer.asUint8List()) != sum(written)) wrong++;
      if (sum(otherView.buffer.asUint8List()) != before) wrong++;
      writtenView[0] = 0x3333;
      if (written[0] != 0x33 || written[1] != 0x33) wrong++;
      otherView[0] = 0x4444;
      if (other[0] != 0x44 || written[0] != 0x33) wrong++;
      if (wrong > 0) return print('wrong: $name, $receiverWrites');
    }
  }
  print('$wrong wrong of ${writers.length}'); // expect: 0 wrong of 20
}

/// A buffer stays the same buffer.
void identityStays() {
  final own = numbers();
  final buffer = own.buffer;
  final seen = {buffer: 'here'};
  final transferable = wrap(own);
  print(seen[own.buffer]); // expect: here
  own[0] = 1;
  print(seen[own.buffer]); // expect: here
  print(own.buffer == buffer); // expect: true
  final got = transferable.materialize();
  print(got == buffer); // expect: false
  final unmodifiable = own.asUnmodifiableView();
  final again = wrap(own);
  own[5] = 55;
  print(unmodifiable[5]); // expect: 55
  print(unwrap(again)[5]); // expect: 0
  final sameBytes = unwrap(wrap(unmodifiable));
  sameBytes[5] = 56;
  print('${own[5]} ${unmodifiable[5]} ${sameBytes[5]}'); // expect: 55 55 56
}

/// Answers a message (sum it had, sum after writing, and the bytes) for each one it gets.
void writer(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  final kept = <Uint8List>[];
  port.listen((message) {
    if (message == null) return port.close();
    final [Object data, String name, bool keeps] = message as List;
    final bytes = data is TransferableTypedData ? unwrap(data) : data as Uint8List;
    final before = sum(bytes);
    if (keeps) kept.add(bytes);
    writers[name]!(bytes);
    home.send([before, sum(bytes), wrap(bytes), bytes]);
  });
}

Future<void> betweenIsolates() async {
  final home = ReceivePort();
  final events = StreamIterator<Object?>(home);
  await Isolate.spawn(writer, home.sendPort);
  await events.moveNext();
  final other = events.current as SendPort;
  final own = numbers();
  var wrong = 0;
  var round = 0;
  for (final name in writers.keys) {
    round++;
    final before = sum(own);
    other.send([round.isEven ? wrap(own) : own, name, round % 3 == 0]);
    // Before, while and after the other one looks at the bytes.
    own[3072] = round;
    final changed = sum(own);
    await events.moveNext();
    final [int there, int after, TransferableTypedData data, Uint8List copy] =
        events.current as List;
    if (there != before) wrong++;
    if (sum(own) != changed) wrong++;
    if (sum(unwrap(data)) != after || sum(copy) != after) wrong++;
    copy[0] += 1;
    writers[name]!(own);
  }
  print(wrong); // expect: 0
  other.send(null);
  await events.cancel();
}

Future<void> manyReceivers() async {
  final own = numbers();
  final before = sum(own);
  final sums = [
    for (var i = 0; i < 6; i++)
      Isolate.run(() {
        final there = sum(own);
        own[i * 1024] = 250;
        return (there, own);
      }),
  ];
  own[0] = 17;
  final results = await Future.wait(sums);
  print(results.every((result) => result.$1 == before)); // expect: true
  var distinct = true;
  for (var i = 0; i < 6; i++) {
    final bytes = results[i].$2;
    distinct = distinct && bytes[i * 1024] == 250 && bytes[(i + 1) % 6 * 1024] != 250;
  }
  print(distinct); // expect: true
  print(own[0]); // expect: 17
}

/// Input goes into buffers, too.
Future<void> files() async {
  final folder = Directory.systemTemp.createTempSync('lent');
  try {
    final path = '${folder.path}/bytes';
    final content = numbers();
    File(path).writeAsBytesSync(content);
    final into = Uint8List(size);
    final lent = wrap(into);
    final file = File(path).openSync();
    print(file.readIntoSync(into)); // expect: 131072
    print(sum(into) == sum(content)); // expect: true
    print(unwrap(lent).every((byte) => byte == 0)); // expect: true
    final second = wrap(into);
    file.setPositionSync(0);
    await file.readInto(into, 10, 20);
    print('${into[10]} ${into[11]}'); // expect: 0 0
    print(sum(unwrap(second)) == sum(content)); // expect: true
    await file.close();
    // What is being written is what it was when the writing began.
    final sink = File('$path.2').openWrite();
    final source = numbers();
    sink.add(source);
    final third = wrap(source);
    await sink.flush();
    await sink.close();
    source[0] = 1;
    print(sum(File('$path.2').readAsBytesSync()) == sum(content)); // expect: true
    print(sum(unwrap(third)) == sum(content)); // expect: true
  } finally {
    folder.deleteSync(recursive: true);
  }
}

Future<void> main() async {
  inOneIsolate();
  identityStays();
  await betweenIsolates();
  await manyReceivers();
  await files();
}
