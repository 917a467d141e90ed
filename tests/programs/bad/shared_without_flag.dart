// What isolates share is experimental.
import 'dart:concurrent'; // expect error: run the program with --experimental-shared-data
import 'package:dart_internal/isolate_group.dart'; // expect error: run the program with --experimental-shared-data

@pragma('vm:shared')
int counter = 0; // expect error: run the program with --experimental-shared-data

void main() => print(counter);
