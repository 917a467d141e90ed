part of 'collection.dart';

// How the hash tables work
//
// Entries lie in a list in order of insertion: `key, value, key, value, …` in
// a map, `element, element, …` in a set. Beside it an index table, made and
// read only by the runtime, leads from hashes to entries; it also keeps 32
// bits of each entry's hash, so growing and compacting need no Dart code. A
// removed entry's key is replaced by the list itself, which no program can
// have as a key.
//
// Natives do a whole operation where the key is null, a bool, an int, a
// double, a String, or an object of a class that has Object's own == and
// hashCode. For other keys they answer with a "slow" signal, and the Dart code
// here asks the key for its hash, walks over the entries with the same hash
// through `_probe`, and compares them with ==.
//
// A stored key never equals a key that the natives look up unless they can see
// it: `==` of the built-in classes accepts only their own kind. So for a fast
// key the natives compare only by value or identity.

/// The state of a table. The runtime knows these fields by their position: the
/// type parameter is here so that the vector of type arguments lies in front of
/// them in all subclasses.
abstract class _HashTable<K> {
  /// The entries, `null` before the first insertion.
  List<Object?>? _data;

  /// The index table, an opaque native object; `null` together with [_data],
  /// and in constant collections, which are searched from end to end.
  Object? _index;

  /// Number of entries in [_data], removed ones included.
  int _used = 0;

  /// Number of removed entries in [_data].
  int _deleted = 0;

  /// Counts insertions and removals, for iterators.
  int _modifications = 0;

  _HashTable();

  // In all natives below a position is the index in `_data` of an entry's
  // key. Insertions and removals count in `_modifications`.

  /// Native: the position of the fast key [key], -1 where it is absent, -2
  /// where the key is slow.
  external int _find(Object? key);

  /// Native: looks for the next entry whose hash is [hash] (by the 32 bits
  /// kept). [cursor] is -1 at the start and otherwise what the last call
  /// answered. Answers -1 at the end, else a cursor whose low 32 bits are the
  /// entry's position. Works without an index table too.
  external int _probe(int hash, int cursor);

  /// Native: removes the entry at [position].
  external void _removeAt(int position);

  /// As [_find] for a slow key.
  int _findSlow(Object? key) {
    final hash = key.hashCode;
    int cursor = _probe(hash, -1);
    while (cursor >= 0) {
      final position = cursor & 0xffffffff;
      if (key == _keyAt(position)) return position;
      cursor = _probe(hash, cursor);
    }
    return -1;
  }

  int _findAny(Object? key) {
    final position = _find(key);
    return position == -2 ? _findSlow(key) : position;
  }

  Object? _keyAt(int position) => _data![position];

  void _clearTable() {
    if (_used == 0) return;
    _data = null;
    _index = null;
    _used = 0;
    _deleted = 0;
    _modifications++;
  }
}

/// The parts of a map over a [_HashTable] that depend on how keys compare.
abstract class _HashTableMap<K, V> extends _HashTable<K> with MapBase<K, V> {
  _HashTableMap();

  /// Native: the value of the fast key [key], `null` where it is absent, or
  /// this map itself where the key is slow.
  external Object? _getFast(Object? key);

  /// Native: enters [value] under the fast key [key], replacing what was
  /// there; false, and nothing done, where the key is slow.
  external bool _setFast(Object? key, Object? value);

  /// Native: appends an entry for a key that is known to be absent.
  external void _append(Object? key, Object? value, int hash);

  int _hashOf(Object? key) => key.hashCode;

  int _lookup(Object? key) => _findAny(key);

  int get length => (_used >> 1) - _deleted;

  bool get isEmpty => (_used >> 1) == _deleted;

  bool get isNotEmpty => (_used >> 1) != _deleted;

  V? operator [](Object? key) {
    final value = _getFast(key);
    if (!identical(value, this)) return unsafeCast<V?>(value);
    final position = _lookup(key);
    return position < 0 ? null : unsafeCast<V>(_data![position + 1]);
  }

  void operator []=(K key, V value) {
    if (!_setFast(key, value)) _setSlow(key, value);
  }

  void _setSlow(Object? key, Object? value) {
    final position = _lookup(key);
    if (position >= 0) {
      _data![position + 1] = value;
    } else {
      _append(key, value, _hashOf(key));
    }
  }

  bool containsKey(Object? key) => _lookup(key) >= 0;

  V putIfAbsent(K key, V ifAbsent()) {
    final position = _lookup(key);
    if (position >= 0) return unsafeCast<V>(_data![position + 1]);
    final value = ifAbsent();
    // The function may have changed the map.
    this[key] = value;
    return value;
  }

