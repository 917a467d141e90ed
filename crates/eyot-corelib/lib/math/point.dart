part of 'math.dart';

/// A position in two dimensions.
class Point<T extends num> {
  final T x;

  final T y;

  const Point(T x, T y)
      : this.x = x,
        this.y = y;

  String toString() => 'Point($x, $y)';

  bool operator ==(Object other) =>
      other is Point && x == other.x && y == other.y;

  int get hashCode => SystemHash.hash2(x.hashCode, y.hashCode);

  Point<T> operator +(Point<T> other) =>
      Point<T>((x + other.x) as T, (y + other.y) as T);

  Point<T> operator -(Point<T> other) =>
      Point<T>((x - other.x) as T, (y - other.y) as T);

  Point<T> operator *(num factor) =>
      Point<T>((x * factor) as T, (y * factor) as T);

  double get magnitude => sqrt(x * x + y * y);

  double distanceTo(Point<T> other) => sqrt(squaredDistanceTo(other));

  T squaredDistanceTo(Point<T> other) {
    final dx = x - other.x;
    final dy = y - other.y;
    return (dx * dx + dy * dy) as T;
  }
}
