part of '_internal.dart';

/// The errors of operations on iterables, each with its one text.
abstract final class IterableElementError {
  static StateError noElement() => StateError('No element');

  static StateError tooMany() => StateError('Too many elements');

  static StateError tooFew() => StateError('Too few elements');
}
