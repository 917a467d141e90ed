//! Collections: their phases, from the roots to the last block.
//!
//! A *minor* collection looks at roots, the remembered set and young objects only. Young objects in nursery blocks are copied: those that
//! survive for the first time into survivor blocks, which stay young, the others into old space. Large objects and the
//! cohorts of adopted messages do not move: those reached become old where they are, and blocks without any are dropped whole.
//!
//! A *full* collection marks old objects as well, promotes all survivors, moves the objects of sparse blocks together, and
//! sweeps. A *compaction* is a full collection that treats every block as sparse and trims the last: what is left is a heap of exact
//! size, for an isolate that is parked.
//!
//! What happens to a single object is in [`super::trace`].

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashSet;

use super::blob::Blob;
use super::block::BlockList;
use super::chunk::{is_marked, unmark};
use super::layout::LayoutTable;
use super::old::{OldSpace, is_sparse};
use super::region::RegionId;
use super::roots::{RootVisitor, Roots};
use super::trace::{Reached, Trace};
use super::verify::verify_or_stop;
use super::{Heap, pool};
use crate::object::{Header, ObjRef, slot};
use crate::value::Value;

/// How much a collection looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Young objects.
    Minor,
    /// Everything.
    Full,
    /// Everything, and the result is packed into blocks of exact size.
    Compact,
}

/// A heap that is parked is packed if it does not hold more than this in blocks that must be emptied for it.
const PACKED_BYTES: usize = 256 << 10;

impl Heap {
    /// Collects the young objects. A safepoint.
    pub fn collect_minor(&mut self, roots: &mut dyn Roots) {
        self.collect(Extent::Minor, roots);
    }

    /// Collects everything. A safepoint.
    pub fn collect_major(&mut self, roots: &mut dyn Roots) {
        self.collect(Extent::Full, roots);
    }

    /// Makes the heap of an isolate that has nothing to do small: gives the nursery back, and packs what is left into blocks of
    /// exact size unless that is much. A safepoint.
    pub fn park(&mut self, roots: &mut dyn Roots) {
        let moving = self.old.blocks.bytes() + self.young.cohorts.bytes();
        if moving <= PACKED_BYTES {
            return self.compact(roots);
        }
        self.collect(Extent::Minor, roots);
        self.release_spare();
        self.next_granules = super::FIRST_BLOCK_GRANULES;
    }

    /// Collects everything and packs what is left into blocks of exact size. A safepoint.
    pub fn compact(&mut self, roots: &mut dyn Roots) {
        self.collect(Extent::Compact, roots);
        self.release_spare();
        self.handles.shrink_to_fit();
        self.remembered.shrink_to_fit();
        self.young_handles.shrink_to_fit();
        self.old_handles.shrink_to_fit();
        self.next_granules = super::FIRST_BLOCK_GRANULES;
    }

    /// Collects to this extent. A safepoint.
    pub fn collect(&mut self, extent: Extent, roots: &mut dyn Roots) {
        let started = Instant::now();
        let bytes_before = self.held_bytes();
        self.retire_young();
        match extent {
            Extent::Minor => self.collect_as::<false>(extent, roots),
            Extent::Full | Extent::Compact => self.collect_as::<true>(extent, roots),
        }
        let pause = started.elapsed().as_nanos() as u64;
        self.counters.pause_ns_max = self.counters.pause_ns_max.max(pause);
        self.counters.pause_ns_total += pause;
        if let Some(name) = &self.traced_as {
            let bytes_after = self.held_bytes();
            print_collection(name, extent, pause, bytes_before, bytes_after);
        }
        if self.verifies {
            verify_or_stop(self, roots);
        }
    }

    fn collect_as<const FULL: bool>(&mut self, extent: Extent, roots: &mut dyn Roots) {
        let layouts = Arc::clone(&self.layouts);
        let mut trace = Trace::<FULL>::start(self, &layouts, extent);
        if let Some(regions) = &mut self.regions {
            // SAFETY: nothing has moved, and in a full collection the remembered set is gone.
            unsafe { regions.copies.replace(FULL) };
        }
        if !FULL {
            trace.visit_remembered(std::mem::take(&mut self.remembered));
        }
        roots.visit_roots(&mut trace);
        trace.visit_slice(self.own_roots());
        trace.run();
        trace.run_ephemerons();
        trace.finish_weak();
        self.finish(trace, &layouts, extent);
    }

