//! Regions: immutable objects that isolates of a group share, counted together.
//!
//! A region is made when a deeply immutable graph is sent for the first time ([`super::message`]), and nothing is written to it
//! afterwards. Its objects refer to each other, to constants, and to older regions, of which it holds a count. So there are no
//! cycles of regions, and the memory of one goes when the last count does.
//!
//! Who holds a count:
//!
//! - a heap that refers to objects of the region, or of a region that refers to it: one, however many references there are. A full
//!   collection finds out which regions it still needs ([`HeldRegions::keep`]).
//! - a message whose objects refer to it.
//! - a younger region that refers to it.
//!
//! The sender's heap goes on with the objects that were copied, which say in their header that a frozen copy exists
//! ([`Header::FROZEN_COPY`]); [`Copies`] knows where it is. The next collection that sees all references to such an object makes them
//! references to the copy, so that there is one object again: to the program there was never another.

use std::collections::hash_map::Entry;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use rustc_hash::{FxHashMap, FxHashSet};

use super::blob::Blob;
use super::block::{Block, BlockList, OwnerId};
use super::chunk::{GRANULE_BYTES, block_of};
use super::collect::Extent;
use super::count::Count;
use super::job::{Budget, block_granules, freeing_steps};
use super::pool;
use super::slices::BIT_BYTES;
use crate::object::{Header, ObjRef, slot};

/// What a region consists of.
pub struct RegionData {
    count: Count,
    blocks: BlockList,
    large: BlockList,
    /// Strings whose units are in blobs, and typed data.
    handles: Vec<ObjRef>,
    older: Vec<Region>,
    bytes: usize,
}

/// A count of a region.
pub struct Region(NonNull<RegionData>);

// SAFETY: the count is atomic, and the rest does not change.
unsafe impl Send for Region {}

impl Region {
    /// A region of these blocks, with one count.
    pub(super) fn new(
        blocks: BlockList,
        large: BlockList,
        handles: Vec<ObjRef>,
        external_bytes: usize,
        older: Vec<Region>,
    ) -> Region {
        let bytes = blocks.bytes() + large.bytes() + external_bytes;
        let data = Box::new(RegionData {
            count: Count::one(),
            blocks,
            large,
            handles,
            older,
            bytes,
        });
        let data = NonNull::from(Box::leak(data));
        // SAFETY: nobody else has the blocks yet.
        unsafe {
            let lists = [&data.as_ref().blocks, &data.as_ref().large];
            for block in lists.into_iter().flat_map(BlockList::iter) {
                block.header().owner = OwnerId::FROZEN;
                block.header().region = Some(data);
            }
        }
        Region(data)
    }

    fn data(&self) -> &RegionData {
        // SAFETY: a count is held.
        unsafe { self.0.as_ref() }
    }

    /// Bytes of its blocks and blobs.
    pub(super) fn bytes(&self) -> usize {
        self.data().bytes
    }

    pub(super) fn id(&self) -> RegionId {
        RegionId(self.0)
    }

    /// Blocks, for the verifier.
    pub(super) fn blocks(&self) -> [&BlockList; 2] {
        [&self.data().blocks, &self.data().large]
    }
}

impl Clone for Region {
    fn clone(&self) -> Region {
        self.data().count.retain();
        Region(self.0)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.data().count.release() {
            // SAFETY: that was the last count.
            drop(unsafe { Dying::of(self.0) });
        }
    }
}

/// Regions that nobody holds any more, bit by bit: what they hold may be much. Not by recursion: chains of regions may be long.
#[derive(Default)]
struct Dying(Vec<RegionData>);

impl Dying {
    /// # Safety
    /// The last count is gone.
    unsafe fn of(data: NonNull<RegionData>) -> Dying {
        let mut dying = Dying::default();
        // SAFETY: the caller's.
        unsafe { dying.add(data) };
        dying
    }

    /// # Safety
    /// The last count is gone.
    unsafe fn add(&mut self, data: NonNull<RegionData>) {
        // SAFETY: the caller's; the data was leaked from a box.
        self.0.push(*unsafe { Box::from_raw(data.as_ptr()) });
    }

