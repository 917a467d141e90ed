// Types that are found out from around an expression.

import 'dart:async';
import 'dart:math' as math;

/// A private field of a function type that mentions the class's parameter is promoted like any other.
class Filter<K> {
  Filter(this._accepts);

  final bool Function(K)? _accepts;

  bool accepts(Object? key) =>
      key is K && (_accepts == null || _accepts(key));
}

int compareNatural<T extends Comparable<T>>(T a, T b) => a.compareTo(b);

int greatest<E>(List<E> values, int Function(E, E) compare) {
  var best = 0;
  for (var i = 1; i < values.length; i++) {
    if (compare(values[i], values[best]) > 0) best = i;
  }
  return best;
}

/// A generic function is instantiated where it is named, before the types around it are joined.
extension Greatest<E extends Comparable<E>> on List<E> {
  int greatestBy([int Function(E, E)? compare]) =>
      greatest<E>(this, compare ?? compareNatural);
}

extension Folding<T> on Iterable<T> {
  List<S> running<S>({required S Function(T, S?) step}) {
    S? last;
    return [for (final value in this) last = step(value, last)];
  }

  List<S> mapped<S>(S Function(T) convert) => [for (final value in this) convert(value)];

  /// What `running` makes is a list of T only if its argument is known to be instantiated with T.
  List<S> firsts<S>(S Function(T) convert) =>
      running(step: keepFirst).mapped(convert);
}

/// A future given for a `FutureOr<S>` says what S is, not that S is a future.
List<S> later<S>(S first, FutureOr<S> Function(S) next) => [first];

Future<int> increased(int n) async => n + 1;

/// What is known to be an S stays a T as well.
Iterable<S> only<T, S>(Iterable<T> values) sync* {
  for (final value in values) {
    if (value is S) yield value;
  }
}

T keepFirst<T>(T value, _) => value;

void main() {
  print(Filter<int>(null).accepts(3)); // expect: true
  print(Filter<int>((n) => n > 3).accepts(3)); // expect: false
  print(Filter<int>(null).accepts('3')); // expect: false
  print(<num>[3, 9.5, 4].greatestBy()); // expect: 1
  print(<num>[3, 9, 4].greatestBy((a, b) => b.compareTo(a))); // expect: 0
  print([1, 2].firsts((n) => n + 0.5)); // expect: [1.5, 2.5]

  print(only<Object, int>([1, 'a', 2]).toList()); // expect: [1, 2]

  print(later(0, increased).runtimeType); // expect: List<int>

  // A literal with types of its own has a say in the types of the call.
  final sum = [1, 2].fold(0, (num sum, num n) => sum + n);
  print(sum); // expect: 3
  final half = [1, 2].fold(0, (num half, n) => half + n / 2);
  print(half); // expect: 1.5

  // A dynamic result becomes what the context knows of it.
  final dynamics = <dynamic>[[1, 2], [3]];
  print(dynamics.expand((list) => list).toList()); // expect: [1, 2, 3]
  try {
    print(dynamics.expand((list) => list.length).toList());
  } on TypeError catch (error) {
    print(error); // expect: type 'int' is not a subtype of type 'Iterable<dynamic>'
  }

  // The bounds of `clamp` are wanted as the result is.
  var height = 0;
  height = (7 / 2).round().clamp(1, math.max(1, 3));
  print(height); // expect: 3
  final double ratio = 2.5.clamp(0, math.min(1, 2));
  print(ratio); // expect: 1.0

  // A switch one of whose values is dynamic is dynamic, also where something else is wanted.
  final dynamic three = 3;
  final counts = <String, int>{};
  print((counts['a'] ?? (switch (height) { 1 => three, _ => 63 })) & 5); // expect: 5
  final int given = switch (height) { 3 => three, _ => 0 };
  print(given); // expect: 3
}
