part of 'io.dart';

/// The kinds of addresses.
final class InternetAddressType {
  static const InternetAddressType IPv4 = InternetAddressType._(0, 'IPv4');
  static const InternetAddressType IPv6 = InternetAddressType._(1, 'IPv6');
  static const InternetAddressType unix = InternetAddressType._(2, 'Unix');
  static const InternetAddressType any = InternetAddressType._(-1, 'ANY');

  final int _number;

  /// `IPv4`, `IPv6`, `Unix`, or `ANY` in questions.
  final String name;

  const InternetAddressType._(this._number, this.name);

  String toString() => 'InternetAddressType: $name';
}

/// An address of a host, or the path of a unix socket.
abstract interface class InternetAddress {
  static final InternetAddress loopbackIPv4 =
      _InternetAddress._numeric('127.0.0.1');
  static final InternetAddress loopbackIPv6 = _InternetAddress._numeric('::1');
  static final InternetAddress anyIPv4 = _InternetAddress._numeric('0.0.0.0');
  static final InternetAddress anyIPv6 = _InternetAddress._numeric('::');

  /// A numeric address, or with [InternetAddressType.unix] a path.
  factory InternetAddress(String address, {InternetAddressType? type}) {
    if (type == InternetAddressType.unix) {
      return _InternetAddress._(
          InternetAddressType.unix, address, utf8.encode(address), 0, null);
    }
    final parsed = tryParse(address);
    if (parsed == null) {
      throw ArgumentError('Invalid internet address $address');
    }
    if (type != null &&
        type != InternetAddressType.any &&
        type != parsed.type) {
      throw ArgumentError('IP address $address has type ${parsed.type.name}, '
          'not ${type.name}');
    }
    return parsed;
  }

  factory InternetAddress.fromRawAddress(Uint8List rawAddress,
      {InternetAddressType? type}) {
    if (type == InternetAddressType.unix) {
      return _InternetAddress._(
          InternetAddressType.unix, utf8.decode(rawAddress), rawAddress, 0,
          null);
    }
    if (rawAddress.length != 4 && rawAddress.length != 16) {
      throw ArgumentError('Invalid internet address $rawAddress');
    }
    return _InternetAddress._raw(rawAddress, 0, null);
  }

  InternetAddressType get type;

  /// Its text: as given, or canonical.
  String get address;

  /// The name it was looked up by, else [address].
  String get host;

  /// The bytes, the highest first.
  Uint8List get rawAddress;

  bool get isLoopback;
  bool get isLinkLocal;
  bool get isMulticast;

  /// The same address with the host's name.
  Future<InternetAddress> reverse();

  static Future<List<InternetAddress>> lookup(String host,
          {InternetAddressType type = InternetAddressType.any}) =>
      _lookup(host, type);

  /// The address if the text is a numeric one.
  static InternetAddress? tryParse(String address) {
    final parsed = _parseAddress(address);
    if (parsed == null) return null;
    final bytes = unsafeCast<Uint8List>(parsed[0]);
    return _InternetAddress._(
        bytes.length == 4 ? InternetAddressType.IPv4 : InternetAddressType.IPv6,
        address,
        bytes,
        unsafeCast<int>(parsed[1]),
        null);
  }
}

/// Native: bytes and scope of a numeric address, null if it is none.
external List<Object?>? _parseAddress(String text);

/// Native: the canonical text of 4 or 16 bytes.
external String _addressText(Uint8List bytes);

Future<List<InternetAddress>> _lookup(
    String host, InternetAddressType type) async {
  final what = "Failed host lookup: '$host'";
  final answer = await _later<List<Object?>>(
      _opLookup, [host, type._number], what, null, _socketError);
  _checkNames(answer, what);
  final found = <InternetAddress>[];
  for (final entry in answer) {
    final pair = unsafeCast<List<Object?>>(entry);
    found.add(_InternetAddress._raw(
        unsafeCast<Uint8List>(pair[0]), unsafeCast<int>(pair[1]), host));
  }
  return found;
}

/// Errors of name resolution come as `[number, text]`.
void _checkNames(Object? answer, String what) {
  if (answer is List<Object?> && answer.length == 2 && answer[0] is int) {
    throw SocketException(what,
        osError: OSError(
            unsafeCast<String>(answer[1]), unsafeCast<int>(answer[0])));
  }
}

