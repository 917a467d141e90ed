part of 'core.dart';

/// A sequence of values that can be walked over.
abstract mixin class Iterable<E> {
  const Iterable();

  /// [count] elements computed on demand from their indices.
  factory Iterable.generate(int count, [E generator(int index)?]) {
    if (count <= 0) return EmptyIterable<E>();
    if (generator == null) {
      final E Function(int) generated = _indexAs<E>();
      return GeneratorIterable<E>(count, generated);
    }
    return GeneratorIterable<E>(count, generator);
  }

  /// An iterable that gets each iterator from [iteratorFactory].
  factory Iterable.withIterator(Iterator<E> Function() iteratorFactory) =
      FactoryIterable<E>;

  const factory Iterable.empty() = EmptyIterable<E>;

  static Iterable<T> castFrom<S, T>(Iterable<S> source) =>
      CastIterable<S, T>(source);

  Iterator<E> get iterator;

  Iterable<R> cast<R>() => CastIterable<E, R>(this);

  Iterable<E> followedBy(Iterable<E> other) {
    final self = this;
    if (self is EfficientLengthIterable<E>) {
      return EfficientLengthFollowedByIterable<E>(self, other);
    }
    return FollowedByIterable<E>(this, other);
  }

  Iterable<T> map<T>(T toElement(E e)) => MappedIterable<E, T>(this, toElement);

  Iterable<E> where(bool test(E element)) => WhereIterable<E>(this, test);

  Iterable<T> whereType<T>() => WhereTypeIterable<T>(this);

  Iterable<T> expand<T>(Iterable<T> toElements(E element)) =>
      ExpandIterable<E, T>(this, toElements);

  bool contains(Object? element) {
    for (final e in this) {
      if (e == element) return true;
    }
    return false;
  }

  void forEach(void action(E element)) {
    for (final element in this) {
      action(element);
    }
  }

  E reduce(E combine(E value, E element)) {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    E value = it.current;
    while (it.moveNext()) {
      value = combine(value, it.current);
    }
    return value;
  }

  T fold<T>(T initialValue, T combine(T previousValue, E element)) {
    T value = initialValue;
    for (final element in this) {
      value = combine(value, element);
    }
    return value;
  }

  bool every(bool test(E element)) {
    for (final element in this) {
      if (!test(element)) return false;
    }
    return true;
  }

  String join([String separator = '']) {
    final it = iterator;
    if (!it.moveNext()) return '';
    final first = _stringOf(it.current);
    if (!it.moveNext()) return first;
    final buffer = StringBuffer(first);
    if (separator.isEmpty) {
      do {
        buffer.write(it.current);
      } while (it.moveNext());
    } else {
      do {
        buffer._writeText(separator);
        buffer.write(it.current);
      } while (it.moveNext());
    }
    return buffer.toString();
  }

  bool any(bool test(E element)) {
    for (final element in this) {
      if (test(element)) return true;
    }
    return false;
  }

  List<E> toList({bool growable = true}) =>
      List<E>.of(this, growable: growable);

  Set<E> toSet() => Set<E>.of(this);

  int get length {
    int count = 0;
    final it = iterator;
    while (it.moveNext()) {
      count++;
    }
    return count;
  }

  bool get isEmpty => !iterator.moveNext();

  bool get isNotEmpty => !isEmpty;

  Iterable<E> take(int count) => TakeIterable<E>(this, count);

  Iterable<E> takeWhile(bool test(E value)) =>
      TakeWhileIterable<E>(this, test);

  Iterable<E> skip(int count) => SkipIterable<E>(this, count);

  Iterable<E> skipWhile(bool test(E value)) =>
      SkipWhileIterable<E>(this, test);

  E get first {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    return it.current;
  }

  E get last {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    E result = it.current;
    while (it.moveNext()) {
      result = it.current;
    }
    return result;
  }

  E get single {
    final it = iterator;
    if (!it.moveNext()) throw IterableElementError.noElement();
    final result = it.current;
    if (it.moveNext()) throw IterableElementError.tooMany();
    return result;
  }

  E firstWhere(bool test(E element), {E orElse()?}) {
    for (final element in this) {
      if (test(element)) return element;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E lastWhere(bool test(E element), {E orElse()?}) {
    final it = iterator;
    while (it.moveNext()) {
      E result = it.current;
      if (!test(result)) continue;
      while (it.moveNext()) {
        final element = it.current;
        if (test(element)) result = element;
      }
      return result;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E singleWhere(bool test(E element), {E orElse()?}) {
    final it = iterator;
    while (it.moveNext()) {
      final result = it.current;
      if (!test(result)) continue;
      while (it.moveNext()) {
        if (test(it.current)) throw IterableElementError.tooMany();
      }
      return result;
    }
    if (orElse != null) return orElse();
    throw IterableElementError.noElement();
  }

  E elementAt(int index) {
    RangeError.checkNotNegative(index, 'index');
    int skipped = 0;
    final it = iterator;
    while (it.moveNext()) {
      if (skipped == index) return it.current;
      skipped++;
    }
    throw IndexError.withLength(index, skipped,
        indexable: this, name: 'index');
  }

  String toString() => iterableToShortString(this, '(', ')');

  /// [iterable] as text that is cut to about 80 characters.
  static String iterableToShortString(Iterable<Object?> iterable,
          [String leftDelimiter = '(', String rightDelimiter = ')']) =>
      _iterableToShortString(iterable, leftDelimiter, rightDelimiter);

  /// [iterable] as text with all its elements.
  static String iterableToFullString(Iterable<Object?> iterable,
          [String leftDelimiter = '(', String rightDelimiter = ')']) =>
      _iterableToFullString(iterable, leftDelimiter, rightDelimiter);
}

/// What `Iterable.generate` does without a generator: the index itself, which
/// must be an [E].
E Function(int) _indexAs<E>() {
  if (0 is! E) {
    throw ArgumentError(
        'Generator must be supplied or element type must allow integers');
  }
  return (int index) => unsafeCast<E>(index);
}

String _iterableToShortString(
    Iterable<Object?> iterable, String left, String right) {
  if (isToStringVisiting(iterable)) return '$left...$right';
  final parts = <String>[];
  toStringVisiting.add(iterable);
  try {
    _collectShortParts(iterable, parts);
  } finally {
    toStringVisiting.removeLast();
  }
  final buffer = StringBuffer(left);
  buffer.writeAll(parts, ', ');
  buffer.write(right);
  return buffer.toString();
}

/// Adds to [parts] the texts of the leading elements, as many as fit in about
/// 80 characters but at least three, then `...` and the last two. After
/// hundred elements it gives up and ends with `...`.
void _collectShortParts(Iterable<Object?> iterable, List<String> parts) {
  const lengthLimit = 80;
  const headCount = 3;
  const tailCount = 2;
  const maxCount = 100;
  const overhead = 2;
  const ellipsisSize = 3;

  int length = 0;
  int count = 0;
  final it = iterable.iterator;
  while (length < lengthLimit || count < headCount) {
    if (!it.moveNext()) return;
    final next = _stringOf(it.current);
    parts.add(next);
    length += next.length + overhead;
    count++;
  }

  String penultimate;
  String ultimate;
  if (!it.moveNext()) {
    if (count <= headCount + tailCount) return;
    ultimate = parts.removeLast();
    penultimate = parts.removeLast();
  } else {
    Object? beforeLast = it.current;
    count++;
    if (!it.moveNext()) {
      if (count <= headCount + 1) {
        parts.add(_stringOf(beforeLast));
        return;
      }
      ultimate = _stringOf(beforeLast);
      penultimate = parts.removeLast();
      length += ultimate.length + overhead;
    } else {
      Object? last = it.current;
      count++;
      while (it.moveNext()) {
        beforeLast = last;
        last = it.current;
        count++;
        if (count > maxCount) {
          while (length > lengthLimit - ellipsisSize - overhead &&
              count > headCount) {
            length -= parts.removeLast().length + overhead;
            count--;
          }
          parts.add('...');
          return;
        }
      }
      penultimate = _stringOf(beforeLast);
      ultimate = _stringOf(last);
      length += ultimate.length + penultimate.length + 2 * overhead;
    }
  }

  String? elision;
  if (count > parts.length + tailCount) {
    elision = '...';
    length += ellipsisSize + overhead;
  }
  while (length > lengthLimit && parts.length > headCount) {
    length -= parts.removeLast().length + overhead;
    if (elision == null) {
      elision = '...';
      length += ellipsisSize + overhead;
    }
  }
  if (elision != null) parts.add(elision);
  parts.add(penultimate);
  parts.add(ultimate);
}

String _iterableToFullString(
    Iterable<Object?> iterable, String left, String right) {
  if (isToStringVisiting(iterable)) return '$left...$right';
  final buffer = StringBuffer(left);
  toStringVisiting.add(iterable);
  try {
    buffer.writeAll(iterable, ', ');
  } finally {
    toStringVisiting.removeLast();
  }
  buffer.write(right);
  return buffer.toString();
}
