part of 'core.dart';

/// An indexable collection with a length.
abstract interface class List<E> implements Iterable<E>, EfficientLengthIterable<E> {
  factory List.empty({bool growable = false}) =>
      growable ? _GrowableList<E>._empty() : _List<E>(0);

  factory List.filled(int length, E fill, {bool growable = false}) {
    if (length < 0) throw RangeError.range(length, 0, null, 'length');
    final data = _List<E>(length);
    if (fill != null) data._fill(fill);
    return growable ? _GrowableList<E>._of(length, data) : data;
  }

  factory List.from(Iterable elements, {bool growable = true}) {
    if (elements is Iterable<E>) return List<E>.of(elements, growable: growable);
    final result = _GrowableList<E>._empty();
    for (final element in elements) {
      result.add(element as E);
    }
    return growable ? result : result._toFixed();
  }

  factory List.of(Iterable<E> elements, {bool growable = true}) =>
      growable ? _growableOf<E>(elements) : _fixedOf<E>(elements);

  factory List.generate(int length, E generator(int index),
      {bool growable = true}) {
    if (length < 0) throw RangeError.range(length, 0, null, 'length');
    final data = _List<E>(length);
    if (growable) {
      final result = _GrowableList<E>._of(length, data);
      for (int i = 0; i < length; i++) {
        data[i] = generator(i);
      }
      return result;
    }
    for (int i = 0; i < length; i++) {
      data[i] = generator(i);
    }
    return data;
  }

  factory List.unmodifiable(Iterable elements) {
    final List<E> copy = List<E>.from(elements, growable: false);
    return _immutableFrom<E>(unsafeCast<_List<E>>(copy));
  }

  /// As [List.unmodifiable], of elements that the type checker has seen.
  factory List.unmodifiableOf(Iterable<E> elements) = List<E>.unmodifiable;

  static List<T> castFrom<S, T>(List<S> source) => CastList<S, T>(source);

  static void copyRange<T>(List<T> target, int at, List<T> source,
      [int? start, int? end]) {
    final int from = start ?? 0;
    final int to = RangeError.checkValidRange(from, end, source.length);
    final count = to - from;
    if (target.length < at + count) {
      throw ArgumentError.value(target, 'target',
          'Not big enough to hold $count elements at position $at');
    }
    if (!identical(source, target) || from >= at) {
      for (int i = 0; i < count; i++) {
        target[at + i] = source[from + i];
      }
    } else {
      for (int i = count - 1; i >= 0; i--) {
        target[at + i] = source[from + i];
      }
    }
  }

  static void writeIterable<T>(
      List<T> target, int at, Iterable<T> source) {
    RangeError.checkValueInInterval(at, 0, target.length, 'at');
    int index = at;
    final limit = target.length;
    for (final element in source) {
      if (index == limit) throw IndexError.withLength(limit, limit, indexable: target);
      target[index] = element;
      index++;
    }
  }

  List<R> cast<R>();

  E operator [](int index);

  void operator []=(int index, E value);

  void set first(E value);

  void set last(E value);

  int get length;

  void set length(int newLength);

  void add(E value);

  void addAll(Iterable<E> iterable);

  Iterable<E> get reversed;

  void sort([int compare(E a, E b)?]);

  void shuffle([Random? random]);

  int indexOf(E element, [int start = 0]);

  int indexWhere(bool test(E element), [int start = 0]);

  int lastIndexWhere(bool test(E element), [int? start]);

  int lastIndexOf(E element, [int? start]);

  void clear();

  void insert(int index, E element);

  void insertAll(int index, Iterable<E> iterable);

  void setAll(int index, Iterable<E> iterable);

  bool remove(Object? value);

  E removeAt(int index);

  E removeLast();

  void removeWhere(bool test(E element));

  void retainWhere(bool test(E element));

  List<E> operator +(List<E> other);

  List<E> sublist(int start, [int? end]);

  Iterable<E> getRange(int start, int end);

  void setRange(int start, int end, Iterable<E> iterable, [int skipCount = 0]);

  void removeRange(int start, int end);

  void fillRange(int start, int end, [E? fillValue]);

  void replaceRange(int start, int end, Iterable<E> replacements);

  Map<int, E> asMap();

  bool operator ==(Object other);
}
