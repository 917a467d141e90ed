part of 'core.dart';

/// The contents of a `data:` URI.
final class UriData {
  /// The whole URI as text.
  final String _text;

  /// Index of the comma that ends the media type.
  final int _comma;

  Uri? _uri;

  UriData._(this._text, this._comma);

  factory UriData.fromString(String content,
      {String? mimeType,
      Encoding? encoding,
      Map<String, String>? parameters,
      bool base64 = false}) {
    final buffer = StringBuffer('data:');
    String? charsetName = parameters == null ? null : parameters['charset'];
    Encoding? used = encoding;
    if (used == null) {
      if (charsetName != null) used = Encoding.getByName(charsetName);
    } else if (charsetName == null) {
      charsetName = used.name;
    }
    used ??= ascii;
    _writeMimeType(buffer, mimeType, charsetName, parameters);
    if (base64) {
      buffer.write(';base64,');
      final comma = buffer.length - 1;
      buffer.write(_base64Text(used.encode(content)));
      return UriData._(buffer.toString(), comma);
    }
    buffer.write(',');
    final comma = buffer.length - 1;
    _writeBytes(buffer, used.encode(content), _UriChars.query);
    return UriData._(buffer.toString(), comma);
  }

  factory UriData.fromBytes(List<int> bytes,
      {String mimeType = 'application/octet-stream',
      Map<String, String>? parameters,
      bool percentEncoded = false}) {
    final buffer = StringBuffer('data:');
    _writeMimeType(buffer, mimeType, null, parameters);
    if (percentEncoded) {
      buffer.write(',');
      final comma = buffer.length - 1;
      _writeBytes(buffer, bytes, _UriChars.query);
      return UriData._(buffer.toString(), comma);
    }
    buffer.write(';base64,');
    final comma = buffer.length - 1;
    buffer.write(_base64Text(bytes));
    return UriData._(buffer.toString(), comma);
  }

  factory UriData.fromUri(Uri uri) {
    if (uri.scheme != 'data') {
      throw ArgumentError.value(uri, 'uri', "Scheme must be 'data'");
    }
    if (uri.hasAuthority) {
      throw ArgumentError.value(
          uri, 'uri', 'Data uri must not have authority');
    }
    if (uri.hasFragment) {
      throw ArgumentError.value(
          uri, 'uri', 'Data uri must not have a fragment part');
    }
    return _parse(uri.toString()).._uri = uri;
  }

  static UriData parse(String uri) {
    if (uri.length < 5 || uri.substring(0, 5).toLowerCase() != 'data:') {
      throw FormatException('Does not start with `data:`', uri, 0);
    }
    return _parse(uri);
  }

  /// Checks that [text] has the separators of a data URI where they belong
  /// (RFC 2397), and normalizes its content: the padding of Base64, or the
  /// escapes of other bytes.
  static UriData _parse(String text) {
    final comma = text.indexOf(',', 5);
    if (comma < 0) throw FormatException('Expecting `,`', text, text.length);
    final start = comma + 1;
    int end = text.indexOf(';', 5);
    if (end < 0 || end > comma) end = comma;
    final slash = text.indexOf('/', 5);
    final isTyped = slash >= 0 && slash < end;
    if (isTyped ? text.lastIndexOf('/', end - 1) != slash : end > 5) {
      throw FormatException('Invalid MIME type', text, isTyped ? slash : 5);
    }
    while (end < comma) {
      final name = end + 1;
      end = text.indexOf(';', name);
      if (end < 0 || end > comma) end = comma;
      final equals = text.indexOf('=', name);
      if (equals >= 0 && equals < end) continue;
      // Only the last one has no value.
      if (end != comma || text.substring(name, end) != 'base64') {
        throw FormatException("Expecting '='", text, name);
      }
      return _withContent(text, comma, base64.normalize(text, start));
    }
    return _withContent(text, comma,
        _uriNormalize(text, start, text.length, _UriChars.query));
  }

  static UriData _withContent(String text, int comma, String content) =>
      UriData._(text.replaceRange(comma + 1, text.length, content), comma);

  static String _base64Text(List<int> bytes) => base64.encode(bytes);

  static void _writeBytes(StringBuffer buffer, List<int> bytes, int classes) {
    for (int i = 0; i < bytes.length; i++) {
      final byte = bytes[i];
      if (byte < 0 || byte > 255) {
        throw ArgumentError.value(byte, 'non-byte value');
      }
      if (_UriChars.isIn(byte, classes)) {
        buffer._appendChar(byte);
      } else {
        _UriChars.writeByte(buffer, byte);
      }
    }
  }

