//! Leaving: the last message of a heap that ends takes the blocks along.
//!
//! First everything that the value refers to is looked at: whether it may be sent, and whether it is so much that the blocks are worth it. Then
//! everything else is collected, and the blocks that are left are the message. With much alive both take many milliseconds, so they are done piece
//! by piece ([`Heap::leave_slice`]): others run in between, and a kill or a limit reaches the isolate. The receiver pays for none of it.

use super::super::beside::Clearing;
use super::super::chunk::{mark, unmark};
use super::super::collect::Extent;
use super::super::job::Budget;
use super::super::slices::{SLICE_STEPS, STRESS_SLICE_STEPS};
use super::super::walk::object_words;
use super::super::{Heap, block::Chain};
use super::path::for_each_reference;
use super::{Graph, Message, Rules, Unsendable, is_frozen};
use crate::object::ObjRef;
use crate::value::Value;

/// A dying heap from which no more than this goes is copied: its blocks would be mostly empty.
const COPY_RATHER_BYTES: usize = 64 << 10;
/// A heap that holds no more than this is left in one go.
const AT_ONCE_BYTES: usize = 512 << 10;

/// A value on its way out. Until it is out its heap must not be used for anything else.
pub struct Leaving {
    /// The value.
    roots: Vec<Value>,
    stage: Stage,
}

// SAFETY: it goes where its heap goes, and nothing in it is tied to a thread.
unsafe impl Send for Leaving {}

enum Stage {
    /// Clearing the marks that the last collection has left, or one that was prepared: they are in the way.
    Clear(ObjRef, Clearing),
    /// Looking at what the value refers to.
    Survey(Survey),
    /// It must not be sent, or is little.
    Stays,
    /// Collecting the rest.
    Collection,
}

/// What a slice of leaving comes to.
pub enum Left {
    /// There is more to do.
    Going,
    /// The value is to be copied, or refused, as by [`Heap::copy_message`].
    Stays,
    /// The message. The heap is empty.
    Gone(Message),
}

impl Heap {
    /// Makes a message of `value` at the end of the isolate: the heap is empty afterwards. If the value cannot be sent, the
    /// heap is as before, and the isolate may go on.
    pub fn hand_over(&mut self, value: Value) -> Result<Message, Box<Unsendable>> {
        let Some(mut leaving) = self.start_leaving(value, COPY_RATHER_BYTES) else {
            return self.copy_message(value);
        };
        loop {
            match self.leave_by(&mut leaving, None) {
                Left::Going => {}
                Left::Stays => return self.copy_message(value),
                Left::Gone(message) => return Ok(message),
            }
        }
    }

    /// The same for [`Heap::leave_slice`]; `None` if it is so little that [`Heap::hand_over`] takes no time.
    pub fn leave(&mut self, value: Value) -> Option<Leaving> {
        let is_stressed = self.is_stressed();
        self.start_leaving(
            value,
            match is_stressed {
                true => COPY_RATHER_BYTES,
                false => AT_ONCE_BYTES,
            },
        )
    }

    /// Goes on with it.
    pub fn leave_slice(&mut self, leaving: &mut Leaving) -> Left {
        let steps = match self.is_stressed() {
            true => STRESS_SLICE_STEPS,
            false => SLICE_STEPS,
        };
        self.leave_by(leaving, Some(steps))
    }

    fn start_leaving(&mut self, value: Value, more_than_bytes: usize) -> Option<Leaving> {
        let object = ObjRef::of(value)?;
        if is_frozen(value) || self.held_bytes() <= more_than_bytes {
            return None;
        }
        // SAFETY: the value refers to a live object.
        if unsafe { self.is_whole_handle(object) } {
            return None;
        }
        self.abandon_premark();
        Some(Leaving {
            roots: vec![value],
            stage: match self.clear_all_marks() {
                None => Stage::Survey(Survey::of(object)),
                Some(clearing) => Stage::Clear(object, clearing),
            },
        })
    }

