part of 'core.dart';

/// Refers to an object without keeping it alive.
abstract final class WeakReference<T extends Object> {
  factory WeakReference(T target) {
    _checkCanBeKey(target, 'target');
    return _WeakReference<T>(target);
  }

  /// The object, or `null` once it was collected.
  T? get target;
}

/// The runtime clears [_target] when nothing else keeps the object alive.
final class _WeakReference<T extends Object> implements WeakReference<T> {
  /// Native: a new weak reference to [target].
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
    final number = ++_Attachment._last;
    _Attachment._all[number] = _Attachment(this, finalizationToken);
    _attachFinalizer(value, number);
    if (detach != null) _note(detach, number);
  }

  /// Attachments by the objects they can be detached with.
  Expando<List<int>>? _byDetach;

  void _note(Object detach, int number) {
    final byDetach = _byDetach ??= Expando<List<int>>();
    final numbers = byDetach[detach] ??= <int>[];
    final count = numbers.length;
    // Forgets those whose values are gone whenever the list has doubled.
    if (count >= 16 && count & (count - 1) == 0) {
      numbers.removeWhere((number) => !_Attachment._all.containsKey(number));
    }
    numbers.add(number);
  }

  void detach(Object detach) {
    final numbers = _byDetach?[detach];
    if (numbers == null) return;
    _byDetach![detach] = null;
    for (final number in numbers) {
      if (_Attachment._all.remove(number) != null) _detachFinalizer(number);
    }
  }

  void _run(Object? token) => _callback(unsafeCast<T>(token));
}

/// What is to be done when a value is gone. The heap knows values by numbers
/// only; until its value is gone an attachment keeps its finalizer alive.
final class _Attachment {
  static final Map<int, _Attachment> _all = {};
  static int _last = 0;

  final _Finalizer<Object?> _finalizer;
  final Object? _token;

  _Attachment(this._finalizer, this._token);
}

/// An event of the isolate: called while the heap has numbers whose values
/// are gone, to run the callback of one of them.
void _runFinalizer() {
  final attachment = _Attachment._all.remove(_nextFinalized());
  attachment?._finalizer._run(attachment._token);
}

/// Native: makes [number] come due once [value] is collected.
external void _attachFinalizer(Object value, int number);

/// Native: takes an attachment back.
external void _detachFinalizer(int number);

/// Native: a number that came due, or -1.
external int _nextFinalized();

/// Whether something has an identity of its own is for weak keys to know;
/// throws Dart's ArgumentError where it has none.
void _checkCanBeKey(Object? object, String name) {
  if (object == null ||
      object is num ||
      object is bool ||
      object is String ||
      object is Record ||
      object is WithoutIdentity) {
    throw ArgumentError.value(object, name,
        'Cannot be a string, number, boolean, record, null, Pointer, Struct or Union');
  }
}
