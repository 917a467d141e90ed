part of 'io.dart';

/// Native: combines `data[start .. end)` with the mask's four bytes, from byte
/// [phase] of the mask on.
external void _xorMask(
    Uint8List data, int start, int end, int mask, int phase);

const int _opcodeContinuation = 0;
const int _opcodeText = 1;
const int _opcodeBinary = 2;
const int _opcodeClose = 8;
const int _opcodePing = 9;
const int _opcodePong = 10;

/// Compression of messages, as both sides have agreed (RFC 7692).
final class _Deflate {
  final bool clientNoContext;
  final bool serverNoContext;
  final int clientBits;
  final int serverBits;
  final String answer;
  bool isServer = false;
  _RawFilter? _encoder;
  _RawFilter? _decoder;

  _Deflate(this.clientNoContext, this.serverNoContext, this.clientBits,
      this.serverBits, this.answer);

  static HeaderValue? _find(HttpHeaders headers) {
    for (final line
        in headers['Sec-WebSocket-Extensions'] ?? const <String>[]) {
      for (final offer in line.split(',')) {
        final value = HeaderValue.parse(offer);
        if (value.value == 'permessage-deflate') return value;
      }
    }
    return null;
  }

  static int? _bits(HeaderValue value, String name) {
    if (!value.parameters.containsKey(name)) return null;
    final text = value.parameters[name];
    if (text == null) return 15;
    final bits = int.tryParse(text);
    return bits != null && bits >= 8 && bits <= 15 ? bits : -1;
  }

  /// What a server makes of an offer.
  static _Deflate? accept(HttpHeaders headers, CompressionOptions options) {
    if (!options.enabled) return null;
    final offer = _find(headers);
    if (offer == null) return null;
    final clientNo = options.clientNoContextTakeover ||
        offer.parameters.containsKey('client_no_context_takeover');
    final serverNo = options.serverNoContextTakeover ||
        offer.parameters.containsKey('server_no_context_takeover');
    final asked = _bits(offer, 'server_max_window_bits');
    final known = _bits(offer, 'client_max_window_bits');
    if (asked == -1 || known == -1) return null;
    int serverBits = options.serverMaxWindowBits ?? 15;
    if (asked != null && asked < serverBits) serverBits = asked;
    int clientBits = 15;
    final answer = StringBuffer('permessage-deflate');
    if (clientNo) answer.write('; client_no_context_takeover');
    if (serverNo) answer.write('; server_no_context_takeover');
    if (asked != null || serverBits != 15) {
      answer.write('; server_max_window_bits=$serverBits');
    }
    if (known != null) {
      clientBits = options.clientMaxWindowBits ?? known;
      if (known < clientBits) clientBits = known;
      answer.write('; client_max_window_bits=$clientBits');
    }
    return _Deflate(clientNo, serverNo, clientBits, serverBits, '$answer')
      ..isServer = true;
  }

  /// What a client makes of the answer.
  static _Deflate? accepted(HttpHeaders headers, CompressionOptions options) {
    final answer = _find(headers);
    if (answer == null) return null;
    if (!options.enabled) {
      throw const WebSocketException('Compression was not asked for');
    }
    final clientBits = _bits(answer, 'client_max_window_bits') ?? 15;
    final serverBits = _bits(answer, 'server_max_window_bits') ?? 15;
    if (clientBits < 0 || serverBits < 0) {
      throw const WebSocketException('Bad window bits of the server');
    }
    return _Deflate(
        answer.parameters.containsKey('client_no_context_takeover'),
        answer.parameters.containsKey('server_no_context_takeover'),
        clientBits,
        serverBits,
        '$answer');
  }

  static const List<int> _tail = [0, 0, 0xFF, 0xFF];

  Uint8List compress(List<int> message) {
    final filter = _encoder ??= _RawFilter(_deflater(false, 6,
        isServer ? serverBits : clientBits, 8, 0, null, true));
    filter.process(message, 0, message.length);
    final all = BytesBuilder(copy: false);
    while (true) {
      final part = filter.processed();
      if (part == null) break;
      all.add(part);
    }
    if (isServer ? serverNoContext : clientNoContext) {
      filter.release();
      _encoder = null;
    }
    final bytes = all.takeBytes();
    final end = bytes.length - _tail.length;
    if (end < 0) return Uint8List(1);
    return Uint8List.sublistView(bytes, 0, end);
  }

  Uint8List expand(Uint8List message) {
    final filter = _decoder ??= _RawFilter(_inflater(false, 15, null, true));
    final all = BytesBuilder(copy: false);
    for (final part in [message, _tail]) {
      if (part.isEmpty) continue;
      filter.process(part, 0, part.length);
      while (true) {
        final output = filter.processed();
        if (output == null) break;
        all.add(output);
      }
    }
    if (isServer ? clientNoContext : serverNoContext) {
      filter.release();
      _decoder = null;
    }
    return all.takeBytes();
  }

  void release() {
    _encoder?.release();
    _decoder?.release();
  }
}

