part of 'io.dart';

/// Why a WebSocket was closed.
abstract class WebSocketStatus {
  static const int normalClosure = 1000;
  static const int goingAway = 1001;
  static const int protocolError = 1002;
  static const int unsupportedData = 1003;
  static const int reserved1004 = 1004;
  static const int noStatusReceived = 1005;
  static const int abnormalClosure = 1006;
  static const int invalidFramePayloadData = 1007;
  static const int policyViolation = 1008;
  static const int messageTooBig = 1009;
  static const int missingMandatoryExtension = 1010;
  static const int internalServerError = 1011;
  static const int reserved1015 = 1015;
}

class WebSocketException implements IOException {
  final String message;
  final int? httpStatusCode;

  const WebSocketException([this.message = '', this.httpStatusCode]);

  String toString() => 'WebSocketException: $message';
}

/// How messages are compressed, if the other side agrees.
class CompressionOptions {
  static const CompressionOptions compressionDefault = CompressionOptions();
  static const CompressionOptions compressionOff =
      CompressionOptions(enabled: false);

  final bool clientNoContextTakeover;
  final bool serverNoContextTakeover;
  final int? clientMaxWindowBits;
  final int? serverMaxWindowBits;
  final bool enabled;

  const CompressionOptions(
      {this.clientNoContextTakeover = false,
      this.serverNoContextTakeover = false,
      this.clientMaxWindowBits,
      this.serverMaxWindowBits,
      this.enabled = true});

  /// What a client offers.
  String get _offer {
    final buffer = StringBuffer('permessage-deflate');
    if (clientNoContextTakeover) buffer.write('; client_no_context_takeover');
    if (serverNoContextTakeover) buffer.write('; server_no_context_takeover');
    buffer.write('; client_max_window_bits');
    if (clientMaxWindowBits != null) buffer.write('=$clientMaxWindowBits');
    if (serverMaxWindowBits != null) {
      buffer.write('; server_max_window_bits=$serverMaxWindowBits');
    }
    return buffer.toString();
  }
}

/// Messages in both directions: Strings and lists of bytes.
abstract class WebSocket implements Stream<dynamic>, StreamSink<dynamic> {
  WebSocket();

  static const int connecting = 0;
  static const int open = 1;
  static const int closing = 2;
  static const int closed = 3;

  /// Sends a ping so often, and closes if no answer comes in that time.
  abstract Duration? pingInterval;

  static String? get userAgent => _webSocketClient.userAgent;

  static void set userAgent(String? value) {
    _webSocketClient.userAgent = value;
  }

  static Future<WebSocket> connect(String url,
          {Iterable<String>? protocols,
          Map<String, dynamic>? headers,
          CompressionOptions compression =
              CompressionOptions.compressionDefault,
          HttpClient? customClient}) =>
      _connectWebSocket(url, protocols, headers, compression,
          customClient ?? _webSocketClient);

  factory WebSocket.fromUpgradedSocket(Socket socket,
      {String? protocol,
      bool? serverSide,
      CompressionOptions compression =
          CompressionOptions.compressionDefault}) {
    if (serverSide == null) {
      throw ArgumentError('The serverSide argument must be passed '
          'explicitly to WebSocket.fromUpgradedSocket.');
    }
    return _WebSocket(socket, protocol, serverSide, null);
  }

  int get readyState;
  String get extensions;
  String? get protocol;
  int? get closeCode;
  String? get closeReason;
  Future<dynamic> close([int? code, String? reason]);
  void add(dynamic data);
  Future<dynamic> addStream(Stream<dynamic> stream);

  /// Bytes that are UTF-8 already, as a text.
  void addUtf8Text(List<int> bytes);
}

/// Makes WebSockets of requests.
abstract class WebSocketTransformer
    implements StreamTransformer<HttpRequest, WebSocket> {
  factory WebSocketTransformer(
          {dynamic Function(List<String> protocols)? protocolSelector,
          CompressionOptions compression =
              CompressionOptions.compressionDefault}) =>
      _WebSocketTransformer(protocolSelector, compression);

  static Future<WebSocket> upgrade(HttpRequest request,
          {dynamic Function(List<String> protocols)? protocolSelector,
          CompressionOptions compression =
              CompressionOptions.compressionDefault}) =>
      _upgradeWebSocket(request, protocolSelector, compression);

  static bool isUpgradeRequest(HttpRequest request) =>
      _isWebSocketRequest(request);
}

final class _WebSocketTransformer
    extends StreamTransformerBase<HttpRequest, WebSocket>
    implements WebSocketTransformer {
  final dynamic Function(List<String>)? _selector;
  final CompressionOptions _compression;

  _WebSocketTransformer(this._selector, this._compression);

  Stream<WebSocket> bind(Stream<HttpRequest> stream) {
    late final StreamController<WebSocket> controller;
    StreamSubscription<HttpRequest>? subscription;
    controller = StreamController<WebSocket>(
        onListen: () {
          subscription = stream.listen((HttpRequest request) {
            _upgradeWebSocket(request, _selector, _compression)
                .then<void>(controller.add, onError: controller.addError);
          }, onError: controller.addError, onDone: controller.close);
        },
        onPause: () => subscription?.pause(),
        onResume: () => subscription?.resume(),
        onCancel: () => subscription?.cancel());
    return controller.stream;
  }
}

// ---- handshakes

final HttpClient _webSocketClient = HttpClient();

