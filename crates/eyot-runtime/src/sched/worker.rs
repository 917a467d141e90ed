//! Workers: the queues, the loop, and who runs next.
//!
//! A worker's own queues are touched by its thread, and by thieves through the deques' stealers; everything else reaches a worker
//! through its `injected` queue. What must hold: a task in state Queued is in exactly one queue (or in the hands of a worker), and if
//! any queue has a task, not all workers are parked (see [`super::sleepers`]).

mod find;
mod relief;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

use crossbeam_deque::{Stealer, Worker as Deque};

use super::blocking::BlockingPool;
use super::registry::{Addressed, New, Places, Record, Registry, Task, URGENT, begun};
use super::sleepers::Sleepers;
use super::state::{Rest, Wake};
use super::timer::{Due, TimerId, Timers};
use crate::port::{Closed, IsolateId, Mailbox};
use crate::sync::{AtomicU64, AtomicUsize, Mutex, Ordering, lock};
use find::{has_work, is_plenty, next, park, search};
use relief::{Relief, end_hold_up};
pub use relief::{after_steps, in_long_step};

/// So many tasks in a row run because they were handed over; then what was woken before has its turn. Two tasks that wake each other
/// would otherwise keep a worker for ever.
const HANDED_OVER_MAX: u32 = 64;

/// What was woken runs for such a part of a slice before it counts as expired: with many that turn out to compute, the last of them
/// begins so much sooner.
const WOKEN_SHARE: u32 = 4;

/// What a worker stole and did in less time than this was too little to be worth the disturbance: it does not steal again before it has
/// watched, unless there is plenty. Tasks of a microsecond that wake each other are done sooner by one worker than by two that pull at
/// them.
const STEAL_PAYS: Duration = Duration::from_micros(30);

/// A task polls the clock after so and so many steps, which it may have had in common with those that ran before it. If there were no more
/// than these, they were not short.
const FEW_RUNS: u32 = 8;

/// How a run of a task stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to do until it is sent something.
    Idle,
    /// The slice is over (see [`Slice::is_over`]); it has more to do.
    Expired,
    /// It is at an end; its place is given back.
    Ended,
}

/// Settings.
#[derive(Clone, Debug)]
pub struct SchedulerConfig {
    /// Number of workers, at most 64.
    pub workers: usize,
    /// Longest time a task runs while others wait.
    pub slice: Duration,
}

impl Default for SchedulerConfig {
    /// A worker per core. Slices are short: with a hundred spinning tasks a worker, the last of them starts after thirty milliseconds.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        SchedulerConfig {
            workers: cores.min(64),
            slice: Duration::from_micros(300),
        }
    }
}

/// Queues and timers of a worker, as others see them.
struct Public {
    injected: Mutex<VecDeque<u32>>,
    injected_len: AtomicUsize,
    /// Tasks that only this worker may run.
    pinned: Mutex<VecDeque<u32>>,
    pinned_len: AtomicUsize,
    woken: Stealer<u32>,
    expired: Stealer<u32>,
    timers: Mutex<Timers>,
    /// Earliest deadline in nanoseconds since the scheduler's start; u64::MAX if there is none.
    next_deadline: AtomicU64,
    /// Set once the thread runs.
    thread: Mutex<Option<Thread>>,
    /// Its task is in a long step.
    is_held_up: AtomicBool,
}

impl Public {
    /// Whether others have given this worker something to run.
    fn has_own(&self) -> bool {
        self.injected_len.load(Ordering::SeqCst) > 0 || self.pinned_len.load(Ordering::SeqCst) > 0
    }
}

/// What all workers share.
pub(super) struct Shared<T: Task> {
    registry: Registry<T>,
    workers: Vec<Public>,
    sleepers: Sleepers,
    blocking: Arc<BlockingPool>,
    stop: AtomicBool,
    /// A worker is sending what timers are due.
    firing: AtomicBool,
    /// How many workers are held up (see [`relief`]).
    held_up: AtomicUsize,
    start: Instant,
    slice: Duration,
}