/// One frame as bytes; a client masks.
Uint8List _webSocketFrame(
    int opcode, List<int> payload, bool isMasked, bool isCompressed) {
  final length = payload.length;
  final lengthBytes = length < 126 ? 0 : (length < 65536 ? 2 : 8);
  final start = 2 + lengthBytes + (isMasked ? 4 : 0);
  final frame = Uint8List(start + length);
  frame[0] = 0x80 | (isCompressed ? 0x40 : 0) | opcode;
  frame[1] = (isMasked ? 0x80 : 0) |
      (lengthBytes == 0 ? length : (lengthBytes == 2 ? 126 : 127));
  for (int i = 0; i < lengthBytes; i++) {
    frame[2 + i] = length >> ((lengthBytes - 1 - i) * 8);
  }
  frame.setRange(start, start + length, payload);
  if (isMasked) {
    final random = Random.secure();
    final mask = random.nextInt(0x10000) << 16 | random.nextInt(0x10000);
    for (int i = 0; i < 4; i++) {
      frame[start - 4 + i] = mask >> (24 - i * 8);
    }
    _xorMask(frame, start, start + length, mask, 0);
  }
  return frame;
}

/// A frame that the protocol does not allow.
final class _FrameError implements Exception {
  final int code;
  final String message;

  _FrameError(this.code, this.message);
}

/// Frames out of bytes, as these come; joins fragments.
final class _FrameReader {
  final bool _expectsMask;
  final _Deflate? _deflate;
  final void Function(int opcode, Uint8List payload) _onFrame;

  /// The head of a frame, as far as it has come.
  final Uint8List _head = Uint8List(14);
  int _headLength = 0;

  /// In a frame: bytes of payload that are missing.
  int _left = -1;
  int _opcode = 0;
  bool _isFinal = false;
  int _mask = 0;
  int _phase = 0;
  BytesBuilder _payload = BytesBuilder(copy: false);

  /// Of a message in fragments.
  int _messageOpcode = 0;
  bool _isCompressed = false;
  final BytesBuilder _message = BytesBuilder(copy: false);

  _FrameReader(this._expectsMask, this._deflate, this._onFrame);

  void add(Uint8List bytes) {
    int index = 0;
    while (true) {
      if (_left < 0) {
        index = _readHead(bytes, index);
        if (_left < 0) return;
      }
      final available = bytes.length - index;
      final count = available < _left ? available : _left;
      if (count > 0) {
        final part = Uint8List.fromList(
            Uint8List.sublistView(bytes, index, index + count));
        if (_expectsMask) _xorMask(part, 0, count, _mask, _phase);
        _phase = (_phase + count) & 3;
        _payload.add(part);
        _left -= count;
        index += count;
      }
      if (_left > 0) return;
      _left = -1;
      _endFrame();
    }
  }

  int _headNeeds() {
    if (_headLength < 2) return 2;
    final length = _head[1] & 0x7F;
    return 2 +
        (length == 126 ? 2 : (length == 127 ? 8 : 0)) +
        (_head[1] & 0x80 != 0 ? 4 : 0);
  }

  int _readHead(Uint8List bytes, int from) {
    int index = from;
    while (_headLength < _headNeeds()) {
      if (index == bytes.length) return index;
      _head[_headLength] = bytes[index];
      _headLength++;
      index++;
    }
    _checkHead();
    return index;
  }

  void _checkHead() {
    Never bad(String message) =>
        throw _FrameError(WebSocketStatus.protocolError, message);
    final first = _head[0];
    _isFinal = first & 0x80 != 0;
    _opcode = first & 0xF;
    final isControl = _opcode >= 8;
    final isKnown = _opcode <= 2 || _opcode >= 8 && _opcode <= 10;
    if (!isKnown) bad('Unknown opcode');
    final compressed = first & 0x40 != 0;
    if (first & 0x30 != 0 || compressed && (_deflate == null || isControl)) {
      bad('Reserved bits are set');
    }
    int length = _head[1] & 0x7F;
    int at = 2;
    if (length >= 126) {
      final count = length == 126 ? 2 : 8;
      if (count == 8 && _head[2] & 0x80 != 0) bad('Bad length');
      length = 0;
      for (int i = 0; i < count; i++) {
        length = length << 8 | _head[at + i];
      }
      at += count;
    }
    if (isControl && (length > 125 || !_isFinal)) bad('Bad control frame');
    final isMasked = _head[1] & 0x80 != 0;
    if (isMasked != _expectsMask) bad('Frame with wrong masking');
    if (isMasked) {
      _mask = 0;
      for (int i = 0; i < 4; i++) {
        _mask = _mask << 8 | _head[at + i];
      }
    }
    if (!isControl) {
      if (_opcode == _opcodeContinuation) {
        if (_messageOpcode == 0 || compressed) bad('Nothing to continue');
      } else {
        if (_messageOpcode != 0) bad('Message within a message');
        _messageOpcode = _opcode;
        _isCompressed = compressed;
      }
    }
    _headLength = 0;
    _phase = 0;
    _left = length;
  }

  void _endFrame() {
    final payload = _payload.takeBytes();
    if (_opcode >= 8) {
      _onFrame(_opcode, payload);
      return;
    }
    _message.add(payload);
    if (!_isFinal) return;
    final opcode = _messageOpcode;
    _messageOpcode = 0;
    Uint8List message = _message.takeBytes();
    if (_isCompressed) {
      try {
        message = _deflate!.expand(message);
      } on FormatException {
        throw _FrameError(
            WebSocketStatus.invalidFramePayloadData, 'Bad compressed data');
      }
    }
    _onFrame(opcode, message);
  }
}
