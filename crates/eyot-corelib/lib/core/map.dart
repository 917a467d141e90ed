part of 'core.dart';

/// Finds values by keys.
abstract interface class Map<K, V> {
  factory Map() = LinkedHashMap<K, V>;

  factory Map.from(Map other) = LinkedHashMap<K, V>.from;

  factory Map.of(Map<K, V> other) = LinkedHashMap<K, V>.of;

  factory Map.unmodifiable(Map<dynamic, dynamic> other) =>
      _unmodifiableMap<K, V>(LinkedHashMap<K, V>.from(other));

  /// As [Map.unmodifiable], of entries that the type checker has seen.
  factory Map.unmodifiableOf(Map<K, V> other) = Map<K, V>.unmodifiable;

  factory Map.identity() = LinkedHashMap<K, V>.identity;

  factory Map.fromIterable(Iterable iterable,
      {K key(dynamic element)?,
      V value(dynamic element)?}) = LinkedHashMap<K, V>.fromIterable;

  factory Map.fromIterables(Iterable<K> keys, Iterable<V> values) =
      LinkedHashMap<K, V>.fromIterables;

  factory Map.fromEntries(Iterable<MapEntry<K, V>> entries) =>
      LinkedHashMap<K, V>()..addEntries(entries);

  static Map<K2, V2> castFrom<K, V, K2, V2>(Map<K, V> source) =>
      CastMap<K, V, K2, V2>(source);

  Map<RK, RV> cast<RK, RV>();

  bool containsValue(Object? value);

  bool containsKey(Object? key);

  V? operator [](Object? key);

  void operator []=(K key, V value);

  Iterable<MapEntry<K, V>> get entries;

  Map<K2, V2> map<K2, V2>(MapEntry<K2, V2> convert(K key, V value));

  void addEntries(Iterable<MapEntry<K, V>> newEntries);

  V update(K key, V update(V value), {V ifAbsent()?});

  void updateAll(V update(K key, V value));

  void removeWhere(bool test(K key, V value));

  V putIfAbsent(K key, V ifAbsent());

  void addAll(Map<K, V> other);

  V? remove(Object? key);

  void clear();

  void forEach(void action(K key, V value));

  Iterable<K> get keys;

  Iterable<V> get values;

  int get length;

  bool get isEmpty;

  bool get isNotEmpty;
}

/// One key of a map with its value.
final class MapEntry<K, V> {
  final K key;

  final V value;

  const factory MapEntry(K key, V value) = MapEntry<K, V>._;

  const MapEntry._(this.key, this.value);

  String toString() => 'MapEntry($key: $value)';
}

/// Native: an unmodifiable map with the entries of [map], a fresh one that the
/// caller forgets.
external Map<K, V> _unmodifiableMap<K, V>(Map<K, V> map);
