//! Fresh objects of each kind.
//!
//! Each function is a safepoint and gives an object whose tagged words are null; see the rules in [`super`].

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use super::blob::{Blob, EXTERNAL_STRING_BYTES, READ_ONLY};
use super::layout::{self, Kind};
use super::roots::Roots;
use super::{Allocated, Heap, HeapLimit, MAX_OBJECT_WORDS};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

impl Heap {
    /// A fresh object of a class; words zeroed (tagged ones null). A safepoint.
    #[inline(always)]
    pub fn new_object(&mut self, of: ClassId, words: usize, roots: &mut dyn Roots) -> Allocated {
        match self.allocate(words) {
            Some(object) => {
                // SAFETY: fresh.
                unsafe { object.set_header(Header::new(of)) };
                Ok(object)
            }
            None => self.new_object_slow(of, words, roots),
        }
    }

    #[cold]
    #[inline(never)]
    fn new_object_slow(&mut self, of: ClassId, words: usize, roots: &mut dyn Roots) -> Allocated {
        let object = self.allocate_slow(words, roots)?;
        // SAFETY: fresh.
        unsafe { object.init_header(of) };
        Ok(object)
    }

    /// A fresh instance of a class of the program. A safepoint.
    pub fn new_instance(&mut self, of: ClassId, roots: &mut dyn Roots) -> Allocated {
        let layout = self.layouts.get(of);
        debug_assert_eq!(layout.kind, Kind::Fixed, "class {} is not declared", of.0);
        let words = usize::from(layout.words);
        self.new_object(of, words.max(1), roots)
    }

    /// A tagged integer, boxed beyond 63 bits. A safepoint.
    #[inline(always)]
    pub fn box_int(&mut self, value: i64, roots: &mut dyn Roots) -> Allocated<Value> {
        match Value::smi(value) {
            Some(small) => Ok(small),
            None => self.box_large_int(value, roots),
        }
    }

    #[cold]
    fn box_large_int(&mut self, value: i64, roots: &mut dyn Roots) -> Allocated<Value> {
        self.counters.boxed_ints += 1;
        let object = self.new_object(class::INT, 2, roots)?;
        // SAFETY: fresh.
        unsafe { object.set_word(1, value as u64) };
        Ok(object.value())
    }

    /// A boxed double. A safepoint.
    #[inline(always)]
    pub fn box_double(&mut self, value: f64, roots: &mut dyn Roots) -> Allocated<Value> {
        self.counters.boxed_doubles += 1;
        let object = self.new_object(class::DOUBLE, 2, roots)?;
        // SAFETY: fresh.
        unsafe { object.set_word(1, value.to_bits()) };
        Ok(object.value())
    }

    /// Counts a double that the caller boxes itself.
    #[inline(always)]
    pub fn count_boxed_double(&mut self) {
        self.counters.boxed_doubles += 1;
    }

    /// A `_List` of nulls (or an `_ImmutableList` to be filled before the next safepoint). A safepoint.
    pub fn new_list(
        &mut self,
        of: ClassId,
        length: usize,
        targs: u64,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let words = object_words(slot::LIST_ELEMENTS, length)?;
        let list = self.new_object(of, words, roots)?;
        // SAFETY: fresh.
        unsafe {
            list.set_word(slot::LIST_TARGS, targs);
            list.set_word(slot::LIST_LENGTH, length as u64);
        }
        Ok(list)
    }

    /// An empty `_GrowableList` whose backing list has room for `capacity` elements (none at 0: the backing is null). A safepoint.
    pub fn new_growable_list(
        &mut self,
        capacity: usize,
        targs: u64,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let scope = self.open_scope();
        let backing = if capacity == 0 {
            Value::NULL
        } else {
            self.new_list(class::FIXED_LIST, capacity, targs, roots)?
                .value()
        };
        let backing = self.handle(backing);
        let list = self.new_object(class::GROWABLE_LIST, 4, roots);
        let backing = self.get(backing);
        self.close_scope(scope);
        let list = list?;
        // SAFETY: fresh.
        unsafe {
            list.set_word(slot::LIST_TARGS, targs);
            list.init_field(slot::GROWABLE_BACKING, backing);
        }
        Ok(list)
    }

