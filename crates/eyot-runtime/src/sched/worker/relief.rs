//! Relief: what waits at a worker in the middle of a long step is taken over by others.
//!
//! A task gives way where it polls. Some steps are long and cannot be divided: to copy a graph of a million objects into a message, say. What
//! waits at that worker would wait for all of it if no other worker is idle and steals it; the task that was handed over would wait even
//! then, since nobody else sees it. So who is in a long step says so now and then ([`in_long_step`]); the worker counts as *held up*
//! until the step's task stops, what it has is put where others find it, and every second task that the others run is one of its.

use std::sync::Arc;

use crossbeam_deque::Steal;

use super::find::has_work;
use super::{LOCAL, Local, Shared, Task};
use crate::sync::{Ordering, lock};

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

impl<T: Task> Relief for Shared<T> {
    fn hold_up(&self, local: &Local) {
        if !local.is_held_up.replace(true) {
            self.workers[local.index]
                .is_held_up
                .store(1, Ordering::SeqCst);
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
            .store(0, Ordering::SeqCst);
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
        if index == local.index || victim.is_held_up.load(Ordering::Relaxed) == 0 {
            continue;
        }
        for (queue, was_expired) in [(&victim.woken, false), (&victim.expired, true)] {
            loop {
                match queue.steal() {
                    Steal::Success(slot) => return Some((slot, was_expired)),
                    Steal::Empty => break,
                    Steal::Retry => {}
                }
            }
        }
        let mut injected = lock(&victim.injected);
        let slot = injected.pop_front();
        victim.injected_len.store(injected.len(), Ordering::SeqCst);
        if let Some(slot) = slot {
            return Some((slot, false));
        }
    }
    None
}
