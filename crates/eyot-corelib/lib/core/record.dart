part of 'core.dart';

/// The supertype of all record types.
abstract final class Record {
  int get hashCode;

  bool operator ==(Object other);

  String toString();
}

/// The class of record values. The runtime makes its instances and knows
/// their shape: so many positional fields, then named ones in name order.
final class _Record implements Record {
  factory _Record._uninstantiable() {
    throw UnsupportedError('_Record');
  }

  /// Native: the number of fields of both kinds.
  external int get _fieldCount;

  /// Native: field number [index], positional ones first.
  external Object? _fieldAt(int index);

  /// Native: the name of field [index], or `null` for a positional one.
  external String? _fieldNameAt(int index);

  /// The number of the field a program calls [name], or -1.
  int _indexOfField(String name) {
    final count = _fieldCount;
    for (int i = 0; i < count; i++) {
      if ((_fieldNameAt(i) ?? '\$${i + 1}') == name) return i;
    }
    return -1;
  }

  /// Native: whether [other] is a record of the same shape.
  external bool _sameShape(Object other);

  bool operator ==(Object other) {
    if (!_sameShape(other)) return false;
    final _Record that = unsafeCast<_Record>(other);
    final count = _fieldCount;
    for (int i = 0; i < count; i++) {
      if (_fieldAt(i) != that._fieldAt(i)) return false;
    }
    return true;
  }

  int get hashCode {
    final count = _fieldCount;
    int hash = _hashCombine(_hashSeed, count);
    for (int i = 0; i < count; i++) {
      hash = _hashCombine(hash, _fieldAt(i).hashCode);
    }
    return _hashFinish(hash);
  }

  String toString() {
    final buffer = StringBuffer('(');
    final count = _fieldCount;
    for (int i = 0; i < count; i++) {
      if (i > 0) buffer.write(', ');
      final name = _fieldNameAt(i);
      if (name != null) {
        buffer.write(name);
        buffer.write(': ');
      }
      buffer.write(_fieldAt(i));
    }
    buffer.write(')');
    return buffer.toString();
  }
}
