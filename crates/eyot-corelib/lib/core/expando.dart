part of 'core.dart';

/// Attaches values to objects without changing their classes; an entry goes
/// away with its object.
final class Expando<T extends Object> {
  /// Shown by [toString].
  final String? name;

  /// The runtime's weak table, made at the first entry.
  Object? _table;

  Expando([this.name]);

  T? operator [](Object object) {
    _checkCanBeKey(object, 'object');
    final table = _table;
    if (table == null) return null;
    return unsafeCast<T?>(_weakTableGet(table, object));
  }

  void operator []=(Object object, T? value) {
    _checkCanBeKey(object, 'object');
    Object? table = _table;
    if (table == null) {
      if (value == null) return;
      table = _weakTableNew();
      _table = table;
    }
    _weakTableSet(table, object, value);
  }

  String toString() => 'Expando:$name';
}

/// Native: a new empty weak table (ephemerons: an entry keeps its value
/// alive only while its key is alive otherwise).
external Object _weakTableNew();

/// Native: the value entered for the identity of [key], or `null`.
external Object? _weakTableGet(Object table, Object key);

/// Native: enters [value] for the identity of [key]; `null` removes it.
external void _weakTableSet(Object table, Object key, Object? value);
