// C code that sends messages to isolates from its own threads.
import 'dart:async';
import 'dart:ffi';
import 'dart:isolate';
import 'dart:typed_data';

import 'package:eyot/isolate.dart' as eyot;

import '_build.dart';

final library = build('_posting');
final initialize = library.lookupFunction<Int Function(Pointer<Void>),
    int Function(Pointer<Void>)>('initialize');
final postAll = library
    .lookupFunction<Void Function(Int64), void Function(int)>('post_all_kinds');
final postDamaged = library.lookupFunction<Int Function(Int64),
    int Function(int)>('post_what_is_damaged');
final postIntegers = library.lookupFunction<Void Function(Int64, Int64),
    void Function(int, int)>('post_integers');
final postLent = library
    .lookupFunction<Bool Function(Int64), bool Function(int)>('post_lent');
final released =
    library.lookupFunction<Int Function(), int Function()>('count_released');
final openAnswering = library
    .lookupFunction<Int64 Function(Int64), int Function(int)>('open_answering');
final closeAnswering = library.lookupFunction<Bool Function(Int64),
    bool Function(int)>('close_answering');

Future<void> main() async {
  print('${NativeApi.majorVersion}.${NativeApi.minorVersion}'); // expect: 2.5
  print(initialize(NativeApi.initializeApiDLData)); // expect: 4
  final postObject = NativeApi.postCObject
      .asFunction<int Function(int, Pointer<Dart_CObject>)>();
  print(postObject(0, nullptr)); // expect: 0

  await allKinds();
  await manyAndEnded();
  await limited();
  await nativePort();
}

Future<void> allKinds() async {
  final port = ReceivePort();
  final native = port.sendPort.nativePort;
  print(native != 0 && native == port.sendPort.nativePort); // expect: true
  final events = StreamIterator<Object?>(port);
  postAll(native);
  await events.moveNext();
  final all = events.current as List<Object?>;
  print(all.sublist(0, 5)); // expect: [null, true, -7, -9223372036854775808, 1.25]
  print('${all[5]} ${identical(all[5], all[6])}'); // expect: grüß true
  print((all[7] as Float64List)); // expect: [0.5, -2.0]
  final lent = all[8] as Uint8List;
  print('$lent ${identical(lent, all[9])}'); // expect: [1, 2, 3, 4, 5, 6, 7, 8] true
  lent[0] = 9;
  print(all[10]); // expect: [1, 2, 3, 4, 5, 6, 7, 8]
  print(all[11] == port.sendPort); // expect: true
  print(all[12] is Capability); // expect: true
  print(all[13]); // expect: 4096
  print(identical(all[14], all)); // expect: true
  // The copied one has been given back; the lent one goes with its list.
  print(released() >= 1); // expect: true
  for (int i = 0; i < 6; i++) {
    await events.moveNext();
    print(events.current);
  }
  // expect: null
  // expect: true
  // expect: -9223372036854775808
  // expect: 1.25
  // expect: grüß
  // expect: [1, 2, 3, 4, 5, 6, 7, 8]
  print(all.length); // expect: 15
  print(postDamaged(native)); // expect: 0
  port.close();
  print(postLent(native)); // expect: false
}

Future<void> manyAndEnded() async {
  final port = RawReceivePort();
  final done = Completer<void>();
  int sum = 0, count = 0;
  port.handler = (Object? value) {
    sum += value as int;
    if (++count == 100000) done.complete();
  };
  postIntegers(port.sendPort.nativePort, 100000);
  await done.future;
  print(sum); // expect: 5000050000
  port.close();

  // An isolate that leaves while messages wait for it: lent memory goes back.
  final told = ReceivePort();
  final exit = ReceivePort();
  final before = released();
  final lend = library.lookup<NativeFunction<Bool Function(Int64)>>('post_lent');
  await Isolate.spawn(lends, (told.sendPort, lend.address),
      onExit: exit.sendPort);
  final gone = await told.first as SendPort;
  await exit.first;
  print(postLent(gone.nativePort)); // expect: false
  for (int i = 0; i < 500 && released() < before + 10; i++) {
    await Future<void>.delayed(const Duration(milliseconds: 2));
  }
  print(released() >= before + 10); // expect: true
}

/// Never looks into its mailbox.
void deaf(SendPort home) {
  final port = ReceivePort();
  home.send(port.sendPort);
  while (true) {}
}

/// What C posts counts as what others send.
Future<void> limited() async {
  final port = ReceivePort();
  final flooded = await eyot.spawn(deaf, port.sendPort,
      limits: const eyot.IsolateLimits(mailboxLength: 1000));
  final target = await port.first as SendPort;
  postIntegers(target.nativePort, 2000);
  print(await flooded.exit); // expect: mailbox full
}

void lends((SendPort, int) arguments) {
  final (tell, address) = arguments;
  final lend = Pointer<NativeFunction<Bool Function(Int64)>>.fromAddress(address)
      .asFunction<bool Function(int)>();
  final port = RawReceivePort();
  for (int i = 0; i < 10; i++) {
    lend(port.sendPort.nativePort);
  }
  Isolate.exit(tell, port.sendPort);
}

Future<void> nativePort() async {
  final port = ReceivePort();
  final events = StreamIterator<Object?>(port);
  final number = openAnswering(port.sendPort.nativePort);
  await events.moveNext();
  final native = events.current as SendPort;
  print(native.nativePort == number); // expect: true
  for (final what in [
    'four',
    [1, 2.5, null],
    Uint16List(6),
    77,
    DateTime(2000),
  ]) {
    native.send([port.sendPort, what]);
    await events.moveNext();
    print(events.current);
  }
  // expect: [5, 4, four]
  // expect: [6, 3, [1, 2.5, null]]
  // expect: [7, 6, [0, 0, 0, 0, 0, 0]]
  // expect: [2, 77, 77]
  // expect: [12, 0]
  print(closeAnswering(number)); // expect: true
  print(closeAnswering(number)); // expect: false
  print(closeAnswering(port.sendPort.nativePort)); // expect: false
  port.close();
}
