//! The lists of the runtime. Element access and `add` are instructions; these natives are behind dynamic calls.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::{Header, ObjRef, slot};
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;

use super::support::{spend_bytes, wrong_argument};

/// Longest list there can be.
const LENGTH_MAX: i64 = 1 << 30;

fn new_fixed(cx: &mut NativeCall<'_>) -> NativeResult {
    let targs = cx.targs(0);
    let length = cx.int(1);
    if length > LENGTH_MAX {
        return cx.throw_out_of_memory();
    }
    let list = cx.new_list(targs, usize::try_from(length).unwrap_or(0))?;
    cx.ret(list)
}

fn length(cx: &mut NativeCall<'_>) -> NativeResult {
    match cx.elements(cx.arg(0)).map(<[Value]>::len) {
        Some(length) => cx.ret_int(length as i64),
        None => wrong_argument(cx),
    }
}

/// The index in raw argument 0, or the index error.
macro_rules! checked_index {
    ($cx:ident) => {{
        let index = $cx.int(0);
        let Some(length) = $cx.elements($cx.arg(0)).map(<[Value]>::len) else {
            return wrong_argument($cx);
        };
        match usize::try_from(index) {
            Ok(index) if index < length => index,
            _ => return $cx.throw_index(index, length as i64),
        }
    }};
}

fn get(cx: &mut NativeCall<'_>) -> NativeResult {
    let index = checked_index!(cx);
    let element = cx
        .elements(cx.arg(0))
        .and_then(|elements| elements.get(index).copied());
    cx.ret(element.unwrap_or(Value::NULL))
}

fn set(cx: &mut NativeCall<'_>) -> NativeResult {
    let index = checked_index!(cx);
    let (list, value) = (cx.arg(0), cx.arg(1));
    cx.list_set(list, index, value);
    cx.ret_null()
}

fn add(cx: &mut NativeCall<'_>) -> NativeResult {
    let (list, value) = (cx.arg(0), cx.arg(1));
    let (list, value) = (cx.root(list), cx.root(value));
    cx.list_add(list, value)?;
    cx.ret_null()
}

fn remove_last(cx: &mut NativeCall<'_>) -> NativeResult {
    let list = cx.arg(0);
    let Some(&last) = cx.elements(list).and_then(<[Value]>::last) else {
        return cx.throw_index(-1, 0);
    };
    let length = cx.field_raw(list, slot::LIST_LENGTH) - 1;
    let backing = cx.field(list, slot::GROWABLE_BACKING);
    cx.list_set(backing, length as usize, Value::NULL);
    cx.set_field_raw(list, slot::LIST_LENGTH, length);
    cx.ret(last)
}

fn ensure_capacity(cx: &mut NativeCall<'_>) -> NativeResult {
    let wanted = cx.int(0);
    if wanted > LENGTH_MAX {
        return cx.throw_out_of_memory();
    }
    grow(cx, usize::try_from(wanted).unwrap_or(0))?;
    cx.ret_null()
}

/// Gives the growable list in argument 0 a backing of at least `wanted` elements.
fn grow(cx: &mut NativeCall<'_>, wanted: usize) -> Result<(), Raised> {
    let backing = cx.field(cx.arg(0), slot::GROWABLE_BACKING);
    let capacity = cx.elements(backing).map_or(0, <[Value]>::len);
    if wanted <= capacity {
        return Ok(());
    }
    let targs = TypeArguments(cx.field_raw(cx.arg(0), slot::LIST_TARGS) as u32);
    let fresh = cx.new_list(targs, wanted.max(capacity * 2))?;
    let list = cx.arg(0);
    let length = cx.field_raw(list, slot::LIST_LENGTH) as usize;
    let backing = cx.field(list, slot::GROWABLE_BACKING);
    copy(cx, backing, 0, fresh, 0, length);
    cx.set_field(list, slot::GROWABLE_BACKING, fresh);
    Ok(())
}

