//! Typed data as natives see it: a range of a blob.
//!
//! Bytes of a blob never move, whatever the collector does; they live as long as a handle of the blob does, and the argument
//! slots of a running native hold the handles that it was given. Nothing else runs in the isolate meanwhile. Other isolates may
//! see the same bytes, as long as nobody writes: that takes a [`DataMut`], which sees to it that they are this heap's alone, and
//! to whose bytes earlier [`Data`] of the same buffer do not lead.

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;
use eyot_runtime::heap::HeapLimit;
use eyot_runtime::heap::blob::Blob;
use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, Raised};
use eyot_runtime::object::{Header, ObjRef, slot};
use eyot_runtime::value::Value;

/// Bytes copied that count as much as a call of a function.
pub const BYTES_PER_FUEL: usize = 64;

/// What the elements are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Integers.
    Ints,
    /// Integers, clamped when written.
    Clamped,
    /// Floats.
    Floats,
}

/// Size and kind of a class's elements; none for a class that is no typed data.
pub fn elements_of(of: ClassId) -> Option<(usize, Elements)> {
    use Elements::{Clamped, Floats, Ints};
    Some(match of {
        class::BYTE_BUFFER | class::BYTE_DATA | class::TRANSFERABLE => (1, Ints),
        class::INT8_LIST | class::UINT8_LIST => (1, Ints),
        class::UINT8_CLAMPED_LIST => (1, Clamped),
        class::INT16_LIST | class::UINT16_LIST => (2, Ints),
        class::INT32_LIST | class::UINT32_LIST => (4, Ints),
        class::INT64_LIST | class::UINT64_LIST => (8, Ints),
        class::FLOAT32_LIST => (4, Floats),
        class::FLOAT64_LIST => (8, Floats),
        _ => return None,
    })
}

/// A handle of a blob, taken apart.
#[derive(Clone, Copy)]
pub struct Data {
    /// The handle.
    pub object: ObjRef,
    /// Its class.
    pub class: ClassId,
    /// Bytes of an element.
    pub size: usize,
    /// What the elements are.
    pub elements: Elements,
    /// Number of elements.
    pub length: usize,
    /// The first one.
    pub start: *const u8,
}

impl Data {
    /// The parts of a value that is typed data.
    pub fn of(value: Value) -> Option<Data> {
        let object = ObjRef::of(value)?;
        // SAFETY: the invariant of Value; handles have these words.
        unsafe {
            let class = object.class();
            let (size, elements) = elements_of(class)?;
            Some(Data {
                object,
                class,
                size,
                elements,
                length: object.word(slot::DATA_LENGTH) as usize,
                start: object.word(slot::DATA_POINTER) as *const u8,
            })
        }
    }

    /// Bytes of all elements.
    pub fn byte_length(&self) -> usize {
        self.length * self.size
    }

    /// The blob; none if the bytes have left.
    pub fn blob(&self) -> Option<Blob> {
        // SAFETY: a live handle.
        Blob::from_word(unsafe { self.object.word(slot::BLOB) })
    }

    /// Sees to it that the bytes stay where they are. For those of a [`DataMut`].
    pub fn pin(&self) {
        if let Some(blob) = self.blob() {
            blob.pin();
        }
    }

    /// Bytes between the blob's start and the first element.
    pub fn offset(&self) -> usize {
        self.blob()
            .map_or(0, |blob| self.start as usize - blob.data() as usize)
    }

    /// The place of element `index`.
    pub fn place(&self, index: i64) -> Option<*const u8> {
        let index = usize::try_from(index)
            .ok()
            .filter(|&index| index < self.length)?;
        // SAFETY: inside the elements.
        Some(unsafe { self.start.add(index * self.size) })
    }

