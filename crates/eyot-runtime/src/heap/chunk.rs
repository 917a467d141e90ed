//! Chunks: how an address leads to its mark bit and its block.
//!
//! Memory comes in chunks of 1 MB, aligned to their size; a chunk starts with this header. Its unit is the *granule* of
//! 512 bytes, whose 64 words have their mark bits in one word. A block is a run of granules with one owner, so owners never
//! share a word of mark bits and need no atomics. A block larger than a chunk has a mapping of its own with the same
//! header in front; the one object in it starts in the first granules, so the arithmetic holds.
//!
//! ```text
//! chunk   | mark words | block of each granule | the pool's part |  granule 45 | granule 46 | …
//! block                                                            | block header | object | object | …
//! ```

use std::ptr::NonNull;

use super::block::Block;
use crate::object::ObjRef;

/// Bytes of a chunk, and its alignment.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Bytes of a granule.
pub const GRANULE_BYTES: usize = 512;
/// Words of a granule.
pub const GRANULE_WORDS: usize = GRANULE_BYTES / 8;
/// Granules of a chunk.
pub const CHUNK_GRANULES: usize = CHUNK_BYTES / GRANULE_BYTES;
/// The first granule behind the header.
pub const FIRST_GRANULE: usize = size_of::<ChunkHeader>().div_ceil(GRANULE_BYTES);

/// In a granule's entry: belongs to a block.
const ENTRY_USED: u16 = 1 << 15;
/// In a granule's entry: the block is being emptied by the running collection.
const ENTRY_EVACUATE: u16 = 1 << 14;
/// In a granule's entry: the block's first granule.
const ENTRY_START: u16 = CHUNK_GRANULES as u16 - 1;

/// What a chunk starts with. The mark words and entries of a block's granules belong to the block's owner, the rest to the pool.
#[repr(C)]
pub struct ChunkHeader {
    marks: [u64; CHUNK_GRANULES],
    entries: [u16; CHUNK_GRANULES],
    /// The pool's: where a free run of granules starts, its order plus one; 0 elsewhere.
    pub(super) free_orders: [u8; CHUNK_GRANULES],
    /// The pool's: number of free granules.
    pub(super) free_granules: u32,
    /// Bytes mapped.
    pub(super) mapped_bytes: usize,
}

/// A chunk.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chunk(NonNull<ChunkHeader>);

impl Chunk {
    /// A chunk from its fresh mapping.
    pub fn from_mapping(start: NonNull<u8>) -> Chunk {
        Chunk(start.cast())
    }

    /// The chunk that an address lies in.
    ///
    /// # Safety
    /// The address lies in a chunk.
    #[inline(always)]
    pub unsafe fn of(address: *const u8) -> Chunk {
        let start = address.map_addr(|a| a & !(CHUNK_BYTES - 1));
        // SAFETY: chunks are aligned to their size and never at address 0.
        Chunk(unsafe { NonNull::new_unchecked(start.cast_mut().cast()) })
    }

