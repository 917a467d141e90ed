//! How a worker finds what it runs next, here or at other workers, and how it rests if there is nothing.

use std::time::{Duration, Instant};

use crossbeam_deque::Steal;

use super::relief::relieve;
use super::{HANDED_OVER_MAX, Local, Public, Shared, Task};
use crate::sync::{Ordering, lock};

/// How long a worker without a task looks around before it parks: some ten microseconds, as long as waking a thread takes.
const SEARCH_ROUNDS: u32 = 32;
/// Between two looks.
const SEARCH_PAUSES: u32 = 16;
/// So long a worker watches before it looks around, see [`super::sleepers`].
const WATCH: Duration = Duration::from_micros(200);
/// So often in a row without finding anything; then it sleeps until it is woken.
const WATCHES_MAX: u32 = 20;
/// With so many tasks waiting at one worker the next theft pays, too.
const PLENTY: usize = 64;

/// Whether so much waits at a worker that another helps it.
pub(super) fn is_plenty<T: Task>(shared: &Shared<T>) -> bool {
    let mut workers = shared.workers.iter();
    workers.any(|worker| worker.woken.len() >= PLENTY)
}

/// Who runs next, and whether it comes from an expired queue.
pub(super) fn next<T: Task>(shared: &Shared<T>, local: &Local) -> Option<(u32, bool)> {
    if let Some(task) = relieve(shared, local) {
        return Some(task);
    }
    let expired_wait = !local.expired.is_empty();
    if !expired_wait {
        local.woken_ns.set(0);
        local.expired_ns.set(0);
    } else if local.woken_ns.get() > 3 * local.expired_ns.get() {
        // The woken ones have had their three quarters.
        if let Some(slot) = local.expired.pop() {
            return Some((slot, true));
        }
    }
    if let Some(slot) = local.handed_over.take() {
        let chain = local.handed_over_chain.get() + 1;
        local.handed_over_chain.set(chain % (HANDED_OVER_MAX + 1));
        // If nobody else has a turn here it need not go through the queue, where others would see it and pull at it.
        let is_alone = || local.woken.is_empty() && !shared.workers[local.index].has_own();
        if chain <= HANDED_OVER_MAX || is_alone() {
            return Some((slot, false));
        }
        local.woken.push(slot);
    }
    local.handed_over_chain.set(0);
    take_injected(shared, local);
    if let Some(slot) = take_pinned(shared, local) {
        return Some((slot, false));
    }
    if let Some(slot) = local.woken.pop() {
        return Some((slot, false));
    }
    if expired_wait && let Some(task) = steal(shared, local, local.expired.len()) {
        return Some(task);
    }
    local.expired.pop().map(|slot| (slot, true))
}

/// Looks for a task of other workers, for a while: what comes in the meantime is taken without waking a thread.
pub(super) fn search<T: Task>(shared: &Shared<T>, local: &Local) -> Option<(u32, bool)> {
    if !local.searching.replace(true) {
        shared.sleepers.start_search();
    }
    let rounds = match shared.workers.len() {
        1 => 1,
        _ => SEARCH_ROUNDS,
    };
    for _ in 0..rounds {
        take_injected(shared, local);
        if let Some(slot) = local.woken.pop() {
            return Some((slot, false));
        }
        if let Some(task) = steal(shared, local, 0) {
            return Some(task);
        }
        for _ in 0..SEARCH_PAUSES {
            std::hint::spin_loop();
        }
    }
    None
}

fn take_injected<T: Task>(shared: &Shared<T>, local: &Local) {
    let worker = &shared.workers[local.index];
    if worker.injected_len.load(Ordering::SeqCst) == 0 {
        return;
    }
    let mut injected = lock(&worker.injected);
    for slot in injected.drain(..) {
        local.woken.push(slot);
    }
    worker.injected_len.store(0, Ordering::SeqCst);
}

