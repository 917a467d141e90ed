part of 'convert.dart';

/// An object that has no JSON form, and whose `toJson` gives none.
class JsonUnsupportedObjectError extends Error {
  final Object? unsupportedObject;

  /// What `toJson` threw, if it did.
  final Object? cause;

  /// What had been written so far.
  final String? partialResult;

  JsonUnsupportedObjectError(this.unsupportedObject,
      {this.cause, this.partialResult});

  String toString() {
    final object = Error.safeToString(unsupportedObject);
    if (cause != null) {
      return 'Converting object to an encodable object failed: $object';
    }
    return 'Converting object did not return an encodable object: $object';
  }
}

/// An object that contains itself.
class JsonCyclicError extends JsonUnsupportedObjectError {
  JsonCyclicError(Object? object) : super(object);

  String toString() => 'Cyclic error in JSON stringify';
}

const JsonCodec json = JsonCodec();

String jsonEncode(Object? object,
        {Object? Function(Object? nonEncodable)? toEncodable}) =>
    json.encode(object, toEncodable: toEncodable);

dynamic jsonDecode(String source,
        {Object? Function(Object? key, Object? value)? reviver}) =>
    json.decode(source, reviver: reviver);

final class JsonCodec extends Codec<Object?, String> {
  final Object? Function(Object? key, Object? value)? _reviver;
  final Object? Function(dynamic)? _toEncodable;

  const JsonCodec(
      {Object? Function(Object? key, Object? value)? reviver,
      Object? Function(dynamic object)? toEncodable})
      : _reviver = reviver,
        _toEncodable = toEncodable;

  JsonCodec.withReviver(
      dynamic Function(Object? key, Object? value) reviver)
      : this(reviver: reviver);

  dynamic decode(String source,
      {Object? Function(Object? key, Object? value)? reviver}) {
    return _decodeJson(source, reviver ?? _reviver);
  }

  String encode(Object? value,
      {Object? Function(dynamic object)? toEncodable}) {
    return _encodeJson(value, toEncodable ?? _toEncodable, null);
  }

  JsonEncoder get encoder => JsonEncoder(_toEncodable);

  JsonDecoder get decoder => JsonDecoder(_reviver);
}

final class JsonEncoder extends Converter<Object?, String> {
  final String? indent;
  final Object? Function(dynamic)? _toEncodable;

  const JsonEncoder([Object? Function(dynamic object)? toEncodable])
      : indent = null,
        _toEncodable = toEncodable;

  const JsonEncoder.withIndent(this.indent,
      [Object? Function(dynamic object)? toEncodable])
      : _toEncodable = toEncodable;

  String convert(Object? object) => _encodeJson(object, _toEncodable, indent);

  ChunkedConversionSink<Object?> startChunkedConversion(Sink<String> sink) {
    if (sink is _Utf8EncoderSink) {
      return _JsonEncoderSink((Object? object) {
        sink._out.add(
            _encodeJsonUtf8(object, _toEncodable, indent));
      }, sink.close);
    }
    return _JsonEncoderSink((Object? object) {
      sink.add(_encodeJson(object, _toEncodable, indent));
    }, sink.close);
  }

  Stream<String> bind(Stream<Object?> stream) => super.bind(stream);

  Converter<Object?, T> fuse<T>(Converter<String, T> other) {
    if (other is Utf8Encoder) {
      return unsafeCast<Converter<Object?, T>>(JsonUtf8Encoder(
          indent, _toEncodable));
    }
    return super.fuse<T>(other);
  }
}

/// JSON text has one value: the sink takes one object.
final class _JsonEncoderSink extends ChunkedConversionSink<Object?> {
  final void Function(Object?) _write;
  final void Function() _close;
  bool _isDone = false;

  _JsonEncoderSink(this._write, this._close);

  void add(Object? object) {
    if (_isDone) throw StateError('Only one call to add allowed');
    _isDone = true;
    _write(object);
    _close();
  }

  void close() {}
}

final class JsonDecoder extends Converter<String, Object?> {
  final Object? Function(Object? key, Object? value)? _reviver;

  const JsonDecoder(
      [Object? Function(Object? key, Object? value)? reviver])
      : _reviver = reviver;

  dynamic convert(String input) => _decodeJson(input, _reviver);

  StringConversionSink startChunkedConversion(Sink<Object?> sink) =>
      _JsonDecoderSink(_reviver, sink);

  Stream<Object?> bind(Stream<String> stream) => super.bind(stream);
}

/// Collects the text; the parser wants it whole.
final class _JsonDecoderSink extends StringConversionSink {
  final Object? Function(Object? key, Object? value)? _reviver;
  final Sink<Object?> _out;
  final StringBuffer _text = StringBuffer();

  _JsonDecoderSink(this._reviver, this._out);

  void add(String str) => _text.write(str);

  void addSlice(String chunk, int start, int end, bool isLast) {
    _text.write(chunk.substring(start, end));
    if (isLast) close();
  }

  void close() {
    final text = _text.toString();
    _text.clear();
    _out.add(_decodeJson(text, _reviver));
    _out.close();
  }
}
