part of 'collection.dart';

/// A collection that is changed at both ends.
abstract interface class Queue<E> implements Iterable<E>, EfficientLengthIterable<E> {
  factory Queue() = ListQueue<E>;

  factory Queue.from(Iterable<dynamic> elements) = ListQueue<E>.from;

  factory Queue.of(Iterable<E> elements) = ListQueue<E>.of;

  static Queue<T> castFrom<S, T>(Queue<S> source) => _CastQueue<S, T>(source);

  Queue<R> cast<R>();

  E removeFirst();

  E removeLast();

  void addFirst(E value);

  void addLast(E value);

  void add(E value);

  bool remove(Object? value);

  void addAll(Iterable<E> iterable);

  void removeWhere(bool test(E element));

  void retainWhere(bool test(E element));

  void clear();
}

/// A queue whose elements are cast when they are read or added.
class _CastQueue<S, T> extends Iterable<T> implements Queue<T> {
  final Queue<S> _source;

  _CastQueue(this._source);

  Queue<R> cast<R>() => _CastQueue<S, R>(_source);

  Iterator<T> get iterator => CastIterator<S, T>(_source.iterator);

  int get length => _source.length;

  bool get isEmpty => _source.isEmpty;

  T removeFirst() => _source.removeFirst() as T;

  T removeLast() => _source.removeLast() as T;

  void add(T value) => _source.add(value as S);

  void addFirst(T value) => _source.addFirst(value as S);

  void addLast(T value) => _source.addLast(value as S);

  bool remove(Object? other) => _source.remove(other);

  void addAll(Iterable<T> elements) =>
      _source.addAll(CastIterable<T, S>(elements));

  void removeWhere(bool test(T element)) {
    _source.removeWhere((S element) => test(element as T));
  }

  void retainWhere(bool test(T element)) {
    _source.retainWhere((S element) => test(element as T));
  }

  void clear() => _source.clear();

  String toString() => Iterable.iterableToFullString(this, '{', '}');
}

/// One element of a [DoubleLinkedQueue].
///
/// A queue's links are a ring that has its sentinel as one link; an entry that
/// the program made, or that was removed, is a ring of its own or `null`.
class DoubleLinkedQueueEntry<E> {
  DoubleLinkedQueue<E>? _queue;
  DoubleLinkedQueueEntry<E>? _previous;
  DoubleLinkedQueueEntry<E>? _next;
  E? _element;

  /// An entry that is in no queue.
  DoubleLinkedQueueEntry(E element) : _element = element;

  DoubleLinkedQueueEntry._(this._element, this._queue);

  bool get _isSentinel => false;

  E get element => unsafeCast<E>(_element);

  void set element(E value) {
    _element = value;
  }

  void _insertBetween(DoubleLinkedQueueEntry<E>? previous, DoubleLinkedQueueEntry<E>? next) {
    _previous = previous;
    _next = next;
    previous?._next = this;
    next?._previous = this;
    final queue = _queue;
    if (queue != null) queue._length++;
  }

  void append(E e) {
    DoubleLinkedQueueEntry<E>._(e, _queue)._insertBetween(this, _next);
  }

  void prepend(E e) {
    DoubleLinkedQueueEntry<E>._(e, _queue)._insertBetween(_previous, this);
  }

  E remove() {
    _previous?._next = _next;
    _next?._previous = _previous;
    _previous = null;
    _next = null;
    final queue = _queue;
    if (queue != null) {
      queue._length--;
      _queue = null;
    }
    return element;
  }

  DoubleLinkedQueueEntry<E>? previousEntry() {
    final previous = _previous;
    return previous == null || previous._isSentinel ? null : previous;
  }

  DoubleLinkedQueueEntry<E>? nextEntry() {
    final next = _next;
    return next == null || next._isSentinel ? null : next;
  }
}

class _QueueSentinel<E> extends DoubleLinkedQueueEntry<E> {
  _QueueSentinel() : super._(null, null) {
    _previous = this;
    _next = this;
  }

  bool get _isSentinel => true;
}

/// A queue of linked entries.
final class DoubleLinkedQueue<E> extends Iterable<E> implements Queue<E> {
  final _QueueSentinel<E> _sentinel = _QueueSentinel<E>();
  int _length = 0;

  DoubleLinkedQueue();

