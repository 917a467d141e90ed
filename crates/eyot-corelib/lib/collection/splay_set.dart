part of 'collection.dart';

/// A set in the order of its elements.
final class SplayTreeSet<E> extends _SplayTree<E> with SetBase<E> {
  SplayTreeSet(
      [int compare(E key1, E key2)?, bool isValidKey(dynamic potentialKey)?])
      : super(compare, isValidKey);

  factory SplayTreeSet.from(Iterable elements,
      [int compare(E key1, E key2)?,
      bool isValidKey(dynamic potentialKey)?]) {
    final result = SplayTreeSet<E>(compare, isValidKey);
    for (final Object? element in elements) {
      result.add(element as E);
    }
    return result;
  }

  factory SplayTreeSet.of(Iterable<E> elements,
          [int compare(E key1, E key2)?,
          bool isValidKey(dynamic potentialKey)?]) =>
      SplayTreeSet<E>(compare, isValidKey)..addAll(elements);

  Set<T> _newSet<T>() =>
      SplayTreeSet<T>((T a, T b) => _compare(a as E, b as E), _validKey);

  Set<R> cast<R>() => Set.castFrom<E, R>(this, newSet: _newSet);

  Iterator<E> get iterator => _SplayKeyIterator<E>(this);

  int get length => _count;

  bool get isEmpty => _root == null;

  bool get isNotEmpty => _root != null;

  E get first {
    final node = _firstNode;
    if (node == null) throw IterableElementError.noElement();
    return node.key;
  }

  E get last {
    final node = _lastNode;
    if (node == null) throw IterableElementError.noElement();
    return node.key;
  }

  E get single {
    if (_count == 0) throw IterableElementError.noElement();
    if (_count > 1) throw IterableElementError.tooMany();
    return _root!.key;
  }

  bool contains(Object? element) => _findNode(element) != null;

  bool add(E element) {
    final order = _splay(element);
    if (order == 0) return false;
    _insertRoot(_SplayNode<E>(element, null), order);
    return true;
  }

  bool remove(Object? object) => _removeNode(object) != null;

  void addAll(Iterable<E> elements) {
    for (final element in elements) {
      add(element);
    }
  }

  void removeAll(Iterable<Object?> elements) {
    for (final element in elements) {
      _removeNode(element);
    }
  }

  void retainAll(Iterable<Object?> elements) {
    final kept = SplayTreeSet<E>(_compare, _validKey);
    final before = _modificationCount;
    for (final object in elements) {
      if (before != _modificationCount) {
        throw ConcurrentModificationError(this);
      }
      final node = _findNode(object);
      if (node != null) kept.add(node.key);
    }
    if (kept._count != _count) {
      _root = kept._root;
      _count = kept._count;
      _modificationCount++;
    }
  }

  E? lookup(Object? object) => _findNode(object)?.key;

  E? firstAfter(E element) => _nodeAfter(element)?.key;

  E? lastBefore(E element) => _nodeBefore(element)?.key;

  Set<E> intersection(Set<Object?> other) {
    final result = SplayTreeSet<E>(_compare, _validKey);
    for (final element in this) {
      if (other.contains(element)) result.add(element);
    }
    return result;
  }

  Set<E> difference(Set<Object?> other) {
    final result = SplayTreeSet<E>(_compare, _validKey);
    for (final element in this) {
      if (!other.contains(element)) result.add(element);
    }
    return result;
  }

  Set<E> union(Set<E> other) => _clone()..addAll(other);

  SplayTreeSet<E> _clone() {
    final nodes = <_SplayNode<E>>[];
    final it = _SplayNodeIterator<E>(this);
    while (it.moveNext()) {
      nodes.add(it.current);
    }
    final result = SplayTreeSet<E>(_compare, _validKey);
    result._root = _SplayTree._balancedFrom<E>(nodes, 0, nodes.length);
    result._count = nodes.length;
    return result;
  }

  void clear() => _clearTree();

  Set<E> toSet() => _clone();

  String toString() => Iterable.iterableToFullString(this, '{', '}');
}
