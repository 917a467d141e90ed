part of 'developer.dart';

typedef TimelineSyncFunction<T> = T Function();
typedef TimelineAsyncFunction = Future<dynamic> Function();

/// An arrow between timeline events.
final class Flow {
  final int _type;
  final int id;

  Flow._(this._type, this.id);

  static Flow begin({int? id}) => Flow._(9, id ?? _newTaskId);

  static Flow step(int id) => Flow._(10, id);

  static Flow end(int id) => Flow._(11, id);

  String toString() => 'Flow($_type, $id)';

  /// The letter that the format of traces has for it.
  int get _phase => _type == 9 ? 0x73 : (_type == 10 ? 0x74 : 0x66);
}

// Letters that the format of traces has for what happens.
const int _begin = 0x42;
const int _end = 0x45;
const int _instant = 0x69;
const int _asyncBegin = 0x62;
const int _asyncInstant = 0x6e;
const int _asyncEnd = 0x65;

/// Events of this isolate, one inside the other. They are recorded while
/// [NativeRuntime.streamTimelineTo] has somebody write them.
abstract final class Timeline {
  /// The names of what was begun; null for what nobody records.
  static final List<String?> _open = [];

  static void startSync(String name,
      {Map<dynamic, dynamic>? arguments, Flow? flow}) {
    if (!_isRecording) {
      _open.add(null);
      return;
    }
    _open.add(name);
    _record(_begin, name, 0, _json(arguments));
    if (flow != null) _record(flow._phase, name, flow.id, '{}');
  }

  static void finishSync() {
    if (_open.isEmpty) {
      throw StateError('Uneven calls to startSync and finishSync');
    }
    final name = _open.removeLast();
    if (name != null) _record(_end, name, 0, '{}');
  }

  static void instantSync(String name, {Map<dynamic, dynamic>? arguments}) {
    if (_isRecording) _record(_instant, name, 0, _json(arguments));
  }

  static T timeSync<T>(String name, TimelineSyncFunction<T> function,
      {Map<dynamic, dynamic>? arguments, Flow? flow}) {
    startSync(name, arguments: arguments, flow: flow);
    try {
      return function();
    } finally {
      finishSync();
    }
  }

  /// Microseconds of the clock that events have their times from.
  static int get now => _timelineNow;
}

/// Events that belong together, whoever records them.
final class TimelineTask {
  final TimelineTask? _parent;
  final String? _filterKey;
  final int _id;
  final List<String?> _open = [];

  TimelineTask({TimelineTask? parent, String? filterKey})
      : _parent = parent,
        _filterKey = filterKey,
        _id = _newTaskId;

  /// Goes on with a task that another isolate has let go by [pass].
  TimelineTask.withTaskId(int taskId, {String? filterKey})
      : _parent = null,
        _filterKey = filterKey,
        _id = taskId;

  void start(String name, {Map<dynamic, dynamic>? arguments}) {
    if (!_isRecording) {
      _open.add(null);
      return;
    }
    _open.add(name);
    final parent = _parent;
    _recordTask(_asyncBegin, name, {
      ...?arguments,
      if (parent != null) 'parentId': parent._id.toRadixString(16),
    });
  }

  void instant(String name, {Map<dynamic, dynamic>? arguments}) {
    if (_isRecording) _recordTask(_asyncInstant, name, arguments);
  }

  void finish({Map<dynamic, dynamic>? arguments}) {
    if (_open.isEmpty) throw StateError('Uneven calls to start and finish');
    final name = _open.removeLast();
    if (name != null) _recordTask(_asyncEnd, name, arguments);
  }

  void _recordTask(int phase, String name, Map<dynamic, dynamic>? arguments) {
    final key = _filterKey;
    final all = key == null ? arguments : {...?arguments, 'filterKey': key};
    _record(phase, name, _id, _json(all));
  }

  /// The number under which another isolate can go on with the task.
  int pass() {
    if (_open.isNotEmpty) {
      throw StateError(
          'You cannot pass a TimelineTask without finishing all started operations');
    }
    return _id;
  }
}

/// The arguments as a JSON object: what JSON has no form for as its text.
String _json(Map<dynamic, dynamic>? arguments) {
  if (arguments == null || arguments.isEmpty) return '{}';
  Object? plain(Object? value) =>
      value is double && !value.isFinite ? '$value' : value;
  return jsonEncode({
    for (final MapEntry(:key, :value) in arguments.entries)
      '$key': plain(value),
  }, toEncodable: (Object? value) => '$value');
}

/// Native: whether somebody records.
external bool get _isRecording;

/// Native: a number that no other task or flow of this process has.
external int get _newTaskId;

/// Native: the clock.
external int get _timelineNow;

/// Native: writes an event.
external void _record(int phase, String name, int id, String arguments);
