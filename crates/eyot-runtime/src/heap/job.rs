//! A collection as a job of phases, each of which can stop and go on later.
//!
//! A collection of a small heap is done where it becomes due, in one go. One that would take long is a job that whoever runs the
//! isolate does piece by piece ([`super::slices`]): the isolate waits, others run in between. So nothing here needs to be prepared for
//! a program that runs meanwhile. What lies between two pieces is not a heap that anybody could use: objects have moved, and not all
//! that refers to them knows. It can be gone on with, or dropped ([`Job::abandon`]).
//!
//! Costs are counted in *steps*: about what it takes to look at one object that is not in a cache, some 50 ns.

use rustc_hash::FxHashSet;

use super::Heap;
use super::blob::Blob;
use super::block::{Block, BlockList};
use super::chunk::{GRANULE_BYTES, is_marked, unmark};
use super::collect::Extent;
use super::look::settle;
use super::premark::{Found, clear_marks};
use super::region::RegionId;
use super::roots::{RootVisitor, Roots};
use super::trace::{Reached, Trace, clear_cards, forget_remembered};
use crate::object::{Header, ObjRef, slot};

/// How many steps a job may still go.
pub(super) struct Budget(isize);

impl Budget {
    pub(super) const UNLIMITED: Budget = Budget(isize::MAX);

    pub(super) fn of(steps: usize) -> Budget {
        Budget(isize::try_from(steps).unwrap_or(isize::MAX))
    }

    #[inline]
    pub(super) fn left(&self) -> isize {
        self.0
    }

    #[inline]
    pub(super) fn set_left(&mut self, left: isize) {
        self.0 = left;
    }

    /// Takes steps off; whether none are left.
    #[inline]
    #[must_use]
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub_unsigned(steps);
        self.0 <= 0
    }
}

/// Parts of a collection, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Marks of a collection that was prepared in vain are taken back.
    Unmark,
    /// The remembered set is not needed.
    Forget,
    /// In a collection that was prepared, it is looked at once more.
    Rescan,
    /// Blocks that are to be emptied are flagged.
    Flag,
    /// References to objects with frozen copies are to become references to those.
    Replace,
    /// What the remembered set refers to is reached.
    Remembered,
    /// What the roots refer to is reached.
    Roots,
    /// Everything that was reached is looked at.
    Mark,
    Ephemerons,
    Weak,
    /// Cards of large lists that were looked at once more are not needed any more.
    Cards,
    OldHandles,
    YoungHandles,
    /// Of blobs that lost the handle they were charged through.
    Orphans,
    Charges,
    Finalizers,
    /// Tracing is over: from here on the dead are freed.
    Reached,
    /// Nursery and survivor blocks are empty.
    Young,
    Large,
    Blocks,
    YoungLarge,
    /// Adopted blocks with something alive become old, the others are dropped.
    Cohorts,
    /// Frozen regions that nothing refers to are let go of.
    Regions,
}

const MINOR: &[Phase] = &[
    Phase::Replace,
    Phase::Remembered,
    Phase::Roots,
    Phase::Mark,
    Phase::Ephemerons,
    Phase::Weak,
    Phase::YoungHandles,
    Phase::Finalizers,
    Phase::Reached,
    Phase::Young,
    Phase::YoungLarge,
    Phase::Cohorts,
    Phase::Regions,
];

/// What a full collection begins with.
const FULL_BEGIN: &[Phase] = &[Phase::Unmark, Phase::Forget, Phase::Flag, Phase::Replace];

/// What one begins with that was prepared: what is marked cannot move.
const PREPARED_BEGIN: &[Phase] = &[Phase::Replace, Phase::Rescan];

/// How both go on.
const FULL_REST: &[Phase] = &[
    Phase::Roots,
    Phase::Mark,
    Phase::Ephemerons,
    Phase::Weak,
    Phase::Cards,
    Phase::OldHandles,
    Phase::YoungHandles,
    Phase::Orphans,
    Phase::Charges,
    Phase::Finalizers,
    Phase::Reached,
    Phase::Young,
    Phase::Large,
    Phase::Blocks,
    Phase::YoungLarge,
    Phase::Cohorts,
    Phase::Regions,
];

