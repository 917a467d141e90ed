//! A queue of many producers and one consumer without locks.
//!
//! Producers push onto a list, newest first ([Treiber's stack](https://dominoweb.draco.res.ibm.com/58319a2ed2b1078985257003004617ef.html));
//! the consumer takes the whole list at once and reverses it, so there is no removal of single nodes and no ABA problem. Messages of one
//! producer keep their order, and if one push happened before another, they come out in that order.
//!
//! An unused mailbox is two null pointers and a number. Closing is a push that sticks: the list's head becomes a mark that producers
//! recognise, so every message is either taken by the consumer or given back to its producer.
//!
//! | field | who may touch it |
//! | --- | --- |
//! | `head` | anyone, atomically; sequentially consistent, because "push, then look whether the isolate sleeps" and "fall asleep, then look into the mailbox" must not both miss |
//! | `taken` | the consumer alone |
//! | `behind` | written by the consumer; read by anyone |

use std::cell::UnsafeCell;
use std::ptr;

use crate::sync::{AtomicPtr, AtomicUsize, Ordering};

struct Node<T> {
    next: *mut Node<T>,
    message: T,
}

/// The receiver is gone; here is the message back.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed<T>(pub T);

/// The queue.
#[derive(Debug)]
pub struct Mailbox<T> {
    head: AtomicPtr<Node<T>>,
    taken: UnsafeCell<*mut Node<T>>,
    /// Messages that were taken with the last list: how far the consumer is behind. Producers count nothing, for each count would be one
    /// more write to memory that they all share.
    behind: AtomicUsize,
}

// SAFETY: messages move between threads, so T must be Send. `taken` is reached only through the methods of the consumer, which are
// unsafe to call from two threads at once and say so.
unsafe impl<T: Send> Send for Mailbox<T> {}
// SAFETY: as above; producers share only the atomics.
unsafe impl<T: Send> Sync for Mailbox<T> {}

/// The mark of a closed mailbox: no node has this address.
fn closed_mark<T>() -> *mut Node<T> {
    ptr::without_provenance_mut(1)
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        Mailbox::new()
    }
}

impl<T> Mailbox<T> {
    /// An open, empty mailbox.
    pub fn new() -> Mailbox<T> {
        Mailbox::with_head(ptr::null_mut())
    }

    /// A closed one.
    pub fn closed() -> Mailbox<T> {
        Mailbox::with_head(closed_mark())
    }

    fn with_head(head: *mut Node<T>) -> Mailbox<T> {
        Mailbox {
            head: AtomicPtr::new(head),
            taken: UnsafeCell::new(ptr::null_mut()),
            behind: AtomicUsize::new(0),
        }
    }

    /// Puts a message in.
    pub fn push(&self, message: T) -> Result<(), Closed<T>> {
        let node = Box::into_raw(Box::new(Node {
            next: ptr::null_mut(),
            message,
        }));
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head == closed_mark() {
                // SAFETY: the node was never published.
                let node = unsafe { Box::from_raw(node) };
                return Err(Closed(node.message));
            }
            // SAFETY: until the exchange succeeds this thread alone has the node.
            unsafe { (*node).next = head };
            match self
                .head
                .compare_exchange_weak(head, node, Ordering::SeqCst, Ordering::Relaxed)
            {
                Ok(_) => return Ok(()),
                Err(now) => head = now,
            }
        }
    }

    /// How many messages waited when the consumer looked last.
    pub fn behind(&self) -> usize {
        self.behind.load(Ordering::Relaxed)
    }

    /// How many messages wait now, counted up to a bound.
    ///
    /// # Safety
    ///
    /// As for [`Mailbox::pop`].
    pub unsafe fn waiting(&self, at_most: usize) -> usize {
        // SAFETY: the caller is the only one at `taken`.
        let taken = unsafe { *self.taken.get() };
        let mut newer = self.head.load(Ordering::SeqCst);
        if newer == closed_mark() {
            newer = ptr::null_mut();
        }
        let mut count = 0;
        for mut node in [taken, newer] {
            while !node.is_null() && count < at_most {
                count += 1;
                // SAFETY: only the consumer takes nodes away, and what is in the list never changes.
                node = unsafe { (*node).next };
            }
        }
        count
    }

    /// Takes the oldest message out.
    ///
    /// # Safety
    ///
    /// Only the consumer may call this: one thread at a time, with a happens-before edge between one caller and the next.
    pub unsafe fn pop(&self) -> Option<T> {
        // SAFETY: the caller is the only one at `taken`.
        let taken = unsafe { &mut *self.taken.get() };
        if taken.is_null() {
            *taken = self.take_all();
        }
        if taken.is_null() {
            return None;
        }
        // SAFETY: nodes on the taken list belong to the consumer.
        let node = unsafe { Box::from_raw(*taken) };
        *taken = node.next;
        Some(node.message)
    }

    /// Takes the list off and reverses it: oldest first.
    fn take_all(&self) -> *mut Node<T> {
        let seen = self.head.load(Ordering::SeqCst);
        if seen.is_null() || seen == closed_mark() {
            return ptr::null_mut();
        }
        let newest = self.head.swap(ptr::null_mut(), Ordering::SeqCst);
        let (oldest, count) = reverse(newest);
        if count != self.behind.load(Ordering::Relaxed) {
            self.behind.store(count, Ordering::Relaxed);
        }
        oldest
    }

    /// Closes the mailbox: from now on pushes give their message back. What was in is given here, oldest first.
    ///
    /// # Safety
    ///
    /// As for [`Mailbox::pop`].
    pub unsafe fn close(&self) -> Vec<T> {
        let mut left = Vec::new();
        let newest = self.head.swap(closed_mark(), Ordering::SeqCst);
        // SAFETY: the caller is the only one at `taken`.
        let taken = unsafe { &mut *self.taken.get() };
        let newer = if newest == closed_mark() {
            ptr::null_mut()
        } else {
            reverse(newest).0
        };
        for mut list in [std::mem::replace(taken, ptr::null_mut()), newer] {
            while !list.is_null() {
                // SAFETY: both lists belong to the consumer now.
                let node = unsafe { Box::from_raw(list) };
                list = node.next;
                left.push(node.message);
            }
        }
        left
    }

    /// Opens a closed mailbox for its next owner.
    ///
    /// # Safety
    ///
    /// As for [`Mailbox::pop`]; the mailbox is closed.
    pub unsafe fn reopen(&self) {
        debug_assert!(self.head.load(Ordering::Relaxed) == closed_mark());
        // Producers leave a closed mailbox as it is. The next owner's messages come after the change of state that makes it known.
        self.head.store(ptr::null_mut(), Ordering::Release);
    }
}

