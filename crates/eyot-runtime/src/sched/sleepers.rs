//! Which workers are parked or looking for work, and who wakes them.
//!
//! What must hold: if any queue has a task, some worker will look at the queues. So who queues looks at this *after* queuing
//! ([`Sleepers::pick`]), and who parks looks at the queues *after* joining the parked ([`Sleepers::join`]), with a full fence in
//! between on both sides. Taking a worker's bit out of the parked is the right, and the duty, to unpark it.
//!
//! Waking a thread costs many times what a short task does, so while one worker is *searching* no other is woken: it will find what
//! was queued, or see it when it looks once more before it parks. The last one to stop searching because it found something wakes the
//! next, if there is more.

use crate::sync::{AtomicU64, AtomicUsize, Ordering, fence};

/// The parked workers, and how many are searching.
#[derive(Debug)]
pub(super) struct Sleepers {
    parked: AtomicU64,
    searching: AtomicUsize,
}

impl Sleepers {
    /// Nobody is parked or searching.
    pub(super) fn new() -> Sleepers {
        Sleepers {
            parked: AtomicU64::new(0),
            searching: AtomicUsize::new(0),
        }
    }

    /// A worker joins the parked; it is not searching any more. It must look at the queues once more before it parks.
    pub(super) fn join(&self, index: usize) {
        self.parked.fetch_or(1 << index, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// A worker leaves the parked; whether somebody has taken it out before, and counted it as searching.
    pub(super) fn leave(&self, index: usize) -> bool {
        let bit = 1u64 << index;
        self.parked.fetch_and(!bit, Ordering::SeqCst) & bit == 0
    }

    /// Takes some worker out of the parked, unless one is searching. The caller must unpark it; it counts as searching. Meant for
    /// after something was queued.
    #[inline]
    pub(super) fn pick(&self) -> Option<usize> {
        fence(Ordering::SeqCst);
        if self.parked.load(Ordering::Relaxed) == 0 || self.searching.load(Ordering::Relaxed) > 0 {
            return None;
        }
        loop {
            let index = self.any()?;
            let bit = 1u64 << index;
            // Counted before it is taken out, as it may be running by then and stop searching.
            self.searching.fetch_add(1, Ordering::SeqCst);
            if self.parked.fetch_and(!bit, Ordering::SeqCst) & bit != 0 {
                return Some(index);
            }
            self.searching.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Some worker that is parked now, or was a moment ago.
    pub(super) fn any(&self) -> Option<usize> {
        match self.parked.load(Ordering::Relaxed) {
            0 => None,
            parked => Some(parked.trailing_zeros() as usize),
        }
    }

    /// A worker starts searching.
    pub(super) fn start_search(&self) {
        self.searching.fetch_add(1, Ordering::SeqCst);
    }

    /// A worker stops searching; whether it was the last.
    pub(super) fn end_search(&self) -> bool {
        self.searching.fetch_sub(1, Ordering::SeqCst) == 1
    }
}

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    /// One worker that stops searching and parks, two producers: it does not stay parked with a task waiting.
    #[test]
    fn nobody_sleeps_while_a_task_waits() {
        // All orders of three threads of this length would take hours. Few preemptions show nearly all faults (Musuvathi and Qadeer, "Iterative
        // Context Bounding", PLDI 2007).
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(|| {
            let shared = Arc::new((Sleepers::new(), AtomicUsize::new(0)));
            shared.0.start_search();
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
            sleepers.end_search();
            sleepers.join(0);
            let parks = queued.load(Ordering::Relaxed) == 0;
            let was_taken = !parks && sleepers.leave(0);
            let mut woken = 0;
            for producer in producers {
                woken += usize::from(producer.join().unwrap());
            }
            if parks {
                assert_eq!(woken, 1, "parked with a task waiting");
            } else {
                // Whoever was taken out counts as searching, and nobody else.
                let searching = sleepers.searching.load(Ordering::SeqCst);
                assert_eq!(searching, usize::from(was_taken));
            }
        });
    }
}
