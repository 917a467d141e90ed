//! The count of what several isolates hold: whoever gives the last one back frees it.

use crate::sync::{AtomicUsize, Ordering, fence};

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
        self.0.load(Ordering::Acquire) == 1
    }

    /// Gives one back; whether it was the last. Then all that other holders did has happened before.
    #[inline]
    #[must_use]
    pub(super) fn release(&self) -> bool {
        if self.0.fetch_sub(1, Ordering::Release) != 1 {
            return false;
        }
        fence(Ordering::Acquire);
        true
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
