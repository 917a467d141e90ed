/// Isolates, and the ports between them.
///
/// The VM keeps, for each isolate, a table from port numbers to
/// [_RawReceivePort] objects; a message for one of them is an event that
/// calls [_handleMessage]. A [SendPort] names an isolate and a port in it; it
/// holds nothing of the receiver. An [Isolate] is a view of another isolate's
/// control port: its methods send control messages, which the VM handles.
library dart.isolate;

import 'dart:_internal' show EventSource, EventTaker, unsafeCast;
import 'dart:async';
import 'dart:typed_data' show ByteBuffer, TypedData;

part 'control.dart';
part 'hosting.dart';
part 'ports.dart';
part 'receive_port.dart';
part 'run.dart';
part 'transferable.dart';
