//! The event loop of an isolate, and how isolates end.

pub(super) mod detached;
pub(super) mod hosting;
pub(super) mod leave;

use std::cell::Cell;
use std::time::Duration;

use eyot_bytecode::module::FunctionId;
use eyot_bytecode::well_known::class;

use super::context::{Context, HostJob, Outcome, after};
use super::cpu;
use super::embed::{Ending, Life};
use super::event::{Completion, Control, Event};
use super::group::{ErrorReport, Group, QueueWords};
use super::numbered;
use super::rest::{self, KEPT_BYTES, PACK, UNPACKED_BYTES_MAX};
use super::shells;
use super::spawn::{MainCall, Seed, Start};
use super::watch;
use crate::heap::{self, message::Message};
use crate::interp::machine::{Environment, Machine, STACK_BYTES, SliceClock, Status};
use crate::interp::state::IsolateState;
use crate::native::Job;
use crate::object::{ObjRef, slot};
use crate::port::IsolateId;
use crate::program::ahead;
use crate::program::types::{TypeArguments, TypeRef};
use crate::sched::{self, Record, Scheduler, Slice, Task, TimerId, URGENT};
use crate::value::Value;
pub(super) use detached::is_nobody;
pub use detached::{Template, call_detached};
pub use hosting::HostCall;
pub(super) use hosting::Hosting;

/// Calls and backward jumps between two looks at the clock.
const FUEL: i64 = 4_000;

/// An isolate.
pub struct Isolate {
    pub(super) state: IsolateState,
    pub(super) context: Context,
    pub(super) phase: Phase,
    pub(super) draining: Draining,
    /// What a waiting native goes on with.
    pub(super) completion: Option<Box<Completion>>,
    /// Bytes of young objects when the worker last noted that it is idle; 0 since the heap was packed.
    pub(super) noted_bytes: u32,
    /// The heap is to be packed once there is nothing to do.
    pub(super) packs: bool,
    /// Who follows it, if anybody does.
    pub(super) life: Option<Box<Box<dyn Life>>>,
}

// A size of which the allocator has blocks: a byte more, and each isolate takes an eighth more. (The fault counts what it loses.)
#[cfg(not(feature = "fault-drop-barrier"))]
const _: () = assert!(size_of::<Isolate>() <= 640);

/// How far the microtasks behind an event have been run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Draining {
    /// Not at all: the running call is that of the event.
    Not,
    /// The first one runs, a function that waited.
    First,
    /// The running call is that of `_drainMicrotasks`.
    All,
}

/// What the queue of microtasks holds.
enum Microtasks {
    Nothing,
    /// A function that waited and the value it gets, and nothing else. They are out of the queue.
    One(Value, Value),
    More,
}

pub(super) enum Phase {
    /// The first event has not run.
    Starting(Start),
    /// Between events.
    Ready,
    /// In the middle of an event; the frames are copied out.
    Suspended,
    /// A native waits for this timer, or for a completion.
    Waiting(Option<TimerId>),
    /// A large value is handed over to a port, and the isolate ends with it.
    Leaving(Box<leave::Departure>),
    /// At its end.
    Ended,
}

/// What to do after a step.
enum Next {
    /// Take the next event.
    Go,
    /// The slice is over.
    Expired,
    /// Wait for a message.
    Idle,
    /// The end.
    End(Outcome),
}

/// A message of a text made outside any heap.
pub(super) fn text_message(text: &str) -> Message {
    Message::of_text(text)
}

thread_local! {
    /// The machine this worker lends to the isolate it runs.
    static MACHINE: Cell<Option<Box<Machine>>> = const { Cell::new(None) };
}

struct Clock<'a, 's> {
    slice: &'a mut Slice<'s, Isolate>,
    /// What the machine did not use up in its last run, whoever's it was: a slice is counted in fuel only roughly.
    left: i64,
    /// The isolate has limits that may be reached in the middle of an event.
    limits: Option<RunLimits>,
}

