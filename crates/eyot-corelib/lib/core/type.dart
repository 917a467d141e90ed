part of 'core.dart';

/// A run-time representation of a type.
abstract interface class Type {
  int get hashCode;

  bool operator ==(Object other);

  String toString();
}

/// The class of type objects. The runtime makes its instances.
final class _Type implements Type {
  factory _Type._uninstantiable() {
    throw UnsupportedError('_Type');
  }

  /// Native: whether both stand for the same type.
  external bool operator ==(Object other);

  /// Native: a hash consistent with `==`.
  external int get hashCode;

  /// Native: the type as Dart prints it.
  external String toString();
}
