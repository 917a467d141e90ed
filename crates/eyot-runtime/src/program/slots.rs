//! Tables of a fixed length whose items are made when first asked for.
//!
//! An empty slot is a null pointer, so a new table is zeroed memory that the system hands out page by page as slots are
//! filled: a table costs what is used of it.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The table. A filled slot never changes.
pub(super) struct Slots<T>(Box<[AtomicPtr<T>]>);

impl<T> Slots<T> {
    pub(super) fn new(len: usize) -> Slots<T> {
        // SAFETY: zero bytes are an atomic null pointer.
        Slots(unsafe { Box::new_zeroed_slice(len).assume_init() })
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The item, made now if nobody has asked for it before; `None` where there is none or it cannot be made, which is tried
    /// again each time.
    #[inline]
    pub(super) fn get_or_make(&self, index: usize, make: impl FnOnce() -> Option<T>) -> Option<&T> {
        let slot = self.0.get(index)?;
        let item = slot.load(Ordering::Acquire);
        if item.is_null() {
            return self.fill(slot, make()?);
        }
        // SAFETY: a pointer in a slot came from `fill`, and its item lives until the table is dropped.
        Some(unsafe { &*item })
    }

    /// Puts an item in, unless another thread was faster.
    #[cold]
    fn fill<'s>(&'s self, slot: &'s AtomicPtr<T>, item: T) -> Option<&'s T> {
        let fresh = Box::into_raw(Box::new(item));
        let put =
            slot.compare_exchange(ptr::null_mut(), fresh, Ordering::AcqRel, Ordering::Acquire);
        let item = match put {
            Ok(_) => fresh,
            Err(faster) => {
                // SAFETY: the box was made above and nobody else has seen it.
                drop(unsafe { Box::from_raw(fresh) });
                faster
            }
        };
        // SAFETY: as in `get_or_make`.
        Some(unsafe { &*item })
    }
}

impl<T> Drop for Slots<T> {
    fn drop(&mut self) {
        for slot in &mut self.0 {
            let item = *slot.get_mut();
            if !item.is_null() {
                // SAFETY: the pointer came from a box, and references to the item borrow the table.
                drop(unsafe { Box::from_raw(item) });
            }
        }
    }
}

// SAFETY: the slots own their items, which are handed out by shared reference from any thread.
unsafe impl<T: Send + Sync> Sync for Slots<T> {}
// SAFETY: as above; dropping the table drops the items.
unsafe impl<T: Send> Send for Slots<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_made_once() {
        let slots: Slots<String> = Slots::new(2);
        assert_eq!(slots.get_or_make(0, || None), None);
        let first = slots
            .get_or_make(0, || Some("a".to_owned()))
            .map(ptr::from_ref);
        let again = slots
            .get_or_make(0, || Some("b".to_owned()))
            .map(ptr::from_ref);
        assert!(first.is_some() && first == again);
        assert_eq!(slots.get_or_make(2, || Some(String::new())), None);
    }

    #[test]
    fn threads_see_one_item() {
        let slots: Slots<usize> = Slots::new(64);
        let sums: Vec<usize> = std::thread::scope(|scope| {
            let slots = &slots;
            let sum = move |thread: usize| {
                let items = (0..64).filter_map(|index| slots.get_or_make(index, || Some(thread)));
                items.sum()
            };
            let threads: Vec<_> = (0..4)
                .map(|thread| scope.spawn(move || sum(thread)))
                .collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, usize>| thread.join().unwrap();
            threads.into_iter().map(join).collect()
        });
        let last: usize = (0..64)
            .filter_map(|index| slots.get_or_make(index, || None))
            .sum();
        assert!(sums.iter().all(|&sum| sum == last));
    }
}
