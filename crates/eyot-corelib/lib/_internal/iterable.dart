part of '_internal.dart';

/// An iterable whose `length` costs little.
abstract interface class EfficientLengthIterable<T> extends Iterable<T> {
  const EfficientLengthIterable();

  int get length;
}

/// No elements.
class EmptyIterable<E> extends Iterable<E>
    implements EfficientLengthIterable<E> {
  const EmptyIterable();

  Iterator<E> get iterator => EmptyIterator<E>();

  void forEach(void action(E element)) {}

  bool get isEmpty => true;

  int get length => 0;

  E get first => throw IterableElementError.noElement();

  E get last => throw IterableElementError.noElement();

  E get single => throw IterableElementError.noElement();

  E elementAt(int index) => throw RangeError.range(index, 0, 0, 'index');

  bool contains(Object? element) => false;

  bool every(bool test(E element)) => true;

  bool any(bool test(E element)) => false;

  E firstWhere(bool test(E element), {E orElse()?}) {
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E lastWhere(bool test(E element), {E orElse()?}) {
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E singleWhere(bool test(E element), {E orElse()?}) {
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  String join([String separator = '']) => '';

  Iterable<E> where(bool test(E element)) => this;

  Iterable<T> map<T>(T toElement(E element)) => EmptyIterable<T>();

  E reduce(E combine(E value, E element)) =>
      throw IterableElementError.noElement();

  T fold<T>(T initialValue, T combine(T previousValue, E element)) =>
      initialValue;

  Iterable<E> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return this;
  }

  Iterable<E> skipWhile(bool test(E element)) => this;

  Iterable<E> take(int count) {
    RangeError.checkNotNegative(count, 'count');
    return this;
  }

  Iterable<E> takeWhile(bool test(E element)) => this;

  List<E> toList({bool growable = true}) => List<E>.empty(growable: growable);

  Set<E> toSet() => <E>{};
}

class EmptyIterator<E> implements Iterator<E> {
  const EmptyIterator();

  bool moveNext() => false;

  E get current => throw IterableElementError.noElement();
}

/// The results of a function on each element.
class MappedIterable<S, T> extends Iterable<T> {
  final Iterable<S> _iterable;
  final T Function(S) _f;

  factory MappedIterable(Iterable<S> iterable, T Function(S) function) {
    if (iterable is EfficientLengthIterable<S>) {
      return EfficientLengthMappedIterable<S, T>(iterable, function);
    }
    return MappedIterable<S, T>._(iterable, function);
  }

  MappedIterable._(this._iterable, this._f);

  Iterator<T> get iterator => MappedIterator<S, T>(_iterable.iterator, _f);

  int get length => _iterable.length;

  bool get isEmpty => _iterable.isEmpty;

  T get first => _f(_iterable.first);

  T get last => _f(_iterable.last);

  T get single => _f(_iterable.single);

  T elementAt(int index) => _f(_iterable.elementAt(index));
}

class EfficientLengthMappedIterable<S, T> extends MappedIterable<S, T>
    implements EfficientLengthIterable<T> {
  EfficientLengthMappedIterable(Iterable<S> iterable, T Function(S) function)
      : super._(iterable, function);
}

class MappedIterator<S, T> implements Iterator<T> {
  final Iterator<S> _iterator;
  final T Function(S) _f;
  T? _current;

  MappedIterator(this._iterator, this._f);

  bool moveNext() {
    if (_iterator.moveNext()) {
      _current = _f(_iterator.current);
      return true;
    }
    _current = null;
    return false;
  }

  T get current => unsafeCast<T>(_current);
}

/// The results of a function on each element of something indexed; reads the
/// elements by index.
class MappedListIterable<S, T> extends ListIterable<T> {
  final Iterable<S> _source;
  final T Function(S) _f;

  MappedListIterable(this._source, this._f);

  int get length => _source.length;

  T elementAt(int index) => _f(_source.elementAt(index));
}

/// The elements that pass a test.
class WhereIterable<E> extends Iterable<E> {
  final Iterable<E> _iterable;
  final bool Function(E) _f;

  WhereIterable(this._iterable, this._f);

  Iterator<E> get iterator => WhereIterator<E>(_iterable.iterator, _f);

  Iterable<T> map<T>(T toElement(E element)) =>
      MappedIterable<E, T>._(this, toElement);
}

class WhereIterator<E> implements Iterator<E> {
  final Iterator<E> _iterator;
  final bool Function(E) _f;

  WhereIterator(this._iterator, this._f);

  bool moveNext() {
    while (_iterator.moveNext()) {
      if (_f(_iterator.current)) return true;
    }
    return false;
  }

  E get current => _iterator.current;
}

/// The elements of the iterables that a function makes of each element.
class ExpandIterable<S, T> extends Iterable<T> {
  final Iterable<S> _iterable;
  final Iterable<T> Function(S) _f;

  ExpandIterable(this._iterable, this._f);

  Iterator<T> get iterator => ExpandIterator<S, T>(_iterable.iterator, _f);
}

class ExpandIterator<S, T> implements Iterator<T> {
  final Iterator<S> _iterator;
  final Iterable<T> Function(S) _f;

  /// Over the expansion of the current source element; empty at the start,
  /// `null` at the end.
  Iterator<T>? _expansion = EmptyIterator<T>();
  T? _current;

  ExpandIterator(this._iterator, this._f);

  T get current => unsafeCast<T>(_current);

  bool moveNext() {
    Iterator<T>? expansion = _expansion;
    if (expansion == null) return false;
    while (!expansion!.moveNext()) {
      _current = null;
      if (!_iterator.moveNext()) {
        _expansion = null;
        return false;
      }
      // Should the function throw, the iterator is at its end.
      _expansion = null;
      expansion = _f(_iterator.current).iterator;
      _expansion = expansion;
    }
    _current = expansion.current;
    return true;
  }
}

/// At most so many leading elements.
class TakeIterable<E> extends Iterable<E> {
  final Iterable<E> _iterable;
  final int _takeCount;

  factory TakeIterable(Iterable<E> iterable, int takeCount) {
    RangeError.checkNotNegative(takeCount, 'count');
    if (iterable is EfficientLengthIterable<E>) {
      return EfficientLengthTakeIterable<E>(iterable, takeCount);
    }
    return TakeIterable<E>._(iterable, takeCount);
  }

  TakeIterable._(this._iterable, this._takeCount);

  Iterator<E> get iterator => TakeIterator<E>(_iterable.iterator, _takeCount);
}

class EfficientLengthTakeIterable<E> extends TakeIterable<E>
    implements EfficientLengthIterable<E> {
  EfficientLengthTakeIterable(Iterable<E> iterable, int takeCount)
      : super._(iterable, takeCount);

  int get length {
    final whole = _iterable.length;
    return whole > _takeCount ? _takeCount : whole;
  }
}

class TakeIterator<E> implements Iterator<E> {
  final Iterator<E> _iterator;

  /// How many may still come; below zero at the end.
  int _remaining;

  TakeIterator(this._iterator, this._remaining);

  bool moveNext() {
    _remaining--;
    if (_remaining >= 0) return _iterator.moveNext();
    _remaining = -1;
    return false;
  }

  E get current {
    // Before the end is passed the source says what the current element is.
    if (_remaining < 0) return unsafeCast<E>(null);
    return _iterator.current;
  }
}

/// The leading elements that pass a test.
class TakeWhileIterable<E> extends Iterable<E> {
  final Iterable<E> _iterable;
  final bool Function(E) _f;

  TakeWhileIterable(this._iterable, this._f);

  Iterator<E> get iterator => TakeWhileIterator<E>(_iterable.iterator, _f);
}

class TakeWhileIterator<E> implements Iterator<E> {
  final Iterator<E> _iterator;
  final bool Function(E) _f;
  bool _isFinished = false;

  TakeWhileIterator(this._iterator, this._f);

  bool moveNext() {
    if (_isFinished) return false;
    if (!_iterator.moveNext() || !_f(_iterator.current)) {
      _isFinished = true;
      return false;
    }
    return true;
  }

  E get current {
    if (_isFinished) return unsafeCast<E>(null);
    return _iterator.current;
  }
}

/// All but so many leading elements.
class SkipIterable<E> extends Iterable<E> {
  final Iterable<E> _iterable;
  final int _skipCount;

  factory SkipIterable(Iterable<E> iterable, int count) {
    RangeError.checkNotNegative(count, 'count');
    if (iterable is EfficientLengthIterable<E>) {
      return EfficientLengthSkipIterable<E>(iterable, count);
    }
    return SkipIterable<E>._(iterable, count);
  }

  SkipIterable._(this._iterable, this._skipCount);

  Iterable<E> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return SkipIterable<E>._(_iterable, _skipCount + count);
  }

  Iterator<E> get iterator => SkipIterator<E>(_iterable.iterator, _skipCount);
}

class EfficientLengthSkipIterable<E> extends SkipIterable<E>
    implements EfficientLengthIterable<E> {
  EfficientLengthSkipIterable(Iterable<E> iterable, int count)
      : super._(iterable, count);

  int get length {
    final rest = _iterable.length - _skipCount;
    return rest < 0 ? 0 : rest;
  }

  Iterable<E> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return EfficientLengthSkipIterable<E>(_iterable, _skipCount + count);
  }
}

class SkipIterator<E> implements Iterator<E> {
  final Iterator<E> _iterator;
  int _skipCount;

  SkipIterator(this._iterator, this._skipCount);

  bool moveNext() {
    for (int i = _skipCount; i > 0; i--) {
      _iterator.moveNext();
    }
    _skipCount = 0;
    return _iterator.moveNext();
  }

  E get current => _iterator.current;
}

/// The elements from the first one on that fails a test.
class SkipWhileIterable<E> extends Iterable<E> {
  final Iterable<E> _iterable;
  final bool Function(E) _f;

  SkipWhileIterable(this._iterable, this._f);

  Iterator<E> get iterator => SkipWhileIterator<E>(_iterable.iterator, _f);
}

class SkipWhileIterator<E> implements Iterator<E> {
  final Iterator<E> _iterator;
  final bool Function(E) _f;
  bool _hasSkipped = false;

  SkipWhileIterator(this._iterator, this._f);

  bool moveNext() {
    if (!_hasSkipped) {
      _hasSkipped = true;
      while (_iterator.moveNext()) {
        if (!_f(_iterator.current)) return true;
      }
    }
    return _iterator.moveNext();
  }

  E get current => _iterator.current;
}
