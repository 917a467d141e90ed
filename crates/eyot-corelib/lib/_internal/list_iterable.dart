part of '_internal.dart';

/// An iterable defined by its length and its elements by index. Where the
/// length changes during a walk, that is an error.
abstract class ListIterable<E> extends Iterable<E>
    implements EfficientLengthIterable<E> {
  const ListIterable();

  int get length;

  E elementAt(int index);

  Iterator<E> get iterator => ListIterator<E>(this);

  void _checkLength(int expected) {
    if (expected != length) throw ConcurrentModificationError(this);
  }

  void forEach(void action(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      action(elementAt(i));
      _checkLength(count);
    }
  }

  bool get isEmpty => length == 0;

  E get first {
    if (length == 0) throw IterableElementError.noElement();
    return elementAt(0);
  }

  E get last {
    if (length == 0) throw IterableElementError.noElement();
    return elementAt(length - 1);
  }

  E get single {
    if (length == 0) throw IterableElementError.noElement();
    if (length > 1) throw IterableElementError.tooMany();
    return elementAt(0);
  }

  bool contains(Object? element) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (elementAt(i) == element) return true;
      _checkLength(count);
    }
    return false;
  }

  bool every(bool test(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (!test(elementAt(i))) return false;
      _checkLength(count);
    }
    return true;
  }

  bool any(bool test(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (test(elementAt(i))) return true;
      _checkLength(count);
    }
    return false;
  }

  E firstWhere(bool test(E element), {E orElse()?}) {
    final count = length;
    for (int i = 0; i < count; i++) {
      final element = elementAt(i);
      if (test(element)) return element;
      _checkLength(count);
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E lastWhere(bool test(E element), {E orElse()?}) {
    final count = length;
    for (int i = count - 1; i >= 0; i--) {
      final element = elementAt(i);
      if (test(element)) return element;
      _checkLength(count);
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  Iterable<E> where(bool test(E element)) => super.where(test);

  Iterable<T> map<T>(T toElement(E element)) =>
      MappedListIterable<E, T>(this, toElement);

  E reduce(E combine(E value, E element)) {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    E value = elementAt(0);
    for (int i = 1; i < count; i++) {
      value = combine(value, elementAt(i));
      _checkLength(count);
    }
    return value;
  }

  T fold<T>(T initialValue, T combine(T previousValue, E element)) {
    T value = initialValue;
    final count = length;
    for (int i = 0; i < count; i++) {
      value = combine(value, elementAt(i));
      _checkLength(count);
    }
    return value;
  }

  Iterable<E> skip(int count) => SubListIterable<E>(this, count, null);

  Iterable<E> skipWhile(bool test(E element)) => super.skipWhile(test);

  Iterable<E> take(int count) =>
      SubListIterable<E>(this, 0, RangeError.checkNotNegative(count, 'count'));

  Iterable<E> takeWhile(bool test(E element)) => super.takeWhile(test);

  List<E> toList({bool growable = true}) {
    final count = length;
    final result = <E>[];
    for (int i = 0; i < count; i++) {
      result.add(elementAt(i));
    }
    return growable ? result : List<E>.of(result, growable: false);
  }

  Set<E> toSet() {
    final result = <E>{};
    final count = length;
    for (int i = 0; i < count; i++) {
      result.add(elementAt(i));
    }
    return result;
  }
}

/// Walks over anything indexed by `elementAt` with a length.
class ListIterator<E> implements Iterator<E> {
  final Iterable<E> _iterable;
  final int _length;
  int _index = 0;
  E? _current;

  ListIterator(Iterable<E> iterable)
      : _iterable = iterable,
        _length = iterable.length;

  E get current => unsafeCast<E>(_current);

  bool moveNext() {
    final length = _iterable.length;
    if (_length != length) throw ConcurrentModificationError(_iterable);
    if (_index >= length) {
      _current = null;
      return false;
    }
    _current = _iterable.elementAt(_index);
    _index++;
    return true;
  }
}

/// A part of an indexed iterable, which may get shorter meanwhile.
class SubListIterable<E> extends ListIterable<E> {
  final Iterable<E> _iterable;
  final int _start;

  /// First index that does not belong, or `null` for all the rest.
  final int? _endOrLength;

  SubListIterable(this._iterable, this._start, this._endOrLength) {
    RangeError.checkNotNegative(_start, 'start');
    final end = _endOrLength;
    if (end != null) {
      RangeError.checkNotNegative(end, 'end');
      if (_start > end) throw RangeError.range(_start, 0, end, 'start');
    }
  }

  int get _endIndex {
    final length = _iterable.length;
    final end = _endOrLength;
    return end == null || end > length ? length : end;
  }

  int get _startIndex {
    final length = _iterable.length;
    return _start > length ? length : _start;
  }

  int get length {
    final length = _iterable.length;
    if (_start >= length) return 0;
    final end = _endOrLength;
    if (end == null || end >= length) return length - _start;
    return end - _start;
  }

  E elementAt(int index) {
    final real = _startIndex + index;
    if (index < 0 || real >= _endIndex) {
      throw IndexError.withLength(index, length,
          indexable: this, name: 'index');
    }
    return _iterable.elementAt(real);
  }

  Iterable<E> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    final start = _start + count;
    final end = _endOrLength;
    if (end != null && start >= end) return EmptyIterable<E>();
    return SubListIterable<E>(_iterable, start, end);
  }

  Iterable<E> take(int count) {
    RangeError.checkNotNegative(count, 'count');
    final newEnd = _start + count;
    final end = _endOrLength;
    if (end != null && end < newEnd) return this;
    return SubListIterable<E>(_iterable, _start, newEnd);
  }

  List<E> toList({bool growable = true}) {
    final start = _start;
    int end = _iterable.length;
    final limit = _endOrLength;
    if (limit != null && limit < end) end = limit;
    final length = end - start;
    if (length <= 0) return List<E>.empty(growable: growable);
    final source = _iterable;
    if (source is List<E>) {
      final part = source.sublist(start, end);
      return growable ? part : List<E>.of(part, growable: false);
    }
    final result = <E>[];
    for (int i = start; i < end; i++) {
      result.add(source.elementAt(i));
      if (source.length < end) throw ConcurrentModificationError(this);
    }
    return growable ? result : List<E>.of(result, growable: false);
  }
}

/// A list from its end to its start.
class ReversedListIterable<E> extends ListIterable<E> {
  final Iterable<E> _source;

  ReversedListIterable(this._source);

  int get length => _source.length;

  E elementAt(int index) => _source.elementAt(_source.length - 1 - index);
}
