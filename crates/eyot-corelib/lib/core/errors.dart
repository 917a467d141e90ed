part of 'core.dart';

/// A program failure that the programmer should have avoided.
class Error {
  /// Set by the runtime when the error is first thrown.
  StackTrace? _stackTrace;

  Error();

  /// Text for [object] that is safe to make while something is wrong: only
  /// strings, numbers, booleans and `null` show their value.
  static String safeToString(Object? object) {
    if (object is num || object is bool || object == null) {
      return object.toString();
    }
    if (object is String) return _quoted(object);
    if (object is Function || object is Type) return object.toString();
    return _sizeText(object) ?? "Instance of '${_classNameOf(object)}'";
  }

  /// For a collection of the language itself: what it is and how much is in it,
  /// since its `toString` runs code of its elements. Null for others.
  static String? _sizeText(Object object) {
    if (object is _GrowableList) {
      return "Instance(length:${object.length}) of '_GrowableList'";
    }
    if (object is _List) return '_List len:${object.length}';
    if (object is _ImmutableList) return '_ImmutableList len:${object.length}';
    // Nobody else can implement these two.
    final int length;
    if (object is LinkedHashMap) {
      length = object.length;
    } else if (object is LinkedHashSet) {
      length = object.length;
    } else {
      return null;
    }
    final name = _classNameOf(object);
    return '${name.substring(0, name.indexOf('<'))} len:$length';
  }

  static String _quoted(String text) {
    final buffer = StringBuffer('"');
    for (int i = 0; i < text.length; i++) {
      final unit = text.codeUnitAt(i);
      if (unit == 0x22) {
        buffer.write(r'\"');
      } else if (unit == 0x5c) {
        buffer.write(r'\\');
      } else if (unit == 0x0a) {
        buffer.write(r'\n');
      } else if (unit == 0x0d) {
        buffer.write(r'\r');
      } else if (unit == 0x09) {
        buffer.write(r'\t');
      } else if (unit < 0x20 || unit == 0x7f) {
        buffer.write(r'\x');
        buffer.write(unit.toRadixString(16).padLeft(2, '0'));
      } else {
        buffer.writeCharCode(unit);
      }
    }
    buffer.write('"');
    return buffer.toString();
  }

  StackTrace? get stackTrace => _stackTrace;

  /// Throws [error] with [stackTrace] as where it came from.
  static Never throwWithStackTrace(Object error, StackTrace stackTrace) {
    if (error is Error && error._stackTrace == null) {
      error._stackTrace = stackTrace;
    }
    _throwWithTrace(error, stackTrace);
  }
}

/// Native (an instruction of the interpreter): throws [error], and the
/// handler's stack trace is [stackTrace] instead of the place of this call.
external Never _throwWithTrace(Object error, StackTrace stackTrace);

/// Thrown by a failing `assert`.
class AssertionError extends Error {
  final Object? message;

  AssertionError([this.message]);

  String toString() {
    if (message == null) return 'Assertion failed';
    return 'Assertion failed: ${Error.safeToString(message)}';
  }
}

/// What the runtime throws for a failing `assert`: it also tells the place.
class _PlacedAssertionError extends AssertionError {
  final String _condition;
  final String _url;
  final int _line;
  final int _column;

  _PlacedAssertionError(
      Object? message, this._condition, this._url, this._line, this._column)
      : super(message);

  String toString() {
    final said = message == null ? 'is not true.' : message.toString();
    if (_url.isEmpty) return 'Failed assertion: $said';
    final place = "'$_url': Failed assertion: line $_line pos $_column: ";
    return "$place'$_condition': $said";
  }
}

/// Thrown by a failing cast or an implicit check.
class TypeError extends Error {
  TypeError();
}

/// A [TypeError] with the text that the runtime made for it.
class _TypeError extends TypeError {
  final String _message;

  _TypeError(this._message);

  String toString() => _message;
}

/// A call got an argument that it cannot work with.
class ArgumentError extends Error {
  final bool _hasValue;

  final dynamic invalidValue;

  final String? name;

  final dynamic message;

  ArgumentError([this.message, this.name])
      : invalidValue = null,
        _hasValue = false;

  ArgumentError.value(dynamic value, [this.name, this.message])
      : invalidValue = value,
        _hasValue = true;

  ArgumentError.notNull([this.name])
      : _hasValue = false,
        message = 'Must not be null',
        invalidValue = null;

  static T checkNotNull<T>(T? argument, [String? name]) {
    if (argument == null) throw ArgumentError.notNull(name);
    return argument;
  }

  String get _errorName => _hasValue ? 'Invalid argument' : 'Invalid argument(s)';

  String get _errorExplanation => '';

  String toString() {
    final buffer = StringBuffer(_errorName);
    final name = this.name;
    if (name != null) {
      buffer.write(' (');
      buffer.write(name);
      buffer.write(')');
    }
    final Object? message = this.message;
    if (message != null) {
      buffer.write(': ');
      buffer.write(message);
    }
    if (_hasValue) {
      buffer.write(_errorExplanation);
      buffer.write(': ');
      buffer.write(Error.safeToString(invalidValue));
    }
    return buffer.toString();
  }
}