base class _InternetAddress implements InternetAddress {
  final InternetAddressType type;
  final String address;
  final Uint8List _bytes;

  /// Which interface a link-local address is at.
  final int _scope;
  final String? _host;

  _InternetAddress._(
      this.type, this.address, this._bytes, this._scope, this._host);

  factory _InternetAddress._raw(Uint8List bytes, int scope, String? host) =>
      _InternetAddress._(
          bytes.length == 4
              ? InternetAddressType.IPv4
              : InternetAddressType.IPv6,
          _addressText(bytes),
          bytes,
          scope,
          host);

  factory _InternetAddress._numeric(String text) =>
      unsafeCast<_InternetAddress>(InternetAddress(text));

  /// The address in an answer of the runtime: bytes or path, port, scope.
  factory _InternetAddress._from(List<Object?> answer) {
    final first = answer[0];
    if (first is String) {
      return unsafeCast<_InternetAddress>(
          InternetAddress(first, type: InternetAddressType.unix));
    }
    return _InternetAddress._raw(
        unsafeCast<Uint8List>(first), unsafeCast<int>(answer[2]), null);
  }

  String get host => _host ?? address;

  Uint8List get rawAddress => Uint8List.fromList(_bytes);

  bool get isLoopback {
    if (type == InternetAddressType.IPv4) return _bytes[0] == 127;
    if (type != InternetAddressType.IPv6) return false;
    for (int i = 0; i < 15; i++) {
      if (_bytes[i] != 0) return false;
    }
    return _bytes[15] == 1;
  }

  bool get isLinkLocal {
    if (type == InternetAddressType.IPv4) {
      return _bytes[0] == 169 && _bytes[1] == 254;
    }
    return type == InternetAddressType.IPv6 &&
        _bytes[0] == 0xFE &&
        _bytes[1] & 0xC0 == 0x80;
  }

  bool get isMulticast {
    if (type == InternetAddressType.IPv4) {
      return _bytes[0] >= 224 && _bytes[0] < 240;
    }
    return type == InternetAddressType.IPv6 && _bytes[0] == 0xFF;
  }

  Future<InternetAddress> reverse() async {
    if (type == InternetAddressType.unix) return this;
    const what = 'Failed reverse host lookup';
    final answer = await _later<Object?>(
        _opReverse, [_bytes], what, null, _socketError);
    _checkNames(answer, what);
    return _InternetAddress._(
        type, address, _bytes, _scope, unsafeCast<String>(answer));
  }

  /// As an operation takes it.
  List<Object?> _arguments(int port) =>
      [type == InternetAddressType.unix ? address : _bytes, port, _scope];

  bool operator ==(Object other) {
    if (other is! _InternetAddress || other._bytes.length != _bytes.length) {
      return false;
    }
    for (int i = 0; i < _bytes.length; i++) {
      if (_bytes[i] != other._bytes[i]) return false;
    }
    return type == other.type;
  }

  int get hashCode => Object.hashAll(_bytes);

  String toString() => "InternetAddress('$address', ${type.name})";
}

/// An address that a [NetworkInterface] has, and which network it is in.
abstract interface class InterfaceAddress implements InternetAddress {
  /// How many bits, from the highest, all addresses of the network share.
  int get prefixLength;

  /// Where all hosts of the network listen; null for IPv6, which has none.
  InternetAddress? get broadcast;
}

final class _InterfaceAddress extends _InternetAddress
    implements InterfaceAddress {
  final int prefixLength;
  final InternetAddress? broadcast;

  _InterfaceAddress(InternetAddressType type, String address, Uint8List bytes,
      int scope, this.prefixLength, this.broadcast)
      : super._(type, address, bytes, scope, null);

  /// From an answer of the runtime: bytes, scope, prefix, broadcast or null.
  factory _InterfaceAddress._from(List<Object?> answer) {
    final bytes = unsafeCast<Uint8List>(answer[0]);
    final broadcast = answer[3];
    return _InterfaceAddress(
        bytes.length == 4 ? InternetAddressType.IPv4 : InternetAddressType.IPv6,
        _addressText(bytes),
        bytes,
        unsafeCast<int>(answer[1]),
        unsafeCast<int>(answer[2]),
        broadcast == null
            ? null
            : _InternetAddress._raw(unsafeCast<Uint8List>(broadcast), 0, null));
  }
}

/// A network interface of the machine.
abstract interface class NetworkInterface {
  String get name;

  int get index;

  List<InterfaceAddress> get addresses;

  static bool get listSupported => true;

  static Future<List<NetworkInterface>> list(
      {bool includeLoopback = false,
      bool includeLinkLocal = false,
      InternetAddressType type = InternetAddressType.any}) async {
    final rows = await _later<List<Object?>>(_opInterfaces, [type._number],
        'Failed listing interfaces', null, _socketError);
    final byIndex = <int, _NetworkInterface>{};
    for (final entry in rows) {
      final row = unsafeCast<List<Object?>>(entry);
      final address =
          _InterfaceAddress._from(unsafeCast<List<Object?>>(row[2]));
      if (!includeLoopback && address.isLoopback) continue;
      if (!includeLinkLocal && address.isLinkLocal) continue;
      final index = unsafeCast<int>(row[1]);
      final interface = byIndex[index] ??=
          _NetworkInterface(unsafeCast<String>(row[0]), index);
      interface.addresses.add(address);
    }
    return byIndex.values.toList();
  }
}

final class _NetworkInterface implements NetworkInterface {
  final String name;
  final int index;
  final List<InterfaceAddress> addresses = [];

  _NetworkInterface(this.name, this.index);

  String toString() => "NetworkInterface('$name', $addresses)";
}
