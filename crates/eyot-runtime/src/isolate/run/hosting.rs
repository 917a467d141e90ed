//! Isolates that other isolates enter (`Isolate.create`, `runSync` and their like), and waiting for a message in the middle of an event.
//!
//! Whoever enters an isolate waits in a native until that isolate has answered: it sends a [`HostCall`] and gets the answer as the
//! completion of its native. The isolate that is entered takes calls between events, one at a time. One made by `Isolate.create` does
//! nothing else: what arrives for it is put aside, and told to its callback if it has one, until a call lets it handle one event, or all.
//!
//! Threads of whoever embeds the runtime do the same with requests of their own ([`crate::isolate::embed`]). One may keep the isolate to
//! itself: then it goes on by itself no more than one made by `Isolate.create`, and everybody else's calls wait.
//!
//! A thread is a worker here. During a call the isolate runs on the worker of the caller only; a pinned one always does, and who enters
//! others stays on its worker until its event is over, so that two calls in a row come from the same thread.

use std::any::Any;
use std::collections::VecDeque;
use std::thread::ThreadId;
use std::time::Duration;

use super::{Isolate, Next, Phase};
use crate::heap::message::Message;
use crate::interp::machine::Machine;
use crate::isolate::context::{HostJob, Outcome, after};
use crate::isolate::embed::{Answer, Asker, Notify, Request};
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

/// What another isolate, or a thread, wants of one, and where its answer goes.
pub struct HostCall {
    caller: Caller,
    operation: Operation,
}

enum Caller {
    Isolate {
        right: u64,
        id: IsolateId,
        worker: usize,
    },
    Thread(Asker),
}

enum Operation {
    /// Call this function.
    Run(Message),
    /// Tell this callback of each new event.
    Callback(Message),
    /// What threads ask for; of isolates' calls it is the loop, one event, or the end.
    Of(Request),
}

/// The calls to an isolate.
#[derive(Default)]
pub(in crate::isolate) struct Hosting {
    /// It was made without a loop of its own.
    is_created: bool,
    /// Who waits for the end of its loop.
    looping: Option<Caller>,
    calls: VecDeque<HostCall>,
    /// Whose call's event is under way.
    current: Option<Caller>,
    /// What it will be answered.
    answer: Option<Reply>,
    /// The thread that has it.
    holder: Option<ThreadId>,
    on_event: Option<Kept>,
    notify: Option<Notify>,
    /// How many of the pending events the callback has been told of.
    told: usize,
    shut_down: Vec<Caller>,
}

const RUNNING: &str = "the isolate is running";
const HAS_LOOP: &str = "the isolate's event loop is running";
const ENDED: &str = "the isolate has ended";
const PINNED: &str = "the isolate is pinned to another thread";

/// An answer, as its caller takes it.
enum Reply {
    Native(Completion),
    Thread(Answer),
}

impl HostCall {
    /// What a thread asks for.
    pub(in crate::isolate) fn of_thread(asker: Asker, request: Request) -> HostCall {
        HostCall {
            caller: Caller::Thread(asker),
            operation: Operation::Of(request),
        }
    }

    /// The isolate has ended.
    pub(in crate::isolate) fn undelivered(self, scheduler: &Scheduler<Isolate>) {
        match (&self.caller, &self.operation) {
            (Caller::Isolate { .. }, Operation::Of(Request::ShutDown)) => {
                self.caller.done(scheduler);
            }
            _ => self.caller.ended(scheduler),
        }
    }
}

impl Caller {
    fn reply(self, scheduler: &Scheduler<Isolate>, reply: Reply) {
        match (self, reply) {
            (Caller::Isolate { id, .. }, Reply::Native(completion)) => {
                // Who asked may have been killed.
                let _ = scheduler.send_urgent(id, Event::Completed(completion));
            }
            (caller @ Caller::Isolate { .. }, Reply::Thread(_)) => {
                caller.reply(scheduler, Reply::Native(Box::new(|cx| cx.ret_null())));
            }
            (Caller::Thread(asker), Reply::Thread(answer)) => asker.answer(answer),
            (Caller::Thread(asker), Reply::Native(_)) => asker.answer(Answer::Done),
        }
    }

