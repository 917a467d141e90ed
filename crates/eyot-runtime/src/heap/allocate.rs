//! Allocation: the bump pointer, what happens when it runs out, limits, and the stress mode.
//!
//! A heap that wakes begins with a block of 512 bytes and doubles up to 32 KB, so an isolate that does little between two events takes
//! little. When the young blocks together reach the nursery's size, a minor collection runs; when old space has doubled since
//! the last one, a full one.

use super::block::{BLOCK_HEADER_WORDS, Block};
use super::chunk::GRANULE_WORDS;
use super::collect::Extent;
use super::old::FULL_BLOCK_GRANULES;
use super::roots::Roots;
use super::{
    Allocated, FIRST_BLOCK_GRANULES, Heap, HeapLimit, LARGE_WORDS, MAX_OBJECT_WORDS, NURSERY_SHARE,
    pool,
};
use crate::object::{Header, ObjRef};

/// Old space never triggers a full collection below this size.
pub(super) const MIN_MAJOR_THRESHOLD: usize = 4 << 20;
/// The nursery grows with old space, up to this size: the more lives long, the dearer it is to promote what does not.
const LARGEST_NURSERY_BYTES: usize = 4 << 20;
/// Nursery blocks kept between collections, in bytes.
const SPARE_BYTES: usize = 1 << 20;
/// Large young objects and young blobs count for a sixteenth of their size: a collection does not touch their bytes.
const LARGE_SHARE: usize = 16;
/// Adopted blocks count for a quarter: a collection drops them without a look at what is dead in them.
const COHORT_SHARE: usize = 4;
/// What a heap keeps beyond its limit for those who handle OutOfMemoryError, if the limit is not small.
const RESERVE_BYTES: usize = 256 << 10;
/// Less than this is no help to a handler.
const LEAST_GRACE_BYTES: usize = 2 << 10;
/// A heap with less room than this, if the limit is not small, is full.
const HEADROOM_BYTES: usize = 256 << 10;
/// How far it may pass the limit until a collection in slices has been done: by this part of the limit.
const OVERDRAFT_SHARE: usize = 64;
/// Written over freed blocks in stress mode: as a word it is a pointer to nowhere.
const POISON: u8 = 0xd8;

/// Nursery blocks are zeroed bit by bit, so much at a time: what is zeroed is in the nearest cache when objects are made of it, and blocks
/// that stay empty for the most part are not touched.
const CLEAN_WORDS: usize = 256;

/// Words that [`Heap::reserve`] can promise.
pub const MAX_RESERVE_WORDS: usize = 2048;

impl Heap {
    /// Zeroed words of a fresh object (`words` counts the header), or `None`: then [`Heap::allocate_slow`].
    #[inline(always)]
    pub fn allocate(&mut self, words: usize) -> Option<ObjRef> {
        debug_assert!(words <= MAX_OBJECT_WORDS);
        let top = self.top;
        if (self.end as usize).wrapping_sub(top as usize) < words * 8 {
            return None;
        }
        self.top = top.wrapping_add(words);
        self.counters.objects += 1;
        // SAFETY: there is room, so `top` is an address in a block.
        Some(ObjRef::from_ptr(unsafe {
            std::ptr::NonNull::new_unchecked(top)
        }))
    }

    /// Makes room, collecting if it must, and allocates. The words are zeroed, but for a flag that the header may have: complete
    /// it with [`ObjRef::init_header`].
    #[cold]
    #[inline(never)]
    pub fn allocate_slow(&mut self, words: usize, roots: &mut dyn Roots) -> Allocated {
        if words > MAX_OBJECT_WORDS {
            return Err(HeapLimit);
        }
        self.before_slow_allocation(words, roots);
        if words > LARGE_WORDS {
            return self.allocate_large(words, roots);
        }
        self.make_room(words, roots)?;
        let object = self.allocate(words).ok_or(HeapLimit);
        self.open_window(0);
        object
    }

    /// A safepoint, after which [`Heap::allocate`] gives `words` words in all (at most [`MAX_RESERVE_WORDS`]) without `None`.
    pub fn reserve(&mut self, words: usize, roots: &mut dyn Roots) -> Result<(), HeapLimit> {
        if words > MAX_RESERVE_WORDS {
            return Err(HeapLimit);
        }
        if (self.end as usize).wrapping_sub(self.top as usize) >= words * 8 {
            return Ok(());
        }
        self.before_slow_allocation(words, roots);
        self.make_room(words, roots)?;
        self.open_window(words);
        Ok(())
    }

    /// In stress mode `allocate` may go just so many words.
    fn open_window(&mut self, words: usize) {
        if self.stress.is_some() {
            self.end = self.top.wrapping_add(words);
        }
    }

