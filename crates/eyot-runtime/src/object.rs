//! Objects seen from outside the collector: a typed address, the header, and views of the layouts named in [`crate::value`].
//!
//! An [`ObjRef`] is good until the isolate's next safepoint: any allocation that may collect moves objects, so keep what must
//! survive one in a frame, a static or a handle, and take the `ObjRef` anew.
//!
//! Reading through an `ObjRef` is `unsafe` with one contract, given here once: *the reference is to a live object of this
//! isolate or to frozen data, no safepoint has passed since it was taken, and the word index lies inside the object*. Functions
//! that take a [`Value`] rely on the invariant of `Value` instead and are safe.

use std::ptr::NonNull;

use eyot_bytecode::module::{ClassId, FunctionId};
use eyot_bytecode::well_known::class;

use crate::value::Value;

/// An object's header word; see [`crate::value`] for the bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Header(pub u64);

impl Header {
    /// The other bits are the address the object moved to.
    pub const FORWARDED: u64 = 1;
    /// In old space or frozen: the write barrier remembers such an object when it is given a young one.
    pub const OLD: u64 = 1 << 1;
    /// In the remembered set.
    pub const REMEMBERED: u64 = 1 << 2;
    /// Immutable for ever, shared by the group. Always together with [`Header::OLD`].
    pub const FROZEN: u64 = 1 << 3;
    /// A string whose code units lie in a blob: length and hash, data pointer, blob pointer. On typed data: not a view, so
    /// the blob's bytes are charged to the heap through this handle.
    pub const EXTERNAL: u64 = 1 << 4;
    /// Survived one minor collection.
    pub const AGED: u64 = 1 << 5;
    /// Alone in its block, remembered by cards.
    pub const LARGE: u64 = 1 << 6;
    /// In a block adopted from a message: young, but not moved.
    pub const COHORT: u64 = 1 << 7;
    /// All flags but those in the upper bits.
    pub const FLAGS: u64 = 0xff;
    /// Of a handle of typed data: others may see the same bytes, so nothing is written through it before
    /// [`Heap::make_writable`](crate::heap::Heap::make_writable) was asked. The bit is above the class, where stores look for the class, so that it
    /// costs them nothing.
    pub const LENT: u64 = 1 << 31;
    /// Frozen, and in a region; constants are not.
    pub const IN_REGION: u64 = Header::FROZEN | Header::AGED;
    /// Of an immutable object that is not frozen: a frozen copy exists, and the next collection that sees all references to
    /// the object makes them references to the copy.
    pub const FROZEN_COPY: u64 = 1 << 63;
    /// While a message is copied: somebody has looked whether the object is immutable.
    pub const VISITED: u64 = 1 << 62;

    /// The header of a fresh object.
    #[inline(always)]
    pub const fn new(class: ClassId) -> Header {
        Header((class.0 as u64) << 8)
    }

    /// The class.
    #[inline(always)]
    pub const fn class(self) -> ClassId {
        ClassId((self.0 >> 8) as u32 & 0x7f_ffff)
    }

    /// The class if the object can be written to at once, and some number that is no class's otherwise.
    #[inline(always)]
    pub const fn class_to_write(self) -> ClassId {
        ClassId((self.0 >> 8) as u32 & 0xff_ffff)
    }

    /// The identity hash, 0 if nobody has asked for it.
    #[inline(always)]
    pub const fn identity_hash(self) -> u32 {
        (self.0 >> 32) as u32 & 0x3fff_ffff
    }

    /// Whether all these flags are set.
    #[inline(always)]
    pub const fn has(self, flags: u64) -> bool {
        self.0 & flags == flags
    }

    /// The same header with these flags set.
    #[inline(always)]
    pub const fn with(self, flags: u64) -> Header {
        Header(self.0 | flags)
    }

    /// The same header with these flags cleared.
    #[inline(always)]
    pub const fn without(self, flags: u64) -> Header {
        Header(self.0 & !flags)
    }
}

/// The address of an object's header.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct ObjRef(NonNull<u64>);

impl ObjRef {
    /// The object that a value points to.
    #[inline(always)]
    pub fn of(value: Value) -> Option<ObjRef> {
        if value.is_pointer() {
            NonNull::new(value.bits() as *mut u64).map(ObjRef)
        } else {
            None
        }
    }