  factory DoubleLinkedQueue.from(Iterable<dynamic> elements) {
    final result = DoubleLinkedQueue<E>();
    for (final Object? element in elements) {
      result.addLast(element as E);
    }
    return result;
  }

  factory DoubleLinkedQueue.of(Iterable<E> elements) =>
      DoubleLinkedQueue<E>()..addAll(elements);

  DoubleLinkedQueueEntry<E> get _firstLink => _sentinel._next!;

  DoubleLinkedQueueEntry<E> get _lastLink => _sentinel._previous!;

  Queue<R> cast<R>() => Queue.castFrom<E, R>(this);

  int get length => _length;

  void addLast(E value) {
    DoubleLinkedQueueEntry<E>._(value, this)._insertBetween(_lastLink, _sentinel);
  }

  void addFirst(E value) {
    DoubleLinkedQueueEntry<E>._(value, this)._insertBetween(_sentinel, _firstLink);
  }

  void add(E value) => addLast(value);

  void addAll(Iterable<E> iterable) {
    for (final element in iterable) {
      addLast(element);
    }
  }

  E removeLast() {
    if (_length == 0) throw IterableElementError.noElement();
    return _lastLink.remove();
  }

  E removeFirst() {
    if (_length == 0) throw IterableElementError.noElement();
    return _firstLink.remove();
  }

  bool remove(Object? o) {
    DoubleLinkedQueueEntry<E> link = _firstLink;
    while (!link._isSentinel) {
      final bool equal = link._element == o;
      if (!identical(this, link._queue)) {
        throw ConcurrentModificationError(this);
      }
      if (equal) {
        link.remove();
        return true;
      }
      link = link._next!;
    }
    return false;
  }

  void removeWhere(bool test(E element)) => _filter(test, true);

  void retainWhere(bool test(E element)) => _filter(test, false);

  void _filter(bool test(E element), bool removed) {
    DoubleLinkedQueueEntry<E> link = _firstLink;
    while (!link._isSentinel) {
      final bool matches = test(link.element);
      if (!identical(this, link._queue)) {
        throw ConcurrentModificationError(this);
      }
      final next = link._next!;
      if (matches == removed) link.remove();
      link = next;
    }
  }

  E get first {
    if (_length == 0) throw IterableElementError.noElement();
    return _firstLink.element;
  }

  E get last {
    if (_length == 0) throw IterableElementError.noElement();
    return _lastLink.element;
  }

  E get single {
    if (_length == 0) throw IterableElementError.noElement();
    if (_length > 1) throw IterableElementError.tooMany();
    return _firstLink.element;
  }

  DoubleLinkedQueueEntry<E>? firstEntry() => _sentinel.nextEntry();

  DoubleLinkedQueueEntry<E>? lastEntry() => _sentinel.previousEntry();

  bool get isEmpty => _length == 0;

  void clear() {
    DoubleLinkedQueueEntry<E> link = _firstLink;
    while (!link._isSentinel) {
      final next = link._next!;
      link._previous = null;
      link._next = null;
      link._queue = null;
      link = next;
    }
    _sentinel._next = _sentinel;
    _sentinel._previous = _sentinel;
    _length = 0;
  }

  void forEachEntry(void action(DoubleLinkedQueueEntry<E> element)) {
    DoubleLinkedQueueEntry<E> link = _firstLink;
    while (!link._isSentinel) {
      final next = link._next!;
      action(link);
      if (identical(this, link._queue)) {
        link = link._next!;
      } else if (identical(this, next._queue) || next._isSentinel) {
        link = next;
      } else {
        throw ConcurrentModificationError(this);
      }
    }
  }

  Iterator<E> get iterator => _DoubleLinkedQueueIterator<E>(this);

  String toString() => Iterable.iterableToFullString(this, '{', '}');
}

class _DoubleLinkedQueueIterator<E> implements Iterator<E> {
  final DoubleLinkedQueue<E> _queue;
  DoubleLinkedQueueEntry<E>? _next;
  E? _current;

  _DoubleLinkedQueueIterator(DoubleLinkedQueue<E> queue)
      : _queue = queue,
        _next = queue._firstLink;

  bool moveNext() {
    final link = _next;
    if (link == null || link._isSentinel) {
      _current = null;
      _next = null;
      return false;
    }
    if (!identical(_queue, link._queue)) {
      throw ConcurrentModificationError(_queue);
    }
    _current = link.element;
    _next = link._next;
    return true;
  }

  E get current => unsafeCast<E>(_current);
}
