// What cannot be sent: an ArgumentError that names the object and the way to it, and nothing is sent.
// stress
import 'dart:async';
import 'dart:isolate';

class Holder {
  final String name;
  final Object? inside;
  Holder(this.name, this.inside);
}

void attempt(SendPort port, String what, Object? message, List<String> words) {
  try {
    port.send(message);
    print('$what was sent');
  } on ArgumentError catch (error) {
    final text = '$error';
    final missing = [
      for (final word in words)
        if (!text.contains(word)) word,
    ];
    print('$what: ${missing.isEmpty ? 'refused' : '$missing not in $text'}');
  }
}

Future<void> main() async {
  final inbox = ReceivePort();
  final got = <Object?>[];
  inbox.listen(got.add);
  final port = inbox.sendPort;

  attempt(port, 'a receive port', inbox, ['isolate message', 'ReceivePort']); // expect: a receive port: refused
  attempt(port, 'a list of one', [1, [inbox]], ['ReceivePort', '<-']); // expect: a list of one: refused
  attempt(port, 'a holder of one', Holder('h', Holder('i', inbox)), ['ReceivePort', 'Holder', 'inside']); // expect: a holder of one: refused
  void Function() capturing() {
    final captured = inbox;
    return () => captured.close();
  }
  attempt(port, 'a closure over one', capturing(), ['ReceivePort', "variable 'captured' (", 'unsendable.dart:36:11) captured by main.capturing']); // expect: a closure over one: refused
  ReceivePort? changed = inbox;
  void change() {
    if (changed != null) changed = null;
  }
  attempt(port, 'a variable in a cell', [change], ["'changed' (", 'captured by main.change']); // expect: a variable in a cell: refused
  attempt(port, 'a raw port', {'key': RawReceivePort()..close()}, ['RawReceivePort']); // expect: a raw port: refused
  attempt(port, 'a finalizer', Finalizer<int>((_) {}), ['Finalizer']); // expect: a finalizer: refused

  // A transferable is still whole after a send that was refused.
  final data = TransferableTypedData.fromList([]);
  attempt(port, 'a transferable beside a port', [data, inbox], ['ReceivePort']); // expect: a transferable beside a port: refused
  print(data.materialize().lengthInBytes); // expect: 0
  attempt(port, 'a spent transferable', data, ['TransferableTypedData']); // expect: a spent transferable: refused

  try {
    await Isolate.spawn((_) {}, inbox);
  } on ArgumentError catch (error) {
    print('spawn: ${'$error'.contains('ReceivePort')}'); // expect: spawn: true
  }
  try {
    await Isolate.run(() => inbox.hashCode);
  } on ArgumentError {
    print('run: refused'); // expect: run: refused
  }

  port.send('end');
  await Future<void>.delayed(Duration.zero);
  print(got); // expect: [end]
  inbox.close();
}
