part of 'convert.dart';

String _encodeJson(Object? object, Object? Function(dynamic)? toEncodable,
        String? indent) =>
    unsafeCast<String>(_writeJson(object, toEncodable, indent, false));

/// The text of [object]: a string, or bytes if [isUtf8].
Object? _writeJson(Object? object, Object? Function(dynamic)? toEncodable,
    String? indent, bool isUtf8) {
  final step =
      _jsonWrite(const [], object, null, indent, _jsonValue, isUtf8);
  if (unsafeCast<int>(step[0]) & 7 == _jsonWritten) return step[2];
  return _JsonWriter(toEncodable ?? _callToJson, indent, isUtf8).goOn(step);
}

/// Native: writes a stretch of JSON text. [open] is what the last step
/// answered, at first empty: a code, a value, the piece of text that was
/// written (a string, or bytes if [isUtf8]), and four values for each open
/// container, the outermost first, of which the first is the container.
///
/// [how] says what to go on with: 0 writes [value], 1 goes on where the last
/// step stopped, 2 writes the list [value] by its elements [data], 3 the map
/// [value] by its keys and values [data] (both VM lists), 4 writes [value] in
/// place of the object [data].
///
/// The code's low bits are one of 0, there is more to write; 1, all is
/// written; 2, the value in the answer is of no kind known here; 3, it
/// contains itself. With 2, bit 4 says that the value is one of those that are
/// open, bit 5 that it stands in place of the innermost open object.
external List<Object?> _jsonWrite(List<Object?> open, Object? value,
    Object? data, String? indent, int how, bool isUtf8);

/// Native: the bytes of all [pieces], each a [Uint8List].
external Uint8List _jsonJoin(List<Object?> pieces);

const int _jsonValue = 0;
const int _jsonResume = 1;
const int _jsonList = 2;
const int _jsonMap = 3;
const int _jsonEncodable = 4;

const int _jsonWritten = 1;
const int _jsonUnknown = 2;
const int _jsonCyclic = 3;
const int _jsonIsOpen = 1 << 4;
const int _jsonIsEncodable = 1 << 5;

/// The default way to make an object encodable.
Object? _callToJson(dynamic object) => object.toJson();

/// Text that takes more than one step. What the natives do not know is done
/// here: lists and maps that are not the libraries' own, and objects.
final class _JsonWriter {
  /// As many values of a step as there may be where an object is made
  /// encodable: one that never ends is not to fill the memory.
  static const int _openMax = 40000;

  final Object? Function(dynamic) _toEncodable;
  final String? _indent;
  final bool _isUtf8;
  final List<Object?> _pieces = [];

  _JsonWriter(this._toEncodable, this._indent, this._isUtf8);

  Object goOn(List<Object?> first) {
    List<Object?> step = first;
    while (true) {
      _pieces.add(step[2]);
      final code = unsafeCast<int>(step[0]);
      switch (code & 7) {
        case _jsonWritten:
          return _isUtf8 ? _jsonJoin(_pieces) : _text;
        case _jsonCyclic:
          throw JsonCyclicError(step[1]);
        case _jsonUnknown:
          step = _writeUnknown(step, code);
        default:
          step = _write(step, null, null, _jsonResume);
      }
    }
  }

  List<Object?> _write(
          List<Object?> open, Object? value, Object? data, int how) =>
      _jsonWrite(open, value, data, _indent, how, _isUtf8);

  /// What has been written.
  String get _text => _isUtf8
      ? utf8.decode(_jsonJoin(_pieces), allowMalformed: true)
      : _pieces.join();

  List<Object?> _writeUnknown(List<Object?> open, int code) {
    final object = open[1];
    final isOpen = code & _jsonIsOpen != 0;
    if (object is List<Object?>) {
      if (isOpen) throw JsonCyclicError(object);
      return _write(open, object, _elements(object), _jsonList);
    }
    if (object is Map<Object?, Object?>) {
      if (isOpen) throw JsonCyclicError(object);
      final entries = _entries(object);
      if (entries != null) return _write(open, object, entries, _jsonMap);
    }
    if (code & _jsonIsEncodable != 0) {
      throw JsonUnsupportedObjectError(open[open.length - 4],
          partialResult: _text);
    }
    if (isOpen) throw JsonCyclicError(object);
    if (open.length > _openMax) throw const StackOverflowError();
    final Object? encodable;
    try {
      encodable = _toEncodable(object);
    } catch (error) {
      throw JsonUnsupportedObjectError(object,
          cause: error, partialResult: _text);
    }
    return _write(open, encodable, object, _jsonEncodable);
  }

  static List<Object?> _elements(List<Object?> list) =>
      [for (int i = 0; i < list.length; i++) list[i]];

  /// Keys and values in turn; null if a key is not a string.
  static List<Object?>? _entries(Map<Object?, Object?> map) {
    bool isText = true;
    final entries = <Object?>[];
    map.forEach((key, value) {
      if (key is! String) isText = false;
      entries
        ..add(key)
        ..add(value);
    });
    return isText ? entries : null;
  }
}