/// A collection that has begun.
pub(super) struct Job<const FULL: bool> {
    trace: Trace<FULL>,
    extent: Extent,
    /// It is a full one, and most was marked before.
    prepared: bool,
    /// Blocks are left to be swept while the program runs.
    sweeps_later: bool,
    phase_index: usize,
    /// What the remembered set was.
    remembered: Vec<ObjRef>,
    /// Large lists whose cards are needed until everything is traced.
    carded: Vec<ObjRef>,
    /// The block that is looked at next.
    next: Option<Block>,
    /// Blocks that the phase has still to look at.
    blocks: BlockList,
    sieve: Sieve,
    /// Handles that are not charged, and the blobs that are.
    uncharged: Vec<ObjRef>,
    charged: FxHashSet<u64>,
    /// The frozen regions that were found to be needed, until the others are given up.
    regions: Option<FxHashSet<RegionId>>,
}

impl<const FULL: bool> Job<FULL> {
    pub(super) fn begin(heap: &mut Heap, extent: Extent) -> Job<FULL> {
        heap.note_peak(0);
        heap.retire_young();
        match extent {
            Extent::Minor => heap.begin_premark_if_due(),
            Extent::Full => {}
            // What is marked cannot move.
            Extent::Compact => heap.abandon_premark(),
        }
        let premark = match FULL {
            true => heap.begin_full(),
            false => None,
        };
        let prepared = premark.is_some();
        let found = premark.map_or_else(Found::default, |premark| premark.found);
        let trace = Trace::start(heap, extent, found);
        let remembered = match FULL {
            true => Vec::new(),
            false => heap.remembered.take(),
        };
        let mut job = Job {
            trace,
            extent,
            prepared,
            sweeps_later: false,
            phase_index: 0,
            remembered,
            carded: Vec::new(),
            next: None,
            blocks: BlockList::EMPTY,
            sieve: Sieve::default(),
            uncharged: Vec::new(),
            charged: FxHashSet::default(),
            regions: None,
        };
        job.enter(heap);
        job
    }

    /// Goes on until the budget is used up; whether the collection is over. The roots are those of an isolate that has not run since
    /// the beginning.
    pub(super) fn run(
        &mut self,
        heap: &mut Heap,
        roots: &mut dyn Roots,
        budget: &mut Budget,
    ) -> bool {
        while let Some(phase) = self.phase() {
            if !self.run_phase(phase, heap, roots, budget) {
                return false;
            }
            self.phase_index += 1;
            self.enter(heap);
        }
        if let Some(old) = heap.old.get_mut() {
            old.close();
        }
        true
    }

    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    /// Bytes of blocks that are on no list of the heap meanwhile.
    pub(super) fn held_bytes(&self) -> usize {
        self.trace.held_bytes() + self.blocks.bytes()
    }

    /// The collection will not be finished, because the heap is dropped: gives it its blocks and lists back. Nobody may look at an
    /// object afterwards, but for the words of blob handles.
    pub(super) fn abandon(&mut self, heap: &mut Heap) {
        let Reached {
            mut old,
            mut survivors,
            ..
        } = self.trace.finish();
        heap.old.large.append(&mut old.large);
        for list in [&mut old.blocks, &mut survivors, &mut self.blocks] {
            heap.old.blocks.append(list);
        }
        match self.phase() {
            Some(Phase::OldHandles) => self.sieve.close(&mut heap.old_handles),
            Some(Phase::YoungHandles) => self.sieve.close(&mut heap.young_handles),
            Some(Phase::Finalizers) => {
                if let Some(finalizers) = &mut heap.finalizers {
                    self.sieve.close(&mut finalizers.attached);
                }
            }
            _ => {}
        }
    }

    fn phase(&self) -> Option<Phase> {
        let (first, rest) = match (FULL, self.prepared) {
            (false, _) => (MINOR, &[][..]),
            (true, false) => (FULL_BEGIN, FULL_REST),
            (true, true) => (PREPARED_BEGIN, FULL_REST),
        };
        let index = self.phase_index;
        let phase = first.get(index).or_else(|| rest.get(index - first.len()));
        phase.copied()
    }

    /// What a phase begins with.
    fn enter(&mut self, heap: &mut Heap) {
        self.sieve = Sieve::default();
        match self.phase() {
            Some(Phase::Unmark) => {
                self.next = match heap.has_stale_marks() {
                    true => self.trace.first_block(),
                    false => None,
                }
            }
            Some(Phase::Flag) => self.next = self.trace.first_block(),
            Some(Phase::Young) => {
                self.blocks = heap.young.blocks.take();
            }
            Some(Phase::Large) => self.blocks = heap.old.large.take(),
            Some(Phase::Blocks) => {
                heap.old.forget_current();
                let blocks = heap.old.blocks.take();
                match self.sweeps_later {
                    true => heap.beside_mut().unswept = blocks,
                    false => self.blocks = blocks,
                }
            }
            Some(Phase::YoungLarge) => self.blocks = heap.young.large.take(),
            Some(Phase::Cohorts) => self.blocks = heap.young.cohorts.take(),
            _ => {}
        }
    }

