part of 'core.dart';

/// Marks a declaration that should no longer be used.
class Deprecated {
  /// What to do instead, and by when.
  final String? message;

  final _DeprecatedUse _use;

  /// Any use of the declaration is deprecated.
  const Deprecated(this.message) : _use = _DeprecatedUse.any;

  /// Implementing the class in an `implements` clause is deprecated.
  const Deprecated.implement([this.message])
      : _use = _DeprecatedUse.implement;

  /// Extending the class is deprecated.
  const Deprecated.extend([this.message])
      : _use = _DeprecatedUse.extend;

  /// Both extending and implementing the class are deprecated.
  const Deprecated.subclass([this.message])
      : _use = _DeprecatedUse.subclass;

  /// Creating instances of the class is deprecated.
  const Deprecated.instantiate([this.message])
      : _use = _DeprecatedUse.instantiate;

  /// Mixing the class in is deprecated.
  const Deprecated.mixin([this.message])
      : _use = _DeprecatedUse.mixin;

  /// Leaving out an argument for the annotated optional parameter is
  /// deprecated.
  const Deprecated.optional([this.message])
      : _use = _DeprecatedUse.optional;

  String toString() =>
      message == null ? 'Deprecated feature' : 'Deprecated feature: $message';
}

/// Which use of a declaration a [Deprecated] annotation speaks of.
enum _DeprecatedUse {
  any,
  implement,
  extend,
  subclass,
  instantiate,
  mixin,
  optional,
}

/// A [Deprecated] annotation with no particular advice.
const Deprecated deprecated = Deprecated('next release');

/// Type of the [override] annotation.
class _Override {
  const _Override();
}

/// Marks an instance member that is meant to override an inherited one.
const Object override = _Override();

/// Hands a hint to a tool that knows [name].
final class pragma {
  /// Which hint this is.
  final String name;

  /// Extra information that the hint wants.
  final Object? options;

  const pragma(this.name, [this.options]);
}

/// Notes the SDK release in which a declaration appeared.
class Since {
  /// The release.
  final String version;

  const Since(this.version);
}