    /// The same, unchecked.
    ///
    /// # Safety
    /// The value is a pointer.
    #[inline(always)]
    pub unsafe fn of_pointer(value: Value) -> ObjRef {
        debug_assert!(value.is_pointer());
        // SAFETY: a pointer value is not null, says the caller.
        ObjRef(unsafe { NonNull::new_unchecked(value.bits() as *mut u64) })
    }

    /// An object at this address, which is 8-aligned.
    #[inline(always)]
    pub fn from_ptr(start: NonNull<u64>) -> ObjRef {
        ObjRef(start)
    }

    /// The tagged word that points here.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::from_bits(self.0.as_ptr() as u64)
    }

    /// The header's address.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut u64 {
        self.0.as_ptr()
    }

    /// The header.
    ///
    /// # Safety
    /// See the module's contract.
    #[inline(always)]
    pub unsafe fn header(self) -> Header {
        // SAFETY: the module's contract.
        Header(unsafe { *self.as_ptr() })
    }

    /// Writes the class of an object from [`Heap::allocate_slow`](crate::heap::Heap::allocate_slow), which may have set a flag.
    ///
    /// # Safety
    /// The object is fresh.
    #[inline(always)]
    pub unsafe fn init_header(self, class: ClassId) {
        // SAFETY: the module's contract.
        unsafe { *self.as_ptr() |= Header::new(class).0 }
    }

    /// Writes the header.
    ///
    /// # Safety
    /// See the module's contract; only for fresh objects from [`Heap::allocate`](crate::heap::Heap::allocate), and for the heap.
    #[inline(always)]
    pub unsafe fn set_header(self, header: Header) {
        // SAFETY: the module's contract.
        unsafe { *self.as_ptr() = header.0 }
    }

    /// The class.
    ///
    /// # Safety
    /// See the module's contract.
    #[inline(always)]
    pub unsafe fn class(self) -> ClassId {
        // SAFETY: the module's contract.
        unsafe { self.header() }.class()
    }

    /// A raw word (or any word as its bits).
    ///
    /// # Safety
    /// See the module's contract.
    #[inline(always)]
    pub unsafe fn word(self, index: usize) -> u64 {
        // SAFETY: the module's contract.
        unsafe { *self.as_ptr().add(index) }
    }

    /// Writes a raw word.
    ///
    /// # Safety
    /// See the module's contract; the word is not a tagged one.
    #[inline(always)]
    pub unsafe fn set_word(self, index: usize, word: u64) {
        // SAFETY: the module's contract.
        unsafe { *self.as_ptr().add(index) = word }
    }

    /// A tagged word.
    ///
    /// # Safety
    /// See the module's contract; the word is a tagged one.
    #[inline(always)]
    pub unsafe fn field(self, index: usize) -> Value {
        // SAFETY: the module's contract.
        Value::from_bits(unsafe { self.word(index) })
    }

    /// Writes a tagged word of a *fresh* object: no safepoint since it was allocated, so no barrier is needed. All other
    /// tagged stores go through [`Heap::store`](crate::heap::Heap::store).
    ///
    /// # Safety
    /// See the module's contract and above.
    #[inline(always)]
    pub unsafe fn init_field(self, index: usize, value: Value) {
        // SAFETY: the module's contract.
        unsafe { *self.as_ptr().add(index) = value.bits() }
    }

    /// The words from `index` on as tagged words.
    ///
    /// # Safety
    /// See the module's contract; all `count` words are tagged and inside the object, nothing writes to them and no
    /// safepoint passes while the slice lives.
    #[inline(always)]
    pub unsafe fn fields<'a>(self, index: usize, count: usize) -> &'a [Value] {
        // SAFETY: the module's contract; a Value is a transparent word.
        unsafe { std::slice::from_raw_parts(self.as_ptr().add(index).cast::<Value>(), count) }
    }
}

impl std::fmt::Debug for ObjRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{:p}", self.0)
    }
}

/// The class of any value.
#[inline]
pub fn class_of(value: Value) -> ClassId {
    if let Some(object) = ObjRef::of(value) {
        // SAFETY: the invariant of Value.
        unsafe { object.class() }
    } else if value.is_smi() {
        class::INT
    } else if value.is_bool() {
        class::BOOL
    } else {
        class::NULL
    }
}

