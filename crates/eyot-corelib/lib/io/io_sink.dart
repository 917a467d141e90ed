part of 'io.dart';

/// Text and bytes into a [StreamConsumer].
abstract interface class IOSink implements StreamSink<List<int>>, StringSink {
  factory IOSink(StreamConsumer<List<int>> target,
          {Encoding encoding = utf8}) =>
      _IOSink(target, encoding);

  Encoding get encoding;
  void set encoding(Encoding value);

  void add(List<int> data);
  void write(Object? object);
  void writeAll(Iterable<dynamic> objects, [String separator = '']);
  void writeln([Object? object = '']);
  void writeCharCode(int charCode);
  void addError(Object error, [StackTrace? stackTrace]);
  Future<dynamic> addStream(Stream<List<int>> stream);
  Future<dynamic> flush();
  Future<dynamic> close();
  Future<dynamic> get done;
}

/// How text becomes bytes; shared by all sinks.
abstract class _TextSink implements IOSink {
  Encoding encoding;

  _TextSink(this.encoding);

  void write(Object? object) {
    final text = '$object';
    if (text.isNotEmpty) add(encoding.encode(text));
  }

  void writeAll(Iterable<dynamic> objects, [String separator = '']) {
    bool isFirst = true;
    for (final object in objects) {
      if (!isFirst && separator.isNotEmpty) write(separator);
      isFirst = false;
      write(object);
    }
  }

  void writeln([Object? object = '']) => write('$object\n');

  void writeCharCode(int charCode) => write(String.fromCharCode(charCode));
}

/// Events that are added one by one go through a controller, whose stream the
/// target takes until a flush, an added stream, or the end.
final class _IOSink extends _TextSink {
  final StreamConsumer<List<int>> _target;
  final Completer<dynamic> _done = Completer<dynamic>();

  /// While events are added one by one: where to, and when the target has
  /// taken them.
  StreamController<List<int>>? _controller;
  Future<void>? _taken;
  bool _isClosed = false;

  /// A stream is being added, or a flush is under way.
  bool _isBound = false;
  bool _failed = false;

  _IOSink(this._target, Encoding encoding) : super(encoding);

  void _check() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (_isClosed) throw StateError('StreamSink is closed');
  }

  /// Nothing that was added is on its way.
  bool get _isAtRest =>
      _controller == null && !_isBound && !_isClosed && !_failed;

  StreamController<List<int>> _open() {
    final open = _controller;
    if (open != null) return open;
    final controller = StreamController<List<int>>(sync: true);
    _controller = controller;
    _taken = _target.addStream(controller.stream).then<void>((_) {},
        onError: _fail);
    return controller;
  }

  void _fail(Object error, StackTrace stackTrace) {
    _failed = true;
    if (!_done.isCompleted) _done.completeError(error, stackTrace);
  }

  void add(List<int> data) {
    _check();
    if (_failed) return;
    _open().add(data);
  }

  void addError(Object error, [StackTrace? stackTrace]) {
    _check();
    if (_failed) return;
    _open().addError(error, stackTrace);
  }

  /// Ends what is being added one by one; the target has taken it then.
  Future<void> _settle() {
    final controller = _controller;
    final taken = _taken;
    if (controller == null || taken == null) return Future<void>.value();
    _controller = null;
    _taken = null;
    controller.close();
    return taken;
  }

  Future<dynamic> addStream(Stream<List<int>> stream) {
    _check();
    if (_failed) return done;
    _isBound = true;
    return _settle()
        .then<dynamic>((_) => _failed ? null : _target.addStream(stream))
        .whenComplete(() {
      _isBound = false;
    });
  }

  Future<dynamic> flush() {
    _check();
    if (_failed) return Future<dynamic>.value();
    _isBound = true;
    return _settle().then<dynamic>((_) => this).whenComplete(() {
      _isBound = false;
    });
  }

  Future<dynamic> close() {
    if (_isBound) throw StateError('StreamSink is bound to a stream');
    if (!_isClosed) {
      _isClosed = true;
      _settle().then<dynamic>((_) => _target.close()).then<void>(
          (Object? value) {
        if (!_done.isCompleted) _done.complete(value);
      }, onError: _fail);
    }
    return done;
  }

  Future<dynamic> get done => _done.future;

  /// The target has ended by itself.
  void _finish(Object? value) {
    _failed = true;
    if (!_done.isCompleted) _done.complete(value);
  }
}
