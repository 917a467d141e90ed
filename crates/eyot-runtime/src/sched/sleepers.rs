//! Which workers are parked or looking for work, and who wakes them.
//!
//! What must hold: if any queue has a task, some worker will look at the queues. So who queues looks at this *after* queuing
//! ([`Sleepers::pick`]), and who parks looks at the queues *after* joining the parked ([`Sleepers::join`]), with a full fence in
//! between on both sides. Taking a worker's bit out of the parked is the right, and the duty, to unpark it.
//!
//! Waking a thread costs many times what a short task does, so while one worker is *searching* no other is woken: it will find what
//! was queued, or see it when it looks once more before it parks. The last one to stop searching because it found something wakes the
//! next, if there is more.
//!
//! A worker that runs out of work while others have some does not sleep for good at once, either: it *watches*, which is a sleep of a
//! fraction of a millisecond, after which it looks around. While one does, a task that wakes another on its own worker need not wake a thread
//! ([`Sleepers::pick_unless_watched`]): what is short is done sooner where it is, with its data in the cache, than a thread is woken,
//! and what is not is taken over before long. Whoever knows that work will wait (a task that is not short, a thread that is no worker)
//! wakes a worker all the same.

use crate::sync::{AtomicU64, AtomicUsize, Ordering, fence};

/// The parked workers, and how many are searching and watching. Who watches is parked, too. They have their lines of memory to themselves, as
/// what lies beside them changes never and is read all the time.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Sleepers {
    parked: AtomicU64,
    searching: AtomicUsize,
    watching: AtomicUsize,
}

impl Sleepers {
    /// Nobody is parked or searching.
    pub(super) fn new() -> Sleepers {
        Sleepers {
            parked: AtomicU64::new(0),
            searching: AtomicUsize::new(0),
            watching: AtomicUsize::new(0),
        }
    }

    /// A worker starts watching: it will look at the queues before long. It joins the parked as well.
    pub(super) fn start_watch(&self) {
        self.watching.fetch_add(1, Ordering::SeqCst);
    }

    /// It stops. It must look at the queues after this.
    pub(super) fn end_watch(&self) {
        self.watching.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether all workers but this one are parked.
    pub(super) fn others_are_parked(&self, index: usize, workers: usize) -> bool {
        let parked = self.parked.load(Ordering::Relaxed) | 1 << index;
        parked.count_ones() as usize == workers
    }

    /// [`Sleepers::pick`], unless somebody watches.
    #[inline]
    pub(super) fn pick_unless_watched(&self) -> Option<usize> {
        fence(Ordering::SeqCst);
        match self.watching.load(Ordering::Relaxed) {
            0 => self.pick(),
            _ => None,
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
        self.take()
    }

    /// The same, although one may be searching: that one will find what was queued, and what else there is to do is left.
    pub(super) fn take(&self) -> Option<usize> {
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

    /// A worker that has watched and parks, a producer that relies on the watch: it does not stay parked with a task waiting.
    #[test]
    fn what_is_left_to_a_watch_is_found() {
        loom::model(|| {
            let shared = Arc::new((Sleepers::new(), AtomicUsize::new(0)));
            shared.0.start_watch();
            shared.0.join(0);
            let producer = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.1.fetch_add(1, Ordering::Relaxed);
                    shared.0.pick_unless_watched().is_some()
                })
            };
            let (sleepers, queued) = &*shared;
            // The time is over.
            sleepers.end_watch();
            let was_taken = sleepers.leave(0);
            let mut found = queued.load(Ordering::Relaxed) > 0;
            if was_taken {
                sleepers.end_search();
            }
            let mut parks = false;
            if !found {
                sleepers.join(0);
                found = queued.load(Ordering::Relaxed) > 0;
                parks = !found;
            }
            let woken = producer.join().unwrap();
            assert!(!parks || woken && !was_taken, "parked with a task waiting");
        });
    }
}