/// A value lies outside the range that it has to be in.
class RangeError extends ArgumentError {
  /// Least valid value, where known.
  final num? start;

  /// Greatest valid value, where known.
  final num? end;

  num? get invalidValue => super.invalidValue as num?;

  RangeError(dynamic message)
      : start = null,
        end = null,
        super(message);

  RangeError.value(num value, [String? name, String? message])
      : start = null,
        end = null,
        super.value(value, name, message ?? 'Value not in range');

  RangeError.range(num invalidValue, int? minValue, int? maxValue,
      [String? name, String? message])
      : start = minValue,
        end = maxValue,
        super.value(invalidValue, name, message ?? 'Invalid value');

  factory RangeError.index(int index, dynamic indexable,
      [String? name, String? message, int? length]) = IndexError;

  static int checkValueInInterval(int value, int minValue, int maxValue,
      [String? name, String? message]) {
    if (value < minValue || value > maxValue) {
      throw RangeError.range(value, minValue, maxValue, name, message);
    }
    return value;
  }

  static int checkValidIndex(int index, dynamic indexable,
      [String? name, int? length, String? message]) {
    final int count = length ?? (indexable.length as int);
    if (index < 0 || index >= count) {
      throw IndexError.withLength(index, count,
          indexable: indexable, name: name ?? 'index', message: message);
    }
    return index;
  }

  static int checkValidRange(int start, int? end, int length,
      [String? startName, String? endName, String? message]) {
    if (start < 0 || start > length) {
      throw RangeError.range(start, 0, length, startName ?? 'start', message);
    }
    if (end == null) return length;
    if (end < start || end > length) {
      throw RangeError.range(end, start, length, endName ?? 'end', message);
    }
    return end;
  }

  static int checkNotNegative(int value, [String? name, String? message]) {
    if (value < 0) {
      throw RangeError.range(value, 0, null, name ?? 'index', message);
    }
    return value;
  }

  String get _errorName => 'RangeError';

  String get _errorExplanation {
    final start = this.start;
    final end = this.end;
    if (start == null) {
      return end == null ? '' : ': Not less than or equal to $end';
    }
    if (end == null) return ': Not greater than or equal to $start';
    if (end > start) return ': Not in inclusive range $start..$end';
    if (end < start) return ': Valid value range is empty';
    return ': Only valid value is $start';
  }
}

/// An index is not one of those that [indexable] has.
class IndexError extends ArgumentError implements RangeError {
  final Object? indexable;

  final int length;

  int get invalidValue => super.invalidValue as int;

  IndexError(int invalidValue, dynamic indexable,
      [String? name, String? message, int? length])
      : indexable = indexable,
        length = length ?? (indexable.length as int),
        super.value(invalidValue, name, message ?? 'Index out of range');

  IndexError.withLength(int invalidValue, this.length,
      {this.indexable, String? name, String? message})
      : super.value(invalidValue, name, message ?? 'Index out of range');

  static int check(int index, int length,
      {Object? indexable, String? name, String? message}) {
    if (index < 0 || index >= length) {
      throw IndexError.withLength(index, length,
          indexable: indexable, name: name ?? 'index', message: message);
    }
    return index;
  }

  int get start => 0;

  int get end => length - 1;

  String get _errorName => 'RangeError';

  String get _errorExplanation {
    if (invalidValue < 0) return ': index must not be negative';
    if (length == 0) return ': no indices are valid';
    return ': index should be less than $length';
  }
}

/// An operation that this object does not support.
class UnsupportedError extends Error {
  final String? message;

  UnsupportedError(String this.message);

  String toString() => 'Unsupported operation: $message';
}

/// An operation that is not written yet.
class UnimplementedError extends Error implements UnsupportedError {
  final String? message;

  UnimplementedError([this.message]);

  String toString() {
    final message = this.message;
    return message == null ? 'UnimplementedError' : 'UnimplementedError: $message';
  }
}

/// An operation that the current state of the object does not allow.
class StateError extends Error {
  final String message;

  StateError(this.message);

  String toString() => 'Bad state: $message';
}

/// A collection was changed while it was being walked over.
class ConcurrentModificationError extends Error {
  final Object? modifiedObject;

  ConcurrentModificationError([this.modifiedObject]);

  String toString() {
    if (modifiedObject == null) {
      return 'Concurrent modification during iteration.';
    }
    return 'Concurrent modification during iteration: '
        '${Error.safeToString(modifiedObject)}.';
  }
}

/// The memory limit of the isolate is reached.
final class OutOfMemoryError implements Error {
  const OutOfMemoryError();

  StackTrace? get stackTrace => null;

  StackTrace? get _stackTrace => null;

  void set _stackTrace(StackTrace? trace) {}

  String toString() => 'Out of Memory';
}

/// Calls are nested too deeply.
final class StackOverflowError implements Error {
  const StackOverflowError();

  StackTrace? get stackTrace => null;

  StackTrace? get _stackTrace => null;

  void set _stackTrace(StackTrace? trace) {}

  String toString() => 'Stack Overflow';
}
