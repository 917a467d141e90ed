import 'dart:isolate';

import 'package:child/_other.dart';

Future<void> main(List<String> args, SendPort home) async {
  home.send('$name ${args.length}');
  home.send(Isolate.packageConfigSync!.pathSegments.last);
  final found = await Isolate.resolvePackageUri(Uri.parse('package:child/x.dart'));
  home.send(found!.path.endsWith('_packages/child/lib/x.dart'));
  if (args.isEmpty) return;
  // Once more, with the packages of this program.
  await Isolate.spawnUri(Uri.parse('package:child/_main.dart'), [], home);
  await Isolate.spawnUri(Uri.parse('_other.dart'), [], home);
}
