part of 'io.dart';

/// Status codes of HTTP.
abstract class HttpStatus {
  static const int continue_ = 100;
  static const int switchingProtocols = 101;
  static const int processing = 102;
  static const int ok = 200;
  static const int created = 201;
  static const int accepted = 202;
  static const int nonAuthoritativeInformation = 203;
  static const int noContent = 204;
  static const int resetContent = 205;
  static const int partialContent = 206;
  static const int multiStatus = 207;
  static const int alreadyReported = 208;
  static const int imUsed = 226;
  static const int multipleChoices = 300;
  static const int movedPermanently = 301;
  static const int found = 302;
  static const int movedTemporarily = 302;
  static const int seeOther = 303;
  static const int notModified = 304;
  static const int useProxy = 305;
  static const int temporaryRedirect = 307;
  static const int permanentRedirect = 308;
  static const int badRequest = 400;
  static const int unauthorized = 401;
  static const int paymentRequired = 402;
  static const int forbidden = 403;
  static const int notFound = 404;
  static const int methodNotAllowed = 405;
  static const int notAcceptable = 406;
  static const int proxyAuthenticationRequired = 407;
  static const int requestTimeout = 408;
  static const int conflict = 409;
  static const int gone = 410;
  static const int lengthRequired = 411;
  static const int preconditionFailed = 412;
  static const int requestEntityTooLarge = 413;
  static const int requestUriTooLong = 414;
  static const int unsupportedMediaType = 415;
  static const int requestedRangeNotSatisfiable = 416;
  static const int expectationFailed = 417;
  static const int misdirectedRequest = 421;
  static const int unprocessableEntity = 422;
  static const int locked = 423;
  static const int failedDependency = 424;
  static const int upgradeRequired = 426;
  static const int preconditionRequired = 428;
  static const int tooManyRequests = 429;
  static const int requestHeaderFieldsTooLarge = 431;
  static const int connectionClosedWithoutResponse = 444;
  static const int unavailableForLegalReasons = 451;
  static const int clientClosedRequest = 499;
  static const int internalServerError = 500;
  static const int notImplemented = 501;
  static const int badGateway = 502;
  static const int serviceUnavailable = 503;
  static const int gatewayTimeout = 504;
  static const int httpVersionNotSupported = 505;
  static const int variantAlsoNegotiates = 506;
  static const int insufficientStorage = 507;
  static const int loopDetected = 508;
  static const int notExtended = 510;
  static const int networkAuthenticationRequired = 511;
  static const int networkConnectTimeoutError = 599;

  // The names that these had before Dart 2.

