part of 'core.dart';

/// The supertype of all enums.
abstract interface class Enum {
  int get index;

  static int compareByIndex<T extends Enum>(T value1, T value2) =>
      value1.index - value2.index;

  static int compareByName<T extends Enum>(T value1, T value2) =>
      value1.name.compareTo(value2.name);
}

/// The superclass that the compiler gives every enum; its constructor takes
/// the two arguments that it adds to each value.
abstract class _Enum implements Enum {
  final int index;

  final String _name;

  const _Enum(this.index, this._name);

  String toString() {
    final type = _classNameOf(this);
    final end = type._find('<', 0);
    return '${end < 0 ? type : type._substring(0, end)}.$_name';
  }
}

/// The name of an enum value.
extension EnumName on Enum {
  String get name => unsafeCast<_Enum>(this)._name;
}

/// Look-up of enum values by name.
extension EnumByName<T extends Enum> on Iterable<T> {
  T byName(String name) {
    for (final value in this) {
      if (value.name == name) return value;
    }
    throw ArgumentError.value(name, 'name', 'No enum value with that name');
  }

  Map<String, T> asNameMap() {
    final map = <String, T>{};
    for (final value in this) {
      map[value.name] = value;
    }
    return map;
  }
}
