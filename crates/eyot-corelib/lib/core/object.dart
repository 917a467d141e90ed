part of 'core.dart';

/// The base class of every class but [Null].
class Object {
  const Object();

  /// Identity comparison.
  ///
  /// Native: whether the two operands are `identical`.
  external bool operator ==(Object other);

  /// Native: the identity hash of the receiver (see [identityHashCode]).
  external int get hashCode;

  String toString() => "Instance of '${_classNameOf(this)}'";

  dynamic noSuchMethod(Invocation invocation) {
    throw NoSuchMethodError.withInvocation(this, invocation);
  }

  /// Native: the [Type] object of the receiver's runtime type. Private
  /// implementation classes of a core interface answer with the interface
  /// (`List<int>`, `String`, `Type`, …) as far as the runtime chooses to.
  external Type get runtimeType;

  /// A hash code for the given objects in this order. Stops at the first
  /// argument that is not given, so a trailing `null` that is given counts.
  static int hash(
    Object? object1,
    Object? object2, [
    Object? object3 = const _NoArgument(),
    Object? object4 = const _NoArgument(),
    Object? object5 = const _NoArgument(),
    Object? object6 = const _NoArgument(),
    Object? object7 = const _NoArgument(),
    Object? object8 = const _NoArgument(),
    Object? object9 = const _NoArgument(),
    Object? object10 = const _NoArgument(),
    Object? object11 = const _NoArgument(),
    Object? object12 = const _NoArgument(),
    Object? object13 = const _NoArgument(),
    Object? object14 = const _NoArgument(),
    Object? object15 = const _NoArgument(),
    Object? object16 = const _NoArgument(),
    Object? object17 = const _NoArgument(),
    Object? object18 = const _NoArgument(),
    Object? object19 = const _NoArgument(),
    Object? object20 = const _NoArgument(),
  ]) {
    int h = _hashCombine(_hashSeed, object1.hashCode);
    h = _hashCombine(h, object2.hashCode);
    if (object3 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object3.hashCode);
    if (object4 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object4.hashCode);
    if (object5 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object5.hashCode);
    if (object6 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object6.hashCode);
    if (object7 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object7.hashCode);
    if (object8 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object8.hashCode);
    if (object9 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object9.hashCode);
    if (object10 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object10.hashCode);
    if (object11 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object11.hashCode);
    if (object12 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object12.hashCode);
    if (object13 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object13.hashCode);
    if (object14 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object14.hashCode);
    if (object15 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object15.hashCode);
    if (object16 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object16.hashCode);
    if (object17 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object17.hashCode);
    if (object18 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object18.hashCode);
    if (object19 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object19.hashCode);
    if (object20 is _NoArgument) return _hashFinish(h);
    h = _hashCombine(h, object20.hashCode);
    return _hashFinish(h);
  }

  /// The same as [hash] over the elements of [objects].
  static int hashAll(Iterable<Object?> objects) {
    int h = _hashSeed;
    for (final object in objects) {
      h = _hashCombine(h, object.hashCode);
    }
    return _hashFinish(h);
  }

  /// A hash of the elements of [objects] that does not depend on their order.
  static int hashAllUnordered(Iterable<Object?> objects) {
    int sum = 0;
    int xor = 0;
    int count = 0;
    for (final object in objects) {
      final h = _hashFinish(_hashCombine(_hashSeed, object.hashCode));
      sum = (sum + h) & 0x3fffffff;
      xor = xor ^ h;
      count++;
    }
    return _hashFinish(_hashCombine(_hashCombine(sum, xor), count));
  }
}

/// Stands for an argument that was not given to [Object.hash].
class _NoArgument {
  const _NoArgument();
}

const int _hashSeed = 0x2545f491;

/// One step of a multiply-and-rotate mix that stays within 62 bits, so that
/// no intermediate hash needs a boxed integer.
int _hashCombine(int hash, int value) {
  final int mixed = (hash ^ value) * 0x9e3779b97f4a7c1;
  return (mixed ^ (mixed >>> 29)) & 0x3fffffffffffffff;
}

int _hashFinish(int hash) {
  final int mixed = (hash ^ (hash >>> 31)) * 0x2127599bf4325c37;
  return (mixed ^ (mixed >>> 33)) & 0x3fffffff;
}

/// Native: the name of the class of [object] as it is printed in
/// `Instance of 'C'` (with type arguments, as the type prints).
external String _classNameOf(Object? object);