    fn done(self, scheduler: &Scheduler<Isolate>) {
        self.reply(scheduler, Reply::Thread(Answer::Done));
    }

    /// An isolate's native throws; a thread is told the reason.
    fn refuse(self, scheduler: &Scheduler<Isolate>, why: &'static str, answer: Answer) {
        let reply = match self {
            Caller::Isolate { .. } => Reply::Native(Box::new(move |cx| cx.throw_state(why))),
            Caller::Thread(_) => Reply::Thread(answer),
        };
        self.reply(scheduler, reply);
    }

    fn ended(self, scheduler: &Scheduler<Isolate>) {
        self.refuse(scheduler, ENDED, Answer::Ended);
    }

    fn thread(&self) -> Option<ThreadId> {
        match self {
            Caller::Isolate { .. } => None,
            Caller::Thread(asker) => Some(asker.thread),
        }
    }
}

impl Hosting {
    /// Whether events are put aside until somebody asks for them.
    fn waits(&self) -> bool {
        (self.is_created || self.holder.is_some()) && self.looping.is_none()
    }

    /// The next call that may go: while a thread has the isolate, only its own and those that nobody notices.
    fn next_call(&mut self) -> Option<HostCall> {
        let Some(holder) = self.holder else {
            return self.calls.pop_front();
        };
        let may_go = |call: &HostCall| {
            call.caller.thread() == Some(holder)
                || matches!(
                    call.operation,
                    Operation::Of(Request::Notify(_) | Request::Go)
                )
        };
        let index = self.calls.iter().position(may_go)?;
        self.calls.remove(index)
    }

    /// The answer to a thread's call of a function.
    pub(in crate::isolate) fn answer_with(&mut self, value: Box<dyn Any + Send>) {
        self.answer = Some(Reply::Thread(Answer::Value(value)));
    }
}

impl Isolate {
    /// A call has arrived: it waits for the end of the event, if it may.
    pub(super) fn host_call(&mut self, call: HostCall) {
        let is_in_event = self.is_in_event();
        let is_starting = matches!(self.phase, Phase::Starting(_));
        let scheduler = self.context.group.scheduler.clone();
        let may_terminate = Group::capability(self.context.id, 1);
        let hosting = self.context.side().hosting.get_or_insert_default();
        match (&call.caller, &call.operation) {
            (Caller::Isolate { right, .. }, _) if *right != may_terminate => {
                let why = "this Isolate object has no terminate capability";
                return call.caller.refuse(&scheduler, why, Answer::Busy);
            }
            (Caller::Isolate { .. }, Operation::Run(_)) if is_in_event => {
                return call.caller.refuse(&scheduler, RUNNING, Answer::Busy);
            }
            (_, Operation::Of(Request::ShutDown)) => {}
            (Caller::Thread(asker), Operation::Of(Request::Exit)) => {
                // Not in the middle of an event: its thread would wait for that.
                if hosting.holder == Some(asker.thread) {
                    hosting.holder = None;
                }
                return call.caller.done(&scheduler);
            }
            (Caller::Isolate { .. }, _) if hosting.holder.is_some() => {
                return call.caller.refuse(&scheduler, RUNNING, Answer::Busy);
            }
            (Caller::Thread(asker), Operation::Of(Request::Enter { waits })) => {
                if hosting.holder == Some(asker.thread) {
                    return call.caller.refuse(&scheduler, RUNNING, Answer::Entered);
                }
                let is_free = hosting.holder.is_none() && hosting.calls.is_empty();
                if !*waits && (is_in_event || is_starting || !is_free) {
                    return call.caller.refuse(&scheduler, RUNNING, Answer::Busy);
                }
            }
            _ => {}
        }
        hosting.calls.push_back(call);
    }

