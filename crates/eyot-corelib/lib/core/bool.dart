part of 'core.dart';

/// The truth values `true` and `false`.
final class bool {
  /// Evaluated by the compiler from `-D` declarations; `'true'` and `'false'`
  /// count, anything else gives [defaultValue].
  external const factory bool.fromEnvironment(String name,
      {bool defaultValue = false});

  /// Evaluated by the compiler: whether [name] was declared with `-D`.
  external const factory bool.hasEnvironment(String name);

  /// Parses `true` or `false`; with [caseSensitive] false in any case.
  static bool parse(String source, {bool caseSensitive = true}) {
    final result = tryParse(source, caseSensitive: caseSensitive);
    if (result != null) return result;
    throw FormatException('Invalid boolean', source);
  }

  /// As [parse], but answers `null` for anything else.
  static bool? tryParse(String source, {bool caseSensitive = true}) {
    final text = caseSensitive ? source : source.toLowerCase();
    if (text == 'true') return true;
    if (text == 'false') return false;
    return null;
  }

  /// Native: the fixed hash code of this truth value.
  external int get hashCode;

  /// Native: identity with [other].
  external bool operator ==(Object other);

  bool operator &(bool other) => this ? other : false;

  bool operator |(bool other) => this ? true : other;

  bool operator ^(bool other) => this ? !other : other;

  String toString() => this ? 'true' : 'false';
}
