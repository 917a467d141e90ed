//! The event loop of an isolate, and how isolates start and end.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc;

use eyot_bytecode::module::FunctionId;
use eyot_bytecode::well_known::class;
use smallvec::SmallVec;

use super::context::{Context, HostJob, Outcome};
use super::event::{Completion, Control, Event};
use super::group::{ErrorReport, Group, LoadedProgram};
use super::name::Name;
use crate::heap::message::Message;
use crate::interp::machine::{Environment, Machine, STACK_BYTES, SliceClock, Status};
use crate::interp::state::IsolateState;
use crate::native::Job;
use crate::object::{ObjRef, slot};
use crate::port::{IsolateId, PortId};
use crate::program::types::TypeRef;
use crate::sched::{self, Slice, Task, TimerId, URGENT};
use crate::value::Value;

/// Calls and backward jumps between two looks at the clock.
const FUEL: i64 = 20_000;

/// An idle isolate keeps so many bytes of young objects before they are packed.
const RESTING_BYTES: usize = 2048;

/// How an isolate begins.
pub enum Start {
    /// `_startIsolate(entryPoint, message)` with both in a list.
    Entry(Message),
    /// `main` with as many of these as it takes.
    Main {
        /// The function.
        main: FunctionId,
        /// The arguments.
        arguments: Vec<String>,
        /// The message of `spawnUri`.
        message: Message,
    },
}

/// A new isolate.
pub struct SpawnRequest {
    /// What it does first.
    pub start: Start,
    /// Its name.
    pub name: Name,
    /// It waits for a resume with its pause capability.
    pub paused: bool,
    /// Uncaught errors end it.
    pub errors_are_fatal: bool,
    /// Gets null at its end.
    pub on_exit: Option<PortId>,
    /// Gets its uncaught errors.
    pub on_error: Option<PortId>,
    /// Tells how it ended; the program's main isolate has it.
    pub done: Option<mpsc::Sender<Outcome>>,
}

/// An isolate.
pub struct Isolate {
    state: IsolateState,
    context: Context,
    phase: Phase,
    /// The running call is that of `_drainMicrotasks`.
    draining: bool,
    /// What a waiting native goes on with.
    completion: Option<Completion>,
    done: Option<mpsc::Sender<Outcome>>,
}

enum Phase {
    /// The first event has not run.
    Starting(Start),
    /// Between events.
    Ready,
    /// In the middle of an event; the frames are copied out.
    Suspended,
    /// A native waits for this timer, or for a completion.
    Waiting(Option<TimerId>),
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

/// Starts the main isolate of a program; `done` in the request tells how it ended.
pub fn spawn_main(group: Arc<Group>, request: SpawnRequest) -> IsolateId {
    spawn_in(group, request, true)
}

/// Starts an isolate of a group.
pub(super) fn spawn(group: Arc<Group>, request: SpawnRequest) -> IsolateId {
    spawn_in(group, request, false)
}

/// Starts the main isolate of another program in a group of its own.
pub(super) fn spawn_program(
    from: &Arc<Group>,
    loaded: LoadedProgram,
    mut request: SpawnRequest,
) -> IsolateId {
    let group = Arc::new(Group {
        number: Group::next_number(),
        program: loaded.program,
        scheduler: from.scheduler.clone(),
        host: loaded.host,
        heap: from.heap.clone(),
        main_heap: from.heap.clone(),
        script: loaded.script,
        package_config: loaded.package_config,
    });
    if let Start::Main { main, .. } = &mut request.start {
        *main = loaded.main;
    }
    spawn_in(group, request, false)
}

fn spawn_in(group: Arc<Group>, request: SpawnRequest, is_main: bool) -> IsolateId {
    let scheduler = group.scheduler.clone();
    scheduler.spawn(|id| {
        let heap = if is_main {
            &group.main_heap
        } else {
            &group.heap
        };
        let state = IsolateState::new(group.program.clone(), heap.clone());
        if let Some(record) = group.scheduler.registry().get(id) {
            record.set_tag(request.name.register(id, group.number));
        }
        let mut context = Context {
            id,
            group,
            name: request.name,
            ports: SmallVec::new(),
            last_port: 0,
            timers: Vec::new(),
            own_timers: 0,
            listeners: None,
            errors_are_fatal: request.errors_are_fatal,
            backlog: VecDeque::new(),
            operations: 0,
            outcome: None,
        };
        if let Some(port) = request.on_exit {
            context
                .listeners()
                .on_exit
                .push((port, Message::Immediate(Value::NULL)));
        }
        context.listeners().on_error.extend(request.on_error);
        if request.paused {
            let right = Group::capability(id, 0);
            context.listeners().pauses.push(right);
        }
        Isolate {
            state,
            context,
            phase: Phase::Starting(request.start),
            draining: false,
            completion: None,
            done: request.done,
        }
    })
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
    fuel: i64,
}

impl SliceClock for Clock<'_, '_> {
    fn refuel(&mut self) -> i64 {
        if self.slice.is_over() { 0 } else { self.fuel }
    }
}

impl Task for Isolate {
    type Message = Event;

