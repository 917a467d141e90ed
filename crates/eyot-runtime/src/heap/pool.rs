//! The process-wide pool of blocks: a buddy allocator over chunks.
//!
//! Free runs of 2^n granules are kept on a list for each n. A block may have any number of granules: the run it is cut from gives
//! its tail back at once, and a block that is freed goes back in pieces that are powers of two. A chunk that is free as a
//! whole is unmapped, but for a few kept to damp the traffic with the operating system. Blocks too large for a chunk are
//! mapped and unmapped one by one, in huge pages where the system has them: what a large list costs is the first touch of its pages.
//!
//! One lock guards it all. A heap asks for memory by 32 KB while it is busy, so the lock is taken some thousand times less often
//! than objects are allocated. An isolate that only comes and goes, and a message, take small blocks: of those each thread keeps a few
//! that were given back, and needs no lock for them.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::block::Block;
use super::chunk::{CHUNK_BYTES, CHUNK_GRANULES, Chunk, FIRST_GRANULE, GRANULE_BYTES};
use super::os;

/// Orders of free runs: 512 bytes to 512 KB.
const ORDERS: usize = 11;
/// Granules from which on a block has a mapping of its own.
const LARGEST_POOLED: u32 = 1 << (ORDERS - 1);
/// Wholly free chunks kept mapped.
const SPARE_CHUNKS: usize = 16;

/// A block's memory, and whether it is known to be zeroed.
pub struct Taken {
    /// The block, its header initialised.
    pub block: Block,
    /// Whether the words behind the header are zero.
    pub zeroed: bool,
}

/// Takes a block of this many granules; `None` if the operating system has no more memory.
pub fn take(granules: u32) -> Option<Taken> {
    let (start, zeroed) = if granules > LARGEST_POOLED {
        (map_large(granules)?, true)
    } else if let Some(start) = take_kept(granules) {
        (start, false)
    } else if granules == 1 {
        (take_and_keep_more()?, false)
    } else {
        (pool().take(granules)?, false)
    };
    os::unpoison(start.as_ptr(), granules as usize * GRANULE_BYTES);
    let block = Block::from_start(start);
    let (chunk, first) = block.place();
    // SAFETY: the memory was free and is now the caller's alone.
    unsafe {
        block.initialise(granules);
        chunk.set_entries(first, granules as usize, true);
    }
    Some(Taken { block, zeroed })
}

/// Gives a block back.
///
/// # Safety
/// The caller owns the block and refers to it no more.
pub unsafe fn give(block: Block) {
    // SAFETY: the caller's.
    unsafe {
        let granules = block.header().granules;
        block.header().cards = None;
        block.clear_marks();
        let (chunk, first) = block.place();
        chunk.set_entries(first, granules as usize, false);
        if granules > LARGEST_POOLED {
            unmap_large(chunk);
        } else if !keep(block.start(), granules) {
            give_run(chunk, first, granules as usize);
        }
    }
}

/// # Safety
/// The caller owns the granules and refers to them no more.
unsafe fn give_run(chunk: Chunk, first: usize, count: usize) {
    let emptied = pool().give(chunk, first, count);
    // Others need not wait for the system.
    if let Some(chunk) = emptied {
        // SAFETY: no block of the chunk has an owner, and the pool does not know it any more.
        unsafe { os::unmap(chunk.start(), CHUNK_BYTES) };
    }
}

/// Shortens a block to `keep` granules and gives the rest back.
///
/// # Safety
/// The caller owns the block and refers to the tail no more; the block is not larger than a chunk takes.
pub unsafe fn trim(block: Block, keep: u32) {
    // SAFETY: the caller's.
    unsafe {
        let granules = block.header().granules;
        if keep >= granules || granules > LARGEST_POOLED {
            return;
        }
        let (chunk, first) = block.place();
        let (tail, count) = (first + keep as usize, (granules - keep) as usize);
        block.header().granules = keep;
        std::ptr::write_bytes(chunk.mark_word(tail), 0, count);
        chunk.set_entries(tail, count, false);
        give_run(chunk, tail, count);
    }
}