    /// The start of the mapping.
    pub fn start(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// The header, for the pool.
    #[inline(always)]
    pub(super) fn header(self) -> *mut ChunkHeader {
        self.0.as_ptr()
    }

    /// Address of a granule.
    #[inline(always)]
    pub fn granule(self, index: usize) -> NonNull<u8> {
        // SAFETY: a granule's index lies inside the chunk.
        unsafe { self.start().add(index * GRANULE_BYTES) }
    }

    /// Index of the granule that an address of this chunk lies in.
    #[inline(always)]
    pub fn granule_index(address: *const u8) -> usize {
        (address as usize & (CHUNK_BYTES - 1)) / GRANULE_BYTES
    }

    #[inline(always)]
    fn entry(self, granule: usize) -> *mut u16 {
        // SAFETY: the index lies inside the table, which lies inside the chunk.
        unsafe {
            (&raw mut (*self.header()).entries)
                .cast::<u16>()
                .add(granule)
        }
    }

    #[inline(always)]
    pub(super) fn mark_word(self, granule: usize) -> *mut u64 {
        // SAFETY: the index lies inside the table, which lies inside the chunk.
        unsafe { (&raw mut (*self.header()).marks).cast::<u64>().add(granule) }
    }

    /// Enters a block in the table of granules, or with `None` takes it out again.
    ///
    /// # Safety
    /// The granules belong to the caller.
    pub unsafe fn set_entries(self, first: usize, count: usize, used: bool) {
        let entry = if used { ENTRY_USED | first as u16 } else { 0 };
        for granule in first..(first + count).min(CHUNK_GRANULES) {
            // SAFETY: the caller owns the granules' entries.
            unsafe { *self.entry(granule) = entry };
        }
    }

    /// Flags a block as being emptied, or takes the flag back.
    ///
    /// # Safety
    /// The granules belong to the caller.
    pub unsafe fn set_evacuate(self, first: usize, count: usize, on: bool) {
        for granule in first..(first + count).min(CHUNK_GRANULES) {
            // SAFETY: the caller owns the granules' entries.
            unsafe {
                let entry = self.entry(granule);
                *entry = *entry & !ENTRY_EVACUATE | if on { ENTRY_EVACUATE } else { 0 };
            }
        }
    }
}

/// Whether the object's block is being emptied.
///
/// # Safety
/// The object lies in a block of the caller's.
#[inline(always)]
pub unsafe fn is_evacuated(object: ObjRef) -> bool {
    let address = object.as_ptr().cast::<u8>();
    // SAFETY: objects lie in chunks.
    unsafe { *Chunk::of(address).entry(Chunk::granule_index(address)) & ENTRY_EVACUATE != 0 }
}

/// The block that an address lies in, if the granule is in use.
///
/// # Safety
/// The address lies in a chunk that stays mapped.
pub unsafe fn block_of(address: *const u8) -> Option<Block> {
    // SAFETY: the caller's.
    let chunk = unsafe { Chunk::of(address) };
    // SAFETY: the entry lies inside the chunk.
    let entry = unsafe { *chunk.entry(Chunk::granule_index(address)) };
    (entry & ENTRY_USED != 0)
        .then(|| Block::from_start(chunk.granule(usize::from(entry & ENTRY_START))))
}

/// Sets the object's mark bit; whether it was clear.
///
/// # Safety
/// The object lies in a block of the caller's.
#[inline(always)]
pub unsafe fn mark(object: ObjRef) -> bool {
    let address = object.as_ptr().cast::<u8>();
    // SAFETY: objects lie in chunks, the mark word belongs to the block's owner.
    unsafe {
        let word = Chunk::of(address).mark_word(Chunk::granule_index(address));
        let bit = 1u64 << (address as usize / 8 % GRANULE_WORDS);
        let was_clear = *word & bit == 0;
        *word |= bit;
        was_clear
    }
}

/// The object's mark bit.
///
/// # Safety
/// The object lies in a block of the caller's.
#[inline(always)]
pub unsafe fn is_marked(object: ObjRef) -> bool {
    let address = object.as_ptr().cast::<u8>();
    // SAFETY: as in `mark`.
    unsafe {
        let word = Chunk::of(address).mark_word(Chunk::granule_index(address));
        *word >> (address as usize / 8 % GRANULE_WORDS) & 1 != 0
    }
}

/// Clears the object's mark bit.
///
/// # Safety
/// The object lies in a block of the caller's.
#[inline(always)]
pub unsafe fn unmark(object: ObjRef) {
    let address = object.as_ptr().cast::<u8>();
    // SAFETY: as in `mark`.
    unsafe {
        let word = Chunk::of(address).mark_word(Chunk::granule_index(address));
        *word &= !(1u64 << (address as usize / 8 % GRANULE_WORDS));
    }
}
