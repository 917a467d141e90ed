// Variables that isolates cannot share.
// flags: --experimental-shared-data
final class Counter {
  int value = 0;
}

class Cell {
  Object? content;
}

// Another one may implement it without a variable.
final class Always implements Cell {
  const Always();
  Object? get content => 1;
  set content(Object? value) {}
}

@pragma('vm:shared')
Counter counter = Counter(); // expect error: instances of 'Counter' can change

@pragma('vm:shared')
Counter? none; // fine: null can be shared

@pragma('vm:shared')
(int, Counter) pair = (1, Counter()); // expect error: instances of 'Counter' can change

@pragma('vm:shared')
Cell cell = const Always();

@pragma('vm:shared')
late int later; // expect error: which a late variable cannot be

class Holder {
  @pragma('vm:shared')
  static late final int last = 1; // expect error: which a late variable cannot be
}

@pragma('vm:shared')
const constant = 1;

void main() => print('$counter $none $pair $cell $later $constant ${Holder.last}');