    /// Gives a count back.
    fn release(&mut self, region: Region) {
        let region = ManuallyDrop::new(region);
        if region.data().count.release() {
            // SAFETY: that was the last one.
            unsafe { self.add(region.0) };
        }
    }

    /// Frees a bit, and gives the number of steps that it took: none if nothing is left.
    fn free_bit(&mut self) -> usize {
        let Some(data) = self.0.last_mut() else {
            return 0;
        };
        if let Some(older) = data.older.pop() {
            self.release(older);
        } else if let Some(handle) = data.handles.pop() {
            // SAFETY: an object of the region, which holds a count of its blob.
            unsafe {
                if let Some(blob) = Blob::from_word(handle.word(slot::BLOB)) {
                    blob.release();
                }
            }
        } else if let Some(block) = data.blocks.pop() {
            // SAFETY: nobody refers to the block any more.
            return unsafe { give(block) };
        } else if let Some(block) = data.large.pop() {
            // SAFETY: as above.
            unsafe {
                let freed = pool::trim_large(block, BIT_BYTES);
                if freed == 0 {
                    return give(block);
                }
                data.large.push(block);
                return freeing_steps(freed / GRANULE_BYTES);
            }
        } else {
            self.0.pop();
        }
        4
    }
}

impl Drop for Dying {
    fn drop(&mut self) {
        while self.free_bit() > 0 {}
    }
}

/// Gives a block back; how many steps that took.
///
/// # Safety
/// Nobody refers to it any more.
unsafe fn give(block: Block) -> usize {
    let steps = freeing_steps(block_granules(block));
    // SAFETY: the caller's.
    unsafe { pool::give(block) };
    steps
}

/// Names a region that somebody holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct RegionId(NonNull<RegionData>);

impl RegionId {
    /// The region of a frozen object; `None` for a constant.
    ///
    /// # Safety
    /// The object lives.
    #[inline]
    pub(super) unsafe fn of(object: ObjRef) -> Option<RegionId> {
        // SAFETY: the caller's; blocks of frozen data stay mapped while their objects live, and their headers do not change.
        unsafe {
            if !object.header().has(Header::IN_REGION) {
                return None;
            }
            block_of(object.as_ptr().cast())?.region().map(RegionId)
        }
    }

    /// A count of it.
    ///
    /// # Safety
    /// Somebody holds one meanwhile.
    pub(super) unsafe fn hold(self) -> Region {
        // SAFETY: the caller's.
        unsafe { self.0.as_ref() }.count.retain();
        Region(self.0)
    }
}

/// Regions by identity, a count each.
#[derive(Default)]
pub(super) struct RegionSet {
    last: Option<RegionId>,
    ids: FxHashSet<RegionId>,
    regions: Vec<Region>,
}

impl RegionSet {
    /// The region of a frozen object is one of them from now on.
    ///
    /// # Safety
    /// The object lives.
    #[inline]
    pub(super) unsafe fn add_of(&mut self, object: ObjRef) {
        // SAFETY: the caller's: what lives is held.
        unsafe {
            let Some(id) = RegionId::of(object) else {
                return;
            };
            if self.last != Some(id) {
                self.last = Some(id);
                if self.ids.insert(id) {
                    self.regions.push(id.hold());
                }
            }
        }
    }

    pub(super) fn add(&mut self, region: Region) {
        if self.ids.insert(region.id()) {
            self.regions.push(region);
        }
    }

    pub(super) fn append(&mut self, other: RegionSet) {
        for region in other.regions {
            self.add(region);
        }
    }

    pub(super) fn into_regions(self) -> Vec<Region> {
        self.regions
    }
}

/// What a heap holds, and which of its own objects have frozen copies.
#[derive(Default)]
pub(super) struct HeldRegions {
    held: FxHashMap<RegionId, Region>,
    bytes: usize,
    /// Regions whose copies may not have replaced all originals yet: they are kept.
    fresh: Vec<RegionId>,
    pub(super) copies: Copies,
    /// Regions of which a count is to be given back, and those whose last one was.
    unneeded: Vec<Region>,
    dying: Dying,
}

