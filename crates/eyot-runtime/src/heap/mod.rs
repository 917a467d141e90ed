//! The heap of one isolate.
//!
//! Every block of memory has one owner: an isolate's heap, a message in flight, or a frozen region. So allocation, barrier and
//! collection need no lock and no atomic, and no collection ever concerns another isolate.
//!
//! Rules for users:
//!
//! - [`Heap::allocate`] gives zeroed words without a header, or `None`; the caller then saves what it holds in its roots and
//!   goes to [`Heap::allocate_slow`], which may collect. The helpers (`new_…`, `box_…`) do both. A word of zeros is `null`.
//! - Any call that takes `&mut dyn Roots` is a safepoint: objects move, and only values in root slots or [`Handle`]s survive.
//!   Before it, every fresh object has got its header.
//! - A fresh object may be filled with [`ObjRef::init_field`](crate::object::ObjRef::init_field) until the next safepoint;
//!   every other tagged store goes through [`Heap::store`] (or calls [`Heap::write_barrier`] itself).
//! - [`Heap::reserve`] makes a safepoint once, so that the allocations behind it need none: for natives that build several objects.
//!
//! | module | idea |
//! | --- | --- |
//! | `os`, `chunk`, `block`, `pool` | memory: mappings, address arithmetic, runs with one owner, the process-wide pool |
//! | `layout`, `walk` | reading any object |
//! | `allocate`, `construct` | the young space, limits, the stress mode; fresh objects of each kind |
//! | `barrier` | the remembered set |
//! | `collect`, `job`, `trace`, `old` | collections; their phases; tracing and moving; old space and sweeping |
//! | `slices` | collections that are done piece by piece, while the isolate waits |
//! | `premark`, `beside` | the marking of a full collection that is done while the program runs; when that happens |
//! | `blob`, `buffer`, `stream` | bytes outside the blocks; the memory of large ones; copying much |
//! | `frozen` | constants: data that is shared by reference as long as the group lives |
//! | `region` | data that is shared by reference from its first sending on, and counted |
//! | `lend` | bytes of large typed data that several heaps see until one of them writes |
//! | `look` | whether lent bytes are garbage, without a collection |
//! | `scarce` | parts that most heaps do not have |
//! | `count` | the count of shared data |
//! | `message` | values on their way to another heap |
//! | `snapshot` | all objects as plain data, for tools |
//! | `verify` | what must hold after a collection |

mod allocate;
pub mod barrier;
mod beside;
pub mod blob;
pub mod block;
pub(crate) mod buffer;
pub mod chunk;
pub mod collect;
mod construct;
mod count;
pub mod frozen;
mod job;
pub mod layout;
pub mod lend;
mod look;
pub mod message;
pub mod old;
pub(crate) mod os;
pub mod pool;
mod premark;
pub mod region;
pub mod roots;
mod scarce;
mod slices;
pub mod snapshot;
pub mod stream;
mod trace;
pub mod verify;
pub mod walk;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

pub use collect::Extent;
pub use frozen::FrozenHeap;
pub use layout::{Kind, Layout, LayoutTable};
pub use message::{Message, Unsendable};
pub use roots::{RootVisitor, Roots};

use crate::object::{Header, ObjRef};
use crate::value::Value;
use block::{BlockList, OwnerId};
use old::OldSpace;
use region::HeldRegions;
use scarce::Scarce;

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
    /// Bytes of young objects after which a minor collection runs.
    pub nursery_bytes: usize,
    /// Collect at every n-th allocation, poison freed memory and verify the heap.
    pub stress: Option<GcStress>,
    /// Verify the heap after each collection, and each message, so that no reference leads into another isolate's memory.
    pub verifies: bool,
    /// Print each collection to standard error, under this name.
    pub traced_as: Option<Arc<str>>,
}

impl Default for HeapConfig {
    fn default() -> Self {
        HeapConfig {
            limit_bytes: usize::MAX,
            nursery_bytes: 1 << 20,
            stress: None,
            verifies: false,
            traced_as: None,
        }
    }
}

