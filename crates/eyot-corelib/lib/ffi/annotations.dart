part of 'ffi.dart';

/// Fields of a struct are not aligned to more than [memberAlignment] bytes.
final class Packed {
  final int memberAlignment;

  const Packed(this.memberAlignment);
}

/// What analysis reads for each ABI of an [AbiSpecificInteger].
final class AbiSpecificIntegerMapping {
  final Map<Abi, NativeType> mapping;

  const AbiSpecificIntegerMapping(this.mapping);
}

/// Marks parameters whose type is that of Dart for the type parameter of that
/// name.
final class DartRepresentationOf {
  final String nativeType;

  const DartRepresentationOf(this.nativeType);
}

/// An `external` function or variable that is found by a native [symbol].
final class Native<T> {
  /// The name; the declared one if there is none.
  final String? symbol;

  /// The library it is in; the process if there is none.
  final String? assetId;

  /// The function neither blocks for long nor calls Dart.
  final bool isLeaf;

  const Native({this.symbol, this.assetId, this.isLeaf = false});

  /// The address of a function or variable declared with [Native].
  static Pointer<T> addressOf<T extends NativeType>(Object native) =>
      _needsStaticTypes('Native.addressOf');
}

/// The asset of those [Native]s in a library that name none.
final class DefaultAsset {
  final String id;

  const DefaultAsset(this.id);
}
