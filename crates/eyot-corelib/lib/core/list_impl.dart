part of 'core.dart';

// The lists of the runtime. All three know their elements by index, so what
// they share is written once, in `_IndexedReads` for reading and in
// `_IndexedWrites` for changing elements in place.

/// Native: copies `source[from .. from + count)` to [target] at [at]; both
/// are `_List` backings, may be the same one, and the ranges are in bounds.
/// Does the write barrier; no type check. A backing is `null` where it has no
/// elements.
external void _copyElements(List<Object?>? source, int from,
    List<Object?>? target, int at, int count);

/// Native: sets `target[start .. end)`, in bounds, to [value].
external void _fillElements(
    List<Object?>? target, int start, int end, Object? value);

/// A fixed-length list; the elements are inline in the object.
final class _List<E> extends ListBase<E>
    with _IndexedReads<E>, _IndexedWrites<E>, FixedLengthListMixin<E> {
  /// Native: a list of [length] nulls (checked not negative). A length that
  /// memory cannot hold throws through `_throwOutOfMemory`.
  external factory _List(int length);

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; out of range throws through
  /// `_throwRangeError`.
  external E operator [](int index);

  /// Native: stores [value], checking it against `E` where the call could
  /// not know the exact `E`; range as for `[]`.
  external void operator []=(int index, E value);

  void _fill(Object? value) => _fillElements(this, 0, length, value);

  List<Object?>? get _backing => this;

  Iterator<E> get iterator => _ListIterator<E>(this);
}

/// A list whose elements never change: constants and `List.unmodifiable`.
/// Laid out like `_List`.
final class _ImmutableList<E> extends ListBase<E>
    with _IndexedReads<E>, UnmodifiableListMixin<E> {
  factory _ImmutableList._uninstantiable() {
    throw UnsupportedError('_ImmutableList');
  }

  /// Native: number of elements.
  external int get length;

  /// Native: as `_List.[]`.
  external E operator [](int index);

  List<Object?>? get _backing => this;

  Iterator<E> get iterator => _ListIterator<E>(this);
}

/// Native: the list becomes (or is copied to) an `_ImmutableList` with the
/// same type argument. The caller gives up [list].
external List<E> _immutableFrom<E>(List<E> list);

