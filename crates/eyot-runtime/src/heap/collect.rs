//! Collections: what they are, and doing one in one go.
//!
//! A *minor* collection looks at roots, the remembered set and young objects only. Young objects in nursery blocks are copied: those that
//! survive for the first time into survivor blocks, which stay young, the others into old space. Large objects and the
//! cohorts of adopted messages do not move: those reached become old where they are, and blocks without any are dropped whole.
//!
//! A *full* collection marks old objects as well, promotes all survivors, moves the objects of sparse blocks together, and
//! sweeps. A *compaction* is a full collection that treats every block as sparse and trims the last: what is left is a heap of exact
//! size, for an isolate that is parked.
//!
//! The phases are in [`super::job`], what happens to a single object in [`super::trace`]; how a collection that would take long is
//! done piece by piece, in [`super::slices`].

use std::io::Write;
use std::time::Instant;

use super::block::BlockList;
use super::job::{Budget, Job};
use super::roots::Roots;
use super::verify::verify_or_stop;
use super::{Heap, pool};
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

    /// Collects everything, also what died since a collection that was to come has looked at it. A safepoint.
    pub fn collect_major(&mut self, roots: &mut dyn Roots) {
        self.finish_slices(roots);
        self.abandon_premark();
        self.collect(Extent::Full, roots);
    }

    /// Makes the heap of an isolate that has nothing to do small: gives the nursery back, and packs what is left into blocks of
    /// exact size unless that is much. What takes long is only noted, see [`Heap::is_slice_due`]; it is called again afterwards. A safepoint.
    pub fn park(&mut self, roots: &mut dyn Roots) {
        let moving = self.old.blocks.bytes() + self.unswept_bytes() + self.young.cohorts.bytes();
        if moving <= PACKED_BYTES {
            return self.compact(roots);
        }
        if self.is_long(Extent::Minor) {
            return self.want(Extent::Minor);
        }
        self.collect(Extent::Minor, roots);
        self.release_spare();
        self.next_granules = super::FIRST_BLOCK_GRANULES;
    }

    /// Collects everything and packs what is left into blocks of exact size. A safepoint.
    pub fn compact(&mut self, roots: &mut dyn Roots) {
        self.collect(Extent::Compact, roots);
        self.release_spare();
        self.handles.shrink();
        self.remembered.shrink();
        self.young_handles.shrink();
        self.old_handles.shrink();
        self.next_granules = super::FIRST_BLOCK_GRANULES;
    }

    /// Collects to this extent, in one go. A safepoint.
    pub fn collect(&mut self, extent: Extent, roots: &mut dyn Roots) {
        self.finish_slices(roots);
        if extent != Extent::Minor {
            self.finish_sweep();
        }
        let started = Instant::now();
        let bytes_before = self.held_bytes();
        let mut budget = Budget::UNLIMITED;
        match extent {
            Extent::Minor => {
                Job::<false>::begin(self, extent).run(self, roots, &mut budget);
            }
            Extent::Full | Extent::Compact => {
                Job::<true>::begin(self, extent).run(self, roots, &mut budget);
            }
        }
        let pause_ns = started.elapsed().as_nanos() as u64;
        self.account(&Collected {
            extent,
            pause_ns,
            bytes_before,
            slices: None,
        });
        if !self.slicing.is_allowed() {
            self.pay(usize::MAX);
        }
        if self.verifies {
            verify_or_stop(self, roots);
        }
    }

    /// Notes what the heap holds, with what a collection holds for it.
    pub(super) fn note_peak(&mut self, besides: usize) {
        let bytes = self.held_bytes() + besides;
        let collected = self.collected.get_or_insert_default();
        collected.peak_bytes = collected.peak_bytes.max(bytes);
    }

    /// Counts a collection that is over.
    pub(super) fn account(&mut self, collected: &Collected) {
        let counters = self.collected.get_or_insert_default();
        counters.pause_ns_max = counters.pause_ns_max.max(collected.pause_ns);
        counters.pause_ns_total += collected.pause_ns;
        if collected.extent == Extent::Minor {
            counters.minor_collections += 1;
        } else {
            counters.major_collections += 1;
            self.set_major_threshold();
        }
        self.restore_reserve();
        let marked = self.settle_beside(collected.extent);
        if let Some(name) = &self.traced_as {
            let unswept_bytes = self.unswept_bytes();
            print_collection(name, collected, marked, (self.held_bytes(), unswept_bytes));
        }
    }

    pub(super) fn own_roots(&mut self) -> &mut [Value] {
        // The test feature `fault-drop-root` forgets the newest handle; the stress tests must notice.
        #[cfg(feature = "fault-drop-root")]
        let kept = self.handles.len().saturating_sub(1);
        #[cfg(not(feature = "fault-drop-root"))]
        let kept = self.handles.len();
        match self.handles.get_mut() {
            Some(handles) => &mut handles[..kept],
            None => &mut [],
        }
    }
}

/// What there is to say of a collection.
pub(super) struct Collected {
    pub(super) extent: Extent,
    /// From its beginning to its end.
    pub(super) pause_ns: u64,
    pub(super) bytes_before: usize,
    /// How many slices there were if it was not done in one go, and the nanoseconds of the longest.
    pub(super) slices: Option<(u32, u64)>,
}

/// The line of `--trace-gc`.
fn print_collection(
    name: &str,
    collected: &Collected,
    marked: Option<(u32, u64)>,
    (bytes_after, unswept_bytes): (usize, usize),
) {
    let kind = match collected.extent {
        Extent::Minor => "minor",
        Extent::Full => "major",
        Extent::Compact => "compact",
    };
    let millis = |ns: u64| format!("{}.{:03} ms", ns / 1_000_000, ns / 1_000 % 1_000);
    let mut line = format!("gc: {name}: {kind} {}", millis(collected.pause_ns));
    if let Some((slices, longest_ns)) = collected.slices {
        let longest = millis(longest_ns);
        line.push_str(&format!(" in {slices} slices of at most {longest}"));
    }
    if let Some((slices, nanos)) = marked {
        let marking = millis(nanos);
        line.push_str(&format!(
            " after {marking} of marking in {slices} slices beside the program"
        ));
    }
    line.push_str(&format!(
        ", {} -> {bytes_after} bytes",
        collected.bytes_before
    ));
    if unswept_bytes > 0 {
        line.push_str(&format!(", {unswept_bytes} of them to be swept"));
    }
    line.push('\n');
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
