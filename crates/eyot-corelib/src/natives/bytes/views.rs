//! Buffers, views of them, and transferables.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::slot;
use eyot_runtime::value::Value;

use super::data::{Data, elements_of, new_data};

/// The classes of `_viewOf`, by kind.
const KINDS: [ClassId; 13] = [
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

/// `Object _viewOf(Object base, int kind, int offsetInBytes, int length)`
fn view_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let [kind, offset, length] = [0, 1, 2].map(|index| usize::try_from(cx.int(index)).ok());
    let of = kind.and_then(|kind| KINDS.get(kind)).copied();
    let (Some(of), Some(offset), Some(length)) = (of, offset, length) else {
        return cx.throw_argument_message("no such view");
    };
    let whole = Data::of(cx.arg(0))
        .and_then(|data| data.blob())
        .map_or(0, |blob| blob.bytes());
    let size = elements_of(of).map_or(1, |(size, _)| size);
    let end = length
        .checked_mul(size)
        .and_then(|bytes| bytes.checked_add(offset));
    if end.is_none_or(|end| end > whole) {
        return cx.throw_argument_message("a view beyond its buffer");
    }
    let made = view(cx, cx.arg(0), of, offset, length)?;
    cx.ret(made)
}

fn offset_in_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let offset = Data::of(cx.arg(0)).map_or(0, |data| data.offset());
    cx.ret_int(offset as i64)
}

fn length_in_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let bytes = Data::of(cx.arg(0)).map_or(0, |data| data.byte_length());
    cx.ret_int(bytes as i64)
}

fn buffer(cx: &mut NativeCall<'_>) -> NativeResult {
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
    let word = identity(cx.arg(0)).unwrap_or(0);
    cx.ret_int((word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64)
}

/// `TransferableTypedData _transferableOf(List<TypedData> list)`
fn transferable_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let parts = parts_of(cx);
    let Some(total) = parts
        .iter()
        .try_fold(0_usize, |sum, part| sum.checked_add(part.byte_length()))
    else {
        return cx.throw_out_of_memory();
    };
    let made = new_data(cx, class::TRANSFERABLE, total)?;
    // SAFETY: the bytes are fresh; the parts are found again, since their handles may have moved (their blobs have not).
    unsafe {
        let mut rest = made.bytes_mut();
        for part in parts_of(cx) {
            let bytes = part.bytes();
            let Some((here, behind)) = rest.split_at_mut_checked(bytes.len()) else {
                break;
            };
            here.copy_from_slice(bytes);
            rest = behind;
        }
    }
    cx.ret(made.object.value())
}

fn parts_of(cx: &NativeCall<'_>) -> Vec<Data> {
    let elements = cx.elements(cx.arg(0)).unwrap_or_default();
    elements.iter().filter_map(|&part| Data::of(part)).collect()
}

/// `ByteBuffer materialize()`
fn materialize(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(data) = Data::of(cx.arg(0)).filter(|data| data.class == class::TRANSFERABLE) else {
        return cx.throw_argument_message("not a transferable");
    };
    let Some(blob) = cx.heap().take_blob(data.object) else {
        return cx.throw_argument_message(
            "the bytes of this TransferableTypedData were sent or materialized before",
        );
    };
    let bytes = blob.bytes();
    let made =
        cx.allocate(|heap, roots| heap.adopt_blob(class::BYTE_BUFFER, blob, bytes, roots))?;
    cx.ret(made.value())
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("typed_data/_viewOf", view_of),
    ("typed_data/_TypedDataBase.offsetInBytes", offset_in_bytes),
    ("typed_data/_TypedDataBase.lengthInBytes", length_in_bytes),
    ("typed_data/_TypedDataBase.buffer", buffer),
    ("typed_data/_ByteBuffer.lengthInBytes", length_in_bytes),
    ("typed_data/_ByteBuffer.==", buffer_equals),
    ("typed_data/_ByteBuffer.hashCode", buffer_hash),
    ("isolate/_transferableOf", transferable_of),
    ("isolate/_TransferableTypedData.materialize", materialize),
];
