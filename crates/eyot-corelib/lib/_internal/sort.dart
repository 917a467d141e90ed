part of '_internal.dart';

/// Sorts lists with any comparison: runs of insertion sort, merged with a
/// buffer. The merge sort never looks outside the range however inconsistent
/// the comparison is, and does the fewest comparisons, each of which is a call.
abstract final class Sort {
  /// Ranges up to this size are sorted by insertion.
  static const int _insertionLimit = 12;

  /// Sorts all of [list]. Works on a copy of the elements, so the comparison
  /// may look at (but must not count on) the list meanwhile.
  static void sort<E>(List<E> list, int Function(E a, E b) compare) {
    sortRange<E>(list, 0, list.length, compare);
  }

  /// Sorts `list[start .. end)`.
  static void sortRange<E>(
      List<E> list, int start, int end, int Function(E a, E b) compare) {
    final count = end - start;
    if (count < 2) return;
    if (count <= _insertionLimit) {
      _insertionSort<E>(list, start, end, compare);
      return;
    }
    final List<E> work = list.sublist(start, end);
    final List<E> buffer = List<E>.of(work, growable: false);
    // Both hold the same elements; the sorted ones end up in `work`.
    _mergeSort<E>(buffer, work, 0, count, compare);
    list.setRange(start, end, work);
  }

  static void _insertionSort<E>(
      List<E> list, int start, int end, int Function(E a, E b) compare) {
    for (int i = start + 1; i < end; i++) {
      final element = list[i];
      int j = i - 1;
      if (compare(list[j], element) <= 0) continue;
      do {
        list[j + 1] = list[j];
        j--;
      } while (j >= start && compare(list[j], element) > 0);
      list[j + 1] = element;
    }
  }

  /// Sorts `[start .. end)` of [target]; [source] holds the same elements in
  /// that range and is overwritten.
  static void _mergeSort<E>(List<E> source, List<E> target, int start, int end,
      int Function(E a, E b) compare) {
    if (end - start <= _insertionLimit) {
      _insertionSort<E>(target, start, end, compare);
      return;
    }
    final middle = start + ((end - start) >> 1);
    _mergeSort<E>(target, source, start, middle, compare);
    _mergeSort<E>(target, source, middle, end, compare);
    // Already in order: the halves only need to be copied.
    if (compare(source[middle - 1], source[middle]) <= 0) {
      target.setRange(start, end, source, start);
      return;
    }
    int left = start;
    int right = middle;
    int out = start;
    E leftElement = source[left];
    E rightElement = source[right];
    while (true) {
      if (compare(leftElement, rightElement) <= 0) {
        target[out] = leftElement;
        out++;
        left++;
        if (left == middle) {
          target.setRange(out, end, source, right);
          return;
        }
        leftElement = source[left];
      } else {
        target[out] = rightElement;
        out++;
        right++;
        if (right == end) {
          target.setRange(out, end, source, left);
          return;
        }
        rightElement = source[right];
      }
    }
  }
}
