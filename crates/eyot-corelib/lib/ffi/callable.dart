part of 'ffi.dart';

/// A C function that calls Dart.
abstract final class NativeCallable<T extends Function> {
  /// For calls by C code that this isolate has called.
  factory NativeCallable.isolateLocal(
          @DartRepresentationOf('T') Function callback,
          {Object? exceptionalReturn}) =>
      _needsStaticTypes('NativeCallable.isolateLocal');

  /// For calls on any thread: the isolate is told, and the caller goes on.
  factory NativeCallable.listener(
          @DartRepresentationOf('T') Function callback) =>
      _needsStaticTypes('NativeCallable.listener');

  /// For calls on any thread, of functions that touch nothing of an isolate.
  factory NativeCallable.isolateGroupBound(
          @DartRepresentationOf('T') Function callback,
          {Object? exceptionalReturn}) =>
      throw UnsupportedError(
          'not supported yet: NativeCallable.isolateGroupBound');

  /// The C function, good until [close].
  Pointer<NativeFunction<T>> get nativeFunction;

  void close();

  abstract bool keepIsolateAlive;
}

final class _NativeCallable<T extends Function> implements NativeCallable<T> {
  final RawReceivePort _port;
  int _callback;

  _NativeCallable(this._port, this._callback);

  Pointer<NativeFunction<T>> get nativeFunction {
    if (_callback == 0) {
      throw StateError('NativeCallable is already closed.');
    }
    return Pointer<NativeFunction<T>>.fromAddress(_callbackAddress(_callback));
  }

  void close() {
    final callback = _callback;
    if (callback == 0) return;
    _callback = 0;
    _port.close();
    _closeCallback(callback);
  }

  bool get keepIsolateAlive => _callback != 0 && _port.keepIsolateAlive;

  void set keepIsolateAlive(bool value) {
    if (_callback != 0) _port.keepIsolateAlive = value;
  }
}

/// [adapter] takes integers and doubles, and makes of them what the program's
/// own function takes.
NativeCallable<T> _isolateLocal<T extends Function>(
        String signature, Function adapter, Object? exceptionalReturn) =>
    _NativeCallable<T>(RawReceivePort(),
        _newCallback(signature, adapter, exceptionalReturn, null));

NativeCallable<T> _listener<T extends Function>(
    String signature, Function adapter) {
  final zone = Zone.current;
  final port = RawReceivePort();
  port.handler = (Object? message) {
    final arguments = _takeArguments(unsafeCast<int>(message));
    zone.runGuarded(() {
      Function.apply(adapter, arguments);
    });
  };
  return _NativeCallable<T>(
      port, _newCallback(signature, adapter, null, port.sendPort));
}

/// Callbacks of static functions, which live as long as the isolate.
final Map<Function, Map<String, int>> _functions = {};

Pointer<NativeFunction<T>> _fromFunction<T extends Function>(String signature,
    Function adapter, Function function, Object? exceptionalReturn) {
  final known = _functions[function] ??= {};
  final callback = known['$signature $exceptionalReturn'] ??=
      _newCallback(signature, adapter, exceptionalReturn, null);
  return Pointer<NativeFunction<T>>.fromAddress(_callbackAddress(callback));
}

/// Native: a C function of [signature] that calls [adapter], or sends [port]
/// what [_takeArguments] understands.
external int _newCallback(String signature, Function adapter,
    Object? exceptionalReturn, SendPort? port);

/// Native: the address of the C function.
external int _callbackAddress(int callback);

/// Native: takes the C function back.
external void _closeCallback(int callback);

/// Native: the arguments of a call that a listener was sent.
external List<Object?> _takeArguments(int message);
