//! Isolates that other isolates enter (`Isolate.create`, `runSync` and their like), and waiting for a message in the middle of an event.
//!
//! Whoever enters an isolate waits in a native until that isolate has answered: it sends a [`HostCall`] and gets the answer as the
//! completion of its native. The isolate that is entered takes calls between events, one at a time. One made by `Isolate.create` does
//! nothing else: what arrives for it is put aside, and told to its callback if it has one, until a call lets it handle one event, or all.
//!
//! A thread is a worker here. During a call the isolate runs on the worker of the caller only; a pinned one always does, and who enters
//! others stays on its worker until its event is over, so that two calls in a row come from the same thread.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Isolate, Next, Phase};
use crate::heap::message::Message;
use crate::interp::machine::Machine;
use crate::isolate::context::{HostJob, Outcome, after};
use crate::isolate::event::{Completion, Event};
use crate::isolate::group::Group;
use crate::isolate::name::Name;
use crate::isolate::natives::{capability_id, context, copy, port_of, spawn_requested};
use crate::isolate::spawn::{SpawnRequest, Start};
use crate::native::{Kept, NativeCall, NativeResult, Raised};
use crate::port::IsolateId;
use crate::program::types::TypeArguments;
use crate::sched::{Scheduler, Slice, TimerId};
use crate::value::Value;

/// What another isolate wants of one, and where its answer goes.
pub struct HostCall {
    right: u64,
    from: IsolateId,
    worker: usize,
    operation: Operation,
}

enum Operation {
    /// Call this function.
    Run(Message),
    /// Handle events until nothing keeps it alive.
    Loop,
    /// Handle one event.
    Event,
    /// Tell this callback of each new event.
    Callback(Message),
    /// End.
    ShutDown,
}

/// The calls to an isolate.
#[derive(Default)]
pub(in crate::isolate) struct Hosting {
    /// It was made without a loop of its own.
    is_created: bool,
    /// Who waits for the end of its loop.
    looping: Option<HostCall>,
    calls: VecDeque<HostCall>,
    /// The call whose event is under way.
    current: Option<HostCall>,
    /// What it will be answered.
    answer: Option<Completion>,
    on_event: Option<Kept>,
    /// How many of the pending events the callback has been told of.
    told: usize,
    shut_down: Vec<HostCall>,
}

const RUNNING: &str = "the isolate is running";
const HAS_LOOP: &str = "the isolate's event loop is running";
const ENDED: &str = "the isolate has ended";
const PINNED: &str = "the isolate is pinned to another thread";

impl HostCall {
    fn answer(self, scheduler: &Scheduler<Isolate>, completion: Completion) {
        // Who asked may have been killed.
        let _ = scheduler.send_urgent(self.from, Event::Completed(completion));
    }

    fn done(self, scheduler: &Scheduler<Isolate>) {
        self.answer(scheduler, Box::new(|cx| cx.ret_null()));
    }

    fn refuse(self, scheduler: &Scheduler<Isolate>, why: &'static str) {
        self.answer(scheduler, Box::new(move |cx| cx.throw_state(why)));
    }

    /// The isolate has ended.
    pub(in crate::isolate) fn undelivered(self, scheduler: &Scheduler<Isolate>) {
        match self.operation {
            Operation::ShutDown => self.done(scheduler),
            _ => self.refuse(scheduler, ENDED),
        }
    }
}

impl Isolate {
    /// A call has arrived: it waits for the end of the event, if it may.
    pub(super) fn host_call(&mut self, call: HostCall) {
        let is_in_event = self.is_in_event();
        let scheduler = self.context.group.scheduler.clone();
        if call.right != Group::capability(self.context.id, 1) {
            return call.refuse(
                &scheduler,
                "this Isolate object has no terminate capability",
            );
        }
        if is_in_event && matches!(call.operation, Operation::Run(_)) {
            return call.refuse(&scheduler, RUNNING);
        }
        let hosting = self.context.side().hosting.get_or_insert_default();
        hosting.calls.push_back(call);
    }

