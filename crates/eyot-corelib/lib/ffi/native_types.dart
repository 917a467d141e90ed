part of 'ffi.dart';

/// A type of C. Its classes are names for signatures; no value is an instance.
sealed class NativeType {
  const NativeType();
}

/// A type with a size.
abstract interface class SizedNativeType implements NativeType {}

/// A C type whose size nobody knows.
abstract base class Opaque implements NativeType {
  const Opaque();
}

final class Int8 implements SizedNativeType {
  const Int8();
}

final class Int16 implements SizedNativeType {
  const Int16();
}

final class Int32 implements SizedNativeType {
  const Int32();
}

final class Int64 implements SizedNativeType {
  const Int64();
}

final class Uint8 implements SizedNativeType {
  const Uint8();
}

final class Uint16 implements SizedNativeType {
  const Uint16();
}

final class Uint32 implements SizedNativeType {
  const Uint32();
}

final class Uint64 implements SizedNativeType {
  const Uint64();
}

final class Float implements SizedNativeType {
  const Float();
}

final class Double implements SizedNativeType {
  const Double();
}

final class Bool implements SizedNativeType {
  const Bool();
}

abstract final class Void implements NativeType {}

/// A reference to a Dart object, which only the embedder's C interface of
/// other runtimes knows.
abstract final class Handle implements NativeType {}

/// A C function of the signature [T].
abstract final class NativeFunction<T extends Function> implements NativeType {}

/// The variable arguments of a C function: the last parameter, a record.
abstract final class VarArgs<T extends Record> implements NativeType {}

/// An integer whose size depends on the ABI.
abstract base class AbiSpecificInteger implements SizedNativeType {
  const AbiSpecificInteger();
}

final class IntPtr extends AbiSpecificInteger {
  const IntPtr();
}

final class UintPtr extends AbiSpecificInteger {
  const UintPtr();
}

final class Size extends AbiSpecificInteger {
  const Size();
}

final class Char extends AbiSpecificInteger {
  const Char();
}

final class SignedChar extends AbiSpecificInteger {
  const SignedChar();
}

final class UnsignedChar extends AbiSpecificInteger {
  const UnsignedChar();
}

final class Short extends AbiSpecificInteger {
  const Short();
}

final class UnsignedShort extends AbiSpecificInteger {
  const UnsignedShort();
}

final class Int extends AbiSpecificInteger {
  const Int();
}

final class UnsignedInt extends AbiSpecificInteger {
  const UnsignedInt();
}

final class Long extends AbiSpecificInteger {
  const Long();
}

final class UnsignedLong extends AbiSpecificInteger {
  const UnsignedLong();
}

final class LongLong extends AbiSpecificInteger {
  const LongLong();
}

final class UnsignedLongLong extends AbiSpecificInteger {
  const UnsignedLongLong();
}

final class WChar extends AbiSpecificInteger {
  const WChar();
}

/// A function of C that takes anything: what a native finalizer calls.
typedef NativeFinalizerFunction
    = NativeFunction<Void Function(Pointer<Void> token)>;

/// Lives at least as long as the variable that holds it is in sight.
abstract interface class Finalizable {}

/// A message of the embedder's C interface.
final class Dart_CObject extends Opaque {
  Dart_CObject();
}

/// Number of bytes of [T].
int sizeOf<T extends SizedNativeType>() => _needsStaticTypes('sizeOf');
