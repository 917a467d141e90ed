part of 'collection.dart';

bool _defaultEquals(Object? a, Object? b) => a == b;

int _defaultHashCode(Object? a) => a.hashCode;

/// A map by hashes, in no particular order.
abstract final class HashMap<K, V> implements Map<K, V> {
  factory HashMap(
      {bool equals(K key1, K key2)?,
      int hashCode(K key)?,
      bool isValidKey(dynamic potentialKey)?}) {
    if (equals == null && hashCode == null && isValidKey == null) {
      return _HashMap<K, V>();
    }
    if (isValidKey == null &&
        identical(identityHashCode, hashCode) &&
        identical(identical, equals)) {
      return _PlainIdentityMap<K, V>();
    }
    return _PlainCustomMap<K, V>(
        equals ?? _defaultEquals, hashCode ?? _defaultHashCode, isValidKey);
  }

  factory HashMap.identity() = _PlainIdentityMap<K, V>;

  factory HashMap.from(Map<dynamic, dynamic> other) {
    final result = HashMap<K, V>();
    other.forEach((dynamic key, dynamic value) {
      result[key as K] = value as V;
    });
    return result;
  }

  factory HashMap.of(Map<K, V> other) => HashMap<K, V>()..addAll(other);

  factory HashMap.fromIterable(Iterable iterable,
      {K Function(dynamic element)? key, V Function(dynamic element)? value}) {
    final result = HashMap<K, V>();
    _fillFromIterable<K, V>(result, iterable, key, value);
    return result;
  }

  factory HashMap.fromIterables(Iterable<K> keys, Iterable<V> values) {
    final result = HashMap<K, V>();
    _fillFromIterables<K, V>(result, keys, values);
    return result;
  }

  factory HashMap.fromEntries(Iterable<MapEntry<K, V>> entries) =>
      HashMap<K, V>()..addEntries(entries);
}

/// A map by hashes, in order of insertion.
abstract final class LinkedHashMap<K, V> implements Map<K, V> {
  factory LinkedHashMap(
      {bool equals(K key1, K key2)?,
      int hashCode(K key)?,
      bool isValidKey(dynamic potentialKey)?}) {
    if (equals == null && hashCode == null && isValidKey == null) {
      return _Map<K, V>();
    }
    if (isValidKey == null &&
        identical(identityHashCode, hashCode) &&
        identical(identical, equals)) {
      return _LinkedIdentityMap<K, V>();
    }
    return _LinkedCustomMap<K, V>(
        equals ?? _defaultEquals, hashCode ?? _defaultHashCode, isValidKey);
  }

  factory LinkedHashMap.identity() = _LinkedIdentityMap<K, V>;

  factory LinkedHashMap.from(Map<dynamic, dynamic> other) {
    final result = _Map<K, V>();
    if (other is Map<K, V>) {
      result.addAll(other);
      return result;
    }
    other.forEach((dynamic key, dynamic value) {
      result[key as K] = value as V;
    });
    return result;
  }

  factory LinkedHashMap.of(Map<K, V> other) => _Map<K, V>()..addAll(other);

  factory LinkedHashMap.fromIterable(Iterable iterable,
      {K key(dynamic element)?, V value(dynamic element)?}) {
    final result = _Map<K, V>();
    _fillFromIterable<K, V>(result, iterable, key, value);
    return result;
  }

  factory LinkedHashMap.fromIterables(Iterable<K> keys, Iterable<V> values) {
    final result = _Map<K, V>();
    _fillFromIterables<K, V>(result, keys, values);
    return result;
  }

  factory LinkedHashMap.fromEntries(Iterable<MapEntry<K, V>> entries) =>
      _Map<K, V>()..addEntries(entries);
}

/// Enters for each element what [key] and [value] make of it; without one of
/// them, the element itself.
void _fillFromIterable<K, V>(Map<K, V> map, Iterable<dynamic> iterable,
    K Function(dynamic)? key, V Function(dynamic)? value) {
  for (final Object? element in iterable) {
    final K entryKey = key == null ? element as K : key(element);
    final V entryValue = value == null ? element as V : value(element);
    map[entryKey] = entryValue;
  }
}

void _fillFromIterables<K, V>(
    Map<K, V> map, Iterable<K> keys, Iterable<V> values) {
  final keyIterator = keys.iterator;
  final valueIterator = values.iterator;
  bool hasKey = keyIterator.moveNext();
  bool hasValue = valueIterator.moveNext();
  while (hasKey && hasValue) {
    map[keyIterator.current] = valueIterator.current;
    hasKey = keyIterator.moveNext();
    hasValue = valueIterator.moveNext();
  }
  if (hasKey || hasValue) {
    throw ArgumentError('Iterables do not have same length.');
  }
}

/// A set by hashes, in no particular order.
abstract final class HashSet<E> implements Set<E> {
  factory HashSet(
      {bool equals(E e1, E e2)?,
      int hashCode(E e)?,
      bool isValidKey(dynamic potentialKey)?}) {
    if (equals == null && hashCode == null && isValidKey == null) {
      return _HashSet<E>();
    }
    if (isValidKey == null &&
        identical(identityHashCode, hashCode) &&
        identical(identical, equals)) {
      return _PlainIdentitySet<E>();
    }
    return _PlainCustomSet<E>(
        equals ?? _defaultEquals, hashCode ?? _defaultHashCode, isValidKey);
  }

  factory HashSet.identity() = _PlainIdentitySet<E>;

  factory HashSet.from(Iterable<dynamic> elements) {
    final result = HashSet<E>();
    for (final Object? element in elements) {
      result.add(element as E);
    }
    return result;
  }

  factory HashSet.of(Iterable<E> elements) => HashSet<E>()..addAll(elements);
}

/// A set by hashes, in order of insertion.
abstract final class LinkedHashSet<E> implements Set<E> {
  factory LinkedHashSet(
      {bool equals(E e1, E e2)?,
      int hashCode(E e)?,
      bool isValidKey(dynamic potentialKey)?}) {
    if (equals == null && hashCode == null && isValidKey == null) {
      return _Set<E>();
    }
    if (isValidKey == null &&
        identical(identityHashCode, hashCode) &&
        identical(identical, equals)) {
      return _LinkedIdentitySet<E>();
    }
    return _LinkedCustomSet<E>(
        equals ?? _defaultEquals, hashCode ?? _defaultHashCode, isValidKey);
  }

  factory LinkedHashSet.identity() = _LinkedIdentitySet<E>;

  factory LinkedHashSet.from(Iterable<dynamic> elements) {
    final result = _Set<E>();
    for (final Object? element in elements) {
      result.add(element as E);
    }
    return result;
  }

  factory LinkedHashSet.of(Iterable<E> elements) =>
      _Set<E>()..addAll(elements);
}
