//! The heap of one isolate.
//!
//! Every block of memory has one owner: an isolate's heap, a message in flight, or a frozen region. So allocation, barrier and
//! collection need no lock and no atomic, and no collection ever concerns another isolate.
//!
//! Rules for users:
//!
//! - `allocate` gives zeroed words without a header, or `None`; the caller then saves what it holds in its roots and goes to
//!   [`Heap::allocate_slow`], which may collect. The helpers (`new_…`, `box_…`) do both. A word of zeros is `null`.
//! - Any call that takes `&mut dyn Roots` is a safepoint: objects move, and only values in root slots or [`Handle`]s survive.
//! - A fresh object may be filled with [`ObjRef::init_field`] until the next safepoint; every other tagged store goes through
//!   [`Heap::store`] (or calls [`Heap::write_barrier`] itself).
//! - [`Heap::reserve`] makes a safepoint once, so that the allocations behind it need none: for natives that build several objects.

pub mod layout;
pub mod roots;

use std::sync::Arc;

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

pub use layout::{Kind, Layout, LayoutTable};
pub use roots::{RootVisitor, Roots};

use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// An isolate has reached its memory limit, or asks for more than any heap gives: becomes `OutOfMemoryError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapLimit;

/// What allocation gives.
pub type Allocated<T = ObjRef> = Result<T, HeapLimit>;

/// Settings of a heap.
#[derive(Clone, Debug)]
pub struct HeapConfig {
    /// Bytes the heap may hold, blobs included.
    pub limit_bytes: usize,
    /// Collect at every n-th allocation, poison freed memory and verify the heap.
    pub stress: Option<GcStress>,
}

impl Default for HeapConfig {
    fn default() -> Self {
        HeapConfig {
            limit_bytes: usize::MAX,
            stress: None,
        }
    }
}

/// The stress mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcStress {
    /// Collect at every n-th allocation (1: at each).
    pub every: u32,
}

/// What a heap has done; always on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapCounters {
    /// Objects allocated.
    pub objects: u64,
    /// Integers boxed because they need more than 63 bits.
    pub boxed_ints: u64,
    /// Doubles boxed.
    pub boxed_doubles: u64,
    /// Bytes allocated in blocks, by the block: exact up to the current one.
    pub bytes: u64,
    /// Minor collections.
    pub minor_collections: u64,
    /// Major collections.
    pub major_collections: u64,
    /// Longest pause.
    pub pause_ns_max: u64,
    /// All pauses together.
    pub pause_ns_total: u64,
}

/// A value kept across safepoints by the heap; good until its scope is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle(u32);

/// A mark to which [`Heap::close_scope`] drops handles.
#[derive(Debug)]
#[must_use]
pub struct HandleScope(u32);

/// Words no object may exceed.
pub const MAX_OBJECT_WORDS: usize = 1 << 31;

/// The heap of one isolate.
pub struct Heap {
    top: *mut u64,
    end: *mut u64,
    counters: HeapCounters,
    layouts: Arc<LayoutTable>,
    config: HeapConfig,
    handles: Vec<Value>,
    identity_seed: u64,
    blocks: Vec<Box<[u64]>>,
    block_bytes: usize,
}

// SAFETY: a heap owns its blocks alone, and nothing in it is tied to a thread.
unsafe impl Send for Heap {}

const SIMPLE_BLOCK_WORDS: usize = 4096;

impl Heap {
    /// An empty heap. It takes no block before the first allocation.
    pub fn new(layouts: Arc<LayoutTable>, config: HeapConfig) -> Heap {
        Heap {
            top: std::ptr::null_mut(),
            end: std::ptr::null_mut(),
            counters: HeapCounters::default(),
            layouts,
            config,
            handles: Vec::new(),
            identity_seed: 0x2545_f491_4f6c_dd1d,
            blocks: Vec::new(),
            block_bytes: 0,
        }
    }

    /// The group's layouts.
    pub fn layouts(&self) -> &LayoutTable {
        &self.layouts
    }

    /// What this heap has done.
    pub fn counters(&self) -> HeapCounters {
        self.counters
    }

    // ---- allocation

    /// Zeroed words of a fresh object (`words` counts the header), or `None`: then [`Heap::allocate_slow`].
    #[inline(always)]
    pub fn allocate(&mut self, words: usize) -> Option<ObjRef> {
        let top = self.top;
        if (self.end as usize).wrapping_sub(top as usize) / 8 < words {
            return None;
        }
        self.top = top.wrapping_add(words);
        self.counters.objects += 1;
        std::ptr::NonNull::new(top).map(ObjRef::from_ptr)
    }

    /// Makes room, collecting if it must, and allocates.
    #[cold]
    pub fn allocate_slow(&mut self, words: usize, _roots: &mut dyn Roots) -> Allocated {
        let size = words.max(SIMPLE_BLOCK_WORDS);
        if words > MAX_OBJECT_WORDS || self.block_bytes + size * 8 > self.config.limit_bytes {
            return Err(HeapLimit);
        }
        let mut block = vec![0u64; size].into_boxed_slice();
        self.top = block.as_mut_ptr();
        self.end = self.top.wrapping_add(size);
        self.block_bytes += size * 8;
        self.blocks.push(block);
        self.allocate(words).ok_or(HeapLimit)
    }

    /// [`Heap::allocate`], then [`Heap::allocate_slow`]: a safepoint.
    #[inline(always)]
    pub fn allocate_or_collect(&mut self, words: usize, roots: &mut dyn Roots) -> Allocated {
        match self.allocate(words) {
            Some(object) => Ok(object),
            None => self.allocate_slow(words, roots),
        }
    }