/// The stress mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GcStress {
    /// Collect at every n-th allocation (1: at each); less often while the heap holds more than a megabyte.
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
    /// Bytes of young objects allocated in blocks that are full or collected.
    pub bytes: u64,
    /// Minor collections.
    pub minor_collections: u64,
    /// Major collections.
    pub major_collections: u64,
    /// Longest pause.
    pub pause_ns_max: u64,
    /// All pauses together.
    pub pause_ns_total: u64,
    /// The most bytes it has held.
    pub peak_bytes: usize,
}

/// What is counted of [`HeapCounters`] between collections.
#[derive(Clone, Copy, Default)]
struct Made {
    objects: u64,
    boxed_ints: u64,
    boxed_doubles: u64,
    bytes: u64,
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
/// Objects of more words are alone in their block and never move.
pub const LARGE_WORDS: usize = 1024;
/// The nursery takes so small a part of a limited heap: while it is collected what lives in it, and what survived from it before, is there
/// twice.
const NURSERY_SHARE: usize = 32;
/// Granules of the first block of a heap that wakes: most events allocate little, and an isolate that waits for messages on one port has
/// no more than that.
const FIRST_BLOCK_GRANULES: u16 = 1;

/// Entries for which a table of a cleared heap keeps room.
const KEPT_ENTRIES: usize = 64;

/// The heap of one isolate.
pub struct Heap {
    /// Where the next young object goes.
    top: *mut u64,
    /// How far `allocate` may go: the current block is zeroed as far as that, and in stress mode perhaps further.
    end: *mut u64,
    counters: Made,
    /// What collections count: nothing before the first one.
    collected: Option<Box<HeapCounters>>,
    block_end: *mut u64,
    layouts: Arc<LayoutTable>,
    owner: OwnerId,
    next_granules: u16,
    young: YoungSpace,
    old: Scarce<OldSpace>,
    spare: BlockList,
    remembered: Scarce<Vec<ObjRef>>,
    handles: Scarce<Vec<Value>>,
    young_handles: Scarce<Vec<ObjRef>>,
    old_handles: Scarce<Vec<ObjRef>>,
    /// Bytes of blobs that this heap's handles hold.
    external_bytes: usize,
    /// The part of them that was charged through handles which are dead, while views of their blobs may live.
    orphaned_bytes: usize,
    /// Those charged since the last collection.
    external_young_bytes: usize,
    /// Bytes of unmodifiable views that messages have copied; see [`Heap::has_copied_views`].
    copied_view_bytes: u32,
    /// Kilobytes lent through young handles since the last collection; see [`Heap::has_lent`].
    lent_kib: u32,
    /// Bytes that libraries hold outside, as they say.
    native_bytes: usize,
    /// Frozen regions, once there are any.
    regions: Option<Box<HeldRegions>>,
    major_threshold: usize,
    /// What the heap may take beyond its limit since it has reported OutOfMemoryError, so that the error can be built and handled.
    grace_bytes: usize,
    /// What may still be added to that before a collection leaves room.
    reserve_bytes: usize,
    limit_bytes: usize,
    /// A full collection has just found the heap to be full.
    is_full: bool,
    /// The nursery of the settings, and what it grew to with the old space.
    least_nursery_bytes: u32,
    nursery_bytes: u32,
    identity_state: u32,
    stress: Option<Box<StressState>>,
    verifies: bool,
    traced_as: Option<Box<Arc<str>>>,
    finalizers: Option<Box<Finalizers>>,
    slicing: slices::Slicing,
    /// What only a large heap needs.
    beside: Option<Box<beside::Beside>>,
    /// What the write barrier looks for in the header of a value that an old object is given: it has nothing to do if that is there.
    spared_by_barrier: u8,
    #[cfg(feature = "fault-drop-barrier")]
    faults: u64,
}

#[derive(Default)]
struct YoungSpace {
    /// Nursery blocks, the current one first.
    blocks: BlockList,
    /// Objects that survived once.
    survivors: BlockList,
    /// Blocks of adopted messages.
    cohorts: BlockList,
    /// Large objects.
    large: BlockList,
}

struct StressState {
    every: u32,
    left: u32,
    collections: u32,
}

#[derive(Default)]
struct Finalizers {
    attached: Vec<Finalizer>,
    due: Vec<u64>,
}

#[derive(Clone, Copy)]
struct Finalizer {
    object: ObjRef,
    token: u64,
}

// SAFETY: a heap owns its blocks alone, and nothing in it is tied to a thread.
unsafe impl Send for Heap {}

static NEXT_OWNER: AtomicU32 = AtomicU32::new(OwnerId::FIRST_HEAP);

impl OwnerId {
    /// Of a heap that no other heap of the process has.
    fn next() -> OwnerId {
        OwnerId(
            NEXT_OWNER
                .fetch_add(1, Ordering::Relaxed)
                .max(OwnerId::FIRST_HEAP),
        )
    }
}

impl Heap {
    /// An empty heap. It takes no block before the first allocation.
    #[inline(always)]
    pub fn new(layouts: Arc<LayoutTable>, config: HeapConfig) -> Heap {
        let owner = OwnerId::next();
        let verifies = config.verifies || config.stress.is_some();
        let stress = config.stress.map(|stress| {
            Box::new(StressState {
                every: stress.every.max(1),
                left: stress.every.max(1),
                collections: 0,
            })
        });
        let traced_as = config.traced_as.map(Box::new);
        // Nothing that may panic from here on, so that it is made in its place.
        let mut heap = Heap {
            top: std::ptr::null_mut(),
            end: std::ptr::null_mut(),
            counters: Made::default(),
            collected: None,
            block_end: std::ptr::null_mut(),
            layouts,
            owner,
            next_granules: FIRST_BLOCK_GRANULES,
            young: YoungSpace::default(),
            old: Scarce::NONE,
            spare: BlockList::EMPTY,
            remembered: Scarce::NONE,
            handles: Scarce::NONE,
            young_handles: Scarce::NONE,
            old_handles: Scarce::NONE,
            external_bytes: 0,
            orphaned_bytes: 0,
            external_young_bytes: 0,
            copied_view_bytes: 0,
            lent_kib: 0,
            native_bytes: 0,
            regions: None,
            major_threshold: 0,
            grace_bytes: 0,
            reserve_bytes: 0,
            limit_bytes: 0,
            is_full: false,
            least_nursery_bytes: 0,
            nursery_bytes: 0,
            identity_state: owner.0.wrapping_mul(0x9e37_79b9) | 1,
            stress,
            verifies,
            traced_as,
            finalizers: None,
            slicing: slices::Slicing::default(),
            beside: None,
            spared_by_barrier: barrier::SPARED,
            #[cfg(feature = "fault-drop-barrier")]
            faults: 0,
        };
        heap.set_limit(config.nursery_bytes, config.limit_bytes);
        heap
    }

