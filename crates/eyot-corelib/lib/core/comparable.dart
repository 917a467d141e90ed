part of 'core.dart';

/// Signature of a function that orders two values: negative, zero, positive.
typedef Comparator<T> = int Function(T a, T b);

/// Has a natural order.
abstract interface class Comparable<T> {
  /// Negative where the receiver sorts before [other], positive where after.
  int compareTo(T other);

  /// Orders two comparables by the first one's [compareTo].
  static int compare(Comparable<dynamic> a, Comparable<dynamic> b) =>
      a.compareTo(b);
}
