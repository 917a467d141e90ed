part of 'io.dart';

/// (handle, configuration, host, keeps keys, bytes read already) -> null
const int _opStart = 300;

/// (server, chain, key, password, trusted, with the system's, protocols,
/// certificates of clients: 0 no, 1 requested, 2 required, TLS 1.3 only)
/// -> configuration
const int _opConfigure = 301;

/// (handle) -> whether the handshake is over
const int _opShakeHands = 302;

/// (handle) -> [protocol, certificate, why it does not convince]
const int _opAbout = 303;

/// (DER) -> [subject, issuer, start, end]
const int _opDescribe = 304;

/// (PEM) -> number of certificates
const int _opCertificates = 305;

/// (PEM, password) -> null
const int _opKey = 306;

/// (handle) -> lines of secrets since it was asked last
const int _opKeys = 307;

Object? _tls(int operation, List<Object?> arguments,
    TlsException Function(String, OSError?) failed) {
  final answer = _endpointCall(operation, arguments, null);
  if (answer.length == 1) return answer[0];
  throw failed('', _osErrorOf(answer));
}

/// The oldest version that a connection may have.
class TlsProtocolVersion {
  static const TlsProtocolVersion tls1_2 = TlsProtocolVersion._(2);
  static const TlsProtocolVersion tls1_3 = TlsProtocolVersion._(3);

  final int _minor;

  const TlsProtocolVersion._(this._minor);
}

/// Keys, certificates, and whom to trust.
abstract final class SecurityContext {
  static final SecurityContext defaultContext =
      SecurityContext(withTrustedRoots: true);

  factory SecurityContext({bool withTrustedRoots = false}) =>
      _SecurityContext(withTrustedRoots);

  static bool get alpnSupported => true;

  abstract bool allowLegacyUnsafeRenegotiation;

  abstract TlsProtocolVersion minimumTlsProtocolVersion;

  void usePrivateKey(String file, {String? password});
  void usePrivateKeyBytes(List<int> keyBytes, {String? password});
  void setTrustedCertificates(String file, {String? password});
  void setTrustedCertificatesBytes(List<int> certBytes, {String? password});
  void useCertificateChain(String file, {String? password});
  void useCertificateChainBytes(List<int> chainBytes, {String? password});
  void setClientAuthorities(String file, {String? password});
  void setClientAuthoritiesBytes(List<int> authCertBytes, {String? password});
  void setAlpnProtocols(List<String> protocols, bool isServer);
}

final class _SecurityContext implements SecurityContext {
  final bool _withTrustedRoots;
  bool allowLegacyUnsafeRenegotiation = false;
  TlsProtocolVersion minimumTlsProtocolVersion = TlsProtocolVersion.tls1_2;
  Uint8List? _chain;
  Uint8List? _key;
  String? _password;
  BytesBuilder _trusted = BytesBuilder();
  List<String> _clientProtocols = const [];
  List<String> _serverProtocols = const [];

  /// Made when needed, by what they are for.
  final Map<String, int> _configs = {};

  _SecurityContext(this._withTrustedRoots);

  static Uint8List _read(String file) => File(file).readAsBytesSync();

  void usePrivateKey(String file, {String? password}) =>
      usePrivateKeyBytes(_read(file), password: password);

  void usePrivateKeyBytes(List<int> keyBytes, {String? password}) {
    final bytes = _uint8(keyBytes);
    _tls(_opKey, [bytes, password],
        (_, error) => TlsException('Failure in usePrivateKeyBytes', error));
    _key = bytes;
    _password = password;
    _configs.clear();
  }

  Uint8List _certificates(List<int> given, String what) {
    final bytes = _uint8(given);
    _tls(_opCertificates, [bytes],
        (_, error) => TlsException('Failure in $what', error));
    _configs.clear();
    return bytes;
  }

  void setTrustedCertificates(String file, {String? password}) =>
      setTrustedCertificatesBytes(_read(file), password: password);

  void setTrustedCertificatesBytes(List<int> certBytes, {String? password}) {
    _trusted
      ..add(_certificates(certBytes, 'setTrustedCertificatesBytes'))
      ..addByte(10);
  }

  void useCertificateChain(String file, {String? password}) =>
      useCertificateChainBytes(_read(file), password: password);

  void useCertificateChainBytes(List<int> chainBytes, {String? password}) {
    _chain = _certificates(chainBytes, 'useCertificateChainBytes');
  }

  void setClientAuthorities(String file, {String? password}) =>
      setClientAuthoritiesBytes(_read(file), password: password);

  void setClientAuthoritiesBytes(List<int> authCertBytes, {String? password}) =>
      _certificates(authCertBytes, 'setClientAuthoritiesBytes');

  void setAlpnProtocols(List<String> protocols, bool isServer) {
    _checkProtocols(protocols);
    if (isServer) {
      _serverProtocols = List.of(protocols);
    } else {
      _clientProtocols = List.of(protocols);
    }
    _configs.clear();
  }

  static void _checkProtocols(List<String> protocols) {
    for (final name in protocols) {
      final length = utf8.encode(name).length;
      if (length == 0 || length > 255) {
        throw ArgumentError('Length of protocol must be between 1 and 255');
      }
    }
  }

  int _clientConfig(List<String>? protocols) =>
      _config(false, protocols ?? _clientProtocols, 0);

  int _serverConfig(List<String>? protocols, int certificates) =>
      _config(true, protocols ?? _serverProtocols, certificates);

  int _config(bool isServer, List<String> protocols, int certificates) {
    final isModern = minimumTlsProtocolVersion._minor >= 3;
    final key = '$isServer $isModern $certificates ${protocols.join(' ')}';
    return _configs[key] ??= unsafeCast<int>(_tls(
        _opConfigure,
        [
          isServer,
          _chain,
          _key,
          _password,
          _trusted.toBytes(),
          _withTrustedRoots,
          List<String>.of(protocols),
          certificates,
          isModern,
        ],
        HandshakeException.new));
  }
}
