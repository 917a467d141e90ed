//! Old space: blocks of objects that survived, filled by collections only.
//!
//! The mutator never allocates here. A collection allocates by bumping a pointer through gaps that the last sweep found, then
//! through fresh blocks. Gaps too small to be worth it stay filled until their block is emptied.

use super::block::{Block, BlockList, OwnerId, fill_free, free_words};
use super::chunk::{CHUNK_GRANULES, GRANULE_BYTES, GRANULE_WORDS, mark, unmark};
use super::layout::LayoutTable;
use super::pool;
use super::walk::object_words;
use crate::object::{Header, ObjRef};

/// Granules of a block in a busy heap: 32 KB.
pub const FULL_BLOCK_GRANULES: u32 = 64;
/// Gaps smaller than this many words are not reused.
const MIN_GAP_WORDS: usize = 16;

/// Stops the process: a collection has moved half the objects and cannot go on.
#[cold]
pub fn out_of_memory() -> ! {
    eprintln!("eyot: the operating system has no more memory");
    std::process::abort()
}

/// A bump allocator for a collection: blocks that grow from small to full.
pub struct Bump {
    top: *mut u64,
    end: *mut u64,
    /// Blocks taken so far, the current one first.
    pub blocks: BlockList,
    owner: OwnerId,
    next_granules: u32,
}

impl Bump {
    /// Without a block yet; the first will have room for about `expected_bytes`.
    pub fn new(owner: OwnerId, expected_bytes: usize) -> Bump {
        let granules = expected_bytes.div_ceil(GRANULE_BYTES) as u32;
        Bump {
            top: std::ptr::null_mut(),
            end: std::ptr::null_mut(),
            blocks: BlockList::EMPTY,
            owner,
            next_granules: granules.clamp(1, FULL_BLOCK_GRANULES),
        }
    }

    /// Words of a fresh object, not zeroed.
    #[inline(always)]
    pub fn allocate(&mut self, words: usize) -> ObjRef {
        if self.room() < words {
            self.refill(words);
        }
        let top = self.top;
        self.top = top.wrapping_add(words);
        // SAFETY: `refill` leaves room for the object.
        ObjRef::from_ptr(unsafe { std::ptr::NonNull::new_unchecked(top) })
    }

    #[inline(always)]
    fn room(&self) -> usize {
        (self.end as usize - self.top as usize) / 8
    }

    #[cold]
    fn refill(&mut self, words: usize) {
        self.finish();
        let needed = (words + super::block::BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS) as u32;
        let Some(taken) = pool::take(self.next_granules.max(needed)) else {
            out_of_memory()
        };
        self.next_granules = (self.next_granules * 2).min(FULL_BLOCK_GRANULES);
        let block = taken.block;
        // SAFETY: the block is ours.
        unsafe { block.header() }.owner = self.owner;
        self.blocks.push(block);
        self.top = block.first_word();
        self.end = block.end();
    }

    /// Notes how far the current block is filled; needed before the blocks are walked.
    pub fn finish(&mut self) {
        if let Some(block) = self.blocks.first() {
            // SAFETY: the block is ours and `top` lies in it.
            unsafe { block.set_used_to(self.top) };
        }
    }

    /// The same, and where the current block is mostly empty its tail goes back to the pool.
    pub fn finish_small(&mut self) {
        self.finish();
        let Some(block) = self.blocks.first() else {
            return;
        };
        let used = self.top as usize - block.start().as_ptr() as usize;
        let before = block.bytes();
        if before <= 4 * GRANULE_BYTES || used * 2 > before {
            return;
        }
        // SAFETY: the block is ours, and nothing lies behind `top`.
        unsafe { pool::trim(block, used.div_ceil(GRANULE_BYTES) as u32) };
        self.blocks.shrunk(before - block.bytes());
        self.end = self.top;
    }
}

/// The old space of a heap.
pub struct OldSpace {
    /// Blocks of many objects.
    pub blocks: BlockList,
    /// Blocks of one object.
    pub large: BlockList,
    top: *mut u64,
    end: *mut u64,
    gaps: *mut u64,
    fresh: OwnerId,
    next_granules: u32,
}

