part of 'typed_data.dart';

/// A list of doubles; see [_IntList].
abstract base class _DoubleList extends _TypedDataBase implements TypedDataList<double> {
  /// A fresh list of the same class.
  List<double> _create(int length);

  List<double> _sublist(int start, int? end) {
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

  Iterator<double> get iterator => _DoubleListIterator(this);

  // ---- questions

  bool get isEmpty => length == 0;

  bool get isNotEmpty => length != 0;

  double get first {
    if (length == 0) throw IterableElementError.noElement();
    return this[0];
  }

  void set first(double value) {
    if (length == 0) throw IterableElementError.noElement();
    this[0] = value;
  }

  double get last {
    if (length == 0) throw IterableElementError.noElement();
    return this[length - 1];
  }

  void set last(double value) {
    if (length == 0) throw IterableElementError.noElement();
    this[length - 1] = value;
  }

  double get single {
    if (length == 0) throw IterableElementError.noElement();
    if (length > 1) throw IterableElementError.tooMany();
    return this[0];
  }

  double elementAt(int index) => this[index];

  bool contains(Object? element) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (this[i] == element) return true;
    }
    return false;
  }

  bool every(bool Function(double element) test) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (!test(this[i])) return false;
    }
    return true;
  }

  bool any(bool Function(double element) test) {
    final count = length;
    for (int i = 0; i < count; i++) {
      if (test(this[i])) return true;
    }
    return false;
  }

  double firstWhere(bool Function(double element) test, {double Function()? orElse}) {
    final count = length;
    for (int i = 0; i < count; i++) {
      final element = this[i];
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  double lastWhere(bool Function(double element) test, {double Function()? orElse}) {
    for (int i = length - 1; i >= 0; i--) {
      final element = this[i];
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  double singleWhere(bool Function(double element) test, {double Function()? orElse}) {
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

  int indexOf(double element, [int start = 0]) {
    final count = length;
    for (int i = start < 0 ? 0 : start; i < count; i++) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int lastIndexOf(double element, [int? start]) {
    final last = length - 1;
    for (int i = start == null || start > last ? last : start; i >= 0; i--) {
      if (this[i] == element) return i;
    }
    return -1;
  }

  int indexWhere(bool Function(double element) test, [int start = 0]) {
    final count = length;
    for (int i = start < 0 ? 0 : start; i < count; i++) {
      if (test(this[i])) return i;
    }
    return -1;
  }

  int lastIndexWhere(bool Function(double element) test, [int? start]) {
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

  double reduce(double Function(double value, double element) combine) {
    final count = length;
    if (count == 0) throw IterableElementError.noElement();
    double value = this[0];
    for (int i = 1; i < count; i++) {
      value = combine(value, this[i]);
    }
    return value;
  }

  T fold<T>(T initialValue, T Function(T previousValue, double element) combine) {
    final count = length;
    T value = initialValue;
    for (int i = 0; i < count; i++) {
      value = combine(value, this[i]);
    }
    return value;
  }

  void forEach(void Function(double element) action) {
    final count = length;
    for (int i = 0; i < count; i++) {
      action(this[i]);
    }
  }

  String toString() => ListBase.listToString(this);

  // ---- views and copies

  Iterable<double> where(bool Function(double element) test) =>
      WhereIterable<double>(this, test);

  Iterable<T> whereType<T>() => WhereTypeIterable<T>(this);

  Iterable<T> map<T>(T Function(double element) convert) =>
      MappedListIterable<double, T>(this, convert);

  Iterable<T> expand<T>(Iterable<T> Function(double element) convert) =>
      ExpandIterable<double, T>(this, convert);

  Iterable<double> take(int count) => SubListIterable<double>(this, 0, count);

  Iterable<double> takeWhile(bool Function(double element) test) =>
      TakeWhileIterable<double>(this, test);

  Iterable<double> skip(int count) => SubListIterable<double>(this, count, null);

  Iterable<double> skipWhile(bool Function(double element) test) =>
      SkipWhileIterable<double>(this, test);

  Iterable<double> get reversed => ReversedListIterable<double>(this);

  Iterable<double> followedBy(Iterable<double> other) =>
      EfficientLengthFollowedByIterable<double>(this, other);

  Iterable<double> getRange(int start, int end) {
    RangeError.checkValidRange(start, end, length);
    return SubListIterable<double>(this, start, end);
  }

  Map<int, double> asMap() => ListMapView<double>(this);

  List<R> cast<R>() => List.castFrom<double, R>(this);

  List<double> operator +(List<double> other) {
    final result = <double>[];
    result.addAll(this);
    result.addAll(other);
    return result;
  }

  List<double> toList({bool growable = true}) {
    final count = length;
    if (!growable) {
      final fixed = List<double>.filled(count, 0.0);
      for (int i = 0; i < count; i++) {
        fixed[i] = this[i];
      }
      return fixed;
    }
    final list = <double>[];
    for (int i = 0; i < count; i++) {
      list.add(this[i]);
    }
    return list;
  }

  Set<double> toSet() {
    final set = <double>{};
    final count = length;
    for (int i = 0; i < count; i++) {
      set.add(this[i]);
    }
    return set;
  }

  // ---- changes

  void setRange(int start, int end, Iterable<double> iterable,
      [int skipCount = 0]) {
    RangeError.checkValidRange(start, end, length);
    final count = end - start;
    if (count == 0) return;
    RangeError.checkNotNegative(skipCount, 'skipCount');
    if (iterable is List<double>) {
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

  void setAll(int index, Iterable<double> iterable) {
    setRange(index, index + iterable.length, iterable);
  }

  void fillRange(int start, int end, [double? fill]) {
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

  void sort([int Function(double a, double b)? compare]) {
    Sort.sort<double>(this, compare ?? _compareDoubles);
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

  void add(double value) => _cannotAdd();

  void addAll(Iterable<double> iterable) => _cannotAdd();

  void insert(int index, double element) => _cannotAdd();

  void insertAll(int index, Iterable<double> iterable) => _cannotAdd();

  bool remove(Object? value) => _cannotRemove();

  double removeAt(int index) => _cannotRemove();

  double removeLast() => _cannotRemove();

  void removeWhere(bool Function(double element) test) => _cannotRemove();

  void retainWhere(bool Function(double element) test) => _cannotRemove();

  void removeRange(int start, int end) => _cannotRemove();

  void replaceRange(int start, int end, Iterable<double> replacements) =>
      _cannotRemove();

  void clear() => _cannotRemove();
}

int _compareDoubles(double a, double b) => a.compareTo(b);

final class _DoubleListIterator implements Iterator<double> {
  final List<double> _list;
  final int _length;
  int _index = -1;

  _DoubleListIterator(this._list) : _length = _list.length;

  bool moveNext() {
    final next = _index + 1;
    if (next < _length) {
      _index = next;
      return true;
    }
    _index = _length;
    return false;
  }

  double get current => _list[_index];
}
