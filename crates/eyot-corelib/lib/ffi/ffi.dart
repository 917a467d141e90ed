/// Calling C, and being called by it; native memory.
///
/// What a program's types say of native ones is read where it is analysed:
/// calls of members that need it (sizes, signatures) become calls of the
/// private functions here, with what they need as arguments. Natives know
/// numbers and text only.
library dart.ffi;

import 'dart:_internal' show WithoutIdentity, unsafeCast;
import 'dart:async' show Zone;
import 'dart:isolate' show RawReceivePort, SendPort;
import 'dart:typed_data';

part 'abi.dart';
part 'address.dart';
part 'allocation.dart';
part 'annotations.dart';
part 'array.dart';
part 'callable.dart';
part 'compound.dart';
part 'finalizer.dart';
part 'library.dart';
part 'native_api.dart';
part 'native_types.dart';
part 'numbers.dart';
part 'pointer.dart';
part 'words.dart';
