part of 'collection.dart';

/// The default map: keys compare by `==`, entries in order of insertion. A map
/// literal makes one.
final class _Map<K, V> extends _HashTableMap<K, V>
    implements LinkedHashMap<K, V> {
  _Map();
}

/// A constant map, to which the runtime gives its entries without an index
/// table; or what `Map.unmodifiable` makes.
final class _ConstMap<K, V> extends _HashTableMap<K, V>
    with _UnmodifiableMapMixin<K, V>
    implements LinkedHashMap<K, V> {
  factory _ConstMap._uninstantiable() {
    throw UnsupportedError('_ConstMap');
  }
}

/// What `HashMap()` makes: the default map under another interface.
final class _HashMap<K, V> extends _HashTableMap<K, V>
    implements HashMap<K, V> {
  _HashMap();
}

/// Keys compare by identity.
class _IdentityMap<K, V> extends _HashTableMap<K, V> {
  _IdentityMap();

  int _hashOf(Object? key) => identityHashCode(key);

  int _lookup(Object? key) => _findIdentical(this, key);

  V? operator [](Object? key) {
    final position = _lookup(key);
    return position < 0 ? null : unsafeCast<V>(_data![position + 1]);
  }

  void operator []=(K key, V value) => _setSlow(key, value);
}

final class _LinkedIdentityMap<K, V> extends _IdentityMap<K, V>
    implements LinkedHashMap<K, V> {
  _LinkedIdentityMap();
}

final class _PlainIdentityMap<K, V> extends _IdentityMap<K, V>
    implements HashMap<K, V> {
  _PlainIdentityMap();
}

int _findIdentical(_HashTable<Object?> table, Object? key) {
  final hash = identityHashCode(key);
  int cursor = table._probe(hash, -1);
  while (cursor >= 0) {
    final position = cursor & 0xffffffff;
    if (identical(key, table._keyAt(position))) return position;
    cursor = table._probe(hash, cursor);
  }
  return -1;
}

/// Keys compare by functions that the program gave.
class _CustomMap<K, V> extends _HashTableMap<K, V> {
  final bool Function(K, K) _equals;
  final int Function(K) _hashCode;
  final bool Function(Object?)? _isValidKey;

  _CustomMap(this._equals, this._hashCode, this._isValidKey);

  bool _isValid(Object? key) {
    final test = _isValidKey;
    return test == null ? key is K : test(key);
  }

  int _hashOf(Object? key) => _hashCode(unsafeCast<K>(key));

  int _lookup(Object? key) {
    if (!_isValid(key)) return -1;
    return _lookupValid(unsafeCast<K>(key));
  }

  int _lookupValid(K key) {
    final hash = _hashCode(key);
    int cursor = _probe(hash, -1);
    while (cursor >= 0) {
      final position = cursor & 0xffffffff;
      if (_equals(unsafeCast<K>(_keyAt(position)), key)) return position;
      cursor = _probe(hash, cursor);
    }
    return -1;
  }

  V? operator [](Object? key) {
    final position = _lookup(key);
    return position < 0 ? null : unsafeCast<V>(_data![position + 1]);
  }

  void operator []=(K key, V value) {
    final position = _lookupValid(key);
    if (position >= 0) {
      _data![position + 1] = value;
    } else {
      _append(key, value, _hashOf(key));
    }
  }

  V putIfAbsent(K key, V ifAbsent()) {
    final position = _lookupValid(key);
    if (position >= 0) return unsafeCast<V>(_data![position + 1]);
    final value = ifAbsent();
    this[key] = value;
    return value;
  }
}

final class _LinkedCustomMap<K, V> extends _CustomMap<K, V>
    implements LinkedHashMap<K, V> {
  _LinkedCustomMap(bool Function(K, K) equals, int Function(K) hashCode,
      bool Function(Object?)? isValidKey)
      : super(equals, hashCode, isValidKey);
}

final class _PlainCustomMap<K, V> extends _CustomMap<K, V>
    implements HashMap<K, V> {
  _PlainCustomMap(bool Function(K, K) equals, int Function(K) hashCode,
      bool Function(Object?)? isValidKey)
      : super(equals, hashCode, isValidKey);
}
