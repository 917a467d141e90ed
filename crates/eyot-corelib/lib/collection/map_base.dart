part of 'collection.dart';

/// Everything a map does, over `keys`, `[]`, `[]=`, `remove` and `clear` of a
/// subclass.
abstract mixin class MapBase<K, V> implements Map<K, V> {
  const MapBase();

  Iterable<K> get keys;

  V? operator [](Object? key);

  void operator []=(K key, V value);

  V? remove(Object? key);

  void clear();

  Map<RK, RV> cast<RK, RV>() => Map.castFrom<K, V, RK, RV>(this);

  void forEach(void action(K key, V value)) {
    for (final key in keys) {
      action(key, unsafeCast<V>(this[key]));
    }
  }

  void addAll(Map<K, V> other) {
    other.forEach((K key, V value) {
      this[key] = value;
    });
  }

  bool containsValue(Object? value) {
    for (final key in keys) {
      if (this[key] == value) return true;
    }
    return false;
  }

  V putIfAbsent(K key, V ifAbsent()) {
    if (containsKey(key)) return this[key] as V;
    final value = ifAbsent();
    this[key] = value;
    return value;
  }

  V update(K key, V update(V value), {V ifAbsent()?}) {
    if (containsKey(key)) {
      final value = update(this[key] as V);
      this[key] = value;
      return value;
    }
    if (ifAbsent != null) {
      final value = ifAbsent();
      this[key] = value;
      return value;
    }
    throw ArgumentError.value(key, 'key', 'Key not in map.');
  }

  void updateAll(V update(K key, V value)) {
    for (final key in keys) {
      this[key] = update(key, this[key] as V);
    }
  }

  Iterable<MapEntry<K, V>> get entries => keys.map<MapEntry<K, V>>(
      (K key) => MapEntry<K, V>(key, this[key] as V));

  Map<K2, V2> map<K2, V2>(MapEntry<K2, V2> transform(K key, V value)) {
    final result = <K2, V2>{};
    forEach((K key, V value) {
      final entry = transform(key, value);
      result[entry.key] = entry.value;
    });
    return result;
  }

  void addEntries(Iterable<MapEntry<K, V>> newEntries) {
    for (final entry in newEntries) {
      this[entry.key] = entry.value;
    }
  }

  void removeWhere(bool test(K key, V value)) {
    final keysToRemove = <K>[];
    for (final key in keys) {
      if (test(key, this[key] as V)) keysToRemove.add(key);
    }
    for (final key in keysToRemove) {
      remove(key);
    }
  }

  bool containsKey(Object? key) => keys.contains(key);

  int get length => keys.length;

  bool get isEmpty => keys.isEmpty;

  bool get isNotEmpty => keys.isNotEmpty;

  Iterable<V> get values => _MapBaseValueIterable<K, V>(this);

  String toString() => mapToString(this);

  /// [m] as `{key: value, …}`.
  static String mapToString(Map<Object?, Object?> m) {
    if (isToStringVisiting(m)) return '{...}';
    final buffer = StringBuffer('{');
    toStringVisiting.add(m);
    try {
      bool first = true;
      m.forEach((Object? key, Object? value) {
        if (!first) buffer.write(', ');
        first = false;
        buffer.write(key);
        buffer.write(': ');
        buffer.write(value);
      });
    } finally {
      toStringVisiting.removeLast();
    }
    buffer.write('}');
    return buffer.toString();
  }
}

/// The old name of [MapBase] as a mixin.
typedef MapMixin<K, V> = MapBase<K, V>;

/// The values of a map, looked up key by key.
class _MapBaseValueIterable<K, V> extends Iterable<V>
    implements EfficientLengthIterable<V> {
  final Map<K, V> _map;

  _MapBaseValueIterable(this._map);

  int get length => _map.length;

  bool get isEmpty => _map.isEmpty;

  bool get isNotEmpty => _map.isNotEmpty;

  V get first => _map[_map.keys.first] as V;

  V get single => _map[_map.keys.single] as V;

  V get last => _map[_map.keys.last] as V;

  Iterator<V> get iterator => _MapBaseValueIterator<K, V>(_map);
}

class _MapBaseValueIterator<K, V> implements Iterator<V> {
  final Iterator<K> _keys;
  final Map<K, V> _map;
  V? _current;

  _MapBaseValueIterator(Map<K, V> map)
      : _map = map,
        _keys = map.keys.iterator;

  bool moveNext() {
    if (_keys.moveNext()) {
      _current = _map[_keys.current];
      return true;
    }
    _current = null;
    return false;
  }

  V get current => unsafeCast<V>(_current);
}
