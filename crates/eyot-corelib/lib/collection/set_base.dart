part of 'collection.dart';

/// Everything a set does, over `add`, `contains`, `lookup`, `remove`,
/// `iterator`, `length` and `toSet` of a subclass.
abstract mixin class SetBase<E> implements Set<E> {
  const SetBase();

  bool add(E value);

  bool contains(Object? element);

  E? lookup(Object? element);

  bool remove(Object? value);

  Iterator<E> get iterator;

  Set<E> toSet();

  int get length;

  bool get isEmpty => length == 0;

  bool get isNotEmpty => length != 0;

  Set<R> cast<R>() => Set.castFrom<E, R>(this);

  Iterable<E> followedBy(Iterable<E> other) =>
      EfficientLengthFollowedByIterable<E>(this, other);

  Iterable<T> whereType<T>() => WhereTypeIterable<T>(this);

  void clear() {
    removeAll(toList());
  }

  void addAll(Iterable<E> elements) {
    for (final element in elements) {
      add(element);
    }
  }

  void removeAll(Iterable<Object?> elements) {
    for (final element in elements) {
      remove(element);
    }
  }

  void retainAll(Iterable<Object?> elements) {
    final toRemove = toSet();
    for (final element in elements) {
      toRemove.remove(element);
    }
    removeAll(toRemove);
  }

  void removeWhere(bool test(E element)) {
    final toRemove = <Object?>[];
    for (final element in this) {
      if (test(element)) toRemove.add(element);
    }
    removeAll(toRemove);
  }

  void retainWhere(bool test(E element)) {
    final toRemove = <Object?>[];
    for (final element in this) {
      if (!test(element)) toRemove.add(element);
    }
    removeAll(toRemove);
  }

  bool containsAll(Iterable<Object?> other) {
    for (final element in other) {
      if (!contains(element)) return false;
    }
    return true;
  }

  Set<E> union(Set<E> other) => toSet()..addAll(other);

  Set<E> intersection(Set<Object?> other) {
    final result = toSet();
    for (final element in this) {
      if (!other.contains(element)) result.remove(element);
    }
    return result;
  }

  Set<E> difference(Set<Object?> other) {
    final result = toSet();
    for (final element in this) {
      if (other.contains(element)) result.remove(element);
    }
    return result;
  }

  List<E> toList({bool growable = true}) {
    final result = <E>[];
    for (final element in this) {
      result.add(element);
    }
    return growable ? result : List<E>.of(result, growable: false);
  }

  Iterable<T> map<T>(T f(E element)) =>
      EfficientLengthMappedIterable<E, T>(this, f);

  E get single {
    if (length > 1) throw IterableElementError.tooMany();
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    return it.current;
  }

  String toString() => setToString(this);

  /// [set] as text with all its elements.
  static String setToString(Set<Object?> set) =>
      Iterable.iterableToFullString(set, '{', '}');

  Iterable<E> where(bool f(E element)) => WhereIterable<E>(this, f);

  Iterable<T> expand<T>(Iterable<T> f(E element)) =>
      ExpandIterable<E, T>(this, f);

  void forEach(void f(E element)) {
    for (final element in this) {
      f(element);
    }
  }

  E reduce(E combine(E value, E element)) {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    E value = it.current;
    while (it.moveNext()) {
      value = combine(value, it.current);
    }
    return value;
  }

  T fold<T>(T initialValue, T combine(T previousValue, E element)) {
    T value = initialValue;
    for (final element in this) {
      value = combine(value, element);
    }
    return value;
  }

  bool every(bool f(E element)) {
    for (final element in this) {
      if (!f(element)) return false;
    }
    return true;
  }

  String join([String separator = '']) {
    final buffer = StringBuffer();
    buffer.writeAll(this, separator);
    return buffer.toString();
  }

  bool any(bool test(E element)) {
    for (final element in this) {
      if (test(element)) return true;
    }
    return false;
  }

  Iterable<E> take(int n) => TakeIterable<E>(this, n);

  Iterable<E> takeWhile(bool test(E value)) =>
      TakeWhileIterable<E>(this, test);

  Iterable<E> skip(int n) => SkipIterable<E>(this, n);

  Iterable<E> skipWhile(bool test(E value)) =>
      SkipWhileIterable<E>(this, test);

  E get first {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    return it.current;
  }

  E get last {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    E result = it.current;
    while (it.moveNext()) {
      result = it.current;
    }
    return result;
  }

  E firstWhere(bool test(E value), {E orElse()?}) {
    for (final element in this) {
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E lastWhere(bool test(E value), {E orElse()?}) {
    final it = iterator;
    while (it.moveNext()) {
      E result = it.current;
      if (!test(result)) continue;
      while (it.moveNext()) {
        final element = it.current;
        if (test(element)) result = element;
      }
      return result;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E singleWhere(bool test(E value), {E orElse()?}) {
    final it = iterator;
    while (it.moveNext()) {
      final result = it.current;
      if (!test(result)) continue;
      while (it.moveNext()) {
        if (test(it.current)) throw IterableElementError.tooMany();
      }
      return result;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E elementAt(int index) {
    RangeError.checkNotNegative(index, 'index');
    int skipped = 0;
    final it = iterator;
    while (it.moveNext()) {
      if (skipped == index) return it.current;
      skipped++;
    }
    throw IndexError.withLength(index, skipped,
        indexable: this, name: 'index');
  }
}

/// The old name of [SetBase] as a mixin.
typedef SetMixin<E> = SetBase<E>;
