//! Which workers are parked, and who wakes them.
//!
//! What must hold: if any queue has a task, not all workers are parked. So who queues looks at the set of parked workers *after*
//! queuing ([`Sleepers::pick`]), and who parks looks at the queues *after* joining the set ([`Sleepers::join`]), with a full fence in
//! between on both sides. Taking a worker's bit out of the set is the right, and the duty, to unpark it.

use crate::sync::{AtomicU64, Ordering, fence};

/// The set of parked workers.
#[derive(Debug)]
pub(super) struct Sleepers(AtomicU64);

impl Sleepers {
    /// Nobody is parked.
    pub(super) fn new() -> Sleepers {
        Sleepers(AtomicU64::new(0))
    }

    /// A worker joins. It must look at the queues once more before it parks.
    pub(super) fn join(&self, index: usize) {
        self.0.fetch_or(1 << index, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// A worker leaves by itself, whether or not somebody has taken it out.
    pub(super) fn leave(&self, index: usize) {
        self.0.fetch_and(!(1 << index), Ordering::SeqCst);
    }

    /// Takes a certain worker out; whether the caller must unpark it.
    pub(super) fn take(&self, index: usize) -> bool {
        let bit = 1u64 << index;
        self.0.fetch_and(!bit, Ordering::SeqCst) & bit != 0
    }

    /// Takes some worker out, which the caller must unpark. Meant for after something was queued.
    #[inline]
    pub(super) fn pick(&self) -> Option<usize> {
        fence(Ordering::SeqCst);
        loop {
            let index = self.any()?;
            if self.take(index) {
                return Some(index);
            }
        }
    }

    /// Some worker that is parked now, or was a moment ago.
    pub(super) fn any(&self) -> Option<usize> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            parked => Some(parked.trailing_zeros() as usize),
        }
    }
}

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use crate::sync::AtomicUsize;
    use loom::sync::Arc;
    use loom::thread;

    /// One worker, two producers: each task is taken, or the worker is awake to take it.
    #[test]
    fn nobody_sleeps_while_a_task_waits() {
        loom::model(|| {
            let shared = Arc::new((Sleepers::new(), AtomicUsize::new(0)));
            let producers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = shared.clone();
                    thread::spawn(move || {
                        shared.1.fetch_add(1, Ordering::Relaxed);
                        shared.0.pick().is_some()
                    })
                })
                .collect();
            let (sleepers, queued) = &*shared;
            sleepers.join(0);
            let parks = queued.load(Ordering::Relaxed) == 0;
            if !parks {
                sleepers.leave(0);
            }
            let mut woken = 0;
            for producer in producers {
                woken += usize::from(producer.join().unwrap());
            }
            assert!(!parks || woken == 1, "parked with a task waiting");
        });
    }
}
