//! Collections in slices: how the collection of a large heap keeps nobody waiting but its own isolate.
//!
//! A collection that would take longer than about a millisecond is not done where it becomes due. It is noted as *wanted*, the program is
//! asked to stop at its next safepoint ([`Roots::stop_soon`]), and may allocate a little more until then. Whoever runs the isolate
//! then calls [`Heap::collect_slice`] again and again, as turns of the isolate on the scheduler: between two of them other isolates run on
//! the same worker, and messages, a kill or a limit reach the isolate. The program goes on when the collection is over. It never runs
//! while one is under way, so it needs no barrier for it.
//!
//! The scheduler's workers are all the threads there are for this: a large heap takes one core at most, and not even that while others
//! want it. Marking one heap with several threads would take atomic mark bits and forwarding from every collection.
//!
//! Without [`Heap::allow_slices`] each collection is done in one go, where it becomes due.

use std::time::Instant;

use super::block::{Block, BlockList};
use super::chunk::GRANULE_BYTES;
use super::collect::{Collected, Extent};
use super::job::{AnyJob, Budget, block_granules, freeing_steps};
use super::roots::Roots;
use super::verify::verify_or_stop;
use super::{Heap, os, pool};

/// A collection of more bytes is done in slices. Where everything lives, half a megabyte takes about a millisecond.
const IN_PLACE_BYTES: usize = 512 << 10;
/// Steps of a slice: a tenth of a millisecond.
pub(super) const SLICE_STEPS: usize = 2_000;
/// The same in the stress mode, so that there are many slices.
pub(super) const STRESS_SLICE_STEPS: usize = 200;
/// Bytes of a large block that are freed in one go.
pub(super) const BIT_BYTES: usize = os::HUGE_PAGE_BYTES;
/// A heap that holds no more is dropped at once.
const DROPPED_BYTES: usize = 4 << 20;
/// What a remembered object counts for, in bytes to collect.
const REMEMBERED_BYTES: usize = 64;
/// What bytes of frozen regions count for, as part of one: most of them are not looked at, but those that go are freed.
const REGION_SHARE: usize = 8;
/// A program that does not stop may allocate so much more, in units of the nursery, before its young objects are collected in place.
const OVERDRAFT: usize = 2;

/// The collection that is wanted.
#[derive(Default)]
pub(super) struct Slicing {
    allowed: bool,
    wanted: Option<Extent>,
}

/// The collection that is under way.
pub(super) struct UnderWay {
    job: AnyJob,
    began: Instant,
    bytes_before: usize,
    slices: u32,
    longest_ns: u64,
}

impl Slicing {
    pub(super) fn is_allowed(&self) -> bool {
        self.allowed
    }
}

impl UnderWay {
    /// Bytes that are on no list of the heap meanwhile.
    pub(super) fn held_bytes(&self) -> usize {
        self.job.held_bytes()
    }
}

impl Heap {
    /// From now on collections that take long are left to whoever runs the isolate, who calls [`Heap::collect_slice`] while
    /// [`Heap::is_slice_due`].
    pub fn allow_slices(&mut self) {
        self.slicing.allowed = true;
    }

    /// Whether the stress mode is on.
    pub fn is_stressed(&self) -> bool {
        self.stress.is_some()
    }

    /// Whether a collection waits for [`Heap::collect_slice`]. If one is under way already, nothing else may be done with the heap.
    #[inline(always)]
    pub fn is_slice_due(&self) -> bool {
        self.slicing.wanted.is_some() || self.is_behind()
    }

    /// Goes on with the collection that is due; whether it is over. A safepoint, whose roots must be those of a program that does not
    /// run between two slices.
    pub fn collect_slice(&mut self, roots: &mut dyn Roots) -> bool {
        self.collect_steps(self.slice_steps(), roots)
    }

    pub(super) fn collect_steps(&mut self, steps: usize, roots: &mut dyn Roots) -> bool {
        let began = Instant::now();
        let cpu_began_ns = self.slice_clock();
        let is_full_wanted = !matches!(self.slicing.wanted, None | Some(Extent::Minor));
        let under_way = self.take_under_way();
        if under_way.is_none() && is_full_wanted && !self.sweep(&mut Budget::of(steps)) {
            return false;
        }
        let Some(mut under_way) = under_way.or_else(|| self.begin_slices(began)) else {
            return self.pay(steps) && !self.want_prepared();
        };
        let done = under_way.job.run(self, roots, &mut Budget::of(steps));
        under_way.slices += 1;
        let slice_ns = self.slice_clock().saturating_sub(cpu_began_ns);
        under_way.longest_ns = under_way.longest_ns.max(slice_ns);
        if !done {
            self.beside_mut().under_way = Some(under_way);
            return false;
        }
        self.account(&Collected {
            extent: under_way.job.extent(),
            pause_ns: under_way.began.elapsed().as_nanos() as u64,
            bytes_before: under_way.bytes_before,
            slices: Some((under_way.slices, under_way.longest_ns)),
        });
        if self.verifies {
            verify_or_stop(self, roots);
        }
        if under_way.job.extent() != Extent::Minor {
            self.note_fullness();
        }
        // What was promoted may have been too much.
        if under_way.job.extent() == Extent::Minor && self.is_full_due() {
            self.slicing.wanted = Some(Extent::Full);
        }
        !self.is_slice_due()
    }

    /// What slices are measured by for `--trace-gc`: the time of this thread on its core, since on a busy machine a slice is interrupted
    /// for longer than it takes.
    fn slice_clock(&self) -> u64 {
        match self.traced_as {
            Some(_) => os::thread_time_ns(),
            None => 0,
        }
    }

