part of 'core.dart';

/// Native: whether [a] and [b] are the same object. Ints are the same when
/// their values are, doubles when their bits are, and records when they have
/// the same shape and identical fields.
external bool identical(Object? a, Object? b);

/// Native: a hash consistent with [identical]; kept in the object's header.
external int identityHashCode(Object? object);