    /// Sets what an empty heap may hold.
    #[inline(always)]
    fn set_limit(&mut self, nursery_bytes: usize, limit_bytes: usize) {
        let nursery_bytes = nursery_bytes.min(limit_bytes / NURSERY_SHARE);
        let nursery_bytes = u32::try_from(nursery_bytes).unwrap_or(u32::MAX);
        self.major_threshold = allocate::MIN_MAJOR_THRESHOLD.min(limit_bytes);
        self.limit_bytes = limit_bytes;
        self.reserve_bytes = Heap::reserve_of(limit_bytes);
        self.least_nursery_bytes = nursery_bytes;
        self.nursery_bytes = nursery_bytes;
    }

    /// Readies an empty heap ([`Heap::new`], [`Heap::clear`]) of these settings for an isolate that may hold so many bytes.
    #[inline]
    pub fn begin(&mut self, config: &HeapConfig, limit_bytes: usize, name: Option<Arc<str>>) {
        self.set_limit(config.nursery_bytes, config.limit_bytes.min(limit_bytes));
        if self.verifies {
            // Messages of the heap's last isolate may still be on their way.
            self.owner = OwnerId::next();
        }
        if name.is_some() {
            self.traced_as = name.map(Box::new);
        }
    }

    /// Gives everything back that the heap holds. It is as fresh then, but for the memory of some small tables: for the next isolate with
    /// the same settings.
    pub fn clear(&mut self) {
        self.give_back();
        let Heap {
            top,
            end,
            counters,
            collected,
            block_end,
            layouts: _,
            owner: _,
            next_granules,
            young: _,
            old,
            spare: _,
            remembered,
            handles,
            young_handles: _,
            old_handles: _,
            external_bytes,
            orphaned_bytes,
            external_young_bytes,
            copied_view_bytes,
            lent_kib,
            native_bytes,
            regions,
            // These five are set by `begin`.
            major_threshold: _,
            limit_bytes: _,
            reserve_bytes: _,
            least_nursery_bytes: _,
            nursery_bytes: _,
            grace_bytes,
            is_full,
            identity_state: _,
            stress,
            verifies: _,
            traced_as,
            finalizers,
            slicing: _,
            beside,
            spared_by_barrier,
            #[cfg(feature = "fault-drop-barrier")]
                faults: _,
        } = self;
        *top = std::ptr::null_mut();
        *end = std::ptr::null_mut();
        *block_end = std::ptr::null_mut();
        *counters = Made::default();
        *collected = None;
        *next_granules = FIRST_BLOCK_GRANULES;
        *old = Scarce::NONE;
        empty(remembered);
        empty(handles);
        *external_bytes = 0;
        *orphaned_bytes = 0;
        *external_young_bytes = 0;
        *copied_view_bytes = 0;
        *lent_kib = 0;
        *native_bytes = 0;
        *regions = None;
        *grace_bytes = 0;
        *is_full = false;
        if let Some(stress) = stress {
            stress.left = stress.every;
            stress.collections = 0;
        }
        *traced_as = None;
        *finalizers = None;
        *beside = None;
        *spared_by_barrier = barrier::SPARED;
    }

