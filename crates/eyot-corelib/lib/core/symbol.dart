part of 'core.dart';

/// The name of a member or parameter, as an object.
class Symbol {
  static const Symbol unaryMinus = Symbol('unary-');

  static const Symbol empty = Symbol('');

  final String _name;

  const Symbol(String name) : _name = name;

  bool operator ==(Object other) => other is Symbol && _name == other._name;

  int get hashCode => 0x1fffffff & (_name.hashCode * 664597);

  String toString() => 'Symbol("$_name")';
}
