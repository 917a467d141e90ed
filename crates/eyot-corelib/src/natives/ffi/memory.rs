//! Native memory: numbers in it, lists over it, objects for structs in it.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::blob::Blob;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::slot;
use eyot_runtime::program::types::TypeArguments;

use super::super::bytes::DataMut;
use super::finalizer::NativeCallOnDrop;
use super::set_compound;

/// Kinds of numbers, as the Dart side counts them.
mod kind {
    pub const INT8: i64 = 0;
    pub const UINT8: i64 = 1;
    pub const INT16: i64 = 2;
    pub const UINT16: i64 = 3;
    pub const INT32: i64 = 4;
    pub const UINT32: i64 = 5;
    pub const FLOAT: i64 = 8;
}

/// `int _load(int address, int kind)`
fn load(cx: &mut NativeCall<'_>) -> NativeResult {
    let at = cx.int(0) as usize;
    // SAFETY: the program's promise. Unaligned reads, since fields of packed structs are not aligned.
    let value = unsafe {
        match cx.int(1) {
            kind::INT8 => i64::from((at as *const i8).read_unaligned()),
            kind::UINT8 => i64::from((at as *const u8).read_unaligned()),
            kind::INT16 => i64::from((at as *const i16).read_unaligned()),
            kind::UINT16 => i64::from((at as *const u16).read_unaligned()),
            kind::INT32 => i64::from((at as *const i32).read_unaligned()),
            kind::UINT32 => i64::from((at as *const u32).read_unaligned()),
            _ => (at as *const i64).read_unaligned(),
        }
    };
    cx.ret_int(value)
}

/// `void _store(int address, int kind, int value)`
fn store(cx: &mut NativeCall<'_>) -> NativeResult {
    let (at, value) = (cx.int(0) as usize, cx.int(2));
    // SAFETY: the program's promise.
    unsafe {
        match cx.int(1) {
            kind::INT8 | kind::UINT8 => (at as *mut u8).write_unaligned(value as u8),
            kind::INT16 | kind::UINT16 => (at as *mut u16).write_unaligned(value as u16),
            kind::INT32 | kind::UINT32 => (at as *mut u32).write_unaligned(value as u32),
            _ => (at as *mut i64).write_unaligned(value),
        }
    }
    cx.ret_null()
}

/// `double _loadDouble(int address, int kind)`
fn load_double(cx: &mut NativeCall<'_>) -> NativeResult {
    let at = cx.int(0) as usize;
    // SAFETY: the program's promise.
    let value = unsafe {
        match cx.int(1) {
            kind::FLOAT => f64::from((at as *const f32).read_unaligned()),
            _ => (at as *const f64).read_unaligned(),
        }
    };
    cx.ret_double(value)
}

/// `void _storeDouble(int address, int kind, double value)`
fn store_double(cx: &mut NativeCall<'_>) -> NativeResult {
    let (at, value) = (cx.int(0) as usize, cx.double(2));
    // SAFETY: the program's promise.
    unsafe {
        match cx.int(1) {
            kind::FLOAT => (at as *mut f32).write_unaligned(value as f32),
            _ => (at as *mut f64).write_unaligned(value),
        }
    }
    cx.ret_null()
}

/// `void _copy(int to, int from, int bytes)`
fn copy(cx: &mut NativeCall<'_>) -> NativeResult {
    let [to, from, bytes] = [0, 1, 2].map(|index| cx.int(index) as usize);
    // SAFETY: the program's promise, or bytes of typed data that the caller keeps alive.
    unsafe { std::ptr::copy(from as *const u8, to as *mut u8, bytes) };
    cx.ret_null()
}

/// `int _addressOf(TypedData data)`
fn address_of(cx: &mut NativeCall<'_>) -> NativeResult {
    match DataMut::of(cx, cx.arg(0))? {
        Some(data) => {
            // Whoever has the address may write there.
            data.data().pin();
            cx.ret_int(data.start() as i64)
        }
        None => cx.throw_argument_message("Only typed data of this library has an address"),
    }
}

/// Class and size of the elements of a list of numbers.
fn list_of(kind: i64) -> Option<(ClassId, usize)> {
    const LISTS: [(ClassId, usize); 10] = [
        (class::INT8_LIST, 1),
        (class::UINT8_LIST, 1),
        (class::INT16_LIST, 2),
        (class::UINT16_LIST, 2),
        (class::INT32_LIST, 4),
        (class::UINT32_LIST, 4),
        (class::INT64_LIST, 8),
        (class::UINT64_LIST, 8),
        (class::FLOAT32_LIST, 4),
        (class::FLOAT64_LIST, 8),
    ];
    LISTS.get(usize::try_from(kind).ok()?).copied()
}

/// Class, length and bytes of the list asked for; none for a length that no list has.
fn list_asked(kind: i64, length: i64) -> Option<(ClassId, usize, usize)> {
    let (of, size) = list_of(kind)?;
    let length = usize::try_from(length).ok()?;
    let bytes = length.checked_mul(size)?;
    (bytes <= isize::MAX as usize).then_some((of, length, bytes))
}

/// `Object _listAt(int address, int kind, int length, int finalizer, int token)`
fn list_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let [address, kind, length, finalizer, token] = [0, 1, 2, 3, 4].map(|index| cx.int(index));
    let Some((of, length, bytes)) = list_asked(kind, length) else {
        return cx.throw_range(length, 0, i64::MAX >> 4, "length");
    };
    let owner = Box::new(NativeCallOnDrop::new(finalizer, token));
    // SAFETY: the program's promise.
    let blob = unsafe { Blob::foreign(address as usize as *mut u8, bytes, owner) };
    let Some(blob) = blob else {
        return cx.throw_out_of_memory();
    };
    let list = cx.allocate(|heap, roots| heap.adopt_blob(of, blob, length as u64, roots))?;
    cx.ret(list.value())
}

/// `Object _viewAt(TypedData owner, int address, int kind, int length)`
fn view_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let (address, kind, length) = (cx.int(0), cx.int(1), cx.int(2));
    let Some((of, length, _)) = list_asked(kind, length) else {
        return cx.throw_range(length, 0, i64::MAX >> 4, "length");
    };
    let owner = cx.arg(0);
    let view = cx.allocate(|heap, roots| heap.new_view(of, owner, 0, length, roots))?;
    // SAFETY: a fresh handle; the address is that of an array inside the owner's bytes.
    unsafe { view.set_word(slot::DATA_POINTER, address as u64) };
    cx.ret(view.value())
}

/// `T _compoundAt<T extends NativeType>(int address, Object? owner)`
fn compound_at(cx: &mut NativeCall<'_>) -> NativeResult {
    let types = cx.targs(0);
    let ty = cx.type_element(types, 0);
    let Some(of) = cx.class_of_type(ty) else {
        return cx.throw_unsupported("only a class of structs or unions has objects");
    };
    let made = cx.new_instance(of, TypeArguments::EMPTY)?;
    let (address, owner) = (cx.int(1) as u64, cx.arg(0));
    set_compound(cx, made, address, owner);
    cx.ret(made)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("ffi/_load", load),
    ("ffi/_store", store),
    ("ffi/_loadDouble", load_double),
    ("ffi/_storeDouble", store_double),
    ("ffi/_copy", copy),
    ("ffi/_addressOf", address_of),
    ("ffi/_listAt", list_at),
    ("ffi/_viewAt", view_at),
    ("ffi/_compoundAt", compound_at),
];
