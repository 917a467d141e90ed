// Constructors of every kind, inheritance, accessors, operators, static members.
// stress

class Point {
  final double x, y;
  static int made = 0;

  Point(this.x, this.y) {
    made++;
  }
  Point.polar(double length, {double factor = 1}) : this(length * factor, 0);
  Point.origin()
      : x = 0,
        y = 0;
  factory Point.parse(String text) {
    final parts = text.split(',');
    return Point(double.parse(parts[0]), double.parse(parts[1]));
  }

  double get lengthSquared => x * x + y * y;

  Point operator +(Point other) => Point(x + other.x, y + other.y);
  Point operator -() => Point(-x, -y);
  @override
  bool operator ==(Object other) => other is Point && other.x == x && other.y == y;
  @override
  int get hashCode => Object.hash(x, y);
  @override
  String toString() => '($x, $y)';
}

class Point3 extends Point {
  final double z;
  Point3(super.x, super.y, this.z);
  @override
  double get lengthSquared => super.lengthSquared + z * z;
  @override
  String toString() => 'Point3${super.toString()}';
}

abstract class Shape {
  String get name;
  double area();
  String describe() => '$name of ${area()}';
}

class Square implements Shape {
  Square(this._side);
  double _side;
  double get side => _side;
  set side(double value) {
    if (value < 0) throw ArgumentError.value(value, 'side');
    _side = value;
  }

  @override
  String get name => 'square';
  @override
  double area() => side * side;
  @override
  String describe() => 'a $name';
}

class Circle extends Shape {
  @override
  String get name => 'circle';
  @override
  double area() => 3.0;
}

class Matrix {
  final List<int> cells = List.filled(4, 0);
  int operator [](int index) => cells[index];
  void operator []=(int index, int value) => cells[index] = value;
}

class Base {
  final List<String> log = [];
  Base(String name) {
    log.add('Base $name');
    init();
  }
  void init() => log.add('Base.init');
}

class Derived extends Base {
  final String tag = 'tag';
  Derived() : super('from derived') {
    log.add('Derived');
  }
  @override
  void init() => log.add('Derived.init $tag');
}

class Callable {
  int call(int a, [int b = 10]) => a + b;
}

void main() {
  final p = Point(1, 2);
  print(p + Point.polar(3, factor: 2)); // expect: (7.0, 2.0)
  print(-p == Point(-1, -2)); // expect: true
  print(Point.parse('4,5').lengthSquared); // expect: 41.0
  print(Point.origin()); // expect: (0.0, 0.0)
  print(Point3(1, 2, 3).lengthSquared); // expect: 14.0
  print(Point3(1, 2, 3)); // expect: Point3(1.0, 2.0)
  print(Point.made); // expect: 8
  final square = Square(2)..side = 3;
  print(square.area()); // expect: 9.0
  try {
    square.side = -1;
  } on ArgumentError catch (e) {
    print(e.message == null); // expect: true
    print(e.name); // expect: side
  }
  for (final Shape shape in [square, Circle()]) {
    print(shape.describe());
  } // expect: a square
  // expect: circle of 3.0
  final matrix = Matrix();
  matrix[1] = 5;
  matrix[1] += 2;
  matrix[2]++;
  print('${matrix[1]} ${matrix[2]}'); // expect: 7 1
  print(Derived().log); // expect: [Base from derived, Derived.init tag, Derived]
  final c = Callable();
  print(c(1)); // expect: 11
  final int Function(int) f = c.call;
  print(f(5)); // expect: 15
  print({p: 'found'}[Point(1, 2)]); // expect: found
}
