part of 'core.dart';

/// What was called, when it is not a method that exists.
abstract class Invocation {
  Invocation();

  factory Invocation.method(
    Symbol memberName,
    Iterable<Object?>? positionalArguments, [
    Map<Symbol, Object?>? namedArguments,
  ]) =>
      _Invocation._made(memberName, _Invocation._method, const <Type>[],
          _fixArguments(positionalArguments), _fixNamed(namedArguments));

  factory Invocation.genericMethod(
    Symbol memberName,
    Iterable<Type>? typeArguments,
    Iterable<Object?>? positionalArguments, [
    Map<Symbol, Object?>? namedArguments,
  ]) =>
      _Invocation._made(
          memberName,
          _Invocation._method,
          typeArguments == null
              ? const <Type>[]
              : List<Type>.unmodifiable(typeArguments),
          _fixArguments(positionalArguments),
          _fixNamed(namedArguments));

  factory Invocation.getter(Symbol name) => _Invocation._made(
      name,
      _Invocation._getter,
      const <Type>[],
      const <Object?>[],
      const <Symbol, Object?>{});

  factory Invocation.setter(Symbol memberName, Object? argument) =>
      _Invocation._made(memberName, _Invocation._setter, const <Type>[],
          List<Object?>.unmodifiable([argument]), const <Symbol, Object?>{});

  Symbol get memberName;

  List<Type> get typeArguments => const <Type>[];

  List<dynamic> get positionalArguments;

  Map<Symbol, dynamic> get namedArguments;

  bool get isMethod;

  bool get isGetter;

  bool get isSetter;

  bool get isAccessor => isGetter || isSetter;
}

List<Object?> _fixArguments(Iterable<Object?>? arguments) => arguments == null
    ? const <Object?>[]
    : List<Object?>.unmodifiable(arguments);

Map<Symbol, Object?> _fixNamed(Map<Symbol, Object?>? arguments) =>
    arguments == null || arguments.isEmpty
        ? const <Symbol, Object?>{}
        : Map<Symbol, Object?>.unmodifiable(arguments);

class _Invocation extends Invocation {
  static const int _method = 0;
  static const int _getter = 1;
  static const int _setter = 2;

  final Symbol memberName;
  final int _kind;
  final List<Type> typeArguments;
  final List<dynamic> positionalArguments;
  final Map<Symbol, dynamic> namedArguments;

  /// The method of that name, torn off, where there is one whose parameters the
  /// arguments do not fit.
  Object? _found;

  _Invocation._made(this.memberName, this._kind, this.typeArguments,
      this.positionalArguments, this.namedArguments);

  /// From what a call in the runtime knows: the name as source text (a
  /// setter's ends in `=`), the kind (0 method, 1 getter, 2 setter), lists or
  /// `null`, and named arguments as alternating names and values.
  factory _Invocation._(String memberName, int kind, List<Object?>? typeArgs,
      List<Object?>? positional, List<Object?>? named) {
    Map<Symbol, Object?> namedMap = const <Symbol, Object?>{};
    if (named != null && named.length > 0) {
      final map = <Symbol, Object?>{};
      for (int i = 0; i < named.length; i += 2) {
        map[Symbol(unsafeCast<String>(named[i]))] = named[i + 1];
      }
      namedMap = Map<Symbol, Object?>.unmodifiable(map);
    }
    return _Invocation._made(
        Symbol(memberName),
        kind,
        typeArgs == null
            ? const <Type>[]
            : List<Type>.unmodifiable(typeArgs.cast<Type>()),
        positional == null
            ? const <Object?>[]
            : List<Object?>.unmodifiable(positional),
        namedMap);
  }

  bool get isMethod => _kind == _method;

  bool get isGetter => _kind == _getter;

  bool get isSetter => _kind == _setter;
}
