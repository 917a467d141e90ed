//! The life of a task as one atomic word: a phase, a mark, and the generation of its place.
//!
//! ```text
//!            spawn            wake            a worker takes it
//!   Free ───────────▶ Idle ─────────▶ Queued ──────────────────▶ Running ──┐
//!    ▲                 ▲                 ▲                                 │
//!    │                 └── nothing to do ┼─────────────────────────────────┤
//!    │                                   └── slice over, or woken meanwhile┤
//!    └───────────────────────────────────────── ended ─────────────────────┘
//! ```
//!
//! Who wakes has put something into the mailbox *before*; who goes idle has found it empty *before* and learns from the transition
//! whether somebody woke it since. Both sides are sequentially consistent, so one of them sees the other (a model checks it). Every
//! change is a read-modify-write, also where the value before does not matter: then all changes have one order.

use crate::sync::{AtomicU64, Ordering};

const FREE: u64 = 0;
const IDLE: u64 = 1;
const QUEUED: u64 = 2;
const RUNNING: u64 = 3;
const PHASE: u64 = 3;
/// Woken while running: goes back into the queue instead of idle.
const NOTIFIED: u64 = 4;
const GENERATION_SHIFT: u32 = 32;

/// The atomic word.
#[derive(Debug)]
pub(super) struct State(AtomicU64);

/// What the caller of a wake must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// Put the task into a queue: it is Queued now and the caller has it.
    Enqueue,
    /// Nothing: it is queued or running and will look.
    Nothing,
    /// The task has ended.
    Gone,
}

/// What the worker does with a task that found nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// It is Idle; leave it.
    Idle,
    /// It was woken meanwhile and is Queued; the worker has it.
    Enqueue,
}

impl State {
    /// A free place of that generation.
    pub(super) fn new(generation: u32) -> State {
        State(AtomicU64::new(
            u64::from(generation) << GENERATION_SHIFT | FREE,
        ))
    }

    /// The generation now at this place; whether that task is alive is in the phase.
    pub(super) fn generation(&self) -> u32 {
        (self.0.load(Ordering::Acquire) >> GENERATION_SHIFT) as u32
    }

    /// Whether a task of this generation is alive.
    pub(super) fn is_alive(&self, generation: u32) -> bool {
        let word = self.0.load(Ordering::Acquire);
        word & PHASE != FREE && (word >> GENERATION_SHIFT) as u32 == generation
    }

    /// Free → Queued, with the next generation, which it gives. The caller owns the place (took it off the free list).
    pub(super) fn claim(&self) -> u32 {
        let word = self.0.load(Ordering::Relaxed);
        debug_assert_eq!(word & PHASE, FREE);
        let generation = ((word >> GENERATION_SHIFT) as u32).wrapping_add(1);
        self.0.swap(
            u64::from(generation) << GENERATION_SHIFT | QUEUED,
            Ordering::SeqCst,
        );
        generation
    }

    /// Wakes the task of this generation.
    pub(super) fn wake(&self, generation: u32) -> Wake {
        let mut word = self.0.load(Ordering::SeqCst);
        loop {
            if (word >> GENERATION_SHIFT) as u32 != generation {
                return Wake::Gone;
            }
            let (next, answer) = match word & PHASE {
                FREE => return Wake::Gone,
                QUEUED => return Wake::Nothing,
                RUNNING if word & NOTIFIED != 0 => return Wake::Nothing,
                RUNNING => (word | NOTIFIED, Wake::Nothing),
                _ => (word & !PHASE | QUEUED, Wake::Enqueue),
            };
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => return answer,
                Err(now) => word = now,
            }
        }
    }

    /// Queued → Running: a worker took it off a queue. What was sent before is seen by the run that begins.
    pub(super) fn start(&self) {
        let before = self.0.fetch_or(RUNNING, Ordering::SeqCst);
        debug_assert_eq!(before & PHASE, QUEUED);
    }

    /// Running → Idle, or back to Queued if it was woken meanwhile.
    pub(super) fn rest(&self) -> Rest {
        let mut word = self.0.load(Ordering::SeqCst);
        loop {
            debug_assert_eq!(word & PHASE, RUNNING);
            let (next, answer) = if word & NOTIFIED != 0 {
                (word & !(PHASE | NOTIFIED) | QUEUED, Rest::Enqueue)
            } else {
                (word & !PHASE | IDLE, Rest::Idle)
            };
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::SeqCst, Ordering::SeqCst)
            {
                Ok(_) => return answer,
                Err(now) => word = now,
            }
        }
    }

    /// Running → Queued: the slice is over.
    pub(super) fn requeue(&self) {
        let generation = self.0.load(Ordering::Relaxed) >> GENERATION_SHIFT;
        self.0
            .swap(generation << GENERATION_SHIFT | QUEUED, Ordering::SeqCst);
    }

    /// Running → Free: the task has ended. Its place may be given away after this.
    pub(super) fn end(&self) {
        let generation = self.0.load(Ordering::Relaxed) >> GENERATION_SHIFT;
        self.0
            .swap(generation << GENERATION_SHIFT | FREE, Ordering::SeqCst);
    }
}

#[cfg(all(test, not(eyot_loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_wake_while_running_comes_back_at_rest() {
        let state = State::new(0);
        let generation = state.claim();
        assert_eq!(state.wake(generation), Wake::Nothing);
        state.start();
        assert_eq!(state.rest(), Rest::Idle);
        assert_eq!(state.wake(generation), Wake::Enqueue);
        state.start();
        assert_eq!(state.wake(generation), Wake::Nothing);
        assert_eq!(state.rest(), Rest::Enqueue);
        state.start();
        assert_eq!(state.rest(), Rest::Idle);
    }

    #[test]
    fn a_wake_for_an_earlier_generation_finds_nobody() {
        let state = State::new(0);
        let first = state.claim();
        state.start();
        state.end();
        assert_eq!(state.wake(first), Wake::Gone);
        assert!(!state.is_alive(first));
        let second = state.claim();
        assert_eq!(state.wake(first), Wake::Gone);
        assert!(state.is_alive(second));
    }
}

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use crate::port::Mailbox;
    use loom::sync::Arc;
    use loom::thread;

    /// The protocol of the module's documentation: whatever was sent is taken by a run, never left behind with an idle task.
    #[test]
    fn no_wake_is_lost() {
        loom::model(|| {
            let shared = Arc::new((State::new(0), Mailbox::new()));
            let generation = shared.0.claim();
            shared.0.start();
            let sender = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.1.push(1).unwrap();
                    shared.0.wake(generation) == Wake::Enqueue
                })
            };
            // SAFETY: the consumer is this thread, and whoever was told to enqueue after it went idle.
            let mut got = unsafe { shared.1.pop() }.is_some();
            if shared.0.rest() == Rest::Enqueue {
                shared.0.start();
                // SAFETY: as above.
                got |= unsafe { shared.1.pop() }.is_some();
            }
            if sender.join().unwrap() {
                shared.0.start();
                // SAFETY: as above; the idle consumer's run ended before.
                got |= unsafe { shared.1.pop() }.is_some();
            }
            assert!(got);
        });
    }
}
