part of 'io.dart';

/// () -> [descriptor to read from, descriptor to write to]
const int _opMakePipe = 215;

/// An anonymous pipe of the operating system, for this process or to be
/// handed to another.
abstract interface class Pipe {
  ReadPipe get read;

  WritePipe get write;

  factory Pipe.createSync() {
    final answer = _endpointCall(_opMakePipe, const [], null);
    if (answer.length == 2) {
      final error = _osErrorOf(answer);
      throw SocketException(error.message, osError: error);
    }
    final ends = unsafeCast<List<Object?>>(answer[0]);
    return _Pipe(
        _ReadPipe(_Process._adopt(unsafeCast<int>(ends[0]))),
        _WritePipe(_Process._adopt(unsafeCast<int>(ends[1]))));
  }

  static Future<Pipe> create() => Future<Pipe>.sync(Pipe.createSync);
}

/// The end of a [Pipe] that bytes come out of.
abstract interface class ReadPipe implements Stream<List<int>> {}

/// The end of a [Pipe] that bytes go into.
abstract interface class WritePipe implements IOSink {}

final class _Pipe implements Pipe {
  final ReadPipe read;
  final WritePipe write;

  _Pipe(this.read, this.write);
}

final class _ReadPipe extends StreamView<List<int>> implements ReadPipe {
  final _Endpoint _endpoint;

  _ReadPipe(this._endpoint) : super(_pipeStream(_endpoint));
}

final class _WritePipe extends _IOSink implements WritePipe {
  final _Endpoint _endpoint;

  _WritePipe(this._endpoint) : super(_PipeConsumer(_endpoint), utf8);
}
