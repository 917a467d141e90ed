//! When the heap of an isolate that has nothing to do is packed.
//!
//! Packing costs a small collection, so it does not happen at every event: an isolate that goes idle keeps its young objects, and its
//! worker notes it down. Only when the isolates noted down keep more than the worker's budget, those that went idle first are told to
//! pack: they are woken with [`PACK`] and go idle again. So isolates that exchange messages are left alone, and of many thousand that
//! wait each has a heap of exact size.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::run::Isolate;
use crate::port::IsolateId;
use crate::sched::Scheduler;

/// The interrupt bit that asks an isolate to pack its heap once it has nothing to do.
pub(super) const PACK: u32 = 2;

/// An idle isolate keeps so many bytes of young objects in any case.
pub(super) const KEPT_BYTES: usize = 1024;

/// An idle isolate keeps no more than this unpacked.
pub(super) const UNPACKED_BYTES_MAX: usize = 64 << 10;

/// What the idle isolates that a worker has noted down may keep unpacked.
const BUDGET_BYTES: usize = 4 << 20;

thread_local! {
    static NOTED: RefCell<Noted> = RefCell::default();
}

#[derive(Default)]
struct Noted {
    queue: VecDeque<(IsolateId, usize)>,
    bytes: usize,
}

/// Notes an idle isolate down: it keeps so many bytes (more than when it was noted last).
pub(super) fn note(scheduler: &Scheduler<Isolate>, id: IsolateId, bytes: usize) {
    NOTED.with_borrow_mut(|noted| {
        noted.queue.push_back((id, bytes));
        noted.bytes += bytes;
        while noted.bytes > BUDGET_BYTES
            && let Some((first, bytes)) = noted.queue.pop_front()
        {
            noted.bytes -= bytes;
            scheduler.nudge(first, PACK);
        }
    });
}
