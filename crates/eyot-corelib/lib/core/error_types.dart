part of 'core.dart';

/// A member was called that the receiver does not have.
class NoSuchMethodError extends Error {
  final Object? _receiver;
  final Invocation _invocation;

  /// Whether the member exists, only with other parameters.
  final bool _mismatch;

  /// For a call of a static member or constructor, what it was looked up in.
  final String? _scope;

  NoSuchMethodError.withInvocation(Object? receiver, Invocation invocation)
      : _receiver = receiver,
        _invocation = invocation,
        _mismatch = false,
        _scope = null;

  NoSuchMethodError._(
      this._receiver, this._invocation, this._mismatch, this._scope);

  String toString() {
    final buffer = StringBuffer('NoSuchMethodError: ');
    final name = _plainName;
    if (_receiver == null && _scope == null) {
      buffer.write('The ${_kindName()} ');
      buffer.write("'$name' was called on null.");
    } else if (_receiver is Function && name == 'call') {
      buffer.write('Closure call with mismatched arguments: function ');
      buffer.write("'call'");
    } else {
      final scope = _scope;
      if (scope == null) {
        buffer.write("Class '${_classNameOf(_receiver)}' has no instance ");
      } else {
        buffer.write('No $scope ');
      }
      buffer.write("${_kindName()} '$name'");
      buffer.write(_mismatch ? ' with matching arguments.' : '.');
    }
    buffer.write('\n');
    if (_scope == null) {
      buffer.write('Receiver: ');
      buffer.write(_receiverText());
      buffer.write('\n');
    }
    buffer.write('Tried calling: ');
    _writeCall(buffer, name);
    return buffer.toString();
  }

  String _receiverText() {
    final receiver = _receiver;
    if (receiver is Function) return receiver.toString();
    return Error.safeToString(receiver);
  }

  String get _plainName => _invocation.memberName._name;

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
      buffer.write(' ');
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
