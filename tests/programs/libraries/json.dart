// JSON is parsed and written by natives in steps: beside them a plain writer and the parser for revivers, on random values and on what
// does not fit in one step; and what natives leave to Dart. More rounds and another seed: eyot run json.dart ROUNDS SEED
import 'dart:collection';
import 'dart:convert';
import 'dart:math';
import 'dart:typed_data';

late Random random;

String text() => String.fromCharCodes([
      for (var i = random.nextInt(random.nextInt(10) == 0 ? 100 : 12); i > 0; i--)
        switch (random.nextInt(8)) {
          0 => random.nextInt(0x10ffff),
          1 => random.nextInt(256),
          2 => 0xd800 + random.nextInt(0x800),
          _ => 32 + random.nextInt(90),
        },
    ]);

Object? value(int depth) => switch (random.nextInt(depth > 0 ? 9 : 6)) {
      0 => random.nextInt(1 << 32) - (1 << 31),
      1 => random.nextDouble() * pow(10, random.nextInt(40) - 20),
      2 => random.nextBool(),
      3 => null,
      4 || 5 => text(),
      6 || 7 => [for (var i = count(); i > 0; i--) value(depth - 1)],
      _ => {for (var i = count(); i > 0; i--) text(): value(depth - 1)},
    };

int count() => random.nextInt(random.nextInt(8) == 0 ? 150 : 5);

/// What [value] is in JSON, as one would write it at once.
String plain(Object? value) => switch (value) {
      String text => '"${text.runes.map(unit).join()}"',
      List<Object?> list => '[${list.map(plain).join(',')}]',
      Map<String, Object?> map => '{${map.entries.map((e) => '${plain(e.key)}:${plain(e.value)}').join(',')}}',
      _ => '$value',
    };

String unit(int rune) => switch (rune) {
      0x22 || 0x5c => '\\${String.fromCharCode(rune)}',
      0x08 => '\\b',
      0x09 => '\\t',
      0x0a => '\\n',
      0x0c => '\\f',
      0x0d => '\\r',
      < 0x20 || >= 0xd800 && < 0xe000 => '\\u${rune.toRadixString(16).padLeft(4, '0')}',
      _ => String.fromCharCode(rune),
    };

void check(String what, Object? one, Object? other) {
  if (one != other) print('$what: ${one.toString().length} and ${other.toString().length} units');
}

void roundTrips(int rounds) {
  for (var i = 0; i < rounds; i++) {
    final before = value(3);
    final written = jsonEncode(before);
    check('written', written, plain(before));
    check('bytes', utf8.decode(JsonUtf8Encoder().convert(before)), written);
    final indented = JsonEncoder.withIndent(random.nextBool() ? ' ' : '\t').convert(before);
    check('parsed', plain(jsonDecode(random.nextBool() ? written : indented)), written);
    check('revived', plain(jsonDecode(indented, reviver: (_, value) => value)), written);
    check('bytes parsed', plain(utf8.decoder.fuse(json.decoder).convert(utf8.encode(written))), written);
  }
}

class Boxed {
  Boxed(this.value);
  final Object? value;
  Object? toJson() => value;
}

class Endless {
  Object? toJson() => [Endless()];
}

String refused(Object? value, {Object? Function(Object?)? toEncodable}) {
  try {
    return jsonEncode(value, toEncodable: toEncodable);
  } on JsonCyclicError catch (error) {
    return 'cyclic ${error.unsupportedObject is List}';
  } on JsonUnsupportedObjectError catch (error) {
    return '${error.unsupportedObject.runtimeType} ${error.cause.runtimeType} ${error.partialResult}';
  } on StackOverflowError {
    return 'too deep';
  }
}

void leftToDart() {
  print(jsonEncode([Uint8List(2), Float32List(1), UnmodifiableListView([1]), SplayTreeMap.of({'b': 1, 'a': 2}), const {'k': 1}]));
  // expect: [[0,0],[0.0],[1],{"a":2,"b":1},{"k":1}]
  print(jsonEncode([Boxed(1), Boxed([Boxed('x')]), Boxed(null), Boxed({'y': Boxed(2.5)})])); // expect: [1,["x"],null,{"y":2.5}]
  print(jsonEncode({1: 2}, toEncodable: (map) => {for (final entry in (map as Map).entries) '${entry.key}': entry.value})); // expect: {"1":2}
  print(jsonEncode([double.nan], toEncodable: (value) => '$value')); // expect: ["NaN"]
  print(refused([1, Object()])); // expect: Object NoSuchMethodError [1,
  print(refused([1, Object()], toEncodable: (object) => object)); // expect: Object Null [1,
  print(refused({'a': double.infinity})); // expect: double NoSuchMethodError {"a":
  final ring = <Object?>[1];
  ring.add({'ring': Boxed(ring)});
  print(refused(ring)); // expect: cyclic true
  print(refused(Endless())); // expect: too deep
  final gaps = {for (var i = 0; i < 9; i++) 'k$i': i}
    ..remove('k0')
    ..remove('k4')
    ..remove('k8');
  print(jsonEncode(gaps)); // expect: {"k1":1,"k2":2,"k3":3,"k5":5,"k6":6,"k7":7}
}

/// More than a step's worth, of one kind each.
void large(int size) {
  Object? nested = 1;
  for (var i = 0; i < size; i++) {
    nested = i.isEven ? [nested] : {'': nested};
  }
  Object? back = jsonDecode(jsonEncode(nested));
  var depth = 0;
  for (; back is! int; depth++) {
    back = back is List ? back[0] : (back as Map)[''];
  }
  print(depth == size); // expect: true
  final list = List.generate(size * 4, (i) => i);
  check('list', jsonEncode(jsonDecode('$list')), jsonEncode(list));
  final keys = [for (var i = 0; i < size; i++) '"k${i % (size * 2 ~/ 3)}":[$i]'];
  final map = jsonDecode('{${keys.join(',')}}') as Map<String, dynamic>;
  print('${map.length == size * 2 ~/ 3} ${map['k0'][0] == size * 2 ~/ 3} ${map.keys.first} ${map['k1'].length}'); // expect: true true k0 1
  for (var i = 1; i < size; i += 2) {
    map.remove('k$i');
  }
  map['more'] = true;
  check('map', jsonEncode(map), plain(map));
  final long = 'x"é' * size + '\ud83c\udf88\ud800' * size;
  check('text', jsonDecode(jsonEncode([long, long]))[1], long);
  check('odd map', refused([map, {...map, '\u{1f600}': Object()}]).startsWith('Object'), true);
  check('odd keys', refused([<Object?, Object?>{...map, 5: 5}]), '_Map<Object?, Object?> NoSuchMethodError [');
}

void main(List<String> arguments) {
  final isBrief = arguments.isEmpty;
  random = Random(arguments.length > 1 ? int.parse(arguments[1]) : 1);
  roundTrips(isBrief ? 60 : int.parse(arguments[0]));
  leftToDart();
  large(isBrief ? 13000 : 50000);
  final grown = jsonDecode('{"a":1,"b":2,"a":3}') as Map<String, dynamic>;
  print(grown); // expect: {a: 3, b: 2}
  for (var i = 0; i < 50; i++) {
    grown['$i'] = i;
  }
  print([grown.length, grown['a'], grown['49'], grown['x'], (jsonDecode('[1,2]') as List)..add(3)]); // expect: [52, 3, 49, null, [1, 2, 3]]
}
