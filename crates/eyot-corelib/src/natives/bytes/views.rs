//! Buffers, views of them, and transferables.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::LayoutTable;
use eyot_runtime::heap::blob::{Blob, HeldBlob};
use eyot_runtime::heap::walk::for_each_slot;
use eyot_runtime::isolate::HostJob;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult, Raised};
use eyot_runtime::object::{ObjRef, slot};
use eyot_runtime::value::Value;

use super::data::{Data, elements_of};

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
    let word = identity(cx.arg(0)).unwrap_or(0);
    cx.ret_int((word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64)
}

/// Bytes from which on the parts of a transferable are copied on a thread of its own, while the isolate waits: a worker has others
/// to run meanwhile, whose slices are a tenth of what this takes.
const COPIED_APART_BYTES: usize = 4 << 20;

/// `TransferableTypedData _transferableOf(List<TypedData> list)`
fn transferable_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let lengths = parts_of(cx);
    let total = lengths
        .iter()
        .try_fold(0_usize, |sum, part| sum.checked_add(part.byte_length()));
    let Some(total) = total else {
        return cx.throw_out_of_memory();
    };
    cx.allocate(|heap, roots| heap.before_external(total, roots))?;
    let Some(blob) = Blob::for_overwriting(total) else {
        return cx.throw_out_of_memory();
    };
    let joining = Joining {
        parts: parts_of(cx).iter().filter_map(Part::of).collect(),
        whole: HeldBlob::new(blob),
    };
    if total < COPIED_APART_BYTES {
        let whole = joining.join();
        return ret_transferable(cx, whole);
    }
    cx.pending(Box::new(HostJob::Block(Box::new(move || {
        let whole = joining.join();
        Box::new(move |cx: &mut NativeCall<'_>| ret_transferable(cx, whole))
    }))))
}

fn ret_transferable(cx: &mut NativeCall<'_>, whole: HeldBlob) -> NativeResult {
    let blob = whole.into_count();
    let made = cx.allocate(|heap, roots| {
        heap.adopt_blob(class::TRANSFERABLE, blob, blob.bytes() as u64, roots)
    })?;
    cx.ret(made.value())
}

/// A range of a blob that is held.
struct Part {
    blob: HeldBlob,
    offset: usize,
    bytes: usize,
}

impl Part {
    fn of(data: &Data) -> Option<Part> {
        let blob = data.blob()?;
        blob.retain();
        Some(Part {
            blob: HeldBlob::new(blob),
            offset: data.offset(),
            bytes: data.byte_length(),
        })
    }
}

/// Parts and the fresh blob that gets them, one behind the other.
struct Joining {
    parts: Vec<Part>,
    whole: HeldBlob,
}

impl Joining {
    fn join(self) -> HeldBlob {
        let whole = self.whole.blob();
        let mut done = 0;
        for part in &self.parts {
            let bytes = part.bytes.min(whole.bytes() - done);
            // SAFETY: both ranges lie in their blobs. The isolate whose bytes these are waits; the whole is nobody else's.
            unsafe {
                let from = part.blob.blob().data().add(part.offset);
                std::ptr::copy_nonoverlapping(from, whole.data().add(done), bytes);
            }
            done += bytes;
        }
        self.whole
    }
}

fn parts_of(cx: &mut NativeCall<'_>) -> Vec<Data> {
    let program = cx.program();
    let layouts = program.layouts();
    let elements = cx.elements(cx.arg(0)).unwrap_or_default();
    let data = |&part: &Value| Data::of(part).or_else(|| Data::of(wrapped_in(layouts, part)?));
    elements.iter().filter_map(data).collect()
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
        cx.allocate(|heap, roots| heap.adopt_blob(class::BYTE_BUFFER, blob, bytes as u64, roots))?;
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
    ("isolate/_TransferableTypedData.materialize", materialize),
];
