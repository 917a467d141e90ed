/// Encoders and decoders: JSON, UTF-8, Latin-1, ASCII, Base64, HTML escapes,
/// lines; and the ways to join them and to run them over chunks.
///
/// Conversions of a whole value go the straight way, over natives where each
/// byte would cost instructions; chunked ones share those natives.
library dart.convert;

import 'dart:_internal' show unsafeCast;
import 'dart:async';
import 'dart:typed_data';

part 'ascii.dart';
part 'base64.dart';
part 'byte_sink.dart';
part 'codec.dart';
part 'encoding.dart';
part 'html_escape.dart';
part 'json.dart';
part 'json_decode.dart';
part 'json_encode.dart';
part 'json_utf8.dart';
part 'line_splitter.dart';
part 'sink.dart';
part 'string_sink.dart';
part 'utf8.dart';