/// Appended to the key before it is hashed; the protocol says so (RFC 6455).
const String _webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

String _acceptOf(String key) =>
    base64.encode(_sha1(latin1.encode('$key$_webSocketGuid')));

bool _hasToken(HttpHeaders headers, String name, String token) =>
    headers[name]?.any((line) => line
        .split(',')
        .any((word) => word.trim().toLowerCase() == token)) ??
    false;

bool _isWebSocketRequest(HttpRequest request) =>
    request.method == 'GET' &&
    _hasToken(request.headers, HttpHeaders.connectionHeader, 'upgrade') &&
    _hasToken(request.headers, HttpHeaders.upgradeHeader, 'websocket') &&
    request.headers.value('Sec-WebSocket-Version') == '13' &&
    request.headers.value('Sec-WebSocket-Key') != null;

Future<WebSocket> _upgradeWebSocket(
    HttpRequest request,
    dynamic Function(List<String>)? selector,
    CompressionOptions compression) async {
  final response = request.response;
  if (!_isWebSocketRequest(request)) {
    response.statusCode = HttpStatus.badRequest;
    response.close();
    throw const WebSocketException('Invalid WebSocket upgrade request');
  }
  String? protocol;
  final offered = request.headers['Sec-WebSocket-Protocol'];
  if (offered != null && selector != null) {
    final names = [
      for (final line in offered)
        for (final name in line.split(',')) name.trim()
    ];
    try {
      final Object? chosen = await selector(names);
      if (chosen is! String || !names.contains(chosen)) {
        throw const WebSocketException(
            'Selected protocol is not in the list of available protocols');
      }
      protocol = chosen;
    } catch (_) {
      response
        ..statusCode = HttpStatus.internalServerError
        ..close();
      rethrow;
    }
  }
  response
    ..statusCode = HttpStatus.switchingProtocols
    ..headers.set(HttpHeaders.connectionHeader, 'Upgrade')
    ..headers.set(HttpHeaders.upgradeHeader, 'websocket')
    ..headers.set('Sec-WebSocket-Accept',
        _acceptOf(request.headers.value('Sec-WebSocket-Key')!));
  if (protocol != null) {
    response.headers.set('Sec-WebSocket-Protocol', protocol);
  }
  final deflate = _Deflate.accept(request.headers, compression);
  if (deflate != null) {
    response.headers.set('Sec-WebSocket-Extensions', deflate.answer);
  }
  response.headers.contentLength = 0;
  final socket = await response.detachSocket();
  return _WebSocket(socket, protocol, true, deflate);
}

Future<WebSocket> _connectWebSocket(
    String url,
    Iterable<String>? protocols,
    Map<String, dynamic>? headers,
    CompressionOptions compression,
    HttpClient client) async {
  final given = Uri.parse(url);
  if (!given.isScheme('ws') && !given.isScheme('wss')) {
    throw WebSocketException("Unsupported URL scheme '${given.scheme}'");
  }
  final isSecure = given.isScheme('wss');
  final uri = Uri(
      scheme: isSecure ? 'https' : 'http',
      userInfo: given.userInfo,
      host: given.host,
      port: given.hasPort && given.port != 0
          ? given.port
          : (isSecure ? 443 : 80),
      path: given.path,
      query: given.hasQuery ? given.query : null);
  final random = Random.secure();
  final key =
      base64.encode([for (int i = 0; i < 16; i++) random.nextInt(256)]);
  final request = await client.openUrl('GET', uri);
  headers?.forEach((String name, dynamic value) {
    request.headers.add(name, value as Object);
  });
  request.headers
    ..set(HttpHeaders.connectionHeader, 'Upgrade')
    ..set(HttpHeaders.upgradeHeader, 'websocket')
    ..set('Sec-WebSocket-Key', key)
    ..set('Cache-Control', 'no-cache')
    ..set('Sec-WebSocket-Version', '13');
  if (protocols != null) {
    request.headers.add('Sec-WebSocket-Protocol', protocols.toList());
  }
  if (compression.enabled) {
    request.headers.add('Sec-WebSocket-Extensions', compression._offer);
  }
  final response = await request.close();

  Future<Never> refuse(String message) async {
    final status = response.statusCode;
    final socket = await response.detachSocket();
    socket.destroy();
    throw WebSocketException(message, status);
  }

  if (response.statusCode != HttpStatus.switchingProtocols ||
      !_hasToken(response.headers, HttpHeaders.connectionHeader, 'upgrade') ||
      !_hasToken(response.headers, HttpHeaders.upgradeHeader, 'websocket')) {
    await refuse("Connection to '$uri' was not upgraded to websocket, "
        'HTTP status code: ${response.statusCode}');
  }
  final accept = response.headers.value('Sec-WebSocket-Accept');
  if (accept == null) {
    await refuse("Response did not contain a 'Sec-WebSocket-Accept' header");
  }
  if (accept.trim() != _acceptOf(key)) {
    await refuse("Bad response 'Sec-WebSocket-Accept' header");
  }
  final protocol = response.headers.value('Sec-WebSocket-Protocol');
  final _Deflate? deflate;
  try {
    deflate = _Deflate.accepted(response.headers, compression);
  } on WebSocketException catch (error) {
    await refuse(error.message);
  }
  final socket = await response.detachSocket();
  return _WebSocket(socket, protocol, false, deflate);
}
