/// Files, directories, standard streams, the process and its platform.
///
/// Everything that may block is an *operation* with a number (see
/// operations.dart). A synchronous method asks for it by [_request], which
/// suspends the isolate, not the thread; an asynchronous one by
/// [_requestLater], whose answer comes as a message. Both run the same code
/// on the blocking pool. What waits for others (sockets, pipes, watches) is an
/// *endpoint* (see endpoint.dart): the runtime tells when it is ready, and
/// Dart code then reads and writes without blocking.
library dart.io;

import 'dart:_internal' show unsafeCast;
import 'dart:async';
import 'dart:collection';
import 'dart:convert';
import 'dart:isolate';
import 'dart:math' show Random, sin;
import 'dart:typed_data';

export 'dart:typed_data' show BytesBuilder;

part 'datagram.dart';
part 'digest.dart';
part 'directory.dart';
part 'endpoint.dart';
part 'errors.dart';
part 'file.dart';
part 'file_impl.dart';
part 'file_streams.dart';
part 'file_system_entity.dart';
part 'http_auth.dart';
part 'http_client.dart';
part 'http_client_request.dart';
part 'http_headers.dart';
part 'http_outgoing.dart';
part 'http_parser.dart';
part 'http_server.dart';
part 'http_status.dart';
part 'http_values.dart';
part 'internet_address.dart';
part 'io_sink.dart';
part 'link.dart';
part 'operations.dart';
part 'overrides.dart';
part 'pipe.dart';
part 'platform.dart';
part 'process.dart';
part 'process_impl.dart';
part 'random_access_file.dart';
part 'raw_socket.dart';
part 'resource_handle.dart';
part 'secure_socket.dart';
part 'security_context.dart';
part 'socket.dart';
part 'socket_impl.dart';
part 'stdio.dart';
part 'synchronous_socket.dart';
part 'system_encoding.dart';
part 'watch.dart';
part 'web_socket.dart';
part 'web_socket_frames.dart';
part 'web_socket_impl.dart';
part 'zlib.dart';
