part of 'collection.dart';

/// A map in the order of its keys.
final class SplayTreeMap<K, V> extends _SplayTree<K> with MapBase<K, V> {
  SplayTreeMap(
      [int compare(K key1, K key2)?, bool isValidKey(dynamic potentialKey)?])
      : super(compare, isValidKey);

  factory SplayTreeMap.from(Map<dynamic, dynamic> other,
      [int compare(K key1, K key2)?,
      bool isValidKey(dynamic potentialKey)?]) {
    if (other is Map<K, V>) {
      return SplayTreeMap<K, V>.of(other, compare, isValidKey);
    }
    final result = SplayTreeMap<K, V>(compare, isValidKey);
    other.forEach((dynamic key, dynamic value) {
      result[key as K] = value as V;
    });
    return result;
  }

  factory SplayTreeMap.of(Map<K, V> other,
          [int compare(K key1, K key2)?,
          bool isValidKey(dynamic potentialKey)?]) =>
      SplayTreeMap<K, V>(compare, isValidKey)..addAll(other);

  factory SplayTreeMap.fromIterable(Iterable iterable,
      {K key(dynamic element)?,
      V value(dynamic element)?,
      int compare(K key1, K key2)?,
      bool isValidKey(dynamic potentialKey)?}) {
    final result = SplayTreeMap<K, V>(compare, isValidKey);
    _fillFromIterable<K, V>(result, iterable, key, value);
    return result;
  }

  factory SplayTreeMap.fromIterables(Iterable<K> keys, Iterable<V> values,
      [int compare(K key1, K key2)?,
      bool isValidKey(dynamic potentialKey)?]) {
    final result = SplayTreeMap<K, V>(compare, isValidKey);
    _fillFromIterables<K, V>(result, keys, values);
    return result;
  }

  V? operator [](Object? key) {
    final node = _findNode(key);
    return node == null ? null : unsafeCast<V>(node.value);
  }

  V? remove(Object? key) {
    final node = _removeNode(key);
    return node == null ? null : unsafeCast<V>(node.value);
  }

  void operator []=(K key, V value) {
    final order = _splay(key);
    if (order == 0) {
      _root!.value = value;
      return;
    }
    _insertRoot(_SplayNode<K>(key, value), order);
  }

  V putIfAbsent(K key, V ifAbsent()) {
    int order = _splay(key);
    if (order == 0) return unsafeCast<V>(_root!.value);
    final before = _modificationCount;
    final splaysBefore = _splayCount;
    final value = ifAbsent();
    if (before != _modificationCount) throw ConcurrentModificationError(this);
    if (splaysBefore != _splayCount) order = _splay(key);
    _insertRoot(_SplayNode<K>(key, value), order);
    return value;
  }

  V update(K key, V update(V value), {V ifAbsent()?}) {
    int order = _splay(key);
    if (order == 0) {
      final before = _modificationCount;
      final node = _root!;
      final value = update(unsafeCast<V>(node.value));
      if (before != _modificationCount) {
        throw ConcurrentModificationError(this);
      }
      node.value = value;
      return value;
    }
    if (ifAbsent != null) {
      final before = _modificationCount;
      final splaysBefore = _splayCount;
      final value = ifAbsent();
      if (before != _modificationCount) {
        throw ConcurrentModificationError(this);
      }
      if (splaysBefore != _splayCount) order = _splay(key);
      _insertRoot(_SplayNode<K>(key, value), order);
      return value;
    }
    throw ArgumentError.value(key, 'key', 'Key not in map.');
  }

  void updateAll(V update(K key, V value)) {
    final nodes = _SplayNodeIterator<K>(this);
    while (nodes.moveNext()) {
      final node = nodes.current;
      final value = update(node.key, unsafeCast<V>(node.value));
      nodes._replaceValue(value);
    }
  }

  void addAll(Map<K, V> other) {
    other.forEach((K key, V value) {
      this[key] = value;
    });
  }

  bool get isEmpty => _root == null;

  bool get isNotEmpty => _root != null;

  void forEach(void f(K key, V value)) {
    final nodes = _SplayNodeIterator<K>(this);
    while (nodes.moveNext()) {
      final node = nodes.current;
      f(node.key, unsafeCast<V>(node.value));
    }
  }

  int get length => _count;

  void clear() => _clearTree();

  bool containsKey(Object? key) => _findNode(key) != null;

  bool containsValue(Object? value) {
    final nodes = _SplayNodeIterator<K>(this);
    while (nodes.moveNext()) {
      if (nodes.current.value == value) return true;
    }
    return false;
  }

  Iterable<K> get keys => _SplayKeyIterable<K>(this);

  Iterable<V> get values => _SplayValueIterable<K, V>(this);

  Iterable<MapEntry<K, V>> get entries => _SplayEntryIterable<K, V>(this);

  K? firstKey() => _firstNode?.key;

  K? lastKey() => _lastNode?.key;

  K? lastKeyBefore(K key) {
    if (key == null) throw ArgumentError(key);
    return _nodeBefore(key)?.key;
  }

  K? firstKeyAfter(K key) {
    if (key == null) throw ArgumentError(key);
    return _nodeAfter(key)?.key;
  }
}

class _SplayValueIterable<K, V> extends Iterable<V>
    implements EfficientLengthIterable<V> {
  final SplayTreeMap<K, V> _map;

  _SplayValueIterable(this._map);

  int get length => _map._count;

  bool get isEmpty => _map._count == 0;

  Iterator<V> get iterator => _SplayValueIterator<K, V>(_map);
}

class _SplayValueIterator<K, V> extends _SplayTreeIterator<K, V> {
  _SplayValueIterator(_SplayTree<K> tree) : super(tree);

  V _valueOf(_SplayNode<K> node) => unsafeCast<V>(node.value);
}

class _SplayEntryIterable<K, V> extends Iterable<MapEntry<K, V>>
    implements EfficientLengthIterable<MapEntry<K, V>> {
  final SplayTreeMap<K, V> _map;

  _SplayEntryIterable(this._map);

  int get length => _map._count;

  bool get isEmpty => _map._count == 0;

  Iterator<MapEntry<K, V>> get iterator => _SplayEntryIterator<K, V>(_map);
}

class _SplayEntryIterator<K, V>
    extends _SplayTreeIterator<K, MapEntry<K, V>> {
  _SplayEntryIterator(_SplayTree<K> tree) : super(tree);

  MapEntry<K, V> _valueOf(_SplayNode<K> node) =>
      MapEntry<K, V>(node.key, unsafeCast<V>(node.value));
}