    /// A safepoint, after which [`Heap::allocate`] gives `words` words in all (at most 2000) without `None`.
    pub fn reserve(&mut self, words: usize, roots: &mut dyn Roots) -> Result<(), HeapLimit> {
        if (self.end as usize - self.top as usize) / 8 >= words {
            return Ok(());
        }
        let object = self.allocate_slow(words, roots)?;
        self.top = object.as_ptr();
        self.counters.objects -= 1;
        Ok(())
    }

    /// A fresh object of a class; words zeroed (tagged ones null). A safepoint.
    #[inline(always)]
    pub fn new_object(&mut self, of: ClassId, words: usize, roots: &mut dyn Roots) -> Allocated {
        let object = self.allocate_or_collect(words, roots)?;
        // SAFETY: fresh.
        unsafe { object.set_header(Header::new(of)) };
        Ok(object)
    }

    /// A fresh instance of a class of the program. A safepoint.
    pub fn new_instance(&mut self, of: ClassId, roots: &mut dyn Roots) -> Allocated {
        let words = usize::from(self.layouts.get(of).words);
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
        let words = object_words(slot::STRING_DATA, bytes.div_ceil(8))?;
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
        let object = self.new_object(of, layout::BLOB_HANDLE_WORDS, roots)?;
        let data = Box::leak(vec![0u64; bytes.div_ceil(8)].into_boxed_slice());
        // SAFETY: fresh.
        unsafe {
            object.set_word(slot::DATA_LENGTH, length as u64);
            object.set_word(slot::DATA_POINTER, data.as_mut_ptr() as u64);
        }
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
            view.set_word(slot::DATA_LENGTH, length as u64);
            view.set_word(
                slot::DATA_POINTER,
                base.word(slot::DATA_POINTER) + offset as u64,
            );
            view.set_word(slot::BLOB, base.word(slot::BLOB));
        }
        Ok(view)
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

    // ---- stores

    /// Writes a tagged word of any object, with the barrier.
    ///
    /// # Safety
    /// The contract of [`crate::object`]; the word is a tagged one, and the object is not frozen.
    #[inline(always)]
    pub unsafe fn store(&mut self, object: ObjRef, index: usize, value: Value) {
        // SAFETY: the caller's.
        unsafe {
            object.init_field(index, value);
            self.write_barrier_at(object, index, value);
        }
    }

    /// Tells the collector that `object` now refers to `value`; where is not known (bulk moves call it once per value, or once
    /// with [`Heap::write_barrier_all`]).
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline(always)]
    pub unsafe fn write_barrier(&mut self, _object: ObjRef, _value: Value) {}

    /// The same where the word is known: for large lists it remembers that part only.
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline(always)]
    pub unsafe fn write_barrier_at(&mut self, _object: ObjRef, _index: usize, _value: Value) {}

    /// Tells the collector that any tagged word of `object` may have changed.
    ///
    /// # Safety
    /// The contract of [`crate::object`].
    #[inline]
    pub unsafe fn write_barrier_all(&mut self, _object: ObjRef) {}

    // ---- identity

    /// The identity hash of an object: 30 bits, never 0, the same for ever, also in copies made for messages.
    pub fn identity_hash(&mut self, object: ObjRef) -> u32 {
        // SAFETY: the caller's reference is live.
        unsafe {
            let header = object.header();
            if header.identity_hash() != 0 {
                return header.identity_hash();
            }
            self.identity_seed ^= self.identity_seed << 13;
            self.identity_seed ^= self.identity_seed >> 7;
            self.identity_seed ^= self.identity_seed << 17;
            let hash = (self.identity_seed >> 34) as u32 | 1;
            object.set_header(header.with(u64::from(hash) << 32));
            hash
        }
    }

    // ---- handles

    /// Opens a scope of handles; close it with [`Heap::close_scope`] on every way out.
    #[inline]
    pub fn open_scope(&self) -> HandleScope {
        HandleScope(self.handles.len() as u32)
    }

    /// Drops all handles made since the scope was opened.
    #[inline]
    pub fn close_scope(&mut self, scope: HandleScope) {
        self.handles.truncate(scope.0 as usize);
    }

    /// Keeps a value across safepoints.
    #[inline]
    pub fn handle(&mut self, value: Value) -> Handle {
        self.handles.push(value);
        Handle(self.handles.len() as u32 - 1)
    }

    /// The value of a handle, or null if its scope is closed.
    #[inline]
    pub fn get(&self, handle: Handle) -> Value {
        self.handles
            .get(handle.0 as usize)
            .copied()
            .unwrap_or(Value::NULL)
    }

    /// Changes the value of a handle.
    #[inline]
    pub fn set(&mut self, handle: Handle, value: Value) {
        if let Some(kept) = self.handles.get_mut(handle.0 as usize) {
            *kept = value;
        }
    }

    // ---- collections

    /// Collects the young objects. A safepoint.
    pub fn collect_minor(&mut self, _roots: &mut dyn Roots) {}

    /// Collects everything. A safepoint.
    pub fn collect_major(&mut self, _roots: &mut dyn Roots) {}
}

/// Words of an object with `fixed` words and `variable` more; checked before anything is allocated.
fn object_words(fixed: usize, variable: usize) -> Result<usize, HeapLimit> {
    if variable > MAX_OBJECT_WORDS - fixed {
        return Err(HeapLimit);
    }
    Ok(fixed + variable)
}
