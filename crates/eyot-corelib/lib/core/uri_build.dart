part of 'core.dart';

/// The path of a URI that is put together from parts: given as text or as
/// segments, not both.
String _makePath(String? path, Iterable<String>? segments, String scheme,
    bool hasAuthority) {
  if (path != null && segments != null) {
    throw ArgumentError('Both path and pathSegments specified');
  }
  String text = '';
  if (path != null) {
    text = _uriNormalize(path, 0, path.length, _UriChars.path,
        backslashIsSlash: true);
  } else if (segments != null) {
    text = segments
        .map<String>((String segment) =>
            _uriEncode(_UriChars.segment, segment, utf8, false))
        .join('/');
  }
  return _finishPath(text, scheme, hasAuthority);
}

/// `Uri.http` and `Uri.https`.
Uri _makeHttpUri(String scheme, String authority, String unencodedPath,
    Map<String, dynamic>? queryParameters) {
  String userInfo = '';
  String? host;
  int? port;
  if (authority.isNotEmpty) {
    int hostStart = 0;
    final at = authority.indexOf('@');
    if (at >= 0) {
      userInfo = authority.substring(0, at);
      hostStart = at + 1;
    }
    int hostEnd = hostStart;
    if (hostStart < authority.length &&
        authority.codeUnitAt(hostStart) == 0x5b) {
      hostEnd = authority.indexOf(']', hostStart);
      if (hostEnd < 0) {
        throw FormatException(
            'Invalid IPv6 host entry.', authority, hostStart);
      }
      hostEnd++;
      if (hostEnd != authority.length &&
          authority.codeUnitAt(hostEnd) != 0x3a) {
        throw FormatException('Invalid end of authority', authority, hostEnd);
      }
    } else {
      final colon = authority.indexOf(':', hostStart);
      hostEnd = colon < 0 ? authority.length : colon;
    }
    host = authority.substring(hostStart, hostEnd);
    if (hostEnd + 1 < authority.length) {
      port = int.parse(authority.substring(hostEnd + 1));
    }
  }
  return Uri(
      scheme: scheme,
      userInfo: userInfo,
      host: host,
      port: port,
      pathSegments: unencodedPath.split('/'),
      queryParameters: queryParameters);
}

Uri _posixFileUri(String path, bool isDirectory) {
  final String full = isDirectory && path.isNotEmpty && !path.endsWith('/')
      ? '$path/'
      : path;
  final segments = full.split('/');
  if (full.startsWith('/')) {
    return Uri(scheme: 'file', pathSegments: segments);
  }
  return Uri(pathSegments: segments);
}

