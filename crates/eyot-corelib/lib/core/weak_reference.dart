part of 'core.dart';

/// Refers to an object without keeping it alive.
abstract final class WeakReference<T extends Object> {
  factory WeakReference(T target) = _WeakReference<T>;

  /// The object, or `null` once it was collected.
  T? get target;
}

/// The runtime clears [_target] when nothing else keeps the object alive.
final class _WeakReference<T extends Object> implements WeakReference<T> {
  /// Native: a new weak reference to [target]. Throws through
  /// `_throwArgument` for null, numbers, booleans, strings, records.
  external factory _WeakReference(T target);

  /// Native: the object, or `null` once it was collected.
  external T? get target;
}

/// Calls back when an attached object is no longer reachable.
abstract final class Finalizer<T> {
  factory Finalizer(void Function(T) callback) = _Finalizer<T>;

  void attach(Object value, T finalizationToken, {Object? detach});

  void detach(Object detach);
}

@pragma('vm:isolate-unsendable')
final class _Finalizer<T> implements Finalizer<T> {
  final void Function(T) _callback;

  _Finalizer(void Function(T) callback)
      : _callback = Zone.current.bindUnaryCallbackGuarded(callback);

  void attach(Object value, T finalizationToken, {Object? detach}) {
    _checkCanBeKey(value, 'value');
    if (detach != null) _checkCanBeKey(detach, 'detach');
    _attachFinalizer(this, value, finalizationToken, detach);
  }

  void detach(Object detach) => _detachFinalizer(this, detach);

  /// Called by the event loop, once for each token whose value is gone.
  void _run(Object? token) => _callback(unsafeCast<T>(token));
}

/// Native: arranges that once [value] is collected, the event loop calls
/// `finalizer._run(token)`, unless detached first or [finalizer] is gone.
/// [value] and [detach] are held weakly.
external void _attachFinalizer(
    Object finalizer, Object value, Object? token, Object? detach);

/// Native: drops all attachments of [finalizer] made with [detach].
external void _detachFinalizer(Object finalizer, Object detach);

/// Whether something has an identity of its own is for weak keys to know;
/// throws Dart's ArgumentError where it has none.
void _checkCanBeKey(Object? object, String name) {
  if (object == null ||
      object is num ||
      object is bool ||
      object is String ||
      object is Record) {
    throw ArgumentError.value(
        object, name, 'Cannot be a string, number, boolean, record, null');
  }
}
