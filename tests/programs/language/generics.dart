// Reified generics, bounds, inference, covariance checks.
// stress

class Box<T> {
  Box(this.value);
  T value;
  Type get type => T;
  bool holds(Object? other) => other is T;
  Box<R> map<R>(R Function(T) f) => Box<R>(f(value));
  @override
  String toString() => 'Box<$T>($value)';
}

class Pair<A, B> extends Box<A> {
  Pair(super.value, this.second);
  B second;
  Pair<B, A> get swapped => Pair(second, value);
}

class Names extends Pair<String, int> {
  Names() : super('n', 1);
}

T biggest<T extends Comparable<T>>(List<T> items) {
  var best = items.first;
  for (final item in items) {
    if (item.compareTo(best) > 0) best = item;
  }
  return best;
}

Map<K, List<V>> group<K, V>(Iterable<V> items, K Function(V) key) {
  final groups = <K, List<V>>{};
  for (final item in items) {
    groups.putIfAbsent(key(item), () => []).add(item);
  }
  return groups;
}

void main() {
  print(Box(1)); // expect: Box<int>(1)
  print(Box<num>(1)); // expect: Box<num>(1)
  print(Box('a').map((s) => s.length * 1.5)); // expect: Box<double>(1.5)
  final pair = Pair('x', 2);
  print(pair.swapped.type); // expect: int
  print(pair is Box<String>); // expect: true
  print(pair is Box<int>); // expect: false
  print(pair.swapped is Pair<int, String>); // expect: true
  print(Names().swapped is Box<int>); // expect: true
  print(Names().type); // expect: String
  print(Box<num>(0).holds(1.5)); // expect: true
  print(Box<int>(0).holds(1.5)); // expect: false
  print(biggest(['pear', 'zebra', 'apple'])); // expect: zebra
  print(biggest<num>([1, 2.5, 2])); // expect: 2.5
  print(group([1, 2, 3, 4], (n) => n.isEven)); // expect: {false: [1, 3], true: [2, 4]}
  print(group(['a', 'bb'], (s) => s.length).runtimeType.toString().contains('<int, List<String>>')); // expect: true
  print(<int>[].runtimeType == <String>[].runtimeType); // expect: false
  List<num> numbers = <int>[1];
  try {
    numbers.add(1.5);
    print('not checked');
  } on TypeError {
    print('checked'); // expect: checked
  }
  Box<num> box = Box<int>(1);
  try {
    box.value = 2.5;
    print('not checked');
  } on TypeError {
    print('checked'); // expect: checked
  }
  Object f = biggest<String>;
  print(f is String Function(List<String>)); // expect: true
  print(f is int Function(List<int>)); // expect: false
  T identity<T>(T x) => x;
  print((identity<String>) is String Function(String)); // expect: true
  int Function(int) specific = identity;
  print(specific(4)); // expect: 4
  // Raw types: bounds, `dynamic` in circles, `Never` where a function type takes its parameter.
  print(Sorted); // expect: Sorted<Comparable<dynamic>>
  print(Taker); // expect: (Comparable<Never>) => void
  print(Maker); // expect: () => List<num>
}

class Sorted<T extends Comparable<T>> {}

typedef Taker<T extends Comparable<T>> = void Function(T);
typedef Maker<T extends num, L extends List<T>> = L Function();