/// What ends a run.
#[derive(Clone, Copy)]
struct RunLimits {
    /// The processor's clock at the end of the time that the isolate may have.
    cpu_end: u64,
    /// Messages that may wait.
    mailbox: usize,
}

impl RunLimits {
    fn passed(self, record: &Record<Isolate>) -> Option<Outcome> {
        if cpu::ticks() >= self.cpu_end {
            return Some(Outcome::CpuTime);
        }
        // SAFETY: asked on the worker that runs the isolate.
        let is_full = self.mailbox < usize::MAX
            && unsafe { record.waiting(self.mailbox.saturating_add(1)) } > self.mailbox;
        is_full.then_some(Outcome::Mailbox)
    }
}

impl SliceClock for Clock<'_, '_> {
    fn refuel(&mut self) -> i64 {
        let record = self.slice.record();
        let passed = |limits: RunLimits| limits.passed(record).is_some();
        if self.slice.is_over() || self.limits.is_some_and(passed) {
            return 0;
        }
        FUEL
    }

    fn left(&self) -> i64 {
        self.left
    }
}

impl Task for Isolate {
    type Message = Event;
    type Seed = Seed;

    fn begin(seed: Box<Seed>, id: IsolateId) -> Box<Isolate> {
        Isolate::of_seed(seed, id)
    }

    fn run(&mut self, slice: &mut Slice<'_, Self>) -> sched::Outcome {
        let mut machine = MACHINE
            .take()
            .unwrap_or_else(|| Box::new(Machine::new(STACK_BYTES)));
        self.context.run_began = cpu::begin_run();
        let outcome = self.run_on(&mut machine, slice);
        let began = std::mem::take(&mut self.context.run_began);
        self.context.cpu_ticks += cpu::end_run(began);
        MACHINE.set(Some(machine));
        outcome
    }

    fn timer_message(timer: TimerId) -> Event {
        Event::Timer(timer)
    }

    fn undelivered(scheduler: &Scheduler<Self>, to: IsolateId, message: Event) {
        watch::undelivered(scheduler, to, message);
    }

    fn before_rest(briefly: bool) -> Option<Duration> {
        cpu::rest();
        if briefly {
            return None;
        }
        let times = [heap::buffer::trim(), shells::trim()];
        times.into_iter().flatten().min()
    }

    fn pass_time() -> bool {
        ahead::work()
    }

    fn recycle(mut isolate: Box<Isolate>) {
        isolate.clear();
        shells::keep(isolate);
    }

    fn crashed(&mut self, _: &mut Slice<'_, Self>, message: &str) {
        self.context.group.host.bug(&self.context.name(), message);
        self.end(Outcome::Bug);
    }
}

