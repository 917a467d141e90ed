part of 'collection.dart';

/// The default set: elements compare by `==`, in order of insertion. A set
/// literal makes one.
final class _Set<E> extends _HashTableSet<E> implements LinkedHashSet<E> {
  _Set();

  Set<E> toSet() => _Set<E>()..addAll(this);
}

/// A constant set; see `_ConstMap`.
final class _ConstSet<E> extends _HashTableSet<E>
    with _UnmodifiableSetMixin<E>
    implements LinkedHashSet<E> {
  factory _ConstSet._uninstantiable() {
    throw UnsupportedError('_ConstSet');
  }

  Set<E> toSet() => _Set<E>()..addAll(this);
}

/// What `HashSet()` makes: the default set under another interface.
final class _HashSet<E> extends _HashTableSet<E> implements HashSet<E> {
  _HashSet();

  Set<E> toSet() => _HashSet<E>()..addAll(this);
}

/// Elements compare by identity.
abstract class _IdentitySet<E> extends _HashTableSet<E> {
  _IdentitySet();

  int _hashOf(Object? element) => identityHashCode(element);

  int _lookup(Object? element) => _findIdentical(this, element);

  bool add(E value) {
    if (_lookup(value) >= 0) return false;
    _append(value, _hashOf(value));
    return true;
  }
}

final class _LinkedIdentitySet<E> extends _IdentitySet<E>
    implements LinkedHashSet<E> {
  _LinkedIdentitySet();

  Set<E> toSet() => _LinkedIdentitySet<E>()..addAll(this);
}

final class _PlainIdentitySet<E> extends _IdentitySet<E>
    implements HashSet<E> {
  _PlainIdentitySet();

  Set<E> toSet() => _PlainIdentitySet<E>()..addAll(this);
}

/// Elements compare by functions that the program gave.
abstract class _CustomSet<E> extends _HashTableSet<E> {
  final bool Function(E, E) _equals;
  final int Function(E) _hashCode;
  final bool Function(Object?)? _isValidKey;

  _CustomSet(this._equals, this._hashCode, this._isValidKey);

  bool _isValid(Object? element) {
    final test = _isValidKey;
    return test == null ? element is E : test(element);
  }

  int _hashOf(Object? element) => _hashCode(unsafeCast<E>(element));

  int _lookup(Object? element) {
    if (!_isValid(element)) return -1;
    return _lookupValid(unsafeCast<E>(element));
  }

  int _lookupValid(E element) {
    final hash = _hashCode(element);
    int cursor = _probe(hash, -1);
    while (cursor >= 0) {
      final position = cursor & 0xffffffff;
      if (_equals(unsafeCast<E>(_keyAt(position)), element)) return position;
      cursor = _probe(hash, cursor);
    }
    return -1;
  }

  bool add(E value) {
    if (_lookupValid(value) >= 0) return false;
    _append(value, _hashOf(value));
    return true;
  }
}

final class _LinkedCustomSet<E> extends _CustomSet<E>
    implements LinkedHashSet<E> {
  _LinkedCustomSet(bool Function(E, E) equals, int Function(E) hashCode,
      bool Function(Object?)? isValidKey)
      : super(equals, hashCode, isValidKey);

  Set<E> toSet() =>
      _LinkedCustomSet<E>(_equals, _hashCode, _isValidKey)..addAll(this);
}

final class _PlainCustomSet<E> extends _CustomSet<E> implements HashSet<E> {
  _PlainCustomSet(bool Function(E, E) equals, int Function(E) hashCode,
      bool Function(Object?)? isValidKey)
      : super(equals, hashCode, isValidKey);

  Set<E> toSet() =>
      _PlainCustomSet<E>(_equals, _hashCode, _isValidKey)..addAll(this);
}
