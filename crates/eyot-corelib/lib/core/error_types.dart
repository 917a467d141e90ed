part of 'core.dart';

/// A member was called that the receiver does not have.
class NoSuchMethodError extends Error {
  final Object? _receiver;
  final Invocation _invocation;

  /// For a call of a static member or constructor, what it was looked up in.
  final String? _scope;

  /// For a call of a closure, the name of its function.
  final String? _function;

  NoSuchMethodError.withInvocation(Object? receiver, Invocation invocation)
      : this._(receiver, invocation, null, null);

  NoSuchMethodError._(
      this._receiver, this._invocation, this._scope, this._function);

  String toString() {
    final buffer = StringBuffer('NoSuchMethodError: ');
    final invocation = _invocation;
    final found = invocation is _Invocation ? invocation._found : null;
    _writeProblem(buffer, found != null);
    buffer.write('\n');
    if (_scope == null) {
      buffer.write('Receiver: ');
      buffer.write(Error.safeToString(_receiver));
      buffer.write('\n');
    }
    final name = _function ?? _plainName;
    buffer.write('Tried calling: ');
    _writeCall(buffer, name);
    if (found != null) buffer.write('\nFound: $name${found.runtimeType}');
    return buffer.toString();
  }

  void _writeProblem(StringBuffer buffer, bool isMismatch) {
    final name = _plainName;
    final scope = _scope;
    if (_receiver == null && scope == null) {
      buffer.write("The ${_kindName()} '$name' was called on null.");
      return;
    }
    if (_receiver is Function && name == 'call') {
      buffer.write('Closure call with mismatched arguments: function ');
      buffer.write("'${_function ?? name}'");
      return;
    }
    if (scope == null) {
      buffer.write("Class '${_classNameOf(_receiver)}' has no instance ");
    } else {
      buffer.write('No $scope ');
    }
    buffer.write("${_kindName()} '$name'");
    buffer.write(isMismatch ? ' with matching arguments.' : '.');
  }

  String get _plainName => _invocation.memberName._plainName;

  String _kindName() {
    if (_invocation.isGetter) return 'getter';
    if (_invocation.isSetter) return 'setter';
    return 'method';
  }

  void _writeCall(StringBuffer buffer, String name) {
    if (_invocation.isGetter) {
      buffer.write(name);
      return;
    }
    if (_invocation.isSetter) {
      buffer.write(name);
      if (!name.endsWith('=')) buffer.write('=');
      buffer.write(Error.safeToString(_invocation.positionalArguments[0]));
      return;
    }
    buffer.write(name);
    final types = _invocation.typeArguments;
    if (types.isNotEmpty) {
      buffer.write('<');
      buffer.writeAll(types, ', ');
      buffer.write('>');
    }
    buffer.write('(');
    String separator = '';
    for (final Object? argument in _invocation.positionalArguments) {
      buffer.write(separator);
      buffer.write(Error.safeToString(argument));
      separator = ', ';
    }
    _invocation.namedArguments.forEach((Symbol key, Object? value) {
      buffer.write(separator);
      buffer.write(key._name);
      buffer.write(': ');
      buffer.write(Error.safeToString(value));
      separator = ', ';
    });
    buffer.write(')');
  }
}
