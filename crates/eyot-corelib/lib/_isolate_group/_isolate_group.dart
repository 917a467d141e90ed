/// What programs import as `package:dart_internal/isolate_group.dart`, where
/// Dart 3.13 has it.
library dart._isolate_group;

import 'dart:isolate' show Capability, Isolate, SendPort;

/// The isolates that share this one's code.
abstract final class IsolateGroup {
  /// Calls [computation] at once, without an isolate: of the program's static
  /// variables it has only those that isolates share, and others throw. Nor are
  /// there ports, timers or microtasks.
  ///
  /// Throws ArgumentError if [computation], or what it captures, is not deeply
  /// immutable. Errors of [computation] are thrown here.
  static R runSync<R>(R Function() computation) {
    if (_isBound()) return computation();
    final controlPort = _createBound();
    try {
      final isolate = Isolate(controlPort,
          terminateCapability: _capabilityOf(controlPort, 1));
      return isolate.runSync<R>(computation);
    } finally {
      _endBound(controlPort);
    }
  }
}

/// Native: whether there is no isolate.
external bool _isBound();

/// Native: an isolate for a call, which ends with the running one.
external SendPort _createBound();

/// Native: ends it.
external void _endBound(SendPort controlPort);

/// Native: the capability for terminating (1) an isolate.
external Capability _capabilityOf(SendPort controlPort, int which);
