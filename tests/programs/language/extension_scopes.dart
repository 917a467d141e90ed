// A name without a receiver in an extension means the extension's own member first, whatever the object has.
extension Odd on int {
  bool get isEven => false;
  int abs() => 99;
  bool get evenHere => isEven;
  bool get evenOnThis => this.isEven;
  int absHere() => abs();
  Function get torn => abs;
  String text() => toString();
}

extension<T> on List<T> {
  T get first => throw StateError('not this one');
  T get firstHere => first;
}

final log = <String>[];

extension Logged on List<int> {
  int get length => 7;
  set length(int value) => log.add('length = $value');
  void change() {
    length = 3;
    length += 1;
    length++;
    this.length = 0;
  }
}

extension One on Map<String, int> {
  int get total => values.fold(0, (sum, value) => sum + value);
  int get twice => 2 * total;
}

extension Two on Map<String, int> {
  int get total => 0;
  int get none => total;
}

void main() {
  print([4.evenHere, 4.evenOnThis, (-3).absHere(), (-3).torn(), 5.text()]); // expect: [false, true, 99, 99, 5]
  try {
    [1].firstHere;
  } on StateError catch (error) {
    print(error.message); // expect: not this one
  }
  final list = [1, 2];
  list.change();
  print([log, list]); // expect: [[length = 3, length = 8, length = 8], []]
  print([{'a': 2}.twice, {'a': 2}.none, One({'a': 2}).total]); // expect: [4, 0, 2]
}
