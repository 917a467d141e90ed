// Every parser of the core libraries on damaged input: it answers or throws its own exception, and what it answers holds
// together. More rounds and another seed: eyot run malformed_text.dart ROUNDS SEED
import 'dart:convert';
import 'dart:io';
import 'dart:math';
import 'dart:typed_data';

late Random random;
late int rounds;

/// [text] with a few characters deleted, doubled, moved or replaced by some of [words].
String damage(String text, List<String> words) {
  var result = text;
  for (var edits = random.nextInt(4); edits >= 0; edits--) {
    final at = random.nextInt(result.length + 1);
    final to = min(result.length, at + random.nextInt(4));
    result = switch (random.nextInt(5)) {
      0 => result.replaceRange(at, to, ''),
      1 => result.replaceRange(at, at, result.substring(at, to)),
      2 => result.substring(at) + result.substring(0, at),
      3 => result.replaceRange(at, to, String.fromCharCode(random.nextInt(random.nextBool() ? 128 : 0x10000))),
      _ => result.replaceRange(at, to, words[random.nextInt(words.length)]),
    };
  }
  return result;
}

Uint8List damageBytes(List<int> bytes) {
  final result = [...bytes];
  for (var edits = random.nextInt(4); edits >= 0; edits--) {
    final at = random.nextInt(result.length + 1);
    switch (random.nextInt(4)) {
      case 0 when at < result.length:
        result.removeAt(at);
      case 1 when at < result.length:
        result[at] ^= 1 << random.nextInt(8);
      case 2:
        result.insertAll(at, [0xf0, 0x9f, 0x98, 0x80].take(1 + random.nextInt(4)));
      default:
        result.insert(at, random.nextInt(256));
    }
  }
  return Uint8List.fromList(result);
}

/// [parse] on damaged [samples]: nothing but [expected] may be thrown. Counts both outcomes.
void attack<T>(String name, List<String> samples, List<String> words, T Function(String) parse, bool Function(Object) expected,
    {void Function(String, T)? check}) {
  var answered = 0, refused = 0;
  for (var i = 0; i < rounds; i++) {
    final text = i < samples.length ? samples[i] : damage(samples[i % samples.length], words);
    final T result;
    try {
      result = parse(text);
    } catch (error, trace) {
      if (!expected(error)) {
        print('$name: ${jsonEncode(text)} throws ${error.runtimeType}: $error\n$trace');
        return;
      }
      refused++;
      continue;
    }
    answered++;
    check?.call(text, result);
  }
  print('$name: ${answered > 0 && refused > 0 ? 'some answered, some refused' : '$answered answered, $refused refused'}');
}

bool isFormat(Object error) => error is FormatException;

void same(String what, Object? input, Object? one, Object? other) {
  if ('$one' != '$other') print('$what: ${jsonEncode(input)} gives $one and $other');
}

/// What a converter gives for [pieces] one by one; null if it throws.
T? inPieces<S, T>(Converter<S, T> converter, List<S> pieces, T Function(List<T>) join) {
  final out = <T>[];
  try {
    final sink = converter.startChunkedConversion(ChunkedConversionSink.withCallback(out.addAll));
    pieces.forEach(sink.add);
    sink.close();
  } on FormatException {
    return null;
  }
  return join(out);
}

List<Uint8List> cut(Uint8List bytes) {
  final pieces = <Uint8List>[];
  for (var at = 0; at < bytes.length;) {
    final end = min(bytes.length, at + 1 + random.nextInt(5));
    pieces.add(bytes.sublist(at, end));
    at = end;
  }
  return pieces;
}

