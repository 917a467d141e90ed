part of 'io.dart';

const int _blockSize = 64 * 1024;

/// The bytes `start .. end)` of a file, block by block.
Stream<List<int>> _readBlocks(File file, int start, int? end) async* {
  if (start < 0) throw RangeError.range(start, 0, null, 'start');
  if (end != null && end < start) {
    throw RangeError.range(end, start, null, 'end');
  }
  final opened = await file.open();
  try {
    if (start > 0) await opened.setPosition(start);
    int? left = end == null ? null : end - start;
    while (left == null || left > 0) {
      final count = left == null || left > _blockSize ? _blockSize : left;
      final block = await opened.read(count);
      if (block.isEmpty) break;
      if (left != null) left -= block.length;
      yield block;
    }
  } finally {
    await opened.close();
  }
}

/// Writes a stream to a file, which is opened with the first one.
final class _FileConsumer implements StreamConsumer<List<int>> {
  final File _file;
  final FileMode _mode;
  RandomAccessFile? _opened;

  _FileConsumer(this._file, this._mode);

  Future<RandomAccessFile> _open() async =>
      _opened ??= await _file.open(mode: _mode);

  Future<File> addStream(Stream<List<int>> stream) async {
    final opened = await _open();
    try {
      await for (final bytes in stream) {
        await opened.writeFrom(bytes);
      }
    } catch (_) {
      await close();
      rethrow;
    }
    return _file;
  }

  Future<File> close() async {
    final opened = await _open();
    await opened.close();
    return _file;
  }
}