/// Gives the last bytes of a block with a mapping of its own back to the system, so that a multiple of `bytes` (some pages) stays; how many bytes
/// that were: none if the block is not larger than that, and is to be given back whole.
///
/// # Safety
/// The caller owns the block and refers to it no more, but for its header.
pub unsafe fn trim_large(block: Block, bytes: usize) -> usize {
    // SAFETY: the caller's.
    unsafe {
        let granules = block.header().granules;
        let (chunk, first) = block.place();
        let mapped = (*chunk.header()).mapped_bytes;
        let keep = mapped.saturating_sub(1) / bytes * bytes;
        let freed = mapped - keep;
        let gone = (freed / GRANULE_BYTES) as u32;
        // What is kept must still be a block with a mapping of its own.
        if keep < CHUNK_BYTES + bytes || granules.saturating_sub(gone) <= LARGEST_POOLED {
            return 0;
        }
        block.header().granules = granules - gone;
        debug_assert!((first + block.header().granules as usize) * GRANULE_BYTES <= keep);
        (*chunk.header()).mapped_bytes = keep;
        pool().mapped_bytes -= freed;
        os::unmap(chunk.start().add(keep), freed);
        freed
    }
}

/// Blocks of at most so many granules are kept by threads.
const KEPT_GRANULES_MAX: usize = 4;
/// So many of each size.
const KEPT_BLOCKS_MAX: usize = 32;
/// So many granules a thread that needs one takes from the pool: four pages.
const TAKEN_GRANULES: usize = KEPT_BLOCKS_MAX;

/// Blocks that a thread keeps for the next who asks, by their granules less one.
struct Kept {
    starts: [[*mut u8; KEPT_BLOCKS_MAX]; KEPT_GRANULES_MAX],
    counts: [usize; KEPT_GRANULES_MAX],
}

thread_local! {
    static KEPT: RefCell<Kept> = const {
        RefCell::new(Kept {
            starts: [[std::ptr::null_mut(); KEPT_BLOCKS_MAX]; KEPT_GRANULES_MAX],
            counts: [0; KEPT_GRANULES_MAX],
        })
    };
}

/// The start of a block that this thread has kept.
#[inline]
fn take_kept(granules: u32) -> Option<NonNull<u8>> {
    let size = (granules as usize).wrapping_sub(1);
    if size >= KEPT_GRANULES_MAX {
        return None;
    }
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let last = kept.counts[size].checked_sub(1)?;
        kept.counts[size] = last;
        NonNull::new(kept.starts[size][last])
    });
    kept.ok().flatten()
}

/// The start of a block of one granule. It is what idle isolates have, so where one is made others often are: the thread takes more, and
/// keeps them.
#[cold]
fn take_and_keep_more() -> Option<NonNull<u8>> {
    let mut runs = pool().take_granules();
    let (first, count) = runs.first_mut()?;
    let start = *first;
    // SAFETY: the run has so many granules.
    (*first, *count) = (unsafe { first.add(GRANULE_BYTES) }, *count - 1);
    for (first, count) in runs.into_iter().rev() {
        if count * GRANULE_BYTES >= os::PAGE_BYTES {
            os::prefault(first.as_ptr(), count * GRANULE_BYTES);
        }
        for index in (0..count).rev() {
            // SAFETY: as above; the granules lie in a chunk, and nobody else has them.
            unsafe {
                let start = first.add(index * GRANULE_BYTES);
                if !keep(start, 1) {
                    let (chunk, granule) = Block::from_start(start).place();
                    give_run(chunk, granule, 1);
                }
            }
        }
    }
    Some(start)
}

/// Keeps a block that nobody has any more, if there is room and the thread goes on.
#[inline]
fn keep(start: NonNull<u8>, granules: u32) -> bool {
    let size = (granules as usize).wrapping_sub(1);
    if size >= KEPT_GRANULES_MAX {
        return false;
    }
    let kept = KEPT.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let count = kept.counts[size];
        if count == KEPT_BLOCKS_MAX {
            return false;
        }
        os::poison(start.as_ptr(), granules as usize * GRANULE_BYTES);
        kept.starts[size][count] = start.as_ptr();
        kept.counts[size] = count + 1;
        true
    });
    kept.unwrap_or(false)
}

impl Drop for Kept {
    fn drop(&mut self) {
        for (size, (starts, &count)) in self.starts.iter().zip(&self.counts).enumerate() {
            for &start in &starts[..count] {
                // SAFETY: blocks lie in chunks, and this one belongs to nobody else.
                unsafe { give_run(Chunk::of(start), Chunk::granule_index(start), size + 1) };
            }
        }
    }
}

/// Bytes mapped from the operating system for chunks and large blocks.
pub fn mapped_bytes() -> usize {
    pool().mapped_bytes
}

/// Whether the address lies in a chunk that is mapped now: for the verifier, which trusts no reference.
pub fn is_chunk_address(address: usize) -> bool {
    let start = address & !(CHUNK_BYTES - 1);
    let Some(start) = NonNull::new(std::ptr::without_provenance_mut(start)) else {
        return false;
    };
    let chunk = Chunk::from_mapping(start);
    let pool = pool();
    pool.chunks.contains(&Place(chunk)) || pool.large.contains(&Place(chunk))
}