    /// A string of Latin-1 code units. A safepoint.
    pub fn new_one_byte_string(&mut self, units: &[u8], roots: &mut dyn Roots) -> Allocated<Value> {
        // SAFETY: the closure fills exactly the units it is given.
        self.build_string(
            class::ONE_BYTE_STRING,
            units.len(),
            units.len(),
            roots,
            |data| unsafe {
                std::ptr::copy_nonoverlapping(units.as_ptr(), data, units.len());
            },
        )
    }

    /// A string of UTF-16 code units. A safepoint.
    pub fn new_two_byte_string(
        &mut self,
        units: &[u16],
        roots: &mut dyn Roots,
    ) -> Allocated<Value> {
        let bytes = units.len() * 2;
        // SAFETY: the closure fills exactly the units it is given; data is 8-aligned.
        self.build_string(
            class::TWO_BYTE_STRING,
            units.len(),
            bytes,
            roots,
            |data| unsafe {
                std::ptr::copy_nonoverlapping(units.as_ptr().cast::<u8>(), data, bytes);
            },
        )
    }

    /// A string from Rust text, of one byte a unit where that suffices. A safepoint.
    pub fn new_string(&mut self, text: &str, roots: &mut dyn Roots) -> Allocated<Value> {
        if text.is_ascii() {
            return self.new_one_byte_string(text.as_bytes(), roots);
        }
        if text.chars().all(|c| (c as u32) < 0x100) {
            let units: Vec<u8> = text.chars().map(|c| c as u32 as u8).collect();
            return self.new_one_byte_string(&units, roots);
        }
        let units: Vec<u16> = text.encode_utf16().collect();
        self.new_two_byte_string(&units, roots)
    }

    /// A string of `length` units whose data `fill` writes: `bytes` bytes from the pointer it gets, all of them. Where the data
    /// lies (in the object or in a blob) is the heap's choice. A safepoint, before `fill` runs.
    pub fn build_string(
        &mut self,
        of: ClassId,
        length: usize,
        bytes: usize,
        roots: &mut dyn Roots,
        fill: impl FnOnce(*mut u8),
    ) -> Allocated<Value> {
        if length > u32::MAX as usize {
            return Err(HeapLimit);
        }
        if bytes >= EXTERNAL_STRING_BYTES {
            let (string, blob) = self.new_blob_handle(of, bytes, Blob::for_overwriting, roots)?;
            // SAFETY: fresh, and the blob has so many bytes.
            unsafe {
                string.set_word(slot::STRING_LENGTH, length as u64);
                fill(blob.data());
            }
            return Ok(string.value());
        }
        let words = slot::STRING_DATA + bytes.div_ceil(8);
        let string = self.new_object(of, words, roots)?;
        // SAFETY: fresh, and large enough for the data.
        unsafe {
            string.set_word(slot::STRING_LENGTH, length as u64);
            fill(string.as_ptr().add(slot::STRING_DATA).cast());
        }
        Ok(string.value())
    }

    /// Typed data (or a `_ByteBuffer`, `_ByteData`) of `length` zeroed elements, `bytes` bytes in all, in a blob. A safepoint.
    pub fn new_typed_data(
        &mut self,
        of: ClassId,
        length: usize,
        bytes: usize,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let (object, _) = self.new_blob_handle(of, bytes, Blob::new, roots)?;
        // SAFETY: fresh.
        unsafe { object.set_word(slot::DATA_LENGTH, length as u64) };
        Ok(object)
    }

    /// A handle of another class, length or start over the same bytes as `base` (itself typed data): `offset` is counted in
    /// bytes from `base`'s first element. The caller has checked that the range lies inside. A safepoint.
    pub fn new_view(
        &mut self,
        of: ClassId,
        base: Value,
        offset: usize,
        length: usize,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let scope = self.open_scope();
        let base = self.handle(base);
        let view = self.new_object(of, layout::BLOB_HANDLE_WORDS, roots);
        let base = self.get(base);
        self.close_scope(scope);
        let (view, base) = (view?, ObjRef::of(base).ok_or(HeapLimit)?);
        // SAFETY: fresh; the base is a blob handle.
        unsafe {
            debug_assert_eq!(self.layouts.get(base.class()).kind, Kind::Blob);
            view.set_word(slot::DATA_LENGTH, length as u64);
            let start = base.word(slot::DATA_POINTER) + offset as u64;
            view.set_word(slot::DATA_POINTER, start);
            view.set_word(slot::BLOB, base.word(slot::BLOB));
            view.set_header(view.header().with(base.header().0 & Header::LENT));
            if let Some(blob) = Blob::from_word(base.word(slot::BLOB)) {
                blob.retain();
            }
        }
        self.young_handles.push(view);
        Ok(view)
    }

