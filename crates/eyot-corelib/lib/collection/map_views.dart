part of 'collection.dart';

/// Makes every operation that changes a map an error.
mixin _UnmodifiableMapMixin<K, V> implements Map<K, V> {
  static UnsupportedError _cannotModify() =>
      UnsupportedError('Cannot modify unmodifiable map');

  void operator []=(K key, V value) => throw _cannotModify();

  void addAll(Map<K, V> other) => throw _cannotModify();

  void addEntries(Iterable<MapEntry<K, V>> entries) => throw _cannotModify();

  void clear() => throw _cannotModify();

  V? remove(Object? key) => throw _cannotModify();

  void removeWhere(bool test(K key, V value)) => throw _cannotModify();

  V putIfAbsent(K key, V ifAbsent()) => throw _cannotModify();

  V update(K key, V update(V value), {V ifAbsent()?}) =>
      throw _cannotModify();

  void updateAll(V update(K key, V value)) => throw _cannotModify();
}

/// Base of maps that cannot change.
abstract class UnmodifiableMapBase<K, V> = MapBase<K, V>
    with _UnmodifiableMapMixin<K, V>;

/// Passes everything on to another map.
class MapView<K, V> implements Map<K, V> {
  final Map<K, V> _map;

  const MapView(Map<K, V> map) : _map = map;

  Map<RK, RV> cast<RK, RV>() => _map.cast<RK, RV>();

  V? operator [](Object? key) => _map[key];

  void operator []=(K key, V value) {
    _map[key] = value;
  }

  void addAll(Map<K, V> other) {
    _map.addAll(other);
  }

  void clear() {
    _map.clear();
  }

  V putIfAbsent(K key, V ifAbsent()) => _map.putIfAbsent(key, ifAbsent);

  bool containsKey(Object? key) => _map.containsKey(key);

  bool containsValue(Object? value) => _map.containsValue(value);

  void forEach(void action(K key, V value)) {
    _map.forEach(action);
  }

  bool get isEmpty => _map.isEmpty;

  bool get isNotEmpty => _map.isNotEmpty;

  int get length => _map.length;

  Iterable<K> get keys => _map.keys;

  V? remove(Object? key) => _map.remove(key);

  String toString() => _map.toString();

  Iterable<V> get values => _map.values;

  Iterable<MapEntry<K, V>> get entries => _map.entries;

  void addEntries(Iterable<MapEntry<K, V>> entries) {
    _map.addEntries(entries);
  }

  Map<K2, V2> map<K2, V2>(MapEntry<K2, V2> transform(K key, V value)) =>
      _map.map<K2, V2>(transform);

  V update(K key, V update(V value), {V ifAbsent()?}) =>
      _map.update(key, update, ifAbsent: ifAbsent);

  void updateAll(V update(K key, V value)) {
    _map.updateAll(update);
  }

  void removeWhere(bool test(K key, V value)) {
    _map.removeWhere(test);
  }
}

/// A view of a map through which it cannot be changed.
class UnmodifiableMapView<K, V> extends MapView<K, V>
    with _UnmodifiableMapMixin<K, V> {
  UnmodifiableMapView(Map<K, V> map) : super(map);

  Map<RK, RV> cast<RK, RV>() =>
      UnmodifiableMapView<RK, RV>(_map.cast<RK, RV>());
}
