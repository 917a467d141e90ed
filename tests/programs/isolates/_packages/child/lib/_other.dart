import 'dart:isolate';

const name = 'a package';

void main(List<String> args, SendPort home) => home.send('relative to a package');
