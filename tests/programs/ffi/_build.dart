// Builds a C library that lies beside the program.
import 'dart:ffi';
import 'dart:io';

DynamicLibrary build(String name) {
  final folder = Directory.systemTemp.createTempSync('eyot_ffi');
  try {
    final source = File.fromUri(Platform.script.resolve('$name.c')).path;
    final library = '${folder.path}/$name.so';
    final built = Process.runSync(
        'cc', ['-O1', '-shared', '-fPIC', '-pthread', '-o', library, source]);
    if (built.exitCode != 0) throw '${built.stderr}';
    return DynamicLibrary.open(library);
  } finally {
    folder.deleteSync(recursive: true);
  }
}
