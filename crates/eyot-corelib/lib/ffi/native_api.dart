part of 'ffi.dart';

/// The C interface of Dart, for libraries that send messages by themselves.
///
/// [initializeApiDLData] is what a library gives its `Dart_InitializeApiDL`. It
/// finds `Dart_PostCObject`, `Dart_PostInteger`, `Dart_NewNativePort`,
/// `Dart_NewConcurrentNativePort` and `Dart_CloseNativePort` there, and nothing
/// about handles of objects, scopes or current isolates: those functions are
/// null afterwards. A native port gets its messages one after the other. What
/// C posts as unmodifiable external typed data arrives as a copy; lists of
/// vectors are not posted.
abstract final class NativeApi {
  static int get majorVersion => 2;

  static int get minorVersion => 5;

  /// Sends a message; answers whether somebody will get it.
  static Pointer<NativeFunction<Int8 Function(Int64, Pointer<Dart_CObject>)>>
      get postCObject => Pointer.fromAddress(_apiAddress(1));

  /// Opens a port whose messages a C function gets.
  static Pointer<
          NativeFunction<
              Int64 Function(
                  Pointer<Uint8>,
                  Pointer<NativeFunction<Dart_NativeMessageHandler>>,
                  Int8)>>
      get newNativePort => Pointer.fromAddress(_apiAddress(2));

  static Pointer<NativeFunction<Int8 Function(Int64)>> get closeNativePort =>
      Pointer.fromAddress(_apiAddress(3));

  static Pointer<Void> get initializeApiDLData =>
      Pointer.fromAddress(_apiAddress(0));
}

typedef Dart_NativeMessageHandler = Void Function(Int64, Pointer<Dart_CObject>);

extension NativePort on SendPort {
  /// The port as C knows it.
  int get nativePort => _nativePortOf(this);
}

/// Native: the address of a part of the interface. Native ports belong to the
/// group that has asked last.
external int _apiAddress(int which);

/// Native: the number of a port.
external int _nativePortOf(SendPort port);
