part of 'core.dart';

/// Takes a URI reference apart, as RFC 3986 has it, and normalizes each part.
class _UriParser {
  final String _text;
  final int _start;
  final int _end;

  _UriParser(this._text, this._start, this._end);

  /// First index from [from] on of one of the characters in [stops], or the
  /// end.
  int _until(String stops, int from) {
    int i = from;
    while (i < _end) {
      if (stops._find(_text[i], 0) >= 0) return i;
      i++;
    }
    return _end;
  }

  Uri parse() {
    int position = _start;
    String scheme = '';
    final mark = _until(':/?#', _start);
    if (mark < _end && _text.codeUnitAt(mark) == 0x3a) {
      if (mark == _start) {
        throw FormatException('Invalid empty scheme', _text, _start);
      }
      scheme = _makeScheme(_text, _start, mark);
      position = mark + 1;
    }

    String userInfo = '';
    String? host;
    int? port;
    if (position + 1 < _end &&
        _text.codeUnitAt(position) == 0x2f &&
        _text.codeUnitAt(position + 1) == 0x2f) {
      final from = position + 2;
      position = _until(r'/\?#', from);
      int hostStart = from;
      for (int i = position - 1; i >= from; i--) {
        if (_text.codeUnitAt(i) == 0x40) {
          userInfo = _uriNormalize(_text, from, i, _UriChars.userInfo);
          hostStart = i + 1;
          break;
        }
      }
      final hostEnd = _hostEnd(hostStart, position);
      if (hostEnd < position) port = _parsePort(hostEnd + 1, position, scheme);
      host = _makeHost(_text, hostStart, hostEnd, true);
    }

    final pathStart = position;
    position = _until('?#', position);
    final pathEnd = position;
    String? query;
    String? fragment;
    if (position < _end && _text.codeUnitAt(position) == 0x3f) {
      final from = position + 1;
      position = _until('#', from);
      query = _uriNormalize(_text, from, position, _UriChars.query);
    }
    if (position < _end) {
      fragment =
          _uriNormalize(_text, position + 1, _end, _UriChars.query);
    }

    if (scheme == 'data' && host == null) {
      // What a data URI carries is no path: dots in it mean nothing.
      final content =
          _uriNormalize(_text, pathStart, pathEnd, _UriChars.path);
      return _Uri._(scheme, '', null, null, content, query, fragment);
    }
    if (host == null && scheme == 'file') host = '';
    String path = _uriNormalize(_text, pathStart, pathEnd, _UriChars.path,
        backslashIsSlash: true);
    path = _finishPath(path, scheme, host != null);
    path = _normalizeUriPath(path, scheme, host != null);
    return _Uri._(scheme, userInfo, host, port, path, query, fragment);
  }

  /// Where the host ends: at the colon of a port, or at [end].
  int _hostEnd(int start, int end) {
    int i = start;
    if (i < end && _text.codeUnitAt(i) == 0x5b) {
      while (i < end && _text.codeUnitAt(i) != 0x5d) {
        i++;
      }
      if (i == end) {
        throw FormatException(
            'Missing end `]` to match `[` in host', _text, start);
      }
      i++;
      if (i < end && _text.codeUnitAt(i) != 0x3a) {
        throw FormatException('Invalid end of authority', _text, i);
      }
      return i;
    }
    while (i < end && _text.codeUnitAt(i) != 0x3a) {
      i++;
    }
    return i;
  }

  int? _parsePort(int start, int end, String scheme) {
    if (start == end) return null;
    int port = 0;
    for (int i = start; i < end; i++) {
      final unit = _text.codeUnitAt(i);
      if (unit < 0x30 || unit > 0x39 || port > 99999999) {
        throw FormatException('Invalid port', _text, i);
      }
      port = port * 10 + unit - 0x30;
    }
    return _makePort(port, scheme);
  }
}

int? _makePort(int? port, String scheme) {
  if (port != null && port == _Uri._defaultPort(scheme) && port != 0) {
    return null;
  }
  return port;
}

String _makeScheme(String text, int start, int end) {
  if (start == end) return '';
  final first = text.codeUnitAt(start) | 0x20;
  if (first < 0x61 || first > 0x7a) {
    throw FormatException(
        'Scheme not starting with alphabetic character', text, start);
  }
  for (int i = start; i < end; i++) {
    if (!_UriChars.isIn(text.codeUnitAt(i), _UriChars.scheme)) {
      throw FormatException('Illegal scheme character', text, i);
    }
  }
  return text.substring(start, end).toLowerCase();
}