    /// Lets `allocate` go as far as the next `words` words, for which the current block has room, and a little further, and zeroes them.
    fn clean(&mut self, words: usize) {
        let (clean, end) = (self.end as usize, self.block_end as usize);
        let needed = self.top as usize + words * 8;
        if clean >= needed {
            return;
        }
        let up_to = needed.next_multiple_of(CLEAN_WORDS * 8).min(end);
        // SAFETY: the words from there on belong to the current block and hold nothing.
        unsafe { std::ptr::write_bytes(self.end.cast::<u8>(), 0, up_to - clean) };
        self.end = self.end.wrapping_byte_add(up_to - clean);
    }

    /// Whatever must happen before a block is taken: a collection that is due.
    fn before_slow_allocation(&mut self, words: usize, roots: &mut dyn Roots) {
        if self.stress.is_some() {
            self.stress_collect(roots);
        }
        let fits = (self.block_end as usize).wrapping_sub(self.top as usize) >= words * 8;
        // Blobs are no reason in the middle of an event, where they may just have come with a message and be in use: whoever makes
        // or takes in another one looks at them.
        if !fits && self.object_pressure() >= self.nursery() {
            self.collect_due(roots);
        }
    }

    /// Bytes of young objects after which a minor collection is due.
    pub(super) fn nursery(&self) -> usize {
        self.nursery_bytes as usize
    }

    pub(super) fn young_pressure(&self) -> usize {
        self.object_pressure() + self.external_young_bytes / LARGE_SHARE
    }

    fn object_pressure(&self) -> usize {
        self.young.blocks.bytes()
            + self.young.cohorts.bytes() / COHORT_SHARE
            + self.young.large.bytes() / LARGE_SHARE
    }

    /// Room for a message of so many bytes, after a collection if one is due.
    pub(super) fn before_adoption(
        &mut self,
        bytes: usize,
        roots: &mut dyn Roots,
    ) -> Result<(), HeapLimit> {
        if self.young_pressure() >= self.nursery() {
            self.collect_due(roots);
        } else if self.region_bytes() > 0 && self.is_full_due() {
            self.collect_full_due(roots);
        }
        self.check_limit(bytes, roots)
    }

    /// Room for a blob of so many bytes, after a collection if one is due: a program may make large buffers and hardly any objects.
    /// A safepoint.
    pub fn before_external(
        &mut self,
        bytes: usize,
        roots: &mut dyn Roots,
    ) -> Result<(), HeapLimit> {
        if self.external_young_bytes > 0 && self.young_pressure() >= self.nursery() {
            self.collect_due(roots);
        } else if self.off_heap_bytes() > 0 && self.is_full_due() {
            self.collect_full_due(roots);
        }
        self.check_limit(bytes, roots)
    }

    pub(super) fn is_full_due(&self) -> bool {
        match &self.beside {
            None => self.old.bytes() + self.off_heap_bytes() > self.major_threshold,
            Some(beside) => self.is_full_due_beside(beside),
        }
    }

    /// Bytes of blobs and frozen regions.
    pub(super) fn off_heap_bytes(&self) -> usize {
        self.external_bytes + self.region_bytes()
    }

    pub(super) fn collect_due(&mut self, roots: &mut dyn Roots) {
        if self.defer(Extent::Minor, roots) {
            return;
        }
        self.collect(Extent::Minor, roots);
        if self.is_full_due() {
            self.collect_full_due(roots);
        }
    }

    fn collect_full_due(&mut self, roots: &mut dyn Roots) {
        if !self.defer(Extent::Full, roots) {
            self.collect(Extent::Full, roots);
        }
    }

    fn stress_collect(&mut self, roots: &mut dyn Roots) {
        // A heap of many megabytes would be traced for ever: unless every allocation is asked for, it is collected less often, in
        // proportion to its blocks.
        let blocks_bytes = self.held_bytes().saturating_sub(self.off_heap_bytes());
        let thinned = blocks_bytes.saturating_sub(1 << 20) / (4 << 10);
        let thinned = u32::try_from(thinned).unwrap_or(u32::MAX);
        let Some(stress) = &mut self.stress else {
            return;
        };
        stress.left -= 1;
        if stress.left > 0 {
            return;
        }
        stress.left = match stress.every {
            1 => 1,
            every => every.max(thinned),
        };
        stress.collections = stress.collections.wrapping_add(1);
        let collections = stress.collections;
        if collections % 16 == 5 {
            self.prepare_soon();
        }
        let extent = match collections % 8 {
            0 => Extent::Full,
            4 if collections % 32 == 4 && blocks_bytes <= self.limit_bytes / 4 => Extent::Compact,
            _ => Extent::Minor,
        };
        if collections % 8 == 2 && self.slicing.is_allowed() {
            let sliced = if collections % 16 == 2 {
                Extent::Full
            } else {
                Extent::Minor
            };
            self.want(sliced);
            roots.stop_soon();
            return;
        }
        self.collect(extent, roots);
    }

