//! What the collector does beside the program: when, and how much.
//!
//! The full collection of a large heap is prepared ([`super::premark`]) in slices between the isolate's turns, so that the isolate waits for a
//! small part of it only. Preparing begins with a minor collection shortly before the full one is due. From then on
//!
//! - the end of each turn of the isolate does one slice ([`Heap::work_beside`]);
//! - an isolate with nothing to do does one after the other, as a task that others go before;
//! - each minor collection is followed by as many steps as what the heap has grown by calls for, so that a program which allocates much does
//!   not outrun it.
//!
//! Once all is marked, or old space is well beyond what made the collection due, the full collection runs, in slices for which the isolate
//! waits. Its blocks are swept in the same way as was marked, afterwards: what is dead in them counts as held until then, and no full
//! collection is due before.
//!
//! Where memory is short, or many blocks are sparse (what is premarked cannot move), collections are not prepared.
//!
//! All of it is in a box that only a large heap has, or one that is collected in slices ([`Beside`]).

use std::time::Instant;

use super::block::{Block, BlockList};
use super::collect::Extent;
use super::job::{Budget, Job, block_granules, freeing_steps};
use super::old::is_sparse;
use super::premark::{Premark, clear_marks};
use super::roots::Roots;
use super::slices::{SLICE_STEPS, STRESS_SLICE_STEPS, UnderWay};
use super::{Heap, barrier};

/// A smaller old space is collected in a few milliseconds at worst.
const PREPARED_BYTES: usize = 8 << 20;
/// Bytes of growth for each of which a step is done: what is marked and swept takes less than that, if the heap may grow by an eighth.
const BYTES_A_STEP: usize = 10;
/// Steps that are done at a time in the stress mode, beside the program: few, so that much happens while some is marked and some is not.
const STRESS_STEPS: usize = 16;
/// So many originals of frozen copies may wait for a collection that is not prepared, which alone can replace them.
const KEPT_ORIGINALS_MAX: usize = 1024;

/// What only a large heap needs.
#[derive(Default)]
pub(super) struct Beside {
    /// A collection in slices that has begun.
    pub(super) under_way: Option<Box<UnderWay>>,
    /// A full collection that is being prepared. In the meantime a minor one may have it.
    pub(super) premark: Option<Box<Premark>>,
    /// Blocks that a full collection has left to be swept: what is alive in them is marked.
    pub(super) unswept: BlockList,
    /// Slices of marking and their nanoseconds, once they are over.
    marked: Option<(u32, u64)>,
    /// Bytes of the blocks that the last full collection has found to be sparse.
    sparse_bytes: usize,
    /// Steps to be done before the program goes on.
    debt: usize,
    /// Bytes of old space, and of blobs, that are paid for.
    old_bytes: usize,
    external_bytes: usize,
    /// The next minor collection begins to prepare a full one, due or not.
    wanted: bool,
    /// The heap is about to be handed over.
    leaves: bool,
    /// Old objects have marks of a collection that was prepared and will not be.
    stale: bool,
}

impl Beside {
    /// Whether there is something that can be done while the program runs.
    fn has_work(&self) -> bool {
        self.premark.is_some() || !self.unswept.is_empty()
    }

    fn is_idle(&self) -> bool {
        let waits = self.under_way.is_some() || self.wanted || self.leaves || self.stale;
        !waits && !self.has_work()
    }

    /// Bytes that are on no list of the heap itself.
    fn bytes(&self) -> usize {
        let under_way = self.under_way.as_ref();
        self.unswept.bytes() + under_way.map_or(0, |under_way| under_way.held_bytes())
    }
}

impl Heap {
    pub(super) fn beside_mut(&mut self) -> &mut Beside {
        self.beside.get_or_insert_default()
    }

    /// A full collection that is being prepared.
    #[inline]
    pub(super) fn premark(&mut self) -> Option<&mut Premark> {
        self.beside.as_mut()?.premark.as_deref_mut()
    }

    pub(super) fn bytes_beside(&self) -> usize {
        self.beside.as_ref().map_or(0, |beside| beside.bytes())
    }