    /// Gives all blocks and blobs back.
    fn give_back(&mut self) {
        self.abandon_slices();
        for handle in self.young_handles.take() {
            // SAFETY: handles on the lists are objects of this heap.
            unsafe { self.release_handle(handle) };
        }
        for handle in self.old_handles.take() {
            // SAFETY: handles on the lists are objects of this heap.
            unsafe { self.release_handle(handle) };
        }
        let mut unswept = self.take_unswept();
        let young = &mut self.young;
        for list in [
            &mut young.blocks,
            &mut young.survivors,
            &mut young.cohorts,
            &mut young.large,
            &mut unswept,
            &mut self.spare,
        ] {
            collect::give_all(list);
        }
        if let Some(old) = self.old.get_mut() {
            collect::give_all(&mut old.blocks);
            collect::give_all(&mut old.large);
        }
    }

    /// The group's layouts.
    pub fn layouts(&self) -> &LayoutTable {
        &self.layouts
    }

    /// What this heap has done.
    pub fn counters(&self) -> HeapCounters {
        let mut counters = self.collected.as_deref().copied().unwrap_or_default();
        let Made {
            objects,
            boxed_ints,
            boxed_doubles,
            bytes,
        } = self.counters;
        counters.objects = objects;
        counters.boxed_ints = boxed_ints;
        counters.boxed_doubles = boxed_doubles;
        counters.bytes = bytes + self.current_bytes() as u64;
        counters.peak_bytes = counters.peak_bytes.max(self.held_bytes());
        counters
    }

    /// Bytes that the heap holds: blocks and blobs.
    pub fn held_bytes(&self) -> usize {
        let young = &self.young;
        young.blocks.bytes()
            + young.survivors.bytes()
            + young.cohorts.bytes()
            + young.large.bytes()
            + self.old.bytes()
            + self.spare.bytes()
            + self.external_bytes
            + self.region_bytes()
            + self.bytes_beside()
            + self.native_bytes
    }