/// Queues of a worker that only its thread touches.
struct Local {
    index: usize,
    /// Address of the scheduler's shared part: a thread may drive at most one worker, but may use other schedulers.
    scheduler: usize,
    handed_over: Cell<Option<u32>>,
    /// Tasks run one after the other because they were handed over.
    handed_over_chain: Cell<u32>,
    running: Cell<bool>,
    /// The running task runs for the first time.
    is_first: Cell<bool>,
    /// Runs since one polled the clock.
    runs: Cell<u32>,
    /// It counts as one that searches.
    searching: Cell<bool>,
    /// How often it has watched since it found something.
    watches: Cell<u32>,
    /// When it stole last, if it has found work ever since.
    stolen: Cell<Option<Instant>>,
    woken: Deque<u32>,
    expired: Deque<u32>,
    /// For the next tasks that are made here.
    places: RefCell<Places>,
    /// Nanoseconds woken and expired tasks have had since expired ones wait.
    woken_ns: Cell<u64>,
    expired_ns: Cell<u64>,
    /// The last task before this one that had a choice was one that no other worker may run.
    was_pinned: Cell<bool>,
    /// The task that runs has said that it is in a long step.
    is_held_up: Cell<bool>,
    /// The last task was one of a worker that is held up.
    relieved: Cell<bool>,
    relief: Arc<dyn Relief>,
}

thread_local! {
    /// The worker this thread drives.
    static LOCAL: Cell<*const Local> = const { Cell::new(std::ptr::null()) };
}

impl Local {
    /// Whether what the running task wakes runs next. It waits if that is one of many new tasks: who made them gets their answers together
    /// then, and not each by a run of its own.
    #[inline]
    fn hands_over(&self) -> bool {
        let is_burst = self.is_first.get() && !self.woken.is_empty();
        self.running.get() && self.handed_over.get().is_none() && !is_burst
    }

    /// Whether what it stole last is done already. Asked when it has run out of work.
    fn stole_little(&self) -> bool {
        let stolen = self.stolen.take();
        stolen.is_some_and(|at| at.elapsed() < STEAL_PAYS)
    }
}

/// Runs `use_it` with this thread's worker if it is one of the scheduler at `address`.
fn with_local<R>(address: usize, use_it: impl FnOnce(&Local) -> R) -> Option<R> {
    let local = LOCAL.get();
    if local.is_null() {
        return None;
    }
    // SAFETY: the pointer is set by `work` for the time its Local lives on that same thread, and cleared before it ends.
    let local = unsafe { &*local };
    (local.scheduler == address).then(|| use_it(local))
}

/// A pool of workers and the tasks on it. Clones share it.
pub struct Scheduler<T: Task> {
    shared: Arc<Shared<T>>,
}

impl<T: Task> Clone for Scheduler<T> {
    fn clone(&self) -> Self {
        Scheduler {
            shared: self.shared.clone(),
        }
    }
}

/// The threads of a scheduler; joins them when asked.
pub struct Threads {
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Waits for the workers to end, which they do after [`Scheduler::stop`].
    pub fn join(self) {
        for handle in self.handles {
            // A worker catches the panics of its tasks; one of its own ends only that worker.
            let _ = handle.join();
        }
    }
}

impl<T: Task + 'static> Scheduler<T> {
    /// Starts the workers.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub fn start(config: &SchedulerConfig) -> std::io::Result<(Scheduler<T>, Threads)> {
        let count = config.workers.clamp(1, 64);
        let queues: Vec<(Deque<u32>, Deque<u32>)> = (0..count)
            .map(|_| (Deque::new_fifo(), Deque::new_fifo()))
            .collect();
        let workers = queues
            .iter()
            .map(|(woken, expired)| Public {
                injected: Mutex::new(VecDeque::new()),
                injected_len: AtomicUsize::new(0),
                pinned: Mutex::new(VecDeque::new()),
                pinned_len: AtomicUsize::new(0),
                woken: woken.stealer(),
                expired: expired.stealer(),
                timers: Mutex::new(Timers::default()),
                next_deadline: AtomicU64::new(u64::MAX),
                thread: Mutex::new(None),
                is_held_up: AtomicBool::new(false),
            })
            .collect();
        let shared = Arc::new(Shared {
            registry: Registry::default(),
            workers,
            sleepers: Sleepers::new(),
            blocking: Arc::new(BlockingPool::default()),
            stop: AtomicBool::new(false),
            firing: AtomicBool::new(false),
            held_up: AtomicUsize::new(0),
            start: Instant::now(),
            slice: config.slice,
        });
        let mut handles = Vec::new();
        for (index, (woken, expired)) in queues.into_iter().enumerate() {
            let worker = shared.clone();
            let spawned = std::thread::Builder::new()
                .name(format!("eyot-worker-{index}"))
                .spawn(move || work(&worker, index, woken, expired));
            match spawned {
                Ok(handle) => handles.push(handle),
                Err(error) => {
                    Scheduler { shared }.stop();
                    Threads { handles }.join();
                    return Err(error);
                }
            }
        }
        Ok((Scheduler { shared }, Threads { handles }))
    }
}

