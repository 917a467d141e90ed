part of '_eyot.dart';

/// How an isolate ended.
sealed class ExitReason {
  const ExitReason();

  /// Whether nothing went wrong.
  bool get isNormal => false;
}

/// It had nothing more to do, or left by [Isolate.exit].
final class ExitNormal extends ExitReason {
  const ExitNormal();

  bool get isNormal => true;

  String toString() => 'normal end';
}

/// By an uncaught error.
final class ExitError extends ExitReason {
  /// The error itself; a [RemoteError] with its text if it could not be sent.
  final Object error;

  /// Where it was thrown.
  final StackTrace stackTrace;

  const ExitError(this.error, this.stackTrace);

  String toString() => 'uncaught error: $error';
}

/// Somebody killed it.
final class ExitKilled extends ExitReason {
  const ExitKilled();

  String toString() => 'killed';
}

/// It needed more memory than it may have.
final class ExitOutOfMemory extends ExitReason {
  const ExitOutOfMemory();

  String toString() => 'out of memory';
}

/// It used up its time on a core.
final class ExitCpuTime extends ExitReason {
  const ExitCpuTime();

  String toString() => 'out of CPU time';
}

/// It lived as long as it may.
final class ExitWallTime extends ExitReason {
  const ExitWallTime();

  String toString() => 'out of time';
}

/// More messages waited for it than may.
final class ExitMailbox extends ExitReason {
  const ExitMailbox();

  String toString() => 'mailbox full';
}

/// An isolate ended that it was linked to.
final class ExitLinked extends ExitReason {
  const ExitLinked();

  String toString() => 'a linked isolate ended';
}

/// By a mistake of Eyot itself.
final class ExitInternal extends ExitReason {
  const ExitInternal();

  String toString() => 'a mistake in Eyot';
}

/// It had ended before anybody asked.
final class ExitUnknown extends ExitReason {
  const ExitUnknown();

  String toString() => 'ended before';
}

/// The reason in an answer: see [_ask].
ExitReason _reasonOf(List<Object?> answer) {
  switch (unsafeCast<int>(answer[1])) {
    case 0:
      return const ExitNormal();
    case 1:
      if (answer.length < 4) {
        return ExitError(RemoteError('unknown', ''), StackTrace.empty);
      }
      final error = answer[2];
      final trace = answer[3];
      if (trace is StackTrace) {
        return ExitError(unsafeCast<Object>(error), trace);
      }
      final remote = RemoteError('$error', '$trace');
      return ExitError(remote, remote.stackTrace);
    case 2:
      return const ExitKilled();
    case 3:
      return const ExitOutOfMemory();
    case 4:
      return const ExitCpuTime();
    case 5:
      return const ExitWallTime();
    case 6:
      return const ExitMailbox();
    case 7:
      return const ExitLinked();
    case 8:
      return const ExitInternal();
    default:
      return const ExitUnknown();
  }
}
