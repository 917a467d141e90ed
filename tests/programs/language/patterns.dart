// Patterns: switch expressions and statements, destructuring, guards, logical patterns, if-case.
// stress

sealed class Shape {}

class Circle extends Shape {
  Circle(this.radius);
  final double radius;
}

class Rect extends Shape {
  Rect(this.width, this.height);
  final double width, height;
}

double area(Shape shape) => switch (shape) {
      Circle(:final radius) => radius * radius * 3,
      Rect(width: final w, height: final h) => w * h,
    };

String kind(Object? value) => switch (value) {
      null => 'null',
      0 || 1 => 'bit',
      int n when n < 0 => 'negative $n',
      int() => 'int',
      double(isNegative: false) && (>= 1.5 && < 2.5) => 'about two',
      double _ => 'double',
      'yes' || 'no' => 'answer',
      String(length: 0) => 'empty',
      String s => 'text of ${s.length}',
      [] => 'empty list',
      [final only] => 'one: $only',
      [int a, ..., int b] => 'ints from $a to $b',
      [_, ...final rest] => 'more: $rest',
      {'name': String name, 'age': int age} => '$name is $age',
      (int x, y: int y) => 'record ${x + y}',
      (_, _) => 'pair',
      Rect(width: > 10) => 'wide',
      Shape() => 'shape',
      _ => 'other',
    };

int days(String month) {
  switch (month) {
    case 'feb':
      return 28;
    case 'apr' || 'jun':
    case 'sep':
    case 'nov':
      return 30;
    default:
      return 31;
  }
}

void main() {
  print(area(Circle(2)) + area(Rect(2, 3))); // expect: 18.0
  final values = <Object?>[
    null, 1, -5, 7, 2.0, 9.5, 'yes', '', 'abc', [], ['x'], [1, 'a', 3], ['a', 2], //
    {'name': 'Ann', 'age': 3, 'more': 0}, (1, y: 2), (1, 2), Rect(11, 1), Circle(1), Object,
  ];
  for (final value in values) {
    print(kind(value));
  }
  // expect: null
  // expect: bit
  // expect: negative -5
  // expect: int
  // expect: about two
  // expect: double
  // expect: answer
  // expect: empty
  // expect: text of 3
  // expect: empty list
  // expect: one: x
  // expect: ints from 1 to 3
  // expect: more: [2]
  // expect: Ann is 3
  // expect: record 3
  // expect: pair
  // expect: wide
  // expect: shape
  // expect: other
  print([for (final m in ['feb', 'apr', 'jun', 'sep', 'may']) days(m)]); // expect: [28, 30, 30, 30, 31]

  var (a, b) = (1, 2);
  (a, b) = (b, a);
  print('$a $b'); // expect: 2 1
  final [first, _, ...tail] = [1, 2, 3, 4];
  print('$first $tail'); // expect: 1 [3, 4]
  final {'x': x, 'y': y} = {'x': 10, 'y': 20};
  print(x + y); // expect: 30
  final Rect(:width, height: tall) = Rect(5, 6);
  print(width * tall); // expect: 30.0
  final (:min, :max) = (min: 1, max: 9);
  print(max - min); // expect: 8

  final Object json = {'user': {'tags': ['a', 'b']}};
  if (json case {'user': {'tags': [String tag, ...]}}) {
    print(tag); // expect: a
  } else {
    print('no match');
  }
  if (json case {'user': int _}) print('wrong');
  for (final MapEntry(:key, :value) in {'k': 1, 'l': 2}.entries) {
    print('$key=$value');
  }
  // expect: k=1
  // expect: l=2
  try {
    final [only] = [1, 2];
    print(only);
  } on StateError {
    print('no match'); // expect: no match
  }
  final int? maybe = values.length > 3 ? 4 : null;
  switch (maybe) {
    case final n?:
      print(n); // expect: 4
    case null:
      print('null');
  }
  outer:
  switch (3) {
    case 3:
      for (var i = 0;; i++) {
        if (i == 2) break outer;
      }
    case 4:
      print('fell through');
  }
  print('end'); // expect: end
  invocationKeys();
  laterCases();
  dynamicRecords();
}

/// Says what is asked of it.
class Asked {
  Asked(this._value);
  final int _value;
  int get value {
    log.write('value;');
    return _value;
  }

  bool operator >(int other) {
    log.write('> $other;');
    return _value > other;
  }

  int operator [](String key) {
    log.write('[$key];');
    return _value;
  }
}

final log = StringBuffer();

/// Patterns of one switch ask each thing once.
void invocationKeys() {
  final Object asked = Asked(3);
  final found = switch (asked) {
    Asked(value: 1) => 'one',
    Asked(value: 2) || Asked(value: > 5) => 'two or many',
    Asked(:final value) when value > 3 => 'more',
    Asked(value: var other) => 'other $other',
    _ => 'none',
  };
  print('$found $log'); // expect: other 3 value;
  log.clear();
  switch (Asked(2)) {
    case > 4:
    case > 3:
      print('big');
    case > 4:
      print('no');
    case > 1:
      print('small $log'); // expect: small > 4;> 3;> 1;
  }
  log.clear();
  // Every match asks anew.
  for (final asked in [Asked(1), Asked(2)]) {
    if (asked case Asked(value: 1) || Asked(value: 2)) print('$log');
    // expect: value;
    // expect: value;value;
  }
}

/// What earlier cases rule out, later ones need not test.
String ruledOut(Map<String, String> map, num n) {
  final text = switch (map['key']) {
    null => 'none',
    final value => value.toUpperCase(),
  };
  switch (map['other']) {
    case null:
      return '$text, nothing';
    case var other:
      return '$text, ${other.trim()}, ${switch (n) { int i => i.bitLength, final other => other.floor() }}';
  }
}

void laterCases() {
  print(ruledOut({'key': 'v'}, 1)); // expect: V, nothing
  print(ruledOut({'other': ' o '}, 8)); // expect: none, o, 4
}

/// Fields of records are found by dynamic calls too.
void dynamicRecords() {
  dynamic pair = (1, name: (int x) => x + 1);
  print(pair.$1); // expect: 1
  print(pair.name(4)); // expect: 5
  print((pair.$1,)); // expect: (1)
  try {
    pair.$2;
  } on NoSuchMethodError {
    print('no such field'); // expect: no such field
  }
}