    fn begin_slices(&mut self, began: Instant) -> Option<Box<UnderWay>> {
        let extent = self.slicing.wanted.take()?;
        let bytes_before = self.held_bytes();
        Some(Box::new(UnderWay {
            job: AnyJob::begin(self, extent),
            began,
            bytes_before,
            slices: 0,
            longest_ns: 0,
        }))
    }

    /// Does the rest of a collection that is under way in one go.
    pub(super) fn finish_slices(&mut self, roots: &mut dyn Roots) {
        self.slicing.wanted = None;
        while self.is_under_way() {
            self.collect_steps(usize::MAX, roots);
        }
        self.slicing.wanted = None;
    }

    /// Gives some of the memory of a large heap back, whose isolate has ended; whether the rest is so little that the heap can be dropped.
    pub fn dismantle(&mut self) -> bool {
        self.abandon_slices();
        let mut budget = Budget::of(SLICE_STEPS);
        while self.held_bytes() > DROPPED_BYTES || self.gives_regions_up() {
            let steps = self.dismantle_bit();
            if steps == 0 {
                return true;
            }
            if budget.spend(steps) {
                return false;
            }
        }
        true
    }

    fn gives_regions_up(&self) -> bool {
        let regions = self.regions.as_ref();
        regions.is_some_and(|regions| regions.has_given_up())
    }

    /// How many steps it took: none if there is nothing left.
    fn dismantle_bit(&mut self) -> usize {
        let old = self.old_handles.get_mut().and_then(Vec::pop);
        let handle = old.or_else(|| self.young_handles.get_mut()?.pop());
        if let Some(handle) = handle {
            // SAFETY: handles on the lists are objects of this heap, whose words are still there.
            unsafe { self.release_handle(handle) };
            return 4;
        }
        let mut none = BlockList::EMPTY;
        let unswept = match &mut self.beside {
            Some(beside) => &mut beside.unswept,
            None => &mut none,
        };
        let young = &mut self.young;
        let old = &mut *self.old;
        let mut lists = [
            &mut old.blocks,
            unswept,
            &mut old.large,
            &mut young.cohorts,
            &mut young.large,
            &mut young.blocks,
            &mut young.survivors,
        ];
        let Some(list) = lists.iter_mut().find(|list| !list.is_empty()) else {
            let Some(regions) = &mut self.regions else {
                return 0;
            };
            regions.give_up();
            return regions.free_bit();
        };
        let mut rest = list.take();
        let steps = rest
            .pop()
            .map_or(1, |block| self.free_bit(block, &mut rest));
        self.old.blocks.append(&mut rest);
        steps
    }

    /// Frees a block that nobody refers to; of a very large one just a bit, and puts it on the list again. How many steps it took.
    pub(super) fn free_bit(&mut self, block: Block, list: &mut BlockList) -> usize {
        // SAFETY: the block is ours, and nothing in it is alive.
        let freed = unsafe { pool::trim_large(block, BIT_BYTES) };
        if freed > 0 {
            list.push(block);
            return freeing_steps(freed / GRANULE_BYTES);
        }
        let steps = freeing_steps(block_granules(block));
        self.free_block(block);
        steps
    }

    /// Gives up a collection that is under way, because the heap is dropped.
    pub(super) fn abandon_slices(&mut self) {
        self.slicing.wanted = None;
        if let Some(mut under_way) = self.take_under_way() {
            under_way.job.abandon(self);
        }
        self.abandon_premark();
    }

    /// Leaves a collection to whoever runs the isolate, if that is allowed and worth it; false if it must be done here and now.
    pub(super) fn defer(&mut self, extent: Extent, roots: &mut dyn Roots) -> bool {
        if !self.is_long(extent) {
            return false;
        }
        self.want(extent);
        roots.stop_soon();
        extent != Extent::Minor || self.young_pressure() < self.nursery() * OVERDRAFT
    }

    /// Whether a collection would take so long that it is to be done in slices.
    pub(super) fn is_long(&self, extent: Extent) -> bool {
        self.slicing.allowed && self.weight(extent) > IN_PLACE_BYTES
    }

    /// For an isolate that has nothing to do: a full collection of a large heap that would be due soon is wanted now, when nobody waits
    /// for the isolate. Whether that is so.
    pub fn want_soon_due(&mut self) -> bool {
        let soon = !self.is_premarking() && self.is_full_soon_due();
        if soon && self.is_long(Extent::Full) {
            // A minor collection begins to prepare it.
            self.want(match self.may_premark() {
                true => Extent::Minor,
                false => Extent::Full,
            });
        }
        soon && self.is_slice_due()
    }

    /// Whether a full collection has been prepared, or should have been by now: it is wanted then.
    fn want_prepared(&mut self) -> bool {
        let due = self.is_premarking() && self.is_full_due();
        if due {
            self.want(Extent::Full);
        }
        due
    }

    /// Notes that a collection is wanted.
    pub(super) fn want(&mut self, extent: Extent) {
        if self.slicing.wanted != Some(Extent::Full) {
            self.slicing.wanted = Some(extent);
        }
    }

    /// About how many bytes a collection looks at.
    fn weight(&self, extent: Extent) -> usize {
        let young = self.young_bytes() - self.spare.bytes() + self.young.large.bytes();
        let rest = match extent {
            Extent::Minor => self.remembered.len() * REMEMBERED_BYTES,
            Extent::Full | Extent::Compact => self.old.bytes() + self.region_bytes() / REGION_SHARE,
        };
        young + rest
    }
}
