part of 'convert.dart';

/// Text to bytes and back.
abstract class Encoding extends Codec<String, List<int>> {
  const Encoding();

  Converter<String, List<int>> get encoder;

  Converter<List<int>, String> get decoder;

  Future<String> decodeStream(Stream<List<int>> byteStream) =>
      decoder.bind(byteStream).fold<StringBuffer>(StringBuffer(),
          (StringBuffer buffer, String text) {
        buffer.write(text);
        return buffer;
      }).then<String>((StringBuffer buffer) => buffer.toString());

  String get name;

  /// The encoding with that IANA name, or null.
  static Encoding? getByName(String? name) {
    if (name == null) return null;
    switch (name.toLowerCase()) {
      case 'iso_8859-1:1987':
      case 'iso-ir-100':
      case 'iso_8859-1':
      case 'iso-8859-1':
      case 'latin1':
      case 'l1':
      case 'ibm819':
      case 'cp819':
      case 'csisolatin1':
        return latin1;
      case 'iso-ir-6':
      case 'ansi_x3.4-1968':
      case 'ansi_x3.4-1986':
      case 'iso_646.irv:1991':
      case 'iso646-us':
      case 'us-ascii':
      case 'us':
      case 'ibm367':
      case 'cp367':
      case 'csascii':
      case 'ascii':
        return ascii;
      case 'csutf8':
      case 'utf-8':
        return utf8;
    }
    return null;
  }
}
