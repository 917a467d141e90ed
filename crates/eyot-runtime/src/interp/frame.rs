//! Frames on the stack of an isolate.
//!
//! ```text
//!          base - 3   return address (word of the caller's code), null at the bottom
//!          base - 2   slot of the caller that takes the result << 16 | distance to the caller's base in words << 48
//!          base - 1   address of the function's entry
//! base ──▶ base + 0   tagged slots
//!          base + refs   raw slots, one spare slot
//! ```
//!
//! The second word has its parts where a prepared call instruction has them, so that a call copies its own first word.
//!
//! The bottom frame belongs to no Dart function: its one tagged and one raw slot take the result of the activation.

use std::alloc::{Layout, handle_alloc_error};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32};

use eyot_bytecode::module::{FunctionId, Rep};

use crate::heap::{RootVisitor, os};
use crate::program::entry::{FRAME_HEADER_WORDS, FunctionEntry};
use crate::value::Value;

/// The region that frames live in. Memory is taken as it is touched, so it comes from the system and not from the allocator, which may have
/// a region to give that others have used: to clear that would take all of it.
pub(crate) struct Stack {
    start: NonNull<u64>,
    words: usize,
}

/// Words beyond the limit kept for calls that report an overflow.
pub(crate) const RESERVE_WORDS: usize = 16 * 1024;

impl Stack {
    /// Room for so many words of frames, and the reserve.
    pub(crate) fn new(words: usize) -> Stack {
        let words = (words.max(RESERVE_WORDS) + RESERVE_WORDS).next_multiple_of(os::PAGE_BYTES / 8);
        match os::map(words * 8) {
            Some(start) => Stack {
                start: start.cast(),
                words,
            },
            // A stack is far smaller than the address space.
            None => handle_alloc_error(Layout::array::<u64>(words).unwrap_or(Layout::new::<u64>())),
        }
    }

    /// Base of the bottom frame.
    pub(crate) fn bottom(&self) -> *mut u64 {
        // SAFETY: inside the region.
        unsafe { self.start.as_ptr().add(FRAME_HEADER_WORDS) }
    }

    /// Where frames must end, without the reserve.
    pub(crate) fn limit(&self) -> *mut u64 {
        // SAFETY: inside the region.
        unsafe { self.start.as_ptr().add(self.words - RESERVE_WORDS) }
    }

    /// Where frames must end when the reserve is open.
    pub(crate) fn hard_limit(&self) -> *mut u64 {
        // SAFETY: one past the region at most.
        unsafe { self.start.as_ptr().add(self.words - 64) }
    }

    /// Gives the memory of all but the first frames back, after a program has recursed to the limit. No frame may be live
    /// beyond them.
    pub(crate) fn release(&self) {
        const KEPT_BYTES: usize = 1 << 20;
        let start = (self.start.as_ptr() as usize + KEPT_BYTES).next_multiple_of(os::PAGE_BYTES);
        let end = (self.start.as_ptr() as usize + self.words * 8) / os::PAGE_BYTES * os::PAGE_BYTES;
        if start < end {
            // SAFETY: whole pages inside the region, in which nothing is live. What the call answers does not matter.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_DONTNEED) };
        }
    }

    /// The first word.
    pub(crate) fn start(&self) -> *mut u64 {
        self.start.as_ptr()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, which nobody refers to any more.
        unsafe { os::unmap(self.start.cast(), self.words * 8) }
    }
}

// SAFETY: plain memory with one owner.
unsafe impl Send for Stack {}

/// The entry of bottom frames.
pub(crate) static BOTTOM: BottomEntry = BottomEntry(FunctionEntry {
    code: AtomicPtr::new(std::ptr::null_mut()),
    function: std::ptr::null(),
    frame_words: 3,
    refs: 1,
    raws: 1,
    nref: 0,
    nraw: 0,
    signature: 0,
    id: FunctionId(u32::MAX),
    result: Rep::Tagged,
    native: None,
    state: AtomicU32::new(1),
    code_len: 0,
});

pub(crate) struct BottomEntry(pub(crate) FunctionEntry);

// SAFETY: never written.
unsafe impl Sync for BottomEntry {}

/// A frame by its base.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame(pub(crate) *mut u64);

impl Frame {
    /// # Safety
    /// The base of a live frame, here and in all methods.
    #[inline(always)]
    pub(crate) unsafe fn entry<'a>(self) -> &'a FunctionEntry {
        // SAFETY: the header of a frame; entries outlive the frames that name them.
        unsafe { &*(*self.0.sub(1) as *const FunctionEntry) }
    }

    /// # Safety
    /// As above.
    #[inline(always)]
    pub(crate) unsafe fn return_pc(self) -> *const u64 {
        // SAFETY: the header of a frame.
        unsafe { *self.0.sub(3) as *const u64 }
    }

    /// # Safety
    /// As above.
    #[inline(always)]
    pub(crate) unsafe fn caller_delta(self) -> usize {
        // SAFETY: the header of a frame.
        unsafe { usize::from(*self.0.sub(2).cast::<u16>().add(3)) }
    }

    /// # Safety
    /// As above.
    #[inline(always)]
    pub(crate) unsafe fn result_slot(self) -> usize {
        // SAFETY: the header of a frame.
        unsafe { usize::from(*self.0.sub(2).cast::<u16>().add(1)) }
    }

    /// The caller's frame; `None` at the bottom.
    ///
    /// # Safety
    /// As above.
    #[inline]
    pub(crate) unsafe fn caller(self) -> Option<Frame> {
        // SAFETY: the header of a frame.
        unsafe {
            match self.caller_delta() {
                0 => None,
                delta => Some(Frame(self.0.sub(delta))),
            }
        }
    }

    /// Writes the header.
    ///
    /// # Safety
    /// Room for the header in front of the base.
    #[inline(always)]
    pub(crate) unsafe fn set_header(
        self,
        return_pc: *const u64,
        link: u64,
        entry: *const FunctionEntry,
    ) {
        // SAFETY: the caller's.
        unsafe {
            *self.0.sub(3) = return_pc as u64;
            *self.0.sub(2) = link;
            *self.0.sub(1) = entry as u64;
        }
    }

    /// Shows the tagged slots of this frame and those below to a collection.
    ///
    /// # Safety
    /// As above; nothing else refers to the slots.
    pub(crate) unsafe fn visit_chain(self, visitor: &mut dyn RootVisitor) {
        let mut at = Some(self);
        while let Some(frame) = at {
            // SAFETY: a chain of live frames; the tagged slots are values.
            unsafe {
                let refs = usize::from(frame.entry().refs);
                visitor.visit_slice(std::slice::from_raw_parts_mut(
                    frame.0.cast::<Value>(),
                    refs,
                ));
                at = frame.caller();
            }
        }
    }
}

/// The header's second word. Both numbers are those of slots, which have 16 bits.
#[inline(always)]
pub(crate) fn link_word(delta: usize, result_slot: usize) -> u64 {
    (result_slot as u64 & 0xffff) << 16 | (delta as u64) << 48
}
