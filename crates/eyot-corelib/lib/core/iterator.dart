part of 'core.dart';

/// Walks over a sequence one element at a time.
abstract interface class Iterator<E> {
  /// Advances; whether there is an element now.
  bool moveNext();

  /// The element reached by the last [moveNext] that answered true.
  E get current;
}