impl<T: Task> Scheduler<T> {
    /// Makes a task and queues it. `make` gets its id, and is told whether this thread is the worker that runs the task, right after the
    /// one that it is running.
    pub fn spawn(&self, make: impl FnOnce(IsolateId, bool) -> New<T>) -> IsolateId {
        self.shared.spawn(make)
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// The message itself, if the task has ended.
    pub fn send(&self, to: IsolateId, message: T::Message) -> Result<(), Closed<T::Message>> {
        self.shared.send(to, message).map(|_| ())
    }

    /// The same; tells how many messages waited when the task looked last.
    ///
    /// # Errors
    ///
    /// The message itself, if the task has ended.
    pub fn send_and_see(
        &self,
        to: IsolateId,
        message: T::Message,
    ) -> Result<usize, Closed<T::Message>> {
        self.shared.send(to, message)
    }

    /// Sends a message that is taken before all ordinary ones ([`Slice::receive_urgent`]), and interrupts the task for it.
    ///
    /// # Errors
    ///
    /// The message itself, if the task has ended.
    pub fn send_urgent(
        &self,
        to: IsolateId,
        message: T::Message,
    ) -> Result<(), Closed<T::Message>> {
        self.shared.send_urgent(to, message)
    }

    /// Sets interrupt bits of a task and wakes it, so that it looks; whether it is alive.
    pub fn interrupt(&self, to: IsolateId, bits: u32) -> bool {
        self.shared.interrupt(to, bits)
    }

    /// Sets interrupt bits of a task and wakes it, behind all others that wait on this worker: for what is in no hurry.
    pub fn nudge(&self, to: IsolateId, bits: u32) {
        self.shared.nudge(to, bits);
    }

    /// Sets a timer: at the deadline `task` gets [`Task::timer_message`], as an urgent message if so wished.
    pub fn set_timer(&self, task: IsolateId, deadline: Instant, is_urgent: bool) -> TimerId {
        let index = with_local(self.shared.address(), |local| local.index);
        self.shared
            .set_timer(index.unwrap_or_default(), deadline, task, is_urgent)
    }

    /// Cancels a timer; whether it was still set. (Its message may be on the way already.)
    pub fn cancel_timer(&self, id: TimerId) -> bool {
        self.shared.cancel_timer(id)
    }

    /// Runs a job that may block on a thread of its own; false if the system gives no thread.
    pub fn spawn_blocking(&self, job: impl FnOnce() + Send + 'static) -> bool {
        self.shared.blocking.spawn(Box::new(job))
    }

    /// Wakes a worker if one is parked: there is something for [`Task::pass_time`].
    pub fn wake_idle(&self) {
        if let Some(index) = self.shared.sleepers.take() {
            self.shared.unpark(index);
        }
    }

    /// Tells the workers to end: each finishes at most the slice it is in. Tasks stay where they are until the last
    /// clone of the scheduler is dropped.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for worker in &self.shared.workers {
            if let Some(thread) = &*lock(&worker.thread) {
                thread.unpark();
            }
        }
    }

    /// The tasks.
    pub fn registry(&self) -> &Registry<T> {
        &self.shared.registry
    }

    /// Number of workers.
    pub fn workers(&self) -> usize {
        self.shared.workers.len()
    }

    /// The worker that this thread drives, if it is one of this scheduler's.
    pub fn worker(&self) -> Option<usize> {
        with_local(self.shared.address(), |local| local.index)
    }
}

impl<T: Task> Shared<T> {
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    #[inline]
    fn spawn(&self, make: impl FnOnce(IsolateId, bool) -> New<T>) -> IsolateId {
        let (id, is_next) = with_local(self.address(), |local| {
            let id = self.registry.claim(Some(&mut local.places.borrow_mut()));
            (id, local.hands_over())
        })
        .unwrap_or_else(|| (self.registry.claim(None), false));
        let record = self.registry.at(id.slot);
        let new = make(id, is_next);
        // SAFETY: the record was just claimed and is in no queue: nobody else touches its task.
        unsafe { *record.task.get() = Some(new) };
        self.enqueue(id.slot);
        id
    }

