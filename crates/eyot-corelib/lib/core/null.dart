part of 'core.dart';

/// The class of `null`, which is its only instance.
final class Null {
  factory Null._uninstantiable() {
    throw UnsupportedError('class Null cannot be instantiated');
  }

  /// Native: whether [other] is `null` too.
  external bool operator ==(Object? other);

  /// Native: the fixed hash code of `null`.
  external int get hashCode;

  String toString() => 'null';
}
