// What errors of dart:convert, dart:async, dart:io and dart:isolate say.
import 'dart:async';
import 'dart:convert';
import 'dart:io';
import 'dart:isolate';

int count = 0;

/// Says where an error does not read as it should.
void t(String expected, Function() f) {
  count++;
  String got;
  try {
    got = 'no error: ${f()}';
  } catch (error) {
    got = '$error';
  }
  if (got != expected) print('want: $expected\ngot: $got');
}

class A {
  void m(int a, {int? b}) {}
  X g<X extends num>(X x) => x;
}
class B {}

void main() {
  t("FormatException: Unexpected character (at character 1)\nx\n^\n", () => jsonDecode('x'));
  t("FormatException: Unexpected end of input (at character 2)\n[\n ^\n", () => jsonDecode('['));
  t("FormatException: Unexpected character (at character 2)\n{1}\n ^\n", () => jsonDecode('{1}'));
  t("FormatException: Invalid length, must be multiple of four (at character 4)\nabc\n   ^\n", () => base64.decode('abc'));
  t("FormatException: Invalid character (at character 2)\na*cd\n ^\n", () => base64.decode('a*cd'));
  t("FormatException: Unexpected extension byte (at offset 0)", () => utf8.decode([0x80]));
  t("FormatException: Unfinished UTF-8 octet sequence (at offset 1)", () => utf8.decode([0xC3]));
  t("FormatException: Missing extension byte (at offset 1)", () => utf8.decode([0xC3, 0x20]));
  t("FormatException: Invalid UTF-8 byte (at offset 0)", () => utf8.decode([0xFF]));
  t("FormatException: Invalid value in input: 200", () => ascii.decode([200]));
  t('Invalid argument (string): Contains invalid characters.: "é"', () => ascii.encode('é'));
  t('Invalid argument (string): Contains invalid characters.: "€"', () => latin1.encode('€'));
  t("Converting object to an encodable object failed: Instance of 'A'", () => jsonEncode(A()));
  t("Converting object to an encodable object failed: Instance of 'A'", () => jsonEncode([A()]));
  t("Converting object did not return an encodable object: Instance of 'A'", () => jsonEncode(A(), toEncodable: (o) => B()));
  t("Converting object to an encodable object failed: NaN", () => jsonEncode(double.nan));
  t("Cyclic error in JSON stringify", () { final l = []; l.add(l); return jsonEncode(l); });
  t("TimeoutException after 0:00:01.000000: m", () => throw TimeoutException('m', Duration(seconds: 1)));
  t("TimeoutException", () => throw TimeoutException(null));
  t("DeferredLoadException: 'm'", () => throw DeferredLoadException('m'));
  t("FileSystemException: m, path = 'p' (OS Error: os, errno = 2)", () => throw FileSystemException('m', 'p', OSError('os', 2)));
  t("FileSystemException: m, path = 'p'", () => throw FileSystemException('m', 'p'));
  t("FileSystemException: m, path = ''", () => throw FileSystemException('m'));
  t("PathNotFoundException: Cannot open file, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').readAsStringSync());
  t("PathNotFoundException: Cannot retrieve length of file, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').lengthSync());
  t("PathNotFoundException: Cannot delete file, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').deleteSync());
  t("PathNotFoundException: Deletion failed, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => Directory('/nonexist').deleteSync());
  t("PathNotFoundException: Creation failed, path = '/nonexist/a' (OS Error: No such file or directory, errno = 2)", () => Directory('/nonexist/a').createSync());
  t("PathNotFoundException: Cannot create file, path = '/nonexist/a' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist/a').createSync());
  t("PathNotFoundException: Cannot rename file to '/x', path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').renameSync('/x'));
  t("PathNotFoundException: Cannot copy file to '/x', path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').copySync('/x'));
  t("PathNotFoundException: Cannot resolve symbolic links, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').resolveSymbolicLinksSync());
  t("PathNotFoundException: Cannot retrieve modification time, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => File('/nonexist').lastModifiedSync());
  t("PathNotFoundException: Cannot get target of link, path = '/nonexist' (OS Error: No such file or directory, errno = 2)", () => Link('/nonexist').targetSync());
  t("FileSystemException: Cannot open file, path = '/' (OS Error: Is a directory, errno = 21)", () => File('/').openSync(mode: FileMode.write));
  t("OS Error: m, errno = 5", () => throw OSError('m', 5));
  t("OS Error", () => throw OSError());
  t("SocketException: m", () => throw SocketException('m'));
  t("SocketException: m (OS Error: os, errno = 111), address = 127.0.0.1, port = 80", () => throw SocketException('m', osError: OSError('os', 111), address: InternetAddress.loopbackIPv4, port: 80));
  t("SocketException: Socket has been closed", () => throw SocketException.closed());
  t("HttpException: m, uri = http://a", () => throw HttpException('m', uri: Uri.parse('http://a')));
  t("HttpException: m", () => throw HttpException('m'));
  t("RedirectException: m", () => throw RedirectException('m', []));
  t("HandshakeException: m (OS Error: os, errno = 1)", () => throw HandshakeException('m', OSError('os', 1)));
  t("TlsException: m", () => throw TlsException('m'));
  t("CertificateException: m", () => throw CertificateException('m'));
  t("WebSocketException: m", () => throw WebSocketException('m'));
  t("ProcessException: m\n  Command: ls a b", () => throw ProcessException('ls', ['a', 'b'], 'm', 2));
  t("ProcessException: No such file or directory\n  Command: /nonexist a", () => Process.runSync('/nonexist', ['a']));
  t("StdinException: m", () => throw StdinException('m'));
  t("StdoutException: m, OS Error: os, errno = 1", () => throw StdoutException('m', OSError('os', 1)));
  t("SignalException: m", () => throw SignalException('m'));
  t("Invalid argument(s): Invalid internet address x", () => InternetAddress('x'));
  t("IsolateSpawnException: m", () => throw IsolateSpawnException('m'));
  t("m", () => throw RemoteError('m', ''));
  t("Bad state: Stream has already been listened to.", () { final s = StreamController(); s.stream.listen(null); s.stream.listen(null); });
  t("Bad state: Cannot add event after closing", () { final s = StreamController(); s.close(); s.add(1); });
  t("Bad state: Cannot add new events after calling close", () { final s = StreamController.broadcast(); s.close(); s.add(1); });
  t("Bad state: Future already completed", () { final s = Completer(); s.complete(); s.complete(); });
  t("FormatException: Invalid encoding before padding (at character 4)\nabd=\n   ^\n", () => base64.decode('abd='));
  t("FileSystemException: ", () => throw FileSystemException());
  t("Invalid argument (onError): Error handler must accept one Object or one Object and a StackTrace as arguments, and return a value of the returned future's type: Closure: () => int", () => Future.value(1).then((x) => x, onError: () => 1));
  print('$count texts'); // expect: 62 texts
}
