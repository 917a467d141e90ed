/// Lists of numbers of a fixed size, and the bytes behind them.
///
/// The objects of the list classes, [_ByteBuffer] and [_ByteData] are shaped
/// by the VM: length, address of the first element, the blob of bytes. So
/// they have no Dart fields, and none of their superclasses is generic. Reads
/// and writes of elements are instructions where the compiler knows the
/// type; the natives here serve all other ways.
library dart.typed_data;

import 'dart:_internal';
import 'dart:collection';
import 'dart:math' as math;
import 'dart:math' show Random;

part 'buffer.dart';
part 'byte_data.dart';
part 'bytes_builder.dart';
part 'double_list.dart';
part 'int_list.dart';
part 'interfaces.dart';
part 'lists.dart';
part 'simd.dart';
part 'unmodifiable.dart';
