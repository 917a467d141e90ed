part of 'developer.dart';

/// The formats that a timeline can be written in.
enum TimelineRecorder { perfetto, chrome, systrace }

/// The kinds of events of a timeline, which are switched on one by one. Only
/// [dart] has any: those of [Timeline] and [TimelineTask].
enum TimelineStream {
  api,
  compiler,
  compilerVerbose,
  dart,
  debugger,
  embedder,
  gc,
  isolate,
  microtask,
  vm
}

/// What the heap and other parts of the runtime say of themselves.
abstract final class NativeRuntime {
  /// Writes the events of all isolates from now on to the file at [path], or,
  /// for [TimelineRecorder.systrace], to the system's trace.
  static void streamTimelineTo(TimelineRecorder recorder,
      {String? path,
      List<TimelineStream> streams = const [
        TimelineStream.dart,
        TimelineStream.gc
      ],
      bool enableProfiler = false,
      Duration samplingInterval = const Duration(microseconds: 1000)}) {
    if (recorder == TimelineRecorder.systrace) {
      if (path != null) {
        throw ArgumentError.value(path, 'path', 'systrace has a place of its own');
      }
    } else if (path == null) {
      throw ArgumentError.notNull('path');
    }
    if (enableProfiler) {
      throw UnsupportedError('not supported yet: a profiler of the timeline');
    }
    final problem = _beginTimeline(
        recorder.index, path, streams.contains(TimelineStream.dart));
    if (problem != null) {
      throw ArgumentError.value(path, 'path', 'cannot be written: $problem');
    }
  }

  /// Ends what [streamTimelineTo] began.
  static void stopStreamingTimeline() => _endTimeline();

  static String? get buildId => null;

  /// Writes the objects of this isolate's heap, in the format of the VM
  /// service, to the file at [filepath].
  static void writeHeapSnapshotToFile(String filepath) {
    final problem = _writeHeapSnapshot(filepath);
    if (problem != null) {
      throw ArgumentError.value(
          filepath, 'filepath', 'cannot be written: $problem');
    }
  }
}

/// Native: begins to record, events of programs if [events]; why it cannot, if
/// so.
external String? _beginTimeline(int recorder, String? path, bool events);

/// Native: ends the file, if there is one.
external void _endTimeline();

/// Native: why the file could not be written, if so.
external String? _writeHeapSnapshot(String path);
