// Extension types: their members are found statically, and nothing but the value is there at run time.
// stress

extension type const Id(int i) {
  Id.zero() : i = 0;
  Id.twice(int x) : this(x * 2);
  Id.small(this.i) : assert(i > 0) {
    if (i > 100) return;
    print('small $i ${this.i} $this');
  }
  factory Id.parse(String text) => Id(int.parse(text));
  factory Id.again(int x) = Id.twice;

  static int count = 3;
  static Id make() => Id(9);

  int get next => i + 1;
  set value(int v) => print('set $v');
  int add(int other, {int more = 1}) => i + other + more;
  T same<T>(T x) => x;
  int call(int x) => x + i;
  bool operator <(Id other) => i < other.i;
  int operator [](int k) => i * k;
  void operator []=(int k, int v) => print('[$k] = $v');
}

extension type Amount<T extends num>(T n) implements num {
  List<T> get list => [n];
}

extension type Chain<X>(List<X> list) implements List<X> {
  X get second => list[1];
  void each(void f(X x)) {
    for (var e in this) f(e);
  }
}

extension type Base(Object o) {
  String name() => 'Base.name';
  String shown() => 'Base $o';
}

extension type Derived(String s) implements Base {
  String name() => 'Derived.name ${s.length}';
}

extension type Maybe(int? _x) {
  int get value => _x == null ? -1 : _x;
}

extension on Id {
  String get tag => 'tag $i';
}

void main() {
  constructors();
  members();
  superinterfaces();
  atRunTime();
}

void constructors() {
  print([Id(3), Id.zero(), Id.twice(4), Id.parse('12'), Id.again(5)]); // expect: [3, 0, 8, 12, 10]
  Id.small(5); // expect: small 5 5 5
  print(Id.small(500)); // expect: 500
  var make = Id.new;
  print(make(4).next); // expect: 5
  const c = Id(4);
  print(identical(c, 4)); // expect: true
  print(identical(const <Id>[Id(1)], const <int>[1])); // expect: true
}

void members() {
  var id = Id(3);
  print('${id.i} ${id.next} ${id.add(1)} ${id.add(1, more: 5)}'); // expect: 3 4 5 9
  id.value = 7; // expect: set 7
  print(id.same<Object>('x')); // expect: x
  print('${Id.count++} ${Id.count} ${Id.make()}'); // expect: 3 4 9
  print('${id(4)} ${id[2]} ${id < Id(5)}'); // expect: 7 6 true
  id[1] += 2; // expect: [1] = 5
  var add = id.add;
  int Function(int) call = id;
  print('${add(1)} ${call(10)}'); // expect: 5 13
  print(id.tag); // expect: tag 3
  Id? none = [Id(1)].length == 2 ? id : null;
  print('${none?.next} ${none == null}'); // expect: null true
  print('${Maybe(null).value} ${Maybe(4).value}'); // expect: -1 4
  switch (id) {
    case Id(next: var n) when n > 3:
      print('next $n'); // expect: next 4
  }
}

void superinterfaces() {
  var amount = Amount(2.5);
  num n = amount;
  print('${amount + 1} $n ${amount.list.runtimeType}'); // expect: 3.5 2.5 List<double>
  var chain = Chain([1, 2, 3]);
  print('${chain.length} ${chain.second}'); // expect: 3 2
  chain.each((x) => print(x.isEven)); // expect: false
  // expect: true
  // expect: false
  var derived = Derived('abc');
  Base base = derived;
  print('${derived.name()} ${base.name()} ${derived.shown()}'); // expect: Derived.name 3 Base.name Base abc
}

void atRunTime() {
  Object three = 3;
  print('${three is Id} ${'' is Id} ${(three as Id).next}'); // expect: true false 4
  print('${<Id>[].runtimeType} $Id ${Amount<int>}'); // expect: List<int> int int
  print('${Id(3) == 3} ${Id(3).hashCode == 3.hashCode}'); // expect: true true
  dynamic d = 5;
  Id id = d;
  print(id.next); // expect: 6
  d = 'no';
  id = d; // expect uncaught: is not a subtype of type 'int'
}