    /// A view like `base` (itself typed data) for an object that never writes through it nor lets others. A safepoint.
    pub fn new_read_only(&mut self, base: Value, roots: &mut dyn Roots) -> Allocated {
        let object = ObjRef::of(base).ok_or(HeapLimit)?;
        // SAFETY: the base is a blob handle.
        let (of, length) = unsafe { (object.class(), object.word(slot::DATA_LENGTH)) };
        let view = self.new_view(of, base, 0, length as usize, roots)?;
        // SAFETY: a fresh blob handle.
        unsafe { view.set_word(slot::BLOB, view.word(slot::BLOB) | READ_ONLY) };
        Ok(view)
    }

    /// A handle of a class with a blob layout, and with this length word, that takes over one count of `blob`. A safepoint.
    pub fn adopt_blob(
        &mut self,
        of: ClassId,
        blob: Blob,
        length: u64,
        roots: &mut dyn Roots,
    ) -> Allocated {
        let made = self
            .check_limit(blob.bytes(), roots)
            .and_then(|()| self.new_object(of, layout::BLOB_HANDLE_WORDS, roots));
        match made {
            Ok(handle) => {
                self.attach_blob(handle, blob);
                // SAFETY: fresh.
                unsafe { handle.set_word(slot::DATA_LENGTH, length) };
                Ok(handle)
            }
            Err(limit) => {
                // SAFETY: the count was given to us.
                unsafe { blob.release() };
                Err(limit)
            }
        }
    }

    /// Takes the blob out of a handle, which is empty from now on; `None` if it already was. For transferables.
    pub fn take_blob(&mut self, handle: ObjRef) -> Option<Blob> {
        // SAFETY: the caller's reference is to a live blob handle.
        unsafe {
            let blob = Blob::from_word(handle.word(slot::BLOB))?;
            handle.set_word(slot::BLOB, 0);
            handle.set_word(slot::DATA_POINTER, 0);
            handle.set_word(slot::DATA_LENGTH, 0);
            let header = handle.header();
            if header.has(Header::EXTERNAL) {
                self.external_bytes = self.external_bytes.saturating_sub(blob.bytes());
                if !header.has(Header::OLD) {
                    self.external_young_bytes =
                        self.external_young_bytes.saturating_sub(blob.bytes());
                }
            }
            Some(blob)
        }
    }

    fn new_blob_handle(
        &mut self,
        of: ClassId,
        bytes: usize,
        make: fn(usize) -> Option<Blob>,
        roots: &mut dyn Roots,
    ) -> Allocated<(ObjRef, Blob)> {
        self.before_external(bytes, roots)?;
        let handle = self.new_object(of, layout::BLOB_HANDLE_WORDS, roots)?;
        let blob = make(bytes).ok_or(HeapLimit)?;
        self.attach_blob(handle, blob);
        Ok((handle, blob))
    }

    fn attach_blob(&mut self, handle: ObjRef, blob: Blob) {
        // SAFETY: the handle is fresh.
        unsafe {
            let marks = match blob.is_marked() {
                true => Header::EXTERNAL | Header::LENT,
                false => Header::EXTERNAL,
            };
            handle.set_header(handle.header().with(marks));
            handle.set_word(slot::DATA_POINTER, blob.data() as u64);
            handle.set_word(slot::BLOB, blob.word());
        }
        self.external_bytes += blob.bytes();
        self.external_young_bytes += blob.bytes();
        self.young_handles.push(handle);
    }

