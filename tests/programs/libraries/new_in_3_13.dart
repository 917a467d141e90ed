// What 3.10 to 3.13 brought to the libraries, and what their declarations allow.
import 'dart:async';
import 'dart:collection';
import 'dart:convert';
import 'dart:developer';
import 'dart:io';

void throws(void Function() f) {
  try {
    f();
    print('no error');
  } catch (error) {
    print(error);
  }
}

// These can be extended.
final class Entry extends LinkedListEntry<Entry> {}

class Entries extends LinkedList<Entry> {}

class Named extends DoubleLinkedQueueEntry<int> {
  final String name;
  Named(this.name, super.element);
}

class Counting extends ByteConversionSinkBase {
  int count = 0;
  void add(List<int> chunk) => count += chunk.length;
  void close() {}
}

Future<void> main() async {
  final source = [1, 2];
  final list = List<num>.unmodifiableOf(source);
  source.add(3);
  print('$list ${list is List<int>} ${list is List<num>}'); // expect: [1, 2] false true
  throws(() => list[0] = 2); // expect: Unsupported operation: Cannot modify an unmodifiable list
  throws(() => list.add(2)); // expect: Unsupported operation: Cannot add to an unmodifiable list
  final List<num> Function(Iterable<num>) ofNumbers = List.unmodifiableOf;
  print(ofNumbers({1, 2.5})); // expect: [1, 2.5]

  final entries = {'b': 1, 'a': 2};
  final map = Map<String, num>.unmodifiableOf(entries);
  entries.clear();
  print('$map ${map['a']} ${map is Map<String, int>}'); // expect: {b: 1, a: 2} 2 false
  throws(() => map['c'] = 3); // expect: Unsupported operation: Cannot modify unmodifiable map
  throws(() => map.remove('a')); // expect: Unsupported operation: Cannot modify unmodifiable map

  print([0, 1, -1, 1 << 63, 0x5555, -2].map((n) => n.oneBitCount)); // expect: (0, 1, 64, 1, 8, 63)
  print([0, 1, -1, 1 << 63, 8, -8].map((n) => n.trailingZeroBitCount)); // expect: (64, 0, 0, 63, 3, 3)

  final Future<void> Function([Duration]) pause = Future.pause;
  final clock = Stopwatch()..start();
  Future.pause().then((_) => print('at once')); // expect: at once
  await pause(const Duration(milliseconds: 30));
  print(clock.elapsedMilliseconds >= 30); // expect: true
  // It is a timer of the zone.
  runZoned(() => Future.pause(const Duration(days: 1)),
      zoneSpecification: ZoneSpecification(createTimer: (_, parent, zone, duration, callback) {
    print(duration); // expect: 24:00:00.000000
    return parent.createTimer(zone, Duration.zero, callback);
  }));

  final ControllerCallback onListen = () => print('listened');
  final ControllerCancelCallback onCancel = () => print('canceled');
  final controller = StreamController<int>(onListen: onListen, onCancel: onCancel);
  // expect: listened
  await controller.stream.listen(null).cancel(); // expect: canceled

  // Groups with flags of their own.
  print(RegExp('(?i:a)b').allMatches('ab Ab aB AB').map((m) => m[0])); // expect: (ab, Ab)
  print(RegExp('a(?-i:b)', caseSensitive: false).allMatches('ab Ab aB').map((m) => m[0])); // expect: (ab, Ab)
  throws(() => RegExp('(?x:a)')); // expect: FormatException: Invalid group(?x:a)

  print(Entries()..add(Entry())..first.unlink()); // expect: ()
  final named = Named('n', 1)..append(2);
  print('${named.name} ${named.element} ${named.nextEntry()?.element}'); // expect: n 1 2
  print((Counting()..addSlice([1, 2, 3], 1, 3, true)).count); // expect: 2
  print(Uri.parseIPv4Address('at 127.0.0.1:80', 3, 12)); // expect: [127, 0, 0, 1]
  print(reachabilityBarrier >= 0); // expect: true
  print([...TimelineRecorder.values, ...TimelineStream.values].length); // expect: 13
  throws(() => NativeRuntime.streamTimelineTo(TimelineRecorder.chrome)); // expect: Invalid argument(s) (path): Must not be null
  NativeRuntime.stopStreamingTimeline();

  // Every address knows its network.
  final interfaces = await NetworkInterface.list(includeLoopback: true, type: InternetAddressType.IPv4);
  final List<InterfaceAddress> addresses = [for (final interface in interfaces) ...interface.addresses];
  final loopback = addresses.firstWhere((address) => address == InternetAddress.loopbackIPv4);
  print('$loopback/${loopback.prefixLength} ${loopback.broadcast}'); // expect: InternetAddress('127.0.0.1', IPv4)/8 null
  print(addresses.every((a) => a.prefixLength <= 32 && (a.broadcast?.type ?? a.type) == a.type)); // expect: true

  // What only C's libraries take for an address is none.
  for (final name in ['127.1', '0x7f.0.0.1', '2130706433']) {
    try {
      print(await InternetAddress.lookup(name));
    } on SocketException catch (error) {
      print(error.message);
    }
  }
  // expect: Failed host lookup: '127.1'
  // expect: Failed host lookup: '0x7f.0.0.1'
  // expect: Failed host lookup: '2130706433'

  // `exit` can be overridden, too.
  IOOverrides.runZoned(() {
    try {
      exit(3);
    } catch (error) {
      print(error); // expect: not now: 3
    }
  }, exit: (code) => throw 'not now: $code');
  print(ServiceExtensionResponse.error(ServiceExtensionResponse.invalidParams, 'no').isError()); // expect: true
  print('${ProcessStartMode.values} ${HttpStatus.NOT_FOUND} ${HttpHeaders.contentDisposition}'); // expect: [normal, inheritStdio, detached, detachedWithStdio] 404 content-disposition
  print(const RedirectException('m', []).uri); // expect: null

  final folder = Directory.systemTemp.createTempSync();
  final file = File('${folder.path}/f')..createSync();
  file.setLastModifiedSync(DateTime.fromMicrosecondsSinceEpoch(1234567890123456));
  await file.setLastAccessed(DateTime.fromMicrosecondsSinceEpoch(-654321));
  print(file.lastModifiedSync().microsecondsSinceEpoch); // expect: 1234567890123456
  print((await file.stat()).accessed.microsecondsSinceEpoch); // expect: -654321
  folder.deleteSync(recursive: true);
}