    /// One phase, until it is done or the budget is used up; whether it is done.
    fn run_phase(
        &mut self,
        phase: Phase,
        heap: &mut Heap,
        roots: &mut dyn Roots,
        budget: &mut Budget,
    ) -> bool {
        let trace = &mut self.trace;
        match phase {
            Phase::Unmark => self.unmark(heap, budget),
            Phase::Forget => {
                let remembered = heap.remembered.get_mut();
                remembered.is_none_or(|list| forget_remembered(list, budget))
            }
            Phase::Rescan => {
                let remembered = heap.remembered.get_mut();
                remembered
                    .is_none_or(|list| trace.visit_remembered_again(list, &mut self.carded, budget))
            }
            Phase::Flag => self.flag(heap, budget),
            Phase::Replace => {
                if let Some(regions) = &mut heap.regions {
                    let all = FULL && !self.prepared;
                    // SAFETY: nothing has moved, and where old originals are replaced the remembered set is gone.
                    if !unsafe { regions.copies.replace(all, budget) } {
                        return false;
                    }
                    if FULL {
                        // SAFETY: originals that are not replaced are old objects of the heap.
                        unsafe { trace.keep(regions.copies.old_originals()) };
                    }
                }
                true
            }
            Phase::Remembered => trace.visit_remembered(&mut self.remembered, budget),
            Phase::Roots => {
                roots.visit_roots(trace);
                trace.visit_slice(heap.own_roots());
                true
            }
            Phase::Mark => trace.run(budget),
            Phase::Ephemerons => trace.run_ephemerons(budget),
            Phase::Weak => trace.finish_weak(budget),
            Phase::Cards => self.forget_cards(budget),
            Phase::OldHandles => self.sift_old_handles(heap, budget),
            Phase::YoungHandles => self.sift_young_handles(heap, budget),
            Phase::Orphans => self.find_charged(heap, budget),
            Phase::Charges => self.charge_orphaned_views(heap, budget),
            Phase::Finalizers => self.sift_finalizers(heap, budget),
            Phase::Reached => {
                self.take_over(heap);
                true
            }
            Phase::Young => self.free_young(heap, budget),
            Phase::Large | Phase::YoungLarge => self.sweep_large(heap, budget),
            Phase::Blocks | Phase::Cohorts => self.sweep_blocks(heap, budget),
            Phase::Regions => self.settle_regions(heap, budget),
        }
    }

    // ---- before the tracing

    fn unmark(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        if !heap.has_stale_marks() {
            return true;
        }
        if !clear_marks(&mut self.next, budget) {
            return false;
        }
        self.trace.unmark_large();
        heap.forget_stale_marks();
        true
    }

    fn flag(&mut self, heap: &Heap, budget: &mut Budget) -> bool {
        let all = self.extent == Extent::Compact;
        // What is moved is there twice for a while.
        let moved_bytes_max = if all {
            usize::MAX
        } else {
            heap.limit_bytes / 32
        };
        while let Some(block) = self.next
            && self.trace.moved_bytes() <= moved_bytes_max
        {
            self.next = self.trace.flag_evacuation(block, all);
            if budget.spend(2) {
                return false;
            }
        }
        true
    }

    fn forget_cards(&mut self, budget: &mut Budget) -> bool {
        while let Some(list) = self.carded.pop() {
            // SAFETY: a large object of the heap, which is marked.
            unsafe { clear_cards(list) };
            if budget.spend(8) {
                return false;
            }
        }
        true
    }

    // ---- what hangs on dead objects

    fn sift_old_handles(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        let mut list = heap.old_handles.take();
        let done = self.sieve.sift(&mut list, budget, |handle| {
            let kept = keep_handle(&self.trace, heap, handle);
            if kept && !is_charged(*handle) {
                self.uncharged.push(*handle);
            }
            kept
        });
        heap.old_handles.put(list);
        done
    }

