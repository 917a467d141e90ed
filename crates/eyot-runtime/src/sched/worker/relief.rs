//! Relief: what waits at a worker in the middle of a long step is taken over by others.
//!
//! A task gives way where it polls. Some steps are long and cannot be divided: to copy a graph of a million objects into a message, say. What
//! waits at that worker would wait for all of it if no other worker is idle and steals it; the task that was handed over would wait even
//! then, since nobody else sees it. So who is in a long step says so now and then ([`in_long_step`]); the worker counts as *held up*
//! until the step's task stops, what it has is put where others find it, and every second task that the others run is one of its.

use std::sync::Arc;

use super::find::{has_work, steal_one, take_one_injected};
use super::{LOCAL, Local, Shared, Task};
use crate::sync::Ordering;

/// What a worker needs of the scheduler to say that it is held up.
pub(super) trait Relief {
    fn hold_up(&self, local: &Local);
}

/// Says that the task which runs on this thread, if one does, is in the middle of a step that has taken long already. Cheap enough for
/// every millisecond.
pub fn in_long_step() {
    let local = LOCAL.get();
    if local.is_null() {
        return;
    }
    // SAFETY: the pointer is set by `work` for the time its Local lives on that same thread, and cleared before it ends.
    let local = unsafe { &*local };
    if local.running.get() {
        let relief: Arc<dyn Relief> = local.relief.clone();
        relief.hold_up(local);
    }
}

/// Of small steps, such as a look at an object, that many take about a millisecond.
const LONG_STEP: usize = 1 << 14;

/// [`in_long_step`] now and then, for what consists of many small steps: `done` of them so far.
#[inline]
pub fn after_steps(done: usize) {
    if done % LONG_STEP == LONG_STEP - 1 {
        in_long_step();
    }
}

impl<T: Task> Relief for Shared<T> {
    fn hold_up(&self, local: &Local) {
        if !local.is_held_up.replace(true) {
            self.workers[local.index]
                .is_held_up
                .store(true, Ordering::SeqCst);
            self.held_up.fetch_add(1, Ordering::SeqCst);
        }
        if let Some(slot) = local.handed_over.take() {
            local.woken.push(slot);
        }
        if has_work(self, local) {
            self.notify();
        }
    }
}

/// The task that held its worker up has stopped.
pub(super) fn end_hold_up<T: Task>(shared: &Shared<T>, local: &Local) {
    if local.is_held_up.take() {
        shared.workers[local.index]
            .is_held_up
            .store(false, Ordering::SeqCst);
        shared.held_up.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A task of a worker that is held up, if it is the turn of those; and whether it comes from an expired queue.
#[inline]
pub(super) fn relieve<T: Task>(shared: &Shared<T>, local: &Local) -> Option<(u32, bool)> {
    if shared.held_up.load(Ordering::Relaxed) == 0 || local.relieved.replace(false) {
        return None;
    }
    let task = take_from_held_up(shared, local);
    local.relieved.set(task.is_some());
    task
}

#[cold]
fn take_from_held_up<T: Task>(shared: &Shared<T>, local: &Local) -> Option<(u32, bool)> {
    for (index, victim) in shared.workers.iter().enumerate() {
        if index == local.index || !victim.is_held_up.load(Ordering::Relaxed) {
            continue;
        }
        let task = steal_one(|| victim.woken.steal())
            .map(|slot| (slot, false))
            .or_else(|| steal_one(|| victim.expired.steal()).map(|slot| (slot, true)))
            .or_else(|| take_one_injected(victim).map(|slot| (slot, false)));
        if task.is_some() {
            return task;
        }
    }
    None
}