impl HeldRegions {
    /// Bytes of what is held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn holds(&self, id: RegionId) -> bool {
        self.held.contains_key(&id)
    }

    /// Bytes that holding these would add.
    pub(super) fn bytes_added_by(&self, regions: &[Region]) -> usize {
        let new = regions.iter().filter(|region| !self.holds(region.id()));
        new.map(Region::bytes).sum()
    }

    /// Takes a region over, and counts of those it refers to.
    pub(super) fn hold(&mut self, region: Region) {
        let mut pending = vec![region];
        while let Some(region) = pending.pop() {
            if self.holds(region.id()) {
                continue;
            }
            self.bytes += region.bytes();
            pending.extend(region.data().older.iter().cloned());
            self.held.insert(region.id(), region);
        }
    }

    /// Whether objects of this heap have copies in the region that have not replaced them.
    pub(super) fn is_fresh(&self, id: RegionId) -> bool {
        self.fresh.contains(&id)
    }

    /// What to collect so that all copies replace their originals.
    pub(super) fn extent_to_replace(&self) -> Extent {
        if self.copies.old.entries.is_empty() {
            Extent::Minor
        } else {
            Extent::Full
        }
    }

    /// Regions whose copies may not have replaced all originals yet.
    pub(super) fn fresh(&self) -> impl Iterator<Item = RegionId> {
        self.fresh.iter().copied()
    }

    /// Bytes of these regions: about as many are there once more, in their originals.
    pub(super) fn fresh_bytes(&self) -> usize {
        let fresh = self.fresh.iter().filter_map(|id| self.held.get(id));
        fresh.map(Region::bytes).sum()
    }

    /// The region made last, if the sender's objects still say so.
    pub(super) fn newest(&self) -> Option<&Region> {
        self.held.get(self.fresh.last()?)
    }

    /// Holds a region that was just made from objects of this heap.
    pub(super) fn hold_fresh(&mut self, region: Region) {
        self.fresh.push(region.id());
        self.hold(region);
    }

    /// After a collection: which regions originals are left of.
    pub(super) fn settle(&mut self) {
        let left = &self.copies.old.entries;
        if left.is_empty() && self.copies.young.entries.is_empty() {
            self.fresh.clear();
        } else if left.len() < self.fresh.len() {
            // One original that has become old must not keep all that is made until the next full collection.
            // SAFETY: copies live as long as there are originals.
            let of = |copy: &ObjRef| unsafe { RegionId::of(*copy) };
            let needed: FxHashSet<RegionId> =
                left.iter().filter_map(|(_, copy)| of(copy)).collect();
            self.fresh.retain(|id| needed.contains(id));
        }
    }

    /// After a full collection: gives up all but those that references were `seen` to, those that had originals when it began (references
    /// that it made lead to copies are not seen), and those that these need. What was taken in since then is to be in `seen`.
    pub(super) fn keep(&mut self, mut seen: FxHashSet<RegionId>) {
        seen.extend(self.fresh.iter().copied());
        self.settle();
        let mut pending: Vec<RegionId> = seen.iter().copied().collect();
        while let Some(id) = pending.pop() {
            // SAFETY: what was seen is held.
            for older in unsafe { &id.0.as_ref().older } {
                if seen.insert(older.id()) {
                    pending.push(older.id());
                }
            }
        }
        let unneeded = self.held.extract_if(|id, _| !seen.contains(id));
        let unneeded = unneeded.map(|(_, region)| region);
        let before = self.unneeded.len();
        self.unneeded.extend(unneeded);
        self.held.shrink_to(self.held.len() * 2);
        let given_up = self.unneeded.iter().skip(before);
        self.bytes -= given_up.map(Region::bytes).sum::<usize>();
    }

    /// Gives up all of them, because the heap is dropped.
    pub(super) fn give_up(&mut self) {
        self.bytes = 0;
        let held = std::mem::take(&mut self.held);
        self.unneeded.extend(held.into_values());
    }

    /// Whether something that was given up is not freed yet.
    pub(super) fn has_given_up(&self) -> bool {
        !self.unneeded.is_empty() || !self.dying.0.is_empty()
    }

    /// Frees a bit of what was given up; how many steps that took, none if nothing is left.
    pub(super) fn free_bit(&mut self) -> usize {
        match self.dying.free_bit() {
            0 => match self.unneeded.pop() {
                Some(region) => {
                    self.dying.release(region);
                    4
                }
                None => 0,
            },
            steps => steps,
        }
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.copies.is_empty()
    }

    pub(super) fn into_regions(self) -> Vec<Region> {
        self.held.into_values().collect()
    }
}