  V update(K key, V update(V value), {V ifAbsent()?}) {
    final position = _lookup(key);
    if (position >= 0) {
      final before = _modifications;
      final value = update(unsafeCast<V>(_data![position + 1]));
      if (before == _modifications) {
        _data![position + 1] = value;
      } else {
        this[key] = value;
      }
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
    final data = _data;
    if (data == null) return;
    final before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i += 2) {
      final key = data[i];
      if (identical(key, data)) continue;
      final value = update(unsafeCast<K>(key), unsafeCast<V>(data[i + 1]));
      if (before != _modifications) throw ConcurrentModificationError(this);
      data[i + 1] = value;
    }
  }

  V? remove(Object? key) {
    final position = _lookup(key);
    if (position < 0) return null;
    final value = unsafeCast<V>(_data![position + 1]);
    _removeAt(position);
    return value;
  }

  void clear() => _clearTable();

  void forEach(void action(K key, V value)) {
    final data = _data;
    if (data == null) return;
    final before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i += 2) {
      final key = data[i];
      if (identical(key, data)) continue;
      action(unsafeCast<K>(key), unsafeCast<V>(data[i + 1]));
      if (before != _modifications) throw ConcurrentModificationError(this);
    }
  }

  void removeWhere(bool test(K key, V value)) {
    final data = _data;
    if (data == null) return;
    int before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i += 2) {
      final key = data[i];
      if (identical(key, data)) continue;
      final bool remove = test(unsafeCast<K>(key), unsafeCast<V>(data[i + 1]));
      if (before != _modifications) throw ConcurrentModificationError(this);
      if (remove) {
        _removeAt(i);
        before = _modifications;
      }
    }
  }

  bool containsValue(Object? value) {
    final data = _data;
    if (data == null) return false;
    final before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i += 2) {
      if (identical(data[i], data)) continue;
      if (data[i + 1] == value) return true;
      if (before != _modifications) throw ConcurrentModificationError(this);
    }
    return false;
  }

  Iterable<K> get keys => _MapKeys<K, V>(this);

  Iterable<V> get values => _MapValues<K, V>(this);

  Iterable<MapEntry<K, V>> get entries => _MapEntries<K, V>(this);
}

/// Walks over the entries of a table; [step] is 2 for a map, 1 for a set.
/// Subclasses say which part of an entry is the element.
abstract class _TableIterator {
  final _HashTable<Object?> _table;
  final List<Object?>? _data;
  final int _expected;
  final int _used;

  /// Position of the current entry.
  int _position;

  _TableIterator(_HashTable<Object?> table, int step)
      : _table = table,
        _data = table._data,
        _expected = table._modifications,
        _used = table._used,
        _position = 0 - step;

  /// The next position that holds an entry, or -1 at the end.
  int _advance(int step) {
    final table = _table;
    if (_expected != table._modifications) {
      throw ConcurrentModificationError(table);
    }
    final data = _data;
    if (data == null) return -1;
    final used = _used;
    int position = _position + step;
    while (position < used) {
      if (!identical(data[position], data)) {
        _position = position;
        return position;
      }
      position += step;
    }
    _position = used;
    return -1;
  }
}

class _MapKeys<K, V> extends Iterable<K> implements EfficientLengthIterable<K> {
  final _HashTableMap<K, V> _map;

  _MapKeys(this._map);

  int get length => _map.length;

  bool get isEmpty => _map.isEmpty;

  bool get isNotEmpty => _map.isNotEmpty;

  bool contains(Object? key) => _map.containsKey(key);

  Iterator<K> get iterator => _MapKeyIterator<K>(_map);

  void forEach(void action(K key)) {
    _map.forEach((K key, V value) {
      action(key);
    });
  }
}

class _MapKeyIterator<K> extends _TableIterator implements Iterator<K> {
  K? _current;

  _MapKeyIterator(_HashTable<Object?> map) : super(map, 2);

  K get current => unsafeCast<K>(_current);

  bool moveNext() {
    final position = _advance(2);
    if (position < 0) {
      _current = null;
      return false;
    }
    _current = unsafeCast<K>(_data![position]);
    return true;
  }
}

class _MapValues<K, V> extends Iterable<V>
    implements EfficientLengthIterable<V> {
  final _HashTableMap<K, V> _map;

  _MapValues(this._map);

  int get length => _map.length;

  bool get isEmpty => _map.isEmpty;

  bool get isNotEmpty => _map.isNotEmpty;

  Iterator<V> get iterator => _MapValueIterator<V>(_map);

  bool contains(Object? value) => _map.containsValue(value);

  void forEach(void action(V value)) {
    _map.forEach((K key, V value) {
      action(value);
    });
  }
}