/// The list the other way round, and its length.
fn reverse<T>(mut list: *mut Node<T>) -> (*mut Node<T>, usize) {
    let mut reversed = ptr::null_mut();
    let mut count = 0;
    while !list.is_null() {
        // SAFETY: the list was taken off the shared head, so this thread alone has its nodes.
        let next = unsafe { (*list).next };
        // SAFETY: as above.
        unsafe { (*list).next = reversed };
        reversed = list;
        list = next;
        count += 1;
    }
    (reversed, count)
}

impl<T> Drop for Mailbox<T> {
    fn drop(&mut self) {
        // SAFETY: `&mut self` means that nobody else is here.
        drop(unsafe { self.close() });
    }
}

#[cfg(all(test, not(eyot_loom)))]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// Pops as the test's only consumer.
    fn pop<T>(mailbox: &Mailbox<T>) -> Option<T> {
        // SAFETY: each test has one consumer.
        unsafe { mailbox.pop() }
    }

    #[test]
    fn messages_come_out_in_the_order_they_went_in() {
        let mailbox = Mailbox::new();
        for i in 0..5 {
            assert_eq!(mailbox.push(i), Ok(()));
        }
        assert_eq!(pop(&mailbox), Some(0));
        assert_eq!(mailbox.behind(), 5);
        mailbox.push(5).unwrap();
        let rest: Vec<i32> = std::iter::from_fn(|| pop(&mailbox)).collect();
        assert_eq!(rest, [1, 2, 3, 4, 5]);
        assert_eq!(mailbox.behind(), 1);
    }

    #[test]
    fn a_closed_mailbox_gives_messages_back_and_can_be_reopened() {
        let mailbox = Mailbox::new();
        for i in ["one", "two", "three"] {
            mailbox.push(i).unwrap();
        }
        assert_eq!(pop(&mailbox), Some("one"));
        mailbox.push("four").unwrap();
        // SAFETY: one consumer.
        assert_eq!(unsafe { mailbox.close() }, ["two", "three", "four"]);
        assert_eq!(mailbox.push("late"), Err(Closed("late")));
        assert_eq!(pop(&mailbox), None);
        // SAFETY: one consumer, closed.
        unsafe { mailbox.reopen() };
        assert_eq!(mailbox.push("again"), Ok(()));
    }

    #[test]
    fn dropping_a_mailbox_drops_what_is_in_it() {
        let counted = Arc::new(());
        let mailbox = Mailbox::new();
        for _ in 0..3 {
            mailbox.push(counted.clone()).unwrap();
        }
        drop(pop(&mailbox));
        drop(mailbox);
        assert_eq!(Arc::strong_count(&counted), 1);
    }

    #[test]
    fn what_waits_is_counted_up_to_a_bound() {
        let mailbox = Mailbox::new();
        // SAFETY: the only consumer.
        let waiting = |bound| unsafe { mailbox.waiting(bound) };
        assert_eq!(waiting(9), 0);
        (0..3).for_each(|n| mailbox.push(n).unwrap());
        assert_eq!(pop(&mailbox), Some(0));
        mailbox.push(3).unwrap();
        assert_eq!((waiting(9), waiting(2)), (3, 2));
    }

    #[test]
    fn each_producer_keeps_its_order() {
        let mailbox = Arc::new(Mailbox::new());
        let producers: Vec<_> = (0..4u32)
            .map(|who| {
                let mailbox = mailbox.clone();
                std::thread::spawn(move || {
                    for n in 0..10_000u32 {
                        mailbox.push((who, n)).unwrap();
                    }
                })
            })
            .collect();
        let mut next = [0u32; 4];
        while next.iter().sum::<u32>() < 40_000 {
            if let Some((who, n)) = pop(&mailbox) {
                assert_eq!(next[who as usize], n);
                next[who as usize] += 1;
            }
        }
        for producer in producers {
            producer.join().unwrap();
        }
    }
}

#[cfg(all(test, eyot_loom))]
mod models {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    #[test]
    fn no_message_is_lost_between_two_producers_and_a_closing_consumer() {
        loom::model(|| {
            let mailbox = Arc::new(Mailbox::new());
            let producers: Vec<_> = (0..2)
                .map(|i| {
                    let mailbox = mailbox.clone();
                    thread::spawn(move || usize::from(mailbox.push(i).is_err()))
                })
                .collect();
            // SAFETY: this thread is the only consumer.
            let mut got = usize::from(unsafe { mailbox.pop() }.is_some());
            // SAFETY: as above.
            got += unsafe { mailbox.close() }.len();
            let back: usize = producers.into_iter().map(|p| p.join().unwrap()).sum();
            assert_eq!(got + back, 2);
        });
    }
}
