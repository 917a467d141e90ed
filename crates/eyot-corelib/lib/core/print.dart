part of 'core.dart';

/// Prints the string form of [object] and a line feed through the current
/// zone.
void print(Object? object) {
  final line = object.toString();
  final hook = printToZone;
  if (hook == null) {
    printToConsole(line);
  } else {
    hook(line);
  }
}
