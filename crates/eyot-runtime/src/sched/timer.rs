//! Deadlines: a heap of (instant, task, key). A timer that comes due is a message to its task.
//!
//! Cancelling leaves the entry in the heap and drops it when it comes up, so a task that makes and cancels many long timers
//! would grow it; when more than half the entries are cancelled, they are swept out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

use rustc_hash::FxHashSet;

use crate::port::IsolateId;

/// A timer, unique in its [`Timers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(pub u64);

/// A timer that has come due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When it was to.
    pub deadline: Instant,
    /// Which.
    pub id: TimerId,
    /// Whose.
    pub task: IsolateId,
    /// Whether its message is urgent.
    pub is_urgent: bool,
}

/// What comes due: entries are ordered by deadline, then by age.
type Entry = Reverse<(Instant, TimerId, IsolateId, bool)>;

/// The timers of a scheduler.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Entry>,
    live: FxHashSet<TimerId>,
    last: u64,
}

impl Timers {
    /// Sets a timer for a task.
    pub fn set(&mut self, deadline: Instant, task: IsolateId, is_urgent: bool) -> TimerId {
        self.last += 1;
        let id = TimerId(self.last);
        self.heap.push(Reverse((deadline, id, task, is_urgent)));
        self.live.insert(id);
        id
    }

    /// Cancels it; whether it was still set.
    pub fn cancel(&mut self, id: TimerId) -> bool {
        let was_set = self.live.remove(&id);
        if self.heap.len() > 64 && self.heap.len() > 2 * self.live.len() {
            let live = &self.live;
            self.heap.retain(|Reverse((_, id, ..))| live.contains(id));
        }
        was_set
    }

    /// The earliest deadline.
    pub fn next_deadline(&mut self) -> Option<Instant> {
        while let Some(Reverse((deadline, id, ..))) = self.heap.peek() {
            if self.live.contains(id) {
                return Some(*deadline);
            }
            self.heap.pop();
        }
        None
    }

    /// Takes a timer that is due at `now`.
    pub fn pop_due(&mut self, now: Instant) -> Option<Due> {
        if self.next_deadline()? > now {
            return None;
        }
        let Reverse((deadline, id, task, is_urgent)) = self.heap.pop()?;
        self.live.remove(&id);
        Some(Due {
            deadline,
            id,
            task,
            is_urgent,
        })
    }

    /// Number of timers set.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether none is set.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TASK: IsolateId = IsolateId {
        slot: 1,
        generation: 1,
    };

    #[test]
    fn timers_come_due_by_deadline_then_by_age() {
        let start = Instant::now();
        let mut timers = Timers::default();
        let late = timers.set(start + Duration::from_millis(5), TASK, false);
        let first = timers.set(start + Duration::from_millis(1), TASK, false);
        let second = timers.set(start + Duration::from_millis(1), TASK, false);
        assert_eq!(timers.pop_due(start), None);
        let now = start + Duration::from_millis(5);
        let due: Vec<TimerId> = std::iter::from_fn(|| timers.pop_due(now))
            .map(|timer| timer.id)
            .collect();
        assert_eq!(due, [first, second, late]);
    }

    #[test]
    fn cancelled_timers_neither_come_due_nor_pile_up() {
        let start = Instant::now();
        let mut timers = Timers::default();
        for _ in 0..1000 {
            let id = timers.set(start + Duration::from_secs(1000), TASK, false);
            assert!(timers.cancel(id));
            assert!(!timers.cancel(id));
        }
        assert!(timers.heap.len() <= 65);
        assert_eq!(timers.next_deadline(), None);
    }
}
