part of 'io.dart';

// Two old digests that HTTP's authentication and WebSocket's handshake ask
// for by name. They protect nothing here.

int _rotate(int word, int count) =>
    ((word << count) | (word >> (32 - count))) & 0xFFFFFFFF;

/// The message with a one bit, zeros, and its length in bits.
Uint8List _padded(List<int> message, Endian lengthOrder) {
  final length = (message.length + 9 + 63) & ~63;
  final bytes = Uint8List(length);
  bytes.setRange(0, message.length, message);
  bytes[message.length] = 0x80;
  ByteData.sublistView(bytes)
      .setUint64(length - 8, message.length * 8, lengthOrder);
  return bytes;
}

const List<int> _md5Shifts = [
  7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21 //
];

/// floor(2^32 × |sin(i + 1)|)
final List<int> _md5Table = [
  for (int i = 0; i < 64; i++) (sin(i + 1).abs() * 4294967296).floor()
];

Uint8List _md5(List<int> message) {
  final data = ByteData.sublistView(_padded(message, Endian.little));
  final state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];
  for (int block = 0; block < data.lengthInBytes; block += 64) {
    int a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 64; i++) {
      final int mixed, word;
      if (i < 16) {
        mixed = (b & c) | (~b & d);
        word = i;
      } else if (i < 32) {
        mixed = (d & b) | (~d & c);
        word = (5 * i + 1) & 15;
      } else if (i < 48) {
        mixed = b ^ c ^ d;
        word = (3 * i + 5) & 15;
      } else {
        mixed = c ^ (b | (~d & 0xFFFFFFFF));
        word = (7 * i) & 15;
      }
      final sum = (a +
              mixed +
              _md5Table[i] +
              data.getUint32(block + word * 4, Endian.little)) &
          0xFFFFFFFF;
      a = d;
      d = c;
      c = b;
      b = (b + _rotate(sum, _md5Shifts[(i >> 4) * 4 + (i & 3)])) & 0xFFFFFFFF;
    }
    state[0] = (state[0] + a) & 0xFFFFFFFF;
    state[1] = (state[1] + b) & 0xFFFFFFFF;
    state[2] = (state[2] + c) & 0xFFFFFFFF;
    state[3] = (state[3] + d) & 0xFFFFFFFF;
  }
  return _wordsToBytes(state, Endian.little);
}

Uint8List _sha1(List<int> message) {
  final data = ByteData.sublistView(_padded(message, Endian.big));
  final state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];
  final words = Uint32List(80);
  for (int block = 0; block < data.lengthInBytes; block += 64) {
    for (int i = 0; i < 80; i++) {
      words[i] = i < 16
          ? data.getUint32(block + i * 4)
          : _rotate(
              words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    int a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
      final int mixed, constant;
      if (i < 20) {
        mixed = (b & c) | (~b & d);
        constant = 0x5A827999;
      } else if (i < 40) {
        mixed = b ^ c ^ d;
        constant = 0x6ED9EBA1;
      } else if (i < 60) {
        mixed = (b & c) | (b & d) | (c & d);
        constant = 0x8F1BBCDC;
      } else {
        mixed = b ^ c ^ d;
        constant = 0xCA62C1D6;
      }
      final next =
          (_rotate(a, 5) + mixed + e + constant + words[i]) & 0xFFFFFFFF;
      e = d;
      d = c;
      c = _rotate(b, 30);
      b = a;
      a = next;
    }
    state[0] = (state[0] + a) & 0xFFFFFFFF;
    state[1] = (state[1] + b) & 0xFFFFFFFF;
    state[2] = (state[2] + c) & 0xFFFFFFFF;
    state[3] = (state[3] + d) & 0xFFFFFFFF;
    state[4] = (state[4] + e) & 0xFFFFFFFF;
  }
  return _wordsToBytes(state, Endian.big);
}

Uint8List _wordsToBytes(List<int> words, Endian order) {
  final data = ByteData(words.length * 4);
  for (int i = 0; i < words.length; i++) {
    data.setUint32(i * 4, words[i], order);
  }
  return Uint8List.sublistView(data);
}

String _hex(List<int> bytes) =>
    [for (final byte in bytes) byte.toRadixString(16).padLeft(2, '0')].join();