impl OldSpace {
    /// Without blocks.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> OldSpace {
        OldSpace {
            blocks: BlockList::EMPTY,
            large: BlockList::EMPTY,
            top: std::ptr::null_mut(),
            end: std::ptr::null_mut(),
            gaps: std::ptr::null_mut(),
            fresh: OwnerId::NONE,
            next_granules: 2,
        }
    }

    /// Bytes of all blocks.
    pub fn bytes(&self) -> usize {
        self.blocks.bytes() + self.large.bytes()
    }

    /// Takes the marks of large objects back.
    pub fn unmark_large(&self) {
        for block in self.large.iter() {
            // SAFETY: the block is ours and holds one object.
            unsafe { unmark(block.large_object()) };
        }
    }

    /// Readies the space for a collection by this owner.
    pub fn open(&mut self, owner: OwnerId) {
        self.fresh = owner;
    }

    /// Forgets gaps and the current block: a full collection fills fresh blocks only, since its sweep finds the gaps anew.
    pub fn abandon_gaps(&mut self, expected_bytes: usize) {
        self.seal();
        self.gaps = std::ptr::null_mut();
        let granules = expected_bytes.div_ceil(GRANULE_BYTES) as u32;
        self.next_granules = granules.clamp(2, FULL_BLOCK_GRANULES);
    }

    /// Words of a fresh object, not zeroed.
    #[inline(always)]
    pub fn allocate(&mut self, words: usize) -> ObjRef {
        if (self.end as usize - self.top as usize) / 8 < words {
            self.refill(words);
        }
        let top = self.top;
        self.top = top.wrapping_add(words);
        // SAFETY: `refill` leaves room for the object.
        ObjRef::from_ptr(unsafe { std::ptr::NonNull::new_unchecked(top) })
    }

    #[cold]
    fn refill(&mut self, words: usize) {
        self.seal();
        while !self.gaps.is_null() {
            let gap = self.gaps;
            // SAFETY: gaps are free runs with a header and a link, ours alone.
            let gap_words = unsafe {
                self.gaps = *gap.add(1) as *mut u64;
                free_words(Header(*gap))
            };
            if gap_words >= words {
                self.top = gap;
                self.end = gap.wrapping_add(gap_words);
                return;
            }
        }
        self.take_block(words);
    }

    fn take_block(&mut self, words: usize) {
        let needed = (words + super::block::BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS) as u32;
        let Some(taken) = pool::take(self.next_granules.max(needed)) else {
            out_of_memory()
        };
        self.next_granules = (self.next_granules * 2).min(FULL_BLOCK_GRANULES);
        let block = taken.block;
        // SAFETY: the block is ours.
        unsafe {
            block.header().owner = self.fresh;
            block.set_used_to(block.end());
            // Taken for full until a sweep has counted.
            block.header().live_words = (block.bytes() / 8) as u32;
        }
        self.blocks.push(block);
        self.top = block.first_word();
        self.end = block.end();
    }

    /// Fills the rest of the current run, so that blocks can be walked; the next allocation may go on in it.
    pub fn close(&mut self) {
        // SAFETY: the run is ours and free.
        unsafe { fill_free(self.top, self.end) };
    }

    /// Leaves the current run to a sweep.
    pub fn forget_current(&mut self) {
        self.top = std::ptr::null_mut();
        self.end = std::ptr::null_mut();
    }

    fn seal(&mut self) {
        self.close();
        self.forget_current();
    }

    /// Gives the tail of the current block back: after a compaction the space has its exact size.
    pub fn trim(&mut self) {
        let Some(block) = self.blocks.first() else {
            return;
        };
        if self.end != block.end() {
            return;
        }
        let used = self.top as usize - block.start().as_ptr() as usize;
        let before = block.bytes();
        // SAFETY: the block is ours, and nothing lies behind `top`.
        unsafe {
            pool::trim(block, used.div_ceil(GRANULE_BYTES) as u32);
            block.set_used_to(block.end());
        }
        self.blocks.shrunk(before - block.bytes());
        self.end = block.end();
        self.next_granules = 2;
    }

    fn add_gap(&mut self, start: *mut u64, end: *mut u64) {
        // SAFETY: the words are free, says the sweep.
        unsafe {
            fill_free(start, end);
            if (end as usize - start as usize) / 8 >= MIN_GAP_WORDS {
                *start.add(1) = self.gaps as u64;
                self.gaps = start;
            }
        }
    }

    /// Takes in a block whose live objects are marked, and says how many words of it are live; if none are the block is the caller's
    /// still. Clears the marks unless they are to stay.
    pub fn sweep_block(&mut self, block: Block, layouts: &LayoutTable, keeps_marks: bool) -> usize {
        let live_words = live_words(block, layouts);
        if live_words == 0 {
            // SAFETY: the block is ours.
            unsafe { block.clear_marks() };
            return 0;
        }
        let sparse = is_sparse(block, live_words);
        let mut cursor = block.first_word();
        for_each_marked(block, layouts, |object, words| {
            if object.as_ptr() > cursor {
                if sparse {
                    // SAFETY: nothing live lies between two marked objects.
                    unsafe { fill_free(cursor, object.as_ptr()) };
                } else {
                    self.add_gap(cursor, object.as_ptr());
                }
            }
            cursor = object.as_ptr().wrapping_add(words);
        });
        if sparse {
            // SAFETY: nothing live lies behind the last marked object.
            unsafe { fill_free(cursor, block.end()) };
        } else {
            self.add_gap(cursor, block.end());
        }
        // SAFETY: the block is ours.
        unsafe {
            if !keeps_marks {
                block.clear_marks();
            }
            block.set_used_to(block.end());
            block.header().live_words = live_words as u32;
        }
        self.blocks.push(block);
        live_words
    }
}

/// Whether a block is so empty that the next full collection moves its objects out: its gaps stay unused until then.
pub fn is_sparse(block: Block, live_words: usize) -> bool {
    live_words * 4 * 8 < block.bytes()
}

/// Calls `visit` with the marked objects of a block in order, and their sizes.
pub(super) fn for_each_marked(
    block: Block,
    layouts: &LayoutTable,
    mut visit: impl FnMut(ObjRef, usize),
) {
    let (chunk, first) = block.place();
    // SAFETY: the block is ours, and marked objects are live objects.
    unsafe {
        // A block that is larger than its chunk holds one object, which starts in the first granules.
        let end = (first + block.header().granules as usize).min(CHUNK_GRANULES);
        for granule in first..end {
            let mut marks = *chunk.mark_word(granule);
            while marks != 0 {
                let word = marks.trailing_zeros() as usize;
                marks &= marks - 1;
                let start = chunk.granule(granule).cast::<u64>().add(word);
                let object = ObjRef::from_ptr(start);
                let header = object.header();
                visit(
                    object,
                    object_words(object, header, layouts.get(header.class())),
                );
            }
        }
    }
}

fn live_words(block: Block, layouts: &LayoutTable) -> usize {
    let mut live = 0;
    for_each_marked(block, layouts, |_, words| live += words);
    live
}

/// Marks an object that was just moved by a full collection.
#[inline(always)]
pub fn mark_moved(object: ObjRef) {
    // SAFETY: the object lies in a block of the running collection's heap.
    unsafe { mark(object) };
}
