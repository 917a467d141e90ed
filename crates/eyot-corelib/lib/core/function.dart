part of 'core.dart';

/// The supertype of all function types.
abstract final class Function {
  /// Calls [function] with the given arguments, as a dynamic call would.
  static dynamic apply(Function function, List<dynamic>? positionalArguments,
      [Map<Symbol, dynamic>? namedArguments]) {
    final positional = positionalArguments == null
        ? const <Object?>[]
        : List<Object?>.of(positionalArguments, growable: false);
    final named = <Object?>[];
    if (namedArguments != null) {
      namedArguments.forEach((Symbol name, dynamic value) {
        named.add(name._name);
        named.add(value);
      });
    }
    return _applyFunction(
        function, positional, List<Object?>.of(named, growable: false));
  }

  int get hashCode;

  bool operator ==(Object other);
}

/// Calls [function] (a closure, or an object with a `call` method) with the
/// arguments in [positional] and [named] (alternating names as strings and
/// values), both fixed-length lists. This is not an ordinary native, since
/// natives never call Dart: the interpreter turns a call of it into the
/// dynamic call and returns that call's result.
external dynamic _applyFunction(
    Function function, List<Object?> positional, List<Object?> named);

/// The class of closures and tear-offs. The runtime makes its instances and
/// knows its layout; `call` is the runtime's.
final class _Closure implements Function {
  factory _Closure._uninstantiable() {
    throw UnsupportedError('_Closure');
  }

  /// Native: whether both are the same closure, or tear-offs of the same
  /// function, or of the same method on identical receivers with the same
  /// type arguments.
  external bool operator ==(Object other);

  /// Native: a hash consistent with `==`.
  external int get hashCode;

  /// Native: `Closure: (int) => String`, and for tear-offs
  /// `Closure: (int) => String from Function 'name': static.`
  external String toString();
}
