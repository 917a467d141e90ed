// Fragment of a seed, completed: the same with a closure.
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

void main() async {
  final filename = Platform.script.resolve('with_keys.json').toFilePath();
  final jsonData = await Isolate.run(() async {
    final fileData = await File(filename).readAsString();
    final jsonData = jsonDecode(fileData) as Map<String, dynamic>;
    return jsonData;
  });
  print('Number of JSON keys: ${jsonData.length}'); // expect: Number of JSON keys: 4
}
