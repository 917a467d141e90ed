//! What whoever embeds the runtime does with isolates: it is told how they live and end, and its threads enter them.
//!
//! A thread that enters an isolate does not run it: a worker does so for the thread, which waits for the answer. That is how isolates enter each
//! other as well (see [`super::run::hosting`]); only who asks and what comes back is different. So a task is run by workers and nobody
//! else, whatever thread asks for it. While a thread has an isolate, nothing happens in that but what the thread asks for.

use std::any::Any;
use std::sync::mpsc;
use std::sync::{Arc, PoisonError};
use std::thread::ThreadId;

use eyot_bytecode::module::FunctionId;

use super::context::{Context, Outcome};
use super::event::{Control, Event};
use super::group::Group;
use super::run::{HostCall, Isolate};
use super::spawn::{MainCall, SpawnRequest, Start, spawn};
use crate::heap::HeapCounters;
use crate::heap::message::Message;
use crate::port::{Closed, IsolateId};
use crate::sched::Scheduler;

/// Is told of the isolates of a group that nobody but the program makes.
pub trait Hooks: Send + Sync {
    /// One is being made; what is given here is told the rest.
    fn made(&self, isolate: IsolateId, name: &str, request: &SpawnRequest) -> Box<dyn Life>;
}

/// Follows one isolate. It is dropped when nothing is left of the isolate.
pub trait Life: Send {
    /// The isolate has got its id; it has not run. Not for those of [`Hooks::made`].
    fn begins(&mut self, isolate: IsolateId);

    /// It ends: it runs no more, but has its name, its ports and what libraries keep for it.
    fn ends(&mut self, end: &Ending<'_>);

    /// Everybody who wanted to know of the end has been told.
    fn ended(&mut self, heap: HeapCounters);
}

/// How an isolate ends.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// Why.
    pub outcome: Outcome,
    /// The uncaught error, and its stack trace, if that is why.
    pub error: Option<&'a [String; 2]>,
}

/// What a thread is told of messages with: on the isolate's worker, so it must be short, and must not panic.
pub type Notify = Arc<dyn Fn() + Send + Sync>;

/// What a thread wants of an isolate.
pub enum Request {
    /// To have it for itself.
    Enter {
        /// It waits until it can.
        waits: bool,
    },
    /// To have it no longer.
    Exit,
    /// Call `main`, as a program begins.
    Main(Box<MainCall>),
    /// Call a function at top level of the program's first library. The answer is what [`Context::answer`] was given.
    Call {
        /// Its name.
        function: Box<str>,
        /// A list.
        arguments: Message,
    },
    /// Handle events until nothing keeps it alive.
    Loop,
    /// Handle one event.
    Event,
    /// Tell this of each new event that nobody handles, and of those that wait.
    Notify(Option<Notify>),
    /// Say what waits.
    Look,
    /// Go on by itself from now on.
    Go,
    /// End.
    ShutDown,
}

/// What comes back.
pub enum Answer {
    /// It is done.
    Done,
    /// There was no event to handle.
    Nothing,
    /// What the program gave.
    Value(Box<dyn Any + Send>),
    /// Of [`Request::Look`].
    Waiting {
        /// Events that nobody handles.
        events: usize,
        /// Whether an open port keeps the isolate alive.
        has_live_ports: bool,
    },
    /// Somebody else has the isolate, or it is in the middle of an event.
    Busy,
    /// This thread has the isolate already.
    Entered,
    /// The program has no such function.
    NoFunction,
    /// The isolate has ended.
    Ended,
}

/// A thread that waits for an answer.
pub(super) struct Asker {
    pub(super) thread: ThreadId,
    answer: mpsc::Sender<Answer>,
}

impl Asker {
    pub(super) fn answer(self, answer: Answer) {
        // Nobody waits for the answer to an exit.
        let _ = self.answer.send(answer);
    }
}

/// Asks something of an isolate, for this thread, and does not wait.
fn send(
    scheduler: &Scheduler<Isolate>,
    isolate: IsolateId,
    request: Request,
) -> mpsc::Receiver<Answer> {
    let (answer, answers) = mpsc::channel();
    let asker = Asker {
        thread: std::thread::current().id(),
        answer,
    };
    let call = HostCall::of_thread(asker, request);
    let event = Event::Control(Box::new(Control::Host(call)));
    if let Err(Closed(unsent)) = scheduler.send_urgent(isolate, event) {
        // What is dropped without an answer is an answer.
        drop(unsent);
    }
    answers
}

/// Asks something of an isolate and waits for the answer. Not for workers: none may wait.
pub fn ask(scheduler: &Scheduler<Isolate>, isolate: IsolateId, request: Request) -> Answer {
    send(scheduler, isolate, request)
        .recv()
        .unwrap_or(Answer::Ended)
}

/// Asks without waiting for the answer.
pub fn tell(scheduler: &Scheduler<Isolate>, isolate: IsolateId, request: Request) {
    drop(send(scheduler, isolate, request));
}

/// Ends an isolate, whoever has it: in the middle of an event, if that is wished.
pub fn kill(scheduler: &Scheduler<Isolate>, isolate: IsolateId, immediate: bool) {
    let kill = Control::Kill {
        right: Group::capability(isolate, 1),
        immediate,
    };
    let _ = scheduler.send_urgent(isolate, Event::Control(Box::new(kill)));
}

/// Makes an isolate of the group: one that begins with `main`, say, or one that does nothing before a thread enters it
/// ([`Start::Hosted`]).
pub fn make(group: &Arc<Group>, request: SpawnRequest) -> IsolateId {
    spawn(group, request)
}

/// Tells who follows an isolate that it is being made; if nobody does, the group's hooks may give somebody.
#[cold]
pub(super) fn follow(group: &Group, id: IsolateId, request: &mut SpawnRequest) {
    if let Some(life) = request.life() {
        return life.begins(id);
    }
    let is_of_program = !matches!(
        request.start,
        Start::Notice(_) | Start::Bound | Start::Serve(_)
    );
    let Some(hooks) = group.hooks.as_ref().filter(|_| is_of_program) else {
        return;
    };
    let name = request.name.text(&group.program);
    request.more().life = Some(hooks.made(id, &name, request));
}

impl Context {
    /// What the thread is answered that has called a function of the isolate.
    pub fn answer(&mut self, value: Box<dyn Any + Send>) {
        let hosting = self.side().hosting.get_or_insert_default();
        hosting.answer_with(value);
    }
}

impl Group {
    /// A function at top level of the program's first library.
    pub(super) fn top_level(&self, name: &str) -> Option<FunctionId> {
        let found = &self.entries.top_level;
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&known) = found.get(name) {
            return Some(known);
        }
        let function = self.program.modules().top_level(&self.script, name)?;
        found.insert(name.into(), function);
        Some(function)
    }
}