/// A list that grows: a length and a backing list with room to spare.
final class _GrowableList<E> extends ListBase<E>
    with _IndexedReads<E>, _IndexedWrites<E> {
  // The runtime knows these two fields by their position. The backing list
  // is null while there is no room for any element.
  int _length;
  _List<Object?>? _data;

  _GrowableList._of(this._length, this._data);

  _GrowableList._empty()
      : _length = 0,
        _data = null;

  _GrowableList._withCapacity(int capacity)
      : _length = 0,
        _data = capacity == 0 ? null : _List<Object?>(capacity);

  /// Native: number of elements.
  external int get length;

  /// Native: element [index]; out of range throws through
  /// `_throwRangeError`.
  external E operator [](int index);

  /// Native: stores [value], checked as in `_List.[]=`.
  external void operator []=(int index, E value);

  void add(E value) {
    _append(value);
  }

  /// Native: appends [value], which fits; a full backing list is replaced by
  /// one of about twice the size (at least 4).
  external void _append(E value);

  /// Native: takes off the last element (the slot is cleared); an empty list
  /// throws through `_throwRangeError(-1, 0)`.
  external E removeLast();

  /// Native: makes room for [capacity] elements at least.
  external void _ensureCapacity(int capacity);

  List<Object?>? get _backing => _data;

  Iterator<E> get iterator => _ListIterator<E>(this);

  void set length(int newLength) {
    final old = _length;
    if (newLength > old) {
      if (null is! E) {
        throw _TypeError("type 'Null' is not a subtype of type '$E'");
      }
      _ensureCapacity(newLength);
      _length = newLength;
      return;
    }
    if (newLength < 0) throw RangeError.range(newLength, 0, null, 'length');
    if (newLength == 0) {
      _data = null;
    } else {
      _fillElements(_data, newLength, old, null);
    }
    _length = newLength;
  }

  _List<E> _toFixed() {
    final count = _length;
    final result = _List<E>(count);
    _copyElements(_data, 0, result, 0, count);
    return result;
  }

  void addAll(Iterable<E> iterable) {
    final int added = _plainLength(iterable);
    if (added >= 0) {
      if (added == 0) return;
      final old = _length;
      _ensureCapacity(old + added);
      _copyElements(_plainBacking(iterable), 0, _data, old, added);
      _length = old + added;
      return;
    }
    if (identical(iterable, this)) throw ConcurrentModificationError(this);
    for (final element in iterable) {
      add(element);
    }
  }

  void clear() {
    _length = 0;
    _data = null;
  }

  void insert(int index, E element) {
    final count = _length;
    if (index < 0 || index > count) {
      throw RangeError.range(index, 0, count);
    }
    if (index == count) {
      add(element);
      return;
    }
    _openGap(index, 1);
    this[index] = element;
  }

  void insertAll(int index, Iterable<E> iterable) {
    final count = _length;
    if (index < 0 || index > count) {
      throw RangeError.range(index, 0, count);
    }
    if (index == count) {
      addAll(iterable);
      return;
    }
    final List<E> elements = _plainLength(iterable) >= 0 &&
            !identical(iterable, this)
        ? unsafeCast<List<E>>(iterable)
        : _growableOf<E>(iterable);
    final added = elements.length;
    if (added == 0) return;
    if (count != _length) throw ConcurrentModificationError(this);
    _openGap(index, added);
    _copyElements(_plainBacking(elements), 0, _data, index, added);
  }

  /// Moves what is at [index] and behind by [size] places to the end.
  void _openGap(int index, int size) {
    final count = _length;
    _ensureCapacity(count + size);
    _copyElements(_data, index, _data, index + size, count - index);
    _length = count + size;
  }

  bool remove(Object? value) {
    for (int i = 0; i < length; i++) {
      if (this[i] == value) {
        _closeGap(i, i + 1);
        return true;
      }
    }
    return false;
  }

  E removeAt(int index) {
    final result = this[index];
    _closeGap(index, index + 1);
    return result;
  }

  /// Removes elements [start] to [end], which are in range.
  void _closeGap(int start, int end) {
    final count = _length;
    final rest = count - end;
    if (rest > 0) _copyElements(_data, end, _data, start, rest);
    _fillElements(_data, start + rest, count, null);
    _length = start + rest;
  }

  void removeRange(int start, int end) {
    RangeError.checkValidRange(start, end, _length);
    if (start < end) _closeGap(start, end);
  }

  void removeWhere(bool test(E element)) => _keepWhere(test, false);

  void retainWhere(bool test(E element)) => _keepWhere(test, true);

  /// Keeps the elements for which [test] answers [wanted]. The list is
  /// changed only after all answers are in, since [test] may throw.
  void _keepWhere(bool test(E element), bool wanted) {
    final count = _length;
    final kept = _GrowableList<E>._empty();
    for (int i = 0; i < count; i++) {
      final element = this[i];
      if (test(element) == wanted) kept.add(element);
      if (count != _length) throw ConcurrentModificationError(this);
    }
    if (kept._length != count) {
      _length = kept._length;
      _data = kept._data;
    }
  }

  void replaceRange(int start, int end, Iterable<E> replacements) {
    RangeError.checkValidRange(start, end, _length);
    final List<E> elements = _growableOf<E>(replacements);
    final added = elements.length;
    final removed = end - start;
    if (added > removed) {
      _openGap(end, added - removed);
    } else if (added < removed) {
      _closeGap(start + added, end);
    }
    _copyElements(_plainBacking(elements), 0, _data, start, added);
  }
}

/// Number of elements of one of the three lists above, -1 for anything else.
int _plainLength(Object iterable) {
  if (iterable is _GrowableList) return iterable._length;
  if (iterable is _List) return iterable.length;
  if (iterable is _ImmutableList) return iterable.length;
  return -1;
}

/// The backing of one of the three lists above.
List<Object?>? _plainBacking(Object iterable) {
  if (iterable is _GrowableList) return iterable._data;
  return unsafeCast<List<Object?>>(iterable);
}

