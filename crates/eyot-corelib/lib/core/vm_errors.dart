part of 'core.dart';

// What the runtime calls when it has to throw: it looks these functions up by
// name and calls them as the program would, so that errors have one home.

/// An index outside `0 .. length - 1` was used on a list or string.
Never _throwRangeError(int index, int length) =>
    throw RangeError.range(index, 0, length - 1, 'length');

/// A value is not of the type that its place has; [message] is complete.
Never _throwTypeError(String message) => throw _TypeError(message);

/// `value as T` failed; [message] is complete.
Never _throwCastError(String message) => throw _TypeError(message);

/// `value!` on `null`.
Never _throwNullCheck() =>
    throw _TypeError('Null check operator used on a null value');

/// A dynamic call found no member that fits: asks the receiver's
/// `noSuchMethod` and returns its answer. [kind]: 0 method, 1 getter, 2
/// setter (its name without `=`). [named] alternates names and values.
dynamic _callNoSuchMethod(Object? receiver, String memberName, int kind,
    List<Object?>? typeArgs, List<Object?>? positional, List<Object?>? named) {
  if (receiver is _Record && kind != _Invocation._setter) {
    final index = receiver._indexOfField(memberName);
    if (index >= 0) {
      return _useRecordField(receiver._fieldAt(index), kind, positional, named);
    }
  }
  final name = kind == _Invocation._setter ? '$memberName=' : memberName;
  final dynamic target = receiver;
  return target.noSuchMethod(
      _Invocation._(name, kind, typeArgs, positional, named));
}

/// What a dynamic call on a record does with the field it names: fields are no
/// members of a class, so the call finds them here.
dynamic _useRecordField(Object? field, int kind, List<Object?>? positional,
        List<Object?>? named) =>
    kind == _Invocation._getter
        ? field
        : _applyFunction(unsafeCast<Function>(field), positional ?? const [],
            named ?? const []);

/// As [_callNoSuchMethod] where the receiver's class has the plain
/// `noSuchMethod` anyway, or there is no receiver.
Never _throwNoSuchMethod(Object? receiver, String memberName, int kind,
    List<Object?>? typeArgs, List<Object?>? positional, List<Object?>? named) {
  final name = kind == _Invocation._setter ? '$memberName=' : memberName;
  throw NoSuchMethodError.withInvocation(
      receiver, _Invocation._(name, kind, typeArgs, positional, named));
}

/// As [_callNoSuchMethod] where the receiver has a method of that name for
/// other arguments: [found] is that method, torn off.
dynamic _callMismatched(
    Object? receiver,
    String memberName,
    int kind,
    List<Object?>? typeArgs,
    List<Object?>? positional,
    List<Object?>? named,
    Object? found) {
  final dynamic target = receiver;
  return target.noSuchMethod(
      _Invocation._(memberName, kind, typeArgs, positional, named)
        .._found = found);
}

/// The closure [receiver], a [functionName], was called with arguments that it
/// does not take.
Never _throwArgumentMismatch(
    Object? receiver,
    String functionName,
    int kind,
    List<Object?>? typeArgs,
    List<Object?>? positional,
    List<Object?>? named) {
  final invocation =
      _Invocation._('call', kind, typeArgs, positional, named)
        .._found = receiver;
  throw NoSuchMethodError._(receiver, invocation, null, functionName);
}

/// `~/` or `%` with integer operands and a zero divisor.
Never _throwIntegerDivisionByZero() =>
    throw const IntegerDivisionByZeroException();

Never _throwLateNotInitialized(String name) =>
    throw LateError("Field '$name' has not been initialized.");

Never _throwLateAlreadyInitialized(String name) =>
    throw LateError("Field '$name' has already been initialized.");

Never _throwLateAssignedDuringInitialization(String name) => throw LateError(
    "Field '$name' has been assigned during initialization.");

Never _throwLateLocalNotInitialized(String name) =>
    throw LateError("Local '$name' has not been initialized.");

Never _throwLateLocalAlreadyInitialized(String name) =>
    throw LateError("Local '$name' has already been initialized.");

Never _throwStackOverflow() => throw const StackOverflowError();

Never _throwOutOfMemory() => throw const OutOfMemoryError();

Never _throwUnsupported(String message) => throw UnsupportedError(message);

/// [value] is not a good argument; [name] and [message] as in
/// [ArgumentError.value].
Never _throwArgument(Object? value, String? name, String? message) =>
    throw ArgumentError.value(value, name, message);

/// An [ArgumentError] that is only a text.
Never _throwArgumentMessage(String message) => throw ArgumentError(message);

Never _throwStateError(String message) => throw StateError(message);

/// [value] outside `min .. max`, both inclusive.
Never _throwRange(int value, int min, int max, String? name) =>
    throw RangeError.range(value, min, max, name);

/// An `assert` failed: its condition as source text and its place, and the
/// value of its message or `null`.
Never _throwAssertion(
        Object? message, String text, String url, int line, int column) =>
    throw _PlacedAssertionError(message, text, url, line, column);

/// The text of [object]: what `'$object'` shows.
String _stringOf(Object? object) {
  if (object is String) return object;
  // A user's toString may answer through noSuchMethod or a bad override, so
  // the result is checked although its static type says String.
  final Object? text = object.toString();
  if (text is String) return text;
  throw ArgumentError.value(object, null, 'toString() returned no string');
}