void texts() {
  final jsons = [
    '{"a": [1, -2.5e-3, true, null], "b": {"c": "x\\n\\u00e9\\ud83d\\ude00"}}',
    '[[], {}, "", 0, 1e400, 12345678901234567890]',
    '"\\"\\\\\\/\\b"',
    '  -0  ',
  ];
  attack('json', jsons, ['[', '{"', '\\u', '"', ':', ',', '1e', '\u2028', '\\ud800'], jsonDecode, isFormat, check: (text, value) {
    try {
      final encoded = jsonEncode(value);
      same('json', text, jsonEncode(jsonDecode(encoded)), encoded);
    } on JsonUnsupportedObjectError {
      // 1e400 is read as infinity, which cannot be written.
    }
  });
  attack('uri', [
    'http://user:pw@example.com:8080/a/b%20c/../d;e?x=1&y=%C3%A9#frag',
    'file:///c:/d/./e',
    '//[::1%25eth0]:80/x',
    '//[::1%25]/x',
    'a/b:c',
    'mailto:me@x.org',
  ], ['%', '%2', '://', '[', ']', '::', '@', '..', '?', '#', ':99999', '\u00e9'], Uri.parse, isFormat, check: (text, uri) {
    // In Dart as here a path without the parts before it may look like a scheme or an authority.
    if (uri.hasAuthority || !uri.path.startsWith('//')) same('uri', text, Uri.tryParse('$uri') ?? uri, uri);
    [uri.host, uri.port, uri.userInfo, uri.path, uri.query, uri.fragment, uri.hasAuthority, uri.normalizePath()];
    final resolved = Uri.parse('http://h/p/q').resolveUri(uri);
    if (resolved.hasAuthority || !resolved.path.startsWith('//')) same('resolved', text, resolved, Uri.parse('$resolved'));
    try {
      [uri.pathSegments, uri.queryParametersAll];
    } on FormatException {
      // Bytes that are no UTF-8.
    } on ArgumentError {
      // Escapes that are none.
    }
  });
  attack('data uri', ['data:text/plain;charset=utf-8;base64,aGk=', 'data:,x%20y', 'data:a/b;k=v,z'], [';', ',', '=', 'base64', '%'],
      UriData.parse, isFormat, check: (text, data) {
    same('data uri', text, UriData.parse('$data'), data);
    try {
      [data.mimeType, data.parameters, data.charset, data.contentAsBytes()];
    } on FormatException {
      // Bytes that are no UTF-8, or escapes that are none.
    } on ArgumentError {
      // Escapes that are none.
    }
  });
  attack('date', ['2024-02-29T23:59:59.123456Z', '20240229 1159', '-0044-03-15', '2024-01-01T00:00:00+05:30'],
      ['T', 'Z', '-', ':', '.', '+', '99'], DateTime.parse, isFormat, check: (text, date) {
    same('date', text, DateTime.parse('$date'), date);
    same('tried', text, DateTime.tryParse(text), date);
  });
  attack('int', ['-123456789', '0x7fffffffffffffff', ' 42 ', ' \u0003'], ['0x', '-', '9', ' ', '_'], int.parse, isFormat,
      check: (text, value) => same('int', text, int.parse('$value'), value));
  attack('double', ['-1.5e-300', '.5', 'NaN', '-Infinity', '1e400'], ['e', '.', '-', 'N', '9'], double.parse, isFormat,
      check: (text, value) => same('double', text, double.parse('$value'), value));
  attack('num', ['0x1F', '1.0', '7e3'], ['e', '.', 'x', '-'], num.parse, isFormat,
      check: (text, value) => same('num', text, num.parse('$value'), value));
  attack('big integer', ['-123456789012345678901234567890', '0xffffffffffffffffffff'], ['0x', '-', '9', 'f'], BigInt.parse, isFormat,
      check: (text, value) => same('big integer', text, BigInt.parse('$value'), value));
  attack('pattern', ['(a|b)*c{2,3}?[^x-z]\\d', '(?<n>a)\\k<n>(?=b)(?<!c)', '\\u{1f600}|\\p{L}'],
      ['(', ')', '[', ']', '{', '}', '*', '?', '\\', '|', '(?<', '{1,', '\\x'], (text) => RegExp(text, unicode: random.nextBool()), isFormat,
      check: (text, pattern) => pattern.allMatches('abccx1 aab').take(3).map((match) => match.groups([0])).toList());
  attack('address', ['127.0.0.1', '::1', 'fe80::1%1', '::ffff:1.2.3.4'], ['.', ':', '::', '256', '%'], InternetAddress.new,
      (error) => error is ArgumentError, check: (text, address) => same('address', text, InternetAddress(address.address).rawAddress, address.rawAddress));
  attack('http date', ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT'], [',', ' ', ':', 'GMT', '-'], HttpDate.parse,
      (error) => error is HttpException, check: (text, date) => HttpDate.format(date));
  bool isHttp(Object error) => error is HttpException || error is FormatException;
  attack('media type', ['text/html; charset="utf-8"; q=\\"'], ['/', ';', '"', '='], ContentType.parse, isHttp, check: (text, type) => '$type');
  attack('header value', ['form-data; name="a\\"b"; x'], [';', '"', '=', '\\'], HeaderValue.parse, isHttp, check: (text, value) => '$value');
  attack('cookie', ['id=a3f; Expires=Wed, 21 Oct 2015 07:28:00 GMT; Max-Age=5; Path=/; HttpOnly'], [';', '=', ',', 'Max-Age', 'Expires='],
      Cookie.fromSetCookieValue, isHttp, check: (text, cookie) => '$cookie');
}

