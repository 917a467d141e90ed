part of 'ffi.dart';

/// Calls a C function when an object is gone, at the latest when its isolate
/// ends.
abstract final class NativeFinalizer {
  factory NativeFinalizer(Pointer<NativeFinalizerFunction> callback) =
      _NativeFinalizer;

  /// Calls the function with [token] once [value] is gone.
  void attach(Finalizable value, Pointer<Void> token,
      {Object? detach, int? externalSize});

  /// Takes the attachments back that were made with [detach].
  void detach(Object detach);
}

/// The isolate's table has the calls by number, so that what is left can be
/// called when no Dart code runs any more.
@pragma('vm:isolate-unsendable')
final class _NativeFinalizer implements NativeFinalizer {
  final int _callback;
  final Finalizer<int> _finalizer = Finalizer<int>(_runFinalizer);
  final Expando<List<int>> _byDetach = Expando<List<int>>();

  _NativeFinalizer(Pointer<NativeFinalizerFunction> callback)
      : _callback = callback._address;

  void attach(Finalizable value, Pointer<Void> token,
      {Object? detach, int? externalSize}) {
    if (externalSize != null && externalSize < 0) {
      throw RangeError.value(externalSize, 'externalSize', 'less than 0');
    }
    final number = _registerFinalizer(_callback, token._address);
    _finalizer.attach(value, number, detach: detach);
    if (detach != null) (_byDetach[detach] ??= <int>[]).add(number);
  }

  void detach(Object detach) {
    final numbers = _byDetach[detach];
    if (numbers == null) return;
    _byDetach[detach] = null;
    _finalizer.detach(detach);
    numbers.forEach(_forgetFinalizer);
  }
}

/// Native: notes a call to be made; answers its number.
external int _registerFinalizer(int callback, int token);

/// Native: makes a call that was noted.
external void _runFinalizer(int number);

/// Native: drops a call that was noted.
external void _forgetFinalizer(int number);
