part of 'isolate.dart';

/// Bytes that are moved to another isolate instead of copied.
abstract final class TransferableTypedData {
  factory TransferableTypedData.fromList(List<TypedData> list) =>
      _transferableOf(list) ??
      _joined(List<TypedData>.of(list, growable: false));

  static TransferableTypedData _joined(List<TypedData> parts) {
    final small = _transferableOf(parts);
    if (small != null) return small;
    final whole = _roomFor(parts);
    var done = 0;
    for (final part in parts) {
      var offset = 0;
      while (true) {
        final copied = _joinStep(whole, done, part, offset);
        if (copied == 0) break;
        offset += copied;
        done += copied;
      }
    }
    return whole;
  }

  /// The bytes; only once.
  ByteBuffer materialize();
}

/// Made and looked into by the VM alone: a handle of the bytes, empty after
/// it was sent or materialised.
final class _TransferableTypedData implements TransferableTypedData {
  _TransferableTypedData._();

  /// Native: a buffer with the bytes, which leave this object. Throws through
  /// `_throwArgumentMessage` if they have left already.
  external ByteBuffer materialize();
}

/// Native: a fresh transferable with the bytes of [list], whose elements are
/// typed data, one after the other; null if it is no VM list, or if there are
/// so many that copying them takes long. All bytes of one large buffer are not copied,
/// but lent: whoever writes first, here or there, makes a copy then.
external TransferableTypedData? _transferableOf(List<TypedData> list);

/// Native: a fresh transferable with room for the bytes of [list], which
/// [_joinStep] is to bring, part by part.
external TransferableTypedData _roomFor(List<Object> list);

/// Native: copies bytes of [part] from byte [offset] on to where [whole] has
/// byte [done], and gives how many: some, or 0 if there are no more. So a
/// large part takes many calls, between which others may run.
external int _joinStep(
    TransferableTypedData whole, int done, Object part, int offset);