    fn send(&self, to: IsolateId, message: T::Message) -> Result<usize, Closed<T::Message>> {
        let Some(record) = self.registry.get(to) else {
            return Err(Closed(message));
        };
        push(&record.mailbox, to, message)?;
        if record.state.wake(to.generation) == Wake::Enqueue {
            self.enqueue(to.slot);
        }
        Ok(record.behind())
    }

    fn send_urgent(&self, to: IsolateId, message: T::Message) -> Result<(), Closed<T::Message>> {
        let Some(record) = self.registry.get(to) else {
            return Err(Closed(message));
        };
        push(&record.urgent, to, message)?;
        self.interrupt(to, URGENT);
        Ok(())
    }

    fn interrupt(&self, to: IsolateId, bits: u32) -> bool {
        let Some(record) = self.registry.get(to) else {
            return false;
        };
        record.interrupt(bits);
        match record.state.wake(to.generation) {
            Wake::Enqueue => self.enqueue(to.slot),
            Wake::Nothing => {}
            Wake::Gone => return false,
        }
        true
    }

    fn nudge(&self, to: IsolateId, bits: u32) {
        let Some(record) = self.registry.get(to) else {
            return;
        };
        record.interrupt(bits);
        if record.state.wake(to.generation) == Wake::Enqueue
            && with_local(self.address(), |local| local.woken.push(to.slot)).is_none()
        {
            self.inject(to.slot);
        }
    }

    /// Queues a task that is in state Queued and in the caller's hands.
    fn enqueue(&self, slot: u32) {
        let local = with_local(self.address(), |local| {
            if local.hands_over() {
                local.handed_over.set(Some(slot));
            } else {
                local.woken.push(slot);
                self.notify_unless_watched();
            }
        });
        if local.is_none() {
            self.inject(slot);
        }
    }

    /// Queues from a thread that is no worker.
    fn inject(&self, slot: u32) {
        let index = match self.sleepers.any() {
            Some(index) => index,
            None => slot as usize % self.workers.len(),
        };
        let worker = &self.workers[index];
        let mut injected = lock(&worker.injected);
        injected.push_back(slot);
        worker.injected_len.store(injected.len(), Ordering::SeqCst);
        drop(injected);
        self.notify();
    }

    /// Gives a task in state Queued to the one worker that may run it.
    fn send_home(&self, slot: u32, home: usize) {
        let worker = &self.workers[home];
        let mut pinned = lock(&worker.pinned);
        pinned.push_back(slot);
        worker.pinned_len.store(pinned.len(), Ordering::SeqCst);
        drop(pinned);
        // Nobody else can: also if others search.
        self.unpark(home);
    }

    /// Wakes a parked worker, if there is one and nobody searches.
    fn notify(&self) {
        if let Some(index) = self.sleepers.pick() {
            self.unpark(index);
        }
    }

    /// The same for what is likely to be short: not if a worker will look before long.
    fn notify_unless_watched(&self) {
        if let Some(index) = self.sleepers.pick_unless_watched() {
            self.unpark(index);
        }
    }

    fn unpark(&self, index: usize) {
        if let Some(thread) = &*lock(&self.workers[index].thread) {
            thread.unpark();
        }
    }

