part of '_internal.dart';

/// A list whose elements are cast when they are read or stored.
class CastList<S, T> extends ListBase<T> {
  final List<S> _source;

  CastList(this._source);

  List<R> cast<R>() => CastList<S, R>(_source);

  Iterator<T> get iterator => CastIterator<S, T>(_source.iterator);

  int get length => _source.length;

  void set length(int newLength) {
    _source.length = newLength;
  }

  T operator [](int index) => _source[index] as T;

  void operator []=(int index, T value) {
    _source[index] = value as S;
  }

  void add(T value) => _source.add(value as S);

  void addAll(Iterable<T> values) =>
      _source.addAll(CastIterable<T, S>(values));

  void sort([int compare(T v1, T v2)?]) {
    _source.sort(compare == null
        ? null
        : (S v1, S v2) => compare(v1 as T, v2 as T));
  }

  void shuffle([Random? random]) => _source.shuffle(random);

  void clear() => _source.clear();

  void insert(int index, T element) => _source.insert(index, element as S);

  void insertAll(int index, Iterable<T> elements) =>
      _source.insertAll(index, CastIterable<T, S>(elements));

  void setAll(int index, Iterable<T> elements) =>
      _source.setAll(index, CastIterable<T, S>(elements));

  bool remove(Object? value) => _source.remove(value);

  T removeAt(int index) => _source.removeAt(index) as T;

  T removeLast() => _source.removeLast() as T;

  void removeWhere(bool test(T element)) {
    _source.removeWhere((S element) => test(element as T));
  }

  void retainWhere(bool test(T element)) {
    _source.retainWhere((S element) => test(element as T));
  }

  Iterable<T> getRange(int start, int end) =>
      CastIterable<S, T>(_source.getRange(start, end));

  void setRange(int start, int end, Iterable<T> iterable,
      [int skipCount = 0]) {
    _source.setRange(start, end, CastIterable<T, S>(iterable), skipCount);
  }

  void removeRange(int start, int end) => _source.removeRange(start, end);

  void fillRange(int start, int end, [T? fillValue]) =>
      _source.fillRange(start, end, fillValue as S);

  void replaceRange(int start, int end, Iterable<T> replacement) =>
      _source.replaceRange(start, end, CastIterable<T, S>(replacement));
}
