// A heap that is collected in slices: messages arrive meanwhile and are handled afterwards in their order, others run, and a kill ends it
// in the middle.
import 'dart:async';
import 'dart:isolate';

import 'package:eyot/isolate.dart';

class Entry {
  final int number;
  final String name;
  final List<int> numbers;
  Entry(this.number)
      : name = 'entry $number',
        numbers = List.generate(5, (index) => number + index);

  bool get isSound => name == 'entry $number' && numbers.last == number + 4;
}

const entries = 6000;

/// Replaces its entries again and again: a hundredth with each message.
void keeper(SendPort home) {
  final table = {for (int i = 0; i < entries; i++) i: Entry(i)};
  final weak = WeakReference(table);
  final port = ReceivePort();
  int round = 0;
  port.listen((message) {
    round++;
    for (int i = round % 100; i < entries; i += 100) {
      table[i] = Entry(i + round);
    }
    home.send(message);
    if (message == 'check') {
      final sound = table.values.every((entry) => entry.isSound);
      home.send(sound && weak.target == table && table.length == entries);
    }
  });
  home.send(port.sendPort);
}

/// Never stops to replace them.
void hoarder(SendPort home) {
  final table = List<Entry?>.filled(entries, null, growable: true);
  for (int i = 0;; i++) {
    table[i % entries] = Entry(i);
    if (i == entries) home.send('full');
  }
}

Future<void> main() async {
  final inbox = ReceivePort();
  final answers = StreamIterator<Object?>(inbox);
  final kept = await spawn(keeper, inbox.sendPort);
  await answers.moveNext();
  final port = answers.current as SendPort;
  for (int i = 0; i < 250; i++) {
    port.send(i);
  }
  bool inOrder = true;
  for (int i = 0; i < 250; i++) {
    await answers.moveNext();
    inOrder = inOrder && answers.current == i;
  }
  print(inOrder); // expect: true
  port.send('check');
  await answers.moveNext();
  print(answers.current); // expect: check
  await answers.moveNext();
  print(answers.current); // expect: true
  final used = await stats(kept.isolate);
  print(used.minorCollections > 0 && used.majorCollections > 0); // expect: true
  kept.kill();
  print(await kept.exit); // expect: killed

  for (int i = 0; i < 2; i++) {
    final hoarding = await spawn(hoarder, inbox.sendPort);
    await answers.moveNext();
    await Future<void>.delayed(Duration(milliseconds: i));
    hoarding.kill();
    final reason = await hoarding.exit;
    if (reason is! ExitKilled) print(reason);
  }
  print('all killed'); // expect: all killed
  await answers.cancel();
}