    /// Whether nothing happens in it before somebody asks for that.
    pub(super) fn is_put_aside(&self) -> bool {
        let side = self.context.side.as_ref();
        let hosting = side.and_then(|side| side.hosting.as_ref());
        hosting.is_some_and(|hosting| hosting.waits())
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
        if let Some(caller) = hosting.current.take() {
            let answer = hosting.answer.take();
            slice.record().set_free();
            caller.reply(
                &slice.scheduler(),
                answer.unwrap_or(Reply::Thread(Answer::Done)),
            );
        }
        let waits = hosting.waits();
        let call = hosting.next_call();
        if waits {
            self.put_aside(slice);
        }
        let Some(call) = call else {
            return waits.then_some(Next::Idle);
        };
        let Caller::Isolate { worker, .. } = call.caller else {
            // Any worker will do for a thread.
            return Some(self.take_call(call, machine, slice));
        };
        let pinned = slice.record().pinned_to();
        if pinned.is_some_and(|to| to != worker) {
            call.caller.refuse(&slice.scheduler(), PINNED, Answer::Busy);
            return Some(Next::Go);
        }
        slice.record().set_home(worker, false);
        if worker != slice.worker() {
            let hosting = self.context.side().hosting.get_or_insert_default();
            hosting.calls.push_front(call);
            return Some(Next::Expired);
        }
        Some(self.take_call(call, machine, slice))
    }

    fn take_call(
        &mut self,
        call: HostCall,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let HostCall { caller, operation } = call;
        let hosting = self.context.side().hosting.get_or_insert_default();
        match operation {
            Operation::Of(request) => return self.grant(caller, request, machine, slice),
            Operation::Run(function) => {
                hosting.current = Some(caller);
                return match self.state.adopt(function) {
                    Ok(function) => {
                        let entry = self.context.group.entries.run_hosted;
                        self.call_entry(entry, &[function], machine, slice)
                    }
                    Err(_) => self.out_of_memory(machine, slice),
                };
            }
            Operation::Callback(_) if !hosting.waits() => {
                caller.refuse(&slice.scheduler(), HAS_LOOP, Answer::Busy);
            }
            Operation::Callback(callback) => match self.state.adopt(callback) {
                Ok(value) => {
                    let kept = (value != Value::NULL).then(|| self.state.keep(value));
                    let hosting = self.context.side().hosting.get_or_insert_default();
                    if let Some(before) = std::mem::replace(&mut hosting.on_event, kept) {
                        self.state.release(before);
                    }
                    caller.done(&slice.scheduler());
                }
                Err(_) => {
                    let refuse: Completion = Box::new(|cx| cx.throw_out_of_memory());
                    caller.reply(&slice.scheduler(), Reply::Native(refuse));
                }
            },
        }
        slice.record().set_free();
        Next::Go
    }

    /// Does what a thread asks for, or an isolate like one.
    fn grant(
        &mut self,
        caller: Caller,
        request: Request,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let hosting = self.context.side().hosting.get_or_insert_default();
        let mut answer = Answer::Done;
        match request {
            Request::Main(main) => {
                hosting.current = Some(caller);
                return self.call_main(*main, machine, slice);
            }
            Request::Call {
                function,
                arguments,
            } => {
                hosting.current = Some(caller);
                return self.call_named(&function, arguments, machine, slice);
            }
            Request::ShutDown => {
                let outcome = match caller {
                    Caller::Isolate { .. } => Outcome::Killed,
                    Caller::Thread(_) => Outcome::Finished,
                };
                hosting.shut_down.push(caller);
                return Next::End(outcome);
            }
            Request::Loop | Request::Event if !hosting.waits() => {
                caller.refuse(&slice.scheduler(), HAS_LOOP, Answer::Busy);
                slice.record().set_free();
                return Next::Go;
            }
            Request::Loop => {
                if let Caller::Isolate { worker, .. } = caller {
                    slice.record().set_home(worker, true);
                }
                hosting.looping = Some(caller);
                return Next::Go;
            }
            Request::Event => {
                hosting.current = Some(caller);
                hosting.told = hosting.told.saturating_sub(1);
                return self.one_event(machine, slice);
            }
            Request::Enter { .. } => hosting.holder = caller.thread(),
            // Done when it arrived.
            Request::Exit => {}
            Request::Go => hosting.is_created = false,
            Request::Notify(notify) => {
                hosting.notify = notify;
                hosting.told = 0;
            }
            Request::Look => {
                self.put_aside(slice);
                let side = self.context.side.as_ref();
                answer = Answer::Waiting {
                    events: side.map_or(0, |side| side.pending.len()),
                    has_live_ports: self.context.ports.keep_alive(),
                };
            }
        }
        caller.reply(&slice.scheduler(), Reply::Thread(answer));
        slice.record().set_free();
        Next::Go
    }

