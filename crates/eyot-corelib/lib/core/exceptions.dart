part of 'core.dart';

/// A failure that a program may want to handle.
abstract interface class Exception {
  factory Exception([dynamic message]) = _Exception;
}

class _Exception implements Exception {
  final dynamic message;

  _Exception([this.message]);

  String toString() {
    final Object? message = this.message;
    return message == null ? 'Exception' : 'Exception: $message';
  }
}

/// Text (or other data) does not have the expected form.
class FormatException implements Exception {
  final String message;

  /// What was being read, usually a [String].
  final dynamic source;

  /// Where in [source] the trouble is, where known.
  final int? offset;

  /// Longest excerpt of a line that [toString] shows.
  static const int _excerptLength = 78;

  const FormatException([this.message = '', this.source, this.offset]);

  String toString() {
    final report =
        message.isEmpty ? 'FormatException' : 'FormatException: $message';
    final Object? source = this.source;
    final offset = this.offset;
    if (source is! String) {
      return offset == null ? report : '$report (at offset $offset)';
    }
    if (offset == null || offset < 0 || offset > source.length) {
      final shown = source.length > _excerptLength
          ? '${source.substring(0, _excerptLength - 3)}...'
          : source;
      return '$report\n$shown';
    }
    return '$report${_excerpt(source, offset)}';
  }

  /// The position in words, the line it is in (or a part of that), and a
  /// marker below the place.
  static String _excerpt(String source, int offset) {
    int line = 1;
    int lineStart = 0;
    bool afterReturn = false;
    for (int i = 0; i < offset; i++) {
      final unit = source.codeUnitAt(i);
      if (unit == 0x0a) {
        // A line feed right after a carriage return ends the same line.
        if (!afterReturn) line++;
        lineStart = i + 1;
        afterReturn = false;
      } else if (unit == 0x0d) {
        line++;
        lineStart = i + 1;
        afterReturn = true;
      } else {
        afterReturn = false;
      }
    }
    int lineEnd = offset;
    while (lineEnd < source.length) {
      final unit = source.codeUnitAt(lineEnd);
      if (unit == 0x0a || unit == 0x0d) break;
      lineEnd++;
    }
    final column = offset - lineStart + 1;
    final place = line > 1
        ? ' (at line $line, character $column)\n'
        : ' (at character $column)\n';

    int from = lineStart;
    int to = lineEnd;
    String before = '';
    String after = '';
    if (lineEnd - lineStart > _excerptLength) {
      if (offset - lineStart < 75) {
        to = lineStart + 75;
        after = '...';
      } else if (lineEnd - offset < 75) {
        from = lineEnd - 75;
        before = '...';
      } else {
        from = offset - 36;
        to = offset + 36;
        before = '...';
        after = '...';
      }
    }
    final indent = ' ' * (offset - from + before.length);
    return '$place$before${source.substring(from, to)}$after\n$indent^\n';
  }
}

/// An integer was divided by zero.
class IntegerDivisionByZeroException implements Exception, UnsupportedError {
  const IntegerDivisionByZeroException();

  String? get message => 'Division resulted in non-finite value';

  StackTrace? get stackTrace => null;

  StackTrace? get _stackTrace => null;

  void set _stackTrace(StackTrace? trace) {}

  String toString() => 'IntegerDivisionByZeroException';
}
