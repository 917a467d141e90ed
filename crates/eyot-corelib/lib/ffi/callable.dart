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

  /// For calls on any thread, also of C's own, of functions that need no
  /// isolate: [callback] and what it captures are deeply immutable.
  ///
  /// Each call runs at once, on the calling thread, in an isolate made for it.
  /// So static variables have their initial values, and what would happen in
  /// a later event (timers, microtasks, messages to its ports) does not.
  factory NativeCallable.isolateGroupBound(
          @DartRepresentationOf('T') Function callback,
          {Object? exceptionalReturn}) =>
      _needsStaticTypes('NativeCallable.isolateGroupBound');

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
    _opened<T>(
        _newCallback(signature, adapter, exceptionalReturn, null, false));

NativeCallable<T> _isolateGroupBound<T extends Function>(
        String signature, Function adapter, Object? exceptionalReturn) =>
    _opened<T>(_newCallback(
        signature,
        _groupCall(adapter, _sizeOfResult(signature)),
        exceptionalReturn,
        null,
        true));

/// With a port that gets nothing: it keeps the isolate alive.
NativeCallable<T> _opened<T extends Function>(int callback) =>
    _NativeCallable<T>(RawReceivePort(), callback);

/// Takes what C gives as a list, and gives a struct as its bytes.
Function _groupCall(Function adapter, int size) => (List<Object?> arguments) {
      final Object? result = Function.apply(adapter, arguments);
      return result is _Compound ? _bytesAt(size, result._address) : result;
    };

/// The bytes of a struct that a function of [signature] gives, or 0.
int _sizeOfResult(String signature) => signature.startsWith('{')
    ? int.parse(signature.substring(1, signature.indexOf(':')))
    : 0;

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
      port, _newCallback(signature, adapter, null, port.sendPort, false));
}

/// Callbacks of static functions, which live as long as the isolate.
final Map<Function, Map<String, int>> _functions = {};

Pointer<NativeFunction<T>> _fromFunction<T extends Function>(String signature,
    Function adapter, Function function, Object? exceptionalReturn) {
  final known = _functions[function] ??= {};
  final callback = known['$signature $exceptionalReturn'] ??=
      _newCallback(signature, adapter, exceptionalReturn, null, false);
  return Pointer<NativeFunction<T>>.fromAddress(_callbackAddress(callback));
}

/// Native: a C function of [signature] that calls [adapter], or sends [port]
/// what [_takeArguments] understands. If it [isGroups], any thread may call it,
/// and [adapter] takes a list.
external int _newCallback(String signature, Function adapter,
    Object? exceptionalReturn, SendPort? port, bool isGroups);

/// Native: the address of the C function.
external int _callbackAddress(int callback);

/// Native: takes the C function back.
external void _closeCallback(int callback);

/// Native: the arguments of a call that a listener was sent.
external List<Object?> _takeArguments(int message);