    /// Makes the current block hold `words` more words.
    fn make_room(&mut self, words: usize, roots: &mut dyn Roots) -> Result<(), HeapLimit> {
        if (self.block_end as usize).wrapping_sub(self.top as usize) >= words * 8 {
            self.clean(words);
            return Ok(());
        }
        let needed = (words + BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS) as u32;
        let granules = self.granules_wanted().max(needed);
        self.check_limit(granules as usize * GRANULE_WORDS * 8, roots)?;
        let (block, is_zeroed) = self.take_young_block(granules).ok_or(HeapLimit)?;
        self.next_granules = (self.next_granules * 2).min(FULL_BLOCK_GRANULES as u16);
        self.retire_young();
        self.young.blocks.push(block);
        self.top = block.first_word();
        self.block_end = block.end();
        self.end = if is_zeroed { self.block_end } else { self.top };
        self.clean(words);
        Ok(())
    }

    /// Granules of the next block: few where memory is nearly out, so that what is left is not taken by a block for one small object.
    fn granules_wanted(&self) -> u32 {
        let bytes = self.next_granules as usize * GRANULE_WORDS * 8;
        match self.fits_limit(bytes, 0) {
            true => self.next_granules.into(),
            false => FIRST_BLOCK_GRANULES.into(),
        }
    }

    /// A block, and whether its words are zero.
    fn take_young_block(&mut self, granules: u32) -> Option<(Block, bool)> {
        let (block, is_zeroed) = if granules == FULL_BLOCK_GRANULES
            && let Some(block) = self.spare.pop()
        {
            (block, false)
        } else {
            let taken = pool::take(granules)?;
            (taken.block, taken.zeroed)
        };
        // SAFETY: the block is ours, and its words hold nothing.
        unsafe { block.header().owner = self.owner };
        Some((block, is_zeroed))
    }

    fn allocate_large(&mut self, words: usize, roots: &mut dyn Roots) -> Allocated {
        let granules = (words + BLOCK_HEADER_WORDS).div_ceil(GRANULE_WORDS);
        self.check_limit(granules * GRANULE_WORDS * 8, roots)?;
        let granules = u32::try_from(granules).map_err(|_| HeapLimit)?;
        let (block, is_zeroed) = self.take_young_block(granules).ok_or(HeapLimit)?;
        if !is_zeroed {
            let bytes = block.end() as usize - block.first_word() as usize;
            // SAFETY: the block is ours, and its words hold nothing.
            unsafe { std::ptr::write_bytes(block.first_word().cast::<u8>(), 0, bytes) };
        }
        self.young.large.push(block);
        self.counters.objects += 1;
        self.counters.bytes += words as u64 * 8;
        let object = block.large_object();
        // SAFETY: fresh.
        unsafe {
            block.header().used_words = words as u32;
            object.set_header(Header(Header::LARGE));
        }
        Ok(object)
    }

    /// Checks that the heap may take `bytes` more, after a full collection if it must.
    #[inline(always)]
    pub(super) fn check_limit(
        &mut self,
        bytes: usize,
        roots: &mut dyn Roots,
    ) -> Result<(), HeapLimit> {
        // Where there is no limit nothing is added up.
        if self.limit_bytes == usize::MAX && !self.is_full {
            return Ok(());
        }
        self.keep_limit(bytes, roots)
    }

    #[inline(never)]
    fn keep_limit(&mut self, bytes: usize, roots: &mut dyn Roots) -> Result<(), HeapLimit> {
        if self.fits_limit(bytes, self.grace_bytes) && !self.is_full {
            return Ok(());
        }
        self.release_spare();
        // What it comes to is known a little later, and the next check asks again.
        let overdraft = self.limit_bytes / OVERDRAFT_SHARE;
        if self.grace_bytes == 0 && self.fits_limit(bytes, overdraft) && self.sweep_soon(roots) {
            return Ok(());
        }
        self.finish_sweep();
        if self.fits_limit(bytes, self.grace_bytes) && !self.is_full {
            return Ok(());
        }
        // What died since it was marked must go, too.
        self.abandon_premark();
        if !std::mem::take(&mut self.is_full) {
            if self.grace_bytes == 0
                && self.fits_limit(bytes, overdraft)
                && self.defer(Extent::Full, roots)
            {
                return Ok(());
            }
            self.collect(Extent::Full, roots);
        }
        // A heap that is full but for a little would collect at every block from now on: that is the end, too.
        self.is_full = false;
        if self.fits_limit(bytes.saturating_add(self.headroom()), 0) {
            return Ok(());
        }
        if self.grace_bytes > 0 && self.fits_limit(bytes, self.grace_bytes) {
            return Ok(());
        }
        self.release_reserve();
        Err(HeapLimit)
    }