fn pool() -> MutexGuard<'static, Pool> {
    // The pool's own code does not panic half-way through a change, so a poisoned lock holds a sound pool.
    POOL.get_or_init(Default::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

static POOL: std::sync::OnceLock<Mutex<Pool>> = std::sync::OnceLock::new();

#[derive(PartialEq, Eq, Hash)]
struct Place(Chunk);

// SAFETY: the pool uses chunks under its lock, owners of blocks use only what belongs to their blocks.
unsafe impl Send for Place {}

#[derive(Default)]
struct Pool {
    free: [FreeList; ORDERS],
    chunks: HashSet<Place>,
    large: HashSet<Place>,
    free_granules: usize,
    wholly_free: usize,
    mapped_bytes: usize,
}

/// The start of a free run: a link of a doubly linked list.
#[repr(C)]
struct FreeRun {
    next: Option<NonNull<FreeRun>>,
    previous: Option<NonNull<FreeRun>>,
}

#[derive(Default)]
struct FreeList {
    head: Option<NonNull<FreeRun>>,
}

// SAFETY: only the pool follows the links, under its lock.
unsafe impl Send for FreeList {}

impl FreeList {
    fn push(&mut self, run: NonNull<FreeRun>) {
        // SAFETY: free runs belong to the pool.
        unsafe {
            run.write(FreeRun {
                next: self.head,
                previous: None,
            });
            if let Some(mut head) = self.head {
                head.as_mut().previous = Some(run);
            }
        }
        self.head = Some(run);
    }

    fn remove(&mut self, run: NonNull<FreeRun>) {
        // SAFETY: free runs belong to the pool, and this one is on the list.
        unsafe {
            let FreeRun { next, previous } = run.read();
            match previous {
                Some(mut previous) => previous.as_mut().next = next,
                None => self.head = next,
            }
            if let Some(mut next) = next {
                next.as_mut().previous = previous;
            }
        }
    }
}

impl Pool {
    fn take(&mut self, granules: u32) -> Option<NonNull<u8>> {
        let wanted = granules.next_power_of_two().trailing_zeros() as usize;
        let order = self.order_of(wanted).or_else(|| {
            self.map_chunk()?;
            self.order_of(wanted)
        })?;
        self.take_of(order, granules as usize)
    }

    /// Takes some granules, in runs: the shortest first.
    fn take_granules(&mut self) -> Vec<(NonNull<u8>, usize)> {
        let mut runs = Vec::new();
        let mut wanted = TAKEN_GRANULES;
        while wanted > 0 {
            let Some(order) = self.order_of(0) else {
                if runs.is_empty() && self.map_chunk().is_some() {
                    continue;
                }
                break;
            };
            let count = wanted.min(1 << order);
            runs.extend(self.take_of(order, count).map(|run| (run, count)));
            wanted -= count;
        }
        runs
    }

    /// The least order, from this one on, of which there is a free run.
    fn order_of(&self, wanted: usize) -> Option<usize> {
        (wanted..ORDERS).find(|&order| self.free[order].head.is_some())
    }

    /// Takes so many granules of a free run of an order.
    fn take_of(&mut self, order: usize, granules: usize) -> Option<NonNull<u8>> {
        let run = self.free[order].head?;
        // SAFETY: a free run lies in a chunk.
        let chunk = unsafe { Chunk::of(run.as_ptr().cast()) };
        let first = Chunk::granule_index(run.as_ptr().cast());
        if self.is_wholly_free(chunk) {
            self.wholly_free -= 1;
        }
        self.remove_run(chunk, first, order);
        self.add_range(chunk, first + granules, (1 << order) - granules);
        Some(chunk.granule(first))
    }

    /// Takes granules back; a chunk that is forgotten because it is empty now is the caller's to unmap.
    fn give(&mut self, chunk: Chunk, first: usize, granules: usize) -> Option<Chunk> {
        self.add_range(chunk, first, granules);
        if self.is_wholly_free(chunk) {
            if self.wholly_free >= SPARE_CHUNKS {
                self.forget_chunk(chunk);
                return Some(chunk);
            }
            self.wholly_free += 1;
        }
        None
    }

    /// Adds free granules as runs: the largest that are aligned to their size.
    fn add_range(&mut self, chunk: Chunk, mut first: usize, mut granules: usize) {
        while granules > 0 {
            let by_place = first.trailing_zeros().min(ORDERS as u32 - 1);
            let order = (by_place.min(granules.ilog2())) as usize;
            self.add_run(chunk, first, order);
            first += 1 << order;
            granules -= 1 << order;
        }
    }

    /// Adds a run, joined with its buddies as far as they are free.
    fn add_run(&mut self, chunk: Chunk, mut first: usize, mut order: usize) {
        os::poison(chunk.granule(first).as_ptr(), GRANULE_BYTES << order);
        while order + 1 < ORDERS {
            let buddy = first ^ (1 << order);
            if self.free_order(chunk, buddy) != Some(order) {
                break;
            }
            self.remove_run(chunk, buddy, order);
            first = first.min(buddy);
            order += 1;
        }
        let run = chunk.granule(first).cast::<FreeRun>();
        os::unpoison(run.as_ptr().cast(), size_of::<FreeRun>());
        self.set_free_order(chunk, first, order as u8 + 1);
        self.free[order].push(run);
        self.count_free(chunk, 1 << order);
    }

    fn remove_run(&mut self, chunk: Chunk, first: usize, order: usize) {
        self.free[order].remove(chunk.granule(first).cast());
        self.set_free_order(chunk, first, 0);
        self.count_free(chunk, -(1 << order));
    }

    fn free_order(&self, chunk: Chunk, granule: usize) -> Option<usize> {
        // SAFETY: the table is the pool's; the index lies inside.
        let order = unsafe { (*chunk.header()).free_orders[granule] };
        usize::from(order).checked_sub(1)
    }

    fn set_free_order(&mut self, chunk: Chunk, granule: usize, order: u8) {
        // SAFETY: the table is the pool's; the index lies inside.
        unsafe { (*chunk.header()).free_orders[granule] = order };
    }

    fn count_free(&mut self, chunk: Chunk, change: isize) {
        self.free_granules = self.free_granules.wrapping_add_signed(change);
        // SAFETY: the counter is the pool's.
        unsafe {
            let count = &raw mut (*chunk.header()).free_granules;
            *count = (*count).wrapping_add_signed(change as i32);
        }
    }

    fn is_wholly_free(&self, chunk: Chunk) -> bool {
        // SAFETY: the counter is the pool's.
        let free = unsafe { (*chunk.header()).free_granules };
        free as usize == CHUNK_GRANULES - FIRST_GRANULE
    }

    fn map_chunk(&mut self) -> Option<()> {
        let chunk = Chunk::from_mapping(os::map_aligned(CHUNK_BYTES)?);
        // SAFETY: the mapping is fresh.
        unsafe { (*chunk.header()).mapped_bytes = CHUNK_BYTES };
        self.mapped_bytes += CHUNK_BYTES;
        self.chunks.insert(Place(chunk));
        self.add_range(chunk, FIRST_GRANULE, CHUNK_GRANULES - FIRST_GRANULE);
        self.wholly_free += 1;
        Some(())
    }

    fn forget_chunk(&mut self, chunk: Chunk) {
        let mut granule = FIRST_GRANULE;
        while granule < CHUNK_GRANULES {
            match self.free_order(chunk, granule) {
                Some(order) => {
                    self.remove_run(chunk, granule, order);
                    granule += 1 << order;
                }
                None => granule += 1,
            }
        }
        self.chunks.remove(&Place(chunk));
        self.mapped_bytes -= CHUNK_BYTES;
    }
}

fn map_large(granules: u32) -> Option<NonNull<u8>> {
    let bytes = (FIRST_GRANULE + granules as usize) * GRANULE_BYTES;
    let bytes = bytes.next_multiple_of(1 << 16);
    let mapping = match bytes < os::HUGE_PAGE_BYTES {
        true => os::map_aligned(bytes)?,
        false => os::map_huge(bytes)?,
    };
    let chunk = Chunk::from_mapping(mapping);
    // SAFETY: the mapping is fresh.
    unsafe { (*chunk.header()).mapped_bytes = bytes };
    let mut pool = pool();
    pool.mapped_bytes += bytes;
    pool.large.insert(Place(chunk));
    Some(chunk.granule(FIRST_GRANULE))
}

/// # Safety
/// The chunk holds one large block, which nobody refers to.
unsafe fn unmap_large(chunk: Chunk) {
    // SAFETY: the caller's.
    let bytes = unsafe { (*chunk.header()).mapped_bytes };
    let mut pool = pool();
    pool.mapped_bytes -= bytes;
    pool.large.remove(&Place(chunk));
    drop(pool);
    // SAFETY: the caller's.
    unsafe { os::unmap(chunk.start(), bytes) };
}
