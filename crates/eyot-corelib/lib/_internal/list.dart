part of '_internal.dart';

/// Makes the operations that change a list's length errors.
mixin FixedLengthListMixin<E> implements List<E> {
  void set length(int newLength) => throw UnsupportedError(
      'Cannot change the length of a fixed-length list');

  void add(E value) => throw _cannotAdd();

  void insert(int index, E value) => throw _cannotAdd();

  void insertAll(int at, Iterable<E> iterable) => throw _cannotAdd();

  void addAll(Iterable<E> iterable) => throw _cannotAdd();

  bool remove(Object? element) => throw _cannotRemove();

  void removeWhere(bool test(E element)) => throw _cannotRemove();

  void retainWhere(bool test(E element)) => throw _cannotRemove();

  void clear() =>
      throw UnsupportedError('Cannot clear a fixed-length list');

  E removeAt(int index) => throw _cannotRemove();

  E removeLast() => throw _cannotRemove();

  void removeRange(int start, int end) => throw _cannotRemove();

  void replaceRange(int start, int end, Iterable<E> iterable) =>
      throw _cannotRemove();

  static UnsupportedError _cannotAdd() =>
      UnsupportedError('Cannot add to a fixed-length list');

  static UnsupportedError _cannotRemove() =>
      UnsupportedError('Cannot remove from a fixed-length list');
}

/// Makes every operation that changes a list an error.
mixin UnmodifiableListMixin<E> implements List<E> {
  void operator []=(int index, E value) => throw _cannotModify();

  void set length(int newLength) => throw UnsupportedError(
      'Cannot change the length of an unmodifiable list');

  void set first(E element) => throw _cannotModify();

  void set last(E element) => throw _cannotModify();

  void setAll(int at, Iterable<E> iterable) => throw _cannotModify();

  void add(E value) => throw _cannotAdd();

  void insert(int index, E element) => throw _cannotAdd();

  void insertAll(int at, Iterable<E> iterable) => throw _cannotAdd();

  void addAll(Iterable<E> iterable) => throw _cannotAdd();

  bool remove(Object? element) => throw _cannotRemove();

  void removeWhere(bool test(E element)) => throw _cannotRemove();

  void retainWhere(bool test(E element)) => throw _cannotRemove();

  void sort([Comparator<E>? compare]) => throw _cannotModify();

  void shuffle([Random? random]) => throw _cannotModify();

  void clear() => throw UnsupportedError('Cannot clear an unmodifiable list');

  E removeAt(int index) => throw _cannotRemove();

  E removeLast() => throw _cannotRemove();

  void setRange(int start, int end, Iterable<E> iterable, [int skipCount = 0]) =>
      throw _cannotModify();

  void removeRange(int start, int end) => throw _cannotRemove();

  void replaceRange(int start, int end, Iterable<E> iterable) =>
      throw _cannotRemove();

  void fillRange(int start, int end, [E? fillValue]) => throw _cannotModify();

  static UnsupportedError _cannotModify() =>
      UnsupportedError('Cannot modify an unmodifiable list');

  static UnsupportedError _cannotAdd() =>
      UnsupportedError('Cannot add to an unmodifiable list');

  static UnsupportedError _cannotRemove() =>
      UnsupportedError('Cannot remove from an unmodifiable list');
}

/// A list of fixed length over storage that a subclass has.
abstract class FixedLengthListBase<E> = ListBase<E>
    with FixedLengthListMixin<E>;

/// An unmodifiable list over storage that a subclass has.
abstract class UnmodifiableListBase<E> = ListBase<E>
    with UnmodifiableListMixin<E>;

/// The code units of a string as an unmodifiable list.
class CodeUnits extends UnmodifiableListBase<int> {
  final String _string;

  CodeUnits(this._string);

  int get length => _string.length;

  int operator [](int i) => _string.codeUnitAt(i);

  Iterator<int> get iterator => _CodeUnitIterator(_string);

  static String stringOf(CodeUnits units) => units._string;
}

/// Walks over the code units of a string, which cannot change meanwhile.
class _CodeUnitIterator implements Iterator<int> {
  final String _string;
  int _next = 0;
  int _current = 0;

  _CodeUnitIterator(this._string);

  int get current => _current;

  bool moveNext() {
    final index = _next;
    if (index >= _string.length) return false;
    _current = _string.codeUnitAt(index);
    _next = index + 1;
    return true;
  }
}

/// An unmodifiable map from the indices of a list to its elements.
class ListMapView<E> extends UnmodifiableMapBase<int, E> {
  final List<E> _values;

  ListMapView(this._values);

  E? operator [](Object? key) => containsKey(key)
      ? _values[unsafeCast<int>(key)]
      : null;

  int get length => _values.length;

  Iterable<E> get values => SubListIterable<E>(_values, 0, null);

  Iterable<int> get keys => _ListIndicesIterable(_values);

  bool get isEmpty => _values.isEmpty;

  bool get isNotEmpty => _values.isNotEmpty;

  bool containsValue(Object? value) => _values.contains(value);

  bool containsKey(Object? key) => key is int && key >= 0 && key < length;

  void forEach(void action(int key, E value)) {
    final count = _values.length;
    for (int i = 0; i < count; i++) {
      action(i, _values[i]);
      if (count != _values.length) throw ConcurrentModificationError(_values);
    }
  }
}

class _ListIndicesIterable extends ListIterable<int> {
  final List<Object?> _backed;

  _ListIndicesIterable(this._backed);

  int get length => _backed.length;

  int elementAt(int index) {
    IndexError.check(index, length, indexable: this);
    return index;
  }
}