    pub(super) fn take_under_way(&mut self) -> Option<Box<UnderWay>> {
        self.beside.as_mut()?.under_way.take()
    }

    pub(super) fn is_under_way(&self) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|beside| beside.under_way.is_some())
    }

    /// Whether the program waits for a collection under way, or for steps that are owed.
    #[inline(always)]
    pub(super) fn is_behind(&self) -> bool {
        let beside = self.beside.as_ref();
        beside.is_some_and(|beside| beside.under_way.is_some() || beside.debt > 0)
    }

    /// Does a slice of what can be done while the program runs; whether there was anything to do.
    #[inline]
    pub fn work_beside(&mut self) -> bool {
        self.beside.is_some() && self.work_a_slice()
    }

    fn work_a_slice(&mut self) -> bool {
        if self.is_slice_due() || !self.has_work_beside() {
            return false;
        }
        self.advance(match self.stress {
            None => SLICE_STEPS,
            Some(_) => STRESS_STEPS,
        });
        if self.slicing.is_allowed() && self.is_full_due() {
            self.want(Extent::Full);
        }
        true
    }

    pub(super) fn slice_steps(&self) -> usize {
        match self.stress {
            None => SLICE_STEPS,
            Some(_) => STRESS_SLICE_STEPS,
        }
    }

    /// Does so many of the steps that are owed; whether none are left.
    pub(super) fn pay(&mut self, steps: usize) -> bool {
        let Some(beside) = &mut self.beside else {
            return true;
        };
        let steps = steps.min(beside.debt);
        if steps == 0 {
            return true;
        }
        beside.debt -= steps;
        self.advance(steps);
        let owes = self.has_work_beside() && !self.is_premarked();
        let beside = self.beside_mut();
        if !owes {
            beside.debt = 0;
        }
        beside.debt == 0
    }

    fn has_work_beside(&self) -> bool {
        self.beside.as_ref().is_some_and(|beside| beside.has_work())
    }

    fn advance(&mut self, steps: usize) {
        self.sweep(&mut Budget::of(steps));
        self.premark_steps(steps);
    }

    pub(super) fn premark_steps(&mut self, steps: usize) {
        if let Some(premark) = self.premark() {
            let began = Instant::now();
            premark.run(&mut Budget::of(steps));
            premark.slices += 1;
            premark.nanos += began.elapsed().as_nanos() as u64;
        }
    }

    // ---- when

    /// Whether a full collection is due in a heap that has a box.
    pub(super) fn is_full_due_beside(&self, beside: &Beside) -> bool {
        if !beside.unswept.is_empty() {
            return false;
        }
        let grace = match &beside.premark {
            None => 0,
            Some(premark) if premark.is_done() => return true,
            Some(_) => self.major_threshold / 8,
        };
        self.old.bytes() + self.off_heap_bytes() > self.major_threshold.saturating_add(grace)
    }

    /// Whether a full collection is due so soon that it is time to prepare it.
    pub(super) fn is_full_soon_due(&self) -> bool {
        !self.is_unswept()
            && self.old.bytes() + self.off_heap_bytes() > self.major_threshold / 8 * 7
    }

    /// The next minor collection begins to prepare a full one, due or not.
    pub(super) fn prepare_soon(&mut self) {
        self.beside_mut().wanted = true;
    }

    /// A minor collection is about to run: it begins to prepare a full one if that is soon due.
    pub(super) fn begin_premark_if_due(&mut self) {
        let forced = match &mut self.beside {
            Some(beside) => std::mem::take(&mut beside.wanted) && self.can_premark(),
            None => false,
        };
        if forced || self.may_premark() {
            self.begin_premark();
        }
    }

    /// Whether a full collection is soon due, and is to be prepared.
    pub(super) fn may_premark(&self) -> bool {
        let old_bytes = self.old.bytes();
        if old_bytes <= PREPARED_BYTES || !self.slicing.is_allowed() {
            return false;
        }
        let sparse_bytes = match &self.beside {
            Some(beside) => beside.sparse_bytes,
            None => 0,
        };
        self.is_full_soon_due()
            && self.can_premark()
            && sparse_bytes <= old_bytes / 8
            && self.room_bytes() > old_bytes / 2
            && self.has_few_originals()
    }

    /// Whether nothing is in the way of marks.
    fn can_premark(&self) -> bool {
        let beside = self.beside.as_ref();
        beside.is_none_or(|beside| !beside.has_work() && !beside.stale)
    }

    /// Whether there is little in old space that has a frozen copy.
    fn has_few_originals(&self) -> bool {
        self.regions.as_ref().is_none_or(|regions| {
            regions.copies.old_originals().len() <= KEPT_ORIGINALS_MAX
                && regions.fresh_bytes() <= self.old.bytes() / 16
        })
    }

    /// Begins to prepare a full collection. The minor collection that is about to run finds where to start.
    fn begin_premark(&mut self) {
        let premark = Premark::new(&self.layouts);
        let (old_bytes, external_bytes) = (self.old.bytes(), self.external_bytes);
        let beside = self.beside_mut();
        beside.old_bytes = old_bytes;
        beside.external_bytes = external_bytes;
        self.set_premark(Box::new(premark));
    }

    /// From here on the barrier tells what is prepared.
    pub(super) fn set_premark(&mut self, premark: Box<Premark>) {
        self.beside_mut().premark = Some(premark);
        self.spared_by_barrier = 0;
    }

    pub(super) fn take_premark(&mut self) -> Option<Box<Premark>> {
        let premark = self.beside.as_mut()?.premark.take()?;
        self.spared_by_barrier = barrier::SPARED;
        Some(premark)
    }

    /// A full collection begins: what was marked for it.
    pub(super) fn begin_full(&mut self) -> Option<Box<Premark>> {
        if self.beside.is_none() && self.old.bytes() <= PREPARED_BYTES / 2 {
            return None;
        }
        let premark = self.take_premark();
        let beside = self.beside_mut();
        beside.sparse_bytes = 0;
        beside.marked = premark
            .as_ref()
            .map(|premark| (premark.slices, premark.nanos));
        premark
    }

    /// After a collection: what the heap has grown by is charged for. Gives the slices of marking before the collection and their nanoseconds.
    pub(super) fn settle_beside(&mut self, extent: Extent) -> Option<(u32, u64)> {
        let least = match self.stress {
            None => 0,
            Some(_) => STRESS_STEPS,
        };
        let beside = self.beside.as_mut()?;
        let old_bytes = self.old.bytes() + beside.unswept.bytes();
        let grown = old_bytes.saturating_sub(beside.old_bytes)
            + self.external_bytes.saturating_sub(beside.external_bytes);
        beside.old_bytes = old_bytes;
        beside.external_bytes = self.external_bytes;
        if extent == Extent::Minor && beside.has_work() {
            let steps = (grown / BYTES_A_STEP).max(least);
            beside.debt = beside.debt.saturating_add(steps);
        } else {
            beside.debt = 0;
        }
        let marked = beside.marked.take();
        if beside.is_idle() && old_bytes <= PREPARED_BYTES / 2 {
            self.beside = None;
        }
        marked
    }

    /// Old blocks were adopted, which nobody pays for: the next full collection is due the later for them.
    pub(super) fn note_adopted(&mut self, bytes: usize) {
        if let Some(beside) = &mut self.beside {
            beside.old_bytes += bytes;
        }
    }

    // ---- marks that are in the way

    /// What is marked is of no use: somebody wants to mark otherwise, or to keep nothing that is dead. The marks stay until they are in the way.
    pub(super) fn abandon_premark(&mut self) {
        if self.take_premark().is_some() {
            self.beside_mut().stale = true;
        }
    }

    pub(super) fn has_stale_marks(&self) -> bool {
        self.beside.as_ref().is_some_and(|beside| beside.stale)
    }

    pub(super) fn forget_stale_marks(&mut self) {
        self.beside_mut().stale = false;
    }

    /// Begins to take all marks back; `None` if there are none.
    pub(super) fn clear_all_marks(&mut self) -> Option<Clearing> {
        self.abandon_premark();
        let is_stale = self.has_stale_marks();
        (is_stale || self.is_unswept()).then(|| Clearing {
            next: self.old.blocks.first().filter(|_| is_stale),
        })
    }

    /// Goes on with it, while nobody else touches the heap; whether it is done.
    pub(super) fn go_on_clearing(&mut self, clearing: &mut Clearing, budget: &mut Budget) -> bool {
        if !self.sweep(budget) || !clear_marks(&mut clearing.next, budget) {
            return false;
        }
        if self.has_stale_marks() {
            self.old.unmark_large();
            self.forget_stale_marks();
        }
        true
    }

    // ---- sweeping

    /// Blocks that are still to be swept.
    pub(super) fn unswept(&self) -> impl Iterator<Item = Block> + use<> {
        let list = self.beside.as_ref().map(|beside| beside.unswept.iter());
        list.into_iter().flatten()
    }

    pub(super) fn unswept_bytes(&self) -> usize {
        let beside = self.beside.as_ref();
        beside.map_or(0, |beside| beside.unswept.bytes())
    }

    pub(super) fn is_unswept(&self) -> bool {
        self.unswept_bytes() > 0
    }

    pub(super) fn take_unswept(&mut self) -> BlockList {
        let beside = self.beside.as_mut();
        beside.map_or(BlockList::EMPTY, |beside| beside.unswept.take())
    }

    /// Whether a full collection in slices that has begun leaves blocks to be swept while the program runs.
    pub(super) fn may_sweep_later(&self, job: &Job<true>) -> bool {
        let bytes = job.held_bytes();
        let large = self.slicing.is_allowed()
            && bytes > PREPARED_BYTES
            && self.limit_bytes.saturating_sub(bytes) > bytes / 2;
        let leaves = self.beside.as_ref().is_some_and(|beside| beside.leaves);
        (large || self.stress.is_some()) && !leaves
    }

    /// Somebody wants the heap's blocks after the next collection, and nothing else.
    pub(super) fn sweep_at_once(&mut self) {
        self.beside_mut().leaves = true;
    }

    /// Sweeps blocks that the last full collection has left; whether there are none any more.
    pub(super) fn sweep(&mut self, budget: &mut Budget) -> bool {
        if !self.is_unswept() {
            return true;
        }
        while let Some(block) = self.beside_mut().unswept.pop() {
            let steps = self.sweep_block(block);
            if budget.spend(steps) && self.is_unswept() {
                return false;
            }
        }
        self.set_major_threshold();
        true
    }

    /// Memory is short: the program stops soon until all is swept. False if there is nothing to sweep, or it must be done here and now.
    pub(super) fn sweep_soon(&mut self, roots: &mut dyn Roots) -> bool {
        if !self.is_unswept() || !self.slicing.is_allowed() {
            return false;
        }
        self.beside_mut().debt = usize::MAX;
        roots.stop_soon();
        true
    }

    /// Sweeps all that is left to be swept.
    pub(super) fn finish_sweep(&mut self) {
        self.sweep(&mut Budget::of(usize::MAX));
    }

    /// Takes a block of old or adopted objects in, or frees it if none is alive; how many steps it took.
    pub(super) fn sweep_block(&mut self, block: Block) -> usize {
        let (granules, bytes) = (block_granules(block), block.bytes());
        let keeps_marks = self.is_premarking();
        let live_words = self.old.sweep_block(block, &self.layouts, keeps_marks);
        if let Some(beside) = &mut self.beside {
            if live_words == 0 {
                beside.old_bytes = beside.old_bytes.saturating_sub(bytes);
            } else if is_sparse(block, live_words) {
                beside.sparse_bytes += bytes;
            }
        }
        match live_words {
            0 => {
                self.free_block(block);
                freeing_steps(granules)
            }
            live_words => granules + live_words / 32,
        }
    }
}

/// How far marks were taken back.
pub(super) struct Clearing {
    /// The block whose marks are in the way next.
    next: Option<Block>,
}