/// A task that only this worker may run. They take turns with what is woken.
fn take_pinned<T: Task>(shared: &Shared<T>, local: &Local) -> Option<u32> {
    let worker = &shared.workers[local.index];
    if worker.pinned_len.load(Ordering::SeqCst) == 0 {
        return None;
    }
    let was_pinned = local.was_pinned.replace(true);
    if was_pinned && !local.woken.is_empty() {
        local.was_pinned.set(false);
        return None;
    }
    let mut pinned = lock(&worker.pinned);
    let slot = pinned.pop_front();
    worker.pinned_len.store(pinned.len(), Ordering::SeqCst);
    slot
}

/// Takes a task of another worker: one that was woken, or one that has expired if more than `expired` of them wait there.
fn steal<T: Task>(shared: &Shared<T>, local: &Local, expired: usize) -> Option<(u32, bool)> {
    let count = shared.workers.len();
    for step in 1..count {
        let victim = &shared.workers[(local.index + step) % count];
        for (queue, was_expired) in [(&victim.woken, false), (&victim.expired, true)] {
            if was_expired && queue.len() <= expired {
                continue;
            }
            let stolen = steal_one(|| match was_expired {
                true => queue.steal(),
                // Half of them: what is woken is mostly short.
                false => queue.steal_batch_and_pop(&local.woken),
            });
            if let Some(slot) = stolen {
                local.stolen.set(Some(Instant::now()));
                return Some((slot, was_expired));
            }
        }
        if let Some(slot) = take_one_injected(victim) {
            return Some((slot, false));
        }
    }
    None
}

/// Tries until it is clear whether there is anything.
pub(super) fn steal_one(mut steal: impl FnMut() -> Steal<u32>) -> Option<u32> {
    loop {
        match steal() {
            Steal::Success(slot) => return Some(slot),
            Steal::Empty => return None,
            Steal::Retry => {}
        }
    }
}

/// The first task that was queued at a worker by a thread that is none.
pub(super) fn take_one_injected(victim: &Public) -> Option<u32> {
    if victim.injected_len.load(Ordering::SeqCst) == 0 {
        return None;
    }
    let mut injected = lock(&victim.injected);
    let slot = injected.pop_front();
    victim.injected_len.store(injected.len(), Ordering::SeqCst);
    slot
}

/// Rests until it is woken, or a timer is due; while others work, for a little while only, see [`super::sleepers`].
pub(super) fn park<T: Task>(shared: &Shared<T>, local: &Local) {
    let sleepers = &shared.sleepers;
    let watches = local.watches.get() < WATCHES_MAX
        && !sleepers.others_are_parked(local.index, shared.workers.len());
    let rest = match (T::before_rest(watches), watches) {
        (_, true) => Some(WATCH),
        (rest, false) => rest,
    };
    if watches {
        local.watches.set(local.watches.get() + 1);
        sleepers.start_watch();
    }
    sleepers.join(local.index);
    let deadline = shared.earliest_deadline();
    let now = shared.nanos(Instant::now());
    let is_due = deadline <= now;
    // Who watches will look, whatever there is now.
    let is_free = watches || !has_work(shared, local);
    if !is_due && is_free && !shared.stop.load(Ordering::SeqCst) {
        let rest = rest.map_or(u64::MAX, |rest| now.saturating_add(rest.as_nanos() as u64));
        let until = deadline.min(rest);
        if until == u64::MAX {
            std::thread::park();
        } else {
            std::thread::park_timeout(Duration::from_nanos(until.saturating_sub(now)));
        }
    }
    if watches {
        sleepers.end_watch();
    }
    if sleepers.leave(local.index) {
        local.searching.set(true);
    }
    if is_due {
        shared.fire_timers();
    }
}

pub(super) fn has_work<T: Task>(shared: &Shared<T>, local: &Local) -> bool {
    local.handed_over.get().is_some()
        || shared.workers[local.index].has_own()
        || shared.workers.iter().any(|worker| {
            !worker.woken.is_empty()
                || !worker.expired.is_empty()
                || worker.injected_len.load(Ordering::SeqCst) > 0
        })
}
