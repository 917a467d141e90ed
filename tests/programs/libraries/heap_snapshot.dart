// A heap snapshot, read back: the program finds its own objects in it.
import 'dart:convert';
import 'dart:developer';
import 'dart:io';
import 'dart:typed_data';

class Tree {
  final int depth;
  final Object? left, right;
  Tree(this.depth, this.left, this.right);
}

class Named extends Tree {
  final String name;
  Named(this.name, super.depth, super.left, super.right);
}

class SnapshotClass {
  final String name, library;
  final Map<String, int> fields;
  SnapshotClass(this.name, this.library, this.fields);
}

class SnapshotObject {
  final int classId, bytes;
  final Object? data;
  final List<int> references;
  SnapshotObject(this.classId, this.bytes, this.data, this.references);
}

class Reader {
  final Uint8List bytes;
  int at = 0;
  Reader(this.bytes);

  int number() {
    int value = 0, shift = 0;
    while (true) {
      final byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7;
    }
  }

  Uint8List take(int count) => Uint8List.sublistView(bytes, at, at += count);

  String text() => utf8.decode(take(number()));

  Object? data() {
    switch (number()) {
      case 0:
        return null;
      case 3:
        return number();
      case 4:
        return ByteData.sublistView(take(8)).getFloat64(0, Endian.little);
      case 5:
        final length = number();
        final kept = latin1.decode(take(number()));
        return kept.length == length ? kept : '$kept…';
      case 6:
        number();
        final units = ByteData.sublistView(take(2 * number()));
        return String.fromCharCodes([
          for (int i = 0; i < units.lengthInBytes; i += 2)
            units.getUint16(i, Endian.little)
        ]);
      case 7:
        return number();
    }
    throw 'an unknown kind of data';
  }
}

void main() {
  final folder = Directory.systemTemp.createTempSync('eyot_snapshot');
  try {
    final path = '${folder.path}/heap';
    final blob = Uint8List(123456);
    final tree = Tree(1, Named('grüß', 2, blob, 0.5),
        Named('日本', 3, [1, 2, 3], 1 << 62));
    NativeRuntime.writeHeapSnapshotToFile(path);
    read(File(path).readAsBytesSync());
    print('${tree.depth} ${blob.length}');
    try {
      NativeRuntime.writeHeapSnapshotToFile('${folder.path}/none/heap');
    } on ArgumentError catch (error) {
      print(error.name);
    }
  } finally {
    folder.deleteSync(recursive: true);
  }
}

void read(Uint8List bytes) {
  final reader = Reader(bytes);
  print(ascii.decode(reader.take(8))); // expect: dartheap
  reader.number();
  print(reader.text()); // expect: main
  final size = reader.number(), capacity = reader.number();
  final external = reader.number();
  print(capacity >= size && size > 0 && external >= 123456); // expect: true
  final classes = [
    for (int i = reader.number(); i > 0; i--) readClass(reader)
  ];
  final references = reader.number();
  final objects = [
    for (int i = reader.number(); i > 0; i--)
      SnapshotObject(reader.number(), reader.number(), reader.data(),
          [for (int j = reader.number(); j > 0; j--) reader.number()])
  ];
  print(objects.fold(0, (sum, object) => sum + object.references.length) ==
      references); // expect: true
  print(objects.fold(0, (sum, object) => sum + object.bytes) == size); // expect: true
  final held = {
    for (int i = reader.number(); i > 0; i--)
      reader.number(): (reader.number(), reader.text())
  };
  print(objects.map((_) => reader.number()).toSet()); // expect: {0}
  print(reader.at == bytes.length); // expect: true

  SnapshotClass of(SnapshotObject object) => classes[object.classId - 1];
  Object? field(SnapshotObject object, String name) {
    final id = object.references[of(object).fields[name]!];
    return id == 0 ? null : objects[id - 1];
  }

  print(of(objects.first).name); // expect: Root
  final trees = objects.where((object) => of(object).name == 'Tree');
  final named = objects.where((object) => of(object).name == 'Named');
  print('${trees.length} ${named.length}'); // expect: 1 2
  print(of(trees.first).library.endsWith('heap_snapshot.dart')); // expect: true
  final left = field(trees.first, 'left') as SnapshotObject;
  final right = field(trees.first, 'right') as SnapshotObject;
  print((field(left, 'name') as SnapshotObject).data); // expect: grüß
  print((field(right, 'name') as SnapshotObject).data); // expect: 日本
  print((field(left, 'right') as SnapshotObject).data); // expect: 0.5
  print((field(right, 'right') as SnapshotObject).data); // expect: 4611686018427387904
  final blob = field(left, 'left') as SnapshotObject;
  print('${of(blob).name} ${of(blob).library} ${blob.data}'); // expect: Uint8List dart:typed_data 123456
  print(held[objects.indexOf(blob) + 1]); // expect: (123456, bytes)
  // What `main` says afterwards:
  // expect: 1 123456
  // expect: filepath
}

SnapshotClass readClass(Reader reader) {
  reader.number();
  final name = reader.text();
  reader.text();
  final library = reader.text();
  reader.text();
  return SnapshotClass(name, library, {
    for (int i = reader.number(); i > 0; i--) ...readField(reader)
  });
}

Map<String, int> readField(Reader reader) {
  reader.number();
  final index = reader.number();
  final name = reader.text();
  reader.text();
  return {name: index};
}