/// The host in normal form. [strict] is for text that was parsed: there an
/// IPv6 address needs brackets.
String _makeHost(String text, int start, int end, bool strict) {
  if (start == end) return '';
  if (text.codeUnitAt(start) == 0x5b) {
    if (text.codeUnitAt(end - 1) != 0x5d) {
      throw FormatException(
          'Missing end `]` to match `[` in host', text, start);
    }
    return _bracketedHost(text, start + 1, end - 1);
  }
  if (!strict) {
    for (int i = start; i < end; i++) {
      if (text.codeUnitAt(i) == 0x3a) return _bracketedHost(text, start, end);
    }
  }
  return _normalizeRegName(text, start, end);
}

String _bracketedHost(String text, int start, int end) {
  if (start < end && (text.codeUnitAt(start) | 0x20) == 0x76) {
    return '[${text.substring(start, end).toLowerCase()}]';
  }
  int zone = start;
  while (zone < end && text.codeUnitAt(zone) != 0x25) {
    zone++;
  }
  _parseIPv6(text, start, zone);
  final address = text.substring(start, zone).toLowerCase();
  if (zone == end) return '[$address]';
  int name = zone + 1;
  if (text.startsWith('25', name) && name + 2 <= end) name += 2;
  return '[$address%25${_uriNormalize(text, name, end, _UriChars.unreserved)}]';
}

String _normalizeRegName(String text, int start, int end) {
  for (int i = start; i < end; i++) {
    final unit = text.codeUnitAt(i);
    if (unit < 128 &&
        unit != 0x25 &&
        ':/?#[]@'._find(String.fromCharCode(unit), 0) >= 0) {
      throw FormatException('Invalid character', text, i);
    }
    if (unit == 0x25 && _UriChars.escapeAt(text, i, end) < 0) {
      throw FormatException('Invalid character', text, i);
    }
  }
  final plain = text.substring(start, end);
  final buffer = StringBuffer();
  int i = 0;
  while (i < plain.length) {
    final unit = plain.codeUnitAt(i);
    if (unit == 0x25) {
      buffer._writeRange(plain, i, i + 3);
      i += 3;
      continue;
    }
    final bool upper = unit >= 0x41 && unit <= 0x5a;
    buffer._appendChar(upper ? unit | 0x20 : unit);
    i++;
  }
  final lower = buffer.toString();
  return _uriNormalize(lower, 0, lower.length, _UriChars.regName);
}

/// The leading slash that a path needs after an authority or in a file URI.
String _finishPath(String path, String scheme, bool hasAuthority) {
  final bool isFile = scheme == 'file';
  if (path.isEmpty) return isFile ? '/' : '';
  if ((isFile || hasAuthority) && !path.startsWith('/')) return '/$path';
  return path;
}

String _normalizeUriPath(String path, String scheme, bool hasAuthority) {
  if (scheme.isEmpty && !hasAuthority && !path.startsWith('/')) {
    return _normalizeRelativePath(path, false);
  }
  return _removeDotSegments(path);
}

bool _mayContainDots(String path) =>
    path.startsWith('.') || path._find('/.', 0) >= 0;

String _removeDotSegments(String path) {
  if (!_mayContainDots(path)) return path;
  final output = <String>[];
  bool appendSlash = false;
  for (final segment in path.split('/')) {
    appendSlash = false;
    if (segment == '..') {
      if (output.isNotEmpty) {
        output.removeLast();
        if (output.isEmpty) output.add('');
      }
      appendSlash = true;
    } else if (segment == '.') {
      appendSlash = true;
    } else {
      output.add(segment);
    }
  }
  if (appendSlash) output.add('');
  return output.join('/');
}

/// As [_removeDotSegments] for a relative path, which may keep leading `..`.
String _normalizeRelativePath(String path, bool allowScheme) {
  if (!_mayContainDots(path)) {
    return allowScheme ? path : _escapeScheme(path);
  }
  final output = <String>[];
  bool appendSlash = false;
  for (final segment in path.split('/')) {
    appendSlash = false;
    if (segment == '..') {
      if (output.isNotEmpty && output.last != '..') {
        output.removeLast();
        appendSlash = true;
      } else {
        output.add('..');
      }
    } else if (segment == '.') {
      appendSlash = true;
    } else {
      output.add(segment);
    }
  }
  if (output.isEmpty || (output.length == 1 && output[0].isEmpty)) {
    return './';
  }
  if (appendSlash || output.last == '..') output.add('');
  if (!allowScheme) output[0] = _escapeScheme(output[0]);
  return output.join('/');
}