/// Originals and their frozen copies.
#[derive(Default)]
pub(super) struct Copies {
    /// What was sent itself, or was the first immutable object on the way to it: likely to be sent again.
    roots: FxHashMap<ObjRef, ObjRef>,
    young: CopyLog,
    old: CopyLog,
}

#[derive(Default)]
struct CopyLog {
    entries: Vec<(ObjRef, ObjRef)>,
    /// So many of them are in order.
    sorted: usize,
}

impl CopyLog {
    fn find(&mut self, original: ObjRef) -> Option<ObjRef> {
        if self.sorted < self.entries.len() {
            self.entries.sort_unstable();
            self.sorted = self.entries.len();
        }
        let found = self
            .entries
            .binary_search_by_key(&original, |entry| entry.0);
        found.ok().map(|index| self.entries[index].1)
    }

    /// Makes the originals' headers say where the copies are, as if the collection that begins had moved them there; whether that is
    /// done.
    ///
    /// # Safety
    /// The originals are objects of the heap, in place.
    unsafe fn forward(&mut self, budget: &mut Budget) -> bool {
        while let Some((original, copy)) = self.entries.pop() {
            // SAFETY: the caller's.
            unsafe { original.set_header(Header(copy.value().bits() | Header::FORWARDED)) };
            if budget.spend(1) {
                return false;
            }
        }
        *self = CopyLog::default();
        true
    }
}

impl Copies {
    pub(super) fn is_empty(&self) -> bool {
        self.young.entries.is_empty() && self.old.entries.is_empty()
    }

    /// Originals in old space.
    pub(super) fn old_originals(&self) -> impl ExactSizeIterator<Item = ObjRef> {
        self.old.entries.iter().map(|entry| entry.0)
    }

    pub(super) fn add(&mut self, original: ObjRef, header: Header, copy: ObjRef) {
        let log = if header.has(Header::OLD) {
            &mut self.old
        } else {
            &mut self.young
        };
        log.entries.push((original, copy));
    }

    pub(super) fn add_root(&mut self, original: ObjRef, copy: ObjRef) {
        self.roots.insert(original, copy);
    }

    /// The copy of an object whose header says that there is one.
    pub(super) fn of(&mut self, original: ObjRef, header: Header) -> Option<ObjRef> {
        match self.roots.entry(original) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(place) => {
                let log = if header.has(Header::OLD) {
                    &mut self.old
                } else {
                    &mut self.young
                };
                let copy = log.find(original)?;
                place.insert(copy);
                Some(copy)
            }
        }
    }

    /// A collection begins that will visit all references to young objects, and in a full one all to old ones: they become
    /// references to the copies. Whether that is prepared.
    ///
    /// # Safety
    /// Nothing has been moved yet, and whatever looks at headers of old objects apart from references has done so.
    pub(super) unsafe fn replace(&mut self, full: bool, budget: &mut Budget) -> bool {
        // SAFETY: the caller's; originals are not freed before their entry is gone.
        unsafe {
            if !self.young.forward(budget) || full && !self.old.forward(budget) {
                return false;
            }
            if full {
                self.roots = FxHashMap::default();
            } else {
                self.roots
                    .retain(|original, _| original.header().has(Header::OLD));
            }
        }
        true
    }
}
