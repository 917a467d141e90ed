part of '_internal.dart';

/// The elements of another iterable, each cast when it is read.
class CastIterable<S, T> extends Iterable<T> {
  final Iterable<S> _source;

  factory CastIterable(Iterable<S> source) {
    if (source is EfficientLengthIterable<S>) {
      return _EfficientLengthCastIterable<S, T>(source);
    }
    return CastIterable<S, T>._(source);
  }

  CastIterable._(this._source);

  Iterator<T> get iterator => CastIterator<S, T>(_source.iterator);

  int get length => _source.length;

  bool get isEmpty => _source.isEmpty;

  bool get isNotEmpty => _source.isNotEmpty;

  Iterable<T> skip(int count) => CastIterable<S, T>(_source.skip(count));

  Iterable<T> take(int count) => CastIterable<S, T>(_source.take(count));

  T elementAt(int index) => _source.elementAt(index) as T;

  T get first => _source.first as T;

  T get last => _source.last as T;

  T get single => _source.single as T;

  bool contains(Object? other) => _source.contains(other);

  String toString() => _source.toString();

  Iterable<R> cast<R>() => CastIterable<S, R>(_source);
}

class _EfficientLengthCastIterable<S, T> extends CastIterable<S, T>
    implements EfficientLengthIterable<T> {
  _EfficientLengthCastIterable(Iterable<S> source) : super._(source);
}

class CastIterator<S, T> implements Iterator<T> {
  final Iterator<S> _source;

  CastIterator(this._source);

  bool moveNext() => _source.moveNext();

  T get current => _source.current as T;
}

/// A map whose keys and values are cast when they are read.
class CastMap<SK, SV, K, V> extends MapBase<K, V> {
  final Map<SK, SV> _source;

  CastMap(this._source);

  Map<RK, RV> cast<RK, RV>() => CastMap<SK, SV, RK, RV>(_source);

  bool containsValue(Object? value) => _source.containsValue(value);

  bool containsKey(Object? key) => _source.containsKey(key);

  V? operator [](Object? key) => _source[key] as V?;

  void operator []=(K key, V value) {
    _source[key as SK] = value as SV;
  }

  V putIfAbsent(K key, V Function() ifAbsent) =>
      _source.putIfAbsent(key as SK, () => ifAbsent() as SV) as V;

  V? remove(Object? key) => _source.remove(key) as V?;

  void clear() => _source.clear();

  void forEach(void action(K key, V value)) {
    _source.forEach((SK key, SV value) {
      action(key as K, value as V);
    });
  }

  Iterable<K> get keys => CastIterable<SK, K>(_source.keys);

  Iterable<V> get values => CastIterable<SV, V>(_source.values);

  int get length => _source.length;

  bool get isEmpty => _source.isEmpty;

  bool get isNotEmpty => _source.isNotEmpty;

  V update(K key, V update(V value), {V ifAbsent()?}) => _source.update(
      key as SK, (SV value) => update(value as V) as SV,
      ifAbsent: ifAbsent == null ? null : () => ifAbsent() as SV) as V;

  void updateAll(V update(K key, V value)) {
    _source.updateAll((SK key, SV value) => update(key as K, value as V) as SV);
  }

  Iterable<MapEntry<K, V>> get entries => _source.entries.map<MapEntry<K, V>>(
      (MapEntry<SK, SV> e) => MapEntry<K, V>(e.key as K, e.value as V));

  void removeWhere(bool test(K key, V value)) {
    _source.removeWhere((SK key, SV value) => test(key as K, value as V));
  }
}

/// A set whose elements are cast when they are read.
class CastSet<S, T> extends SetBase<T> {
  final Set<S> _source;

  /// Makes the sets that operations answer with, where the source needs sets
  /// of a special kind.
  final Set<R> Function<R>()? _emptySet;

  CastSet(this._source, this._emptySet);

  Set<R> cast<R>() => CastSet<S, R>(_source, _emptySet);

  Iterator<T> get iterator => CastIterator<S, T>(_source.iterator);

  int get length => _source.length;

  bool get isEmpty => _source.isEmpty;

  bool get isNotEmpty => _source.isNotEmpty;

  T get first => _source.first as T;

  T get last => _source.last as T;

  T get single => _source.single as T;

  bool contains(Object? value) => _source.contains(value);

  bool add(T value) => _source.add(value as S);

  bool remove(Object? value) => _source.remove(value);

  T? lookup(Object? key) => _source.lookup(key) as T?;

  void clear() => _source.clear();

  void removeAll(Iterable<Object?> objects) => _source.removeAll(objects);

  void retainAll(Iterable<Object?> objects) => _source.retainAll(objects);

  void removeWhere(bool test(T element)) {
    _source.removeWhere((S element) => test(element as T));
  }

  void retainWhere(bool test(T element)) {
    _source.retainWhere((S element) => test(element as T));
  }

  Set<T> _newSet() {
    final make = _emptySet;
    return make == null ? <T>{} : make<T>();
  }

  Set<T> toSet() => _newSet()..addAll(this);

  Set<T> intersection(Set<Object?> other) {
    final result = _newSet();
    for (final element in this) {
      if (other.contains(element)) result.add(element);
    }
    return result;
  }

  Set<T> difference(Set<Object?> other) {
    final result = _newSet();
    for (final element in this) {
      if (!other.contains(element)) result.add(element);
    }
    return result;
  }

  Set<T> union(Set<T> other) => toSet()..addAll(other);
}
