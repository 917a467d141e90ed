part of 'math.dart';

/// What both kinds of rectangles do.
abstract class _RectangleBase<T extends num> {
  const _RectangleBase();

  T get left;

  T get top;

  T get width;

  T get height;

  T get right => (left + width) as T;

  T get bottom => (top + height) as T;

  String toString() => 'Rectangle ($left, $top) $width x $height';

  bool operator ==(Object other) =>
      other is Rectangle &&
      left == other.left &&
      top == other.top &&
      right == other.right &&
      bottom == other.bottom;

  int get hashCode => SystemHash.hash4(
      left.hashCode, top.hashCode, right.hashCode, bottom.hashCode);

  Rectangle<T>? intersection(Rectangle<T> other) {
    final x0 = max(left, other.left);
    final x1 = min(left + width, other.left + other.width);
    if (x0 <= x1) {
      final y0 = max(top, other.top);
      final y1 = min(top + height, other.top + other.height);
      if (y0 <= y1) {
        return Rectangle<T>(x0, y0, (x1 - x0) as T, (y1 - y0) as T);
      }
    }
    return null;
  }

  bool intersects(Rectangle<num> other) =>
      left <= other.left + other.width &&
      other.left <= left + width &&
      top <= other.top + other.height &&
      other.top <= top + height;

  Rectangle<T> boundingBox(Rectangle<T> other) {
    final rightEdge = max(left + width, other.left + other.width);
    final bottomEdge = max(top + height, other.top + other.height);
    final leftEdge = min(left, other.left);
    final topEdge = min(top, other.top);
    return Rectangle<T>(leftEdge, topEdge, (rightEdge - leftEdge) as T,
        (bottomEdge - topEdge) as T);
  }

  bool containsRectangle(Rectangle<num> another) =>
      left <= another.left &&
      left + width >= another.left + another.width &&
      top <= another.top &&
      top + height >= another.top + another.height;

  bool containsPoint(Point<num> another) =>
      another.x >= left &&
      another.x <= left + width &&
      another.y >= top &&
      another.y <= top + height;

  Point<T> get topLeft => Point<T>(left, top);

  Point<T> get topRight => Point<T>((left + width) as T, top);

  Point<T> get bottomRight =>
      Point<T>((left + width) as T, (top + height) as T);

  Point<T> get bottomLeft => Point<T>(left, (top + height) as T);
}

/// A negative length as a rectangle's constructor takes it: the zero of its
/// type. (Zero times infinity is no number.)
T _clampToZero<T extends num>(T value) =>
    (value < 0 ? (value == double.negativeInfinity ? 0.0 : -value * 0) : value)
        as T;

/// A rectangle whose sides are parallel to the axes; it never changes.
class Rectangle<T extends num> extends _RectangleBase<T> {
  final T left;
  final T top;
  final T width;
  final T height;

  const Rectangle(this.left, this.top, T width, T height)
      : width = (width < 0
            ? (width == double.negativeInfinity ? 0.0 : -width * 0)
            : width) as T,
        height = (height < 0
            ? (height == double.negativeInfinity ? 0.0 : -height * 0)
            : height) as T;

  factory Rectangle.fromPoints(Point<T> a, Point<T> b) {
    final left = min(a.x, b.x);
    final width = (max(a.x, b.x) - left) as T;
    final top = min(a.y, b.y);
    final height = (max(a.y, b.y) - top) as T;
    return Rectangle<T>(left, top, width, height);
  }
}

/// A rectangle that can be moved and resized.
class MutableRectangle<T extends num> extends _RectangleBase<T>
    implements Rectangle<T> {
  T left;
  T top;
  T _width;
  T _height;

  MutableRectangle(this.left, this.top, T width, T height)
      : _width = _clampToZero<T>(width),
        _height = _clampToZero<T>(height);

  factory MutableRectangle.fromPoints(Point<T> a, Point<T> b) {
    final left = min(a.x, b.x);
    final width = (max(a.x, b.x) - left) as T;
    final top = min(a.y, b.y);
    final height = (max(a.y, b.y) - top) as T;
    return MutableRectangle<T>(left, top, width, height);
  }

  T get width => _width;

  void set width(T width) {
    _width = _clampToZero<T>(width);
  }

  T get height => _height;

  void set height(T height) {
    _height = _clampToZero<T>(height);
  }
}
