part of 'convert.dart';

/// An encoder and a decoder that belong together.
abstract mixin class Codec<S, T> {
  const Codec();

  T encode(S input) => encoder.convert(input);

  S decode(T encoded) => decoder.convert(encoded);

  Converter<S, T> get encoder;

  Converter<T, S> get decoder;

  Codec<S, R> fuse<R>(Codec<T, R> other) => _FusedCodec<S, T, R>(this, other);

  Codec<T, S> get inverted => _InvertedCodec<T, S>(this);
}

final class _FusedCodec<S, M, T> extends Codec<S, T> {
  final Codec<S, M> _first;
  final Codec<M, T> _second;

  _FusedCodec(this._first, this._second);

  Converter<S, T> get encoder => _first.encoder.fuse<T>(_second.encoder);

  Converter<T, S> get decoder => _second.decoder.fuse<S>(_first.decoder);
}

final class _InvertedCodec<T, S> extends Codec<T, S> {
  final Codec<S, T> _codec;

  _InvertedCodec(this._codec);

  Converter<T, S> get encoder => _codec.decoder;

  Converter<S, T> get decoder => _codec.encoder;

  Codec<S, T> get inverted => _codec;
}

/// Turns an [S] into a [T], whole or in chunks.
abstract mixin class Converter<S, T> implements StreamTransformerBase<S, T> {
  const Converter();

  static Converter<TS, TT> castFrom<SS, ST, TS, TT>(Converter<SS, ST> source) =>
      _CastConverter<SS, ST, TS, TT>(source);

  T convert(S input);

  Converter<S, TT> fuse<TT>(Converter<T, TT> other) =>
      _FusedConverter<S, T, TT>(this, other);

  Sink<S> startChunkedConversion(Sink<T> sink) {
    throw UnsupportedError(
        'This converter does not support chunked conversions: $this');
  }

  Stream<T> bind(Stream<S> stream) => Stream<T>.eventTransformed(
      stream, (EventSink<T> sink) => _ConverterSink<S, T>(this, sink));

  Converter<RS, RT> cast<RS, RT>() => Converter.castFrom<S, T, RS, RT>(this);
}

final class _FusedConverter<S, M, T> extends Converter<S, T> {
  final Converter<S, M> _first;
  final Converter<M, T> _second;

  _FusedConverter(this._first, this._second);

  T convert(S input) => _second.convert(_first.convert(input));

  Sink<S> startChunkedConversion(Sink<T> sink) =>
      _first.startChunkedConversion(_second.startChunkedConversion(sink));
}

final class _CastConverter<SS, ST, TS, TT> extends Converter<TS, TT> {
  final Converter<SS, ST> _source;

  _CastConverter(this._source);

  TT convert(TS input) => _source.convert(input as SS) as TT;

  Stream<TT> bind(Stream<TS> stream) =>
      _source.bind(stream.cast<SS>()).cast<TT>();

  Converter<RS, RT> cast<RS, RT>() => _CastConverter<SS, ST, RS, RT>(_source);
}

/// Runs a chunked conversion inside a stream.
final class _ConverterSink<S, T> implements EventSink<S> {
  final EventSink<T> _out;
  final Sink<S> _chunks;

  _ConverterSink(Converter<S, T> converter, EventSink<T> sink)
      : _out = sink,
        _chunks = converter.startChunkedConversion(sink);

  void add(S event) => _chunks.add(event);

  void addError(Object error, [StackTrace? stackTrace]) =>
      _out.addError(error, stackTrace);

  void close() => _chunks.close();
}
