/// Experimental: what isolates of a group share. For programs that are run
/// with `--experimental-shared-data`.
library dart.concurrent;

import 'dart:_internal' show unsafeCast;

part 'errors.dart';
part 'monitors.dart';
part 'variables.dart';
