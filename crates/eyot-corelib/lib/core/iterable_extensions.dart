part of 'core.dart';

/// Helpers on any iterable. What dart:core does not export lives in
/// dart:collection's public extensions.
extension NullableIterableExtensions<T extends Object> on Iterable<T?> {
  /// The elements that are not `null`.
  Iterable<T> get nonNulls => NonNullsIterable<T>(this);
}

extension IterableExtensions<T> on Iterable<T> {
  /// Pairs of index and element.
  Iterable<(int, T)> get indexed => IndexedIterable<T>(this);

  T? get firstOrNull {
    final it = iterator;
    if (it.moveNext()) return it.current;
    return null;
  }

  T? get lastOrNull {
    final self = this;
    if (self is EfficientLengthIterable<T>) {
      return isEmpty ? null : last;
    }
    final it = iterator;
    if (!it.moveNext()) return null;
    T result = it.current;
    while (it.moveNext()) {
      result = it.current;
    }
    return result;
  }

  T? get singleOrNull {
    final it = iterator;
    if (!it.moveNext()) return null;
    final result = it.current;
    return it.moveNext() ? null : result;
  }

  T? elementAtOrNull(int index) {
    RangeError.checkNotNegative(index, 'index');
    final self = this;
    if (self is EfficientLengthIterable<T>) {
      return index >= length ? null : elementAt(index);
    }
    int skipped = 0;
    for (final element in this) {
      if (skipped == index) return element;
      skipped++;
    }
    return null;
  }
}
