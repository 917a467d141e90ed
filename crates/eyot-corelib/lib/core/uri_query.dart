part of 'core.dart';

/// The query of a URI that is put together: given as text or as parameters,
/// not both.
String? _makeQuery(String? query, Map<String, dynamic>? parameters) {
  if (query != null) {
    if (parameters != null) {
      throw ArgumentError('Both query and queryParameters specified');
    }
    return _uriNormalize(query, 0, query.length, _UriChars.query);
  }
  if (parameters == null) return null;
  final buffer = StringBuffer();
  parameters.forEach((String key, dynamic value) {
    if (value == null || value is String) {
      _writeParameter(buffer, key, value as String?);
    } else {
      for (final Object? item in value as Iterable<dynamic>) {
        _writeParameter(buffer, key, item as String?);
      }
    }
  });
  return buffer.toString();
}

void _writeParameter(StringBuffer buffer, String key, String? value) {
  if (buffer.isNotEmpty) buffer.write('&');
  buffer.write(Uri.encodeQueryComponent(key));
  if (value != null && value.isNotEmpty) {
    buffer.write('=');
    buffer.write(Uri.encodeQueryComponent(value));
  }
}

Map<String, String> _splitQuery(String query, Encoding encoding) {
  final result = <String, String>{};
  for (final element in query.split('&')) {
    final equals = element.indexOf('=');
    if (equals < 0) {
      if (element != '') {
        result[Uri.decodeQueryComponent(element, encoding: encoding)] = '';
      }
    } else if (equals != 0) {
      final key = element.substring(0, equals);
      final value = element.substring(equals + 1);
      result[Uri.decodeQueryComponent(key, encoding: encoding)] =
          Uri.decodeQueryComponent(value, encoding: encoding);
    }
  }
  return result;
}

Map<String, List<String>> _splitQueryAll(String query) {
  if (query.isEmpty) return const <String, List<String>>{};
  final result = <String, List<String>>{};
  for (final element in query.split('&')) {
    if (element.isEmpty) continue;
    final equals = element.indexOf('=');
    final String key = Uri.decodeQueryComponent(
        equals < 0 ? element : element.substring(0, equals));
    final String value = equals < 0
        ? ''
        : Uri.decodeQueryComponent(element.substring(equals + 1));
    final list = result[key];
    if (list == null) {
      result[key] = <String>[value];
    } else {
      list.add(value);
    }
  }
  result.updateAll((String key, List<String> values) =>
      List<String>.unmodifiable(values));
  return UnmodifiableMapView<String, List<String>>(result);
}