    fn headroom(&self) -> usize {
        (self.limit_bytes / 64).min(HEADROOM_BYTES)
    }

    /// What a heap with this limit keeps for those who handle OutOfMemoryError.
    pub(super) fn reserve_of(limit_bytes: usize) -> usize {
        RESERVE_BYTES.min(limit_bytes / 16)
    }

    /// For an OutOfMemoryError that is about to be thrown: whoever handles it may take half of what the reserve still has. So the second
    /// handler has something, too, but a program that goes on as before does not grow for ever.
    fn release_reserve(&mut self) {
        let share = self.reserve_bytes / 2;
        if share < LEAST_GRACE_BYTES {
            return;
        }
        self.reserve_bytes -= share;
        // A collection may have left the heap above its limit already.
        let beyond = self.held_bytes().saturating_sub(self.limit_bytes);
        self.grace_bytes = self.grace_bytes.max(beyond + share);
    }

    /// After a collection: a heap that has room again has its reserve again.
    pub(super) fn restore_reserve(&mut self) {
        if self.grace_bytes > 0 && self.fits_limit(self.headroom(), 0) {
            self.grace_bytes = 0;
            self.reserve_bytes = Self::reserve_of(self.limit_bytes);
        }
    }

    /// After a full collection in slices: whether it has freed next to nothing of a heap at its limit, so that the next check need not
    /// collect again to say no.
    pub(super) fn note_fullness(&mut self) {
        self.is_full =
            !self.is_unswept() && self.grace_bytes == 0 && !self.fits_limit(self.headroom(), 0);
    }

    fn fits_limit(&self, bytes: usize, grace: usize) -> bool {
        self.held_bytes().saturating_add(bytes) <= self.limit_bytes.saturating_add(grace)
    }

    /// After a full collection: the next one is due when old space has doubled.
    pub(super) fn set_major_threshold(&mut self) {
        let old_bytes = self.old.bytes() + self.unswept_bytes();
        let live = old_bytes + self.off_heap_bytes();
        self.major_threshold = live.saturating_mul(2).max(MIN_MAJOR_THRESHOLD);
        let share = (old_bytes / 16).min(LARGEST_NURSERY_BYTES);
        let bytes = share
            .min(self.limit_bytes / NURSERY_SHARE)
            .max(self.least_nursery_bytes as usize);
        self.nursery_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    }

    // ---- young blocks

    /// Bytes allocated in the current block.
    pub(super) fn current_bytes(&self) -> usize {
        match self.young.blocks.first() {
            Some(block) if !self.top.is_null() => self.top as usize - block.first_word() as usize,
            _ => 0,
        }
    }

    /// Notes how far the current block is filled, so that it can be walked.
    pub(super) fn note_young_fill(&mut self) {
        if let Some(block) = self.young.blocks.first()
            && !self.top.is_null()
        {
            // SAFETY: `top` lies in the current block.
            unsafe { block.set_used_to(self.top) };
        }
    }

    /// Closes the current block.
    pub(super) fn retire_young(&mut self) {
        self.counters.bytes += self.current_bytes() as u64;
        self.note_young_fill();
        self.top = std::ptr::null_mut();
        self.end = std::ptr::null_mut();
        self.block_end = std::ptr::null_mut();
    }

    /// Keeps an emptied nursery block for the next round, while it is likely still in a cache, or gives it back.
    pub(super) fn free_young_block(&mut self, block: Block) {
        let full = block.bytes() == FULL_BLOCK_GRANULES as usize * GRANULE_WORDS * 8;
        if full && self.stress.is_none() && self.spare.bytes() < SPARE_BYTES.min(self.nursery()) {
            self.spare.push(block);
        } else {
            self.free_block(block);
        }
    }

    /// Gives a block back to the pool; in stress mode its words are overwritten first.
    pub(super) fn free_block(&mut self, block: Block) {
        // SAFETY: the block is ours, and nothing in it is alive.
        unsafe {
            if self.stress.is_some() {
                let bytes = block.end() as usize - block.first_word() as usize;
                std::ptr::write_bytes(block.first_word().cast::<u8>(), POISON, bytes);
            }
            pool::give(block);
        }
    }

    /// Gives blocks kept for the next round back: when the isolate stops running.
    pub fn release_spare(&mut self) {
        super::collect::give_all(&mut self.spare);
    }
}
