// Data URIs as RFC 2397 has them, and paths as URIs.
import 'dart:convert';
import 'dart:math';

void tryParse(String text) {
  try {
    final data = UriData.parse(text);
    print('${data.mimeType} ${data.charset} ${data.parameters} ${data.isBase64} <${data.contentText}>');
  } on FormatException catch (error) {
    print(error.message);
  }
}

void main() {
  tryParse('data:,'); // expect: text/plain US-ASCII {} false <>
  tryParse('data:a/b;k=v;base64,YWI'); // expect: a/b US-ASCII {k: v} true <YWI=>
  tryParse('data:;charset=utf-8,a b#c'); // expect: text/plain utf-8 {charset: utf-8} false <a%20b%23c>
  tryParse('data:a/b;base64;,x'); // expect: Expecting '='
  tryParse('data:a/b;base64;k=v,x'); // expect: Expecting '='
  tryParse('data:a/b/c,x'); // expect: Invalid MIME type
  tryParse('data:ab,x'); // expect: Invalid MIME type
  tryParse('data:a/b'); // expect: Expecting `,`
  tryParse('http://a/,'); // expect: Does not start with `data:`

  // No type and the type of plain text are the same.
  print(UriData.fromString('ä b', mimeType: 'Text/Plain', encoding: utf8)); // expect: data:;charset=utf-8,%C3%A4%20b
  print(UriData.fromBytes([1, 2, 3], mimeType: '').mimeType); // expect: text/plain
  print(Uri.dataFromBytes([255], parameters: {'k': 'v'})); // expect: data:application/octet-stream;k=v;base64,/w==
  print(utf8.decode(UriData.parse('data:,%C3%A4').contentAsBytes())); // expect: ä

  print('<${Uri.directory('', windows: false)}> <${Uri.directory('', windows: true)}>'); // expect: <> <>
  print(Uri.directory('a b', windows: false)); // expect: a%20b/

  // A rectangle has no negative sides, not even endless ones.
  final rectangle = MutableRectangle<num>(0, 1, double.negativeInfinity, -3);
  print('${rectangle.width} ${rectangle.height}'); // expect: 0.0 0
  rectangle.height = double.negativeInfinity;
  print(rectangle == Rectangle<num>(0, 1, double.negativeInfinity, -1)); // expect: true
}