/// A relative path must not look as if it began with a scheme: the first
/// colon is escaped where what stands before it could be one.
String _escapeScheme(String path) {
  if (path.length >= 2) {
    final first = path.codeUnitAt(0) | 0x20;
    if (first < 0x61 || first > 0x7a) return path;
    for (int i = 1; i < path.length; i++) {
      final unit = path.codeUnitAt(i);
      if (unit == 0x3a) {
        return '${path.substring(0, i)}%3A${path.substring(i + 1)}';
      }
      if (!_UriChars.isIn(unit, _UriChars.scheme)) break;
    }
  }
  return path;
}

List<int> _parseIPv4(String host, int start, int end) {
  final bytes = <int>[];
  int value = 0;
  int digits = 0;
  for (int i = start; i <= end; i++) {
    final unit = i < end ? host.codeUnitAt(i) : 0x2e;
    if (unit == 0x2e) {
      if (digits == 0) {
        throw FormatException(
            'Illegal IPv4 address, empty part', host, i < end ? i : end);
      }
      if (value > 255) {
        throw FormatException(
            'Illegal IPv4 address, each part must be in the range 0..255',
            host,
            i - digits);
      }
      bytes.add(value);
      value = 0;
      digits = 0;
      continue;
    }
    if (unit < 0x30 || unit > 0x39) {
      throw FormatException(
          'Illegal IPv4 address, invalid character', host, i);
    }
    digits++;
    if (digits > 3) {
      throw FormatException(
          'Illegal IPv4 address, each part must be in the range 0..255',
          host,
          i);
    }
    value = value * 10 + unit - 0x30;
  }
  if (bytes.length != 4) {
    throw FormatException(
        'Illegal IPv4 address, IPv4 address should contain exactly 4 parts',
        host,
        end);
  }
  return Uint8List.fromList(bytes);
}

Never _ipv6Error(String message, String host, int position) =>
    throw FormatException('Illegal IPv6 address, $message', host, position);

/// The 16 bytes of `host[start .. end)`.
List<int> _parseIPv6(String host, int start, int end) {
  if (end - start < 2) _ipv6Error('address is too short', host, start);
  final groups = <int>[];
  // Number of groups before a `::`, or -1.
  int gap = -1;
  int i = start;
  if (host.codeUnitAt(i) == 0x3a) {
    if (host.codeUnitAt(i + 1) != 0x3a) {
      _ipv6Error('invalid start colon', host, i);
    }
    gap = 0;
    i += 2;
  }
  bool needGroup = i < end;
  while (i < end) {
    final groupStart = i;
    int value = 0;
    int digits = 0;
    while (i < end) {
      final digit = _UriChars.hexValue(host.codeUnitAt(i));
      if (digit < 0) break;
      value = value << 4 | digit;
      digits++;
      i++;
      if (digits > 4) break;
    }
    final unit = i < end ? host.codeUnitAt(i) : 0;
    if (unit == 0x2e) {
      final bytes = _parseIPv4(host, groupStart, end);
      groups.add(bytes[0] << 8 | bytes[1]);
      groups.add(bytes[2] << 8 | bytes[3]);
      needGroup = false;
      i = end;
      break;
    }
    if (digits == 0 || digits > 4) {
      _ipv6Error(
          digits == 0
              ? 'invalid character'
              : 'an IPv6 part can only contain a maximum of 4 hex digits',
          host,
          i);
    }
    groups.add(value);
    needGroup = false;
    if (i == end) break;
    if (unit != 0x3a) _ipv6Error('invalid character', host, i);
    i++;
    needGroup = true;
    if (i < end && host.codeUnitAt(i) == 0x3a) {
      if (gap >= 0) {
        _ipv6Error('only one wildcard `::` is allowed', host, i);
      }
      gap = groups.length;
      i++;
      needGroup = false;
    }
  }
  if (needGroup) {
    _ipv6Error('expected a part after last `:`', host, end);
  }
  if (gap < 0 ? groups.length != 8 : groups.length > 7) {
    _ipv6Error(
        gap < 0
            ? 'an address without a wildcard must contain exactly 8 parts'
            : 'an address with a wildcard must have less than 7 parts',
        host,
        start);
  }
  final bytes = Uint8List(16);
  final missing = 8 - groups.length;
  for (int g = 0; g < groups.length; g++) {
    final at = 2 * (gap >= 0 && g >= gap ? g + missing : g);
    bytes[at] = groups[g] >> 8;
    bytes[at + 1] = groups[g] & 255;
  }
  return bytes;
}
