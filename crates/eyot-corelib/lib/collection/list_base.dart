part of 'collection.dart';

/// Everything a list does, over `length`, `[]`, `[]=` and the `length`
/// setter of a subclass.
abstract mixin class ListBase<E> implements List<E> {
  const ListBase();

  Iterator<E> get iterator => ListIterator<E>(this);

  E elementAt(int index) => this[index];

  Iterable<E> followedBy(Iterable<E> other) =>
      EfficientLengthFollowedByIterable<E>(this, other);

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

  void set first(E value) {
    if (length == 0) throw IterableElementError.noElement();
    this[0] = value;
  }

  E get last {
    if (length == 0) throw IterableElementError.noElement();
    return this[length - 1];
  }

  void set last(E value) {
    if (length == 0) throw IterableElementError.noElement();
    this[length - 1] = value;
  }

  E get single {
    if (length == 0) throw IterableElementError.noElement();
    if (length > 1) throw IterableElementError.tooMany();
    return this[0];
  }

  bool contains(Object? element) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (this[i] == element) return true;
      if (count != length) throw ConcurrentModificationError(this);
    }
    return false;
  }

  bool every(bool test(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (!test(this[i])) return false;
      if (count != length) throw ConcurrentModificationError(this);
    }
    return true;
  }

  bool any(bool test(E element)) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (test(this[i])) return true;
      if (count != length) throw ConcurrentModificationError(this);
    }
    return false;
  }

  E firstWhere(bool test(E element), {E orElse()?}) {
    final count = length;
    for (int i = 0; i < count; i++) {
      final element = this[i];
      if (test(element)) return element;
      if (count != length) throw ConcurrentModificationError(this);
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E lastWhere(bool test(E element), {E orElse()?}) {
    final count = length;
    for (int i = count - 1; i >= 0; i--) {
      final element = this[i];
      if (test(element)) return element;
      if (count != length) throw ConcurrentModificationError(this);
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E singleWhere(bool test(E element), {E orElse()?}) {
    final count = length;
    int found = -1;
    for (int i = 0; i < count; i++) {
      if (test(this[i])) {
        if (found >= 0) throw IterableElementError.tooMany();
        found = i;
      }
      if (count != length) throw ConcurrentModificationError(this);
    }
    if (found >= 0) return this[found];
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  String join([String separator = '']) {
    final count = length;
    if (count == 0) return '';
    if (count == 1) return '${this[0]}';
    final buffer = StringBuffer();
    buffer.write(this[0]);
    if (count != length) throw ConcurrentModificationError(this);
    final bool separated = separator.isNotEmpty;
    for (int i = 1; i < count; i++) {
      if (separated) buffer.write(separator);
      buffer.write(this[i]);
      if (count != length) throw ConcurrentModificationError(this);
    }
    return buffer.toString();
  }

  Iterable<E> where(bool test(E element)) => WhereIterable<E>(this, test);

  Iterable<T> whereType<T>() => WhereTypeIterable<T>(this);

  Iterable<T> map<T>(T f(E element)) => MappedListIterable<E, T>(this, f);

  Iterable<T> expand<T>(Iterable<T> f(E element)) =>
      ExpandIterable<E, T>(this, f);

  E reduce(E combine(E previousValue, E element)) {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    E value = this[0];
    for (int i = 1; i < count; i++) {
      value = combine(value, this[i]);
      if (count != length) throw ConcurrentModificationError(this);
    }
    return value;
  }

  T fold<T>(T initialValue, T combine(T previousValue, E element)) {
    T value = initialValue;
    final count = length;
    for (int i = 0; i < count; i++) {
      value = combine(value, this[i]);
      if (count != length) throw ConcurrentModificationError(this);
    }
    return value;
  }

  Iterable<E> skip(int count) => SubListIterable<E>(this, count, null);

  Iterable<E> skipWhile(bool test(E element)) =>
      SkipWhileIterable<E>(this, test);

  Iterable<E> take(int count) =>
      SubListIterable<E>(this, 0, RangeError.checkNotNegative(count, 'count'));

  Iterable<E> takeWhile(bool test(E element)) =>
      TakeWhileIterable<E>(this, test);

  List<E> toList({bool growable = true}) {
    final count = length;
    final result = <E>[];
    for (int i = 0; i < count; i++) {
      result.add(this[i]);
    }
    return growable ? result : List<E>.of(result, growable: false);
  }

  Set<E> toSet() {
    final result = <E>{};
    final count = length;
    for (int i = 0; i < count; i++) {
      result.add(this[i]);
    }
    return result;
  }

  void add(E element) {
    final count = length;
    length = count + 1;
    this[count] = element;
  }

  void addAll(Iterable<E> iterable) {
    int count = length;
    for (final element in iterable) {
      if (count != length) throw ConcurrentModificationError(this);
      add(element);
      count++;
    }
  }

  bool remove(Object? element) {
    for (int i = 0; i < length; i++) {
      if (this[i] == element) {
        _closeGap(i, i + 1);
        return true;
      }
    }
    return false;
  }

  /// Removes elements [start] to [end], which are in range.
  void _closeGap(int start, int end) {
    final count = length;
    final size = end - start;
    for (int i = end; i < count; i++) {
      this[i - size] = this[i];
    }
    length = count - size;
  }

  void removeWhere(bool test(E element)) => _filter(test, false);

  void retainWhere(bool test(E element)) => _filter(test, true);

  void _filter(bool test(E element), bool retained) {
    final kept = <E>[];
    final count = length;
    for (int i = 0; i < count; i++) {
      final element = this[i];
      if (test(element) == retained) kept.add(element);
      if (count != length) throw ConcurrentModificationError(this);
    }
    if (kept.length != count) {
      setRange(0, kept.length, kept);
      length = kept.length;
    }
  }

  void clear() {
    length = 0;
  }

  List<R> cast<R>() => List.castFrom<E, R>(this);

  E removeLast() {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    final result = this[count - 1];
    length = count - 1;
    return result;
  }

  void sort([int compare(E a, E b)?]) {
    if (compare == null) {
      Sort.sort<E>(this, ListBase._compareAny);
    } else {
      Sort.sort<E>(this, compare);
    }
  }

  static int _compareAny(dynamic a, dynamic b) =>
      Comparable.compare(a as Comparable<dynamic>, b as Comparable<dynamic>);

  void shuffle([Random? random]) {
    final source = random ?? Random();
    int count = length;
    while (count > 1) {
      final picked = source.nextInt(count);
      count--;
      final element = this[count];
      this[count] = this[picked];
      this[picked] = element;
    }
  }

  Map<int, E> asMap() => ListMapView<E>(this);

  List<E> operator +(List<E> other) {
    final result = List<E>.of(this);
    result.addAll(other);
    return result;
  }

  List<E> sublist(int start, [int? end]) {
    final stop = RangeError.checkValidRange(start, end, length);
    final result = <E>[];
    for (int i = start; i < stop; i++) {
      result.add(this[i]);
    }
    return result;
  }

  Iterable<E> getRange(int start, int end) {
    RangeError.checkValidRange(start, end, length);
    return SubListIterable<E>(this, start, end);
  }

  void removeRange(int start, int end) {
    RangeError.checkValidRange(start, end, length);
    if (end > start) _closeGap(start, end);
  }

  void fillRange(int start, int end, [E? fill]) {
    final E value = fill as E;
    RangeError.checkValidRange(start, end, length);
    for (int i = start; i < end; i++) {
      this[i] = value;
    }
  }

  void setRange(int start, int end, Iterable<E> iterable,
      [int skipCount = 0]) {
    RangeError.checkValidRange(start, end, length);
    final count = end - start;
    if (count == 0) return;
    RangeError.checkNotNegative(skipCount, 'skipCount');
    List<E> source;
    int from;
    if (iterable is List<E>) {
      source = iterable;
      from = skipCount;
    } else {
      source = iterable.skip(skipCount).toList(growable: false);
      from = 0;
    }
    if (from + count > source.length) throw IterableElementError.tooFew();
    if (from < start) {
      // The source may be this very list, so the end goes first.
      for (int i = count - 1; i >= 0; i--) {
        this[start + i] = source[from + i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        this[start + i] = source[from + i];
      }
    }
  }

  void replaceRange(int start, int end, Iterable<E> newContents) {
    RangeError.checkValidRange(start, end, length);
    if (start == length) {
      addAll(newContents);
      return;
    }
    final List<E> elements = newContents.toList();
    final removed = end - start;
    final added = elements.length;
    if (removed >= added) {
      setRange(start, start + added, elements);
      if (removed > added) _closeGap(start + added, end);
      return;
    }
    final oldLength = length;
    final newLength = oldLength + added - removed;
    // Growing by adding keeps lists of non-nullable elements happy.
    for (int i = oldLength - (newLength - oldLength); i < oldLength; i++) {
      add(this[i > 0 ? i : 0]);
    }
    setRange(start + added, newLength, this, end);
    setRange(start, start + added, elements);
  }

  int indexOf(Object? element, [int start = 0]) {
    for (int i = start < 0 ? 0 : start; i < length; i++) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int indexWhere(bool test(E element), [int start = 0]) {
    for (int i = start < 0 ? 0 : start; i < length; i++) {
      if (test(this[i])) return i;
    }
    return -1;
  }

  int lastIndexOf(Object? element, [int? start]) {
    for (int i = _lastStart(start); i >= 0; i--) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int lastIndexWhere(bool test(E element), [int? start]) {
    for (int i = _lastStart(start); i >= 0; i--) {
      if (test(this[i])) return i;
    }
    return -1;
  }

  int _lastStart(int? start) {
    final count = length;
    return start == null || start >= count ? count - 1 : start;
  }

  void insert(int index, E element) {
    final count = length;
    RangeError.checkValueInInterval(index, 0, count, 'index');
    add(element);
    if (index != count) {
      setRange(index + 1, count + 1, this, index);
      this[index] = element;
    }
  }

  E removeAt(int index) {
    final result = this[index];
    _closeGap(index, index + 1);
    return result;
  }

  void insertAll(int index, Iterable<E> iterable) {
    RangeError.checkValueInInterval(index, 0, length, 'index');
    if (index == length) {
      addAll(iterable);
      return;
    }
    final List<E> elements = iterable.toList();
    final added = elements.length;
    if (added == 0) return;
    final oldLength = length;
    for (int i = oldLength - added; i < oldLength; i++) {
      add(this[i > 0 ? i : 0]);
    }
    if (length != oldLength + added) {
      throw ConcurrentModificationError(iterable);
    }
    final moveFrom = index + added;
    if (moveFrom < oldLength + added) {
      setRange(moveFrom, oldLength + added, this, index);
    }
    setRange(index, moveFrom, elements);
  }

  void setAll(int index, Iterable<E> iterable) {
    if (iterable is List) {
      setRange(index, index + iterable.length, iterable);
      return;
    }
    int at = index;
    for (final element in iterable) {
      this[at] = element;
      at++;
    }
  }

  Iterable<E> get reversed => ReversedListIterable<E>(this);

  String toString() => listToString(this);

  /// [list] as text with all its elements.
  static String listToString(List<Object?> list) =>
      Iterable.iterableToFullString(list, '[', ']');
}

/// The old name of [ListBase] as a mixin.
typedef ListMixin<E> = ListBase<E>;

/// The old name of [Iterable] as a base class.
typedef IterableBase<E> = Iterable<E>;

/// The old name of [Iterable] as a mixin.
typedef IterableMixin<E> = Iterable<E>;
