// Constructors in headers: what their parameters declare, and who sees them.

class Point(final int x, [var y = 2]) {
  final int sum = x + y;
  late final int later = x;
  this : assert(x >= 0) {
    y++;
  }
  new origin() : this(0, 0);
  factory at(int both) => Point(both, both);
}

class const Named({required final String _name, final size = 1.5});

mixin class Plain();

enum Level(final int rank) {
  low(1),
  high(9);
}

extension type const Wrapped([final inner = 'none']);

void main() {
  var p = Point(3);
  print('${p.x} ${p.y} ${p.sum} ${p.later}'); // expect: 3 3 5 3
  print(Point.origin().sum + Point.at(4).sum); // expect: 8
  // Callers know a private named parameter without its underscore; its field's type is that of the default.
  double size = const Named(name: 'n').size;
  print('$size ${Level.high.rank} ${Wrapped().inner.length}'); // expect: 1.5 9 4
}
