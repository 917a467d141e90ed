part of 'io.dart';

/// The encoding of the platform, which is UTF-8 here.
const SystemEncoding systemEncoding = SystemEncoding();

final class SystemEncoding extends Encoding {
  const SystemEncoding();

  String get name => 'system';

  List<int> encode(String input) => encoder.convert(input);

  String decode(List<int> encoded) => decoder.convert(encoded);

  Converter<String, List<int>> get encoder => const Utf8Encoder();

  Converter<List<int>, String> get decoder =>
      const Utf8Decoder(allowMalformed: true);
}
