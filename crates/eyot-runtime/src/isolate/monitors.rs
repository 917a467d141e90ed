//! Mutexes and condition variables of `dart:concurrent`.
//!
//! To Dart they are numbers, which never come again, in objects that are deeply immutable. Here is something about one only while somebody
//! holds or awaits it, so nothing has to be freed.
//!
//! Who unlocks a mutex hands it to the one that has waited longest: nobody overtakes, and whoever is told has it already. An isolate that ends
//! gives back what it holds, and what it was handed without having noticed.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::natives::context;
use super::shared::{Holdings, Party, data};
use super::waiter::{Waiter, suspend};
use crate::native::{NativeCall, NativeFn, NativeResult, Raised};
use crate::sync::{Mutex, lock};

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("concurrent/_newMonitor", new),
    ("concurrent/_lock", acquire),
    ("concurrent/_unlock", release),
    ("concurrent/_wait", wait),
    ("concurrent/_notify", notify),
];

/// Names a mutex or a condition variable.
type MonitorId = i64;

/// Those of a group.
#[derive(Default)]
pub(super) struct Monitors {
    last: AtomicU64,
    shards: [Mutex<Shard>; SHARDS],
}

const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    mutexes: FxHashMap<MonitorId, Held>,
    conditions: FxHashMap<MonitorId, Vec<Arc<Waiter>>>,
}

/// A mutex that somebody has.
struct Held {
    owner: Party,
    queue: VecDeque<(Party, Arc<Waiter>)>,
}

/// How somebody who wants a mutex fares.
enum Turn {
    Own,
    /// It has it already.
    Again,
    Wait(Arc<Waiter>),
}

impl Monitors {
    fn shard(&self, id: MonitorId) -> &Mutex<Shard> {
        &self.shards[id as usize % SHARDS]
    }

    fn acquire(&self, id: MonitorId, party: Party, waiter: impl FnOnce() -> Arc<Waiter>) -> Turn {
        match lock(self.shard(id)).mutexes.entry(id) {
            Entry::Vacant(place) => {
                place.insert(Held {
                    owner: party,
                    queue: VecDeque::new(),
                });
                Turn::Own
            }
            Entry::Occupied(held) if held.get().owner == party => Turn::Again,
            Entry::Occupied(mut held) => {
                let waiter = waiter();
                held.get_mut().queue.push_back((party, waiter.clone()));
                Turn::Wait(waiter)
            }
        }
    }

    fn is_held_by(&self, id: MonitorId, party: Party) -> bool {
        let shard = lock(self.shard(id));
        shard
            .mutexes
            .get(&id)
            .is_some_and(|held| held.owner == party)
    }

    /// Hands the mutex to the next one, if `party` has it, and forgets that `party` waits for it.
    fn release(&self, id: MonitorId, party: Party) {
        let mut shard = lock(self.shard(id));
        let Entry::Occupied(mut entry) = shard.mutexes.entry(id) else {
            return;
        };
        let held = entry.get_mut();
        if held.owner != party {
            held.queue.retain(|(waits, _)| *waits != party);
            return;
        }
        while let Some((next, waiter)) = held.queue.pop_front() {
            held.owner = next;
            if waiter.tell() {
                return;
            }
        }
        entry.remove();
    }

    fn await_condition(&self, id: MonitorId, waiter: Arc<Waiter>) {
        let mut shard = lock(self.shard(id));
        shard.conditions.entry(id).or_default().push(waiter);
    }

    fn forget(&self, id: MonitorId, waiter: &Arc<Waiter>) {
        let mut shard = lock(self.shard(id));
        if let Entry::Occupied(mut waiters) = shard.conditions.entry(id) {
            waiters
                .get_mut()
                .retain(|other| !Arc::ptr_eq(other, waiter));
            if waiters.get().is_empty() {
                waiters.remove();
            }
        }
    }

    /// Tells the one that has waited longest, or everybody.
    fn notify(&self, id: MonitorId, all: bool) {
        let mut shard = lock(self.shard(id));
        let Entry::Occupied(mut waiters) = shard.conditions.entry(id) else {
            return;
        };
        let mut told = 0;
        for waiter in waiters.get() {
            told += 1;
            if waiter.tell() && !all {
                break;
            }
        }
        waiters.get_mut().drain(..told);
        if waiters.get().is_empty() {
            waiters.remove();
        }
    }
}

/// What an isolate has of them.
#[derive(Default)]
pub(super) struct HeldMonitors {
    mutexes: Vec<MonitorId>,
    /// The mutex it waits for, or has waited for.
    awaited: Option<MonitorId>,
    /// The condition that it waits for, or has waited for.
    condition: Option<(MonitorId, Arc<Waiter>)>,
}

impl HeldMonitors {
    /// The isolate has ended.
    pub(super) fn give_back(&mut self, monitors: &Monitors, party: Party) {
        if let Some((id, waiter)) = self.condition.take() {
            monitors.forget(id, &waiter);
        }
        for id in self.mutexes.drain(..).chain(self.awaited.take()) {
            monitors.release(id, party);
        }
    }
}

// ---- natives

/// What the running isolate has.
fn held<'c>(cx: &'c mut NativeCall<'_>) -> Result<&'c mut HeldMonitors, Raised> {
    Ok(&mut context(cx)?.resource::<Holdings>().monitors)
}

fn waiter(cx: &mut NativeCall<'_>) -> Result<Arc<Waiter>, Raised> {
    let context = context(cx)?;
    Ok(Waiter::new(context.id(), &context.group.scheduler))
}

