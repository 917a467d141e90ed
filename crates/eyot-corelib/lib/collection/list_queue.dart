part of 'collection.dart';

/// A queue in a ring buffer whose size is a power of two.
final class ListQueue<E> extends ListIterable<E> implements Queue<E> {
  static const int _initialCapacity = 8;

  List<E?> _table;

  /// Index of the first element.
  int _head = 0;

  /// Index behind the last element; one slot always stays free, so an equal
  /// head and tail mean empty.
  int _tail = 0;

  /// Counts changes, for iterators.
  int _modificationCount = 0;

  ListQueue([int? initialCapacity])
      : _table = List<E?>.filled(_capacityFor(initialCapacity), null);

  factory ListQueue.from(Iterable<dynamic> elements) {
    final result = ListQueue<E>(_expectedLength(elements));
    for (final Object? element in elements) {
      result.addLast(element as E);
    }
    return result;
  }

  factory ListQueue.of(Iterable<E> elements) =>
      ListQueue<E>(_expectedLength(elements))..addAll(elements);

  static int? _expectedLength(Iterable<Object?> elements) =>
      elements is EfficientLengthIterable<Object?> ? elements.length + 1 : null;

  static int _capacityFor(int? wanted) {
    int capacity = _initialCapacity;
    if (wanted == null) return capacity;
    while (capacity < wanted) {
      capacity <<= 1;
    }
    return capacity;
  }

  Queue<R> cast<R>() => Queue.castFrom<E, R>(this);

  Iterator<E> get iterator => _ListQueueIterator<E>(this);

  void forEach(void f(E element)) {
    final before = _modificationCount;
    for (int i = _head; i != _tail; i = (i + 1) & (_table.length - 1)) {
      f(unsafeCast<E>(_table[i]));
      _checkModification(before);
    }
  }

  bool get isEmpty => _head == _tail;

  int get length => (_tail - _head) & (_table.length - 1);

  E get first {
    if (_head == _tail) throw IterableElementError.noElement();
    return unsafeCast<E>(_table[_head]);
  }

  E get last {
    if (_head == _tail) throw IterableElementError.noElement();
    return unsafeCast<E>(_table[(_tail - 1) & (_table.length - 1)]);
  }

  E get single {
    if (_head == _tail) throw IterableElementError.noElement();
    if (length > 1) throw IterableElementError.tooMany();
    return unsafeCast<E>(_table[_head]);
  }

  E elementAt(int index) {
    IndexError.check(index, length, indexable: this);
    return unsafeCast<E>(_table[(_head + index) & (_table.length - 1)]);
  }

  List<E> toList({bool growable = true}) {
    final result = <E>[];
    final mask = _table.length - 1;
    for (int i = _head; i != _tail; i = (i + 1) & mask) {
      result.add(unsafeCast<E>(_table[i]));
    }
    return growable ? result : List<E>.of(result, growable: false);
  }

  void add(E value) => addLast(value);

  void addAll(Iterable<E> elements) {
    for (final element in elements) {
      addLast(element);
    }
  }

  bool remove(Object? value) {
    final mask = _table.length - 1;
    for (int i = _head; i != _tail; i = (i + 1) & mask) {
      if (_table[i] == value) {
        _removeSlot(i);
        _modificationCount++;
        return true;
      }
    }
    return false;
  }

  void removeWhere(bool test(E element)) => _filter(test, true);

  void retainWhere(bool test(E element)) => _filter(test, false);

  void _filter(bool test(E element), bool removed) {
    int before = _modificationCount;
    int i = _head;
    while (i != _tail) {
      final bool remove = test(unsafeCast<E>(_table[i])) == removed;
      _checkModification(before);
      if (remove) {
        i = _removeSlot(i);
        _modificationCount++;
        before = _modificationCount;
      } else {
        i = (i + 1) & (_table.length - 1);
      }
    }
  }

  void clear() {
    if (_head == _tail) return;
    final mask = _table.length - 1;
    for (int i = _head; i != _tail; i = (i + 1) & mask) {
      _table[i] = null;
    }
    _head = 0;
    _tail = 0;
    _modificationCount++;
  }

  String toString() => Iterable.iterableToFullString(this, '{', '}');

  void addLast(E value) {
    _table[_tail] = value;
    _tail = (_tail + 1) & (_table.length - 1);
    if (_head == _tail) _grow();
    _modificationCount++;
  }

  void addFirst(E value) {
    _head = (_head - 1) & (_table.length - 1);
    _table[_head] = value;
    if (_head == _tail) _grow();
    _modificationCount++;
  }

  E removeFirst() {
    final head = _head;
    if (head == _tail) throw IterableElementError.noElement();
    _modificationCount++;
    final result = unsafeCast<E>(_table[head]);
    _table[head] = null;
    _head = (head + 1) & (_table.length - 1);
    return result;
  }

  E removeLast() {
    if (_head == _tail) throw IterableElementError.noElement();
    _modificationCount++;
    final tail = (_tail - 1) & (_table.length - 1);
    final result = unsafeCast<E>(_table[tail]);
    _table[tail] = null;
    _tail = tail;
    return result;
  }

  void _checkModification(int expected) {
    if (expected != _modificationCount) {
      throw ConcurrentModificationError(this);
    }
  }

  /// Empties the slot at [offset] by moving the shorter side; answers the
  /// index of the element that followed.
  int _removeSlot(int offset) {
    final mask = _table.length - 1;
    final before = (offset - _head) & mask;
    final after = (_tail - offset) & mask;
    if (before < after) {
      int i = offset;
      while (i != _head) {
        final previous = (i - 1) & mask;
        _table[i] = _table[previous];
        i = previous;
      }
      _table[_head] = null;
      _head = (_head + 1) & mask;
      return (offset + 1) & mask;
    }
    _tail = (_tail - 1) & mask;
    int i = offset;
    while (i != _tail) {
      final next = (i + 1) & mask;
      _table[i] = _table[next];
      i = next;
    }
    _table[_tail] = null;
    return offset;
  }

  /// Doubles a table that has just become full.
  void _grow() {
    final old = _table;
    final size = old.length;
    final bigger = List<E?>.filled(size * 2, null);
    final split = size - _head;
    bigger.setRange(0, split, old, _head);
    bigger.setRange(split, split + _head, old, 0);
    _head = 0;
    _tail = size;
    _table = bigger;
  }
}

class _ListQueueIterator<E> implements Iterator<E> {
  final ListQueue<E> _queue;
  final int _end;
  final int _modificationCount;
  int _position;
  E? _current;

  _ListQueueIterator(ListQueue<E> queue)
      : _queue = queue,
        _end = queue._tail,
        _modificationCount = queue._modificationCount,
        _position = queue._head;

  E get current => unsafeCast<E>(_current);

  bool moveNext() {
    final queue = _queue;
    queue._checkModification(_modificationCount);
    if (_position == _end) {
      _current = null;
      return false;
    }
    final table = queue._table;
    _current = table[_position];
    _position = (_position + 1) & (table.length - 1);
    return true;
  }
}
