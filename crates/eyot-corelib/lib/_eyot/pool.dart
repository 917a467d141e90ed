part of '_eyot.dart';

/// The task was cancelled before it had a result.
final class TaskCancelled implements Exception {
  const TaskCancelled();

  String toString() => 'TaskCancelled';
}

/// The worker of a task ended before it had a result.
final class WorkerEnded implements Exception {
  /// How.
  final ExitReason reason;

  const WorkerEnded(this.reason);

  String toString() => 'WorkerEnded: $reason';
}

/// A computation given to an [IsolatePool].
final class PoolTask<R> {
  final IsolatePool _pool;
  final FutureOr<R> Function() _computation;
  final Completer<R> _result = Completer<R>();
  _Worker? _worker;
  Timer? _timer;

  /// Only this worker may run it.
  final _Worker? _only;

  PoolTask._(this._pool, this._computation, this._only);

  /// What it gives, or throws.
  Future<R> get result => _result.future;

  /// Gives the task up; whether it still had no result. A worker in the middle of it is killed and replaced.
  bool cancel() => _stop(const TaskCancelled());

  bool _stop(Object error) {
    if (_result.isCompleted) return false;
    _fail(error, StackTrace.current);
    final worker = _worker;
    if (worker == null) {
      _pool._queue.remove(this);
      _only?._own.remove(this);
    } else {
      _pool._replace(worker);
    }
    return true;
  }

  void _complete(Object? value) {
    _timer?.cancel();
    if (!_result.isCompleted) _result.complete(value as R);
  }

  void _fail(Object error, StackTrace stackTrace) {
    _timer?.cancel();
    if (!_result.isCompleted) _result.completeError(error, stackTrace);
  }
}

/// Workers that run computations one after another.
///
/// Computations are sent like messages. What a worker keeps in statics stays there from task to task. A worker that ends (an uncaught
/// error, a limit, a cancelled task) is replaced.
final class IsolatePool {
  /// How many workers there are.
  final int size;
  final IsolateLimits _limits;
  final String _name;
  final Queue<PoolTask<Object?>> _queue = Queue<PoolTask<Object?>>();
  final List<_Worker> _workersOfPool = [];
  Completer<void>? _closing;

  /// [limits] are those of each worker over its whole life.
  IsolatePool(
      {int? size,
      IsolateLimits limits = const IsolateLimits(),
      String debugName = 'pool'})
      : size = size ?? _workers(),
        _limits = limits,
        _name = debugName {
    if (this.size < 1) throw ArgumentError.value(size, 'size');
    for (int i = 0; i < this.size; i++) {
      _workersOfPool.add(_Worker(this, i));
    }
  }

  /// Tasks that no worker has begun.
  int get queued => _queue.length;

  /// Runs [computation] on a worker; what takes longer than [timeout] (waiting included) is cancelled with a [TimeoutException].
  Future<R> run<R>(FutureOr<R> Function() computation, {Duration? timeout}) =>
      submit<R>(computation, timeout: timeout).result;

  /// As [run], with a way to cancel.
  PoolTask<R> submit<R>(FutureOr<R> Function() computation,
      {Duration? timeout}) {
    _checkOpen();
    final task = PoolTask<R>._(this, computation, null);
    if (timeout != null) {
      task._timer = Timer(timeout,
          () => task._stop(TimeoutException('the task took too long', timeout)));
    }
    _queue.add(task);
    _assign();
    return task;
  }

  /// Runs [computation] once on every worker, each when it is done with what it has begun.
  Future<List<R>> broadcast<R>(FutureOr<R> Function() computation) {
    _checkOpen();
    final tasks = [
      for (final worker in _workersOfPool)
        PoolTask<R>._(this, computation, worker)
    ];
    for (final task in tasks) {
      task._only!._own.add(task);
    }
    _assign();
    return Future.wait([for (final task in tasks) task.result]);
  }

  /// Ends the workers once all tasks have their results; at once with [force], which cancels the tasks.
  Future<void> close({bool force = false}) {
    final closing = _closing ??= Completer<void>();
    if (force) {
      final tasks = _queue.toList();
      _queue.clear();
      for (final worker in _workersOfPool) {
        tasks.addAll(worker._own);
        worker._own.clear();
        final task = worker._task;
        if (task != null) tasks.add(task);
        worker._task = null;
      }
      for (final task in tasks) {
        task._fail(const TaskCancelled(), StackTrace.current);
      }
    }
    _endIfDone();
    return closing.future;
  }

