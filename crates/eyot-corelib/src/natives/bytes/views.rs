//! Buffers, views of them, and transferables.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::blob::{Blob, HeldBlob};
use eyot_runtime::heap::stream;
use eyot_runtime::heap::walk::for_each_slot;
use eyot_runtime::heap::{HeapLimit, LayoutTable};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::{ObjRef, slot};
use eyot_runtime::value::Value;

use super::data::{BYTES_PER_FUEL, Data, DataMut, elements_of};

/// The buffer's class and those of its views, by the number that `_viewOf` and the C interface have for them (there one less).
pub(in crate::natives) const KINDS: [ClassId; 13] = [
    class::BYTE_BUFFER,
    class::BYTE_DATA,
    class::INT8_LIST,
    class::UINT8_LIST,
    class::UINT8_CLAMPED_LIST,
    class::INT16_LIST,
    class::UINT16_LIST,
    class::INT32_LIST,
    class::UINT32_LIST,
    class::INT64_LIST,
    class::UINT64_LIST,
    class::FLOAT32_LIST,
    class::FLOAT64_LIST,
];

/// A handle of `length` elements from byte `offset` of the buffer that `base` looks into.
fn view(
    cx: &mut NativeCall<'_>,
    base: Value,
    of: ClassId,
    offset: usize,
    length: usize,
) -> Result<Value, Raised> {
    let made = cx.allocate(|heap, roots| heap.new_view(of, base, 0, length, roots))?;
    if let Some(blob) = Data::of(made.value()).and_then(|data| data.blob()) {
        // SAFETY: a fresh handle; the range was checked against the buffer.
        unsafe { made.set_word(slot::DATA_POINTER, blob.data() as u64 + offset as u64) };
    }
    Ok(made.value())
}

/// `Object? _viewOf(Object base, int kind, int offsetInBytes, int? length)`
fn view_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let [kind, offset] = [0, 1].map(|index| usize::try_from(cx.int(index)).ok());
    let of = kind.and_then(|kind| KINDS.get(kind)).copied();
    let (Some(of), Some(offset)) = (of, offset) else {
        return cx.ret_null();
    };
    let size = elements_of(of).map_or(1, |(size, _)| size);
    let Some(length) = view_length(cx, offset, size) else {
        return cx.ret_null();
    };
    let made = view(cx, cx.arg(0), of, offset, length)?;
    cx.ret(made)
}

/// How many elements of this size a view from byte `offset` has, by its second tagged argument: none if it is not aligned or not inside.
fn view_length(cx: &NativeCall<'_>, offset: usize, size: usize) -> Option<usize> {
    let whole = Data::of(cx.arg(0))?.blob().map_or(0, |blob| blob.bytes());
    let most = whole.checked_sub(offset)? / size;
    if !offset.is_multiple_of(size) {
        return None;
    }
    match cx.arg(1) {
        Value::NULL => Some(most),
        length => usize::try_from(cx.as_int(length)?)
            .ok()
            .filter(|&length| length <= most),
    }
}

fn offset_in_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let offset = Data::of(cx.arg(0)).map_or(0, |data| data.offset());
    cx.ret_int(offset as i64)
}

fn length_in_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let bytes = Data::of(cx.arg(0)).map_or(0, |data| data.byte_length());
    cx.ret_int(bytes as i64)
}

fn buffer_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let bytes = Data::of(cx.arg(0))
        .and_then(|data| data.blob())
        .map_or(0, |blob| blob.bytes());
    let made = view(cx, cx.arg(0), class::BYTE_BUFFER, 0, bytes)?;
    cx.ret(made)
}

/// What identifies a buffer.
fn identity(value: Value) -> Option<u64> {
    let data = Data::of(value).filter(|data| data.class == class::BYTE_BUFFER)?;
    Some(data.blob().map_or(0, |blob| blob.word()))
}

fn buffer_equals(cx: &mut NativeCall<'_>) -> NativeResult {
    let same = identity(cx.arg(0)) == identity(cx.arg(1));
    cx.ret_bool(same)
}

