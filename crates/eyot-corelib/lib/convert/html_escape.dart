part of 'convert.dart';

const HtmlEscape htmlEscape = HtmlEscape();

/// Which characters [HtmlEscape] replaces besides `&`, `<` and `>`.
final class HtmlEscapeMode {
  final String _name;
  final bool escapeLtGt;
  final bool escapeQuot;
  final bool escapeApos;
  final bool escapeSlash;

  static const HtmlEscapeMode unknown =
      HtmlEscapeMode._('unknown', true, true, true, true);

  static const HtmlEscapeMode attribute =
      HtmlEscapeMode._('attribute', true, true, false, false);

  static const HtmlEscapeMode sqAttribute =
      HtmlEscapeMode._('attribute', true, false, true, false);

  static const HtmlEscapeMode element =
      HtmlEscapeMode._('element', true, false, false, false);

  const HtmlEscapeMode._(this._name, this.escapeLtGt, this.escapeQuot,
      this.escapeApos, this.escapeSlash);

  const HtmlEscapeMode(
      {String name = 'custom',
      this.escapeLtGt = false,
      this.escapeQuot = false,
      this.escapeApos = false,
      this.escapeSlash = false})
      : _name = name;

  String toString() => _name;
}

/// Replaces characters that mean something in HTML.
final class HtmlEscape extends Converter<String, String> {
  final HtmlEscapeMode mode;

  const HtmlEscape([this.mode = HtmlEscapeMode.unknown]);

  String convert(String text) => _escape(text, 0, text.length) ?? text;

  /// Null if there is nothing to replace.
  String? _escape(String text, int start, int end) {
    StringBuffer? result;
    int copied = start;
    for (int i = start; i < end; i++) {
      final replacement = _replacement(text.codeUnitAt(i));
      if (replacement == null) continue;
      final buffer = result ??= StringBuffer();
      if (i > copied) buffer.write(text.substring(copied, i));
      buffer.write(replacement);
      copied = i + 1;
    }
    if (result == null) return null;
    if (end > copied) result.write(text.substring(copied, end));
    return result.toString();
  }

  String? _replacement(int unit) {
    switch (unit) {
      case 0x26:
        return '&amp;';
      case 0x22:
        return mode.escapeQuot ? '&quot;' : null;
      case 0x27:
        return mode.escapeApos ? '&#39;' : null;
      case 0x3C:
        return mode.escapeLtGt ? '&lt;' : null;
      case 0x3E:
        return mode.escapeLtGt ? '&gt;' : null;
      case 0x2F:
        return mode.escapeSlash ? '&#47;' : null;
    }
    return null;
  }

  StringConversionSink startChunkedConversion(Sink<String> sink) =>
      _HtmlEscapeSink(this, _asStringSink(sink));
}

final class _HtmlEscapeSink extends StringConversionSink {
  final HtmlEscape _escape;
  final StringConversionSink _out;

  _HtmlEscapeSink(this._escape, this._out);

  void addSlice(String chunk, int start, int end, bool isLast) {
    final escaped = _escape._escape(chunk, start, end);
    if (escaped == null) {
      _out.addSlice(chunk, start, end, isLast);
    } else {
      _out.add(escaped);
      if (isLast) _out.close();
    }
  }

  void close() => _out.close();
}
