part of 'core.dart';

/// Where the program was at some moment.
abstract interface class StackTrace {
  static const StackTrace empty = _StringStackTrace('');

  factory StackTrace.fromString(String stackTraceString) = _StringStackTrace;

  /// Native: the stack of the caller, innermost frame first.
  external static StackTrace get current;

  String toString();
}

/// A trace recorded by the runtime: frames as compact ids, made into text
/// only when asked for.
@pragma('vm:deeply-immutable')
final class _StackTrace implements StackTrace {
  /// Function and place of each frame, packed into a string: the runtime
  /// writes it when the trace is taken, and reads it for [toString].
  final Object? _frames;

  _StackTrace._uninstantiable() : _frames = null;

  /// Native: one line for each frame, `#0      name (uri:line:column)`, each
  /// ended by a line feed.
  external String toString();
}

@pragma('vm:deeply-immutable')
class _StringStackTrace implements StackTrace {
  final String _text;

  const _StringStackTrace(this._text);

  String toString() => _text;
}
