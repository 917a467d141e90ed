//! What the isolates of a group share: variables marked `vm:shared`, and calls that need no isolate of the program's.
//!
//! A variable is a place outside of all heaps. Its value is frozen ([`SharedValue`]): who writes makes a copy in a region of its own, of
//! which the place holds one count; who reads refers to that copy, and its heap holds a count of the region. So nothing refers from one
//! heap into another, and what was written over is freed when the last isolate that has read it has found that it needs it no more. A
//! lock for each place orders reads and writes.
//!
//! The first who reads a variable without a value computes it; others wait meanwhile. If computing fails, or whoever does it ends, the
//! next one tries.
//!
//! `IsolateGroup.runSync` makes an isolate for the call, which others enter ([`super::run::hosting`]), and which has none of the program's
//! static variables but the shared ones.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::event::{Control, Event};
use super::group::Group;
use super::monitors::{HeldMonitors, Monitors};
use super::name::Name;
use super::natives::{capability_of, context, new_send_port, port_of};
use super::run::Isolate;
use super::spawn::{SpawnRequest, Start};
use super::waiter::{Waiter, suspend};
use crate::heap::Kind;
use crate::heap::message::SharedValue;
use crate::native::{NativeCall, NativeFn, NativeResult, Raised};
use crate::port::{IsolateId, PortId};
use crate::sched::Scheduler;
use crate::sync::{Mutex, lock};
use crate::value::Value;

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("concurrent/_loadShared", load),
    ("concurrent/_beginShared", begin),
    ("concurrent/_endShared", end),
    ("concurrent/_giveUpShared", give_up),
    ("concurrent/_storeShared", store),
    ("_isolate_group/_isBound", is_bound),
    ("_isolate_group/_createBound", create_bound),
    ("_isolate_group/_endBound", end_bound),
    ("_isolate_group/_capabilityOf", capability_of),
];

/// Of a group.
#[derive(Default)]
pub struct SharedData {
    /// Of doubling length, so that none moves when there are more.
    variables: [OnceLock<Box<[Variable]>>; CHUNKS],
    pub(super) monitors: Monitors,
}

const CHUNKS: usize = 24;

#[derive(Default)]
struct Variable(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Unset,
    /// Somebody computes the first value.
    Computing {
        by: Party,
        waiters: Vec<Arc<Waiter>>,
    },
    Set(SharedValue),
}

/// An isolate, or a call that no isolate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Party(pub(super) u64);

/// What an isolate has begun and not ended, which its end undoes.
pub(super) struct Holdings {
    party: Party,
    data: Option<Arc<SharedData>>,
    computing: Vec<usize>,
    pub(super) monitors: HeldMonitors,
    /// Isolates made for calls that are under way.
    bound: Vec<IsolateId>,
    scheduler: Option<Scheduler<Isolate>>,
}

impl Default for Holdings {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Holdings {
            party: Party(NEXT.fetch_add(1, Ordering::Relaxed)),
            data: None,
            computing: Vec::new(),
            monitors: HeldMonitors::default(),
            bound: Vec::new(),
            scheduler: None,
        }
    }
}

impl Drop for Holdings {
    fn drop(&mut self) {
        let Some(data) = self.data.take() else {
            return;
        };
        for number in self.computing.drain(..) {
            if let Some(variable) = data.variable(number) {
                variable.give_up(self.party);
            }
        }
        self.monitors.give_back(&data.monitors, self.party);
        for isolate in self.bound.drain(..) {
            if let Some(scheduler) = &self.scheduler {
                kill(scheduler, isolate);
            }
        }
    }
}

impl SharedData {
    fn variable(&self, number: usize) -> Option<&Variable> {
        let place = number.checked_add(1)?;
        let chunk = place.ilog2() as usize;
        let length = 1 << chunk;
        let make = || (0..length).map(|_| Variable::default()).collect();
        let variables = self.variables.get(chunk)?.get_or_init(make);
        variables.get(place - length)
    }
}

