//! What a call needs to know of its target, in one cache line, and the table of these lines.
//!
//! The table never moves: prepared code, inline caches and frames name entries by address or number. An entry is *linked*
//! (everything but the code) before anything that can reach it is published, and *prepared* (verified code in place) when
//! it is called for the first time: until then its code is a stub that asks for it.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use eyot_bytecode::module::{Function, FunctionId, Rep};

use crate::heap::os;
use crate::native::NativeFn;

/// Words of a frame in front of its base: return address, distance to the caller with the result register, function.
pub const FRAME_HEADER_WORDS: usize = 3;

/// A function as calls see it.
#[repr(C, align(64))]
pub struct FunctionEntry {
    /// Prepared code, or a stub.
    pub(crate) code: AtomicPtr<u64>,
    /// The function.
    pub(crate) function: *const Function,
    /// Slots of its frame: tagged, raw, and one that takes results nobody wants.
    pub(crate) frame_words: u32,
    /// Tagged slots.
    pub(crate) refs: u16,
    /// Raw slots.
    pub(crate) raws: u16,
    /// Tagged arguments, receiver or closure included.
    pub(crate) nref: u16,
    /// Raw arguments, type arguments included.
    pub(crate) nraw: u16,
    /// The signature's number; a call site with the same one enters directly.
    pub(crate) signature: u32,
    /// Its own number.
    pub(crate) id: FunctionId,
    /// How the result travels.
    pub(crate) result: Rep,
    /// The native, for natives.
    pub(crate) native: Option<NativeFn>,
    /// 0 unlinked, 1 linked.
    pub(crate) state: AtomicU32,
    /// Length of the code in words.
    pub(crate) code_len: u32,
}

const _: () = assert!(size_of::<FunctionEntry>() == 64);

impl FunctionEntry {
    /// Words between the base of this function's frame and that of a frame it calls.
    #[inline(always)]
    pub(crate) fn callee_delta(&self) -> usize {
        self.frame_words as usize + FRAME_HEADER_WORDS
    }

    /// The function.
    #[inline]
    pub fn function(&self) -> &Function {
        // SAFETY: set when the entry is linked; functions live as long as the program that holds the entry.
        unsafe { &*self.function }
    }

    /// Number of the function.
    pub fn id(&self) -> FunctionId {
        self.id
    }

    /// Whether this is the entry of bottom frames, which have no function.
    #[inline]
    pub(crate) fn is_bottom(&self) -> bool {
        self.function.is_null()
    }

    /// Index of the word that `pc` points to in this function's code.
    pub(crate) fn word_index(&self, pc: *const u64) -> Option<u32> {
        let code = self.code.load(Ordering::Relaxed);
        let offset = (pc as usize).wrapping_sub(code as usize) / 8;
        let index = u32::try_from(offset).ok()?;
        (index <= self.code_len).then_some(index)
    }
}

/// The entries of a program.
pub(crate) struct EntryTable {
    start: NonNull<FunctionEntry>,
    capacity: usize,
}

impl EntryTable {
    /// Room for so many entries; memory is taken only for those that are used, so it comes from the system, as that of stacks does.
    pub(crate) fn new(capacity: usize) -> EntryTable {
        match os::map(EntryTable::bytes(capacity)) {
            Some(start) => EntryTable {
                start: start.cast(),
                capacity,
            },
            None => handle_alloc_error(EntryTable::layout(capacity)),
        }
    }

    /// Whole pages.
    fn bytes(capacity: usize) -> usize {
        EntryTable::layout(capacity)
            .size()
            .next_multiple_of(os::PAGE_BYTES)
    }

    fn layout(capacity: usize) -> Layout {
        match Layout::array::<FunctionEntry>(capacity.max(1)) {
            Ok(layout) => layout,
            // Function ids are 32 bits wide, so no table is that long.
            Err(_) => Layout::new::<FunctionEntry>(),
        }
    }

    #[inline(always)]
    pub(crate) fn start(&self) -> *const FunctionEntry {
        self.start.as_ptr()
    }

    /// The address of an entry, linked or not.
    #[inline]
    pub(crate) fn at(&self, id: FunctionId) -> Option<*mut FunctionEntry> {
        if id.index() >= self.capacity {
            return None;
        }
        // SAFETY: inside the table.
        Some(unsafe { self.start.as_ptr().add(id.index()) })
    }
}

impl Drop for EntryTable {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, which nobody refers to any more.
        unsafe { os::unmap(self.start.cast(), EntryTable::bytes(self.capacity)) }
    }
}

// SAFETY: entries are written under the program's lock before they are published, and afterwards only through atomics.
unsafe impl Send for EntryTable {}
// SAFETY: as above.
unsafe impl Sync for EntryTable {}