/// Moves elements between two `_List`s, which may be one; nothing where a range is out of bounds.
pub fn copy(
    cx: &mut NativeCall<'_>,
    source: Value,
    from: usize,
    target: Value,
    at: usize,
    count: usize,
) {
    let source_length = cx.elements(source).map_or(0, <[Value]>::len);
    let target_length = cx.elements(target).map_or(0, <[Value]>::len);
    if count == 0 || from + count > source_length || at + count > target_length {
        return;
    }
    let (Some(source), Some(target)) = (ObjRef::of(source), ObjRef::of(target)) else {
        return;
    };
    // SAFETY: both are `_List`s with the ranges in bounds, and nothing is allocated here; the barrier follows.
    unsafe {
        let start = source.as_ptr().add(slot::LIST_ELEMENTS + from);
        std::ptr::copy(start, target.as_ptr().add(slot::LIST_ELEMENTS + at), count);
        cx.heap().write_barrier_all(target);
    }
}

fn copy_elements(cx: &mut NativeCall<'_>) -> NativeResult {
    let (source, target) = (cx.arg(0), cx.arg(1));
    let [from, at, count] = [0, 1, 2].map(|index| usize::try_from(cx.int(index)).unwrap_or(0));
    spend_bytes(cx, count.saturating_mul(8));
    copy(cx, source, from, target, at, count);
    cx.ret_null()
}

fn fill_elements(cx: &mut NativeCall<'_>) -> NativeResult {
    let (list, value) = (cx.arg(0), cx.arg(1));
    let length = cx.elements(list).map_or(0, <[Value]>::len);
    let end = usize::try_from(cx.int(1)).unwrap_or(0).min(length);
    let start = usize::try_from(cx.int(0)).unwrap_or(0).min(end);
    let Some(object) = ObjRef::of(list).filter(|_| start < end) else {
        return cx.ret_null();
    };
    spend_bytes(cx, (end - start) * 8);
    // SAFETY: a list of `length` elements, and nothing is allocated here; the barrier follows.
    unsafe {
        let first = object.as_ptr().add(slot::LIST_ELEMENTS + start);
        std::slice::from_raw_parts_mut(first, end - start).fill(value.bits());
        cx.heap().write_barrier_all(object);
    }
    cx.ret_null()
}

fn immutable_from(cx: &mut NativeCall<'_>) -> NativeResult {
    let list = cx.arg(0);
    if cx.class_of(list) != class::FIXED_LIST {
        return wrong_argument(cx);
    }
    // SAFETY: a live `_List` that the caller has just made.
    unsafe { make_immutable(list) };
    cx.ret(list)
}

/// Makes a `_List` an `_ImmutableList`.
///
/// # Safety
/// A live `_List`, which no program has seen.
pub unsafe fn make_immutable(list: Value) {
    let Some(object) = ObjRef::of(list) else {
        return;
    };
    // SAFETY: the caller's; both classes have the same layout.
    unsafe {
        let header = object.header();
        let fresh = Header::new(class::IMMUTABLE_LIST).0 | header.0 & !Header::new(CLASS_BITS).0;
        object.set_header(Header(fresh));
    }
}

/// All bits of the class in a header.
const CLASS_BITS: eyot_bytecode::module::ClassId = eyot_bytecode::module::ClassId(0xff_ffff);

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/_List.new", new_fixed),
    ("core/_List.length", length),
    ("core/_List.[]", get),
    ("core/_List.[]=", set),
    ("core/_ImmutableList.length", length),
    ("core/_ImmutableList.[]", get),
    ("core/_GrowableList.length", length),
    ("core/_GrowableList.[]", get),
    ("core/_GrowableList.[]=", set),
    ("core/_GrowableList._append", add),
    ("core/_GrowableList.removeLast", remove_last),
    ("core/_GrowableList._ensureCapacity", ensure_capacity),
    ("core/_copyElements", copy_elements),
    ("core/_fillElements", fill_elements),
    ("core/_immutableFrom", immutable_from),
];
