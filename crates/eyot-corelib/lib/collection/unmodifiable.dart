part of 'collection.dart';

/// A view of a list through which it cannot be changed.
class UnmodifiableListView<E> extends UnmodifiableListBase<E> {
  final Iterable<E> _source;

  UnmodifiableListView(Iterable<E> source) : _source = source;

  List<R> cast<R>() => UnmodifiableListView<R>(_source.cast<R>());

  int get length => _source.length;

  E operator [](int index) => _source.elementAt(index);
}

/// Makes every operation that changes a set an error.
mixin _UnmodifiableSetMixin<E> implements Set<E> {
  static UnsupportedError _cannotModify() =>
      UnsupportedError('Cannot change an unmodifiable set');

  bool add(E value) => throw _cannotModify();

  void clear() => throw _cannotModify();

  void addAll(Iterable<E> elements) => throw _cannotModify();

  void removeAll(Iterable<Object?> elements) => throw _cannotModify();

  void retainAll(Iterable<Object?> elements) => throw _cannotModify();

  void removeWhere(bool test(E element)) => throw _cannotModify();

  void retainWhere(bool test(E element)) => throw _cannotModify();

  bool remove(Object? value) => throw _cannotModify();
}

/// A view of a set through which it cannot be changed.
class UnmodifiableSetView<E> extends SetBase<E>
    with _UnmodifiableSetMixin<E> {
  final Set<E> _source;

  UnmodifiableSetView(Set<E> source) : _source = source;

  bool contains(Object? element) => _source.contains(element);

  E? lookup(Object? element) => _source.lookup(element);

  int get length => _source.length;

  Iterator<E> get iterator => _source.iterator;

  Set<E> toSet() => _source.toSet();
}
