import 'dart:isolate';

void main(List<String> arguments, SendPort port) {
  port.send('worker with ${arguments.length} arguments: ${arguments.join(', ')}');
}
