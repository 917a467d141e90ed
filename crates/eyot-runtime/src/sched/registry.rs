//! Where tasks live. Records are never freed, only reused: an [`IsolateId`] can be looked up from any thread at any time without
//! counting references, and finds either its task's record or one of another generation.

use std::cell::UnsafeCell;

use super::state::State;
use super::timer::TimerId;
use super::worker::{Outcome, Slice};
use crate::port::{IsolateId, Mailbox};
use crate::sync::{AtomicU32, AtomicU64, Mutex, Ordering, lock};

/// The interrupt bit that says that an urgent message waits. The other bits are the tasks' own.
pub const URGENT: u32 = 1;

/// What a worker runs. The isolate implements it.
pub trait Task: Send {
    /// What is sent to it.
    type Message: Send;

    /// Runs until there is nothing to do, the slice is over, or the end. Takes messages with [`Slice::receive`].
    fn run(&mut self, slice: &mut Slice<'_, Self>) -> Outcome
    where
        Self: Sized;

    /// What it is sent when a timer of its own comes due.
    fn timer_message(timer: TimerId) -> Self::Message;

    /// `run` panicked: a mistake of ours. Last words (who must be told that this task ended); it is not run again.
    fn crashed(&mut self, slice: &mut Slice<'_, Self>, message: &str)
    where
        Self: Sized;
}

/// A task's place.
#[derive(Debug)]
pub struct Record<T: Task> {
    pub(super) state: State,
    /// Requests from others that a running task polls: bits are the task's business.
    interrupts: AtomicU32,
    /// A word of the task that others may read, its name for instance.
    tag: AtomicU64,
    pub(super) mailbox: Mailbox<T::Message>,
    /// Messages that a task takes before all others, also when it is in the middle of something.
    pub(super) urgent: Mailbox<T::Message>,
    /// The task; touched only by the worker that has the record in Running, by its claimer before it is queued, and at the end.
    pub(super) task: UnsafeCell<Option<Box<T>>>,
}

// SAFETY: the state machine gives the task to one thread at a time (Running, or claimed and not yet queued), with sequentially
// consistent transitions in between; the rest is atomic.
unsafe impl<T: Task> Sync for Record<T> {}
// SAFETY: tasks and messages are Send.
unsafe impl<T: Task> Send for Record<T> {}

impl<T: Task> Record<T> {
    /// Sets bits of the interrupt word; the task sees them at its next poll.
    pub fn interrupt(&self, bits: u32) {
        self.interrupts.fetch_or(bits, Ordering::Release);
    }

    /// Sets the word that others may read.
    pub fn set_tag(&self, tag: u64) {
        self.tag.store(tag, Ordering::Release);
    }

    /// The word that the task set.
    pub fn tag(&self) -> u64 {
        self.tag.load(Ordering::Acquire)
    }

    /// The interrupt word, for whoever polls it often.
    pub fn interrupt_word(&self) -> &AtomicU32 {
        &self.interrupts
    }

    /// About how many messages wait.
    pub fn waiting(&self) -> usize {
        self.mailbox.len()
    }

    /// The interrupt bits now.
    pub fn interrupts(&self) -> u32 {
        self.interrupts.load(Ordering::Acquire)
    }

    /// Takes the interrupt bits and clears them.
    pub fn take_interrupts(&self) -> u32 {
        self.interrupts.swap(0, Ordering::AcqRel)
    }
}

/// All records.
pub struct Registry<T: Task> {
    records: boxcar::Vec<Record<T>>,
    free: Mutex<Vec<u32>>,
    alive: AtomicU32,
}

impl<T: Task> Default for Registry<T> {
    fn default() -> Self {
        Registry {
            records: boxcar::Vec::new(),
            free: Mutex::new(Vec::new()),
            alive: AtomicU32::new(0),
        }
    }
}

impl<T: Task> Registry<T> {
    /// A place for a new task, in state Queued with its mailbox open; the caller puts the task in and queues it.
    pub(super) fn claim(&self) -> IsolateId {
        let reused = lock(&self.free).pop();
        let slot = match reused {
            Some(slot) => slot,
            None => {
                let number = self.records.push(Record {
                    state: State::new(),
                    interrupts: AtomicU32::new(0),
                    tag: AtomicU64::new(0),
                    mailbox: Mailbox::new(),
                    urgent: Mailbox::new(),
                    task: UnsafeCell::new(None),
                });
                u32::try_from(number).expect("fewer than 2^32 isolates at once")
            }
        };
        let record = self.at(slot);
        if reused.is_some() {
            // SAFETY: the place is off the free list: this thread is its consumer until the task runs, and it was closed at release.
            unsafe {
                record.mailbox.reopen();
                record.urgent.reopen();
            }
        }
        record.interrupts.store(0, Ordering::Relaxed);
        self.alive.fetch_add(1, Ordering::Relaxed);
        IsolateId {
            slot,
            generation: record.state.claim(),
        }
    }

    /// Gives a place back after its task has ended (state Free, mailbox closed).
    pub(super) fn release(&self, slot: u32) {
        self.alive.fetch_sub(1, Ordering::AcqRel);
        lock(&self.free).push(slot);
    }

    /// The record at a slot that was given out.
    pub(super) fn at(&self, slot: u32) -> &Record<T> {
        &self.records[slot as usize]
    }

    /// The record of a task that is alive.
    pub fn get(&self, id: IsolateId) -> Option<&Record<T>> {
        let record = self.records.get(id.slot as usize)?;
        record.state.is_alive(id.generation).then_some(record)
    }

    /// Number of tasks alive.
    pub fn alive(&self) -> u32 {
        self.alive.load(Ordering::Acquire)
    }

    /// The ids of the tasks alive now.
    pub fn ids(&self) -> Vec<IsolateId> {
        self.records
            .iter()
            .map(|(slot, record)| IsolateId {
                slot: slot as u32,
                generation: record.state.generation(),
            })
            .filter(|id| self.get(*id).is_some())
            .collect()
    }
}
