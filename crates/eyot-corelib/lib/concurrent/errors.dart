part of 'concurrent.dart';

/// Code that runs without an isolate has used a static variable that isolates
/// do not share.
final class FieldAccessError extends Error {
  /// The variable: `name`, or `Class.name`.
  final String field;

  FieldAccessError(this.field);

  String toString() =>
      "FieldAccessError: '$field' belongs to an isolate, and this code runs "
      "without one; isolates share variables marked 'vm:shared'";
}

/// Entry point of the VM.
Never _throwFieldAccess(String field) => throw FieldAccessError(field);
