part of 'convert.dart';

String _encodeJson(Object? object, Object? Function(dynamic)? toEncodable,
    String? indent) {
  final writer = _JsonWriter(toEncodable, indent);
  writer.writeValue(object);
  return writer._out.toString();
}

/// Native: [text] with everything escaped that must not stand in a JSON
/// string as it is (quote, backslash, below U+0020, U+007F not, lone
/// surrogates), without quotes around it; [text] itself if there is nothing.
external String _jsonEscape(String text);

/// The default way to make an object encodable.
Object? _callToJson(dynamic object) => object.toJson();

final class _JsonWriter {
  final StringBuffer _out = StringBuffer();
  final Object? Function(dynamic) _toEncodable;
  final String? _indent;
  int _level = 0;

  /// The containers around what is being written.
  final List<Object?> _open = [];

  _JsonWriter(Object? Function(dynamic)? toEncodable, this._indent)
      : _toEncodable = toEncodable ?? _callToJson;

  void writeValue(Object? object) {
    if (_write(object)) return;
    _push(object);
    final Object? encodable;
    try {
      encodable = _toEncodable(object);
    } catch (error) {
      throw JsonUnsupportedObjectError(object,
          cause: error, partialResult: _out.toString());
    }
    if (!_write(encodable)) {
      throw JsonUnsupportedObjectError(object,
          partialResult: _out.toString());
    }
    _open.removeLast();
  }

  /// Whether [object] has a JSON form of its own.
  bool _write(Object? object) {
    if (object is String) {
      _writeString(object);
    } else if (object is num) {
      if (object is double && !object.isFinite) return false;
      _out.write(object);
    } else if (object == null) {
      _out.write('null');
    } else if (object is bool) {
      _out.write(object ? 'true' : 'false');
    } else if (object is List<Object?>) {
      _push(object);
      _writeList(object);
      _open.removeLast();
    } else if (object is Map<Object?, Object?>) {
      _push(object);
      final written = _writeMap(object);
      _open.removeLast();
      return written;
    } else {
      return false;
    }
    return true;
  }

  void _push(Object? object) {
    final open = _open;
    for (int i = 0; i < open.length; i++) {
      if (identical(open[i], object)) throw JsonCyclicError(object);
    }
    open.add(object);
  }

  void _writeString(String text) {
    _out.write('"');
    _out.write(_jsonEscape(text));
    _out.write('"');
  }

  void _writeList(List<Object?> list) {
    if (list.isEmpty) {
      _out.write('[]');
      return;
    }
    _out.write('[');
    _level++;
    for (int i = 0; i < list.length; i++) {
      if (i > 0) _out.write(',');
      _newLine();
      writeValue(list[i]);
    }
    _level--;
    _newLine();
    _out.write(']');
  }

  /// Writes nothing, and answers false, if a key is not a string.
  bool _writeMap(Map<Object?, Object?> map) {
    if (map.isEmpty) {
      _out.write('{}');
      return true;
    }
    for (final key in map.keys) {
      if (key is! String) return false;
    }
    _out.write('{');
    _level++;
    bool isFirst = true;
    for (final entry in map.entries) {
      if (!isFirst) _out.write(',');
      isFirst = false;
      _newLine();
      _writeString(unsafeCast<String>(entry.key));
      _out.write(_indent == null ? ':' : ': ');
      writeValue(entry.value);
    }
    _level--;
    _newLine();
    _out.write('}');
    return true;
  }

  void _newLine() {
    final indent = _indent;
    if (indent == null) return;
    _out.write('\n');
    for (int i = 0; i < _level; i++) {
      _out.write(indent);
    }
  }
}
