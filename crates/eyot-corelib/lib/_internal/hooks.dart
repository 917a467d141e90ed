part of '_internal.dart';

/// Native, and an instruction where the compiler sees the call: [value]
/// itself, with static type [T]. No check: only where the type is certain.
external T unsafeCast<T>(Object? value);

/// Native: writes [line] and a line feed to standard output.
external void printToConsole(String line);

/// Set by dart:async: how `print` goes through the current zone.
void Function(String line)? printToZone;

/// The objects whose `toString` is under way, so that a collection that
/// contains itself prints `...` there.
final List<Object> toStringVisiting = <Object>[];

bool isToStringVisiting(Object object) {
  for (int i = 0; i < toStringVisiting.length; i++) {
    if (identical(object, toStringVisiting[i])) return true;
  }
  return false;
}

/// Hash combination for composite objects (the Jenkins one-at-a-time form in
/// 29 bits); [finish] comes last.
abstract final class SystemHash {
  static int combine(int hash, int value) {
    int h = 0x1fffffff & (hash + value);
    h = 0x1fffffff & (h + ((0x0007ffff & h) << 10));
    return h ^ (h >> 6);
  }

  static int finish(int hash) {
    int h = 0x1fffffff & (hash + ((0x03ffffff & hash) << 3));
    h = h ^ (h >> 11);
    return 0x1fffffff & (h + ((0x00003fff & h) << 15));
  }

  static int hash2(int v1, int v2) => finish(combine(combine(0, v1), v2));

  static int hash3(int v1, int v2, int v3) =>
      finish(combine(combine(combine(0, v1), v2), v3));

  static int hash4(int v1, int v2, int v3, int v4) =>
      finish(combine(combine(combine(combine(0, v1), v2), v3), v4));
}

/// Throws where [value] is `null` although its type says it is not.
T checkNotNullable<T extends Object>(T value, String name) {
  if ((value as dynamic) == null) throw ArgumentError.notNull(name);
  return value;
}

// Classes of objects that only the runtime makes and looks into. They are
// declared so that each has a name and a fixed id.

/// Free memory and forwarding records.
final class _Free {}

/// The variable that closures share, tagged.
final class _Cell {}

/// The variable that closures share, untagged.
final class _RawCell {}

/// A handle of something outside the heap.
final class _NativeObject {}

/// An entry of a weak table: its value lives while its key does.
final class _Ephemeron {}

/// Objects that stand for an address: two of the same address are one as far as
/// a program can tell, so that they cannot be weak keys.
abstract interface class WithoutIdentity {}

/// A stream of the core libraries that can hand its events straight to one
/// iterator, in the root zone.
abstract interface class EventSource {
  /// Listens for [taker]; answers the `StreamSubscription`. Nothing is handed
  /// over before this returns.
  Object connect(EventTaker taker);
}

/// The iterator that an [EventSource] was connected to.
abstract interface class EventTaker {
  /// The event that it waits for. If it does not wait for the next one when
  /// this returns, the answer is false, and it will resume the subscription.
  bool takeEvent(Object? event);

  /// The end of the stream, while it waits.
  void takeEnd();
}
