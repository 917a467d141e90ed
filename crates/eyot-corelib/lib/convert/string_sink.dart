part of 'convert.dart';

/// A [StringSink] with an end.
abstract interface class ClosableStringSink implements StringSink {
  factory ClosableStringSink.fromStringSink(
      StringSink sink, void Function() onClose) = _ClosableSink;

  void close();
}

final class _ClosableSink implements ClosableStringSink {
  final StringSink _sink;
  final void Function() _onClose;

  _ClosableSink(this._sink, this._onClose);

  void close() => _onClose();

  void write(Object? object) => _sink.write(object);

  void writeCharCode(int charCode) => _sink.writeCharCode(charCode);

  void writeln([Object? object = '']) => _sink.writeln(object);

  void writeAll(Iterable<dynamic> objects, [String separator = '']) =>
      _sink.writeAll(objects, separator);
}

/// Takes strings in chunks.
abstract mixin class StringConversionSink
    implements ChunkedConversionSink<String> {
  const StringConversionSink();

  /// Calls [callback] with the whole text at the end.
  factory StringConversionSink.withCallback(
      void Function(String accumulated) callback) = _CollectingStringSink;

  factory StringConversionSink.from(Sink<String> sink) = _StringSinkAdapter;

  factory StringConversionSink.fromStringSink(StringSink sink) =
      _StringSinkTarget;

  void add(String str) => addSlice(str, 0, str.length, false);

  /// Takes `chunk.substring(start, end)`.
  void addSlice(String chunk, int start, int end, bool isLast);

  /// A sink that decodes UTF-8 bytes into this one.
  ByteConversionSink asUtf8Sink(bool allowMalformed) =>
      _Utf8DecoderSink(this, allowMalformed);

  ClosableStringSink asStringSink() =>
      ClosableStringSink.fromStringSink(_WritingSink(this), close);
}

/// The name that classes used to extend.
typedef StringConversionSinkBase = StringConversionSink;

/// The name that classes used to mix in.
typedef StringConversionSinkMixin = StringConversionSink;

/// Writes into a [StringConversionSink].
final class _WritingSink implements StringSink {
  final StringConversionSink _sink;

  _WritingSink(this._sink);

  void write(Object? object) => _sink.add('$object');

  void writeCharCode(int charCode) => _sink.add(String.fromCharCode(charCode));

  void writeln([Object? object = '']) => _sink.add('$object\n');

  void writeAll(Iterable<dynamic> objects, [String separator = '']) =>
      _sink.add(objects.join(separator));
}

final class _CollectingStringSink extends StringConversionSink {
  final void Function(String accumulated) _callback;
  final StringBuffer _text = StringBuffer();

  _CollectingStringSink(this._callback);

  void add(String str) => _text.write(str);

  void addSlice(String chunk, int start, int end, bool isLast) {
    _text.write(chunk.substring(start, end));
    if (isLast) close();
  }

  void close() => _callback(_text.toString());
}

final class _StringSinkAdapter extends StringConversionSink {
  final Sink<String> _sink;

  _StringSinkAdapter(this._sink);

  void add(String str) => _sink.add(str);

  void addSlice(String chunk, int start, int end, bool isLast) {
    if (start == 0 && end == chunk.length) {
      add(chunk);
    } else {
      add(chunk.substring(start, end));
    }
    if (isLast) close();
  }

  void close() => _sink.close();
}

final class _StringSinkTarget extends StringConversionSink {
  final StringSink _sink;

  _StringSinkTarget(this._sink);

  void add(String str) => _sink.write(str);

  void addSlice(String chunk, int start, int end, bool isLast) {
    _sink.write(chunk.substring(start, end));
    if (isLast) close();
  }

  void close() {}
}

/// [sink] as one that takes slices.
StringConversionSink _asStringSink(Sink<String> sink) =>
    sink is StringConversionSink ? sink : StringConversionSink.from(sink);

ByteConversionSink _asByteSink(Sink<List<int>> sink) =>
    sink is ByteConversionSink ? sink : ByteConversionSink.from(sink);
