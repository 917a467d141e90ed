part of 'io.dart';

/// The parameters of compression.
abstract final class ZLibOption {
  static const int minWindowBits = 8;
  static const int maxWindowBits = 15;
  static const int defaultWindowBits = 15;
  static const int minLevel = -1;
  static const int maxLevel = 9;
  static const int defaultLevel = 6;
  static const int minMemLevel = 1;
  static const int maxMemLevel = 9;
  static const int defaultMemLevel = 8;
  static const int strategyFiltered = 1;
  static const int strategyHuffmanOnly = 2;
  static const int strategyRle = 3;
  static const int strategyFixed = 4;
  static const int strategyDefault = 0;
}

const ZLibCodec zlib = ZLibCodec._default();

const GZipCodec gzip = GZipCodec._default();

void _checkRange(int value, int low, int high, String name) {
  if (value < low || value > high) {
    throw RangeError.range(value, low, high, name);
  }
}

void _checkParameters(int level, int windowBits, int memLevel, int strategy) {
  _checkRange(level, ZLibOption.minLevel, ZLibOption.maxLevel, 'level');
  _checkRange(memLevel, ZLibOption.minMemLevel, ZLibOption.maxMemLevel,
      'memLevel');
  const strategies = [0, 1, 2, 3, 4];
  if (!strategies.contains(strategy)) {
    throw ArgumentError("Unsupported 'strategy'");
  }
  _checkWindowBits(windowBits);
}

void _checkWindowBits(int windowBits) => _checkRange(windowBits,
    ZLibOption.minWindowBits, ZLibOption.maxWindowBits, 'windowBits');

/// The zlib format, or with [raw] the bare stream.
final class ZLibCodec extends Codec<List<int>, List<int>> {
  final bool gzip;
  final int level;
  final int memLevel;
  final int strategy;
  final int windowBits;
  final bool raw;
  final List<int>? dictionary;

  ZLibCodec(
      {this.level = ZLibOption.defaultLevel,
      this.windowBits = ZLibOption.defaultWindowBits,
      this.memLevel = ZLibOption.defaultMemLevel,
      this.strategy = ZLibOption.strategyDefault,
      this.dictionary,
      this.raw = false,
      this.gzip = false}) {
    _checkParameters(level, windowBits, memLevel, strategy);
  }

  const ZLibCodec._default()
      : level = ZLibOption.defaultLevel,
        windowBits = ZLibOption.defaultWindowBits,
        memLevel = ZLibOption.defaultMemLevel,
        strategy = ZLibOption.strategyDefault,
        raw = false,
        gzip = false,
        dictionary = null;

  ZLibEncoder get encoder => ZLibEncoder(
      gzip: false,
      level: level,
      windowBits: windowBits,
      memLevel: memLevel,
      strategy: strategy,
      dictionary: dictionary,
      raw: raw);

  ZLibDecoder get decoder =>
      ZLibDecoder(windowBits: windowBits, dictionary: dictionary, raw: raw);
}

/// The gzip format.
final class GZipCodec extends Codec<List<int>, List<int>> {
  final bool gzip;
  final int level;
  final int memLevel;
  final int strategy;
  final int windowBits;
  final List<int>? dictionary;
  final bool raw;

  GZipCodec(
      {this.level = ZLibOption.defaultLevel,
      this.windowBits = ZLibOption.defaultWindowBits,
      this.memLevel = ZLibOption.defaultMemLevel,
      this.strategy = ZLibOption.strategyDefault,
      this.dictionary,
      this.raw = false,
      this.gzip = true}) {
    _checkParameters(level, windowBits, memLevel, strategy);
  }

  const GZipCodec._default()
      : level = ZLibOption.defaultLevel,
        windowBits = ZLibOption.defaultWindowBits,
        memLevel = ZLibOption.defaultMemLevel,
        strategy = ZLibOption.strategyDefault,
        raw = false,
        gzip = true,
        dictionary = null;

  ZLibEncoder get encoder => ZLibEncoder(
      gzip: true,
      level: level,
      windowBits: windowBits,
      memLevel: memLevel,
      strategy: strategy,
      dictionary: dictionary,
      raw: raw);

