part of 'core.dart';

/// The name of a member or parameter, as an object.
class Symbol {
  static const Symbol unaryMinus = Symbol('unary-');

  static const Symbol empty = Symbol('');

  /// A private name ends in `@` and what tells libraries apart, where the
  /// program writes it as a literal or calls the member.
  final String _name;

  /// The name as it is written.
  String get _plainName {
    final at = _name.indexOf('@');
    if (at < 0 || !_name.startsWith('_')) return _name;
    final plain = _name.substring(0, at);
    return _name.endsWith('=') ? '$plain=' : plain;
  }

  const Symbol(String name) : _name = name;

  bool operator ==(Object other) => other is Symbol && _name == other._name;

  int get hashCode => 0x1fffffff & (_name.hashCode * 664597);

  String toString() => 'Symbol("$_plainName")';
}