void bytes() {
  var good = 0, bad = 0;
  final sample = utf8.encode('aé€😀 plain');
  for (var i = 0; i < rounds; i++) {
    final bytes = damageBytes(sample);
    String? whole;
    try {
      whole = utf8.decode(bytes);
      good++;
    } on FormatException {
      bad++;
    }
    same('utf8 in pieces', bytes, inPieces(utf8.decoder, cut(bytes), (texts) => texts.join()), whole);
    final lenient = utf8.decode(bytes, allowMalformed: true);
    same('lenient utf8 in pieces', bytes,
        inPieces(const Utf8Decoder(allowMalformed: true), cut(bytes), (texts) => texts.join()), lenient);
    if (whole != null) same('utf8', bytes, lenient, whole);
  }
  print('utf8: ${good > 0 && bad > 0}');

  final json = utf8.encode('{"a": [1.5, "é😀", true], "b": null}');
  for (var i = 0; i < rounds; i++) {
    final bytes = damageBytes(json);
    Object? whole = 'refused';
    try {
      whole = jsonDecode(utf8.decode(bytes));
    } on FormatException {
      // As expected.
    }
    Object? pieces;
    try {
      final out = <Object?>[];
      final sink = utf8.decoder.fuse(json_).startChunkedConversion(ChunkedConversionSink.withCallback(out.addAll));
      cut(bytes).forEach(sink.add);
      sink.close();
      pieces = out.single;
    } on FormatException {
      pieces = 'refused';
    }
    same('json in pieces', bytes, pieces, whole);
  }

  for (final codec in [gzip, zlib]) {
    final packed = codec.encode(List.generate(2000, (i) => i * i & 0xff));
    var good = 0, bad = 0;
    for (var i = 0; i < rounds; i++) {
      final bytes = damageBytes(packed);
      try {
        codec.decode(bytes);
        good++;
      } on FormatException {
        bad++;
      }
    }
    print('compressed: ${bad > 0}');
  }
  attack('base64', ['aGVsbG8gd29ybGQ=', 'aGk%3D'], ['=', '%3D', '-', '_', ' '], base64.decode, isFormat,
      check: (text, bytes) => same('base64', text, base64.decode(base64.encode(bytes)), bytes));
}

const Converter<String, Object?> json_ = JsonDecoder();

void main(List<String> arguments) {
  rounds = arguments.isEmpty ? 300 : int.parse(arguments[0]);
  random = Random(arguments.length > 1 ? int.parse(arguments[1]) : 1);
  texts();
  // expect: json: some answered, some refused
  // expect: uri: some answered, some refused
  // expect: data uri: some answered, some refused
  // expect: date: some answered, some refused
  // expect: int: some answered, some refused
  // expect: double: some answered, some refused
  // expect: num: some answered, some refused
  // expect: big integer: some answered, some refused
  // expect: pattern: some answered, some refused
  // expect: address: some answered, some refused
  // expect: http date: some answered, some refused
  // expect: media type: some answered, some refused
  // expect: header value: some answered, some refused
  // expect: cookie: some answered, some refused
  bytes();
  // expect: utf8: true
  // expect: compressed: true
  // expect: compressed: true
  // expect: base64: some answered, some refused
}