/// How somebody who wants to compute a value fares.
enum Turn {
    /// It is to do so.
    Own,
    /// There is one.
    Done,
    /// It is computing it already.
    Again,
    /// Another one is.
    Wait(Arc<Waiter>),
}

impl Variable {
    fn begin(&self, party: Party, waiter: impl FnOnce() -> Arc<Waiter>) -> Turn {
        let mut state = lock(&self.0);
        match &mut *state {
            State::Set(_) => Turn::Done,
            State::Computing { by, .. } if *by == party => Turn::Again,
            State::Computing { waiters, .. } => {
                let waiter = waiter();
                waiters.push(waiter.clone());
                Turn::Wait(waiter)
            }
            State::Unset => {
                *state = State::Computing {
                    by: party,
                    waiters: Vec::new(),
                };
                Turn::Own
            }
        }
    }

    /// The value that `party` has computed; what another one has written meanwhile stays.
    fn end(&self, party: Party, value: SharedValue) {
        let mut state = lock(&self.0);
        if matches!(&*state, State::Computing { by, .. } if *by == party) {
            let before = std::mem::replace(&mut *state, State::Set(value));
            drop(state);
            before.tell_waiters();
        }
    }

    fn give_up(&self, party: Party) {
        let mut state = lock(&self.0);
        if matches!(&*state, State::Computing { by, .. } if *by == party) {
            let before = std::mem::take(&mut *state);
            drop(state);
            before.tell_waiters();
        }
    }

    /// What was there before is dropped, and those who wait are told, when the lock is free again.
    fn store(&self, party: Party, value: SharedValue) {
        let mut state = lock(&self.0);
        if matches!(&*state, State::Computing { by, .. } if *by == party) {
            // What it computes comes later, and stays.
            return;
        }
        let before = std::mem::replace(&mut *state, State::Set(value));
        drop(state);
        before.tell_waiters();
    }
}

impl State {
    fn tell_waiters(self) {
        if let State::Computing { waiters, .. } = self {
            for waiter in waiters {
                waiter.tell();
            }
        }
    }
}

/// The group's data, and who the running isolate is.
pub(super) fn data(cx: &mut NativeCall<'_>) -> Result<(Arc<SharedData>, Party), Raised> {
    let context = context(cx)?;
    let Some(data) = context.group.shared.clone() else {
        let message = "isolates of this program share nothing";
        return Err(cx.throw_unsupported(message).err().unwrap_or(Raised(())));
    };
    let context = self::context(cx)?;
    let holdings = context.resource::<Holdings>();
    holdings.data.get_or_insert_with(|| data.clone());
    let party = holdings.party;
    Ok((data, party))
}

/// `Object? _loadShared(int variable, Object unset)`: the value, or `unset`.
fn load(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as usize;
    let context = context(cx)?;
    let data = context.group.shared.as_ref();
    let variable = data.and_then(|data| data.variable(number));
    let message = variable.and_then(|variable| match &*lock(&variable.0) {
        State::Set(value) => Some(value.message()),
        State::Unset | State::Computing { .. } => None,
    });
    match message {
        Some(message) => {
            let value = cx.allocate(|heap, roots| heap.adopt(message, roots))?;
            cx.ret(value)
        }
        None => cx.ret(cx.arg(0)),
    }
}

/// `bool _beginShared(int variable, String name)`: whether the caller is to compute the value. If somebody else does, it waits until
/// that is over.
fn begin(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as usize;
    let (data, party) = data(cx)?;
    let context = context(cx)?;
    let (id, scheduler) = (context.id(), context.group.scheduler.clone());
    let Some(variable) = data.variable(number) else {
        return cx.throw_state("no shared variable has this number");
    };
    match variable.begin(party, || Waiter::new(id, &scheduler)) {
        Turn::Own => {
            let holdings = self::context(cx)?.resource::<Holdings>();
            holdings.computing.push(number);
            cx.ret_bool(true)
        }
        Turn::Done => cx.ret_bool(false),
        Turn::Again => {
            let name = cx.string(cx.arg(0)).unwrap_or_default();
            cx.throw_state(&format!(
                "the initial value of the shared variable '{name}' is needed to compute it"
            ))
        }
        Turn::Wait(waiter) => suspend(cx, waiter, None, Box::new(|cx| cx.ret_bool(false))),
    }
}

