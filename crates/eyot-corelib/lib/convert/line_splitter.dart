part of 'convert.dart';

/// Splits text at `\n`, `\r` and `\r\n`.
final class LineSplitter extends StreamTransformerBase<String, String> {
  const LineSplitter();

  static Iterable<String> split(String lines, [int start = 0, int? end]) {
    final stop = RangeError.checkValidRange(start, end, lines.length);
    return _split(lines, start, stop);
  }

  static Iterable<String> _split(String lines, int start, int end) sync* {
    int from = start;
    while (from < end) {
      int stop = _lineEnd(lines, from, end);
      yield lines.substring(from, stop);
      from = _nextLine(lines, stop, end);
    }
  }

  List<String> convert(String data) {
    final lines = <String>[];
    final end = data.length;
    int from = 0;
    while (from < end) {
      final stop = _lineEnd(data, from, end);
      lines.add(data.substring(from, stop));
      from = _nextLine(data, stop, end);
    }
    return lines;
  }

  StringConversionSink startChunkedConversion(Sink<String> sink) =>
      _LineSplitterSink(_asStringSink(sink));

  Stream<String> bind(Stream<String> stream) => Stream<String>.eventTransformed(
      stream, (EventSink<String> sink) => _LineEventSink(sink));
}

/// Native: the index of the first `\n` or `\r` of `text[start .. end)`, or
/// [end].
external int _lineEnd(String text, int start, int end);

/// Where the line after the one that ends at [stop] begins.
int _nextLine(String text, int stop, int end) {
  if (stop >= end) return end;
  if (text.codeUnitAt(stop) == 0x0D &&
      stop + 1 < end &&
      text.codeUnitAt(stop + 1) == 0x0A) {
    return stop + 2;
  }
  return stop + 1;
}

base class _LineSplitterSink extends StringConversionSink {
  final StringConversionSink _out;

  /// The line that has begun, in pieces.
  final StringBuffer _carry = StringBuffer();

  /// The last chunk ended with `\r`: a `\n` in front belongs to it.
  bool _skipsLineFeed = false;

  _LineSplitterSink(this._out);

  void addSlice(String chunk, int start, int end, bool isLast) {
    final stop = RangeError.checkValidRange(start, end, chunk.length);
    int from = start;
    if (from < stop && _skipsLineFeed) {
      _skipsLineFeed = false;
      if (chunk.codeUnitAt(from) == 0x0A) from++;
    }
    while (from < stop) {
      final lineEnd = _lineEnd(chunk, from, stop);
      if (lineEnd == stop) {
        _carry.write(chunk.substring(from, stop));
        break;
      }
      if (_carry.isEmpty) {
        _out.add(chunk.substring(from, lineEnd));
      } else {
        _carry.write(chunk.substring(from, lineEnd));
        _out.add(_carry.toString());
        _carry.clear();
      }
      if (chunk.codeUnitAt(lineEnd) == 0x0D && lineEnd + 1 == stop) {
        _skipsLineFeed = true;
      }
      from = _nextLine(chunk, lineEnd, stop);
    }
    if (isLast) close();
  }

  void close() {
    if (_carry.isNotEmpty) {
      _out.add(_carry.toString());
      _carry.clear();
    }
    _out.close();
  }
}

final class _LineEventSink extends _LineSplitterSink
    implements EventSink<String> {
  final EventSink<String> _events;

  _LineEventSink(EventSink<String> events)
      : _events = events,
        super(StringConversionSink.from(events));

  void addError(Object error, [StackTrace? stackTrace]) =>
      _events.addError(error, stackTrace);
}
