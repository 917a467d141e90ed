part of '_internal.dart';

/// One iterable, then another.
class FollowedByIterable<E> extends Iterable<E> {
  final Iterable<E> _first;
  final Iterable<E> _second;

  FollowedByIterable(this._first, this._second);

  Iterator<E> get iterator => FollowedByIterator<E>(_first, _second);

  int get length => _first.length + _second.length;

  bool get isEmpty => _first.isEmpty && _second.isEmpty;

  bool get isNotEmpty => _first.isNotEmpty || _second.isNotEmpty;

  bool contains(Object? value) =>
      _first.contains(value) || _second.contains(value);

  E get first {
    final it = _first.iterator;
    if (it.moveNext()) return it.current;
    return _second.first;
  }

  E get last {
    final it = _second.iterator;
    if (it.moveNext()) {
      E last = it.current;
      while (it.moveNext()) {
        last = it.current;
      }
      return last;
    }
    return _first.last;
  }
}

class EfficientLengthFollowedByIterable<E> extends FollowedByIterable<E>
    implements EfficientLengthIterable<E> {
  EfficientLengthFollowedByIterable(Iterable<E> first, Iterable<E> second)
      : super(first, second);

  E elementAt(int index) {
    final firstLength = _first.length;
    if (index < firstLength) return _first.elementAt(index);
    return _second.elementAt(index - firstLength);
  }

  E get first => _first.isNotEmpty ? _first.first : _second.first;

  E get last => _second.isNotEmpty ? _second.last : _first.last;
}

class FollowedByIterator<E> implements Iterator<E> {
  Iterator<E> _current;

  /// What comes after the current iterator, `null` in the second part.
  Iterable<E>? _next;

  FollowedByIterator(Iterable<E> first, Iterable<E> second)
      : _current = first.iterator,
        _next = second;

  bool moveNext() {
    if (_current.moveNext()) return true;
    final next = _next;
    if (next == null) return false;
    _next = null;
    _current = next.iterator;
    return _current.moveNext();
  }

  E get current => _current.current;
}

/// The elements that are a [T].
class WhereTypeIterable<T> extends Iterable<T> {
  final Iterable<Object?> _source;

  WhereTypeIterable(this._source);

  Iterator<T> get iterator => WhereTypeIterator<T>(_source.iterator);
}

class WhereTypeIterator<T> implements Iterator<T> {
  final Iterator<Object?> _source;

  WhereTypeIterator(this._source);

  bool moveNext() {
    while (_source.moveNext()) {
      if (_source.current is T) return true;
    }
    return false;
  }

  T get current => _source.current as T;
}

/// The elements that are not `null`.
class NonNullsIterable<T extends Object> extends Iterable<T> {
  final Iterable<T?> _source;

  NonNullsIterable(this._source);

  Iterator<T> get iterator => NonNullsIterator<T>(_source.iterator);

  bool get isEmpty {
    for (final element in _source) {
      if (element != null) return false;
    }
    return true;
  }
}

class NonNullsIterator<T extends Object> implements Iterator<T> {
  final Iterator<T?> _source;
  T? _current;

  NonNullsIterator(this._source);

  bool moveNext() {
    while (_source.moveNext()) {
      final element = _source.current;
      if (element != null) {
        _current = element;
        return true;
      }
    }
    _current = null;
    return false;
  }

  T get current => _current ?? (throw IterableElementError.noElement());
}

/// Pairs of index and element.
class IndexedIterable<T> extends Iterable<(int, T)> {
  final Iterable<T> _source;
  final int _start;

  factory IndexedIterable(Iterable<T> source) {
    if (source is EfficientLengthIterable<T>) {
      return EfficientLengthIndexedIterable<T>(source, 0);
    }
    return IndexedIterable<T>._(source, 0);
  }

  IndexedIterable._(this._source, this._start);

  int get length => _source.length;

  bool get isEmpty => _source.isEmpty;

  bool get isNotEmpty => _source.isNotEmpty;

  (int, T) get first => (_start, _source.first);

  (int, T) get single => (_start, _source.single);

  (int, T) elementAt(int index) => (_start + index, _source.elementAt(index));

  Iterable<(int, T)> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return IndexedIterable<T>._(_source.skip(count), _start + count);
  }

  Iterable<(int, T)> take(int count) =>
      IndexedIterable<T>._(_source.take(count), _start);

  Iterator<(int, T)> get iterator =>
      IndexedIterator<T>(_source.iterator, _start);
}

class EfficientLengthIndexedIterable<T> extends IndexedIterable<T>
    implements EfficientLengthIterable<(int, T)> {
  EfficientLengthIndexedIterable(Iterable<T> source, int start)
      : super._(source, start);

  (int, T) get last {
    final count = length;
    if (count <= 0) throw IterableElementError.noElement();
    final last = _source.last;
    if (count != length) throw ConcurrentModificationError(this);
    return (_start + count - 1, last);
  }

  bool contains(Object? element) {
    if (element is (int, Object?)) {
      final index = element.$1 - _start;
      if (index < 0 || index >= length) return false;
      return _source.elementAt(index) == element.$2;
    }
    return false;
  }

  Iterable<(int, T)> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return EfficientLengthIndexedIterable<T>(
        _source.skip(count), _start + count);
  }

  Iterable<(int, T)> take(int count) =>
      EfficientLengthIndexedIterable<T>(_source.take(count), _start);
}

class IndexedIterator<T> implements Iterator<(int, T)> {
  final Iterator<T> _source;
  final int _start;
  int _index = -1;

  IndexedIterator(this._source, this._start);

  bool moveNext() {
    if (_index >= -1 && _source.moveNext()) {
      _index++;
      return true;
    }
    _index = -2;
    return false;
  }

  (int, T) get current {
    if (_index < 0) throw IterableElementError.noElement();
    return (_start + _index, _source.current);
  }
}

/// Elements computed from their indices.
class GeneratorIterable<E> extends ListIterable<E> {
  final int length;
  final E Function(int) _generator;

  GeneratorIterable(this.length, this._generator);

  E elementAt(int index) {
    IndexError.check(index, length, indexable: this);
    return _generator(index);
  }
}

/// Gets each iterator from a function.
class FactoryIterable<E> extends Iterable<E> {
  final Iterator<E> Function() _factory;

  FactoryIterable(this._factory);

  Iterator<E> get iterator => _factory();
}
