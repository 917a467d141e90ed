part of 'core.dart';

// The string operations that take any Pattern. Those that take a String are
// natives; these walk over matches, and may call the program's functions.

class _StringMatch implements Match {
  final int start;
  final String input;
  final String pattern;

  const _StringMatch(this.start, this.input, this.pattern);

  int get end => start + pattern.length;

  int get groupCount => 0;

  String operator [](int group) => this.group(group);

  String group(int group) {
    if (group != 0) throw RangeError.value(group);
    return pattern;
  }

  List<String> groups(List<int> groupIndices) {
    final result = <String>[];
    for (final index in groupIndices) {
      result.add(group(index));
    }
    return result;
  }
}

/// The places of a string in another, found as the iterator asks.
class _StringMatches extends Iterable<Match> {
  final String _input;
  final String _text;
  final int _start;

  _StringMatches(this._input, this._text, this._start);

  Iterator<Match> get iterator => _StringMatchIterator(_input, _text, _start);

  Match get first {
    final at = _input._find(_text, _start);
    if (at < 0) throw IterableElementError.noElement();
    return _StringMatch(at, _input, _text);
  }
}

class _StringMatchIterator implements Iterator<Match> {
  final String _input;
  final String _text;

  /// Where to search next, -1 when done.
  int _next;

  Match? _current;

  _StringMatchIterator(this._input, this._text, this._next);

  Match get current => unsafeCast<Match>(_current);

  bool moveNext() {
    final from = _next;
    if (from < 0 || from > _input.length) {
      _current = null;
      return false;
    }
    final at = _input._find(_text, from);
    if (at < 0) {
      _next = -1;
      _current = null;
      return false;
    }
    final length = _text.length;
    _next = at + (length == 0 ? 1 : length);
    _current = _StringMatch(at, _input, _text);
    return true;
  }
}

String _replaceFirst(String input, Pattern from, String to,
    String Function(Match)? replace, int startIndex) {
  if (startIndex < 0 || startIndex > input.length) {
    throw RangeError.range(startIndex, 0, input.length, 'startIndex');
  }
  if (replace == null && from is String) {
    final at = input._find(from, startIndex);
    if (at < 0) return input;
    return _concat3(input._substring(0, at), to,
        input._substring(at + from.length, input.length));
  }
  final matches = from.allMatches(input, startIndex).iterator;
  if (!matches.moveNext()) return input;
  final match = matches.current;
  final replacement = replace == null ? to : replace(match);
  return input.replaceRange(match.start, match.end, replacement);
}

String _replaceAllMapped(
    String input, Pattern from, String to, String Function(Match)? replace) {
  final buffer = StringBuffer();
  int copied = 0;
  for (final match in from.allMatches(input)) {
    buffer._writeRange(input, copied, match.start);
    buffer._writeText(replace == null ? to : replace(match));
    copied = match.end;
  }
  if (copied == 0 && buffer.isEmpty) return input;
  buffer._writeRange(input, copied, input.length);
  return buffer.toString();
}

List<String> _splitPattern(String input, Pattern pattern) {
  final parts = <String>[];
  final length = input.length;
  if (length == 0) {
    // Nothing to split, unless the pattern matches the empty string.
    if (pattern.matchAsPrefix(input) == null) parts.add(input);
    return parts;
  }
  int pieceStart = 0;
  for (final match in pattern.allMatches(input)) {
    final start = match.start;
    final end = match.end;
    if (end == start) {
      // An empty match splits only strictly inside, and not right after the
      // last separator.
      if (start == 0 || start == length || start == pieceStart) continue;
    }
    parts.add(input._substring(pieceStart, start));
    pieceStart = end;
  }
  parts.add(input._substring(pieceStart, length));
  return parts;
}

String _splitMapJoin(String input, Pattern pattern,
    String Function(Match)? onMatch, String Function(String)? onNonMatch) {
  final buffer = StringBuffer();
  int copied = 0;
  void nonMatch(int end) {
    final piece = input._substring(copied, end);
    buffer._writeText(onNonMatch == null ? piece : onNonMatch(piece));
  }

  if (pattern is String && pattern.isEmpty) {
    return _splitMapJoinEmpty(input, pattern, onMatch, onNonMatch);
  }
  for (final match in pattern.allMatches(input)) {
    nonMatch(match.start);
    buffer._writeText(
        onMatch == null ? unsafeCast<String>(match[0]) : onMatch(match));
    copied = match.end;
  }
  nonMatch(input.length);
  return buffer.toString();
}

/// With an empty pattern string the pieces between matches are characters:
/// a surrogate pair is not taken apart.
String _splitMapJoinEmpty(String input, String pattern,
    String Function(Match)? onMatch, String Function(String)? onNonMatch) {
  final buffer = StringBuffer();
  final length = input.length;
  buffer._writeText(onNonMatch == null ? '' : onNonMatch(''));
  int i = 0;
  while (true) {
    buffer._writeText(
        onMatch == null ? '' : onMatch(_StringMatch(i, input, pattern)));
    if (i >= length) break;
    int end = i + 1;
    if (end < length &&
        _isLead(input.codeUnitAt(i)) &&
        _isTrail(input.codeUnitAt(end))) {
      end++;
    }
    final piece = input._substring(i, end);
    buffer._writeText(onNonMatch == null ? piece : onNonMatch(piece));
    i = end;
  }
  buffer._writeText(onNonMatch == null ? '' : onNonMatch(''));
  return buffer.toString();
}