/// The integer in a small or boxed one.
#[inline]
pub fn as_int(value: Value) -> Option<i64> {
    if value.is_smi() {
        return Some(value.as_smi());
    }
    let object = ObjRef::of(value)?;
    // SAFETY: the invariant of Value; a boxed integer has word 1.
    unsafe { (object.class() == class::INT).then(|| object.word(1) as i64) }
}

/// The double in a boxed one.
#[inline]
pub fn as_double(value: Value) -> Option<f64> {
    let object = ObjRef::of(value)?;
    // SAFETY: the invariant of Value; a boxed double has word 1.
    unsafe { (object.class() == class::DOUBLE).then(|| f64::from_bits(object.word(1))) }
}

/// The bool in a tagged one.
#[inline]
pub fn as_bool(value: Value) -> Option<bool> {
    value.is_bool().then_some(value == Value::TRUE)
}

/// Word indexes of the layouts in [`crate::value`].
pub mod slot {
    /// Of strings: length in the lower half, hash in the upper.
    pub const STRING_LENGTH: usize = 1;
    /// Of strings in a heap block: the first code units; of external ones: the data pointer.
    pub const STRING_DATA: usize = 2;
    /// Of external strings and blob handles: the blob.
    pub const BLOB: usize = 3;
    /// Of lists: the type argument vector.
    pub const LIST_TARGS: usize = 1;
    /// Of lists: the length, raw.
    pub const LIST_LENGTH: usize = 2;
    /// Of `_List` and `_ImmutableList`: the first element.
    pub const LIST_ELEMENTS: usize = 3;
    /// Of `_GrowableList`: the backing `_List`.
    pub const GROWABLE_BACKING: usize = 3;
    /// Of `_IndexTable`: number of entries.
    pub const INDEX_LENGTH: usize = 1;
    /// Of `_IndexTable`: the first two 32-bit entries.
    pub const INDEX_ENTRIES: usize = 2;
    /// Of closures: function id, number of tagged captures, number of raw ones.
    pub const CLOSURE_FUNCTION: usize = 1;
    /// Of closures: class vector and function vector.
    pub const CLOSURE_VECTORS: usize = 2;
    /// Of closures: instantiation vector.
    pub const CLOSURE_INSTANTIATION: usize = 3;
    /// Of closures: the first capture.
    pub const CLOSURE_CAPTURES: usize = 4;
    /// Of records: shape in the lower half, number of fields in the upper.
    pub const RECORD_SHAPE: usize = 1;
    /// Of records: the first field.
    pub const RECORD_FIELDS: usize = 2;
    /// Of suspensions: number of tagged words in the lower half, of raw ones in the upper.
    pub const SUSPENSION_COUNTS: usize = 1;
    /// Of suspensions: the first tagged word.
    pub const SUSPENSION_SLOTS: usize = 2;
    /// Of blob handles (typed data): length in elements.
    pub const DATA_LENGTH: usize = 1;
    /// Of blob handles: address of the first element (views start inside the blob).
    pub const DATA_POINTER: usize = 2;
    /// Of `_WeakReference`: the target.
    pub const WEAK_TARGET: usize = 2;
    /// Of `_Ephemeron`: the key.
    pub const EPHEMERON_KEY: usize = 1;
    /// Of `_Ephemeron`: the value.
    pub const EPHEMERON_VALUE: usize = 2;
}

/// A string's code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringView<'a> {
    /// Code units up to U+00FF.
    OneByte(&'a [u8]),
    /// UTF-16 code units.
    TwoByte(&'a [u16]),
}

impl StringView<'_> {
    /// Length in code units.
    #[inline]
    pub fn len(&self) -> usize {
        match self {
            StringView::OneByte(units) => units.len(),
            StringView::TwoByte(units) => units.len(),
        }
    }

    /// Whether it has no code units.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A code unit.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u16> {
        match self {
            StringView::OneByte(units) => units.get(index).map(|&unit| u16::from(unit)),
            StringView::TwoByte(units) => units.get(index).copied(),
        }
    }

    /// The code units in order.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        (0..self.len()).map_while(|index| self.get(index))
    }

    /// The text, with lone surrogates replaced.
    pub fn to_text(&self) -> String {
        match self {
            StringView::OneByte(units) => units.iter().map(|&unit| char::from(unit)).collect(),
            StringView::TwoByte(units) => String::from_utf16_lossy(units),
        }
    }
}

