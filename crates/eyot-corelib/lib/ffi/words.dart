part of 'ffi.dart';

// Kinds of numbers in memory; natives know them by these.
const int _int8 = 0;
const int _uint8 = 1;
const int _int16 = 2;
const int _uint16 = 3;
const int _int32 = 4;
const int _uint32 = 5;
const int _int64 = 6;
const int _uint64 = 7;
const int _float = 8;
const int _double = 9;

/// Native: the integer of that kind at [address].
external int _load(int address, int kind);

/// Native: writes the low bits of [value].
external void _store(int address, int kind, int value);

/// Native: the float or double at [address].
external double _loadDouble(int address, int kind);

/// Native: writes a float or double.
external void _storeDouble(int address, int kind, double value);

/// Native: copies [bytes] bytes from [from] to [to], which may overlap.
external void _copy(int to, int from, int bytes);

/// Native: where the bytes of [data] begin. They stay there as long as it, or
/// a view of the same buffer, is alive.
external int _addressOf(TypedData data);

/// What analysis puts something else in place of; only tear-offs and calls
/// whose types it cannot know get here.
Never _needsStaticTypes(String member) => throw UnsupportedError(
    "'$member' must be called directly, with native types known statically");
