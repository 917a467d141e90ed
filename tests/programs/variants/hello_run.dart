// hello_same_group with Isolate.run, a record as result, and an error that comes back.
import 'dart:isolate';

(String, int) greet(String name) => ('Hello from isolate, $name!', name.length);

void main() async {
  final name = 'Barbara';
  final (text, length) = await Isolate.run(() => greet(name));
  print(text); // expect: Hello from isolate, Barbara!
  print(length); // expect: 7
  try {
    await Isolate.run(() => throw ArgumentError('no greeting'));
  } on ArgumentError catch (error) {
    print(error.message); // expect: no greeting
  }
}