    // ---- timers

    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX - 1)
    }

    fn set_timer(
        &self,
        index: usize,
        deadline: Instant,
        task: IsolateId,
        is_urgent: bool,
    ) -> TimerId {
        let worker = &self.workers[index];
        let mut timers = lock(&worker.timers);
        let id = timers.set(deadline, task, is_urgent);
        let nanos = self.nanos(deadline);
        let is_first = nanos < worker.next_deadline.load(Ordering::Relaxed);
        if is_first {
            worker.next_deadline.store(nanos, Ordering::SeqCst);
        }
        drop(timers);
        if is_first {
            // A parked worker waits for the deadlines it saw.
            self.notify();
        }
        TimerId(id.0 << 6 | index as u64)
    }

    fn cancel_timer(&self, id: TimerId) -> bool {
        let worker = &self.workers[(id.0 & 63) as usize % self.workers.len()];
        lock(&worker.timers).cancel(TimerId(id.0 >> 6))
    }

    fn earliest_deadline(&self) -> u64 {
        self.workers
            .iter()
            .map(|w| w.next_deadline.load(Ordering::SeqCst))
            .min()
            .unwrap_or(u64::MAX)
    }

    /// Sends what is due, of all workers' timers: another worker may be in the middle of a slice. A task that has moved has
    /// timers on several workers, and they must come in the order of their deadlines; so all are gathered and sorted, and only one
    /// worker at a time does it.
    fn fire_timers(&self) {
        if self.firing.swap(true, Ordering::Acquire) {
            return;
        }
        let now = Instant::now();
        let nanos = self.nanos(now);
        let mut due = Vec::new();
        for (index, worker) in self.workers.iter().enumerate() {
            if worker.next_deadline.load(Ordering::SeqCst) > nanos {
                continue;
            }
            let mut timers = lock(&worker.timers);
            while let Some(timer) = timers.pop_due(now) {
                let id = TimerId(timer.id.0 << 6 | index as u64);
                due.push(Due { id, ..timer });
            }
            let next = timers.next_deadline().map_or(u64::MAX, |at| self.nanos(at));
            worker.next_deadline.store(next, Ordering::SeqCst);
        }
        due.sort_by_key(|timer| timer.deadline);
        for timer in due {
            let message = T::timer_message(timer.id);
            // A task that has ended needs its timer no more.
            let _ = if timer.is_urgent {
                self.send_urgent(timer.task, message)
            } else {
                self.send(timer.task, message).map(|_| ())
            };
        }
        self.firing.store(false, Ordering::Release);
    }
}

/// A task's time on a worker, and its way to the world.
pub struct Slice<'a, T: Task> {
    shared: &'a Arc<Shared<T>>,
    local: &'a Local,
    record: &'a Record<T>,
    id: IsolateId,
    /// It had used up its last slice: it gives way to what is woken.
    was_expired: bool,
    /// When the slice ends; not known until the first poll, so that short runs never read the clock.
    end: Option<Instant>,
}

impl<'a, T: Task> Slice<'a, T> {
    /// The task's own id.
    pub fn id(&self) -> IsolateId {
        self.id
    }

    /// The oldest message.
    pub fn receive(&mut self) -> Option<T::Message> {
        self.pop(&self.record.mailbox)
    }

    /// The oldest urgent message.
    pub fn receive_urgent(&mut self) -> Option<T::Message> {
        self.pop(&self.record.urgent)
    }

    fn pop(&self, mailbox: &Mailbox<Addressed<T::Message>>) -> Option<T::Message> {
        loop {
            // SAFETY: the record is Running here, on this worker: this is the only consumer of its mailboxes, and state
            // transitions order one run's accesses before the next's.
            let Addressed {
                generation,
                message,
            } = unsafe { mailbox.pop() }?;
            if generation == self.id.generation {
                return Some(message);
            }
            let slot = self.id.slot;
            T::undelivered(&self.scheduler(), IsolateId { slot, generation }, message);
        }
    }

    /// The worker that runs it.
    pub fn worker(&self) -> usize {
        self.local.index
    }