  ZLibDecoder get decoder => ZLibDecoder(
      gzip: true,
      windowBits: windowBits,
      dictionary: dictionary,
      raw: raw);
}

final class ZLibEncoder extends Converter<List<int>, List<int>> {
  final bool gzip;
  final int level;
  final int memLevel;
  final int strategy;
  final int windowBits;
  final List<int>? dictionary;
  final bool raw;

  ZLibEncoder(
      {this.gzip = false,
      this.level = ZLibOption.defaultLevel,
      this.windowBits = ZLibOption.defaultWindowBits,
      this.memLevel = ZLibOption.defaultMemLevel,
      this.strategy = ZLibOption.strategyDefault,
      this.dictionary,
      this.raw = false}) {
    _checkParameters(level, windowBits, memLevel, strategy);
  }

  List<int> convert(List<int> bytes) => _convertBytes(this, bytes);

  ByteConversionSink startChunkedConversion(Sink<List<int>> sink) =>
      _FilterSink(sink, _deflater(gzip, level, windowBits, memLevel, strategy,
          dictionary, raw));
}

final class ZLibDecoder extends Converter<List<int>, List<int>> {
  final bool gzip;
  final int windowBits;
  final List<int>? dictionary;
  final bool raw;

  ZLibDecoder(
      {this.gzip = false,
      this.windowBits = ZLibOption.defaultWindowBits,
      this.dictionary,
      this.raw = false}) {
    _checkWindowBits(windowBits);
  }

  List<int> convert(List<int> bytes) => _convertBytes(this, bytes);

  ByteConversionSink startChunkedConversion(Sink<List<int>> sink) =>
      _FilterSink(sink, _inflater(gzip, windowBits, dictionary, raw));
}

List<int> _convertBytes(
    Converter<List<int>, List<int>> converter, List<int> bytes) {
  final collected = BytesBuilder(copy: false);
  converter.startChunkedConversion(_BuilderSink(collected))
    ..add(bytes)
    ..close();
  return collected.takeBytes();
}

final class _BuilderSink implements Sink<List<int>> {
  final BytesBuilder _builder;

  _BuilderSink(this._builder);

  void add(List<int> data) => _builder.add(data);

  void close() {}
}

// ---- filters

/// Native: a handle of a stream that compresses; 0 if it makes no sense.
/// Window bits: negative without any frame, 16 more for gzip's.
external int _zlibDeflate(int level, int windowBits, int memLevel,
    int strategy, Uint8List dictionary);

/// Native: a handle of a stream that decompresses; window bits likewise, 32
/// more for either frame.
external int _zlibInflate(int windowBits, Uint8List dictionary);

/// Native: the output for `input[start .. end)`; null if that makes no sense.
/// [taken] gets how many bytes were taken, and whether there is more output.
external Uint8List? _zlibStep(int handle, Uint8List input, int start, int end,
    int flush, List<Object?> taken);

/// Native: whether the compressed stream is complete.
external bool _zlibHasEnded(int handle);

/// Native: gives the stream's memory back.
external void _zlibEnd(int handle);

const int _flushNone = 0;
const int _flushSync = 2;
const int _flushFinish = 4;

int _deflater(bool gzip, int level, int windowBits, int memLevel, int strategy,
    List<int>? dictionary, bool raw) {
  // A window of 8 bits is one that zlib itself writes only in its own frame.
  final window = windowBits == 8 ? 9 : windowBits;
  final bits = raw ? -window : (gzip ? window + 16 : windowBits);
  final handle = _zlibDeflate(
      level, bits, memLevel, strategy, _asBytes(dictionary ?? const []));
  if (handle == 0) throw const FormatException('Could not initialize the deflater');
  return handle;
}

int _inflater(bool gzip, int windowBits, List<int>? dictionary, bool raw) {
  // Without a wish either frame is understood.
  final bits = raw ? -windowBits : windowBits + 32;
  final handle = _zlibInflate(bits, _asBytes(dictionary ?? const []));
  if (handle == 0) throw const FormatException('Could not initialize the inflater');
  return handle;
}