    fn sift_young_handles(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        let mut list = heap.young_handles.take();
        let done = self.sieve.sift(&mut list, budget, |handle| {
            if !keep_handle(&self.trace, heap, handle) {
                return false;
            }
            if FULL && !is_charged(*handle) {
                self.uncharged.push(*handle);
            }
            // SAFETY: the handle is alive, and this is its new place.
            unsafe { settle(*handle) };
            // SAFETY: as above.
            if unsafe { handle.header() }.has(Header::OLD) {
                heap.old_handles.push(*handle);
                return false;
            }
            true
        });
        heap.young_handles.put(list);
        if done {
            heap.external_young_bytes = 0;
            heap.lent_kib = 0;
        }
        done
    }

    /// A blob is charged through the handle it came with. Where only views are left one of them must take the charge over.
    fn find_charged(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        if self.uncharged.is_empty() {
            return true;
        }
        while let Some(&handle) = heap.old_handles.get(self.sieve.read) {
            self.sieve.read += 1;
            if is_charged(handle) {
                self.charged.insert(blob_word(handle));
            }
            if budget.spend(2) {
                return false;
            }
        }
        true
    }

    fn charge_orphaned_views(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        let orphaned = std::mem::take(&mut heap.orphaned_bytes);
        heap.external_bytes = heap.external_bytes.saturating_sub(orphaned);
        while let Some(handle) = self.uncharged.pop() {
            if let Some(blob) = Blob::from_word(blob_word(handle))
                && self.charged.insert(blob.word())
            {
                // SAFETY: handles on the list are live objects of this heap.
                unsafe { handle.set_header(handle.header().with(Header::EXTERNAL)) };
                heap.external_bytes += blob.bytes();
            }
            if budget.spend(2) {
                return false;
            }
        }
        self.charged = FxHashSet::default();
        true
    }

    fn sift_finalizers(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        let Some(finalizers) = heap.finalizers.as_mut() else {
            return true;
        };
        let due = &mut finalizers.due;
        let attached = &mut finalizers.attached;
        self.sieve.sift(attached, budget, |entry| {
            match self.trace.survivor(entry.object) {
                Some(place) => {
                    entry.object = place;
                    true
                }
                None => {
                    due.push(entry.token);
                    false
                }
            }
        })
    }

    // ---- the blocks

    /// The heap gets what the trace has made; its own young blocks are those of the dead now.
    fn take_over(&mut self, heap: &mut Heap) {
        heap.note_peak(self.held_bytes());
        let Reached {
            old,
            survivors,
            remembered,
            regions,
            premark,
        } = self.trace.finish();
        if let Some(premark) = premark {
            heap.set_premark(premark);
        }
        self.regions = Some(regions);
        heap.remembered.put(remembered);
        heap.old.put(old);
        // Those that survived once are behind the nursery's.
        heap.young
            .blocks
            .append(&mut std::mem::replace(&mut heap.young.survivors, survivors));
        if self.extent == Extent::Compact {
            heap.old.trim();
        }
    }

    fn free_young(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        while let Some(block) = self.blocks.pop() {
            let steps = freeing_steps(block_granules(block));
            heap.free_young_block(block);
            if budget.spend(steps) {
                return false;
            }
        }
        true
    }

    /// Keeps the large objects that live, and frees the others; the largest bit by bit.
    fn sweep_large(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        while let Some(block) = self.blocks.pop() {
            let object = block.large_object();
            // SAFETY: a block of the large list holds one object.
            let steps = unsafe {
                if is_marked(object) {
                    if !heap.is_premarking() {
                        unmark(object);
                    }
                    heap.old.large.push(block);
                    4
                } else {
                    heap.free_bit(block, &mut self.blocks)
                }
            };
            if budget.spend(steps) {
                return false;
            }
        }
        true
    }

    fn settle_regions(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        let Some(regions) = &mut heap.regions else {
            return true;
        };
        if FULL {
            // Once only: in the next slice nothing has been seen.
            if let Some(seen) = self.regions.take() {
                regions.keep(seen);
            }
        } else {
            if let Some(beside) = &mut heap.beside
                && let Some(premark) = &mut beside.premark
            {
                // Objects that were looked at may refer to copies now that were not there then.
                premark.found.regions.extend(regions.fresh());
            }
            regions.settle();
        }
        loop {
            match regions.free_bit() {
                0 => break,
                steps if budget.spend(steps) => return false,
                _ => {}
            }
        }
        if regions.is_empty() {
            heap.regions = None;
        }
        true
    }

