part of 'concurrent.dart';

/// In place of a value that has not been computed.
final class _Unset {
  const _Unset();
}

const _unset = _Unset();

/// What a read of a variable marked `vm:shared` is for the compiler: the value
/// of the group's variable of that number, computed now if nobody has read or
/// written it before.
T _readShared<T>(int variable, String name, T Function() initializer) {
  final value = _loadShared(variable, _unset);
  if (!identical(value, _unset)) return unsafeCast<T>(value);
  return unsafeCast<T>(_initialize(variable, name, initializer));
}

/// A write of one.
void _writeShared<T>(int variable, String name, T value) {
  _storeShared(variable, name, value);
}

/// Computes the first value, or waits for whoever does.
Object? _initialize(int variable, String name, Object? Function() initializer) {
  while (!_beginShared(variable, name)) {
    final value = _loadShared(variable, _unset);
    if (!identical(value, _unset)) return value;
    // Whoever computed it has failed.
  }
  var isDone = false;
  try {
    final value = initializer();
    _endShared(variable, name, value);
    isDone = true;
    return value;
  } finally {
    if (!isDone) _giveUpShared(variable);
  }
}

/// Native: the variable's value, or [unset] if it has none.
external Object? _loadShared(int variable, Object unset);

/// Native: whether the caller is to compute the first value. If another one
/// does, waits until that is over, and is false.
external bool _beginShared(int variable, String name);

/// Native: what the caller has computed. Throws ArgumentError if it is not
/// deeply immutable.
external void _endShared(int variable, String name, Object? value);

/// Native: the caller could not compute it.
external void _giveUpShared(int variable);

/// Native: writes a variable. Throws ArgumentError if [value] is not deeply
/// immutable.
external void _storeShared(int variable, String name, Object? value);
