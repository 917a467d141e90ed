//! The count of what several isolates hold: whoever gives the last one back frees it.
//!
//! Some holders are *unsettled*: they may give their count back before long. How many is in the same word, so that nobody sees one of them
//! gone from there and still among the holders.

use crate::sync::{AtomicUsize, Ordering, fence};

/// One unsettled holder, in the upper half of the word.
const UNSETTLED: usize = 1 << 32;
/// The holders, settled or not.
const HOLDERS: usize = UNSETTLED - 1;

/// An atomic count, one at first.
#[derive(Debug)]
pub(super) struct Count(AtomicUsize);

impl Count {
    pub(super) fn one() -> Count {
        Count(AtomicUsize::new(1))
    }

    /// One more. The caller holds one, so nobody frees meanwhile.
    #[inline]
    pub(super) fn retain(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the caller's count is the only one.
    #[inline]
    pub(super) fn is_one(&self) -> bool {
        self.0.load(Ordering::Acquire) & HOLDERS == 1
    }

    /// Gives one back; whether it was the last. Then all that other holders did has happened before.
    #[inline]
    #[must_use]
    pub(super) fn release(&self) -> bool {
        self.give(1)
    }

    /// Gives that of an unsettled holder back; whether it was the last.
    #[inline]
    #[must_use]
    pub(super) fn release_unsettled(&self) -> bool {
        self.give(1 + UNSETTLED)
    }

    #[inline(always)]
    fn give(&self, given: usize) -> bool {
        if self.0.fetch_sub(given, Ordering::Release) & HOLDERS != 1 {
            return false;
        }
        fence(Ordering::Acquire);
        true
    }

    /// So many more, if one thread has all that there are.
    #[inline]
    pub(super) fn retain_alone(&self, more: usize) {
        let before = self.0.load(Ordering::Relaxed);
        self.0.store(before + more, Ordering::Relaxed);
    }

    /// Gives so many back, if one thread has all that there are; whether they were the last.
    #[inline]
    #[must_use]
    pub(super) fn release_alone(&self, less: usize) -> bool {
        let left = self.0.load(Ordering::Relaxed) - less;
        self.0.store(left, Ordering::Relaxed);
        left & HOLDERS == 0
    }

    /// One holder more, who need not be the caller, and the caller's count is that of an unsettled one from now on.
    #[inline]
    pub(super) fn retain_unsettled(&self) {
        self.0.fetch_add(1 + UNSETTLED, Ordering::Relaxed);
    }

    /// An unsettled holder stays.
    #[inline]
    pub(super) fn settle(&self) {
        self.0.fetch_sub(UNSETTLED, Ordering::Relaxed);
    }

    /// How many holders are unsettled.
    #[inline]
    pub(super) fn unsettled(&self) -> usize {
        self.0.load(Ordering::Relaxed) / UNSETTLED
    }
}

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    /// Something counted: loom notices if it is used while, or after, somebody frees it.
    struct Shared {
        count: Count,
        data: UnsafeCell<u32>,
        freed: AtomicUsize,
    }

    impl Shared {
        fn new() -> Arc<Shared> {
            Arc::new(Shared {
                count: Count::one(),
                data: UnsafeCell::new(7),
                freed: AtomicUsize::new(0),
            })
        }

        fn use_and_release(&self) {
            self.data.with(|data| {
                // SAFETY: a count is held.
                assert_eq!(unsafe { *data }, 7);
            });
            if self.count.release() {
                // SAFETY: the last count is gone.
                self.data.with_mut(|data| unsafe { *data = 0 });
                assert_eq!(self.freed.fetch_add(1, Ordering::SeqCst), 0);
            }
        }
    }

    /// A sender gives counts to two messages and lets go; each receiver takes one over, one of them passes another on.
    #[test]
    fn frozen_data_is_freed_once_and_after_its_last_use() {
        loom::model(|| {
            let shared = Shared::new();
            shared.count.retain();
            shared.count.retain();
            let receiver = {
                let shared = shared.clone();
                thread::spawn(move || {
                    shared.count.retain();
                    shared.use_and_release();
                    shared.use_and_release();
                })
            };
            let other = {
                let shared = shared.clone();
                thread::spawn(move || shared.use_and_release())
            };
            shared.use_and_release();
            receiver.join().unwrap();
            other.join().unwrap();
            assert_eq!(shared.freed.load(Ordering::SeqCst), 1);
        });
    }

    /// Two have the same bytes, and both are going to write: whoever is not alone with them copies, and gives its count back. So nobody writes
    /// where the other one reads, and one of them may be spared the copy.
    #[test]
    fn of_two_writers_the_last_writes_in_place() {
        fn write(shared: &Shared) {
            if shared.count.is_one() {
                // SAFETY: nobody else has a count.
                shared.data.with_mut(|data| unsafe { *data = 7 });
                return;
            }
            shared.data.with(|data| {
                // SAFETY: a count is held.
                assert_eq!(unsafe { *data }, 7);
            });
            if shared.count.release() {
                shared.freed.fetch_add(1, Ordering::SeqCst);
            }
        }
        loom::model(|| {
            let shared = Shared::new();
            shared.count.retain();
            let other = {
                let shared = shared.clone();
                thread::spawn(move || write(&shared))
            };
            write(&shared);
            other.join().unwrap();
            assert!(shared.freed.load(Ordering::SeqCst) <= 1);
        });
    }

    /// A lender gives up the bytes that it has lent: who sees that nobody is unsettled any more is alone with them.
    #[test]
    fn who_was_unsettled_and_let_go_is_no_holder() {
        loom::model(|| {
            let shared = Shared::new();
            shared.count.retain_unsettled();
            let lender = {
                let shared = shared.clone();
                thread::spawn(move || {
                    if shared.count.release_unsettled() {
                        shared.freed.fetch_add(1, Ordering::SeqCst);
                    }
                })
            };
            if shared.count.unsettled() == 0 {
                assert!(shared.count.is_one());
                // SAFETY: nobody else has a count.
                shared.data.with_mut(|data| unsafe { *data = 7 });
            }
            lender.join().unwrap();
            assert!(shared.count.is_one());
        });
    }

    /// Who finds that its count is the only one may write.
    #[test]
    fn an_only_holder_sees_what_the_others_did() {
        loom::model(|| {
            let shared = Shared::new();
            shared.count.retain();
            let other = {
                let shared = shared.clone();
                thread::spawn(move || shared.use_and_release())
            };
            if shared.count.is_one() {
                // SAFETY: nobody else has a count.
                shared.data.with_mut(|data| unsafe { *data = 7 });
            }
            other.join().unwrap();
        });
    }
}