    fn own_roots(&mut self) -> &mut [Value] {
        // The test feature `fault-drop-root` forgets the newest handle; the stress tests must notice.
        #[cfg(feature = "fault-drop-root")]
        let kept = self.handles.len().saturating_sub(1);
        #[cfg(not(feature = "fault-drop-root"))]
        let kept = self.handles.len();
        &mut self.handles[..kept]
    }

    /// Everything behind the tracing: what hangs on dead objects, and the blocks.
    fn finish<const FULL: bool>(
        &mut self,
        trace: Trace<'_, FULL>,
        layouts: &LayoutTable,
        extent: Extent,
    ) {
        self.finish_blob_handles(&trace);
        self.finish_finalizers(&trace);
        let Reached {
            old,
            survivors,
            remembered,
            regions,
        } = trace.finish();
        self.remembered = remembered;
        self.old = old;
        self.free_young_blocks();
        self.young.survivors = survivors;
        if extent == Extent::Compact {
            self.old.trim();
        }
        if FULL {
            self.sweep_large();
            self.sweep_blocks(layouts);
        }
        self.settle_young_large();
        self.settle_cohorts(layouts);
        self.old.close();
        self.settle_regions(FULL, regions);
        if FULL {
            self.counters.major_collections += 1;
            self.set_major_threshold();
        } else {
            self.counters.minor_collections += 1;
        }
    }

    /// Lets go of the frozen regions that nothing refers to.
    fn settle_regions(&mut self, full: bool, seen: FxHashSet<RegionId>) {
        let Some(regions) = &mut self.regions else {
            return;
        };
        if full {
            regions.keep(seen);
        } else {
            regions.settle_minor();
        }
        if regions.is_empty() {
            self.regions = None;
        }
    }

    /// Nursery and survivor blocks are empty now: all that lived has moved.
    fn free_young_blocks(&mut self) {
        for mut list in [self.young.blocks.take(), self.young.survivors.take()] {
            while let Some(block) = list.pop() {
                self.free_young_block(block);
            }
        }
    }

    /// Large young objects that were reached are old now.
    fn settle_young_large(&mut self) {
        let mut list = self.young.large.take();
        while let Some(block) = list.pop() {
            let object = block.large_object();
            // SAFETY: a block of the large list holds one object.
            unsafe {
                if object.header().has(Header::OLD) {
                    unmark(object);
                    self.old.large.push(block);
                } else {
                    self.free_block(block);
                }
            }
        }
    }

    fn sweep_large(&mut self) {
        let mut list = self.old.large.take();
        while let Some(block) = list.pop() {
            let object = block.large_object();
            // SAFETY: a block of the large list holds one object.
            unsafe {
                if is_marked(object) {
                    unmark(object);
                    self.old.large.push(block);
                } else {
                    self.free_block(block);
                }
            }
        }
    }

    fn sweep_blocks(&mut self, layouts: &LayoutTable) {
        let mut old = std::mem::replace(&mut self.old, OldSpace::new());
        let mut list = old.blocks.take();
        old.forget_current();
        while let Some(block) = list.pop() {
            old.sweep_block(block, layouts, |empty| self.free_block(empty));
        }
        self.old = old;
    }

    /// Adopted blocks with something alive become old, the others are dropped.
    fn settle_cohorts(&mut self, layouts: &LayoutTable) {
        let mut list = self.young.cohorts.take();
        if list.is_empty() {
            return;
        }
        let mut old = std::mem::replace(&mut self.old, OldSpace::new());
        while let Some(block) = list.pop() {
            old.sweep_block(block, layouts, |empty| self.free_block(empty));
        }
        self.old = old;
    }

