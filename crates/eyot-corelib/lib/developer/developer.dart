/// Hooks for tools. No tool listens yet, so most of it does nothing, cheaply.
library dart.developer;

import 'dart:async';
import 'dart:convert';
import 'dart:isolate';

part 'native_runtime.dart';
part 'timeline.dart';

/// Stops in a debugger, if one is attached; answers [when].
bool debugger({bool when = true, String? message}) => when;

/// Shows [object] in a debugger; answers it.
Object? inspect(Object? object) => object;

/// Sends a message to the tools' log.
void log(String message,
    {DateTime? time,
    int? sequenceNumber,
    int level = 0,
    String name = '',
    Zone? zone,
    Object? error,
    StackTrace? stackTrace}) {}

/// Whether a tool listens for extension events.
bool get extensionStreamHasListener => false;

/// Sends an event to the tools.
void postEvent(String eventKind, Map<dynamic, dynamic> eventData,
    {String stream = 'Extension'}) {
  const reserved = [
    'VM',
    'Isolate',
    'Debug',
    'GC',
    '_Echo',
    'HeapSnapshot',
    'Logging',
    'Timeline',
    'Profiler',
  ];
  if (stream.startsWith('_') || reserved.contains(stream)) {
    throw ArgumentError.value(stream, 'stream', 'Cannot be a reserved stream.');
  }
}

final List<Map<String, dynamic>> _httpProfile = [];

/// Adds what happened to a request to what a tool may ask for.
void addHttpClientProfilingData(Map<String, dynamic> requestProfile) {
  _httpProfile.add(requestProfile);
}

/// What was added by [addHttpClientProfilingData].
List<Map<String, dynamic>> getHttpClientProfilingData() =>
    List.unmodifiable(_httpProfile);

typedef ServiceExtensionHandler = Future<ServiceExtensionResponse> Function(
    String method, Map<String, String> parameters);

final Map<String, ServiceExtensionHandler> _extensions = {};

/// Offers a service extension to the tools.
void registerExtension(String method, ServiceExtensionHandler handler) {
  if (!method.startsWith('ext.')) {
    throw ArgumentError.value(method, 'method', 'Must begin with ext.');
  }
  if (_extensions.containsKey(method)) {
    throw ArgumentError('Extension already registered: $method');
  }
  _extensions[method] = handler;
}

/// The answer of a service extension.
final class ServiceExtensionResponse {
  static const int invalidParams = -32602;
  static const int extensionError = -32000;
  static const int extensionErrorMax = -32000;
  static const int extensionErrorMin = -32016;

  final String? result;
  final int? errorCode;
  final String? errorDetail;

  ServiceExtensionResponse.result(String this.result)
      : errorCode = null,
        errorDetail = null;

  ServiceExtensionResponse.error(int this.errorCode, String this.errorDetail)
      : result = null {
    if (errorCode != invalidParams &&
        (errorCode! < extensionErrorMin || errorCode! > extensionErrorMax)) {
      throw ArgumentError.value(errorCode, 'errorCode', 'Out of range');
    }
  }

  /// Whether it tells of an error.
  bool isError() => errorCode != null;
}

/// Where the service can be reached.
final class ServiceProtocolInfo {
  final int majorVersion = 4;
  final int minorVersion = 0;
  final Uri? serverUri;

  ServiceProtocolInfo(this.serverUri);

  Uri? get serverWebSocketUri => null;

  String toString() => serverUri == null
      ? 'Dart VM Service Protocol v$majorVersion.$minorVersion'
      : 'Dart VM Service Protocol v$majorVersion.$minorVersion listening on '
          '$serverUri';
}

/// The service, which is not there yet.
final class Service {
  static Future<ServiceProtocolInfo> getInfo() async =>
      ServiceProtocolInfo(null);

  static Future<ServiceProtocolInfo> controlWebServer(
          {bool enable = false, bool? silenceOutput}) async =>
      ServiceProtocolInfo(null);

  static String? getIsolateId(Isolate isolate) => null;

  static String? getIsolateID(Isolate isolate) => null;

  static String? getObjectId(Object object) => null;
}

/// A label of the profiler.
abstract final class UserTag {
  static const int maxUserTags = 64;

  factory UserTag(String label) =>
      _UserTag._all[label] ??= _UserTag(label);

  static UserTag get defaultTag => _UserTag._default;

  String get label;

  UserTag makeCurrent();
}

@pragma('vm:isolate-unsendable')
final class _UserTag implements UserTag {
  static final UserTag _default = UserTag('Default');
  static final Map<String, UserTag> _all = {};
  static UserTag? _current;

  final String label;

  _UserTag(this.label);

  UserTag makeCurrent() {
    final old = getCurrentTag();
    _current = this;
    return old;
  }
}

/// Native: how often the whole heap of this isolate has been collected. What
/// nothing reaches is gone when this has grown by two.
external int get reachabilityBarrier;

UserTag getCurrentTag() => _UserTag._current ?? UserTag.defaultTag;
