part of 'isolate.dart';

/// Bytes that are moved to another isolate instead of copied.
abstract final class TransferableTypedData {
  factory TransferableTypedData.fromList(List<TypedData> list) =>
      _transferableOf(List<TypedData>.of(list, growable: false));

  /// The bytes; only once.
  ByteBuffer materialize();
}

/// Made and looked into by the VM alone: a handle of the bytes, empty after
/// it was sent or materialised.
final class _TransferableTypedData implements TransferableTypedData {
  _TransferableTypedData._();

  /// Native: a buffer with the bytes, which leave this object. Throws
  /// through `_throwArgumentMessage` if they have left already.
  external ByteBuffer materialize();
}

/// Native: a fresh transferable with the bytes of [list], a VM list whose
/// elements are typed data, one after the other.
external TransferableTypedData _transferableOf(List<TypedData> list);
