/// Files, directories, standard streams, the process and its platform.
///
/// Everything that may block is an *operation* with a number (see
/// operations.dart). A synchronous method asks for it by [_request], which
/// suspends the isolate, not the thread; an asynchronous one by
/// [_requestLater], whose answer comes as a message. Both run the same code
/// on the blocking pool. Sockets and HTTP are not supported yet.
library dart.io;

import 'dart:_internal' show unsafeCast;
import 'dart:async';
import 'dart:convert';
import 'dart:isolate';
import 'dart:typed_data';

export 'dart:typed_data' show BytesBuilder;

part 'directory.dart';
part 'errors.dart';
part 'file.dart';
part 'file_impl.dart';
part 'file_streams.dart';
part 'file_system_entity.dart';
part 'io_sink.dart';
part 'link.dart';
part 'operations.dart';
part 'platform.dart';
part 'process.dart';
part 'random_access_file.dart';
part 'stdio.dart';
part 'system_encoding.dart';
