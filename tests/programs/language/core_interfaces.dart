// Calls through interfaces of the core libraries that strings and numbers implement beside other classes.

String first(Pattern pattern, String text) =>
    pattern.matchAsPrefix(text)?.group(0) ?? 'none';

int order(Comparable<Object> a, Object b) => a.compareTo(b);

String text(Object? value) => value.toString();

String textOf(Pattern pattern) => pattern.toString();

void main() {
  print(first('ab', 'abc')); // expect: ab
  print(first(RegExp('a.c'), 'abc')); // expect: abc
  print(first('é∀', 'é∀x')); // expect: é∀
  print(first('x', 'abc')); // expect: none
  print(textOf('plain')); // expect: plain
  print('a-b-c'.split('-' as Pattern)); // expect: [a, b, c]
  print(order('b', 'a')); // expect: 1
  print(order(1, 2.5)); // expect: -1
  print(order(const Duration(seconds: 1), Duration.zero)); // expect: 1
  print(text((1, 'x'))); // expect: (1, x)
  print(text(int)); // expect: int
}
