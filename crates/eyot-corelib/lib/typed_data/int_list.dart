part of 'typed_data.dart';

/// What all views say of their place in the buffer.
abstract base class _TypedDataBase implements TypedData {
  /// Native: bytes before the first element in the buffer.
  external int get offsetInBytes;

  /// Native: bytes of all elements.
  external int get lengthInBytes;

  /// Native: the buffer. Each call makes a handle; they are equal.
  external ByteBuffer get buffer;
}

/// Native: if [target] and [source] both are lists of the VM whose elements
/// look the same in memory (equal size, both integers or both floats, and not
/// clamping anything that needs it), copies [count] elements from
/// `source[from]` on to `target[to]` on, right also if they overlap, and
/// returns true; else returns false. The ranges have been checked.
external bool _copyElements(
    Object target, int to, int count, Object source, int from);

/// Bytes that [_repeatElement] writes at once.
const _fillBytes = 512 * 1024;

/// Native: makes the elements from [start] to [end] of a list of the VM what its
/// element [from] is. The range has been checked.
external void _repeatElement(Object target, int from, int start, int end);

/// A list of integers over `length`, `[]` and `[]=` of a subclass. The list of
/// doubles is the same text for the other type: a generic class would give
/// the VM's objects a word for type arguments.
abstract base class _IntList extends _TypedDataBase implements TypedDataList<int> {
  /// A fresh list of the same class.
  List<int> _create(int length);

  List<int> _sublist(int start, int? end) {
    final stop = RangeError.checkValidRange(start, end, length);
    final count = stop - start;
    final result = _create(count);
    if (!_copyElements(result, 0, count, this, start)) {
      for (int i = 0; i < count; i++) {
        result[i] = this[start + i];
      }
    }
    return result;
  }

  Iterator<int> get iterator => _IntListIterator(this);

  // ---- questions

  bool get isEmpty => length == 0;

  bool get isNotEmpty => length != 0;

  int get first {
    if (length == 0) throw IterableElementError.noElement();
    return this[0];
  }

  void set first(int value) {
    if (length == 0) throw IterableElementError.noElement();
    this[0] = value;
  }

  int get last {
    if (length == 0) throw IterableElementError.noElement();
    return this[length - 1];
  }

  void set last(int value) {
    if (length == 0) throw IterableElementError.noElement();
    this[length - 1] = value;
  }

  int get single {
    if (length == 0) throw IterableElementError.noElement();
    if (length > 1) throw IterableElementError.tooMany();
    return this[0];
  }

  int elementAt(int index) => this[index];

  bool contains(Object? element) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (this[i] == element) return true;
    }
    return false;
  }

  bool every(bool Function(int element) test) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (!test(this[i])) return false;
    }
    return true;
  }

  bool any(bool Function(int element) test) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (test(this[i])) return true;
    }
    return false;
  }

  int firstWhere(bool Function(int element) test, {int Function()? orElse}) {
    final count = length;
    for (int i = 0; i < count; i++) {
      final element = this[i];
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  int lastWhere(bool Function(int element) test, {int Function()? orElse}) {
    for (int i = length - 1; i >= 0; i--) {
      final element = this[i];
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  int singleWhere(bool Function(int element) test, {int Function()? orElse}) {
    int found = -1;
    final count = length;
    for (int i = 0; i < count; i++) {
      if (test(this[i])) {
        if (found >= 0) throw IterableElementError.tooMany();
        found = i;
      }
    }
    if (found >= 0) return this[found];
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  int indexOf(int element, [int start = 0]) {
    final count = length;
    for (int i = start < 0 ? 0 : start; i < count; i++) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int lastIndexOf(int element, [int? start]) {
    final last = length - 1;
    for (int i = start == null || start > last ? last : start; i >= 0; i--) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int indexWhere(bool Function(int element) test, [int start = 0]) {
    final count = length;
    for (int i = start < 0 ? 0 : start; i < count; i++) {
      if (test(this[i])) return i;
    }
    return -1;
  }

  int lastIndexWhere(bool Function(int element) test, [int? start]) {
    final last = length - 1;
    for (int i = start == null || start > last ? last : start; i >= 0; i--) {
      if (test(this[i])) return i;
    }
    return -1;
  }

  String join([String separator = '']) {
    final count = length;
    final buffer = StringBuffer();
    for (int i = 0; i < count; i++) {
      if (i > 0) buffer.write(separator);
      buffer.write(this[i]);
    }
    return buffer.toString();
  }

  int reduce(int Function(int value, int element) combine) {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    int value = this[0];
    for (int i = 1; i < count; i++) {
      value = combine(value, this[i]);
    }
    return value;
  }

  T fold<T>(T initialValue, T Function(T previousValue, int element) combine) {
    final count = length;
    T value = initialValue;
    for (int i = 0; i < count; i++) {
      value = combine(value, this[i]);
    }
    return value;
  }

  void forEach(void Function(int element) action) {
    final count = length;
    for (int i = 0; i < count; i++) {
      action(this[i]);
    }
  }

  String toString() => ListBase.listToString(this);

  // ---- views and copies

  Iterable<int> where(bool Function(int element) test) =>
      WhereIterable<int>(this, test);

  Iterable<T> whereType<T>() => WhereTypeIterable<T>(this);

  Iterable<T> map<T>(T Function(int element) convert) =>
      MappedListIterable<int, T>(this, convert);

  Iterable<T> expand<T>(Iterable<T> Function(int element) convert) =>
      ExpandIterable<int, T>(this, convert);

  Iterable<int> take(int count) => SubListIterable<int>(this, 0, count);

  Iterable<int> takeWhile(bool Function(int element) test) =>
      TakeWhileIterable<int>(this, test);

  Iterable<int> skip(int count) => SubListIterable<int>(this, count, null);

  Iterable<int> skipWhile(bool Function(int element) test) =>
      SkipWhileIterable<int>(this, test);

  Iterable<int> get reversed => ReversedListIterable<int>(this);

  Iterable<int> followedBy(Iterable<int> other) =>
      EfficientLengthFollowedByIterable<int>(this, other);

  Iterable<int> getRange(int start, int end) {
    RangeError.checkValidRange(start, end, length);
    return SubListIterable<int>(this, start, end);
  }

  Map<int, int> asMap() => ListMapView<int>(this);

  List<R> cast<R>() => List.castFrom<int, R>(this);

  List<int> operator +(List<int> other) {
    final result = <int>[];
    result.addAll(this);
    result.addAll(other);
    return result;
  }

  List<int> toList({bool growable = true}) {
    final count = length;
    if (!growable) {
      final fixed = List<int>.filled(count, 0);
      for (int i = 0; i < count; i++) {
        fixed[i] = this[i];
      }
      return fixed;
    }
    final list = <int>[];
    for (int i = 0; i < count; i++) {
      list.add(this[i]);
    }
    return list;
  }

  Set<int> toSet() {
    final set = <int>{};
    final count = length;
    for (int i = 0; i < count; i++) {
      set.add(this[i]);
    }
    return set;
  }

  // ---- changes

  void setRange(int start, int end, Iterable<int> iterable,
      [int skipCount = 0]) {
    RangeError.checkValidRange(start, end, length);
    final count = end - start;
    if (count == 0) return;
    RangeError.checkNotNegative(skipCount, 'skipCount');
    if (iterable is List<int>) {
      if (skipCount + count > iterable.length) {
        throw StateError('Too few elements');
      }
      if (_copyElements(this, start, count, iterable, skipCount)) return;
      if (iterable is TypedData) {
        // Perhaps other views of the same bytes: as if copied first.
        final copy = iterable.sublist(skipCount, skipCount + count);
        for (int i = 0; i < count; i++) {
          this[start + i] = copy[i];
        }
        return;
      }
      for (int i = 0; i < count; i++) {
        this[start + i] = iterable[skipCount + i];
      }
      return;
    }
    final elements =
        iterable.skip(skipCount).take(count).toList(growable: false);
    if (elements.length < count) throw StateError('Too few elements');
    for (int i = 0; i < count; i++) {
      this[start + i] = elements[i];
    }
  }

  void setAll(int index, Iterable<int> iterable) {
    setRange(index, index + iterable.length, iterable);
  }

  void fillRange(int start, int end, [int? fill]) {
    RangeError.checkValidRange(start, end, length);
    if (start == end) return;
    if (fill == null) throw ArgumentError.notNull('fillValue');
    this[start] = fill;
    // In parts, so that whoever waits for the processor has it in between.
    final part = _fillBytes ~/ elementSizeInBytes;
    for (int at = start + 1; at < end; at += part) {
      _repeatElement(this, start, at, at + part < end ? at + part : end);
    }
  }

  void sort([int Function(int a, int b)? compare]) {
    Sort.sort<int>(this, compare ?? _compareInts);
  }

  void shuffle([Random? random]) {
    final source = random ?? Random();
    for (int i = length - 1; i > 0; i--) {
      final j = source.nextInt(i + 1);
      final swapped = this[i];
      this[i] = this[j];
      this[j] = swapped;
    }
  }

  // ---- changes of the length

  Never _cannotAdd() =>
      throw UnsupportedError('Cannot add to a fixed-length list');

  Never _cannotRemove() =>
      throw UnsupportedError('Cannot remove from a fixed-length list');

  void set length(int newLength) =>
      throw UnsupportedError('Cannot resize a fixed-length list');

  void add(int value) => _cannotAdd();

  void addAll(Iterable<int> iterable) => _cannotAdd();

  void insert(int index, int element) => _cannotAdd();

  void insertAll(int index, Iterable<int> iterable) => _cannotAdd();

  bool remove(Object? value) => _cannotRemove();

  int removeAt(int index) => _cannotRemove();

  int removeLast() => _cannotRemove();

  void removeWhere(bool Function(int element) test) => _cannotRemove();

  void retainWhere(bool Function(int element) test) => _cannotRemove();

  void removeRange(int start, int end) => _cannotRemove();

  void replaceRange(int start, int end, Iterable<int> replacements) =>
      _cannotRemove();

  void clear() => _cannotRemove();
}

int _compareInts(int a, int b) => a.compareTo(b);

final class _IntListIterator implements Iterator<int> {
  final List<int> _list;
  final int _length;
  int _index = -1;

  _IntListIterator(this._list) : _length = _list.length;

  bool moveNext() {
    final next = _index + 1;
    if (next < _length) {
      _index = next;
      return true;
    }
    _index = _length;
    return false;
  }

  int get current => _list[_index];
}