  @Deprecated('Use continue_')
  static const int CONTINUE = continue_;
  @Deprecated('Use switchingProtocols')
  static const int SWITCHING_PROTOCOLS = switchingProtocols;
  @Deprecated('Use ok')
  static const int OK = ok;
  @Deprecated('Use created')
  static const int CREATED = created;
  @Deprecated('Use accepted')
  static const int ACCEPTED = accepted;
  @Deprecated('Use nonAuthoritativeInformation')
  static const int NON_AUTHORITATIVE_INFORMATION = nonAuthoritativeInformation;
  @Deprecated('Use noContent')
  static const int NO_CONTENT = noContent;
  @Deprecated('Use resetContent')
  static const int RESET_CONTENT = resetContent;
  @Deprecated('Use partialContent')
  static const int PARTIAL_CONTENT = partialContent;
  @Deprecated('Use multipleChoices')
  static const int MULTIPLE_CHOICES = multipleChoices;
  @Deprecated('Use movedPermanently')
  static const int MOVED_PERMANENTLY = movedPermanently;
  @Deprecated('Use found')
  static const int FOUND = found;
  @Deprecated('Use movedTemporarily')
  static const int MOVED_TEMPORARILY = movedTemporarily;
  @Deprecated('Use seeOther')
  static const int SEE_OTHER = seeOther;
  @Deprecated('Use notModified')
  static const int NOT_MODIFIED = notModified;
  @Deprecated('Use useProxy')
  static const int USE_PROXY = useProxy;
  @Deprecated('Use temporaryRedirect')
  static const int TEMPORARY_REDIRECT = temporaryRedirect;
  @Deprecated('Use badRequest')
  static const int BAD_REQUEST = badRequest;
  @Deprecated('Use unauthorized')
  static const int UNAUTHORIZED = unauthorized;
  @Deprecated('Use paymentRequired')
  static const int PAYMENT_REQUIRED = paymentRequired;
  @Deprecated('Use forbidden')
  static const int FORBIDDEN = forbidden;
  @Deprecated('Use notFound')
  static const int NOT_FOUND = notFound;
  @Deprecated('Use methodNotAllowed')
  static const int METHOD_NOT_ALLOWED = methodNotAllowed;
  @Deprecated('Use notAcceptable')
  static const int NOT_ACCEPTABLE = notAcceptable;
  @Deprecated('Use proxyAuthenticationRequired')
  static const int PROXY_AUTHENTICATION_REQUIRED = proxyAuthenticationRequired;
  @Deprecated('Use requestTimeout')
  static const int REQUEST_TIMEOUT = requestTimeout;
  @Deprecated('Use conflict')
  static const int CONFLICT = conflict;
  @Deprecated('Use gone')
  static const int GONE = gone;
  @Deprecated('Use lengthRequired')
  static const int LENGTH_REQUIRED = lengthRequired;
  @Deprecated('Use preconditionFailed')
  static const int PRECONDITION_FAILED = preconditionFailed;
  @Deprecated('Use requestEntityTooLarge')
  static const int REQUEST_ENTITY_TOO_LARGE = requestEntityTooLarge;
  @Deprecated('Use requestUriTooLong')
  static const int REQUEST_URI_TOO_LONG = requestUriTooLong;
  @Deprecated('Use unsupportedMediaType')
  static const int UNSUPPORTED_MEDIA_TYPE = unsupportedMediaType;
  @Deprecated('Use requestedRangeNotSatisfiable')
  static const int REQUESTED_RANGE_NOT_SATISFIABLE = requestedRangeNotSatisfiable;
  @Deprecated('Use expectationFailed')
  static const int EXPECTATION_FAILED = expectationFailed;
  @Deprecated('Use upgradeRequired')
  static const int UPGRADE_REQUIRED = upgradeRequired;
  @Deprecated('Use internalServerError')
  static const int INTERNAL_SERVER_ERROR = internalServerError;
  @Deprecated('Use notImplemented')
  static const int NOT_IMPLEMENTED = notImplemented;
  @Deprecated('Use badGateway')
  static const int BAD_GATEWAY = badGateway;
  @Deprecated('Use serviceUnavailable')
  static const int SERVICE_UNAVAILABLE = serviceUnavailable;
  @Deprecated('Use gatewayTimeout')
  static const int GATEWAY_TIMEOUT = gatewayTimeout;
  @Deprecated('Use httpVersionNotSupported')
  static const int HTTP_VERSION_NOT_SUPPORTED = httpVersionNotSupported;
  @Deprecated('Use networkConnectTimeoutError')
  static const int NETWORK_CONNECT_TIMEOUT_ERROR = networkConnectTimeoutError;
}

/// What a status line says besides the code.
String _reasonPhrase(int status) => switch (status) {
      100 => 'Continue',
      101 => 'Switching Protocols',
      200 => 'OK',
      201 => 'Created',
      202 => 'Accepted',
      203 => 'Non-Authoritative Information',
      204 => 'No Content',
      205 => 'Reset Content',
      206 => 'Partial Content',
      300 => 'Multiple Choices',
      301 => 'Moved Permanently',
      302 => 'Found',
      303 => 'See Other',
      304 => 'Not Modified',
      305 => 'Use Proxy',
      307 => 'Temporary Redirect',
      400 => 'Bad Request',
      401 => 'Unauthorized',
      402 => 'Payment Required',
      403 => 'Forbidden',
      404 => 'Not Found',
      405 => 'Method Not Allowed',
      406 => 'Not Acceptable',
      407 => 'Proxy Authentication Required',
      408 => 'Request Time-out',
      409 => 'Conflict',
      410 => 'Gone',
      411 => 'Length Required',
      412 => 'Precondition Failed',
      413 => 'Request Entity Too Large',
      414 => 'Request-URI Too Long',
      415 => 'Unsupported Media Type',
      416 => 'Requested range not satisfiable',
      417 => 'Expectation Failed',
      500 => 'Internal Server Error',
      501 => 'Not Implemented',
      502 => 'Bad Gateway',
      503 => 'Service Unavailable',
      504 => 'Gateway Time-out',
      505 => 'Http Version not supported',
      _ => 'Status $status',
    };