class _MapValueIterator<V> extends _TableIterator implements Iterator<V> {
  V? _current;

  _MapValueIterator(_HashTable<Object?> map) : super(map, 2);

  V get current => unsafeCast<V>(_current);

  bool moveNext() {
    final position = _advance(2);
    if (position < 0) {
      _current = null;
      return false;
    }
    _current = unsafeCast<V>(_data![position + 1]);
    return true;
  }
}

class _MapEntries<K, V> extends Iterable<MapEntry<K, V>>
    implements EfficientLengthIterable<MapEntry<K, V>> {
  final _HashTableMap<K, V> _map;

  _MapEntries(this._map);

  int get length => _map.length;

  bool get isEmpty => _map.isEmpty;

  bool get isNotEmpty => _map.isNotEmpty;

  Iterator<MapEntry<K, V>> get iterator => _MapEntryIterator<K, V>(_map);
}

class _MapEntryIterator<K, V> extends _TableIterator
    implements Iterator<MapEntry<K, V>> {
  MapEntry<K, V>? _current;

  _MapEntryIterator(_HashTable<Object?> map) : super(map, 2);

  MapEntry<K, V> get current => unsafeCast<MapEntry<K, V>>(_current);

  bool moveNext() {
    final position = _advance(2);
    if (position < 0) {
      _current = null;
      return false;
    }
    final data = _data!;
    _current = MapEntry<K, V>(
        unsafeCast<K>(data[position]), unsafeCast<V>(data[position + 1]));
    return true;
  }
}

/// The parts of a set over a [_HashTable] that depend on how elements compare.
abstract class _HashTableSet<E> extends _HashTable<E> with SetBase<E> {
  _HashTableSet();

  /// Native: adds the fast element [element]: 1 where it is new, 0 where it
  /// was there, -2 where it is slow and nothing is done.
  external int _addFast(Object? element);

  /// Native: appends an element that is known to be absent.
  external void _append(Object? element, int hash);

  int _hashOf(Object? element) => element.hashCode;

  int _lookup(Object? element) => _findAny(element);

  int get length => _used - _deleted;

  bool get isEmpty => _used == _deleted;

  bool get isNotEmpty => _used != _deleted;

  bool add(E value) {
    final done = _addFast(value);
    if (done >= 0) return done != 0;
    if (_lookup(value) >= 0) return false;
    _append(value, _hashOf(value));
    return true;
  }

  bool contains(Object? element) => _lookup(element) >= 0;

  E? lookup(Object? element) {
    final position = _lookup(element);
    return position < 0 ? null : unsafeCast<E>(_data![position]);
  }

  bool remove(Object? element) {
    final position = _lookup(element);
    if (position < 0) return false;
    _removeAt(position);
    return true;
  }

  void clear() => _clearTable();

  void removeWhere(bool test(E element)) => _filter(test, true);

  void retainWhere(bool test(E element)) => _filter(test, false);

  void _filter(bool test(E element), bool removed) {
    final data = _data;
    if (data == null) return;
    int before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i++) {
      final element = data[i];
      if (identical(element, data)) continue;
      final bool remove = test(unsafeCast<E>(element)) == removed;
      if (before != _modifications) throw ConcurrentModificationError(this);
      if (remove) {
        _removeAt(i);
        before = _modifications;
      }
    }
  }

  void forEach(void action(E element)) {
    final data = _data;
    if (data == null) return;
    final before = _modifications;
    final used = _used;
    for (int i = 0; i < used; i++) {
      final element = data[i];
      if (identical(element, data)) continue;
      action(unsafeCast<E>(element));
      if (before != _modifications) throw ConcurrentModificationError(this);
    }
  }

  Iterator<E> get iterator => _SetIterator<E>(this);

  E get first {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    return it.current;
  }

  E get last {
    final data = _data;
    if (data == null || isEmpty) throw IterableElementError.noElement();
    int i = _used - 1;
    while (identical(data[i], data)) {
      i--;
    }
    return unsafeCast<E>(data[i]);
  }
}

class _SetIterator<E> extends _TableIterator implements Iterator<E> {
  E? _current;

  _SetIterator(_HashTable<Object?> set) : super(set, 1);

  E get current => unsafeCast<E>(_current);

  bool moveNext() {
    final position = _advance(1);
    if (position < 0) {
      _current = null;
      return false;
    }
    _current = unsafeCast<E>(_data![position]);
    return true;
  }
}

/// The index of a hash table, and raw 32-bit storage for other natives (the
/// digits of a big integer). Only the runtime makes and reads these objects.
final class _IndexTable {}
