// Generic classes are covariant, so who knows an object by a supertype may pass what does not fit. It is refused where it arrives, also by
// members whose own types say nothing of type parameters.

class Box<T> {
  T? held;
  void put(T value) => held = value;
  void maybe([T? value]) => held = value;
  void named({required T value}) => held = value;
  set last(T value) => held = value;
  String sort<S extends T>() => '$S';
}

class IntBox extends Box<int> {
  @override
  void put(int value) => print(value + 1);
  @override
  void maybe([int? value]) => print(value);
  @override
  String sort<S extends int>() => 'int: $S';
}

class TextBox implements Box<String> {
  @override
  String? held;
  @override
  void put(String value) => print(value.length);
  @override
  void maybe([String? value]) => print(value?.length);
  @override
  void named({required String value}) => print(value.length);
  @override
  set last(String value) => print(value.length);
  @override
  String sort<S extends String>() => 'String: $S';
}

/// Knows nothing of boxes.
class Printer {
  void put(String value) => print(value.length);
}

abstract class Puts<T> {
  void put(T value);
}

class PrinterBox extends Printer implements Puts<String> {}

mixin Doubling<T extends num> {
  void put(T value) => print(value * 2);
}

class DoublingBox with Doubling<int> implements Puts<int> {}

void attempt(String name, void Function() action) {
  try {
    action();
    print('$name: done');
  } on TypeError catch (error) {
    print('$name: $error');
  }
}

void main() {
  Box<num> numbers = IntBox();
  attempt('put', () => numbers.put(1.5)); // expect: put: type 'double' is not a subtype of type 'int' of 'value'
  attempt('maybe', () => numbers.maybe(1.5)); // expect: maybe: type 'double' is not a subtype of type 'int?' of 'value'
  attempt('held', () => numbers.held = 1.5); // expect: held: type 'double' is not a subtype of type 'int?' of 'value'
  attempt('sort', () => print(numbers.sort<double>())); // expect: sort: type 'double' is not a subtype of type 'int' of type parameter 0
  numbers.put(1); // expect: 2

  Box<Object> objects = TextBox();
  attempt('put', () => objects.put(1)); // expect: put: type 'int' is not a subtype of type 'String' of 'value'
  attempt('named', () => objects.named(value: 1)); // expect: named: type 'int' is not a subtype of type 'String' of 'value'
  attempt('last', () => objects.last = 1); // expect: last: type 'int' is not a subtype of type 'String' of 'value'
  attempt('held', () => objects.held = 1); // expect: held: type 'int' is not a subtype of type 'String?' of 'value'
  objects.put('abc'); // expect: 3

  Puts<Object> puts = PrinterBox();
  attempt('put', () => puts.put(1)); // expect: put: type 'int' is not a subtype of type 'String' of 'value'
  puts.put('ab'); // expect: 2
  Printer().put('a'); // expect: 1
  puts = DoublingBox();
  attempt('put', () => puts.put(1.5)); // expect: put: type 'double' is not a subtype of type 'int' of 'value'
  puts.put(4); // expect: 8

  // A torn-off method takes anything, and checks.
  final torn = objects.put;
  print(TextBox().put is void Function(Object?)); // expect: true
  attempt('torn', () => torn(1)); // expect: torn: type 'int' is not a subtype of type 'String' of 'value'
  List<Object> texts = <String>['a'];
  attempt('add', () => texts.add(1)); // expect: add: type 'int' is not a subtype of type 'String' of 'value'
  attempt('add', () => (texts as dynamic).add(1)); // expect: add: type 'int' is not a subtype of type 'String' of 'value'
  print(texts); // expect: [a]

  // What the core declares.
  Comparable<Object> natural = 1;
  attempt('int', () => natural.compareTo('x')); // expect: int: type 'String' is not a subtype of type 'num' of 'other'
  natural = 'x';
  attempt('String', () => natural.compareTo(1)); // expect: String: type 'int' is not a subtype of type 'String' of 'other'
  natural = Duration.zero;
  attempt('Duration', () => natural.compareTo(1)); // expect: Duration: type 'int' is not a subtype of type 'Duration' of 'other'
}
