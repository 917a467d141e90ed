// complexdata with objects of classes, a cycle and shared parts: identity is kept in the copy.
import 'dart:isolate';

enum Level { low, high }

class Person {
  final String name;
  final List<Person> friends = [];
  final Level level;
  Person(this.name, this.level);
}

void worker(SendPort port) {
  final alice = Person('Alice', Level.high);
  final bob = Person('Bob', Level.low);
  alice.friends.add(bob);
  bob.friends.addAll([alice, bob]);
  port.send({'all': [alice, bob], 'first': alice});
}

void main() async {
  final port = ReceivePort();
  await Isolate.spawn(worker, port.sendPort);
  final data = await port.first as Map<String, Object>;
  final [alice, bob] = data['all'] as List<Person>;
  print(alice.name); // expect: Alice
  print(identical(alice, data['first'])); // expect: true
  print(identical(alice.friends.single, bob)); // expect: true
  print(bob.friends.map((friend) => friend.name).toList()); // expect: [Alice, Bob]
  print(identical(alice.level, Level.high)); // expect: true
}
