// throw, on, catch, finally, rethrow, and how they mix with return, break and loops.
// stress

class Missing implements Exception {
  Missing(this.key);
  final String key;
  @override
  String toString() => 'Missing: $key';
}

final log = <String>[];

int guarded(int n) {
  try {
    log.add('try $n');
    if (n == 0) return 10;
    if (n == 1) throw Missing('one');
    if (n == 2) throw 'text';
    return 20;
  } on Missing catch (e) {
    log.add('caught $e');
    return 30;
  } catch (e, trace) {
    log.add('any $e ${trace.toString().isNotEmpty}');
    rethrow;
  } finally {
    log.add('finally $n');
  }
}

int overridden() {
  try {
    throw 'lost';
  } finally {
    // ignore: control_flow_in_finally
    return 5;
  }
}

String loop() {
  final out = StringBuffer();
  for (var i = 0; i < 5; i++) {
    try {
      if (i == 1) continue;
      if (i == 3) break;
      out.write(i);
    } finally {
      out.write('f');
    }
  }
  return '$out';
}

int nested() {
  try {
    try {
      throw StateError('inner');
    } finally {
      log.add('inner finally');
    }
  } on StateError catch (e) {
    log.add(e.message);
    try {
      throw e;
    } on ArgumentError {
      return 0;
    } on Error {
      return 1;
    }
  }
}

void main() {
  print(guarded(0)); // expect: 10
  print(guarded(1)); // expect: 30
  try {
    guarded(2);
  } catch (e) {
    print('out: $e'); // expect: out: text
  }
  print(guarded(3)); // expect: 20
  print(log.length); // expect: 10
  print(log.sublist(0, 5)); // expect: [try 0, finally 0, try 1, caught Missing: one, finally 1]
  print(overridden()); // expect: 5
  print(loop()); // expect: 0ff2ff
  log.clear();
  print('${nested()} $log'); // expect: 1 [inner finally, inner]
  final errors = <Object Function()>[
    () => [][0],
    () => int.parse('x'),
    () => 1 ~/ int.parse('0'),
    () => (null as dynamic).length,
    () => ('a' as dynamic) as int,
    () => {}.keys.first,
    () => List.unmodifiable([1]).add(2) as Object,
    () => throw UnimplementedError('later'),
    () => RangeError.checkValidIndex(5, [1, 2]),
  ];
  for (final f in errors) {
    try {
      f();
      print('nothing thrown');
    } on RangeError {
      print('RangeError');
    } on FormatException catch (e) {
      print('FormatException: ${e.message}');
    } on NoSuchMethodError {
      print('NoSuchMethodError');
    } on TypeError {
      print('TypeError');
    } on StateError catch (e) {
      print(e);
    } on UnimplementedError catch (e) {
      print(e);
    } on UnsupportedError {
      print('UnsupportedError');
    }
  }
  // expect: RangeError
  // expect: FormatException: Invalid radix-10 number
  // expect: UnsupportedError
  // expect: NoSuchMethodError
  // expect: TypeError
  // expect: Bad state: No element
  // expect: UnsupportedError
  // expect: UnimplementedError: later
  // expect: RangeError
}