impl Isolate {
    fn run_on(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> sched::Outcome {
        if matches!(self.phase, Phase::Ended) {
            return self.dismantle(slice);
        }
        loop {
            let passed = |limits: RunLimits| limits.passed(slice.record());
            let end = self.run_limits().and_then(passed);
            let next = match end.or_else(|| self.handle_urgent(slice)) {
                Some(end) => Next::End(end),
                None if self.state.heap.is_slice_due() && !self.is_leaving() => self.collect(slice),
                None => self.step(machine, slice),
            };
            match next {
                Next::Go => {}
                Next::Expired => {
                    machine.park(&mut self.state);
                    self.state.heap.work_beside();
                    self.state.heap.release_spare();
                    return sched::Outcome::Expired;
                }
                // Whoever has something to do goes before.
                Next::Idle if self.state.heap.work_beside() => return sched::Outcome::Expired,
                Next::Idle => {
                    self.rest();
                    // Packing the heap may have found values that finalizers wait for, or take longer.
                    if self.finalizes() || self.state.heap.is_slice_due() {
                        continue;
                    }
                    return sched::Outcome::Idle;
                }
                Next::End(outcome) => {
                    machine.forget();
                    self.end(outcome);
                    return self.dismantle(slice);
                }
            }
        }
    }

    /// The limits that count while it runs.
    #[inline]
    fn run_limits(&self) -> Option<RunLimits> {
        let side = self.context.side.as_ref()?;
        let limits = side.limits;
        if limits.cpu.is_none() && limits.mailbox.is_none() {
            return None;
        }
        let left = |cpu| cpu::to_ticks(cpu).saturating_sub(self.context.cpu_ticks);
        let cpu_end = limits.cpu.map_or(u64::MAX, |cpu| {
            self.context.run_began.saturating_add(left(cpu))
        });
        let waits = |limit: usize| limit.saturating_sub(side.pending.len());
        Some(RunLimits {
            cpu_end,
            mailbox: limits.mailbox.map_or(usize::MAX, waits),
        })
    }

    /// Everybody knows of the end; a large heap is given back for as long as nobody else wants the worker.
    fn dismantle(&mut self, slice: &mut Slice<'_, Self>) -> sched::Outcome {
        while !self.state.heap.dismantle() {
            if slice.is_over() {
                return sched::Outcome::Expired;
            }
        }
        sched::Outcome::Ended
    }

    /// Collects for as long as nobody else wants the worker. The isolate goes on with whatever it was doing once that is over.
    fn collect(&mut self, slice: &mut Slice<'_, Self>) -> Next {
        let state = &mut self.state;
        while !state.with_roots(|heap, roots| heap.collect_slice(roots)) {
            if slice.interrupts() != 0 {
                return Next::Go;
            }
            // In the stress mode whatever may come in between is to come.
            if slice.is_over() || state.heap.is_stressed() {
                return Next::Expired;
            }
        }
        Next::Go
    }

    /// One step: goes on with what is suspended, or takes an event.
    fn step(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        // Nothing puts events off.
        if matches!(self.phase, Phase::Ready) && self.context.side.is_none() {
            return self.next_event(machine, slice);
        }
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Suspended => {
                let status = self.with_environment(machine, slice, Machine::resume);
                self.after(status, machine, slice)
            }
            Phase::Waiting(timer) => self.wait_on(timer, machine, slice),
            Phase::Leaving(departure) => self.leave(departure, machine, slice),
            phase if self.has_deferred() => {
                self.phase = phase;
                self.run_deferred()
            }
            phase @ Phase::Starting(_) if self.context.is_paused() => {
                self.phase = phase;
                Next::Idle
            }
            Phase::Starting(start) => self.start(start, machine, slice),
            Phase::Ready => match self.host_turn(machine, slice) {
                Some(next) => next,
                None if self.context.is_paused() => Next::Idle,
                None => self.next_event(machine, slice),
            },
            Phase::Ended => Next::End(Outcome::Finished),
        }
    }