/// `void _endShared(int variable, String name, Object? value)`
fn end(cx: &mut NativeCall<'_>) -> NativeResult {
    put(cx, |variable, party, value| variable.end(party, value))?;
    forget(cx)
}

/// `void _giveUpShared(int variable)`
fn give_up(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as usize;
    let (data, party) = data(cx)?;
    if let Some(variable) = data.variable(number) {
        variable.give_up(party);
    }
    forget(cx)
}

/// The running isolate computes the variable no more.
fn forget(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as usize;
    let holdings = context(cx)?.resource::<Holdings>();
    holdings.computing.retain(|&other| other != number);
    cx.ret_null()
}

/// `void _storeShared(int variable, String name, Object? value)`
fn store(cx: &mut NativeCall<'_>) -> NativeResult {
    put(cx, |variable, party, value| variable.store(party, value))?;
    cx.ret_null()
}

/// Freezes the value, and puts it in its place.
fn put(
    cx: &mut NativeCall<'_>,
    put: impl FnOnce(&Variable, Party, SharedValue),
) -> Result<(), Raised> {
    let number = cx.int(0) as usize;
    let (data, party) = data(cx)?;
    let value = cx.arg(1);
    let Some(shared) = cx.heap().share(value) else {
        let name = cx.string(cx.arg(0)).unwrap_or_default();
        return refuse(cx, &name, value);
    };
    if let Some(variable) = data.variable(number) {
        put(variable, party, shared);
    }
    Ok(())
}

fn refuse(cx: &mut NativeCall<'_>, name: &str, value: Value) -> Result<(), Raised> {
    let class = cx.class_of(value);
    let program = cx.program();
    if program.layouts().get(class).kind == Kind::Blob {
        let message = format!(
            "not supported yet: typed data that can be written to in the shared variable '{name}'"
        );
        return cx.throw_unsupported(&message).map(|_| ());
    }
    let class = program.class_name(class);
    let message = format!(
        "this instance of '{class}' is not deeply immutable, so that isolates cannot share it: it, or what it refers to, can change"
    );
    cx.throw_argument(value, name, &message).map(|_| ())
}

// ---- calls that need no isolate

fn kill(scheduler: &Scheduler<Isolate>, isolate: IsolateId) {
    let control = Control::Kill {
        right: Group::capability(isolate, 1),
        immediate: true,
    };
    // It may have ended by itself.
    let _ = scheduler.send_urgent(isolate, Event::Control(Box::new(control)));
}

/// `bool _isBound()`: whether the caller is such a call.
fn is_bound(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_bound = cx.is_bound();
    cx.ret_bool(is_bound)
}

/// `SendPort _createBound()`: the control port of an isolate for a call, which ends with the caller at the latest.
fn create_bound(cx: &mut NativeCall<'_>) -> NativeResult {
    data(cx)?;
    let context = context(cx)?;
    let name = Name::Given("isolate group".into());
    let isolate = context.spawn(SpawnRequest::new(Start::Bound, name));
    let scheduler = context.group.scheduler.clone();
    let holdings = context.resource::<Holdings>();
    holdings.bound.push(isolate);
    holdings.scheduler.get_or_insert(scheduler);
    let port = new_send_port(cx, PortId { isolate, number: 0 })?;
    cx.ret(port)
}

/// `void _endBound(SendPort controlPort)`
fn end_bound(cx: &mut NativeCall<'_>) -> NativeResult {
    let port = port_of(cx, cx.arg(0));
    let context = context(cx)?;
    let scheduler = context.group.scheduler.clone();
    let bound = &mut context.resource::<Holdings>().bound;
    if let Some(port) = port
        && let Some(index) = bound.iter().position(|&isolate| isolate == port.isolate)
    {
        bound.swap_remove(index);
        kill(&scheduler, port.isolate);
    }
    cx.ret_null()
}
