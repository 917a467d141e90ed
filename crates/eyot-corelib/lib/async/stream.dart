part of 'async.dart';

/// A source of asynchronous events.
///
/// Methods that give another stream are in stream_pipe.dart; those that give
/// a future read through a [_Reader].
abstract mixin class Stream<T> {
  const Stream();

  const factory Stream.empty({bool broadcast}) = _EmptyStream<T>;

  factory Stream.value(T value) => _streamOfOne<T>(value);

  factory Stream.error(Object error, [StackTrace? stackTrace]) =>
      _streamOfError<T>(error, stackTrace);

  factory Stream.fromFuture(Future<T> future) => _streamOfFuture<T>(future);

  factory Stream.fromFutures(Iterable<Future<T>> futures) =>
      _streamOfFutures<T>(futures);

  factory Stream.fromIterable(Iterable<T> elements) =>
      _IterableStream<T>(elements);

  factory Stream.multi(void Function(MultiStreamController<T>) onListen,
          {bool isBroadcast = false}) =>
      _MultiStream<T>(onListen, isBroadcast);

  factory Stream.periodic(Duration period,
          [T Function(int computationCount)? computation]) =>
      _periodicStream<T>(period, computation);

  factory Stream.eventTransformed(Stream<dynamic> source,
          EventSink<dynamic> Function(EventSink<T> sink) mapSink) =>
      _SinkStream<dynamic, T>(source, mapSink);

  static Stream<T> castFrom<S, T>(Stream<S> source) =>
      _CastStream<S, T>(source);

  StreamSubscription<T> listen(void Function(T event)? onData,
      {Function? onError, void Function()? onDone, bool? cancelOnError});

  bool get isBroadcast => false;

  // ---- other streams

  Stream<T> asBroadcastStream(
          {void Function(StreamSubscription<T> subscription)? onListen,
          void Function(StreamSubscription<T> subscription)? onCancel}) =>
      _SharedStream<T>(this, onListen, onCancel);

  Stream<T> where(bool Function(T event) test) => _WhereStream<T>(this, test);

  Stream<S> map<S>(S Function(T event) convert) =>
      _MapStream<T, S>(this, convert);

  Stream<E> asyncMap<E>(FutureOr<E> Function(T event) convert) =>
      _asyncMap<T, E>(this, convert);

  Stream<E> asyncExpand<E>(Stream<E>? Function(T event) convert) =>
      _asyncExpand<T, E>(this, convert);

  Stream<T> handleError(Function onError, {bool Function(dynamic error)? test}) {
    if (onError is! void Function(Object, StackTrace) &&
        onError is! void Function(Object)) {
      throw ArgumentError.value(
          onError,
          'onError',
          'Error handler must accept one Object or one Object and a StackTrace'
              ' as arguments.');
    }
    return _HandleErrorStream<T>(this, onError, test);
  }

  Stream<S> expand<S>(Iterable<S> Function(T element) convert) =>
      _ExpandStream<T, S>(this, convert);

  Stream<S> transform<S>(StreamTransformer<T, S> streamTransformer) =>
      streamTransformer.bind(this);

  Stream<R> cast<R>() => _CastStream<T, R>(this);

  Stream<T> take(int count) {
    RangeError.checkNotNegative(count, 'count');
    return _TakeStream<T>(this, count);
  }

  Stream<T> takeWhile(bool Function(T element) test) =>
      _TakeWhileStream<T>(this, test);

  Stream<T> skip(int count) {
    RangeError.checkNotNegative(count, 'count');
    return _SkipStream<T>(this, count);
  }

  Stream<T> skipWhile(bool Function(T element) test) =>
      _SkipWhileStream<T>(this, test);

  Stream<T> distinct([bool Function(T previous, T next)? equals]) =>
      _DistinctStream<T>(this, equals);

  Stream<T> timeout(Duration timeLimit,
          {void Function(EventSink<T> sink)? onTimeout}) =>
      _timeoutStream<T>(this, timeLimit, onTimeout);

  // ---- answers

  Future<dynamic> pipe(StreamConsumer<T> streamConsumer) =>
      _pipe<T>(this, streamConsumer);

  Future<T> reduce(T Function(T previous, T element) combine) {
    T? value;
    bool found = false;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      if (!found) throw _noElement();
      reader.done(value);
    });
    reader.each((T element) {
      if (found) {
        value = combine(value as T, element);
      } else {
        value = element;
        found = true;
      }
    });
    return reader.answer;
  }

  Future<S> fold<S>(S initialValue, S Function(S previous, T element) combine) {
    S value = initialValue;
    late final _Reader<T, S> reader;
    reader = _Reader<T, S>(this, () => reader.answer._completeValue(value));
    reader.each((T element) {
      value = combine(value, element);
    });
    return reader.answer;
  }

  Future<String> join([String separator = '']) {
    final buffer = StringBuffer();
    bool first = true;
    late final _Reader<T, String> reader;
    reader = _Reader<T, String>(this, () => reader.done(buffer.toString()));
    reader.each((T element) {
      if (!first) buffer.write(separator);
      first = false;
      buffer.write(element);
    });
    return reader.answer;
  }

  Future<bool> contains(Object? needle) {
    late final _Reader<T, bool> reader;
    reader = _Reader<T, bool>(this, () => reader.done(false));
    reader.each((T element) {
      if (element == needle) reader.cancelAndAnswer(true);
    });
    return reader.answer;
  }

  Future<void> forEach(void Function(T element) action) {
    late final _Reader<T, void> reader;
    reader = _Reader<T, void>(this, () => reader.done(null));
    reader.each(action);
    return reader.answer;
  }

  Future<bool> every(bool Function(T element) test) {
    late final _Reader<T, bool> reader;
    reader = _Reader<T, bool>(this, () => reader.done(true));
    reader.each((T element) {
      if (!test(element)) reader.cancelAndAnswer(false);
    });
    return reader.answer;
  }

  Future<bool> any(bool Function(T element) test) {
    late final _Reader<T, bool> reader;
    reader = _Reader<T, bool>(this, () => reader.done(false));
    reader.each((T element) {
      if (test(element)) reader.cancelAndAnswer(true);
    });
    return reader.answer;
  }

  Future<int> get length {
    int count = 0;
    late final _Reader<T, int> reader;
    reader = _Reader<T, int>(this, () => reader.done(count));
    reader.each((_) {
      count++;
    });
    return reader.answer;
  }

  Future<bool> get isEmpty {
    late final _Reader<T, bool> reader;
    reader = _Reader<T, bool>(this, () => reader.done(true));
    reader.each((_) => reader.cancelAndAnswer(false));
    return reader.answer;
  }

  Future<List<T>> toList() {
    final list = <T>[];
    late final _Reader<T, List<T>> reader;
    reader = _Reader<T, List<T>>(this, () => reader.done(list));
    reader.each(list.add);
    return reader.answer;
  }

  Future<Set<T>> toSet() {
    final set = <T>{};
    late final _Reader<T, Set<T>> reader;
    reader = _Reader<T, Set<T>>(this, () => reader.done(set));
    reader.each(set.add);
    return reader.answer;
  }

  Future<E> drain<E>([E? futureValue]) {
    final E value;
    if (futureValue == null) {
      value = futureValue as E;
    } else {
      value = futureValue;
    }
    return listen(null, cancelOnError: true).asFuture<E>(value);
  }

  Future<T> get first {
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () => throw _noElement());
    reader.each(_answerWith(reader));
    return reader.answer;
  }

  /// The event itself is the answer, even where it is a future.
  static void Function(T) _answerWith<T>(_Reader<T, T> reader) {
    return (T value) {
      final canceled = reader._subscription.cancel();
      if (identical(canceled, _nullFuture)) {
        reader.answer._completeValue(value);
      } else {
        canceled.whenComplete(() => reader.answer._completeValue(value));
      }
    };
  }

  Future<T> get last {
    T? value;
    bool found = false;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      if (!found) throw _noElement();
      reader.answer._completeValue(value);
    });
    reader.each((T element) {
      value = element;
      found = true;
    });
    return reader.answer;
  }

  Future<T> get single {
    T? value;
    bool found = false;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      if (!found) throw _noElement();
      reader.answer._completeValue(value);
    });
    reader.each((T element) {
      if (found) throw _tooMany();
      value = element;
      found = true;
    });
    return reader.answer;
  }

  Future<T> firstWhere(bool Function(T element) test, {T Function()? orElse}) {
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () => _answerElse(reader, orElse));
    reader.each((T element) {
      if (test(element)) reader.cancelAndAnswer(element);
    });
    return reader.answer;
  }

  Future<T> lastWhere(bool Function(T element) test, {T Function()? orElse}) {
    T? value;
    bool found = false;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      if (found) {
        reader.answer._completeValue(value);
      } else {
        _answerElse(reader, orElse);
      }
    });
    reader.each((T element) {
      if (test(element)) {
        value = element;
        found = true;
      }
    });
    return reader.answer;
  }

  Future<T> singleWhere(bool Function(T element) test, {T Function()? orElse}) {
    T? value;
    bool found = false;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      if (found) {
        reader.answer._completeValue(value);
      } else {
        _answerElse(reader, orElse);
      }
    });
    reader.each((T element) {
      if (!test(element)) return;
      if (found) throw _tooMany();
      value = element;
      found = true;
    });
    return reader.answer;
  }

  static void _answerElse<T>(_Reader<T, T> reader, T Function()? orElse) {
    if (orElse == null) throw _noElement();
    reader.answer._completeValue(orElse());
  }

  Future<T> elementAt(int index) {
    RangeError.checkNotNegative(index, 'index');
    int seen = 0;
    late final _Reader<T, T> reader;
    reader = _Reader<T, T>(this, () {
      throw IndexError.withLength(index, seen,
          indexable: this, name: 'index', message: 'no more elements');
    });
    reader.each((T element) {
      if (seen == index) {
        reader.cancelAndAnswer(element);
        return;
      }
      seen++;
    });
    return reader.answer;
  }
}
