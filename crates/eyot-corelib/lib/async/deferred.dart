part of 'async.dart';

/// Deferred imports whose `loadLibrary` has completed: the prefix, a space
/// and the URI of the library with the import.
final Set<String> _loadedImports = {};

/// `prefix.loadLibrary()`. The program is complete when it starts, so that
/// nothing has to be fetched.
Future<void> _loadLibrary(String import) => Future<void>.microtask(() {
      _loadedImports.add(import);
    });

/// Comes before every use of a deferred import's names.
void _checkLoaded(String import) {
  if (!_loadedImports.contains(import)) throw _NotLoadedError(import);
}

/// A deferred import was used before it was loaded.
class _NotLoadedError extends Error implements NoSuchMethodError {
  final String _import;

  _NotLoadedError(this._import);

  String toString() {
    final prefix = _import.substring(0, _import.indexOf(' '));
    return 'Deferred library $prefix was not loaded.';
  }
}