    /// The task's record.
    pub fn record(&self) -> &'a Record<T> {
        self.record
    }

    /// This task's interrupt bits.
    pub fn interrupts(&self) -> u32 {
        self.record.interrupts()
    }

    /// Takes the interrupt bits.
    pub fn take_interrupts(&self) -> u32 {
        self.record.take_interrupts()
    }

    /// Whether the task should stop here: its time is up, or it has had a slice before and something was woken. Meant to be asked every
    /// ten thousand steps or so: it reads the clock.
    pub fn is_over(&mut self) -> bool {
        if self.shared.stop.load(Ordering::Relaxed) {
            return true;
        }
        let now = Instant::now();
        if self.shared.nanos(now) >= self.shared.earliest_deadline() {
            self.shared.fire_timers();
        }
        // The steps before the first poll of a run may have been those of many short ones.
        let is_long = self.end.is_some() || self.local.runs.get() <= FEW_RUNS;
        self.local.runs.set(0);
        let end = *self.end.get_or_insert(now + self.length());
        if is_long {
            release_handed_over(self.shared, self.local);
        }
        if now < end {
            return self.was_expired && self.should_give_way();
        }
        if self.somebody_waits() {
            return true;
        }
        // Nobody would run instead. From now on it gives way to whatever is woken.
        self.end = Some(now + self.shared.slice);
        self.was_expired = true;
        false
    }

    /// How long it may run while others wait. What was woken is expected to be short, and those behind it too: it has a part of a slice to
    /// show that, before it waits among those that compute.
    fn length(&self) -> Duration {
        match self.was_expired {
            true => self.shared.slice,
            false => self.shared.slice / WOKEN_SHARE,
        }
    }

    /// Whether something was woken that may run before what has expired.
    fn should_give_way(&self) -> bool {
        let public = &self.shared.workers[self.local.index];
        (self.local.handed_over.get().is_some() || !self.local.woken.is_empty() || public.has_own())
            && self.local.woken_ns.get() <= 3 * self.local.expired_ns.get()
    }

    /// Whether this worker would run another task if this one stopped here.
    fn somebody_waits(&self) -> bool {
        let local = self.local;
        let mine = local.expired.len();
        let pinned = self.shared.workers[local.index]
            .pinned_len
            .load(Ordering::Relaxed);
        if mine + pinned > 0 || local.handed_over.get().is_some() {
            return true;
        }
        let mut workers = self.shared.workers.iter().enumerate();
        workers.any(|(index, worker)| {
            !worker.woken.is_empty()
                || worker.injected_len.load(Ordering::Relaxed) > 0
                || index != local.index && worker.expired.len() > 1
        })
    }

    /// Sends a message to a task (see [`Scheduler::send`]).
    ///
    /// # Errors
    ///
    /// The message itself, if the task has ended.
    pub fn send(&self, to: IsolateId, message: T::Message) -> Result<(), Closed<T::Message>> {
        self.shared.send(to, message).map(|_| ())
    }

    /// Sets interrupt bits of a task and wakes it; whether it is alive.
    pub fn interrupt(&self, to: IsolateId, bits: u32) -> bool {
        self.shared.interrupt(to, bits)
    }

    /// Sets a timer: at the deadline this task gets [`Task::timer_message`].
    pub fn set_timer(&self, deadline: Instant) -> TimerId {
        self.shared
            .set_timer(self.local.index, deadline, self.id, false)
    }

    /// Cancels a timer; whether it was still set. (Its message may be on the way already.)
    pub fn cancel_timer(&self, id: TimerId) -> bool {
        self.shared.cancel_timer(id)
    }

    /// The scheduler, to keep.
    pub fn scheduler(&self) -> Scheduler<T> {
        Scheduler {
            shared: self.shared.clone(),
        }
    }
}

/// Puts a message for a task into one of its mailboxes.
fn push<M>(mailbox: &Mailbox<Addressed<M>>, to: IsolateId, message: M) -> Result<(), Closed<M>> {
    let addressed = Addressed {
        generation: to.generation,
        message,
    };
    mailbox
        .push(addressed)
        .map_err(|Closed(addressed)| Closed(addressed.message))
}

/// The loop of a worker.
fn work<T: Task + 'static>(
    shared: &Arc<Shared<T>>,
    index: usize,
    woken: Deque<u32>,
    expired: Deque<u32>,
) {
    let local = Local {
        index,
        scheduler: shared.address(),
        handed_over: Cell::new(None),
        handed_over_chain: Cell::new(0),
        running: Cell::new(false),
        is_first: Cell::new(false),
        runs: Cell::new(0),
        searching: Cell::new(false),
        watches: Cell::new(0),
        stolen: Cell::new(None),
        woken,
        expired,
        places: RefCell::default(),
        woken_ns: Cell::new(0),
        expired_ns: Cell::new(0),
        was_pinned: Cell::new(false),
        is_held_up: Cell::new(false),
        relieved: Cell::new(false),
        relief: shared.clone(),
    };
    *lock(&shared.workers[index].thread) = Some(std::thread::current());
    LOCAL.set(&local);
    let mut tick = 0u32;
    while !shared.stop.load(Ordering::Relaxed) {
        tick = tick.wrapping_add(1);
        if tick.is_multiple_of(32) && shared.earliest_deadline() != u64::MAX {
            shared.fire_timers();
        }
        let found = next(shared, &local).or_else(|| {
            let searches = !local.stole_little() || is_plenty(shared);
            searches.then(|| search(shared, &local)).flatten()
        });
        if local.searching.take() && shared.sleepers.end_search() && found.is_some() {
            // Nobody searches now: the next one, if there is more to be found.
            if has_work(shared, &local) {
                shared.notify();
            }
        }
        match found {
            Some((slot, was_expired)) => {
                local.watches.set(0);
                run(shared, &local, slot, was_expired);
            }
            None if T::pass_time() => {}
            None => park(shared, &local),
        }
    }
    LOCAL.set(std::ptr::null());
}

