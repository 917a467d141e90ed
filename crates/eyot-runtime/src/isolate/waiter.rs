//! Waiting in a native for what other isolates do.
//!
//! Who waits makes a [`Waiter`], puts it where the others find it, and suspends with [`HostJob::Await`]. Whoever has what it
//! waits for *tells* it, once, or it *gives up*, because its time is over or its isolate has ended: one of the two happens, and both sides know
//! which. The isolate holds no worker meanwhile; a call that no isolate of the program's has blocks its thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::{HostJob, after};
use super::event::{Completion, Control, Event};
use super::run::{Isolate, Phase, is_nobody};
use crate::native::{NativeCall, NativeResult};
use crate::port::IsolateId;
use crate::sched::{Scheduler, Slice};
use crate::sync::{Condvar, Mutex, lock};

/// Somebody who waits.
pub(super) struct Waiter {
    who: Option<(IsolateId, Scheduler<Isolate>)>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Told,
    GivenUp,
}

impl Waiter {
    /// The running isolate, or the thread if it has no place among the isolates.
    pub(super) fn new(id: IsolateId, scheduler: &Scheduler<Isolate>) -> Arc<Waiter> {
        Arc::new(Waiter {
            who: (!is_nobody(id)).then(|| (id, scheduler.clone())),
            state: Mutex::new(State::Waiting),
            changed: Condvar::new(),
        })
    }

    /// A thread that no isolate of the program's runs on.
    #[cfg(test)]
    pub(super) fn of_thread() -> Arc<Waiter> {
        Arc::new(Waiter {
            who: None,
            state: Mutex::new(State::Waiting),
            changed: Condvar::new(),
        })
    }

    /// Lets it go on; whether it still waited.
    pub(super) fn tell(&self) -> bool {
        if !self.leave(State::Told) {
            return false;
        }
        match &self.who {
            // An isolate that has ended meanwhile finds out as it gives up.
            Some((id, scheduler)) => {
                let _ = scheduler.send_urgent(*id, Event::Control(Box::new(Control::Wake)));
            }
            None => self.changed.notify_all(),
        }
        true
    }

    /// It waits no more, unless it has been told before.
    fn give_up(&self) {
        self.leave(State::GivenUp);
    }

    fn leave(&self, to: State) -> bool {
        let mut state = lock(&self.state);
        let waits = *state == State::Waiting;
        if waits {
            *state = to;
        }
        waits
    }

    pub(super) fn is_told(&self) -> bool {
        *lock(&self.state) == State::Told
    }

    /// Blocks the thread until it is told, or the time is over.
    pub(super) fn block(&self, time: Option<Duration>) {
        let end = time.map(|time| Instant::now() + time);
        let mut state = lock(&self.state);
        while *state == State::Waiting {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let waited = match left {
                Some(Duration::ZERO) => return,
                Some(left) => {
                    let waited = self.changed.wait_timeout(state, left);
                    waited.ok().map(|(state, _)| state)
                }
                None => self.changed.wait(state).ok(),
            };
            let Some(waited) = waited else {
                return;
            };
            state = waited;
        }
    }
}

/// What an isolate waits for, and goes on with. The waiter gives up when this is dropped.
pub struct Awaited {
    waiter: Arc<Waiter>,
    then: Option<Completion>,
}

impl Awaited {
    /// Blocks the thread until the waiter is told, or the time is over, and ends the waiting.
    pub(super) fn block(self, time: Option<Duration>) -> Option<Completion> {
        self.waiter.block(time);
        self.end()
    }

    /// Ends the waiting.
    fn end(mut self) -> Option<Completion> {
        self.then.take()
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.waiter.give_up();
    }
}

/// Suspends the native until the waiter is told, or the time is over; it goes on with `then`, which asks the waiter.
pub(super) fn suspend(
    cx: &mut NativeCall<'_>,
    waiter: Arc<Waiter>,
    time: Option<Duration>,
    then: Completion,
) -> NativeResult {
    let then = Some(then);
    let awaited = Awaited { waiter, then };
    cx.pending(Box::new(HostJob::Await { awaited, time }))
}

impl Isolate {
    pub(super) fn begin_awaiting(
        &mut self,
        awaited: Awaited,
        time: Option<Duration>,
        slice: &mut Slice<'_, Self>,
    ) {
        let id = self.context.id;
        let set = |time| slice.scheduler().set_timer(id, after(time), true);
        self.phase = Phase::Waiting(time.map(set));
        self.context.side().awaited = Some(awaited);
    }

    /// It has been told something, or it was another one that waited here before.
    pub(super) fn woken(&mut self, slice: &mut Slice<'_, Self>) {
        let Phase::Waiting(timer) = self.phase else {
            return;
        };
        let side = self.context.side.as_mut();
        let awaited =
            side.and_then(|side| side.awaited.take_if(|awaited| awaited.waiter.is_told()));
        let Some(completion) = awaited.and_then(Awaited::end) else {
            return;
        };
        if let Some(timer) = timer {
            slice.cancel_timer(timer);
        }
        self.completion = Some(Box::new(completion));
    }

    /// What it goes on with if the time to wait is over.
    pub(super) fn waited_enough(&mut self) -> Option<Completion> {
        self.context.side.as_mut()?.awaited.take()?.end()
    }
}