/// Compression or decompression by hand, as WebSocket needs it.
abstract interface class RawZLibFilter {
  factory RawZLibFilter.deflateFilter(
      {bool gzip = false,
      int level = ZLibOption.defaultLevel,
      int windowBits = ZLibOption.defaultWindowBits,
      int memLevel = ZLibOption.defaultMemLevel,
      int strategy = ZLibOption.strategyDefault,
      List<int>? dictionary,
      bool raw = false}) {
    _checkParameters(level, windowBits, memLevel, strategy);
    return _RawFilter(_deflater(
        gzip, level, windowBits, memLevel, strategy, dictionary, raw));
  }

  factory RawZLibFilter.inflateFilter(
      {bool gzip = false,
      int windowBits = ZLibOption.defaultWindowBits,
      List<int>? dictionary,
      bool raw = false}) {
    _checkWindowBits(windowBits);
    return _RawFilter(_inflater(gzip, windowBits, dictionary, raw));
  }

  void process(List<int> data, int start, int end);

  List<int>? processed({bool flush = true, bool end = false});
}

/// A filter is never closed: its memory goes with the isolate, or with the
/// sink or connection that has it.
@pragma('vm:isolate-unsendable')
final class _RawFilter implements RawZLibFilter {
  int _handle;
  Uint8List _input = Uint8List(0);
  int _start = 0;
  int _end = 0;
  bool _isFlushed = true;
  final List<Object?> _taken = [0, false];

  _RawFilter(this._handle);

  void process(List<int> data, int start, int end) {
    RangeError.checkValidRange(start, end, data.length);
    if (_start < _end) {
      throw StateError('Call to Process while still processing data');
    }
    _input = _asBytes(data);
    _start = start;
    _end = end;
    _isFlushed = false;
  }

  Uint8List? processed({bool flush = true, bool end = false}) {
    if (_handle == 0) return null;
    if (_isFlushed && !flush && !end) return null;
    Uint8List? output;
    int taken;
    // A step takes a part of a large input.
    do {
      output = _zlibStep(_handle, _input, _start, _end,
          end ? _flushFinish : (flush ? _flushSync : _flushNone), _taken);
      if (output == null) throw const FormatException('Filter error, bad data');
      taken = unsafeCast<int>(_taken[0]);
      _start += taken;
    } while (output.isEmpty && taken > 0 && _start < _end);
    if (output.isEmpty) {
      _isFlushed = true;
      _input = Uint8List(0);
      _start = 0;
      _end = 0;
      return null;
    }
    return output;
  }

  bool get hasEnded => _handle == 0 || _zlibHasEnded(_handle);

  void release() {
    if (_handle != 0) _zlibEnd(_handle);
    _handle = 0;
  }
}

/// Feeds a filter and passes on what comes out.
final class _FilterSink extends ByteConversionSink {
  final Sink<List<int>> _sink;
  final _RawFilter _filter;
  bool _isClosed = false;
  bool _isEmpty = true;

  _FilterSink(this._sink, int handle) : _filter = _RawFilter(handle);

  void add(List<int> data) => addSlice(data, 0, data.length, false);

  void addSlice(List<int> data, int start, int end, bool isLast) {
    RangeError.checkValidRange(start, end, data.length);
    if (_isClosed) return;
    if (start < end) {
      _isEmpty = false;
      try {
        _filter.process(data, start, end);
        _drain(false);
      } catch (_) {
        _isClosed = true;
        _filter.release();
        rethrow;
      }
    }
    if (isLast) close();
  }

  void _drain(bool end) {
    while (true) {
      final output = _filter.processed(flush: false, end: end);
      if (output == null) return;
      _sink.add(output);
    }
  }

  void close() {
    if (_isClosed) return;
    _isClosed = true;
    // Nothing at all is accepted as the compressed form of nothing.
    if (_isEmpty) _filter.process(Uint8List(0), 0, 0);
    try {
      _drain(true);
    } finally {
      _filter.release();
    }
    _sink.close();
  }
}