    /// Gives up the count that a dead handle holds.
    ///
    /// # Safety
    /// The words of a blob handle of this heap that nobody uses any more.
    pub(super) unsafe fn release_handle(&mut self, handle: ObjRef) {
        // SAFETY: the caller's.
        unsafe {
            let word = handle.word(slot::BLOB);
            let Some(blob) = Blob::from_word(word) else {
                return;
            };
            // Views are not charged: what they share is charged to the handle that the blob came with. If that one goes first, the
            // charge stays until the last view goes, too, or a full collection finds out what the views are.
            let header = handle.header();
            if header.has(Header::EXTERNAL) {
                if !is_string(header.class()) && !blob.is_unique() {
                    self.orphaned_bytes += blob.bytes();
                } else {
                    self.external_bytes = self.external_bytes.saturating_sub(blob.bytes());
                }
            } else if word & READ_ONLY == 0 && blob.is_unique() {
                // All handles of what can be written to are in this heap.
                let orphaned = blob.bytes().min(self.orphaned_bytes);
                self.orphaned_bytes -= orphaned;
                self.external_bytes = self.external_bytes.saturating_sub(orphaned);
            }
            if header.has(Header::LENT) {
                // For the other handles of the buffer, which may be old ones.
                blob.settle();
            }
            blob.release();
        }
    }

    /// Gives up the count of a handle that a frozen copy has replaced, and the charge if the blob was charged through it.
    ///
    /// # Safety
    /// The words of a blob handle of this heap, but for the header, that nobody uses any more.
    pub(super) unsafe fn release_replaced(&mut self, handle: ObjRef, was_charged: bool) {
        // SAFETY: the caller's.
        unsafe {
            if let Some(blob) = Blob::from_word(handle.word(slot::BLOB)) {
                if was_charged {
                    self.external_bytes = self.external_bytes.saturating_sub(blob.bytes());
                }
                blob.release();
            }
        }
    }

    /// A closure without its captures, which the caller fills with `init_field` and `set_word`. A safepoint.
    pub fn new_closure(
        &mut self,
        function: u32,
        refs: u16,
        raws: u16,
        vectors: (u32, u32),
        roots: &mut dyn Roots,
    ) -> Allocated {
        let captures = usize::from(refs) + usize::from(raws);
        let closure = self.new_object(class::CLOSURE, slot::CLOSURE_CAPTURES + captures, roots)?;
        let counts = u64::from(refs) << 32 | u64::from(raws) << 48;
        // SAFETY: fresh.
        unsafe {
            closure.set_word(slot::CLOSURE_FUNCTION, u64::from(function) | counts);
            let (class_vector, function_vector) = vectors;
            closure.set_word(
                slot::CLOSURE_VECTORS,
                u64::from(class_vector) | u64::from(function_vector) << 32,
            );
        }
        Ok(closure)
    }

    /// A record without its fields, which the caller fills with `init_field`. A safepoint.
    pub fn new_record(&mut self, shape: u32, fields: u32, roots: &mut dyn Roots) -> Allocated {
        let words = slot::RECORD_FIELDS + fields as usize;
        let record = self.new_object(class::RECORD, words, roots)?;
        // SAFETY: fresh.
        unsafe {
            record.set_word(
                slot::RECORD_SHAPE,
                u64::from(shape) | u64::from(fields) << 32,
            );
        }
        Ok(record)
    }

    /// A suspension with room for a frame, all zero. A safepoint.
    pub fn new_suspension(&mut self, refs: u32, raws: u32, roots: &mut dyn Roots) -> Allocated {
        let words = slot::SUSPENSION_SLOTS + refs as usize + raws as usize;
        let suspension = self.new_object(class::SUSPENSION, words, roots)?;
        // SAFETY: fresh.
        unsafe {
            suspension.set_word(
                slot::SUSPENSION_COUNTS,
                u64::from(refs) | u64::from(raws) << 32,
            );
        }
        Ok(suspension)
    }
}

/// Words of an object with `fixed` words and `variable` more; checked before anything is allocated.
fn object_words(fixed: usize, variable: usize) -> Result<usize, HeapLimit> {
    if variable > MAX_OBJECT_WORDS - fixed {
        return Err(HeapLimit);
    }
    Ok(fixed + variable)
}

/// Whether blobs of this class are shared between heaps, each of which is charged, and never have views.
fn is_string(of: ClassId) -> bool {
    matches!(of, class::ONE_BYTE_STRING | class::TWO_BYTE_STRING)
}