    #[inline(always)]
    fn with_environment(
        &mut self,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
        run: impl FnOnce(&mut Machine, &mut IsolateState, &mut Environment<'_>) -> Status,
    ) -> Status {
        let record = slice.record();
        let left = machine.unused_fuel();
        let limits = self.run_limits();
        let mut clock = Clock {
            slice,
            left,
            limits,
        };
        let mut environment = Environment {
            host: &mut self.context,
            clock: &mut clock,
            interrupt: record.interrupt_word(),
        };
        run(machine, &mut self.state, &mut environment)
    }

    // ---- events

    /// Whether the next event is the call of a finalizer.
    fn finalizes(&self) -> bool {
        self.state.heap.has_finalized()
            && matches!(self.phase, Phase::Ready)
            && !self.has_deferred()
            && !self.context.is_paused()
            && !self.is_put_aside()
    }

    fn next_event(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        if self.state.heap.has_finalized() {
            let entry = self.context.group.entries.run_finalizer;
            return self.call_entry(entry, &[], machine, slice);
        }
        match self.take_event(slice) {
            Some(event) => self.handle(event, machine, slice),
            None if self.context.is_done() => self.out_of_events(slice),
            None => Next::Idle,
        }
    }

    fn handle(&mut self, event: Event, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        match event {
            Event::Message { port, message } => {
                self.context.received += 1;
                let Some(object) = self.context.ports.object(port) else {
                    return Next::Go;
                };
                match self.state.adopt(message) {
                    Ok(value) => {
                        let object = self.state.kept(object);
                        let entry = self.context.group.entries.handle_message;
                        self.call_entry(entry, &[object, value], machine, slice)
                    }
                    Err(_) => self.out_of_memory(machine, slice),
                }
            }
            Event::Timer(id) => {
                let Some(kept) = self.context.timers.remove(id) else {
                    return Next::Go;
                };
                let timer = self.state.release(kept);
                let entry = self.context.group.entries.fire_timer;
                self.call_entry(entry, &[timer], machine, slice)
            }
            // Nobody waits for it any more.
            Event::Completed(_) => Next::Go,
            Event::Control(control) => match self.control(*control) {
                Some(end) => Next::End(end),
                None => Next::Go,
            },
        }
    }

    fn start(&mut self, start: Start, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        match start {
            Start::Hosted | Start::Bound => Next::Go,
            Start::Notice(callback) => match self.state.adopt(callback) {
                Ok(callback) => {
                    let entry = self.context.group.entries.deliver_event;
                    self.call_entry(entry, &[callback], machine, slice)
                }
                Err(_) => self.out_of_memory(machine, slice),
            },
            Start::Entry { function, message } => match self.state.adopt(message) {
                Ok(message) => {
                    let entry = self.context.group.entries.start_isolate;
                    self.call_entry(entry, &[function, message], machine, slice)
                }
                Err(_) => self.out_of_memory(machine, slice),
            },
            Start::Pair(message) => match self.state.adopt(message) {
                Ok(list) => match self.state.pair(list) {
                    Some((function, message)) => {
                        let entry = self.context.group.entries.start_isolate;
                        self.call_entry(entry, &[function, message], machine, slice)
                    }
                    None => Next::Go,
                },
                Err(_) => self.out_of_memory(machine, slice),
            },
            Start::Main(call) => self.call_main(*call, machine, slice),
            Start::Serve(key) => match self.state.adopt(Message::Int(key)) {
                Ok(key) => {
                    let entry = self.context.group.entries.serve_port;
                    self.call_entry(entry, &[key], machine, slice)
                }
                Err(_) => self.out_of_memory(machine, slice),
            },
        }
    }

    fn call_main(
        &mut self,
        call: MainCall,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let MainCall {
            main,
            arguments,
            message,
        } = call;
        let Ok(list) = self.state.string_list(&arguments) else {
            return self.out_of_memory(machine, slice);
        };
        let kept = self.state.keep(list);
        let message = self.state.adopt(message);
        let list = self.state.release(kept);
        let Ok(message) = message else {
            return self.out_of_memory(machine, slice);
        };
        let main = self
            .state
            .program
            .frozen_closure(main, TypeArguments::EMPTY);
        let entry = self.context.group.entries.start_main;
        self.call_entry(entry, &[main, list, message], machine, slice)
    }

    /// Calls a function of the core.
    fn call_entry(
        &mut self,
        entry: Option<FunctionId>,
        arguments: &[Value],
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let Some(function) = entry else {
            let message = "the core library lacks a function that the event loop calls";
            self.context.group.host.bug(&self.context.name(), message);
            return Next::End(Outcome::Bug);
        };
        let status = self.with_environment(machine, slice, |machine, state, env| {
            machine.call(state, env, function, arguments)
        });
        self.after(status, machine, slice)
    }

    /// What follows from the way a run ended.
    fn after(
        &mut self,
        status: Status,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        match status {
            Status::Finished(_) => self.drain(machine, slice),
            Status::Uncaught { error, trace } => {
                self.draining = Draining::Not;
                let entry = self.context.group.entries.uncaught_error;
                self.call_entry(entry, &[error, trace], machine, slice)
            }
            Status::Yielded => {
                self.phase = Phase::Suspended;
                machine.park(&mut self.state);
                // An interrupt alone does not end the slice, nor does a collection: the loop handles it and comes back.
                if slice.interrupts() & URGENT != 0 || self.state.heap.is_slice_due() {
                    Next::Go
                } else {
                    Next::Expired
                }
            }
            Status::Pending(job) => self.begin(job, machine, slice),
            Status::OutOfMemory => {
                self.report("Out of Memory", "");
                Next::End(Outcome::OutOfMemory)
            }
        }
    }

    /// Runs microtasks after an event. The drain itself ends here too; then the event is over.
    ///
    /// Behind most events there is one function that goes on. It is called from here; what it leaves is for the loop in Dart.
    fn drain(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        let before = std::mem::replace(&mut self.draining, Draining::Not);
        let left = match before {
            Draining::All => Microtasks::Nothing,
            _ => self.microtasks(before == Draining::Not),
        };
        let entries = &self.context.group.entries;
        match left {
            Microtasks::One(suspension, value) => {
                self.draining = Draining::First;
                let entry = entries.resume;
                self.call_entry(entry, &[suspension, value], machine, slice)
            }
            Microtasks::More => {
                self.draining = Draining::All;
                let entry = entries.drain_microtasks;
                self.call_entry(entry, &[], machine, slice)
            }
            Microtasks::Nothing => {
                if self.state.heap.has_lent() {
                    let state = &mut self.state;
                    state.with_roots(|heap, roots| heap.settle_lent(roots));
                }
                Next::Go
            }
        }
    }

    /// What is in the queue of microtasks: told by its fields, without a call. A single function that waited is taken out, if so wished.
    fn microtasks(&mut self, takes: bool) -> Microtasks {
        let Some(queue) = self.context.microtasks else {
            return Microtasks::Nothing;
        };
        let Some(queue) = ObjRef::of(self.state.kept(queue)) else {
            return Microtasks::Nothing;
        };
        let words = &self.context.group.entries.queue_words;
        let words = *words.get_or_init(|| {
            // SAFETY: the queue is alive.
            let class = unsafe { queue.class() };
            let word = |name| self.state.program.field_word(class, name).unwrap_or(0) as u16;
            QueueWords {
                first: word("_first"),
                argument: word("_firstArgument"),
                head: word("_head"),
                tail: word("_tail"),
            }
        });
        if words.first == 0 || words.argument == 0 {
            return Microtasks::More;
        }
        // SAFETY: all are words of the queue's class, the first two tagged ones.
        unsafe {
            let first = queue.field(words.first.into());
            let has_others = queue.word(words.head.into()) != queue.word(words.tail.into());
            if first.is_null() && !has_others {
                return Microtasks::Nothing;
            }
            let is_suspension =
                ObjRef::of(first).is_some_and(|first| first.class() == class::SUSPENSION);
            if has_others || !takes || !is_suspension {
                return Microtasks::More;
            }
            let argument = queue.field(words.argument.into());
            let heap = &mut self.state.heap;
            heap.store(queue, words.first.into(), Value::NULL);
            heap.store(queue, words.argument.into(), Value::NULL);
            Microtasks::One(first, argument)
        }
    }

    fn out_of_memory(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        let entry = self.context.group.entries.throw_out_of_memory;
        self.call_entry(entry, &[], machine, slice)
    }

    // ---- waiting natives

    fn begin(&mut self, job: Job, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        let Ok(job) = job.downcast::<HostJob>() else {
            self.context.group.host.bug(
                &self.context.name(),
                "a native asked for a job that nobody knows",
            );
            return Next::End(Outcome::Bug);
        };
        match *job {
            HostJob::Exit { last, outcome } => {
                if let Some((port, message)) = last {
                    self.context.send(port, message);
                }
                return Next::End(outcome);
            }
            HostJob::Enter { isolate, call } => {
                slice.record().set_home(slice.worker(), false);
                self.context.side().holds_worker = true;
                self.context
                    .send_control(isolate, Control::Host(call), true);
                self.phase = Phase::Waiting(None);
            }
            HostJob::Await { awaited, time } => self.begin_awaiting(awaited, time, slice),
            HostJob::Take { port, time } => self.begin_taking(port, time, slice),
            HostJob::Leave(departure) => self.phase = Phase::Leaving(departure),
            HostJob::Sleep(time) => {
                let timer = slice
                    .scheduler()
                    .set_timer(self.context.id, after(time), true);
                self.phase = Phase::Waiting(Some(timer));
            }
            HostJob::Block(work) => {
                let scheduler = slice.scheduler();
                let id = self.context.id;
                let sender = scheduler.clone();
                let started = scheduler.spawn_blocking(move || {
                    let completion = work();
                    let _ = sender.send_urgent(id, Event::Completed(completion));
                });
                if !started {
                    let refuse: Completion = Box::new(|cx| {
                        cx.throw_state("the system gives no thread for the operation")
                    });
                    let _ = scheduler.send_urgent(self.context.id, Event::Completed(refuse));
                }
                self.phase = Phase::Waiting(None);
            }
        }
        machine.park(&mut self.state);
        Next::Go
    }

    /// A native waits: only what it waits for goes on with it. (Urgent messages were handled before.)
    fn wait_on(
        &mut self,
        timer: Option<TimerId>,
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let ready = self.completion.take().map(|ready| *ready);
        let Some(completion) = ready.or_else(|| self.taken(timer, slice)) else {
            self.phase = Phase::Waiting(timer);
            return Next::Idle;
        };
        if let Some(side) = &mut self.context.side {
            side.taking = None;
        }
        let status = self.with_environment(machine, slice, |machine, state, env| {
            machine.complete(state, env, completion)
        });
        self.after(status, machine, slice)
    }

    // ---- control

    /// Takes the urgent messages; the end, if one of them means it.
    fn handle_urgent(&mut self, slice: &mut Slice<'_, Self>) -> Option<Outcome> {
        if slice.interrupts() == 0 {
            return None;
        }
        let bits = slice.take_interrupts();
        self.packs |= bits & PACK != 0;
        while let Some(event) = slice.receive_urgent() {
            match event {
                Event::Control(control) if matches!(*control, Control::Wake) => self.woken(slice),
                Event::Control(control) => {
                    if let Some(end) = self.control(*control) {
                        return Some(end);
                    }
                }
                Event::Timer(id)
                    if self.completion.is_none()
                        && matches!(self.phase, Phase::Waiting(Some(timer)) if timer == id) =>
                {
                    let done = self.waited_enough();
                    let done = done.unwrap_or_else(|| Box::new(|cx| cx.ret_null()));
                    self.completion = Some(Box::new(done));
                }
                Event::Timer(id) if self.context.is_wall_timer(id) => {
                    return Some(Outcome::WallTime);
                }
                Event::Completed(completion) => self.completion = Some(Box::new(completion)),
                // A timer that nobody waits for any more.
                Event::Timer(_) | Event::Message { .. } => {}
            }
        }
        None
    }

    // ---- what waits for the end of the event

    fn has_deferred(&self) -> bool {
        let side = self.context.side.as_ref();
        side.is_some_and(|side| !side.deferred.is_empty())
    }

    fn run_deferred(&mut self) -> Next {
        for control in std::mem::take(&mut self.context.side().deferred) {
            if let Some(end) = self.control(control) {
                return Next::End(end);
            }
        }
        Next::Go
    }

    fn defer(&mut self, control: Control) {
        self.context.side().deferred.push(control);
    }

    /// Does what a control message asks for; the end, if it means it.
    fn control(&mut self, control: Control) -> Option<Outcome> {
        let is_in_event = self.is_in_event();
        let (may_pause, may_terminate) = (
            Group::capability(self.context.id, 0),
            Group::capability(self.context.id, 1),
        );
        let context = &mut self.context;
        match control {
            Control::Pause { right, resume } => {
                if right == may_pause && !context.side().pauses.contains(&resume) {
                    context.side().pauses.push(resume);
                }
            }
            Control::Resume { resume } => {
                if let Some(side) = &mut context.side {
                    side.pauses.retain(|&pause| pause != resume);
                }
            }
            Control::AddOnExit { port, response } => {
                let listeners = &mut context.side().on_exit;
                listeners.retain(|(known, _)| *known != port);
                listeners.push((port, response));
            }
            Control::RemoveOnExit { port } => {
                context.side().on_exit.retain(|(known, _)| *known != port)
            }
            Control::SetErrorsFatal { right, fatal } => {
                if right == may_terminate {
                    context.errors_are_fatal = fatal;
                }
            }
            Control::Kill { right, immediate } => {
                if right == may_terminate {
                    if immediate || !is_in_event {
                        return Some(Outcome::Killed);
                    }
                    self.defer(Control::Kill { right, immediate });
                }
            }
            Control::Ping {
                port,
                response,
                before_next_event,
            } => {
                if before_next_event && is_in_event {
                    self.defer(Control::Ping {
                        port,
                        response,
                        before_next_event,
                    });
                } else {
                    context.send(port, response);
                }
            }
            Control::AddOnError { port } => {
                let listeners = &mut context.side().on_error;
                if !listeners.contains(&port) {
                    listeners.push(port);
                }
            }
            Control::RemoveOnError { port } => {
                context.side().on_error.retain(|known| *known != port)
            }
            Control::Monitor(watcher) => context.side().monitors.push(watcher),
            Control::Demonitor(watcher) => {
                context.side().monitors.retain(|known| *known != watcher)
            }
            Control::Link(other) => {
                if !context.side().links.contains(&other) {
                    context.side().links.push(other);
                }
            }
            Control::Unlink(other) => context.side().links.retain(|known| *known != other),
            Control::LinkEnded { from, normally } => {
                let links = &mut context.side().links;
                let was_linked = links.contains(&from);
                links.retain(|known| *known != from);
                if was_linked && !normally {
                    return Some(Outcome::Linked);
                }
            }
            Control::Host(call) => self.host_call(call),
            // Handled where urgent messages are taken.
            Control::Wake => {}
            Control::Stats(watcher) => {
                let heap = &self.state.heap;
                let figures = watch::figures(heap.held_bytes(), heap.counters(), context);
                watch::answer_stats(context, watcher, figures);
            }
        }
        None
    }

    fn is_in_event(&self) -> bool {
        matches!(
            self.phase,
            Phase::Suspended | Phase::Waiting(_) | Phase::Leaving(_)
        )
    }

    // ---- the end

    fn report(&self, error: &str, trace: &str) {
        report_error(&self.context, error, trace);
    }

    fn end(&mut self, outcome: Outcome) {
        let phase = std::mem::replace(&mut self.phase, Phase::Ended);
        if matches!(phase, Phase::Ended) {
            return;
        }
        if let Some(life) = &mut self.life {
            let side = self.context.side.as_ref();
            let fatal = side.and_then(|side| side.fatal.as_ref());
            let error = fatal.map(|fatal| &fatal.texts);
            life.ends(&Ending { outcome, error });
        }
        let scheduler = &self.context.group.scheduler;
        if let Phase::Waiting(Some(timer)) = phase {
            scheduler.cancel_timer(timer);
        }
        for timer in self.context.timers.drain() {
            scheduler.cancel_timer(timer);
        }
        self.context.name.unregister(self.context.id);
        numbered::ended(self.context.id);
        if let Some(mut side) = self.context.side.take() {
            if let Some(timer) = side.wall_timer {
                scheduler.cancel_timer(timer);
            }
            if let Some(hosting) = side.hosting.take() {
                self.end_hosting(*hosting);
            }
            side.awaited = None;
            // Who hears of the end finds the isolate's sockets and files closed.
            side.resources.clear();
            for (port, response) in side.on_exit.drain(..) {
                self.context.send(port, response);
            }
            watch::tell_end(&mut self.state, &self.context, &mut side, outcome);
            self.context.retire_side(side);
        }
        if let Some(life) = &mut self.life {
            life.ended(self.state.heap.counters());
        }
    }

    /// Nothing to do: the heap is packed when there is much to win or somebody needs the memory; see [`rest`].
    fn rest(&mut self) {
        let heap = &mut self.state.heap;
        heap.release_spare();
        if heap.want_soon_due() {
            return;
        }
        let young_bytes = heap.young_bytes();
        let packs = std::mem::take(&mut self.packs) || young_bytes > UNPACKED_BYTES_MAX;
        if packs {
            self.noted_bytes = 0;
        }
        if young_bytes <= KEPT_BYTES {
            return;
        }
        if packs {
            self.state.with_roots(|heap, roots| heap.park(roots));
        } else if young_bytes > 2 * self.noted_bytes as usize {
            // No more than an idle isolate may keep.
            self.noted_bytes = young_bytes as u32;
            rest::note(&self.context.group.scheduler, self.context.id, young_bytes);
        }
    }
}

/// Sends an error to the listeners, or to the host if there are none.
pub(super) fn report_error(context: &Context, error: &str, trace: &str) {
    let listeners = context.side.as_ref().map_or(&[][..], |side| &side.on_error);
    // Whoever supervises an isolate learns of the error that ends it by its exit.
    let is_watched = context.errors_are_fatal
        && context
            .side
            .as_ref()
            .is_some_and(|side| !side.monitors.is_empty());
    if listeners.is_empty() && is_watched {
        return;
    }
    if listeners.is_empty() {
        context.group.host.uncaught(&ErrorReport {
            isolate: &context.name(),
            error,
            trace,
        });
        return;
    }
    for &port in listeners {
        context.send(port, Message::of_texts(&[error, trace]));
    }
}

impl IsolateState {
    /// Takes a message in.
    fn adopt(&mut self, message: Message) -> Result<Value, crate::heap::HeapLimit> {
        self.with_roots(|heap, roots| heap.adopt(message, roots))
    }

    /// Both elements of a list of two.
    fn pair(&self, list: Value) -> Option<(Value, Value)> {
        // SAFETY: the list was just adopted, and nothing is allocated while the slice is looked at.
        match unsafe { crate::object::list_elements(list) } {
            Some(&[first, second]) => Some((first, second)),
            _ => None,
        }
    }

    /// A `List<String>`.
    fn string_list(&mut self, texts: &[String]) -> Result<Value, crate::heap::HeapLimit> {
        let strings = self
            .program
            .full_vector(class::FIXED_LIST, &[TypeRef::STRING])
            .map_or(0, |vector| u64::from(vector.0));
        let list = self.with_roots(|heap, roots| {
            heap.new_list(class::FIXED_LIST, texts.len(), strings, roots)
        })?;
        let kept = self.keep(list.value());
        for (index, text) in texts.iter().enumerate() {
            let text = self.with_roots(|heap, roots| heap.new_string(text, roots))?;
            if let Some(list) = ObjRef::of(self.kept(kept)) {
                // SAFETY: a list of that length.
                unsafe { self.heap.store(list, slot::LIST_ELEMENTS + index, text) };
            }
        }
        Ok(self.release(kept))
    }
}
