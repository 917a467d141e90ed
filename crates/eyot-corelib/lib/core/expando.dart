part of 'core.dart';

/// Attaches values to objects without changing their classes; an entry goes
/// away with its object.
///
/// Entries are ephemerons of the runtime, which keep their value alive only
/// while their key is alive, in buckets by identity hash. Entries whose key is
/// gone are swept out when the table has doubled since the last time.
final class Expando<T extends Object> {
  /// Shown by [toString].
  final String? name;

  final Map<int, List<Object>> _buckets = <int, List<Object>>{};

  /// Number of entries, those of dead keys included.
  int _count = 0;

  /// At how many entries to sweep next.
  int _sweepAt = 32;

  Expando([this.name]);

  T? operator [](Object object) {
    _checkCanBeKey(object, 'object');
    final entry = _find(object);
    return entry == null ? null : unsafeCast<T?>(_ephemeronValue(entry));
  }

  void operator []=(Object object, T? value) {
    _checkCanBeKey(object, 'object');
    final entry = _find(object);
    if (entry != null) {
      _ephemeronSetValue(entry, value);
      return;
    }
    if (value == null) return;
    if (_count >= _sweepAt) _sweep();
    final bucket = _buckets[identityHashCode(object)];
    final Object added = _ephemeronNew(object, value);
    if (bucket == null) {
      _buckets[identityHashCode(object)] = <Object>[added];
    } else {
      bucket.add(added);
    }
    _count++;
  }

  Object? _find(Object object) {
    final bucket = _buckets[identityHashCode(object)];
    if (bucket == null) return null;
    for (int i = 0; i < bucket.length; i++) {
      final entry = bucket[i];
      if (identical(_ephemeronKey(entry), object)) return entry;
    }
    return null;
  }

  void _sweep() {
    int count = 0;
    _buckets.removeWhere((int hash, List<Object> bucket) {
      bucket.removeWhere((Object entry) => _ephemeronKey(entry) == null);
      count += bucket.length;
      return bucket.isEmpty;
    });
    _count = count;
    _sweepAt = count < 16 ? 32 : count * 2;
  }

  String toString() => 'Expando:$name';
}

/// Native: a new ephemeron.
external Object _ephemeronNew(Object key, Object? value);

/// Native: the key of [entry], or `null` once it was collected.
external Object? _ephemeronKey(Object entry);

/// Native: the value of [entry].
external Object? _ephemeronValue(Object entry);

/// Native: replaces the value of [entry].
external void _ephemeronSetValue(Object entry, Object? value);
