part of 'core.dart';

/// A collection that has each of its elements once.
abstract interface class Set<E> implements Iterable<E>, EfficientLengthIterable<E> {
  factory Set() = LinkedHashSet<E>;

  factory Set.identity() = LinkedHashSet<E>.identity;

  factory Set.from(Iterable elements) = LinkedHashSet<E>.from;

  factory Set.of(Iterable<E> elements) = LinkedHashSet<E>.of;

  factory Set.unmodifiable(Iterable<E> elements) =>
      _unmodifiableSet<E>(LinkedHashSet<E>.of(elements));

  static Set<T> castFrom<S, T>(Set<S> source, {Set<R> Function<R>()? newSet}) =>
      CastSet<S, T>(source, newSet);

  Set<R> cast<R>();

  Iterator<E> get iterator;

  bool contains(Object? value);

  bool add(E value);

  void addAll(Iterable<E> elements);

  bool remove(Object? value);

  E? lookup(Object? object);

  void removeAll(Iterable<Object?> elements);

  void retainAll(Iterable<Object?> elements);

  void removeWhere(bool test(E element));

  void retainWhere(bool test(E element));

  bool containsAll(Iterable<Object?> other);

  Set<E> intersection(Set<Object?> other);

  Set<E> union(Set<E> other);

  Set<E> difference(Set<Object?> other);

  void clear();

  Set<E> toSet();
}

/// Native: an unmodifiable set with the elements of [set], a fresh one that
/// the caller forgets.
external Set<E> _unmodifiableSet<E>(Set<E> set);
