part of 'typed_data.dart';

/// Collects bytes.
abstract interface class BytesBuilder {
  /// With [copy] the added lists may be changed afterwards.
  factory BytesBuilder({bool copy = true}) =>
      copy ? _CopyingBuilder() : _ChunkBuilder();

  void add(List<int> bytes);

  void addByte(int byte);

  Uint8List takeBytes();

  Uint8List toBytes();

  int get length;

  bool get isEmpty;

  bool get isNotEmpty;

  void clear();
}

/// One buffer that grows.
final class _CopyingBuilder implements BytesBuilder {
  static final Uint8List _nothing = Uint8List(0);

  Uint8List _buffer = _nothing;
  int _length = 0;

  void add(List<int> bytes) {
    final count = bytes.length;
    if (count == 0) return;
    final end = _length + count;
    if (end > _buffer.length) _grow(end);
    _buffer.setRange(_length, end, bytes);
    _length = end;
  }

  void addByte(int byte) {
    final index = _length;
    if (index == _buffer.length) _grow(index + 1);
    _buffer[index] = byte;
    _length = index + 1;
  }

  void _grow(int least) {
    int size = _buffer.length * 2;
    if (size < 64) size = 64;
    if (size < least) size = least;
    final grown = Uint8List(size);
    grown.setRange(0, _length, _buffer);
    _buffer = grown;
  }

  Uint8List takeBytes() {
    final taken = Uint8List.view(_buffer.buffer, 0, _length);
    clear();
    return taken;
  }

  Uint8List toBytes() => _buffer.sublist(0, _length);

  int get length => _length;

  bool get isEmpty => _length == 0;

  bool get isNotEmpty => _length != 0;

  void clear() {
    _buffer = _nothing;
    _length = 0;
  }
}

/// Keeps the lists it is given.
final class _ChunkBuilder implements BytesBuilder {
  final List<Uint8List> _chunks = [];
  int _length = 0;

  void add(List<int> bytes) {
    final chunk = bytes is Uint8List ? bytes : Uint8List.fromList(bytes);
    _chunks.add(chunk);
    _length += chunk.length;
  }

  void addByte(int byte) {
    _chunks.add(Uint8List(1)..[0] = byte);
    _length++;
  }

  Uint8List takeBytes() {
    final bytes = _chunks.length == 1 ? _chunks[0] : toBytes();
    clear();
    return bytes;
  }

  Uint8List toBytes() {
    final bytes = Uint8List(_length);
    int offset = 0;
    for (final chunk in _chunks) {
      bytes.setRange(offset, offset + chunk.length, chunk);
      offset += chunk.length;
    }
    return bytes;
  }

  int get length => _length;

  bool get isEmpty => _length == 0;

  bool get isNotEmpty => _length != 0;

  void clear() {
    _length = 0;
    _chunks.clear();
  }
}
