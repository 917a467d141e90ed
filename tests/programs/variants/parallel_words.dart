// parallel with maps as messages: words counted by workers, merged by main.
import 'dart:isolate';

void count((SendPort, List<String>) job) {
  final (reply, lines) = job;
  final words = <String, int>{};
  for (final line in lines) {
    for (final word in line.toLowerCase().split(' ')) {
      words.update(word, (n) => n + 1, ifAbsent: () => 1);
    }
  }
  Isolate.exit(reply, words);
}

void main() async {
  const text = ['The cat and the dog', 'a dog and a cat', 'The end and the beginning'];
  final port = ReceivePort();
  for (final line in text) {
    await Isolate.spawn(count, (port.sendPort, [line]));
  }
  final total = <String, int>{};
  await for (final part in port.take(text.length)) {
    (part as Map<String, int>).forEach((word, n) => total[word] = (total[word] ?? 0) + n);
  }
  final words = total.keys.toList()..sort();
  print({for (final word in words) word: total[word]});
  // expect: {a: 2, and: 3, beginning: 1, cat: 2, dog: 2, end: 1, the: 4}
}