fn buffer_hash(cx: &mut NativeCall<'_>) -> NativeResult {
    let blob = Data::of(cx.arg(0)).and_then(|data| data.blob());
    let word = blob.map_or(0, Blob::identity);
    cx.ret_int((word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64)
}

/// Bytes that are copied in one go: some ten microseconds. Between two such steps of a large part the isolate may be interrupted like
/// anywhere else in its program.
const STEP_BYTES: usize = 256 << 10;
/// `TransferableTypedData? _transferableOf(List<TypedData> list)`
fn transferable_of(cx: &mut NativeCall<'_>) -> NativeResult {
    if let Some(lent) = lent_whole(cx) {
        let bytes = lent.blob().bytes();
        let made = cx.allocate(|heap, roots| {
            heap.adopt_blob(class::TRANSFERABLE, lent.into_count(), bytes as u64, roots)
        })?;
        return cx.ret(made.value());
    }
    if cx.elements(cx.arg(0)).is_none() {
        return cx.ret_null();
    }
    match total_bytes(cx) {
        Some(total) if total <= STEP_BYTES => {}
        _ => return cx.ret_null(),
    }
    let whole = new_transferable(cx)?;
    let (whole, parts) = (Data::of(whole), parts_of(cx));
    let mut done = 0;
    for part in parts {
        done += whole.map_or(0, |whole| copy_part(whole, done, part, 0));
    }
    cx.ret(whole.map_or(Value::NULL, |whole| whole.object.value()))
}

/// The bytes of the only part, if it is all of its buffer and they can be lent.
fn lent_whole(cx: &mut NativeCall<'_>) -> Option<HeldBlob> {
    let &[part] = cx.elements(cx.arg(0))? else {
        return None;
    };
    let part = data_of(cx.program().layouts(), part)?;
    let is_whole = part.byte_length() == part.blob()?.bytes();
    is_whole.then(|| cx.heap().lend(part.object))?
}

/// `TransferableTypedData _roomFor(List<TypedData> list)`
fn room_for(cx: &mut NativeCall<'_>) -> NativeResult {
    let made = new_transferable(cx)?;
    cx.ret(made)
}

/// `int _joinStep(TransferableTypedData whole, int done, TypedData part, int offset)`
fn join_step(cx: &mut NativeCall<'_>) -> NativeResult {
    let [done, offset] = [0, 1].map(|index| usize::try_from(cx.int(index)).unwrap_or(usize::MAX));
    let program = cx.program();
    let (whole, part) = (Data::of(cx.arg(0)), data_of(program.layouts(), cx.arg(1)));
    let copied = match (whole, part) {
        (Some(whole), Some(part)) => copy_part(whole, done, part, offset),
        _ => 0,
    };
    cx.spend((copied / BYTES_PER_FUEL) as i64);
    cx.ret_int(copied as i64)
}

/// Copies some bytes of a part from `offset` on, to byte `done` of a transferable that nobody has seen; how many.
fn copy_part(whole: Data, done: usize, part: Data, offset: usize) -> usize {
    let room = whole.byte_length().saturating_sub(done);
    let whole_bytes = whole.byte_length();
    let whole = DataMut::of_fresh(whole);
    let left = part.byte_length().saturating_sub(offset);
    let bytes = left.min(room).min(STEP_BYTES);
    if bytes > 0 {
        // SAFETY: both ranges lie in their blobs, and no other isolate has a count of the fresh one.
        unsafe {
            let (from, to) = (part.start.add(offset), whole.start().add(done));
            stream::copy(from, to, bytes, whole_bytes);
        }
    }
    bytes
}

/// Bytes of the typed data in the first argument, a list; `None` if no number says how many.
fn total_bytes(cx: &mut NativeCall<'_>) -> Option<usize> {
    let parts = parts_of(cx);
    let mut lengths = parts.iter().map(Data::byte_length);
    lengths.try_fold(0_usize, |sum, bytes| sum.checked_add(bytes))
}

/// A transferable with room for them.
fn new_transferable(cx: &mut NativeCall<'_>) -> Result<Value, Raised> {
    let total = total_bytes(cx);
    let made = cx.allocate(|heap, roots| {
        let total = total.ok_or(HeapLimit)?;
        heap.before_external(total, roots)?;
        let blob = Blob::for_overwriting(total).ok_or(HeapLimit)?;
        heap.adopt_blob(class::TRANSFERABLE, blob, total as u64, roots)
    })?;
    Ok(made.value())
}

fn parts_of(cx: &mut NativeCall<'_>) -> Vec<Data> {
    let program = cx.program();
    let elements = cx.elements(cx.arg(0)).unwrap_or_default();
    let data = |&part: &Value| data_of(program.layouts(), part);
    elements.iter().filter_map(data).collect()
}

/// Typed data, or what an object of the library's own is over.
fn data_of(layouts: &LayoutTable, part: Value) -> Option<Data> {
    Data::of(part).or_else(|| Data::of(wrapped_in(layouts, part)?))
}

/// What a list of the library's own is over: unmodifiable views, and lists of vectors, are instances with typed data in a field.
fn wrapped_in(layouts: &LayoutTable, part: Value) -> Option<Value> {
    let object = ObjRef::of(part)?;
    let mut found = None;
    // SAFETY: the invariant of Value; nothing is allocated meanwhile.
    unsafe {
        let layout = layouts.get(object.class());
        for_each_slot(object, layout, |slot| {
            if found.is_none() && Data::of(*slot).is_some() {
                found = Some(*slot);
            }
        });
    }
    found
}

/// `ByteBuffer materialize()`
fn take(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(data) = Data::of(cx.arg(0)).filter(|data| data.class == class::TRANSFERABLE) else {
        return cx.throw_argument_message("not a transferable");
    };
    let Some(blob) = cx.heap().take_blob(data.object) else {
        return cx.throw_argument_message(
            "the bytes of this TransferableTypedData were sent or materialized before",
        );
    };
    // The count was the handle's.
    let (lent, bytes) = (HeldBlob::new(blob), blob.bytes() as u64);
    let made =
        cx.allocate(|heap, roots| heap.adopt_lent(class::BYTE_BUFFER, lent, bytes, roots))?;
    cx.ret(made.value())
}

/// `Object _readOnly(TypedData base)`
fn read_only(cx: &mut NativeCall<'_>) -> NativeResult {
    let base = cx.arg(0);
    if Data::of(base).is_none() {
        return cx.throw_argument_message("no typed data");
    }
    let made = cx.allocate(|heap, roots| heap.new_read_only(base, roots))?;
    cx.ret(made.value())
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("typed_data/_viewOf", view_of),
    ("typed_data/_TypedDataBase.offsetInBytes", offset_in_bytes),
    ("typed_data/_TypedDataBase.lengthInBytes", length_in_bytes),
    ("typed_data/_TypedDataBase.buffer", buffer_of),
    ("typed_data/_ByteBuffer.lengthInBytes", length_in_bytes),
    ("typed_data/_ByteBuffer.==", buffer_equals),
    ("typed_data/_ByteBuffer.hashCode", buffer_hash),
    ("isolate/_transferableOf", transferable_of),
    ("isolate/_roomFor", room_for),
    ("isolate/_joinStep", join_step),
    ("isolate/_TransferableTypedData.materialize", take),
    ("typed_data/_readOnly", read_only),
];