bool _isDriveLetter(int unit) {
  final lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

bool _startsWithDrive(String path) =>
    path.length >= 2 &&
    path.codeUnitAt(1) == 0x3a &&
    _isDriveLetter(path.codeUnitAt(0));

void _checkWindowsSegments(List<String> segments, int from) {
  for (int i = from; i < segments.length; i++) {
    final segment = segments[i];
    for (int k = 0; k < segment.length; k++) {
      if (r'"*/:<>?\|'.contains(segment[k])) {
        throw ArgumentError('Illegal character in path');
      }
    }
  }
}

Uri _windowsFileUri(String path, bool isDirectory) {
  String text = path;
  if (text.startsWith(r'\\?\')) {
    if (text.startsWith(r'UNC\', 4)) {
      text = text.replaceRange(0, 7, r'\');
    } else {
      text = text.substring(4);
      if (text.length < 3 ||
          !_startsWithDrive(text) ||
          text.codeUnitAt(2) != 0x5c) {
        throw ArgumentError.value(path, 'path',
            r'Windows paths with \\?\ prefix must be absolute');
      }
    }
  } else {
    text = text.replaceAll('/', r'\');
  }
  if (isDirectory && text.isNotEmpty && !text.endsWith(r'\')) text = '$text\\';
  if (_startsWithDrive(text)) {
    if (text.length == 2 || text.codeUnitAt(2) != 0x5c) {
      throw ArgumentError.value(
          path, 'path', 'Windows paths with drive letter must be absolute');
    }
    final segments = text.split(r'\');
    _checkWindowsSegments(segments, 1);
    return Uri(scheme: 'file', pathSegments: segments);
  }
  if (text.startsWith(r'\\')) {
    final hostEnd = text.indexOf(r'\', 2);
    final host = hostEnd < 0 ? text.substring(2) : text.substring(2, hostEnd);
    final rest = hostEnd < 0 ? '' : text.substring(hostEnd + 1);
    final segments = rest.split(r'\');
    _checkWindowsSegments(segments, 0);
    return Uri(scheme: 'file', host: host, pathSegments: segments);
  }
  final segments = text.split(r'\');
  _checkWindowsSegments(segments, 0);
  if (text.startsWith(r'\')) {
    return Uri(scheme: 'file', pathSegments: segments);
  }
  return Uri(pathSegments: segments);
}

String _toPosixPath(_Uri uri) {
  if (uri.hasAuthority && uri.host != '') {
    throw UnsupportedError('Cannot extract a non-Windows file path from a '
        'file URI with an authority');
  }
  final segments = uri.pathSegments;
  for (final segment in segments) {
    if (segment.contains('/')) {
      throw UnsupportedError('Illegal path character $segment');
    }
  }
  final joined = segments.join('/');
  return uri.hasAbsolutePath ? '/$joined' : joined;
}

String _toWindowsPath(_Uri uri) {
  final segments = uri.pathSegments;
  final bool hasDrive = segments.isNotEmpty &&
      segments[0].length == 2 &&
      _startsWithDrive(segments[0]);
  for (int i = hasDrive ? 1 : 0; i < segments.length; i++) {
    for (int k = 0; k < segments[i].length; k++) {
      if (r'"*/:<>?\|'.contains(segments[i][k])) {
        throw UnsupportedError(
            'Illegal character in path: ${segments[i]}');
      }
    }
  }
  final buffer = StringBuffer();
  if (uri.hasAbsolutePath && !hasDrive) buffer.write(r'\');
  if (uri.hasAuthority && uri.host.isNotEmpty) {
    buffer.write(r'\');
    buffer.write(uri.host);
    buffer.write(r'\');
  }
  buffer.writeAll(segments, r'\');
  if (hasDrive && segments.length == 1) buffer.write(r'\');
  return buffer.toString();
}

/// RFC 3986, section 5.2, also for bases that are relative themselves.
Uri _resolveUri(_Uri base, Uri reference) {
  final String? query = reference.hasQuery ? reference.query : null;
  final String? fragment = reference.hasFragment ? reference.fragment : null;
  if (reference.hasScheme) {
    if (!reference.hasAuthority) {
      return _Uri._(reference.scheme, '', null, null,
          reference.scheme == 'data'
              ? reference.path
              : _removeDotSegments(reference.path),
          query, fragment);
    }
    return _Uri._(
        reference.scheme,
        reference.userInfo,
        _hostOf(reference),
        reference.hasPort ? reference.port : null,
        _removeDotSegments(reference.path),
        query,
        fragment);
  }
  if (reference.hasAuthority) {
    return _Uri._(
        base.scheme,
        reference.userInfo,
        _hostOf(reference),
        _makePort(reference.hasPort ? reference.port : null, base.scheme),
        _removeDotSegments(reference.path),
        query,
        fragment);
  }
  if (reference.hasEmptyPath) {
    return _Uri._(base.scheme, base.userInfo, base._host, base._port,
        base.path, reference.hasQuery ? query : base._query, fragment);
  }
  return _Uri._(base.scheme, base.userInfo, base._host, base._port,
      _resolvePath(base, reference), query, fragment);
}

/// The host of any [Uri] as [_Uri] keeps it.
String _hostOf(Uri uri) {
  if (uri is _Uri) return uri._host ?? '';
  final host = uri.host;
  return host.contains(':') ? '[$host]' : host;
}

String _resolvePath(_Uri base, Uri reference) {
  final path = reference.path;
  if (reference.hasAbsolutePath) return _removeDotSegments(path);
  if (base.hasEmptyPath) {
    if (base.hasAuthority) return _removeDotSegments('/$path');
    return base.hasScheme ? _removeDotSegments(path) : path;
  }
  final slash = base.path.lastIndexOf('/');
  final merged =
      slash < 0 ? path : '${base.path.substring(0, slash + 1)}$path';
  if (base.hasScheme || base.hasAuthority || base.hasAbsolutePath) {
    return _removeDotSegments(merged);
  }
  return _normalizeRelativePath(merged, false);
}
