part of 'core.dart';

/// Builds a string piece by piece.
///
/// The text is kept in a native buffer of code units that grows by doubling,
/// so a write is one native call and no list of pieces is kept.
class StringBuffer implements StringSink {
  /// The runtime's buffer object: `_TextBuffer`, made at the first write.
  Object? _buffer;

  /// Number of code units written.
  int _length = 0;

  StringBuffer([Object content = '']) {
    write(content);
  }

  int get length => _length;

  bool get isEmpty => _length == 0;

  bool get isNotEmpty => _length != 0;

  void write(Object? object) {
    _append(object is String ? object : _stringOf(object));
  }

  void writeCharCode(int charCode) {
    if (charCode < 0 || charCode > 0x10ffff) {
      throw RangeError.range(charCode, 0, 0x10ffff);
    }
    _appendChar(charCode);
  }

  void writeAll(Iterable<dynamic> objects, [String separator = '']) {
    final iterator = objects.iterator;
    if (!iterator.moveNext()) return;
    if (separator.isEmpty) {
      do {
        write(iterator.current);
      } while (iterator.moveNext());
      return;
    }
    write(iterator.current);
    while (iterator.moveNext()) {
      _append(separator);
      write(iterator.current);
    }
  }

  void writeln([Object? obj = '']) {
    write(obj);
    _append('\n');
  }

  void clear() {
    _buffer = null;
    _length = 0;
  }

  String toString() => _length == 0 ? '' : _contents();

  void _writeText(String text) => _append(text);

  void _writeRange(String text, int start, int end) {
    if (start < end) _appendRange(text, start, end);
  }

  /// Native: appends [text] to the buffer (making it where [_buffer] is
  /// null, widening it to two bytes where needed) and adds to [_length].
  external void _append(String text);

  /// Native: as [_append] for code units [start] to [end], which are in
  /// range.
  external void _appendRange(String text, int start, int end);

  /// Native: as [_append] for one character, 0 to 0x10ffff.
  external void _appendChar(int charCode);

  /// Native: the text written so far, as a new string; the buffer stays as
  /// it is.
  external String _contents();
}
