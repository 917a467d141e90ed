/// Isolates under supervision: `package:eyot/isolate.dart`.
///
/// What dart:isolate lacks: limits, exit reasons that tell what happened, links and monitors, pools, and figures of what an
/// isolate uses. An isolate made here is an ordinary [Isolate].
///
/// All questions to other isolates (how do you end, what do you use) go out with a number and come back to one port of the asking
/// isolate, the [_Desk].
library eyot.isolate;

import 'dart:_internal' show unsafeCast;
import 'dart:async';
import 'dart:collection' show Queue;
import 'dart:isolate';
import 'dart:math' show max;

part 'exit.dart';
part 'mailbox.dart';
part 'pool.dart';
part 'spawn.dart';
part 'stats.dart';

/// Where answers of other isolates arrive.
///
/// Each question is answered exactly once, also if its isolate is gone. The port keeps the isolate alive only while somebody
/// waits for an answer.
final class _Desk {
  static _Desk? _own;
  static _Desk get own => _own ??= _Desk();

  final RawReceivePort _port = RawReceivePort(null, 'package:eyot');
  final Map<int, void Function(List<Object?> answer)> _open = {};
  int _last = 0;
  int _waiting = 0;

  _Desk() {
    _port.keepIsolateAlive = false;
    _port.handler = (Object? message) {
      final answer = unsafeCast<List<Object?>>(message);
      _open.remove(unsafeCast<int>(answer[0]))?.call(answer);
    };
  }

  SendPort get port => _port.sendPort;

  /// A number under which [take] gets the answer.
  int open(void Function(List<Object?> answer) take) {
    _open[++_last] = take;
    return _last;
  }

  /// Nobody wants the answer any more.
  void forget(int question) {
    _open.remove(question);
  }

  void beginWait() {
    if (_waiting++ == 0) _port.keepIsolateAlive = true;
  }

  void endWait() {
    if (--_waiting == 0) _port.keepIsolateAlive = false;
  }
}

// Questions of [_ask].
const int _monitor = 0;
const int _demonitor = 1;
const int _link = 2;
const int _unlink = 3;
const int _stats = 4;

/// Native: asks the isolate of [controlPort] something; the answer to questions 0 and 4 is a message to [watcher], a list that
/// starts with [reference]. Throws ArgumentError if [controlPort] is none.
///
/// | question | answer |
/// | --- | --- |
/// | 0 how does it end | number of the outcome; after an error, error and trace, or their texts |
/// | 1 do not tell that | |
/// | 2 link it and this isolate | |
/// | 3 take the link back | |
/// | 4 what does it use | -1 and the figures of [_ownFigures], or 9 if it is gone |
external void _ask(
    SendPort controlPort, int question, SendPort? watcher, int reference);

/// Native: what this isolate uses: bytes of the heap, microseconds on a core, messages waiting, sent, handled, minor and major
/// collections, the longest and all pauses in microseconds.
external List<Object?> _ownFigures();

/// Native: as `_spawn` of dart:isolate, with limits (negative: none), and with a [watcher] that is told how the isolate ends.
external SendPort _spawnSupervised(
    Function entryPoint,
    Object? message,
    bool paused,
    bool errorsAreFatal,
    SendPort? onExit,
    SendPort? onError,
    String? debugName,
    int heapBytes,
    int cpuMicros,
    int wallMicros,
    int mailbox,
    SendPort watcher,
    int reference,
    bool linked);

/// Native: how many isolates can run at the same time.
external int _workers();