    /// Handles an event for a call, if there is one.
    fn one_event(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        if self.state.heap.has_finalized() {
            let entry = self.context.group.entries.run_finalizer;
            return self.call_entry(entry, &[], machine, slice);
        }
        match self.take_event(slice) {
            Some(event) => self.handle(event, machine, slice),
            None => {
                let hosting = self.context.side().hosting.get_or_insert_default();
                hosting.answer = Some(Reply::Thread(Answer::Nothing));
                Next::Go
            }
        }
    }

    /// Calls a function of the program by its name, for a thread.
    fn call_named(
        &mut self,
        name: &str,
        arguments: Message,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let group = self.context.group.clone();
        let Some(function) = group.top_level(name) else {
            let hosting = self.context.side().hosting.get_or_insert_default();
            hosting.answer = Some(Reply::Thread(Answer::NoFunction));
            return Next::Go;
        };
        let state = &mut self.state;
        let Ok(arguments) = state.adopt(arguments) else {
            return self.out_of_memory(machine, slice);
        };
        let kept = state.keep(arguments);
        let closure =
            state.with_roots(|heap, roots| heap.new_closure(function.0, 0, 0, (0, 0), roots));
        let arguments = state.release(kept);
        let Ok(closure) = closure else {
            return self.out_of_memory(machine, slice);
        };
        let entry = group.entries.call_hosted;
        self.call_entry(entry, &[closure.value(), arguments], machine, slice)
    }

    /// Takes what has arrived out of the mailbox, and tells the callback.
    fn put_aside(&mut self, slice: &mut Slice<'_, Self>) {
        let side = self.context.side();
        while let Some(event) = slice.receive() {
            side.pending.push_back(event);
        }
        let pending = side.pending.len();
        let hosting = side.hosting.get_or_insert_default();
        if hosting.on_event.is_none() && hosting.notify.is_none() {
            return;
        }
        hosting.told = hosting.told.min(pending);
        let news = pending.saturating_sub(hosting.told);
        hosting.told = pending;
        if let Some(notify) = &hosting.notify {
            (0..news).for_each(|_| notify());
        }
        let Some(callback) = hosting.on_event else {
            return;
        };
        for _ in 0..news {
            let callback = self.state.kept(callback);
            let Ok(message) = self.state.heap.copy_message(callback) else {
                break;
            };
            let name = Name::Given("Isolate.onEvent".into());
            self.context
                .spawn(SpawnRequest::new(Start::Notice(message), name));
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
            Some(caller) => {
                caller.done(&slice.scheduler());
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
        for caller in hosting.current.into_iter().chain(hosting.looping) {
            caller.ended(scheduler);
        }
        for call in hosting.calls {
            call.undelivered(scheduler);
        }
        for caller in hosting.shut_down {
            caller.done(scheduler);
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
    spawn_requested(cx, SpawnRequest::new(Start::Hosted, name))
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
        1 => Operation::Of(Request::Loop),
        2 => Operation::Of(Request::Event),
        3 => Operation::Callback(frozen(cx, argument, "the callback")?),
        _ => Operation::Of(Request::ShutDown),
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
            Operation::Of(Request::ShutDown) => cx.ret_null(),
            _ => cx.throw_state(ENDED),
        };
    };
    if !context.is_of_group(target.isolate)
        && !matches!(operation, Operation::Of(Request::ShutDown))
    {
        return cx.throw_state("the isolate is of another group");
    }
    if record.pinned_to().is_some_and(|to| to != worker) {
        return cx.throw_state(PINNED);
    }
    cx.pending(Box::new(HostJob::Enter {
        isolate: target.isolate,
        call: HostCall {
            caller: Caller::Isolate {
                right,
                id: from,
                worker,
            },
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
    hosting.answer = Some(Reply::Native(Box::new(move |cx| {
        let list = cx.allocate(|heap, roots| heap.adopt(message, roots))?;
        cx.ret(list)
    })));
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