    /// The bytes.
    ///
    /// # Safety
    /// The handle is held by an argument or a root while the slice is used, and nothing writes to the blob.
    pub unsafe fn bytes<'a>(&self) -> &'a [u8] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: the elements are inside the blob; the rest is the caller's.
        unsafe { std::slice::from_raw_parts(self.start, self.byte_length()) }
    }
}

/// Typed data that can be written to: no other isolate sees the bytes.
#[derive(Clone, Copy)]
pub struct DataMut(Data);

impl DataMut {
    /// The parts of a value that is typed data, after its bytes were made the heap's own, so that they may be elsewhere now. If that takes long
    /// the native is left and called again: it must not have done anything before.
    pub fn of(cx: &mut NativeCall<'_>, value: Value) -> Result<Option<DataMut>, Raised> {
        let Some(data) = Data::of(value) else {
            return Ok(None);
        };
        match cx.heap().make_writable(data.object) {
            Ok(step) => {
                if step.copied > 0 {
                    cx.spend((step.copied / BYTES_PER_FUEL) as i64);
                }
                if step.is_done {
                    return Ok(Data::of(value).map(DataMut));
                }
                if step.waits() {
                    give_way(cx);
                }
                Err(cx.again())
            }
            Err(HeapLimit) => {
                cx.throw_out_of_memory()?;
                Ok(None)
            }
        }
    }

    /// Typed data that this native has made.
    pub fn of_fresh(data: Data) -> DataMut {
        // SAFETY: a live handle.
        debug_assert!(!unsafe { data.object.header() }.has(Header::LENT));
        DataMut(data)
    }

    /// What it is, to read.
    pub fn data(&self) -> &Data {
        &self.0
    }

    /// The first element.
    pub fn start(&self) -> *mut u8 {
        self.0.start.cast_mut()
    }

    /// The bytes.
    ///
    /// # Safety
    /// As [`Data::bytes`], and nothing else reads the blob.
    pub unsafe fn bytes_mut<'a>(&self) -> &'a mut [u8] {
        if self.0.length == 0 {
            return &mut [];
        }
        // SAFETY: the elements are inside the blob; the rest is the caller's.
        unsafe { std::slice::from_raw_parts_mut(self.start(), self.0.byte_length()) }
    }
}

/// Has others run before this isolate goes on.
fn give_way(cx: &mut NativeCall<'_>) {
    if let Some(context) = cx.host::<Context>() {
        context.give_way();
    }
    cx.look_around();
}

/// A copy of the bytes of an argument that is typed data; nothing for anything else.
pub fn bytes_of(value: Value) -> Vec<u8> {
    // SAFETY: copied at once, and nothing is allocated in a heap.
    Data::of(value).map_or_else(Vec::new, |data| unsafe { data.bytes() }.to_vec())
}

/// Fresh typed data, zeroed.
pub fn new_data(cx: &mut NativeCall<'_>, of: ClassId, length: usize) -> Result<Data, Raised> {
    let size = elements_of(of).map_or(1, |(size, _)| size);
    let made = cx.allocate(|heap, roots| {
        let bytes = length.checked_mul(size).ok_or(HeapLimit)?;
        heap.new_typed_data(of, length, bytes, roots)
    })?;
    match Data::of(made.value()) {
        Some(data) => Ok(data),
        None => {
            cx.throw_out_of_memory()?;
            new_data(cx, of, 0)
        }
    }
}

/// A fresh `Uint8List` with these bytes.
pub fn new_bytes(cx: &mut NativeCall<'_>, bytes: &[u8]) -> Result<Value, Raised> {
    cx.allocate(|heap, roots| heap.new_bytes(bytes, roots))
}

/// Bounds `start..end` of a text or list of `length`, from raw arguments that Dart code has checked.
pub fn range(cx: &NativeCall<'_>, first: usize, length: usize) -> std::ops::Range<usize> {
    let end = usize::try_from(cx.int(first + 1)).unwrap_or(0).min(length);
    let start = usize::try_from(cx.int(first)).unwrap_or(0).min(end);
    start..end
}
