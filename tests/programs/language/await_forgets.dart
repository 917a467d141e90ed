// What an async function does not use after an await is not kept alive by it.
import 'dart:async';
import 'dart:typed_data';

final class Big {
  final int number;
  Big(this.number);
}

late WeakReference<Big> weak;

Big make(int number) {
  final big = Big(number);
  weak = WeakReference(big);
  return big;
}

Future<void> pass() async {
  await Future<void>.delayed(Duration.zero);
  collect();
}

void collect() {
  for (var i = 0; i < 200; i++) {
    Uint8List(1 << 20);
  }
}

String get state => weak.target == null ? 'gone' : 'kept';

Future<void> usedBeforeOnly() async {
  final big = make(1);
  print(big.number); // expect: 1
  await pass();
  print(state); // expect: gone
}

Future<void> usedAfter() async {
  final big = make(2);
  await pass();
  print(state); // expect: kept
  print(big.number); // expect: 2
}

Future<void> assignedAfter() async {
  final seen = <Object>[];
  var big = make(3);
  for (var i = 0; i < 2; i++) {
    seen.add(big.number);
    await pass();
    seen.add(state);
    big = make(4);
  }
  print(seen); // expect: [3, gone, 4, gone]
}

Future<void> usedByHandler() async {
  final big = make(5);
  try {
    await Future<void>.error('no');
  } catch (error) {
    print('$error $state ${big.number}'); // expect: no kept 5
  } finally {
    print(big.number); // expect: 5
  }
  await pass();
  print(state); // expect: gone
}

Future<void> usedInClosure() async {
  final big = make(6);
  int read() => big.number;
  await pass();
  print('$state ${read()}'); // expect: kept 6
}

Stream<int> yields() async* {
  final big = make(7);
  yield big.number;
  await pass();
  yield 8;
}

Iterable<String> syncYields() sync* {
  final big = make(9);
  yield '${big.number}';
  collect();
  yield state;
}

class Holder {
  final big = make(10);

  Future<void> work() async {
    await pass();
    print(state); // expect: kept
    print(big.number); // expect: 10
  }
}

Future<void> manyVariables() async {
  final a = make(11);
  var sum = a.number;
  for (final (x, y) in [(1, 2), (3, 4)]) {
    await pass();
    sum += x * y;
    switch (sum) {
      case 13:
        await pass();
      case final other when other > 20:
        sum += await Future.value(a.number);
    }
  }
  print('$sum $state'); // expect: 36 kept
}

Future<void> main() async {
  await usedBeforeOnly();
  await usedAfter();
  await assignedAfter();
  await usedByHandler();
  await usedInClosure();
  await Holder().work();
  await manyVariables();
  print(await yields().toList()); // expect: [7, 8]
  print(syncYields().toList()); // expect: [9, gone]
}