    /// Between events: what those who enter it want; none if the isolate goes on by itself.
    pub(super) fn host_turn(
        &mut self,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Option<Next> {
        let side = self.context.side.as_mut()?;
        if std::mem::take(&mut side.holds_worker) {
            slice.record().set_free();
        }
        let hosting = side.hosting.as_mut()?;
        if let Some(call) = hosting.current.take() {
            let answer = hosting.answer.take();
            let scheduler = slice.scheduler();
            slice.record().set_free();
            match answer {
                Some(answer) => call.answer(&scheduler, answer),
                None => call.done(&scheduler),
            }
        }
        let waits = hosting.is_created && hosting.looping.is_none();
        let call = hosting.calls.pop_front();
        if waits {
            self.put_aside(slice);
        }
        let Some(call) = call else {
            return waits.then_some(Next::Idle);
        };
        let pinned = slice.record().pinned_to();
        if pinned.is_some_and(|worker| worker != call.worker) {
            call.refuse(&slice.scheduler(), PINNED);
            return Some(Next::Go);
        }
        if call.worker != slice.worker() {
            slice.record().set_home(call.worker, false);
            let hosting = self.context.side().hosting.get_or_insert_default();
            hosting.calls.push_front(call);
            return Some(Next::Expired);
        }
        slice.record().set_home(call.worker, false);
        Some(self.take_call(call, machine, slice))
    }

    fn take_call(
        &mut self,
        mut call: HostCall,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let hosting = self.context.side().hosting.get_or_insert_default();
        let has_loop = !hosting.is_created || hosting.looping.is_some();
        let next = match &mut call.operation {
            Operation::Run(function) => {
                let function = std::mem::replace(function, Message::Immediate(Value::NULL));
                hosting.current = Some(call);
                return match self.state.adopt(function) {
                    Ok(function) => {
                        let entry = self.context.group.entries.run_hosted;
                        self.call_entry(entry, &[function], machine, slice)
                    }
                    Err(_) => self.out_of_memory(machine, slice),
                };
            }
            Operation::ShutDown => {
                hosting.shut_down.push(call);
                return Next::End(Outcome::Killed);
            }
            _ if has_loop => {
                call.refuse(&slice.scheduler(), HAS_LOOP);
                Next::Go
            }
            Operation::Loop => {
                slice.record().set_home(call.worker, true);
                hosting.looping = Some(call);
                return Next::Go;
            }
            Operation::Event => {
                hosting.current = Some(call);
                hosting.told = hosting.told.saturating_sub(1);
                return self.one_event(machine, slice);
            }
            Operation::Callback(callback) => {
                let callback = std::mem::replace(callback, Message::Immediate(Value::NULL));
                match self.state.adopt(callback) {
                    Ok(value) => {
                        let kept = (value != Value::NULL).then(|| self.state.keep(value));
                        let hosting = self.context.side().hosting.get_or_insert_default();
                        if let Some(before) = std::mem::replace(&mut hosting.on_event, kept) {
                            self.state.release(before);
                        }
                        call.done(&slice.scheduler());
                    }
                    Err(_) => {
                        call.answer(&slice.scheduler(), Box::new(|cx| cx.throw_out_of_memory()))
                    }
                }
                Next::Go
            }
        };
        slice.record().set_free();
        next
    }

    /// Handles an event for a call, if there is one.
    fn one_event(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        if self.state.heap.has_finalized() {
            let entry = self.context.group.entries.run_finalizer;
            return self.call_entry(entry, &[], machine, slice);
        }
        match self.take_event(slice) {
            Some(event) => self.handle(event, machine, slice),
            None => Next::Go,
        }
    }

    /// Takes what has arrived out of the mailbox, and tells the callback.
    fn put_aside(&mut self, slice: &mut Slice<'_, Self>) {
        let side = self.context.side();
        while let Some(event) = slice.receive() {
            side.pending.push_back(event);
        }
        let pending = side.pending.len();
        let hosting = side.hosting.get_or_insert_default();
        let Some(callback) = hosting.on_event else {
            return;
        };
        hosting.told = hosting.told.min(pending);
        let news = pending.saturating_sub(hosting.told);
        hosting.told = pending;
        for _ in 0..news {
            let callback = self.state.kept(callback);
            let Ok(message) = self.state.heap.copy_message(callback) else {
                break;
            };
            let name = Name::Given("Isolate.onEvent".into());
            self.context
                .spawn(&mut SpawnRequest::new(Start::Notice(message), name));
        }
    }

    /// The oldest event that was put aside, or the next one of the mailbox.
    pub(super) fn take_event(&mut self, slice: &mut Slice<'_, Self>) -> Option<Event> {
        let side = self.context.side.as_mut();
        side.and_then(|side| side.pending.pop_front())
            .or_else(|| slice.receive())
    }

    /// Nothing can happen to it any more.
    pub(super) fn out_of_events(&mut self, slice: &mut Slice<'_, Self>) -> Next {
        let hosting = self.context.side.as_mut().and_then(|s| s.hosting.as_mut());
        match hosting.and_then(|hosting| hosting.looping.take()) {
            Some(call) => {
                call.done(&slice.scheduler());
                Next::Go
            }
            None => Next::End(Outcome::Finished),
        }
    }

    /// What a waiting native goes on with if it waits for a message that has come.
    pub(super) fn taken(
        &mut self,
        timer: Option<TimerId>,
        slice: &mut Slice<'_, Self>,
    ) -> Option<Completion> {
        let side = self.context.side.as_mut()?;
        let port = side.taking?;
        let is_wanted =
            |event: &Event| matches!(event, Event::Message { port: to, .. } if *to == port);
        let aside = side.pending.iter().position(is_wanted);
        let mut found = aside.and_then(|index| side.pending.remove(index));
        while found.is_none() {
            let event = slice.receive()?;
            if is_wanted(&event) {
                found = Some(event);
            } else {
                side.pending.push_back(event);
            }
        }
        let Some(Event::Message { message, .. }) = found else {
            return None;
        };
        self.context.received += 1;
        if let Some(timer) = timer {
            slice.cancel_timer(timer);
        }
        Some(Box::new(move |cx| {
            let value = cx.allocate(|heap, roots| heap.adopt(message, roots))?;
            let value = cx.root(value);
            let list = cx.new_list(TypeArguments::EMPTY, 1)?;
            let value = cx.get(value);
            cx.list_set(list, 0, value);
            cx.ret(list)
        }))
    }

    /// Whoever waits for an answer gets one.
    pub(super) fn end_hosting(&mut self, hosting: Hosting) {
        let scheduler = &self.context.group.scheduler;
        let calls = hosting.current.into_iter().chain(hosting.looping);
        for call in calls.chain(hosting.calls).chain(hosting.shut_down) {
            call.undelivered(scheduler);
        }
    }

    /// The isolate will have no loop of its own.
    pub(in crate::isolate) fn without_loop(&mut self) {
        let hosting = self.context.side().hosting.get_or_insert_default();
        hosting.is_created = true;
    }

    /// Begins to wait for a message to a port.
    pub(super) fn begin_taking(
        &mut self,
        port: u64,
        time: Option<Duration>,
        slice: &mut Slice<'_, Self>,
    ) {
        let id = self.context.id;
        let set = |time| slice.scheduler().set_timer(id, after(time), true);
        self.phase = Phase::Waiting(time.map(set));
        self.context.side().taking = Some(port);
    }
}

// ---- natives

/// `SendPort _createIsolate(String? debugName)`
pub(in crate::isolate) fn create(cx: &mut NativeCall<'_>) -> NativeResult {
    let name = cx.string(cx.arg(0));
    let name = Name::Given(name.unwrap_or_else(|| "isolate".to_owned()).into());
    spawn_requested(cx, &mut SpawnRequest::new(Start::Hosted, name))
}

/// `Object? _enterIsolate(SendPort controlPort, Capability? right, int operation, Object? argument)`
pub(in crate::isolate) fn enter(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(target) = port_of(cx, cx.arg(0)).filter(|port| port.number == 0) else {
        return cx.throw_argument_message("not the control port of an isolate");
    };
    let right = capability_id(cx, cx.arg(1)).unwrap_or(0);
    let argument = 2;
    let operation = match cx.int(0) {
        0 => Operation::Run(frozen(cx, argument, "the function")?),
        1 => Operation::Loop,
        2 => Operation::Event,
        3 => Operation::Callback(frozen(cx, argument, "the callback")?),
        _ => Operation::ShutDown,
    };
    let context = context(cx)?;
    let scheduler = context.group.scheduler.clone();
    let (Some(worker), from) = (scheduler.worker(), context.id()) else {
        return cx.throw_state("no isolate can be entered from here");
    };
    if target.isolate == from {
        return cx.throw_state(RUNNING);
    }
    let Some(record) = scheduler.registry().get(target.isolate) else {
        return match operation {
            Operation::ShutDown => cx.ret_null(),
            _ => cx.throw_state(ENDED),
        };
    };
    if !context.is_of_group(target.isolate) && !matches!(operation, Operation::ShutDown) {
        return cx.throw_state("the isolate is of another group");
    }
    if record.pinned_to().is_some_and(|to| to != worker) {
        return cx.throw_state(PINNED);
    }
    cx.pending(Box::new(HostJob::Enter {
        isolate: target.isolate,
        call: HostCall {
            right,
            from,
            worker,
            operation,
        },
    }))
}

/// A copy of a tagged argument, which must be deeply immutable.
fn frozen(cx: &mut NativeCall<'_>, index: usize, what: &str) -> Result<Message, Raised> {
    let value = cx.arg(index);
    check_immutable(cx, value, what)?;
    copy(cx, index)
}

fn check_immutable(cx: &mut NativeCall<'_>, value: Value, what: &str) -> NativeResult {
    if cx.heap().is_deeply_immutable(value) {
        return cx.ret_null();
    }
    let class = cx.class_of(value);
    let program = cx.program();
    let name = program.class_name(class);
    cx.throw_argument_message(&format!(
        "{what} must be deeply immutable, and this instance of '{name}' is not: it, or what it captures, can change"
    ))
}

/// `void _checkDeeplyImmutable(Object? value, String what)`
pub(in crate::isolate) fn check_deeply_immutable(cx: &mut NativeCall<'_>) -> NativeResult {
    if cx.is_bound() {
        // What a call without an isolate gives is nobody else's, but for what is immutable: it may as well be copied.
        return cx.ret_null();
    }
    let what = cx.string(cx.arg(1)).unwrap_or_default();
    let value = cx.arg(0);
    check_immutable(cx, value, &what)
}

/// `void _answerHost(List<Object?> answer)`
pub(in crate::isolate) fn answer_host(cx: &mut NativeCall<'_>) -> NativeResult {
    let message = copy(cx, 0)?;
    let hosting = context(cx)?.side().hosting.get_or_insert_default();
    hosting.answer = Some(Box::new(move |cx| {
        let list = cx.allocate(|heap, roots| heap.adopt(message, roots))?;
        cx.ret(list)
    }));
    cx.ret_null()
}

/// `bool _pinIsolate()`
pub(in crate::isolate) fn pin(cx: &mut NativeCall<'_>) -> NativeResult {
    let context = context(cx)?;
    let scheduler = &context.group.scheduler;
    let record = scheduler.registry().get(context.id());
    let (Some(record), Some(worker)) = (record, scheduler.worker()) else {
        return cx.ret_bool(false);
    };
    record.set_home(worker, true);
    cx.ret_bool(true)
}

/// `bool _isPinnedHere(SendPort controlPort)`
pub(in crate::isolate) fn is_pinned_here(cx: &mut NativeCall<'_>) -> NativeResult {
    let port = port_of(cx, cx.arg(0));
    let context = context(cx)?;
    let scheduler = context.group.scheduler.clone();
    let registry = scheduler.registry();
    let pinned = port.and_then(|port| registry.get(port.isolate)?.pinned_to());
    let worker = scheduler.worker();
    if let (Some(worker), Some(own)) = (worker, registry.get(context.id())) {
        // The answer holds until the event is over.
        own.set_home(worker, false);
        context.side().holds_worker = true;
    }
    cx.ret_bool(pinned.is_some() && pinned == worker)
}

/// `List<Object?>? _takeMessage(SendPort port, int micros)`
pub(in crate::isolate) fn take_message(cx: &mut NativeCall<'_>) -> NativeResult {
    let micros = u64::try_from(cx.int(0)).ok();
    let own = context(cx)?.id();
    let port = port_of(cx, cx.arg(0)).filter(|port| port.isolate == own);
    let Some(port) = port else {
        return cx.throw_state("not a port of this isolate");
    };
    cx.pending(Box::new(HostJob::Take {
        port: port.number,
        time: micros.map(Duration::from_micros),
    }))
}