    fn run(&mut self, slice: &mut Slice<'_, Self>) -> sched::Outcome {
        let mut machine = MACHINE
            .take()
            .unwrap_or_else(|| Box::new(Machine::new(STACK_BYTES)));
        let outcome = self.run_on(&mut machine, slice);
        MACHINE.set(Some(machine));
        outcome
    }

    fn timer_message(timer: TimerId) -> Event {
        Event::Timer(timer)
    }

    fn crashed(&mut self, _: &mut Slice<'_, Self>, message: &str) {
        self.context.group.host.bug(&self.context.name(), message);
        self.end(Outcome::Bug);
    }
}

impl Isolate {
    fn run_on(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> sched::Outcome {
        loop {
            let next = match self.handle_urgent(slice) {
                Some(end) => Next::End(end),
                None => self.step(machine, slice),
            };
            match next {
                Next::Go => {}
                Next::Expired => {
                    machine.park(&mut self.state);
                    return sched::Outcome::Expired;
                }
                Next::Idle => {
                    self.rest();
                    return sched::Outcome::Idle;
                }
                Next::End(outcome) => {
                    machine.forget();
                    self.end(outcome);
                    return sched::Outcome::Ended;
                }
            }
        }
    }

    /// One step: goes on with what is suspended, or takes an event.
    fn step(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        match std::mem::replace(&mut self.phase, Phase::Ready) {
            Phase::Suspended => {
                let status = self.with_environment(slice, |state, env| machine.resume(state, env));
                self.after(status, machine, slice)
            }
            Phase::Waiting(timer) => self.wait_on(timer, machine, slice),
            phase @ Phase::Starting(_) if self.context.is_paused() => {
                self.phase = phase;
                Next::Idle
            }
            Phase::Starting(start) => self.start(start, machine, slice),
            Phase::Ready if self.context.is_paused() => Next::Idle,
            Phase::Ready => self.next_event(machine, slice),
            Phase::Ended => Next::End(Outcome::Finished),
        }
    }

    fn with_environment<R>(
        &mut self,
        slice: &mut Slice<'_, Self>,
        run: impl FnOnce(&mut IsolateState, &mut Environment<'_>) -> R,
    ) -> R {
        let record = slice.record();
        let mut clock = Clock { slice, fuel: FUEL };
        let mut environment = Environment {
            host: &mut self.context,
            clock: &mut clock,
            interrupt: record.interrupt_word(),
        };
        run(&mut self.state, &mut environment)
    }

    // ---- events

    fn next_event(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        let event = match self.context.backlog.pop_front() {
            Some(event) => Some(event),
            None => slice.receive(),
        };
        match event {
            Some(event) => self.handle(event, machine, slice),
            None if self.context.is_done() => {
                Next::End(self.context.outcome.unwrap_or(Outcome::Finished))
            }
            None => Next::Idle,
        }
    }

    fn handle(&mut self, event: Event, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        match event {
            Event::Message { port, message } => {
                let Some(entry) = self.context.port(port) else {
                    return Next::Go;
                };
                let object = entry.object;
                match self.state.adopt(message) {
                    Ok(value) => {
                        let object = self.state.kept(object);
                        self.call_entry("_handleMessage", &[object, value], machine, slice)
                    }
                    Err(_) => self.out_of_memory(machine, slice),
                }
            }
            Event::Timer(id) => {
                let Some(kept) = self.context.take_timer(id) else {
                    return Next::Go;
                };
                let timer = self.state.release(kept);
                self.call_entry("_fireTimer", &[timer], machine, slice)
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
            Start::Entry(message) => match self.state.adopt(message) {
                Ok(list) => match self.state.pair(list) {
                    Some((entry, message)) => {
                        self.call_entry("_startIsolate", &[entry, message], machine, slice)
                    }
                    None => Next::Go,
                },
                Err(_) => self.out_of_memory(machine, slice),
            },
            Start::Main {
                main,
                arguments,
                message,
            } => {
                let Ok(list) = self.state.string_list(&arguments) else {
                    return self.out_of_memory(machine, slice);
                };
                let kept = self.state.keep(list);
                let message = self.state.adopt(message);
                let list = self.state.release(kept);
                let Ok(message) = message else {
                    return self.out_of_memory(machine, slice);
                };
                let params = self
                    .state
                    .program
                    .function(main)
                    .map_or(0, |main| main.params.len());
                let arguments = [list, message];
                let arguments = arguments.get(..params).unwrap_or(&arguments);
                let status = self.with_environment(slice, |state, env| {
                    machine.call(state, env, main, arguments)
                });
                self.after(status, machine, slice)
            }
        }
    }

    /// Calls a function of the core by name.
    fn call_entry(
        &mut self,
        name: &str,
        arguments: &[Value],
        machine: &mut Machine,
        slice: &mut Slice<'_, Self>,
    ) -> Next {
        let Some(function) = self.state.program.modules().core_entry(name) else {
            let message = format!("the core library has no function {name}");
            self.context.group.host.bug(&self.context.name(), &message);
            return Next::End(Outcome::Bug);
        };
        let status = self.with_environment(slice, |state, env| {
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
                self.draining = false;
                self.call_entry("_uncaughtError", &[error, trace], machine, slice)
            }
            Status::Yielded => {
                self.phase = Phase::Suspended;
                machine.park(&mut self.state);
                // An interrupt alone does not end the slice: the loop handles it and comes back.
                if slice.interrupts() & URGENT != 0 {
                    Next::Go
                } else {
                    Next::Expired
                }
            }
            Status::Pending(job) => self.begin(job, machine, slice),
            Status::OutOfMemory => {
                self.report("Out of Memory", "");
                Next::End(Outcome::Error)
            }
        }
    }

    /// Runs microtasks after an event. The drain itself ends here too; then the event is over.
    fn drain(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        if std::mem::take(&mut self.draining) {
            return Next::Go;
        }
        self.draining = true;
        self.call_entry("_drainMicrotasks", &[], machine, slice)
    }

    fn out_of_memory(&mut self, machine: &mut Machine, slice: &mut Slice<'_, Self>) -> Next {
        self.call_entry("_throwOutOfMemory", &[], machine, slice)
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
            HostJob::Sleep(time) => {
                let deadline = std::time::Instant::now() + time;
                let timer = slice.scheduler().set_timer(self.context.id, deadline, true);
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
        let Some(completion) = self.completion.take() else {
            self.phase = Phase::Waiting(timer);
            return Next::Idle;
        };
        let status =
            self.with_environment(slice, |state, env| machine.complete(state, env, completion));
        self.after(status, machine, slice)
    }

    // ---- control

    /// Takes the urgent messages; the end, if one of them means it.
    fn handle_urgent(&mut self, slice: &mut Slice<'_, Self>) -> Option<Outcome> {
        if slice.interrupts() & URGENT == 0 {
            return None;
        }
        slice.take_interrupts();
        while let Some(event) = slice.receive_urgent() {
            match event {
                Event::Control(control) => {
                    if let Some(end) = self.control(*control) {
                        return Some(end);
                    }
                }
                Event::Timer(id) if matches!(self.phase, Phase::Waiting(Some(timer)) if timer == id) =>
                {
                    self.completion = Some(Box::new(|cx| cx.ret_null()));
                }
                Event::Completed(completion) => self.completion = Some(completion),
                other => self.context.backlog.push_back(other),
            }
        }
        None
    }

    fn control(&mut self, control: Control) -> Option<Outcome> {
        let (may_pause, may_terminate) = (
            Group::capability(self.context.id, 0),
            Group::capability(self.context.id, 1),
        );
        let context = &mut self.context;
        match control {
            Control::Pause { right, resume } => {
                if right == may_pause && !context.listeners().pauses.contains(&resume) {
                    context.listeners().pauses.push(resume);
                }
            }
            Control::Resume { resume } => {
                let pauses = &mut context.listeners().pauses;
                if let Some(index) = pauses.iter().position(|&pause| pause == resume) {
                    pauses.swap_remove(index);
                }
            }
            Control::AddOnExit { port, response } => {
                let listeners = &mut context.listeners().on_exit;
                listeners.retain(|(known, _)| *known != port);
                listeners.push((port, response));
            }
            Control::RemoveOnExit { port } => context
                .listeners()
                .on_exit
                .retain(|(known, _)| *known != port),
            Control::SetErrorsFatal { right, fatal } => {
                if right == may_terminate {
                    context.errors_are_fatal = fatal;
                }
            }
            Control::Kill { right, immediate } => {
                if right == may_terminate {
                    if immediate || !self.is_in_event() {
                        return Some(Outcome::Killed);
                    }
                    let again = Control::Kill { right, immediate };
                    self.context
                        .backlog
                        .push_front(Event::Control(Box::new(again)));
                }
            }
            Control::Ping { port, response } => context.send(port, response),
            Control::AddOnError { port } => {
                let listeners = &mut context.listeners().on_error;
                if !listeners.contains(&port) {
                    listeners.push(port);
                }
            }
            Control::RemoveOnError { port } => {
                context.listeners().on_error.retain(|known| *known != port)
            }
        }
        None
    }

    fn is_in_event(&self) -> bool {
        matches!(self.phase, Phase::Suspended | Phase::Waiting(_))
    }

    // ---- the end

    fn report(&self, error: &str, trace: &str) {
        report_error(&self.context, error, trace);
    }

    fn end(&mut self, outcome: Outcome) {
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        self.phase = Phase::Ended;
        self.context.name.unregister(self.context.id);
        for timer in std::mem::take(&mut self.context.timers) {
            self.context.group.scheduler.cancel_timer(timer.id);
        }
        if let Some(listeners) = self.context.listeners.take() {
            for (port, response) in listeners.on_exit {
                self.context.send(port, response);
            }
        }
        if let Some(done) = self.done.take() {
            // Nobody waits any more if the program is being stopped.
            let _ = done.send(outcome);
        }
    }

    /// Nothing to do: keep little. Packing costs a small collection, so it waits until there is something to win.
    fn rest(&mut self) {
        let heap = &self.state.heap;
        if heap.young_bytes() > RESTING_BYTES + heap.held_bytes() / 8 {
            self.state.with_roots(|heap, roots| heap.park(roots));
        }
    }
}

/// Sends an error to the listeners, or to the host if there are none.
pub(super) fn report_error(context: &Context, error: &str, trace: &str) {
    let listeners = context
        .listeners
        .as_ref()
        .map_or(&[][..], |listeners| &listeners.on_error);
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