  void _checkOpen() {
    if (_closing != null) throw StateError('the pool is closed');
  }

  void _assign() {
    for (final worker in _workersOfPool) {
      if (_queue.isEmpty && worker._own.isEmpty) continue;
      if (worker._task != null) continue;
      final own = worker._own.isNotEmpty;
      worker._begin(own ? worker._own.removeFirst() : _queue.removeFirst());
    }
    _endIfDone();
  }

  void _endIfDone() {
    final closing = _closing;
    if (closing == null || closing.isCompleted || _queue.isNotEmpty) return;
    for (final worker in _workersOfPool) {
      if (worker._task != null || worker._own.isNotEmpty) return;
    }
    for (final worker in _workersOfPool) {
      worker._end();
    }
    closing.complete();
  }

  /// Kills a worker and lets another take over what waits for it.
  void _replace(_Worker worker) {
    worker._end();
    worker._task = null;
    final next = _Worker(this, worker._index);
    for (final task in worker._own) {
      final moved = PoolTask<Object?>._(this, task._computation, next);
      moved._result.future.then<void>(task._complete, onError: task._fail);
      next._own.add(moved);
    }
    _workersOfPool[worker._index] = next;
    _assign();
  }
}

/// The pool's side of a worker.
final class _Worker {
  final IsolatePool _pool;
  final int _index;
  late final SupervisedIsolate _isolate;
  final RawReceivePort _answers = RawReceivePort(null, 'pool');
  final Queue<PoolTask<Object?>> _own = Queue<PoolTask<Object?>>();
  SendPort? _port;
  PoolTask<Object?>? _task;
  bool _ended = false;

  _Worker(this._pool, this._index) {
    _answers.keepIsolateAlive = false;
    _answers.handler = _answer;
    _isolate = _spawn<SendPort>(_serve, _answers.sendPort, _pool._limits,
        false, false, true, null, null, '${_pool._name} $_index');
    _isolate._watch._completer.future.then(_exited);
  }

  void _begin(PoolTask<Object?> task) {
    _task = task;
    task._worker = this;
    _answers.keepIsolateAlive = true;
    if (_port != null) _send(task);
  }

  void _send(PoolTask<Object?> task) {
    try {
      _port!.send(task._computation);
    } catch (error, stackTrace) {
      // It cannot be sent: the task's fault, not the worker's.
      _done();
      task._fail(error, stackTrace);
      _pool._assign();
    }
  }

  void _done() {
    _task = null;
    _answers.keepIsolateAlive = false;
  }

  /// The worker's port first; then a result as a list of one, or error and trace.
  void _answer(Object? message) {
    if (message is SendPort) {
      _port = message;
      final task = _task;
      if (task != null) _send(task);
      return;
    }
    final task = _task;
    _done();
    final parts = unsafeCast<List<Object?>>(message);
    if (task != null) {
      if (parts.length == 1) {
        task._complete(parts[0]);
      } else {
        task._fail(parts[0]!, parts[1] as StackTrace);
      }
    }
    _pool._assign();
  }

  void _exited(ExitReason reason) {
    if (_ended) return;
    final task = _task;
    _pool._replace(this);
    switch (reason) {
      case ExitError(:final error, :final stackTrace):
        task?._fail(error, stackTrace);
      default:
        task?._fail(WorkerEnded(reason), StackTrace.current);
    }
  }

  void _end() {
    _ended = true;
    _isolate._watch.cancel();
    _isolate.kill();
    _answers.close();
  }
}

/// The worker: runs what it is sent, one after another.
void _serve(SendPort home) {
  final port = RawReceivePort(null, 'pool worker');
  port.handler = (Object? message) {
    _runTask(unsafeCast<FutureOr<Object?> Function()>(message), home);
  };
  home.send(port.sendPort);
}

Future<void> _runTask(
    FutureOr<Object?> Function() computation, SendPort home) async {
  try {
    final value = await computation();
    home.send([value]);
  } catch (error, stackTrace) {
    try {
      home.send([error, stackTrace]);
    } catch (_) {
      home.send([RemoteError('$error', '$stackTrace'), stackTrace]);
    }
  }
}