    /// Says how many bytes outside the heap a library holds for the isolate.
    pub fn set_native_bytes(&mut self, bytes: usize) {
        self.native_bytes = bytes;
    }

    /// Bytes that may be added before the limit is reached.
    pub fn room_bytes(&self) -> usize {
        self.limit_bytes.saturating_sub(self.held_bytes())
    }

    /// Bytes of the frozen regions that it refers to.
    pub fn region_bytes(&self) -> usize {
        self.regions.as_ref().map_or(0, |regions| regions.bytes())
    }

    /// Bytes of blocks with young objects.
    pub fn young_bytes(&self) -> usize {
        let young = &self.young;
        young.blocks.bytes() + young.survivors.bytes() + young.cohorts.bytes() + self.spare.bytes()
    }

    // ---- identity

    /// The identity hash of an object: 30 bits, never 0, the same for ever, also in copies made for messages.
    pub fn identity_hash(&mut self, object: ObjRef) -> u32 {
        // SAFETY: the caller's reference is live.
        unsafe {
            let header = object.header();
            if header.identity_hash() != 0 {
                return header.identity_hash();
            }
            if header.has(Header::FROZEN) {
                return address_hash(object);
            }
            let hash = self.next_identity_hash();
            object.set_header(header.with(u64::from(hash) << 32));
            hash
        }
    }

    /// Xorshift: the period of a 32-bit state is 2³² − 1, and hashes need not be unique.
    fn next_identity_hash(&mut self) -> u32 {
        let mut state = self.identity_state;
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        self.identity_state = state;
        (state >> 2).max(1)
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
        if let Some(handles) = self.handles.get_mut() {
            handles.truncate(scope.0 as usize);
        }
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
        let handles = self.handles.get_mut();
        if let Some(kept) = handles.and_then(|handles| handles.get_mut(handle.0 as usize)) {
            *kept = value;
        }
    }

    // ---- finalizers

    /// Notes that `token` is due once `object` is dead; see [`Heap::next_finalized`].
    pub fn attach_finalizer(&mut self, object: ObjRef, token: u64) {
        let finalizers = self.finalizers.get_or_insert_default();
        finalizers.attached.push(Finalizer { object, token });
    }

    /// Takes back all finalizers with this token.
    pub fn detach_finalizer(&mut self, token: u64) {
        if let Some(finalizers) = &mut self.finalizers {
            finalizers.attached.retain(|entry| entry.token != token);
        }
    }

    /// Takes one of the tokens that came due, if there is any.
    pub fn next_finalized(&mut self) -> Option<u64> {
        self.finalizers.as_mut()?.due.pop()
    }

    /// Whether there are tokens that came due.
    #[inline]
    pub fn has_finalized(&self) -> bool {
        self.finalizers
            .as_ref()
            .is_some_and(|finalizers| !finalizers.due.is_empty())
    }

    /// Tokens of all finalizers still attached, and of those due: for the end of an isolate, whose native resources go with it.
    pub fn close_finalizers(&mut self) -> Vec<u64> {
        self.abandon_slices();
        match self.finalizers.take() {
            Some(finalizers) => {
                let attached = finalizers.attached.into_iter().map(|entry| entry.token);
                finalizers.due.into_iter().chain(attached).collect()
            }
            None => Vec::new(),
        }
    }
}

/// Constants never move and are never written to, so their hash comes from the address.
fn address_hash(object: ObjRef) -> u32 {
    let mixed = object.value().bits().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 34) as u32).max(1)
}

/// Empties a table; it keeps its memory if that is little.
fn empty<T: 'static>(table: &mut Scarce<Vec<T>>) {
    if let Some(entries) = table.get_mut() {
        entries.clear();
        if entries.capacity() > KEPT_ENTRIES {
            *table = Scarce::NONE;
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.give_back();
    }
}
