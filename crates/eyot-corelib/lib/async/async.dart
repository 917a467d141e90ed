/// Futures, streams, timers, zones and the queue of microtasks.
///
/// How it is put together: the queue of microtasks ([_MicrotaskQueue]) is
/// Dart state; the VM asks for it to be drained after every event. Futures
/// and subscriptions put *themselves* in that queue, so the common cases of
/// completing, awaiting and delivering make no closure. What compiled code
/// calls for `async`, `async*`, `sync*` and `await` is in compiled.dart.
///
/// An invariant that the fast paths lean on: while the queue is drained and
/// when the VM calls in, the current zone is the root zone. Whoever enters
/// another zone leaves it again, also when an error passes through.
library dart.async;

import 'dart:_internal'
    show EventSource, EventTaker, unsafeCast, printToZone, printToConsole;
import 'dart:collection';

part 'async_error.dart';
part 'compiled.dart';
part 'completer.dart';
part 'deferred.dart';
part 'future.dart';
part 'future_impl.dart';
part 'future_wait.dart';
part 'microtask.dart';
part 'stream.dart';
part 'stream_broadcast.dart';
part 'stream_controller.dart';
part 'stream_futures.dart';
part 'stream_iterator.dart';
part 'stream_interfaces.dart';
part 'stream_pipe.dart';
part 'stream_sources.dart';
part 'stream_subscription.dart';
part 'stream_transformers.dart';
part 'timer.dart';
part 'zone.dart';
part 'zone_impl.dart';
