part of 'async.dart';

/// Runs [callback] once the running code has returned to the event loop,
/// before any other event.
void scheduleMicrotask(void Function() callback) {
  final zone = Zone._current;
  if (identical(zone, _rootZone)) {
    _microtasks.add(callback, null);
    return;
  }
  zone.scheduleMicrotask(zone.bindCallbackGuarded(callback));
}

/// The queue of this isolate.
final _MicrotaskQueue _microtasks = _MicrotaskQueue();

/// Microtasks in their order: one in place, since mostly there is no more
/// than that, and behind it a ring of (task, argument) pairs that grows.
///
/// What a task may be, and what running it means:
/// - a [_Suspension]: resume it with the argument;
/// - a [_Future]: complete it with the argument, see
///   [_Future._completeFromQueue];
/// - a [_Listener]: the argument is the future that it listens to and that
///   is complete: tell the listener;
/// - a [_Subscription]: deliver the argument, an event, or, if it is null, the
///   next pending event;
/// - a [_AsyncStarController]: run on the body of the generator; first deliver
///   the argument, an event, if it is not null;
/// - anything else is a `void Function()`: call it.
final class _MicrotaskQueue {
  /// The first task, unless it is in the ring, and its argument.
  Object? _first;
  Object? _firstArgument;

  /// Pairs; the length is a power of two and at least 2.
  List<Object?> _ring = List<Object?>.filled(_smallest, null);

  /// Slot of the first pair.
  int _head = 0;

  /// Slot behind the last pair; equal to [_head] only if nothing is queued.
  int _tail = 0;

  static const int _smallest = 16;

  _MicrotaskQueue() {
    _keepMicrotasks(this);
  }

  /// A ring that is larger than this is given back once it is empty.
  static const int _keep = 4096;

  void add(Object task, Object? argument) {
    final tail = _tail;
    if (_first == null && tail == _head) {
      _first = task;
      _firstArgument = argument;
      return;
    }
    final ring = _ring;
    ring[tail] = task;
    ring[tail + 1] = argument;
    final next = (tail + 2) & (ring.length - 1);
    _tail = next;
    if (next == _head) _grow();
  }

  /// Puts a callback before everything that is queued.
  void addFirst(void Function() callback) {
    final first = _first;
    if (first != null) {
      final argument = _firstArgument;
      _first = null;
      _firstArgument = null;
      _addToFront(first, argument);
    }
    _addToFront(callback, null);
  }

  /// In the ring; nothing is in place.
  void _addToFront(Object task, Object? argument) {
    final ring = _ring;
    final head = (_head - 2) & (ring.length - 1);
    ring[head] = task;
    ring[head + 1] = argument;
    _head = head;
    if (head == _tail) _grow();
  }

  /// Puts a task behind the first one of the queue.
  void addSecond(Object task) {
    if (_first != null) {
      _addToFront(task, null);
      return;
    }
    final ring = _ring;
    final old = _head;
    final head = (old - 2) & (ring.length - 1);
    ring[head] = ring[old];
    ring[head + 1] = ring[old + 1];
    ring[old] = task;
    ring[old + 1] = null;
    _head = head;
    if (head == _tail) _grow();
  }

  /// The ring is full: [_head] and [_tail] have met.
  void _grow() {
    final old = _ring;
    final length = old.length;
    final ring = List<Object?>.filled(length * 2, null);
    final first = length - _head;
    for (int i = 0; i < first; i++) {
      ring[i] = old[_head + i];
    }
    for (int i = first; i < length; i++) {
      ring[i] = old[i - first];
    }
    _ring = ring;
    _head = 0;
    _tail = length;
  }

  /// Runs microtasks until there are none. An error leaves this loop; the
  /// caller comes back for the rest.
  void _run() {
    while (true) {
      Object? task = _first;
      final Object? argument;
      if (task != null) {
        argument = _firstArgument;
        _first = null;
        _firstArgument = null;
      } else {
        final head = _head;
        if (head == _tail) break;
        final ring = _ring;
        task = ring[head];
        argument = ring[head + 1];
        ring[head] = null;
        ring[head + 1] = null;
        _head = (head + 2) & (ring.length - 1);
      }
      if (task is _Suspension) {
        _resume(task, argument);
      } else if (task is _Future) {
        task._completeFromQueue(argument);
      } else if (task is _AsyncStarController) {
        if (argument == null) {
          task._runBody();
        } else {
          task._deliverAndRun(argument);
        }
      } else if (task is _Subscription) {
        if (argument == null) {
          task._deliverNext();
        } else {
          task._deliverDirect(argument);
        }
      } else if (task is _Listener) {
        _propagate(unsafeCast<_Future<Object?>>(argument), task);
      } else {
        unsafeCast<void Function()>(task)();
      }
    }
    if (_ring.length > _keep) {
      _ring = List<Object?>.filled(_smallest, null);
      _head = 0;
      _tail = 0;
    }
  }
}

/// Native: tells the VM where the queue is: after an event it looks at
/// `_first`, `_head` and `_tail`, and calls [_drainMicrotasks] only if there is
/// something in the queue.
external void _keepMicrotasks(Object queue);

/// Entry point of the VM: called after an event (the start of the program
/// and of the isolate included) that left microtasks, in the root zone. Returns when the queue is
/// empty. Never throws: an error that a microtask lets out goes to
/// [_uncaughtError] and the next microtask runs.
void _drainMicrotasks() {
  final queue = _microtasks;
  while (true) {
    try {
      queue._run();
      return;
    } catch (error, stackTrace) {
      Zone._current = _rootZone;
      _uncaughtError(error, stackTrace);
    }
  }
}

/// Errors that the root zone was asked to handle, in their order. They are
/// reported before the next microtask, not in the middle of the code that
/// met them: with fatal errors the report ends the isolate.
List<AsyncError>? _unreported;

/// What the root zone does with an uncaught error.
void _reportUncaught(Object error, StackTrace stackTrace) {
  final waiting = _unreported;
  final report = AsyncError._(error, stackTrace);
  if (waiting != null) {
    waiting.add(report);
    return;
  }
  _unreported = [report];
  _microtasks.addFirst(_reportAll);
}

void _reportAll() {
  final waiting = _unreported;
  if (waiting == null) return;
  _unreported = null;
  for (int i = 0; i < waiting.length; i++) {
    final report = waiting[i];
    _uncaughtError(report.error, report.stackTrace);
  }
}

/// Native `async/_uncaughtError`: an error that nobody handles. Sends it to
/// the isolate's error listeners; prints Dart's `Unhandled exception:` text
/// if there are none. If errors are fatal for this isolate, the isolate ends
/// and this call does not return; otherwise it returns.
///
/// The text of [error] needs its `toString`, which only Dart code can call,
/// so the native takes it too.
void _uncaughtError(Object error, StackTrace stackTrace) {
  String text;
  try {
    text = error.toString();
  } catch (_) {
    text = "Instance of '${error.runtimeType}'";
  }
  _uncaughtErrorText(error, text, stackTrace, stackTrace.toString());
}

/// Native: see [_uncaughtError]. [text] and [traceText] are what listeners
/// get and what is printed.
external void _uncaughtErrorText(
    Object error, String text, StackTrace stackTrace, String traceText);
