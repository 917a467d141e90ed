// Fragment of a seed, completed: a file read and parsed by an existing function in another isolate.
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

final String filename = File.fromUri(Platform.script.resolve('with_keys.json')).path;

void main() async {
  final jsonData = await Isolate.run(_readAndParseJson);
  print('Number of JSON keys: ${jsonData.length}'); // expect: Number of JSON keys: 4
}

Future<Map<String, dynamic>> _readAndParseJson() async {
  final fileData = await File(filename).readAsString();
  final jsonData = jsonDecode(fileData) as Map<String, dynamic>;
  return jsonData;
}
