/// The built-in types of Dart and what every program sees without an import.
///
/// How this library is put together: a class that the runtime knows by its
/// layout (`_List`, `_GrowableList`, `int`, `String`, …) declares its natives
/// as `external`, each with a comment that says exactly what it does. Natives
/// never call back into Dart, so whatever needs a user's `==`, `hashCode`,
/// `toString`, `compareTo`, iterator or callback is written here, over them.
library dart.core;

import 'dart:_internal';
import 'dart:async';
import 'dart:collection';
import 'dart:convert' show Encoding, ascii, base64, utf8;
import 'dart:math' show Random;
import 'dart:typed_data' show Uint8List;

export 'dart:async' show Future, FutureExtensions, Stream;

part 'annotations.dart';
part 'bigint.dart';
part 'bool.dart';
part 'comparable.dart';
part 'date_time.dart';
part 'date_time_parse.dart';
part 'double.dart';
part 'duration.dart';
part 'enum.dart';
part 'error_types.dart';
part 'errors.dart';
part 'exceptions.dart';
part 'expando.dart';
part 'function.dart';
part 'identical.dart';
part 'int.dart';
part 'invocation.dart';
part 'iterable.dart';
part 'iterable_extensions.dart';
part 'iterator.dart';
part 'list.dart';
part 'list_impl.dart';
part 'map.dart';
part 'null.dart';
part 'num.dart';
part 'object.dart';
part 'pattern.dart';
part 'print.dart';
part 'record.dart';
part 'regexp.dart';
part 'set.dart';
part 'sink.dart';
part 'stacktrace.dart';
part 'stopwatch.dart';
part 'string.dart';
part 'string_buffer.dart';
part 'string_patterns.dart';
part 'symbol.dart';
part 'type.dart';
part 'uri.dart';
part 'uri_build.dart';
part 'uri_data.dart';
part 'uri_encoding.dart';
part 'uri_parse.dart';
part 'uri_query.dart';
part 'vm_errors.dart';
part 'weak_reference.dart';
