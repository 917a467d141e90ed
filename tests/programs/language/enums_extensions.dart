// Enhanced enums, extensions, records, typedefs, cascades, strings.
// stress

enum Planet implements Comparable<Planet> {
  mercury(mass: 3.3, moons: []),
  earth(mass: 59.7, moons: ['Moon']),
  mars.small(['Phobos', 'Deimos']);

  const Planet({required this.mass, required this.moons});
  const Planet.small(this.moons) : mass = 6.4;

  final double mass;
  final List<String> moons;
  static const heaviest = earth;
  bool get hasMoons => moons.isNotEmpty;

  @override
  int compareTo(Planet other) => mass.compareTo(other.mass);
}

enum Color { red, green, blue }

extension on String {
  String get shout => '${toUpperCase()}!';
  String operator /(int n) => List.filled(n, this).join('-');
}

extension Pairs<T> on List<T> {
  Iterable<(T, T)> get pairs sync* {
    for (var i = 0; i + 1 < length; i++) {
      yield (this[i], this[i + 1]);
    }
  }

  T second() => this[1];
  static int count = 0;
}

extension NullableInt on int? {
  int get orZero => this ?? 0;
}

typedef Compare<T> = int Function(T a, T b);

({int min, int max}) range(List<int> list) {
  var (min, max) = (list.first, list.first);
  for (final x in list) {
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return (min: min, max: max);
}

void main() {
  print(Planet.values.map((p) => p.name).toList()); // expect: [mercury, earth, mars]
  print(Planet.mars.index); // expect: 2
  print(Planet.heaviest); // expect: Planet.earth
  print(Planet.mars.compareTo(Planet.mercury)); // expect: 1
  print(Planet.values.where((p) => p.hasMoons).length); // expect: 2
  print(Color.values.byName('green')); // expect: Color.green
  String say(Color c) => switch (c) {
        Color.red => 'stop',
        Color.green => 'go',
        Color.blue => 'what',
      };
  print(Color.values.map(say).join(' ')); // expect: stop go what
  print({Color.red: 1}[Color.red]); // expect: 1

  print('hi'.shout); // expect: HI!
  print('ab' / 2); // expect: ab-ab
  print([1, 2, 3].pairs.toList()); // expect: [(1, 2), (2, 3)]
  print(Pairs(['x', 'y']).second()); // expect: y
  Pairs.count++;
  print(Pairs.count); // expect: 1
  int? nothing;
  print(nothing.orZero + 3.orZero); // expect: 3

  final r = range([4, 2, 8]);
  print('${r.min}..${r.max} $r'); // expect: 2..8 (max: 8, min: 2)
  print((1, 'a') == (1, 'a')); // expect: true
  print((1, x: 2).hashCode == (1, x: 2).hashCode); // expect: true
  final (int, {String name}) record = (1, name: 'n');
  print('${record.$1} ${record.name}'); // expect: 1 n
  print(record.runtimeType); // expect: (int, {String name})

  Compare<String> byLength = (a, b) => a.length - b.length;
  print((['ccc', 'a', 'bb']..sort(byLength)).first); // expect: a

  const name = 'World';
  print('Hello, $name! ${name.length * 2} ${'nested ${name[0]}'}'); // expect: Hello, World! 10 nested W
  print(r'raw $name \n'); // expect: raw $name \n
  print('tab\tq\'uote \u{1F600} \x41'); // expect: tab	q'uote 😀 A
  print('''two
lines'''.split('\n').length); // expect: 2
  print('a,b,,c'.split(',')); // expect: [a, b, , c]
  print('banana'.replaceAll('an', 'AN').indexOf('N')); // expect: 2
  print('  trim '.trim().padLeft(6, '*').padRight(8, '-')); // expect: **trim--
  print('abc'.compareTo('abd')); // expect: -1
  print('über'.toUpperCase()); // expect: ÜBER
  print('😀'.length); // expect: 2
  print('😀'.runes.length); // expect: 1
  print(String.fromCharCodes([72, 105])); // expect: Hi
  print('abc'.codeUnits); // expect: [97, 98, 99]
  final buffer = StringBuffer('a')
    ..write(1)
    ..writeAll(['x', 'y'], '/')
    ..writeln()
    ..writeCharCode(90);
  print(buffer.toString().length); // expect: 7
  print('a' 'b' "c"); // expect: abc
  print(identical('con' 'cat', 'concat')); // expect: true
  print(#symbol == const Symbol('symbol')); // expect: true
}