_GrowableList<E> _growableOf<E>(Iterable<E> elements) {
  final count = _plainLength(elements);
  if (count >= 0) {
    if (count == 0) return _GrowableList<E>._empty();
    final data = _List<Object?>(count);
    _copyElements(_plainBacking(elements), 0, data, 0, count);
    return _GrowableList<E>._of(count, data);
  }
  if (elements is EfficientLengthIterable<E>) {
    final expected = elements.length;
    final result = _GrowableList<E>._withCapacity(expected);
    for (final element in elements) {
      result.add(element);
    }
    return result;
  }
  final result = _GrowableList<E>._empty();
  for (final element in elements) {
    result.add(element);
  }
  return result;
}

_List<E> _fixedOf<E>(Iterable<E> elements) {
  final count = _plainLength(elements);
  if (count >= 0) {
    final result = _List<E>(count);
    _copyElements(_plainBacking(elements), 0, result, 0, count);
    return result;
  }
  return _growableOf<E>(elements)._toFixed();
}

/// Walks over one of the three lists. Growing or shrinking the list meanwhile
/// is an error. The runtime knows the fields by their position and does
/// [moveNext] itself where it can.
final class _ListIterator<E> implements Iterator<E> {
  final List<E> _list;
  final int _length;
  int _index = 0;
  E? _current;

  _ListIterator(List<E> list)
      : _list = list,
        _length = list.length;

  E get current => unsafeCast<E>(_current);

  bool moveNext() {
    final list = _list;
    final length = _length;
    if (length != list.length) throw ConcurrentModificationError(list);
    final index = _index;
    if (index >= length) {
      _current = null;
      return false;
    }
    _current = list[index];
    _index = index + 1;
    return true;
  }
}

/// What reads elements, written for `[]` and `length` that are cheap.
mixin _IndexedReads<E> on ListBase<E> {
  /// Where the elements are: the list itself, or a growable list's backing.
  List<Object?>? get _backing;

  void forEach(void action(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      action(this[i]);
      if (count != length) throw ConcurrentModificationError(this);
    }
  }

  bool get isEmpty => length == 0;

  bool get isNotEmpty => length != 0;

  E get first {
    if (length == 0) throw IterableElementError.noElement();
    return this[0];
  }

  E get last {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    return this[count - 1];
  }

  E get single {
    final count = length;
    if (count == 1) return this[0];
    if (count == 0) throw IterableElementError.noElement();
    throw IterableElementError.tooMany();
  }

  List<E> sublist(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    final count = stop - start;
    if (count == 0) return _GrowableList<E>._empty();
    final data = _List<Object?>(count);
    _copyElements(_backing, start, data, 0, count);
    return _GrowableList<E>._of(count, data);
  }

  List<E> toList({bool growable = true}) {
    final count = length;
    if (!growable) {
      final result = _List<E>(count);
      _copyElements(_backing, 0, result, 0, count);
      return result;
    }
    if (count == 0) return _GrowableList<E>._empty();
    final data = _List<Object?>(count);
    _copyElements(_backing, 0, data, 0, count);
    return _GrowableList<E>._of(count, data);
  }

  List<E> operator +(List<E> other) {
    final count = length;
    final result = _GrowableList<E>._withCapacity(count + other.length);
    _copyElements(_backing, 0, result._data, 0, count);
    result._length = count;
    result.addAll(other);
    return result;
  }
}

/// What changes elements in place.
mixin _IndexedWrites<E> on ListBase<E>, _IndexedReads<E> {
  void fillRange(int start, int end, [E? fill]) {
    RangeError.checkValidRange(start, end, length);
    final E value = fill as E;
    _fillElements(_backing, start, end, value);
  }

  void setRange(int start, int end, Iterable<E> iterable, [int skipCount = 0]) {
    RangeError.checkValidRange(start, end, length);
    final count = end - start;
    if (count == 0) return;
    if (skipCount < 0) throw RangeError.range(skipCount, 0, null, 'skipCount');
    final plain = _plainLength(iterable);
    if (plain >= 0) {
      if (plain < skipCount + count) throw IterableElementError.tooFew();
      _copyElements(
          _plainBacking(iterable), skipCount, _backing, start, count);
      return;
    }
    super.setRange(start, end, iterable, skipCount);
  }

  void setAll(int index, Iterable<E> iterable) {
    final plain = _plainLength(iterable);
    if (plain >= 0) {
      if (index < 0 || index > length) {
        throw RangeError.range(index, 0, length, 'index');
      }
      setRange(index, index + plain, iterable);
      return;
    }
    super.setAll(index, iterable);
  }
}