/// The code units of a string, or `None` for anything else.
///
/// The slice is good until the next safepoint; `'a` is the caller's promise to have none while it lives.
///
/// # Safety
/// See above; the invariant of `Value` holds.
#[inline]
pub unsafe fn string_view<'a>(value: Value) -> Option<StringView<'a>> {
    let object = ObjRef::of(value)?;
    // SAFETY: the invariant of Value; strings have the words read here, and their data follows or is in the blob they hold.
    unsafe {
        let header = object.header();
        let two_bytes = match header.class() {
            class::ONE_BYTE_STRING => false,
            class::TWO_BYTE_STRING => true,
            _ => return None,
        };
        let length = object.word(slot::STRING_LENGTH) as u32 as usize;
        let data = if header.has(Header::EXTERNAL) {
            object.word(slot::STRING_DATA) as *const u8
        } else {
            object.as_ptr().add(slot::STRING_DATA).cast_const().cast()
        };
        Some(if two_bytes {
            StringView::TwoByte(std::slice::from_raw_parts(data.cast(), length))
        } else {
            StringView::OneByte(std::slice::from_raw_parts(data, length))
        })
    }
}

/// The elements of a `_List`, `_ImmutableList` or `_GrowableList`, or `None` for anything else.
///
/// # Safety
/// As for [`string_view`].
#[inline]
pub unsafe fn list_elements<'a>(value: Value) -> Option<&'a [Value]> {
    let object = ObjRef::of(value)?;
    // SAFETY: the invariant of Value; lists have the words read here, a growable list's length is at most its backing's.
    unsafe {
        let length = match object.class() {
            class::FIXED_LIST | class::IMMUTABLE_LIST | class::GROWABLE_LIST => {
                object.word(slot::LIST_LENGTH) as usize
            }
            _ => return None,
        };
        if object.class() != class::GROWABLE_LIST {
            return Some(object.fields(slot::LIST_ELEMENTS, length));
        }
        match ObjRef::of(object.field(slot::GROWABLE_BACKING)) {
            Some(backing) => Some(backing.fields(slot::LIST_ELEMENTS, length)),
            None => Some(&[]),
        }
    }
}

/// The hash of a string by its code units, never 0; the same in every isolate of the process, so that maps of strings travel
/// in messages as they are.
pub fn string_hash(view: StringView<'_>) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    fn mix(units: impl Iterator<Item = u64>) -> u64 {
        units.fold(0x51_7c_c1_b7, |hash, unit| {
            (hash ^ unit).wrapping_mul(FACTOR).rotate_left(29)
        })
    }
    // By the unit, whatever the width: a two-byte string may hold units of one byte only.
    let hash = match view {
        StringView::OneByte(units) => mix(units.iter().map(|&unit| u64::from(unit))),
        StringView::TwoByte(units) => mix(units.iter().map(|&unit| u64::from(unit))),
    };
    let folded = (hash ^ hash >> 32) as u32 & 0x3fff_ffff;
    folded.max(1)
}

/// The function of a closure, if the value is one.
pub fn closure_function(value: Value) -> Option<FunctionId> {
    let object = ObjRef::of(value)?;
    // SAFETY: a value refers to a live object, and a closure has this word.
    unsafe {
        (object.class() == class::CLOSURE)
            .then(|| FunctionId(object.word(slot::CLOSURE_FUNCTION) as u32))
    }
}

/// Zeroes a few words. A call of `memset` takes longer: it writes less than a cache line with a mask, and what is read from there next has
/// to wait for that.
///
/// # Safety
/// The words are the caller's.
#[inline(always)]
pub(crate) unsafe fn zero_few(words: *mut u64, count: usize) {
    for index in 0..count {
        // SAFETY: the caller's.
        unsafe { *words.add(index) = 0 };
        keep_loop();
    }
}

/// In a loop that mostly runs once or twice: keeps the compiler from unrolling it, which would cost registers, or from making it a call of
/// `memset` or `memcpy`.
#[inline(always)]
pub(crate) fn keep_loop() {
    // SAFETY: nothing is executed.
    unsafe { std::arch::asm!("", options(nomem, nostack, preserves_flags)) }
}
