//! Blocks: runs of granules with one owner, and lists of them.
//!
//! A block starts with its header and holds objects one behind the other, free words between them filled so that the block
//! can be walked. A block is on exactly one list, by the link in its header: an idle heap needs no memory for lists.

use std::ptr::NonNull;

use super::chunk::{Chunk, GRANULE_BYTES};
use super::region::RegionData;
use crate::object::{Header, ObjRef, zero_few};

/// What a block starts with.
#[repr(C)]
pub struct BlockHeader {
    next: Option<Block>,
    /// Who owns the block.
    pub owner: OwnerId,
    /// Size.
    pub granules: u32,
    /// Words from the first object's on that hold objects or filled gaps.
    pub used_words: u32,
    /// Words of live objects at the last sweep.
    pub live_words: u32,
    /// Of a large list in old space: its dirty cards.
    pub cards: Option<Box<Cards>>,
    /// Of a block of a frozen region: the region.
    pub region: Option<NonNull<RegionData>>,
}

/// Parts of a large list that may hold references to young objects.
pub struct Cards {
    /// Whether the list is in the remembered set.
    pub listed: bool,
    /// A byte for each [`CARD_WORDS`] words.
    pub dirty: Box<[bool]>,
}

/// Words a card stands for.
pub const CARD_WORDS: usize = 32;

/// Identifies a heap, a message or a region as the owner of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct OwnerId(pub u32);

impl OwnerId {
    /// Nobody yet.
    pub const NONE: OwnerId = OwnerId(0);
    /// A message in flight.
    pub const MESSAGE: OwnerId = OwnerId(1);
    /// Frozen data.
    pub const FROZEN: OwnerId = OwnerId(2);
    /// The first id of a heap.
    pub const FIRST_HEAP: u32 = 3;
}

/// Words of a block's header.
pub const BLOCK_HEADER_WORDS: usize = size_of::<BlockHeader>() / 8;
const _: () = assert!(size_of::<BlockHeader>() == 5 * 8);

/// A block.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Block(NonNull<BlockHeader>);

// SAFETY: a block is an address; who may use it is the owner's business, and owners pass it on whole.
unsafe impl Send for Block {}

impl Block {
    /// The block that starts here.
    #[inline(always)]
    pub fn from_start(start: NonNull<u8>) -> Block {
        Block(start.cast())
    }

    /// Writes the header of a fresh block.
    ///
    /// # Safety
    /// The memory belongs to the caller.
    pub unsafe fn initialise(self, granules: u32) {
        // SAFETY: the caller's.
        unsafe {
            self.0.as_ptr().write(BlockHeader {
                next: None,
                owner: OwnerId::NONE,
                granules,
                used_words: 0,
                live_words: 0,
                cards: None,
                region: None,
            });
        }
    }

    /// The block behind it on its list.
    ///
    /// # Safety
    /// As for [`Block::header`].
    pub unsafe fn next(self) -> Option<Block> {
        // SAFETY: the caller's.
        unsafe { self.header() }.next
    }

    /// Where it starts.
    #[inline(always)]
    pub fn start(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// The header.
    ///
    /// # Safety
    /// The caller owns the block, and uses no other reference to the header meanwhile.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn header<'a>(self) -> &'a mut BlockHeader {
        // SAFETY: the caller's.
        unsafe { &mut *self.0.as_ptr() }
    }

    /// The frozen region it belongs to, if any.
    ///
    /// # Safety
    /// The block lives; whoever has it reads only.
    #[inline]
    pub unsafe fn region(self) -> Option<NonNull<RegionData>> {
        // SAFETY: the caller's.
        unsafe { (*self.0.as_ptr()).region }
    }

    /// The chunk and the first granule's index in it.
    #[inline]
    pub fn place(self) -> (Chunk, usize) {
        let start = self.start().as_ptr();
        // SAFETY: a block lies in a chunk.
        (unsafe { Chunk::of(start) }, Chunk::granule_index(start))
    }

    /// Size in bytes, header included.
    #[inline]
    pub fn bytes(self) -> usize {
        // SAFETY: whoever asks owns the block.
        unsafe { self.header() }.granules as usize * GRANULE_BYTES
    }

    /// Where the first object starts.
    #[inline(always)]
    pub fn first_word(self) -> *mut u64 {
        self.start()
            .as_ptr()
            .cast::<u64>()
            .wrapping_add(BLOCK_HEADER_WORDS)
    }

    /// Where the block ends.
    #[inline]
    pub fn end(self) -> *mut u64 {
        self.start().as_ptr().wrapping_add(self.bytes()).cast()
    }

    /// The block of an object that is alone in it.
    #[inline(always)]
    pub fn of_large(object: ObjRef) -> Block {
        let start = object.as_ptr().wrapping_sub(BLOCK_HEADER_WORDS);
        // SAFETY: a large object lies right behind its block's header.
        Block(unsafe { NonNull::new_unchecked(start.cast()) })
    }

