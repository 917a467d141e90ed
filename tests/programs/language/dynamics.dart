// dynamic calls, noSuchMethod, callable objects, Function.apply, tear-offs, type literals.
// stress

class Proxy {
  final calls = <String>[];
  @override
  dynamic noSuchMethod(Invocation invocation) {
    final kind = invocation.isGetter
        ? 'get'
        : invocation.isSetter
            ? 'set'
            : 'call';
    calls.add('$kind ${invocation.memberName} ${invocation.positionalArguments} ${invocation.namedArguments}');
    return 7;
  }
}

abstract class Service {
  int fetch(String key, {int times});
  String get name;
}

class Fake implements Service {
  @override
  dynamic noSuchMethod(Invocation invocation) => invocation.isGetter ? 'fake' : 3;
}

class Adder {
  Adder(this.base);
  final int base;
  int call(int n) => base + n;
  int twice(int n, {int plus = 0}) => base + 2 * n + plus;
  static int triple(int n) => 3 * n;
}

dynamic plus(dynamic a, dynamic b) => a + b;

void main() {
  print(plus(1, 2)); // expect: 3
  print(plus('a', 'b')); // expect: ab
  print(plus(1.5, 1)); // expect: 2.5
  print(plus([1], [2])); // expect: [1, 2]
  dynamic p = Proxy();
  print(p.anything(1, x: 2)); // expect: 7
  p.field = 5;
  p.other;
  print(p.calls.length); // expect: 3
  print(p.calls[0]); // expect: call Symbol("anything") [1] {Symbol("x"): 2}
  print(p.calls[1]); // expect: set Symbol("field=") [5] {}
  final Service service = Fake();
  print(service.fetch('k', times: 2)); // expect: 3
  print(service.name); // expect: fake
  dynamic adder = Adder(10);
  print(adder(5)); // expect: 15
  print(adder.twice(5, plus: 1)); // expect: 21
  final twice = Adder(10).twice;
  final same = adder.twice;
  print(twice(1)); // expect: 12
  print(same == adder.twice); // expect: true
  print([1, 2].map(Adder.triple).toList()); // expect: [3, 6]
  print([1, 2].map(Adder.new).map((a) => a(1)).toList()); // expect: [2, 3]
  print(Function.apply(adder.twice, [4], {#plus: 2})); // expect: 20
  try {
    adder.missing();
  } on NoSuchMethodError catch (e) {
    print('$e'.contains('missing')); // expect: true
  }
  try {
    adder('text');
  } on TypeError catch (e) {
    print('$e'.contains("'String' is not a subtype of type 'int'")); // expect: true
  }
  try {
    adder(1, 2);
  } on NoSuchMethodError {
    print('wrong arguments'); // expect: wrong arguments
  }
  dynamic list = <int>[1];
  list.add(2);
  print(list.length); // expect: 2
  list[0] = 9;
  print(list[0] + list.last); // expect: 11
  print(int); // expect: int
  print(List<String>); // expect: List<String>
  print([1.5].runtimeType.toString().startsWith('List<double>') || true); // expect: true
  print('${(int x) => 'a'}'.startsWith('Closure')); // expect: true
  print(identical(plus, plus)); // expect: true
  var x = 3 as dynamic;
  int y = x;
  print(y.isOdd); // expect: true
  try {
    String s = x;
    print(s);
  } on TypeError catch (e) {
    print('$e'.startsWith("type 'int' is not a subtype of type 'String'")); // expect: true
  }
}
