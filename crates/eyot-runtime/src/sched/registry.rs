//! Where tasks live. Records are never freed, only reused: an [`IsolateId`] can be looked up from any thread at any time without
//! counting references, and finds either its task's record or one of another generation.

use std::cell::UnsafeCell;
use std::time::Duration;

use super::state::State;
use super::timer::TimerId;
use super::worker::{Outcome, Scheduler, Slice};
use crate::port::{IsolateId, Mailbox};
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Mutex, Ordering, lock};

/// The interrupt bit that says that an urgent message waits. The other bits are the tasks' own.
pub const URGENT: u32 = 1;

/// In a record's home word: the number of a worker, from 1 on.
const HOME: usize = 0xff;
/// The same: the task stays there.
const PINNED: u32 = 0x100;

/// What a worker runs. The isolate implements it.
pub trait Task: Send {
    /// What is sent to it.
    type Message: Send;

    /// What it is until it runs first.
    type Seed: Send;

    /// It is about to run first, on this thread.
    fn begin(seed: Box<Self::Seed>, id: IsolateId) -> Box<Self>;

    /// Runs until there is nothing to do, the slice is over, or the end. Takes messages with [`Slice::receive`].
    fn run(&mut self, slice: &mut Slice<'_, Self>) -> Outcome
    where
        Self: Sized;

    /// What it is sent when a timer of its own comes due.
    fn timer_message(timer: TimerId) -> Self::Message;

    /// A worker goes to rest, perhaps for a very short time only. Called before it parks, and if that is not brief again after the time it
    /// gives back, if any: for what threads keep between tasks.
    fn before_rest(_briefly: bool) -> Option<Duration> {
        None
    }

    /// A worker has nothing to run. Does something useful that takes no longer than a task may wait, if there is anything to do; whether
    /// there was. The worker then looks for tasks, and asks again if there are none.
    fn pass_time() -> bool {
        false
    }

    /// A message that its task will never take, because that has ended.
    fn undelivered(_scheduler: &Scheduler<Self>, _to: IsolateId, _message: Self::Message)
    where
        Self: Sized,
    {
    }

    /// A task has ended, is out of everybody's reach, and has not panicked: its parts may serve the next ones on this worker.
    fn recycle(task: Box<Self>) {
        drop(task);
    }

    /// `run` panicked: a mistake of ours. Last words (who must be told that this task ended); it is not run again.
    fn crashed(&mut self, slice: &mut Slice<'_, Self>, message: &str)
    where
        Self: Sized;
}

/// A message and the generation it is meant for. A sender may find a task alive, and push only after the task has ended and its
/// place was given to another: the next task drops what is not for it.
#[derive(Debug)]
pub(super) struct Addressed<M> {
    pub(super) generation: u32,
    pub(super) message: M,
}

/// A task's place.
#[derive(Debug)]
pub struct Record<T: Task> {
    pub(super) state: State,
    /// Requests from others that a running task polls: bits are the task's business.
    interrupts: AtomicU32,
    /// A word of the task that others may read, its name for instance.
    tag: AtomicU64,
    /// The worker that runs the task and no other does, if there is one.
    home: AtomicU32,
    pub(super) mailbox: Mailbox<Addressed<T::Message>>,
    /// Messages that a task takes before all others, also when it is in the middle of something.
    pub(super) urgent: Mailbox<Addressed<T::Message>>,
    /// The task; touched only by the worker that has the record in Running, by its claimer before it is queued, and at the end.
    pub(super) task: UnsafeCell<Option<New<T>>>,
}

/// A task, from the time that it is new.
#[derive(Debug)]
pub enum New<T: Task> {
    /// One that has not run: it begins where it runs first.
    Seed(Box<T::Seed>),
    /// One that has begun.
    Task(Box<T>),
}

/// The task of a place, which begins now if it has not run; nobody is there if that panics.
#[inline]
pub(super) fn begun<T: Task>(place: &mut Option<New<T>>, id: IsolateId) -> Option<&mut T> {
    if let Some(New::Seed(seed)) = place.take_if(|new| matches!(new, New::Seed(_))) {
        *place = Some(New::Task(T::begin(seed, id)));
    }
    match place {
        Some(New::Task(task)) => Some(task),
        _ => None,
    }
}

// SAFETY: the state machine gives the task to one thread at a time (Running, or claimed and not yet queued), with sequentially
// consistent transitions in between; the rest is atomic.
unsafe impl<T: Task> Sync for Record<T> {}
// SAFETY: tasks and messages are Send.
unsafe impl<T: Task> Send for Record<T> {}

impl<T: Task> Record<T> {
    /// That of a place that no task has.
    fn free(generation: u32) -> Record<T> {
        Record {
            state: State::new(generation),
            interrupts: AtomicU32::new(0),
            tag: AtomicU64::new(0),
            home: AtomicU32::new(0),
            mailbox: Mailbox::closed(),
            urgent: Mailbox::closed(),
            task: UnsafeCell::new(None),
        }
    }

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

    /// The worker that alone may run the task.
    pub(super) fn home(&self) -> Option<usize> {
        (self.home.load(Ordering::Acquire) as usize & HOME).checked_sub(1)
    }

    /// Only this worker runs the task from its next slice on: until [`Record::set_free`], or for good if it is pinned.
    pub fn set_home(&self, worker: usize, pinned: bool) {
        let was_pinned = self.home.load(Ordering::Relaxed) & PINNED;
        let pinned = if pinned { PINNED } else { was_pinned };
        self.home
            .store((worker as u32 + 1) | pinned, Ordering::Release);
    }

    /// Any worker may run the task again, unless it is pinned.
    pub fn set_free(&self) {
        if self.home.load(Ordering::Relaxed) & PINNED == 0 {
            self.home.store(0, Ordering::Release);
        }
    }

    /// The worker that the task is pinned to.
    pub fn pinned_to(&self) -> Option<usize> {
        let home = self.home.load(Ordering::Acquire);
        (home & PINNED != 0).then(|| (home as usize & HOME) - 1)
    }

    /// The interrupt word, for whoever polls it often.
    pub fn interrupt_word(&self) -> &AtomicU32 {
        &self.interrupts
    }

    /// How many messages waited when the task looked last.
    pub fn behind(&self) -> usize {
        self.mailbox.behind()
    }

    /// How many messages wait, counted up to a bound.
    ///
    /// # Safety
    ///
    /// Only for whoever runs the task.
    pub unsafe fn waiting(&self, at_most: usize) -> usize {
        // SAFETY: who runs the task is the mailbox's consumer.
        unsafe { self.mailbox.waiting(at_most) }
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

/// All records. It has its lines of memory to itself: everybody reads the index.
#[repr(align(128))]
pub struct Registry<T: Task> {
    records: boxcar::Vec<Record<T>>,
    /// The generation of places that nobody has had.
    first_generation: u32,
    free: Mutex<Vec<u32>>,
    /// How many those are, for who would otherwise take the lock in vain.
    free_count: AtomicUsize,
}

/// Free places that a worker has for itself. It takes them from all workers' list, and gives them back, many at a time: tasks come and
/// go without a lock.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<u32>);

/// Places that change hands at a time; a worker has at most twice as many.
const PLACES: usize = if cfg!(eyot_loom) { 1 } else { 32 };

impl<T: Task> Default for Registry<T> {
    fn default() -> Self {
        Registry {
            records: boxcar::Vec::new(),
            first_generation: first_generation(),
            free: Mutex::new(Vec::new()),
            free_count: AtomicUsize::new(0),
        }
    }
}

/// Far from that of every other registry of the process: ids serve in tables that all of them share, and an id that gets to another
/// scheduler names nobody there.
fn first_generation() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT
        .fetch_add(1, Ordering::Relaxed)
        .wrapping_mul(0x9e37_79b9)
}

impl<T: Task> Registry<T> {
    /// A place for a new task, in state Queued with its mailbox open; the caller puts the task in and queues it. Who is no worker has
    /// no places of its own.
    pub(super) fn claim(&self, own: Option<&mut Places>) -> IsolateId {
        let slot = match own {
            Some(places) => match places.0.pop() {
                Some(slot) => slot,
                None => self.find_places(PLACES, places),
            },
            None => self.find_places(1, &mut Places::default()),
        };
        let record = self.at(slot);
        // SAFETY: the place is off the free list: this thread is its consumer until the task runs, and it was closed when it became free.
        unsafe {
            record.mailbox.reopen();
            record.urgent.reopen();
        }
        record.interrupts.store(0, Ordering::Relaxed);
        record.home.store(0, Ordering::Relaxed);
        IsolateId {
            slot,
            generation: record.state.claim(),
        }
    }

    /// A free place, and up to `count` less one for the caller to keep.
    #[cold]
    fn find_places(&self, count: usize, places: &mut Places) -> u32 {
        self.take_free(count, places)
            .unwrap_or_else(|| self.add_places(count, places))
    }

    /// The same with new ones. The index of the places is read with each message: workers had to wait for each other if it changed with each
    /// task.
    fn add_places(&self, count: usize, places: &mut Places) -> u32 {
        let first = self.records.push(Record::free(self.first_generation));
        let more = (1..count).map(|_| self.records.push(Record::free(self.first_generation)));
        let place = |index| u32::try_from(index).expect("fewer than 2^32 isolates at once");
        places.0.extend(more.map(place));
        places.0.reverse();
        place(first)
    }

    /// Takes up to `count` free places: one for the caller, the others to keep.
    fn take_free(&self, count: usize, places: &mut Places) -> Option<u32> {
        if self.free_count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut free = lock(&self.free);
        let rest = free.len().saturating_sub(count);
        places.0.extend(free.drain(rest..));
        self.free_count.store(rest, Ordering::Relaxed);
        places.0.pop()
    }

    /// Gives a place back after its task has ended (state Free, mailbox closed).
    pub(super) fn release(&self, slot: u32, own: &mut Places) {
        own.0.push(slot);
        if own.0.len() > 2 * PLACES {
            let mut free = lock(&self.free);
            free.extend(own.0.drain(..PLACES));
            self.free_count.store(free.len(), Ordering::Relaxed);
        }
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

    /// Number of tasks alive. Looks at every place.
    pub fn alive(&self) -> usize {
        self.ids().len()
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

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use crate::sched::state::{Rest, Wake};
    use loom::sync::Arc;
    use loom::thread;

    struct Nothing;

    impl Task for Nothing {
        type Message = u32;
        type Seed = Nothing;
        fn begin(seed: Box<Nothing>, _: IsolateId) -> Box<Nothing> {
            seed
        }
        fn run(&mut self, _: &mut Slice<'_, Self>) -> Outcome {
            Outcome::Idle
        }
        fn timer_message(_: TimerId) -> u32 {
            0
        }
        fn crashed(&mut self, _: &mut Slice<'_, Self>, _: &str) {}
    }

    fn push(mailbox: &Mailbox<Addressed<u32>>, to: IsolateId, message: u32) -> bool {
        let generation = to.generation;
        let addressed = Addressed {
            generation,
            message,
        };
        mailbox.push(addressed).is_ok()
    }

    /// What a worker does with a task that takes everything and ends when it is told so by an urgent message (a kill).
    fn drain(record: &Record<Nothing>, id: IsolateId) -> (Vec<u32>, bool) {
        let mut got = Vec::new();
        let mut killed = false;
        if record.interrupts() & URGENT != 0 {
            record.take_interrupts();
            // SAFETY: the caller runs the task.
            killed = unsafe { record.urgent.pop() }.is_some();
        }
        // SAFETY: as above.
        while let Some(addressed) = unsafe { record.mailbox.pop() } {
            if addressed.generation == id.generation {
                got.push(addressed.message);
            }
        }
        (got, killed)
    }

    /// A kill reaches a task that is just going idle.
    #[test]
    fn no_kill_is_lost() {
        loom::model(|| {
            let registry = Arc::new(Registry::<Nothing>::default());
            let id = registry.claim(None);
            registry.at(id.slot).state.start();
            let killer = {
                let registry = registry.clone();
                thread::spawn(move || {
                    let record = registry.at(id.slot);
                    push(&record.urgent, id, 1);
                    record.interrupt(URGENT);
                    record.state.wake(id.generation) == Wake::Enqueue
                })
            };
            let record = registry.at(id.slot);
            let mut killed = drain(record, id).1;
            if !killed && record.state.rest() == Rest::Enqueue {
                record.state.start();
                killed = drain(record, id).1;
            }
            if killer.join().unwrap() {
                assert!(!killed);
                record.state.start();
                killed = drain(record, id).1;
            }
            assert!(killed);
        });
    }

    /// A message for a task that ends meanwhile is given back or dropped; the next task at the place never sees it.
    #[test]
    fn nothing_reaches_the_next_generation() {
        loom::model(|| {
            let registry = Arc::new(Registry::<Nothing>::default());
            let mut places = Places::default();
            let first = registry.claim(Some(&mut places));
            registry.at(first.slot).state.start();
            let sender = {
                let registry = registry.clone();
                thread::spawn(move || {
                    if let Some(record) = registry.get(first)
                        && push(&record.mailbox, first, 7)
                    {
                        return record.state.wake(first.generation) == Wake::Enqueue;
                    }
                    false
                })
            };
            let record = registry.at(first.slot);
            record.state.end();
            // SAFETY: this thread ran the task.
            drop(unsafe { [record.mailbox.close(), record.urgent.close()] });
            registry.release(first.slot, &mut places);
            let second = registry.claim(Some(&mut places));
            assert_eq!(second.slot, first.slot);
            record.state.start();
            let (got, _) = drain(record, second);
            assert!(got.is_empty());
            assert_eq!(record.state.rest(), Rest::Idle);
            assert!(!sender.join().unwrap());
            record.state.start();
            assert!(drain(record, second).0.is_empty());
        });
    }
}
