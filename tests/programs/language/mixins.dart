// Mixins: fields, super calls through the chain, generics, on-clauses, mixin classes.
// stress

abstract class Logger {
  final List<String> lines = [];
  void log(String text) => lines.add(text);
}

mixin Stamped on Logger {
  int count = 0;
  @override
  void log(String text) {
    count++;
    super.log('$count:$text');
  }
}

mixin Loud on Logger {
  @override
  void log(String text) => super.log(text.toUpperCase());
}

class One extends Logger with Stamped, Loud {}

class Other extends Logger with Loud, Stamped {}

mixin Named<T> {
  T? tag;
  late final String title = 'title of $tag';
  Type get type => T;
  bool fits(Object? o) => o is T;
}

class A with Named<int> {}

class B<X> extends A with Cached<List<X>> {}

mixin Cached<V> {
  final Map<String, V> cache = {};
  V lookup(String key, V Function() make) => cache[key] ??= make();
  Type get valueType => V;
}

mixin class Both {
  String hello() => 'hello from $runtimeType';
}

class UsesBoth extends Object with Both {}

class ExtendsBoth extends Both {}

class Short = Object with Both, Named<String>;

void main() {
  final one = One()
    ..log('a')
    ..log('b');
  print('${one.lines} ${one.count}'); // expect: [1:A, 2:B] 2
  final other = Other()..log('c');
  print(other.lines); // expect: [1:C]
  final a = A()..tag = 5;
  print('${a.title} ${a.type} ${a.fits(1)} ${a.fits('x')}'); // expect: title of 5 int true false
  final b = B<String>();
  print(b.lookup('k', () => ['made'])); // expect: [made]
  print(b.lookup('k', () => ['again'])); // expect: [made]
  print('${b.valueType} ${b.type} ${b is Cached<List<String>>} ${b is Named<int>}'); // expect: List<String> int true true
  print(UsesBoth().hello()); // expect: hello from UsesBoth
  print(ExtendsBoth().hello()); // expect: hello from ExtendsBoth
  final short = Short()..tag = 'x';
  print('${short.hello()} ${short.title}'); // expect: hello from Short title of x
  print(one is Stamped && one is Loud && one is Logger); // expect: true
}
