// Fragment of a seed, completed: `compute` over spawn, with errors passed on.
import 'dart:isolate';

class _IsolateConfiguration<Q, R> {
  final R Function(Q) callback;
  final Q message;
  final SendPort resultPort;
  final SendPort errorPort;
  _IsolateConfiguration(this.callback, this.message, this.resultPort, this.errorPort);

  void run() => resultPort.send(callback(message));
}

void _isolateEntry(_IsolateConfiguration configuration) => configuration.run();

Future<R> compute<Q, R>(R Function(Q) callback, Q message) async {
  final receivePort = ReceivePort();
  final errorPort = ReceivePort();
  await Isolate.spawn(
    _isolateEntry,
    _IsolateConfiguration<Q, R>(callback, message, receivePort.sendPort, errorPort.sendPort),
    onError: errorPort.sendPort,
  );
  errorPort.listen((error) => receivePort.sendPort.send(RemoteError(error[0], error[1])));
  final result = await receivePort.first;
  receivePort.close();
  errorPort.close();
  if (result is RemoteError) throw result;
  return result as R;
}

int fibonacci(int n) => n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
int wrong(String text) => throw FormatException('bad input', text);

void main() async {
  print(await compute(fibonacci, 15)); // expect: 610
  try {
    await compute(wrong, 'x');
  } on RemoteError catch (error) {
    print(error.toString().split("\n").first); // expect: FormatException: bad input
  }
}