/// The fields of a message by name; names are lower case inside.
abstract interface class HttpHeaders {
  static const acceptHeader = 'accept';
  static const acceptCharsetHeader = 'accept-charset';
  static const acceptEncodingHeader = 'accept-encoding';
  static const acceptLanguageHeader = 'accept-language';
  static const acceptRangesHeader = 'accept-ranges';
  static const accessControlAllowCredentialsHeader = 'access-control-allow-credentials';
  static const accessControlAllowHeadersHeader = 'access-control-allow-headers';
  static const accessControlAllowMethodsHeader = 'access-control-allow-methods';
  static const accessControlAllowOriginHeader = 'access-control-allow-origin';
  static const accessControlExposeHeadersHeader = 'access-control-expose-headers';
  static const accessControlMaxAgeHeader = 'access-control-max-age';
  static const accessControlRequestHeadersHeader = 'access-control-request-headers';
  static const accessControlRequestMethodHeader = 'access-control-request-method';
  static const ageHeader = 'age';
  static const allowHeader = 'allow';
  static const authorizationHeader = 'authorization';
  static const cacheControlHeader = 'cache-control';
  static const connectionHeader = 'connection';
  static const contentEncodingHeader = 'content-encoding';
  static const contentLanguageHeader = 'content-language';
  static const contentLengthHeader = 'content-length';
  static const contentLocationHeader = 'content-location';
  static const contentMD5Header = 'content-md5';
  static const contentRangeHeader = 'content-range';
  static const contentTypeHeader = 'content-type';
  static const dateHeader = 'date';
  static const etagHeader = 'etag';
  static const expectHeader = 'expect';
  static const expiresHeader = 'expires';
  static const fromHeader = 'from';
  static const hostHeader = 'host';
  static const ifMatchHeader = 'if-match';
  static const ifModifiedSinceHeader = 'if-modified-since';
  static const ifNoneMatchHeader = 'if-none-match';
  static const ifRangeHeader = 'if-range';
  static const ifUnmodifiedSinceHeader = 'if-unmodified-since';
  static const lastModifiedHeader = 'last-modified';
  static const locationHeader = 'location';
  static const maxForwardsHeader = 'max-forwards';
  static const pragmaHeader = 'pragma';
  static const proxyAuthenticateHeader = 'proxy-authenticate';
  static const proxyAuthorizationHeader = 'proxy-authorization';
  static const rangeHeader = 'range';
  static const refererHeader = 'referer';
  static const retryAfterHeader = 'retry-after';
  static const serverHeader = 'server';
  static const teHeader = 'te';
  static const trailerHeader = 'trailer';
  static const transferEncodingHeader = 'transfer-encoding';
  static const upgradeHeader = 'upgrade';
  static const userAgentHeader = 'user-agent';
  static const varyHeader = 'vary';
  static const viaHeader = 'via';
  static const warningHeader = 'warning';
  static const wwwAuthenticateHeader = 'www-authenticate';
  static const cookieHeader = 'cookie';
  static const setCookieHeader = 'set-cookie';
  static const contentDisposition = 'content-disposition';

  static const generalHeaders = [
    cacheControlHeader,
    connectionHeader,
    dateHeader,
    pragmaHeader,
    trailerHeader,
    transferEncodingHeader,
    upgradeHeader,
    viaHeader,
    warningHeader,
  ];

  static const entityHeaders = [
    allowHeader,
    contentEncodingHeader,
    contentLanguageHeader,
    contentLengthHeader,
    contentLocationHeader,
    contentMD5Header,
    contentRangeHeader,
    contentTypeHeader,
    expiresHeader,
    lastModifiedHeader,
  ];

  static const responseHeaders = [
    acceptRangesHeader,
    ageHeader,
    etagHeader,
    locationHeader,
    proxyAuthenticateHeader,
    retryAfterHeader,
    serverHeader,
    varyHeader,
    wwwAuthenticateHeader,
    contentDisposition,
  ];

  static const requestHeaders = [
    acceptHeader,
    acceptCharsetHeader,
    acceptEncodingHeader,
    acceptLanguageHeader,
    authorizationHeader,
    expectHeader,
    fromHeader,
    hostHeader,
    ifMatchHeader,
    ifModifiedSinceHeader,
    ifNoneMatchHeader,
    ifRangeHeader,
    ifUnmodifiedSinceHeader,
    maxForwardsHeader,
    proxyAuthorizationHeader,
    rangeHeader,
    refererHeader,
    teHeader,
    userAgentHeader,
  ];

  abstract DateTime? date;
  abstract DateTime? expires;
  abstract DateTime? ifModifiedSince;
  abstract String? host;
  abstract int? port;
  abstract ContentType? contentType;

  /// -1 if it is not known.
  abstract int contentLength;
  abstract bool persistentConnection;
  abstract bool chunkedTransferEncoding;

  List<String>? operator [](String name);

  /// The one value of a field.
  String? value(String name);

  void add(String name, Object value, {bool preserveHeaderCase = false});

  void set(String name, Object value, {bool preserveHeaderCase = false});

  void remove(String name, Object value);

  void removeAll(String name);

  void forEach(void Function(String name, List<String> values) action);

  /// Values of that field get a line each.
  void noFolding(String name);

  void clear();
}
