part of 'io.dart';

/// A socket for packets.
abstract interface class RawDatagramSocket implements Stream<RawSocketEvent> {
  abstract bool readEventsEnabled;
  abstract bool writeEventsEnabled;
  abstract bool multicastLoopback;

  /// How far packets to groups go.
  abstract int multicastHops;

  NetworkInterface? get multicastInterface;
  void set multicastInterface(NetworkInterface? value);

  abstract bool broadcastEnabled;

  static Future<RawDatagramSocket> bind(dynamic host, int port,
      {bool reuseAddress = true, bool reusePort = false, int ttl = 1}) async {
    _checkPort(port);
    if (ttl < 1 || ttl > 255) throw ArgumentError('Invalid ttl $ttl');
    final addresses = await _addressesOf(host);
    final where = unsafeCast<_InternetAddress>(addresses[0]);
    final endpoint = _Endpoint();
    endpoint.open(
        _opBindDatagram,
        [...where._arguments(port), reuseAddress, reusePort, ttl],
        (OSError error) => SocketException('Failed to create datagram socket',
            osError: error, address: where, port: port));
    return _RawDatagramSocket(endpoint);
  }

  int get port;

  InternetAddress get address;

  void close();

  /// How many bytes were sent.
  int send(List<int> buffer, InternetAddress address, int port);

  /// The next packet; null if there is none.
  Datagram? receive();

  void joinMulticast(InternetAddress group, [NetworkInterface? interface]);

  void leaveMulticast(InternetAddress group, [NetworkInterface? interface]);

  Uint8List getRawOption(RawSocketOption option);

  void setRawOption(RawSocketOption option);
}

final class _RawDatagramSocket extends _EventSocket
    implements RawDatagramSocket {
  NetworkInterface? _multicastInterface;

  _RawDatagramSocket(super.endpoint) {
    _address = _endpoint.address;
  }

  void _onReadable() {
    _controller.add(RawSocketEvent.read);
    _update();
  }

  void close() => _closeNow();

  int send(List<int> buffer, InternetAddress address, int port) {
    if (!_endpoint.isOpen) return 0;
    final to = unsafeCast<_InternetAddress>(address);
    final answer = _endpointCall(_opSend,
        [_endpoint.handle, ...to._arguments(port), _asBytes(buffer)], null);
    if (answer.length == 1) return unsafeCast<int>(answer[0]);
    final error = _osErrorOf(answer);
    scheduleMicrotask(() => _failWith(error));
    return 0;
  }

  Datagram? receive() {
    if (!_endpoint.isOpen) return null;
    final answer = _endpoint.call(_opReceive);
    if (answer == null) return null;
    final parts = unsafeCast<List<Object?>>(answer);
    final data = unsafeCast<Uint8List>(parts[0]);
    // A packet without bytes cannot be told from none.
    if (data.isEmpty) return null;
    final from = unsafeCast<List<Object?>>(parts[1]);
    return Datagram(
        data, _InternetAddress._from(from), unsafeCast<int>(from[1]));
  }

  // ---- options, by Linux's numbers

  bool get _isIPv6 => address.type == InternetAddressType.IPv6;

  int _getInt(int level, int option) => ByteData.sublistView(
          _endpoint.getOption(RawSocketOption.fromInt(level, option, 0)))
      .getInt32(0, Endian.host);

  void _setInt(int level, int option, int value) =>
      _endpoint.setOption(RawSocketOption.fromInt(level, option, value));

  int get _level =>
      _isIPv6 ? RawSocketOption.levelIPv6 : RawSocketOption.levelIPv4;

  int get _loopbackOption => _isIPv6 ? 19 : 34;

  int get _hopsOption => _isIPv6 ? 18 : 33;

  bool get multicastLoopback => _getInt(_level, _loopbackOption) != 0;

  void set multicastLoopback(bool value) =>
      _setInt(_level, _loopbackOption, value ? 1 : 0);

  int get multicastHops => _getInt(_level, _hopsOption);

  void set multicastHops(int value) => _setInt(_level, _hopsOption, value);

  NetworkInterface? get multicastInterface => _multicastInterface;

  void set multicastInterface(NetworkInterface? value) {
    _multicastInterface = value;
    if (value == null) return;
    if (_isIPv6) {
      _setInt(_level, RawSocketOption.IPv6MulticastInterface, value.index);
    } else {
      _endpoint.setOption(RawSocketOption(_level,
          RawSocketOption.IPv4MulticastInterface, _addressAt(value)!));
    }
  }

  bool get broadcastEnabled => _getInt(RawSocketOption.levelSocket, 6) != 0;

  void set broadcastEnabled(bool value) =>
      _setInt(RawSocketOption.levelSocket, 6, value ? 1 : 0);

  static Uint8List? _addressAt(NetworkInterface? interface) {
    if (interface == null) return null;
    for (final address in interface.addresses) {
      if (address.type == InternetAddressType.IPv4) return address.rawAddress;
    }
    throw SocketException('The interface ${interface.name} has no IPv4 address');
  }

  void _membership(
      int operation, InternetAddress group, NetworkInterface? interface) {
    final at = interface ?? _multicastInterface;
    final isIPv4 = group.type == InternetAddressType.IPv4;
    _endpoint.call(operation,
        [group.rawAddress, isIPv4 ? _addressAt(at) : null, at?.index ?? 0]);
  }

  void joinMulticast(InternetAddress group, [NetworkInterface? interface]) =>
      _membership(_opJoin, group, interface);

  void leaveMulticast(InternetAddress group, [NetworkInterface? interface]) =>
      _membership(_opLeave, group, interface);
}
