part of '_internal.dart';

/// The errors of operations on iterables, each with its one text.
abstract final class IterableElementError {
  static StateError noElement() => StateError('No element');

  static StateError tooMany() => StateError('Too many elements');

  static StateError tooFew() => StateError('Too few elements');
}

/// A `late` variable was read too early, or set again.
class LateError extends Error {
  final String _message;

  LateError(this._message);

  String toString() => 'LateInitializationError: $_message';
}