fn run<T: Task>(shared: &Arc<Shared<T>>, local: &Local, slot: u32, was_expired: bool) {
    let record = shared.registry.at(slot);
    if let Some(home) = record.home()
        && home != local.index
    {
        return shared.send_home(slot, home);
    }
    record.state.start();
    let id = IsolateId {
        slot,
        generation: record.state.generation(),
    };
    let timed = (was_expired || !local.expired.is_empty()).then(Instant::now);
    let mut slice = Slice {
        shared,
        local,
        record,
        id,
        was_expired,
        end: None,
    };
    // SAFETY: the record is Running and this worker took it off a queue: the task is this thread's until the next transition.
    let place = unsafe { &mut *record.task.get() };
    local.running.set(true);
    local.is_first.set(matches!(place, Some(New::Seed(_))));
    local.runs.set(local.runs.get().wrapping_add(1));
    let mut is_sound = true;
    let run = || {
        let task = begun(place, id);
        task.map_or(Outcome::Ended, |task| task.run(&mut slice))
    };
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        is_sound = false;
        let message = panic_message(payload.as_ref());
        if let Some(New::Task(task)) = place {
            // The task's own data may be half changed; its last words must not panic again.
            let _ = catch_unwind(AssertUnwindSafe(|| task.crashed(&mut slice, &message)));
        }
        Outcome::Ended
    });
    local.running.set(false);
    end_hold_up(shared, local);
    if let Some(started) = timed {
        let spent = if was_expired {
            &local.expired_ns
        } else {
            &local.woken_ns
        };
        spent
            .set(spent.get() + u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX / 8));
    }
    match outcome {
        Outcome::Idle => {
            if record.state.rest() == Rest::Enqueue {
                local.woken.push(slot);
            }
        }
        Outcome::Expired => {
            record.state.requeue();
            match record.home() {
                Some(home) => shared.send_home(slot, home),
                None => local.expired.push(slot),
            }
            release_handed_over(shared, local);
        }
        Outcome::Ended => end(shared, local, record, slot, is_sound),
    }
}

/// The task that ran was not short: let an idle worker have what it woke.
fn release_handed_over<T: Task>(shared: &Shared<T>, local: &Local) {
    if shared.sleepers.any().is_some() {
        if let Some(slot) = local.handed_over.take() {
            local.woken.push(slot);
        }
        // A wake-up costs two system calls here, and a search there.
        if has_work(shared, local) {
            shared.notify();
        }
    }
}

/// A task's place is free; `is_sound` says that the task has not panicked.
fn end<T: Task>(
    shared: &Arc<Shared<T>>,
    local: &Local,
    record: &Record<T>,
    slot: u32,
    is_sound: bool,
) {
    // SAFETY: still Running, on this worker.
    let left_task = unsafe { (*record.task.get()).take() };
    record.state.end();
    // SAFETY: the state is Free, but the place is not given back yet: this worker is the only consumer.
    let left = unsafe { [record.mailbox.close(), record.urgent.close()] };
    for left in left {
        if !left.is_empty() {
            tell_undelivered(shared, slot, left);
        }
    }
    if let Some(New::Task(task)) = left_task.filter(|_| is_sound) {
        T::recycle(task);
    }
    let mut places = local.places.borrow_mut();
    shared.registry.release(slot, &mut places);
}

#[cold]
fn tell_undelivered<T: Task>(shared: &Arc<Shared<T>>, slot: u32, left: Vec<Addressed<T::Message>>) {
    let scheduler = Scheduler {
        shared: shared.clone(),
    };
    for Addressed {
        generation,
        message,
    } in left
    {
        T::undelivered(&scheduler, IsolateId { slot, generation }, message);
    }
}

/// The text of a panic.
fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

#[cfg(all(test, not(eyot_loom)))]
mod tests;