/// `int _newMonitor()`
fn new(cx: &mut NativeCall<'_>) -> NativeResult {
    let (data, _) = data(cx)?;
    let id = data.monitors.last.fetch_add(1, Ordering::Relaxed);
    cx.ret_int(id as i64)
}

/// `void _lock(int mutex)`
fn acquire(cx: &mut NativeCall<'_>) -> NativeResult {
    let id = cx.int(0);
    let (data, party) = data(cx)?;
    let context = context(cx)?;
    let (own, scheduler) = (context.id(), context.group.scheduler.clone());
    match data
        .monitors
        .acquire(id, party, || Waiter::new(own, &scheduler))
    {
        Turn::Own => {
            held(cx)?.mutexes.push(id);
            cx.ret_null()
        }
        Turn::Again => cx.throw_state("the isolate has locked this mutex already"),
        Turn::Wait(waiter) => {
            held(cx)?.awaited = Some(id);
            let then = move |cx: &mut NativeCall<'_>| {
                let held = held(cx)?;
                held.awaited = None;
                held.mutexes.push(id);
                cx.ret_null()
            };
            suspend(cx, waiter, None, Box::new(then))
        }
    }
}

/// `void _unlock(int mutex)`: nothing if the isolate does not have it.
fn release(cx: &mut NativeCall<'_>) -> NativeResult {
    let id = cx.int(0);
    let (data, party) = data(cx)?;
    held(cx)?.mutexes.retain(|&other| other != id);
    data.monitors.release(id, party);
    cx.ret_null()
}

/// `bool _wait(int condition, int mutex, int micros)`: whether it was told in time. The mutex is free afterwards.
fn wait(cx: &mut NativeCall<'_>) -> NativeResult {
    let (condition, mutex) = (cx.int(0), cx.int(1));
    let time = u64::try_from(cx.int(2)).ok().map(Duration::from_micros);
    let (data, party) = data(cx)?;
    if !data.monitors.is_held_by(mutex, party) {
        return cx.throw_state("the isolate has not locked the mutex");
    }
    let waiter = waiter(cx)?;
    data.monitors.await_condition(condition, waiter.clone());
    let held = held(cx)?;
    held.condition = Some((condition, waiter.clone()));
    held.mutexes.retain(|&other| other != mutex);
    data.monitors.release(mutex, party);
    let then = move |cx: &mut NativeCall<'_>| {
        let (data, _) = self::data(cx)?;
        let mut is_told = false;
        if let Some((condition, waiter)) = self::held(cx)?.condition.take() {
            is_told = waiter.is_told();
            data.monitors.forget(condition, &waiter);
        }
        cx.ret_bool(is_told)
    };
    suspend(cx, waiter, time, Box::new(then))
}

/// `void _notify(int condition, bool all)`
fn notify(cx: &mut NativeCall<'_>) -> NativeResult {
    let (condition, all) = (cx.int(0), cx.bool(1));
    let (data, _) = data(cx)?;
    data.monitors.notify(condition, all);
    cx.ret_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread() -> Arc<Waiter> {
        Waiter::of_thread()
    }

    #[test]
    fn a_mutex_goes_to_who_has_waited_longest() {
        let monitors = Monitors::default();
        let parties = [1, 2, 3].map(Party);
        assert!(matches!(monitors.acquire(7, parties[0], thread), Turn::Own));
        assert!(matches!(
            monitors.acquire(7, parties[0], thread),
            Turn::Again
        ));
        let Turn::Wait(second) = monitors.acquire(7, parties[1], thread) else {
            panic!("it is held");
        };
        let Turn::Wait(third) = monitors.acquire(7, parties[2], thread) else {
            panic!("it is held");
        };
        monitors.release(7, parties[2]);
        assert!(monitors.is_held_by(7, parties[0]));
        monitors.release(7, parties[0]);
        assert!(second.is_told() && !third.is_told());
        assert!(monitors.is_held_by(7, parties[1]));
        // The third one has given up.
        monitors.release(7, parties[1]);
        assert!(lock(monitors.shard(7)).mutexes.is_empty());
    }

    #[test]
    fn threads_exclude_each_other() {
        let monitors = Monitors::default();
        let inside = std::sync::atomic::AtomicUsize::new(0);
        let mut sum = 0;
        let sum_place = std::sync::Mutex::new(&mut sum);
        std::thread::scope(|scope| {
            for party in (1..=4).map(Party) {
                let (monitors, inside, sum_place) = (&monitors, &inside, &sum_place);
                scope.spawn(move || {
                    for _ in 0..1000 {
                        if let Turn::Wait(waiter) = monitors.acquire(1, party, thread) {
                            waiter.block(None);
                        }
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        **sum_place.lock().expect("nobody panics") += 1;
                        inside.fetch_sub(1, Ordering::SeqCst);
                        monitors.release(1, party);
                    }
                });
            }
        });
        assert_eq!(sum, 4000);
    }

    #[test]
    fn one_is_notified_or_all() {
        let monitors = Monitors::default();
        let waiters: Vec<_> = (0..4).map(|_| thread()).collect();
        for waiter in &waiters {
            monitors.await_condition(3, waiter.clone());
        }
        monitors.forget(3, &waiters[0]);
        monitors.notify(3, false);
        let told: Vec<bool> = waiters.iter().map(|waiter| waiter.is_told()).collect();
        assert_eq!(told, [false, true, false, false]);
        monitors.notify(3, true);
        assert!(waiters[2].is_told() && waiters[3].is_told());
        assert!(lock(monitors.shard(3)).conditions.is_empty());
    }
}