    fn sweep_blocks(&mut self, heap: &mut Heap, budget: &mut Budget) -> bool {
        while let Some(block) = self.blocks.pop() {
            let steps = heap.sweep_block(block);
            if budget.spend(steps) {
                return false;
            }
        }
        true
    }
}

/// What it costs to free so many granules: a part of it is that the system takes pages back.
pub(super) fn freeing_steps(granules: usize) -> usize {
    8 + granules / 2
}

pub(super) fn block_granules(block: Block) -> usize {
    block.bytes() / GRANULE_BYTES
}

fn is_charged(handle: ObjRef) -> bool {
    // SAFETY: handles on the lists are live objects of this heap, and frozen copies live as well.
    unsafe { handle.header() }.has(Header::EXTERNAL)
}

fn blob_word(handle: ObjRef) -> u64 {
    // SAFETY: handles on the lists are live objects of this heap, and blob handles have this word.
    let word = unsafe { handle.word(slot::BLOB) };
    Blob::from_word(word).map_or(0, Blob::word)
}

/// Follows a blob handle to its new place, or gives up its count.
fn keep_handle<const FULL: bool>(
    trace: &Trace<FULL>,
    heap: &mut Heap,
    handle: &mut ObjRef,
) -> bool {
    match trace.survivor(*handle) {
        // SAFETY: where a live object is now.
        Some(place) if unsafe { place.header() }.has(Header::FROZEN) => {
            let was_charged = is_charged(place);
            // SAFETY: the words behind the header are still as they were.
            unsafe { heap.release_replaced(*handle, was_charged) };
            false
        }
        Some(place) => {
            *handle = place;
            true
        }
        None => {
            // SAFETY: the dead handle's words are still as they were.
            unsafe { heap.release_handle(*handle) };
            false
        }
    }
}

/// Goes through a list and keeps some of its elements, with rests: between the places where it writes and where it reads there is
/// nothing of value.
#[derive(Default)]
struct Sieve {
    read: usize,
    write: usize,
}

impl Sieve {
    fn sift<T: Copy>(
        &mut self,
        list: &mut Vec<T>,
        budget: &mut Budget,
        mut keep: impl FnMut(&mut T) -> bool,
    ) -> bool {
        while let Some(&element) = list.get(self.read) {
            let mut element = element;
            self.read += 1;
            if keep(&mut element) {
                list[self.write] = element;
                self.write += 1;
            }
            if budget.spend(2) {
                return false;
            }
        }
        self.close(list);
        true
    }

    /// Ends it: what was not looked at is kept.
    fn close<T: Copy>(&mut self, list: &mut Vec<T>) {
        if self.read > self.write {
            list.copy_within(self.read.., self.write);
            list.truncate(list.len() - (self.read - self.write));
        }
        *self = Sieve::default();
    }
}

/// A job of either kind, for a heap that keeps it between two pieces.
pub(super) enum AnyJob {
    Minor(Job<false>),
    Full(Job<true>),
}

impl AnyJob {
    pub(super) fn begin(heap: &mut Heap, extent: Extent) -> AnyJob {
        match extent {
            Extent::Minor => AnyJob::Minor(Job::begin(heap, extent)),
            Extent::Full | Extent::Compact => {
                let mut job = Job::begin(heap, extent);
                job.sweeps_later = extent == Extent::Full && heap.may_sweep_later(&job);
                AnyJob::Full(job)
            }
        }
    }

    pub(super) fn run(
        &mut self,
        heap: &mut Heap,
        roots: &mut dyn Roots,
        budget: &mut Budget,
    ) -> bool {
        match self {
            AnyJob::Minor(job) => job.run(heap, roots, budget),
            AnyJob::Full(job) => job.run(heap, roots, budget),
        }
    }

    pub(super) fn extent(&self) -> Extent {
        match self {
            AnyJob::Minor(job) => job.extent(),
            AnyJob::Full(job) => job.extent(),
        }
    }

    pub(super) fn held_bytes(&self) -> usize {
        match self {
            AnyJob::Minor(job) => job.held_bytes(),
            AnyJob::Full(job) => job.held_bytes(),
        }
    }

    pub(super) fn abandon(&mut self, heap: &mut Heap) {
        match self {
            AnyJob::Minor(job) => job.abandon(heap),
            AnyJob::Full(job) => job.abandon(heap),
        }
    }
}
