part of 'collection.dart';

/// A list of elements that carry their own links.
class LinkedList<E extends LinkedListEntry<E>> extends Iterable<E> {
  /// Counts changes, for iterators.
  int _modificationCount = 0;
  int _length = 0;
  E? _first;

  LinkedList();

  void addFirst(E entry) {
    _insertBefore(_first, entry, true);
  }

  void add(E entry) {
    _insertBefore(_first, entry, false);
  }

  void addAll(Iterable<E> entries) {
    for (final entry in entries) {
      add(entry);
    }
  }

  bool remove(E entry) {
    if (!identical(entry._list, this)) return false;
    _unlink(entry);
    return true;
  }

  bool contains(Object? entry) =>
      entry is LinkedListEntry && identical(this, entry.list);

  Iterator<E> get iterator => _LinkedListIterator<E>(this);

  int get length => _length;

  void clear() {
    _modificationCount++;
    final first = _first;
    if (first == null) return;
    E next = first;
    do {
      final entry = next;
      next = entry._next!;
      entry._next = null;
      entry._previous = null;
      entry._list = null;
    } while (!identical(next, first));
    _first = null;
    _length = 0;
  }

  E get first => _first ?? (throw StateError('No such element'));

  E get last {
    final first = _first;
    if (first == null) throw StateError('No such element');
    return first._previous!;
  }

  E get single {
    final first = _first;
    if (first == null) throw StateError('No such element');
    if (_length > 1) throw StateError('Too many elements');
    return first;
  }

  void forEach(void action(E entry)) {
    final before = _modificationCount;
    final first = _first;
    if (first == null) return;
    E current = first;
    do {
      action(current);
      if (before != _modificationCount) {
        throw ConcurrentModificationError(this);
      }
      current = current._next!;
    } while (!identical(current, first));
  }

  bool get isEmpty => _length == 0;

  /// Puts [newEntry] in front of [entry] in the ring (`null`: the list is
  /// empty); with [updateFirst] it becomes the first where [entry] was that.
  void _insertBefore(E? entry, E newEntry, bool updateFirst) {
    if (newEntry._list != null) {
      throw StateError('LinkedListEntry is already in a LinkedList');
    }
    _modificationCount++;
    newEntry._list = this;
    if (entry == null) {
      newEntry._next = newEntry;
      newEntry._previous = newEntry;
      _first = newEntry;
      _length++;
      return;
    }
    final E predecessor = entry._previous!;
    newEntry._previous = predecessor;
    newEntry._next = entry;
    predecessor._next = newEntry;
    entry._previous = newEntry;
    if (updateFirst && identical(entry, _first)) _first = newEntry;
    _length++;
  }

  void _unlink(E entry) {
    _modificationCount++;
    final E next = entry._next!;
    next._previous = entry._previous;
    entry._previous!._next = next;
    _length--;
    if (_length == 0) {
      _first = null;
    } else if (identical(entry, _first)) {
      _first = next;
    }
    entry._list = null;
    entry._next = null;
    entry._previous = null;
  }
}

class _LinkedListIterator<E extends LinkedListEntry<E>>
    implements Iterator<E> {
  final LinkedList<E> _list;
  final int _modificationCount;
  E? _current;
  E? _next;
  bool _visitedFirst = false;

  _LinkedListIterator(LinkedList<E> list)
      : _list = list,
        _modificationCount = list._modificationCount,
        _next = list._first;

  E get current => unsafeCast<E>(_current);

  bool moveNext() {
    if (_modificationCount != _list._modificationCount) {
      throw ConcurrentModificationError(this);
    }
    final next = _next;
    if (next == null || (_visitedFirst && identical(next, _list._first))) {
      _current = null;
      return false;
    }
    _visitedFirst = true;
    _current = next;
    _next = next._next;
    return true;
  }
}

/// An element of a [LinkedList]; in one list at a time.
abstract base mixin class LinkedListEntry<E extends LinkedListEntry<E>> {
  LinkedList<E>? _list;
  E? _next;
  E? _previous;

  LinkedList<E>? get list => _list;

  void unlink() {
    _list!._unlink(this as E);
  }

  E? get next {
    final list = _list;
    if (list == null || identical(list._first, _next)) return null;
    return _next;
  }

  E? get previous {
    final list = _list;
    if (list == null || identical(this, list._first)) return null;
    return _previous;
  }

  void insertAfter(E entry) {
    _list!._insertBefore(_next, entry, false);
  }

  void insertBefore(E entry) {
    _list!._insertBefore(this as E, entry, true);
  }
}

/// Adds a look ahead to an iterator.
@Deprecated('Use the iterator itself')
final class HasNextIterator<E> {
  final Iterator<E> _iterator;

  /// Whether there is a next element, `null` where that is not known yet.
  bool? _hasNext;

  HasNextIterator(this._iterator);

  bool get hasNext => _hasNext ??= _iterator.moveNext();

  E next() {
    if (!hasNext) throw StateError('No more elements');
    final result = _iterator.current;
    _hasNext = null;
    return result;
  }
}