    /// A slice of so many steps, or all of it.
    fn leave_by(&mut self, leaving: &mut Leaving, steps: Option<usize>) -> Left {
        let mut budget = steps.map_or(Budget::UNLIMITED, Budget::of);
        match &mut leaving.stage {
            Stage::Clear(object, clearing) => {
                if self.go_on_clearing(clearing, &mut budget) {
                    leaving.stage = Stage::Survey(Survey::of(*object));
                }
                Left::Going
            }
            Stage::Survey(survey) => {
                let rules = Rules {
                    layouts: &self.layouts,
                    between_groups: false,
                };
                if !survey.run(rules, &mut budget) {
                    return Left::Going;
                }
                if survey.refused || survey.bytes <= COPY_RATHER_BYTES {
                    leaving.stage = Stage::Stays;
                    return Left::Stays;
                }
                self.handles.put(Vec::new());
                self.begin_collection_of_the_rest();
                leaving.stage = Stage::Collection;
                Left::Going
            }
            Stage::Stays => Left::Stays,
            Stage::Collection => {
                let done = match steps {
                    Some(steps) => self.collect_steps(steps, &mut leaving.roots),
                    None => {
                        self.collect(Extent::Full, &mut leaving.roots);
                        true
                    }
                };
                match leaving.roots.first() {
                    Some(&root) if done => Left::Gone(self.take_blocks(root)),
                    _ => Left::Going,
                }
            }
        }
    }

    /// Whatever was wanted before is not: the roots are others now.
    fn begin_collection_of_the_rest(&mut self) {
        self.abandon_slices();
        self.sweep_at_once();
        self.want(Extent::Full);
    }

    /// All that is left is the message.
    fn take_blocks(&mut self, root: Value) -> Message {
        self.release_spare();
        self.finish_sweep();
        let mut old = self.old.take();
        let handles = self.old_handles.take();
        let regions = self.regions.take().map(|regions| regions.into_regions());
        Message::Graph(Box::new(Graph {
            root,
            blocks: Chain::of(old.blocks.take()),
            large: Chain::of(old.large.take()),
            handles,
            external_bytes: std::mem::take(&mut self.external_bytes),
            regions: regions.unwrap_or_default(),
            old: true,
        }))
    }
}

/// What hangs on a value: a walk over all of it, and one back that takes the marks away.
struct Survey {
    found: Vec<ObjRef>,
    /// The next to be looked at.
    index: usize,
    /// Something of it cannot be sent.
    refused: bool,
    /// Bytes of the objects.
    bytes: usize,
}

impl Survey {
    fn of(object: ObjRef) -> Survey {
        // SAFETY: a live object that is not frozen; marks are clear between collections, and cleared again by `run`.
        unsafe { mark(object) };
        Survey {
            found: vec![object],
            index: 0,
            refused: false,
            bytes: 0,
        }
    }

    /// Whether it is over.
    fn run(&mut self, rules: Rules<'_>, budget: &mut Budget) -> bool {
        while !self.refused
            && let Some(&object) = self.found.get(self.index)
        {
            self.index += 1;
            // SAFETY: reachable from a value of the sender, where nothing moves or is freed before this is over.
            let words = unsafe { self.look_at(object, rules) };
            if budget.spend(1 + words / 16) {
                return false;
            }
        }
        while let Some(object) = self.found.pop() {
            // SAFETY: as above.
            unsafe { unmark(object) };
            if budget.spend(1) {
                // Nothing more is to be looked at.
                self.index = usize::MAX;
                return self.found.is_empty();
            }
        }
        true
    }

    /// Notes what an object refers to; its words.
    ///
    /// # Safety
    /// A live object of the sender.
    unsafe fn look_at(&mut self, object: ObjRef, rules: Rules<'_>) -> usize {
        // SAFETY: the caller's.
        unsafe {
            let header = object.header();
            let layout = rules.layouts.get(header.class());
            if rules.refuse(object, header, layout) {
                self.refused = true;
                return 0;
            }
            let words = object_words(object, header, layout);
            self.bytes += words * 8;
            for_each_reference(object, rules, |_, target| {
                if !is_frozen(target.value()) && mark(target) {
                    self.found.push(target);
                }
            });
            words
        }
    }
}
