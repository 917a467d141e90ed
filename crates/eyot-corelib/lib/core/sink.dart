part of 'core.dart';

/// A destination for values of type [T].
abstract interface class Sink<T> {
  void add(T data);

  void close();
}

/// A destination for text.
abstract interface class StringSink {
  void write(Object? object);

  void writeAll(Iterable<dynamic> objects, [String separator = '']);

  void writeln([Object? object = '']);

  void writeCharCode(int charCode);
}