  static void _writeMimeType(StringBuffer buffer, String? mimeType,
      String? charsetName, Map<String, String>? parameters) {
    // That is what no type means.
    final isPlain = mimeType == null ||
        mimeType.isEmpty ||
        mimeType.toLowerCase() == 'text/plain';
    if (!isPlain) {
      final slash = mimeType.indexOf('/');
      if (slash <= 0 || slash == mimeType.length - 1) {
        throw ArgumentError.value(mimeType, 'mimeType', 'Invalid MIME type');
      }
      buffer.write(_encodePart(mimeType.substring(0, slash)));
      buffer.write('/');
      buffer.write(_encodePart(mimeType.substring(slash + 1)));
    }
    if (charsetName != null) {
      buffer.write(';charset=');
      buffer.write(_encodePart(charsetName));
    }
    parameters?.forEach((String key, String value) {
      if (key.isEmpty) {
        throw ArgumentError.value('', 'Parameter names must not be empty');
      }
      if (value.isEmpty) {
        throw ArgumentError.value(
            '', 'Parameter values must not be empty', 'parameters["$key"]');
      }
      if (charsetName != null && key == 'charset') return;
      buffer.write(';');
      buffer.write(_encodePart(key));
      buffer.write('=');
      buffer.write(_encodePart(value));
    });
  }

  static String _encodePart(String text) =>
      _uriEncode(_UriChars.component, text, utf8, false);

  /// The media type's pieces: type first, then parameters, `base64` last.
  List<String> get _header => _text.substring(5, _comma).split(';');

  String get mimeType {
    final type = _header[0];
    if (type.isEmpty) return 'text/plain';
    return Uri.decodeComponent(type);
  }

  bool isMimeType(String mimeType) {
    final own = this.mimeType.toLowerCase();
    return own == (mimeType.isEmpty ? 'text/plain' : mimeType.toLowerCase());
  }

  Map<String, String> get parameters {
    final result = <String, String>{};
    final header = _header;
    for (int i = 1; i < header.length; i++) {
      final equals = header[i].indexOf('=');
      if (equals < 0) continue;
      result[Uri.decodeComponent(header[i].substring(0, equals))] =
          Uri.decodeComponent(header[i].substring(equals + 1));
    }
    return result;
  }

  String get charset {
    final header = _header;
    for (int i = 1; i < header.length; i++) {
      final equals = header[i].indexOf('=');
      if (equals >= 0 &&
          header[i].substring(0, equals).toLowerCase() == 'charset') {
        return Uri.decodeComponent(header[i].substring(equals + 1));
      }
    }
    return 'US-ASCII';
  }

  bool isCharset(String charset) {
    final String own = this.charset;
    if (own.toLowerCase() == charset.toLowerCase()) return true;
    final encoding = Encoding.getByName(charset);
    return encoding != null && isEncoding(encoding);
  }

  bool isEncoding(Encoding encoding) {
    final own = Encoding.getByName(charset);
    return own != null && own.name == encoding.name;
  }

  bool get isBase64 {
    final header = _header;
    return header.length > 1 && header.last == 'base64';
  }

  String get contentText => _text.substring(_comma + 1);

  Uint8List contentAsBytes() {
    final content = contentText;
    if (isBase64) return base64.decode(base64.normalize(content));
    final bytes = <int>[];
    int i = 0;
    while (i < content.length) {
      final unit = content.codeUnitAt(i);
      if (unit == 0x25) {
        final byte = _UriChars.escapeAt(content, i, content.length);
        if (byte < 0) {
          throw FormatException('Invalid percent escape', content, i);
        }
        bytes.add(byte);
        i += 3;
      } else {
        bytes.add(unit);
        i++;
      }
    }
    return Uint8List.fromList(bytes);
  }

  String contentAsString({Encoding? encoding}) {
    Encoding? used = encoding;
    if (used == null) {
      final name = charset;
      used = Encoding.getByName(name);
      if (used == null) throw UnsupportedError('Unknown charset: $name');
    }
    final content = contentText;
    if (isBase64) {
      return used.decode(base64.decode(base64.normalize(content)));
    }
    return _uriDecode(content, 0, content.length, used, false);
  }

  Uri get uri => _uri ??= Uri.parse(_text);

  String toString() => _text;
}
