part of 'ffi.dart';

/// A library of native code.
final class DynamicLibrary implements Finalizable {
  final int _handle;

  DynamicLibrary._(this._handle);

  /// Loads a library, or finds it if it is loaded already.
  factory DynamicLibrary.open(String path) =>
      DynamicLibrary._(_openLibrary(path));

  /// All that is loaded in this process.
  factory DynamicLibrary.process() => DynamicLibrary._(_processLibrary());

  /// What is in the executable itself.
  factory DynamicLibrary.executable() => DynamicLibrary._(_processLibrary());

  /// The address of a symbol; throws if there is none.
  Pointer<T> lookup<T extends NativeType>(String symbolName) {
    final address = _lookupSymbol(_handle, symbolName);
    if (address == 0) {
      throw ArgumentError("Failed to lookup symbol '$symbolName'");
    }
    return Pointer<T>.fromAddress(address);
  }

  bool providesSymbol(String symbolName) =>
      _lookupSymbol(_handle, symbolName) != 0;

  /// Lets the library go. It may stay loaded, for others who have it.
  void close() => _closeLibrary(_handle);

  /// The system's handle.
  Pointer<Void> get handle => Pointer<Void>.fromAddress(_handle);

  bool operator ==(Object other) =>
      other is DynamicLibrary && other._handle == _handle;

  int get hashCode => _handle.hashCode;

  String toString() =>
      'DynamicLibrary: handle=0x${_handle.toUnsigned(64).toRadixString(16)}';
}

extension DynamicLibraryExtension on DynamicLibrary {
  /// Looks a C function up and gives it as one of Dart.
  F lookupFunction<T extends Function, F extends Function>(String symbolName,
          {bool isLeaf = false}) =>
      _needsStaticTypes('lookupFunction');
}

/// Native: a handle; ArgumentError if there is no such library.
external int _openLibrary(String path);

/// Native: the handle for all of the process.
external int _processLibrary();

/// Native: gives a handle back.
external void _closeLibrary(int handle);

/// Native: the address of a symbol, 0 if there is none.
external int _lookupSymbol(int handle, String name);

/// Native: what calling [address] takes, for the function of [signature].
external int _prepareCall(int address, String signature, bool isLeaf);

/// What closures over `_call` capture.
int _prepare(String signature, Pointer<NativeType> pointer,
        {bool isLeaf = false}) =>
    _prepareCall(pointer._address, signature, isLeaf);

int _prepareLookup(String signature, DynamicLibrary library, String symbolName,
        {bool isLeaf = false}) =>
    _prepareCall(
        library.lookup<Void>(symbolName)._address, signature, isLeaf);

/// The address of a symbol that a [Native] names.
int _nativeAddress(String symbol, String? asset) {
  final library = asset == null
      ? DynamicLibrary.process()
      : _assets[asset] ??= DynamicLibrary.open(_pathOfAsset(asset));
  final address = _lookupSymbol(library._handle, symbol);
  if (address == 0) {
    throw ArgumentError(asset == null
        ? "Couldn't resolve native function '$symbol': no loaded library has it."
        : "Couldn't resolve native function '$symbol' in '$asset'.");
  }
  return address;
}

final Map<String, DynamicLibrary> _assets = {};

/// Without a build that maps assets to files only those that name a file
/// are known.
String _pathOfAsset(String asset) {
  final uri = Uri.tryParse(asset);
  if (uri != null && uri.isScheme('file')) return uri.toFilePath();
  if (uri != null && uri.hasScheme) {
    throw ArgumentError("Couldn't resolve native assets: "
        "no file is known for '$asset'.");
  }
  return asset;
}

int _prepareNative(String signature, String symbol, String? asset, bool isLeaf) =>
    _prepareCall(_nativeAddress(symbol, asset), signature, isLeaf);

Pointer<T> _nativePointer<T extends NativeType>(String symbol, String? asset) =>
    Pointer<T>.fromAddress(_nativeAddress(symbol, asset));
