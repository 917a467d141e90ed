// Events of the timeline, written to a file and read back.
import 'dart:convert';
import 'dart:developer';
import 'dart:io';
import 'dart:isolate';

Future<void> main() async {
  final folder = Directory.systemTemp.createTempSync('eyot_timeline');
  try {
    Timeline.startSync('nobody records this');
    await chrome('${folder.path}/chrome.json');
    Timeline.finishSync();
    perfetto('${folder.path}/perfetto');
    refused(folder.path);
  } finally {
    folder.deleteSync(recursive: true);
  }
}

Future<void> chrome(String path) async {
  final before = Timeline.now;
  NativeRuntime.streamTimelineTo(TimelineRecorder.chrome, path: path);
  Timeline.startSync('outer', arguments: {'a': 1, 2: Duration.zero, 'n': double.nan});
  final flow = Flow.begin();
  final answer = Timeline.timeSync('inner "quoted"\n', () => 42, flow: flow);
  Timeline.instantSync('now');
  Timeline.finishSync();
  final task = TimelineTask(filterKey: 'key')..start('task');
  final child = TimelineTask(parent: task);
  child.start('child');
  child.finish();
  task
    ..instant('in it')
    ..finish(arguments: {'done': true});
  final id = task.pass();
  await Isolate.run(() {
    TimelineTask.withTaskId(id)
      ..start('elsewhere')
      ..finish();
  }, debugName: 'helper');
  NativeRuntime.stopStreamingTimeline();
  Timeline.instantSync('nobody records this either');
  print(answer); // expect: 42

  final events = jsonDecode(File(path).readAsStringSync()) as List;
  for (final event in events) {
    print('${event['ph']} ${jsonEncode(event['name'])}');
  }
  // expect: B "outer"
  // expect: B "inner \"quoted\"\n"
  // expect: s "inner \"quoted\"\n"
  // expect: E "inner \"quoted\"\n"
  // expect: i "now"
  // expect: E "outer"
  // expect: b "task"
  // expect: b "child"
  // expect: e "child"
  // expect: n "in it"
  // expect: e "task"
  // expect: b "elsewhere"
  // expect: e "elsewhere"
  print(events[0]['args']); // expect: {isolate: main, a: 1, 2: 0:00:00.000000, n: NaN}
  print(events[6]['args']); // expect: {isolate: main, filterKey: key}
  print(events[10]['args']); // expect: {isolate: main, done: true, filterKey: key}
  print(events[7]['args']['parentId'] == events[6]['id']); // expect: true
  print(events[11]['id'] == events[6]['id']); // expect: true
  print(events[11]['args']['isolate']); // expect: helper
  print(events[11]['tid'] == events[0]['tid']); // expect: false
  final times = [for (final event in events) event['ts'] as int];
  print(times.first >= before && times.last <= Timeline.now); // expect: true
  final sorted = [...times]..sort();
  print('$sorted' == '$times'); // expect: true
}

/// Names and kinds of the events in packets: fields 11, 23 and 9.
void perfetto(String path) {
  NativeRuntime.streamTimelineTo(TimelineRecorder.perfetto, path: path);
  Timeline.timeSync('work', () {});
  NativeRuntime.stopStreamingTimeline();
  final bytes = File(path).readAsBytesSync();
  Iterable<(int, Object)> fields(List<int> bytes) sync* {
    int at = 0;
    int number() {
      int value = 0;
      for (int shift = 0;; shift += 7) {
        value |= (bytes[at] & 127) << shift;
        if (bytes[at++] < 128) return value;
      }
    }

    while (at < bytes.length) {
      final key = number();
      if (key & 7 == 2) {
        final length = number();
        yield (key >> 3, bytes.sublist(at, at += length));
      } else {
        yield (key >> 3, number());
      }
    }
  }

  for (final (_, packet) in fields(bytes)) {
    for (final (field, event) in fields(packet as List<int>)) {
      if (field != 11) continue;
      final parts = Map.fromEntries(
          fields(event as List<int>).map((part) => MapEntry(part.$1, part.$2)));
      print('${parts[9]} ${utf8.decode(parts[23] as List<int>)}');
    }
  }
  // expect: 1 work
  // expect: 2 work
}

void refused(String folder) {
  void tried(void Function() what) {
    try {
      what();
      print('allowed');
    } catch (error) {
      print(error.runtimeType);
    }
  }

  tried(() => NativeRuntime.streamTimelineTo(TimelineRecorder.chrome)); // expect: ArgumentError
  tried(() => NativeRuntime.streamTimelineTo(TimelineRecorder.chrome,
      path: '$folder/none/file')); // expect: ArgumentError
  tried(() => NativeRuntime.streamTimelineTo(TimelineRecorder.systrace,
      path: '$folder/file')); // expect: ArgumentError
  tried(() => NativeRuntime.streamTimelineTo(TimelineRecorder.chrome,
      path: '$folder/file', enableProfiler: true)); // expect: UnsupportedError
  tried(Timeline.finishSync); // expect: StateError
  tried(TimelineTask().finish); // expect: StateError
  tried((TimelineTask()..start('open')).pass); // expect: StateError
  tried(NativeRuntime.stopStreamingTimeline); // expect: allowed
}