    /// The object alone in a large block.
    #[inline(always)]
    pub fn large_object(self) -> ObjRef {
        // SAFETY: the first word lies inside the block, not at 0.
        ObjRef::from_ptr(unsafe { NonNull::new_unchecked(self.first_word()) })
    }

    /// Notes how far the block is filled.
    ///
    /// # Safety
    /// The caller owns the block; `top` lies in it.
    pub unsafe fn set_used_to(self, top: *mut u64) {
        let words = (top as usize - self.first_word() as usize) / 8;
        // SAFETY: the caller's.
        unsafe { self.header() }.used_words = words as u32;
    }

    /// Clears the mark bits.
    ///
    /// # Safety
    /// The caller owns the block.
    pub unsafe fn clear_marks(self) {
        let (chunk, first) = self.place();
        // SAFETY: the caller's; a large block has its only object in the first granules of the chunk.
        unsafe {
            let count = (self.header().granules as usize).min(super::chunk::CHUNK_GRANULES - first);
            match count {
                0..16 => zero_few(chunk.mark_word(first), count),
                _ => std::ptr::write_bytes(chunk.mark_word(first), 0, count),
            }
        }
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "block {:p}", self.0)
    }
}

/// Fills free words, so that the block can be walked.
///
/// # Safety
/// The words belong to the caller and hold no object.
#[inline]
pub unsafe fn fill_free(start: *mut u64, end: *mut u64) {
    let words = (end as usize - start as usize) / 8;
    if words > 0 {
        // SAFETY: the caller's. The class of free memory is 0, so the header is the size alone.
        unsafe { *start = (words as u64) << 32 };
    }
}

/// Words of a free run from its header; a word of zeros is a run of one.
#[inline]
pub fn free_words(header: Header) -> usize {
    ((header.0 >> 32) as usize).max(1)
}

/// A list of blocks.
#[derive(Default, Debug)]
pub struct BlockList {
    head: Option<Block>,
    bytes: usize,
}

impl BlockList {
    /// No blocks.
    pub const EMPTY: BlockList = BlockList {
        head: None,
        bytes: 0,
    };

    /// Bytes of all the blocks.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// The block put in last.
    #[inline]
    pub fn first(&self) -> Option<Block> {
        self.head
    }

    /// Puts a block, which is on no list, in front.
    #[inline]
    pub fn push(&mut self, block: Block) {
        self.bytes += block.bytes();
        // SAFETY: the list's user owns the block.
        unsafe { block.header() }.next = self.head;
        self.head = Some(block);
    }

    /// Takes the first block out.
    #[inline]
    pub fn pop(&mut self) -> Option<Block> {
        let block = self.head?;
        // SAFETY: the list's user owns the block.
        self.head = unsafe { block.header() }.next.take();
        self.bytes -= block.bytes();
        Some(block)
    }

    /// Takes all blocks out.
    #[inline]
    pub fn take(&mut self) -> BlockList {
        std::mem::take(self)
    }

    /// Takes in all blocks of another list, in front or behind: the shorter list is walked.
    pub fn append(&mut self, other: &mut BlockList) {
        if other.bytes > self.bytes {
            std::mem::swap(self, other);
        }
        let Some(last) = other.iter().last() else {
            return;
        };
        // SAFETY: the list's user owns the block.
        unsafe { last.header() }.next = self.head;
        self.head = other.head.take();
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// The blocks.
    pub fn iter(&self) -> impl Iterator<Item = Block> + use<> {
        // SAFETY: the list's user owns the blocks.
        std::iter::successors(self.head, |block| unsafe { block.header() }.next)
    }

    /// Takes in all blocks of a chain, in front: no block but the chain's last is touched, however many there are.
    pub fn join(&mut self, chain: &mut Chain) {
        let Some(last) = chain.last.take() else {
            return;
        };
        // SAFETY: the list's user owns the block.
        unsafe { last.header() }.next = self.head;
        self.head = chain.list.head.take();
        self.bytes += std::mem::take(&mut chain.list.bytes);
    }

    /// Notes that the first block was shortened by so many bytes.
    pub(super) fn shrunk(&mut self, bytes: usize) {
        self.bytes -= bytes;
    }
}

/// Blocks on their way to another heap. Whoever makes the chain looks for its last block, so that whoever takes it over need not.
#[derive(Debug)]
pub struct Chain {
    list: BlockList,
    last: Option<Block>,
}

impl Chain {
    /// All blocks of a list.
    pub fn of(list: BlockList) -> Chain {
        let last = list.iter().last();
        Chain { list, last }
    }

    /// The blocks.
    pub fn list(&self) -> &BlockList {
        &self.list
    }

    /// The blocks, to be taken out.
    pub fn take(&mut self) -> BlockList {
        self.last = None;
        self.list.take()
    }
}