    fn finish_blob_handles<const FULL: bool>(&mut self, trace: &Trace<'_, FULL>) {
        if FULL {
            let mut old = std::mem::take(&mut self.old_handles);
            old.retain_mut(|handle| self.keep_handle(trace, handle));
            self.old_handles = old;
        }
        let mut young = std::mem::take(&mut self.young_handles);
        young.retain_mut(|handle| {
            if !self.keep_handle(trace, handle) {
                return false;
            }
            // SAFETY: the handle is alive, and this is its new place.
            if unsafe { handle.header() }.has(Header::OLD) {
                self.old_handles.push(*handle);
                return false;
            }
            true
        });
        self.young_handles = young;
        self.external_young_bytes = 0;
        if FULL {
            self.charge_orphaned_views();
        }
    }

    /// A blob is charged through the handle it came with. Where only views are left, one of them takes the charge over.
    fn charge_orphaned_views(&mut self) {
        let orphaned = std::mem::take(&mut self.orphaned_bytes);
        self.external_bytes = self.external_bytes.saturating_sub(orphaned);
        // SAFETY: handles on the list are live objects of this heap.
        let is_charged = |handle: &ObjRef| unsafe { handle.header() }.has(Header::EXTERNAL);
        if self.old_handles.iter().all(is_charged) {
            return;
        }
        // SAFETY: as above; blob handles have this word.
        let word = |handle: &ObjRef| unsafe { handle.word(slot::BLOB) };
        let charged = self.old_handles.iter().filter(|handle| is_charged(handle));
        let mut charged: FxHashSet<u64> = charged.map(word).collect();
        for handle in &self.old_handles {
            if let Some(blob) = Blob::from_word(word(handle))
                && charged.insert(blob.word())
            {
                // SAFETY: as above.
                unsafe { handle.set_header(handle.header().with(Header::EXTERNAL)) };
                self.external_bytes += blob.bytes();
            }
        }
    }

    /// Follows a blob handle to its new place, or gives up its count.
    fn keep_handle<const FULL: bool>(
        &mut self,
        trace: &Trace<'_, FULL>,
        handle: &mut ObjRef,
    ) -> bool {
        match trace.survivor(*handle) {
            // SAFETY: where a live object is now.
            Some(place) if unsafe { place.header() }.has(Header::FROZEN) => {
                // SAFETY: the words behind the header are still as they were.
                unsafe { self.release_replaced(*handle) };
                false
            }
            Some(place) => {
                *handle = place;
                true
            }
            None => {
                // SAFETY: the dead handle's words are still as they were.
                unsafe { self.release_handle(*handle) };
                false
            }
        }
    }

    fn finish_finalizers<const FULL: bool>(&mut self, trace: &Trace<'_, FULL>) {
        let Some(finalizers) = self.finalizers.as_mut() else {
            return;
        };
        let due = &mut finalizers.due;
        finalizers
            .attached
            .retain_mut(|entry| match trace.survivor(entry.object) {
                Some(place) => {
                    entry.object = place;
                    true
                }
                None => {
                    due.push(entry.token);
                    false
                }
            });
    }

    pub(super) fn flag_evacuation(&mut self, all: bool) -> bool {
        let mut any = false;
        for block in self.old.blocks.iter() {
            // SAFETY: the block is this heap's.
            unsafe {
                let live = block.header().live_words as usize;
                if all || is_sparse(block, live) {
                    let (chunk, first) = block.place();
                    chunk.set_evacuate(first, block.header().granules as usize, true);
                    any = true;
                }
            }
        }
        any
    }
}

/// The line of `--trace-gc`.
fn print_collection(name: &str, extent: Extent, pause_ns: u64, before: usize, after: usize) {
    let kind = match extent {
        Extent::Minor => "minor",
        Extent::Full => "major",
        Extent::Compact => "compact",
    };
    let (millis, micros) = (pause_ns / 1_000_000, pause_ns / 1_000 % 1_000);
    let line = format!("gc: {name}: {kind} {millis}.{micros:03} ms, {before} -> {after} bytes\n");
    // Nobody is left to tell when standard error is closed.
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Gives all blocks of a list back.
pub(super) fn give_all(list: &mut BlockList) {
    while let Some(block) = list.pop() {
        // SAFETY: the list's owner is done with its blocks.
        unsafe { pool::give(block) };
    }
}
