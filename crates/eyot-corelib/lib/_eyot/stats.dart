part of '_eyot.dart';

/// What an isolate uses and has done.
final class IsolateStats {
  /// Bytes of its heap, buffers included.
  final int heapBytes;

  /// Time on a core.
  final Duration cpuTime;

  /// Messages that wait for it.
  final int mailboxLength;

  /// Messages sent by it.
  final int messagesSent;

  /// Messages handled by it.
  final int messagesReceived;

  /// Collections of young objects.
  final int minorCollections;

  /// Collections of the whole heap.
  final int majorCollections;

  /// The longest collection.
  final Duration longestPause;

  /// All collections together.
  final Duration totalPause;

  /// The most that its heap has held, also in the middle of a collection.
  final int peakHeapBytes;

  IsolateStats._(List<Object?> figures, int first)
      : heapBytes = figures[first] as int,
        cpuTime = Duration(microseconds: figures[first + 1] as int),
        mailboxLength = figures[first + 2] as int,
        messagesSent = figures[first + 3] as int,
        messagesReceived = figures[first + 4] as int,
        minorCollections = figures[first + 5] as int,
        majorCollections = figures[first + 6] as int,
        longestPause = Duration(microseconds: figures[first + 7] as int),
        totalPause = Duration(microseconds: figures[first + 8] as int),
        peakHeapBytes = figures[first + 9] as int;

  String toString() => 'heap $heapBytes bytes, CPU $cpuTime, '
      '$mailboxLength messages waiting, $messagesSent sent, '
      '$messagesReceived received, $minorCollections minor and '
      '$majorCollections major collections, longest pause $longestPause';
}

/// What this isolate uses.
IsolateStats ownStats() => IsolateStats._(_ownFigures(), 0);

/// What [isolate] uses; it answers also in the middle of an event. An error if it is gone.
Future<IsolateStats> stats(Isolate isolate) {
  final result = Completer<IsolateStats>();
  final desk = _Desk.own;
  final question = desk.open((answer) {
    desk.endWait();
    if (answer.length < 12) {
      result.completeError(StateError('the isolate has ended'));
    } else {
      result.complete(IsolateStats._(answer, 2));
    }
  });
  desk.beginWait();
  try {
    _ask(isolate.controlPort, _stats, desk.port, question);
  } catch (_) {
    desk.forget(question);
    desk.endWait();
    rethrow;
  }
  return result.future;
}
