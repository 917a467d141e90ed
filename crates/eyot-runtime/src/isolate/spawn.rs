//! Making isolates: what is asked for, and how the struct of an isolate begins, is emptied, and begins again (see [`shells`]).

use std::sync::Arc;

use eyot_bytecode::module::FunctionId;

use super::context::Context;
use super::cpu;
use super::embed::{self, Life};
use super::event::Watcher;
use super::group::{EntryPoints, Group, LoadedProgram};
use super::limits::Limits;
use super::name::Name;
use super::run::{Draining, Isolate, Phase};
use super::shells;
use crate::heap::message::Message;
use crate::interp::state::IsolateState;
use crate::port::{IsolateId, PortId};
use crate::value::Value;

/// How an isolate begins.
pub enum Start {
    /// `_startIsolate(entryPoint, message)`. The function is a constant: both come by themselves.
    Entry {
        /// The function.
        function: Value,
        /// What it is called with.
        message: Message,
    },
    /// Not at all: others enter it.
    Hosted,
    /// The same, for a call that is to need no isolate. If isolates share variables, it has no others of the program's.
    Bound,
    /// `_deliverEvent(callback)`: it has nothing else to do.
    Notice(Message),
    /// The same with both in a list: they may share objects.
    Pair(Message),
    /// `_startMain(main, arguments, message)`.
    Main(Box<MainCall>),
    /// `_servePort(key)`: it is a native port.
    Serve(i64),
}

/// A call of a program's `main`.
pub struct MainCall {
    /// The function.
    pub main: FunctionId,
    /// The arguments.
    pub arguments: Vec<String>,
    /// The message of `spawnUri`.
    pub message: Message,
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
    /// Is told how it ends.
    pub monitor: Option<Watcher>,
    /// Ends with it.
    pub link: Option<IsolateId>,
    /// What it may use.
    pub limits: Limits,
    /// Follows it, in place of what the group's hooks would make for it.
    pub life: Option<Box<dyn Life>>,
}

impl SpawnRequest {
    /// An isolate that runs at once, that nobody watches, and whose uncaught errors end it.
    #[must_use]
    pub fn new(start: Start, name: Name) -> SpawnRequest {
        SpawnRequest {
            start,
            name,
            paused: false,
            errors_are_fatal: true,
            on_exit: None,
            on_error: None,
            monitor: None,
            link: None,
            limits: Limits::default(),
            life: None,
        }
    }
}

/// Starts the main isolate of another program in a group of its own.
pub(super) fn spawn_program(
    from: &Arc<Group>,
    loaded: LoadedProgram,
    mut request: SpawnRequest,
) -> IsolateId {
    let group = Arc::new(Group {
        number: Group::next_number(),
        entries: EntryPoints::of(&loaded.program),
        program: loaded.program,
        scheduler: from.scheduler.clone(),
        host: loaded.host,
        heap: from.heap.clone(),
        script: loaded.script,
        package_config: loaded.package_config,
        shared: loaded.shares_data.then(Arc::default),
        hooks: loaded.hooks,
    });
    if let Start::Main(call) = &mut request.start {
        call.main = loaded.main;
    }
    spawn(&group, &mut request)
}

/// Starts an isolate of a group, with what the request holds.
pub(super) fn spawn(group: &Arc<Group>, request: &mut SpawnRequest) -> IsolateId {
    group.scheduler.spawn(|id| {
        let kept = shells::take(group);
        let mut isolate = kept.unwrap_or_else(|| Box::new(Isolate::new(group)));
        isolate.set_up(id, request);
        isolate
    })
}

impl Isolate {
    /// One that has not begun.
    pub(super) fn new(group: &Arc<Group>) -> Isolate {
        cpu::prepare();
        let mut state = IsolateState::new(group.program.clone(), group.heap.clone());
        state.heap.allow_slices();
        Isolate {
            state,
            context: Context::new(group.clone()),
            phase: Phase::Ended,
            draining: Draining::Not,
            completion: None,
            noted_bytes: 0,
            packs: false,
            life: None,
        }
    }

    /// The group that it is, or was, one of.
    pub(super) fn group(&self) -> &Arc<Group> {
        &self.context.group
    }

    /// Makes a new one, or what [`Isolate::clear`] left of another, what is asked for.
    #[inline]
    pub(super) fn set_up(&mut self, id: IsolateId, request: &mut SpawnRequest) {
        let context = &mut self.context;
        context.id = id;
        context.errors_are_fatal = request.errors_are_fatal;
        let group = &context.group;
        if let Some(record) = group.scheduler.registry().get(id) {
            record.set_tag(request.name.register(id, group.number));
        }
        if request.life.is_some() || group.hooks.is_some() {
            self.life = embed::follow(group, id, request);
        }
        let settings = &group.heap;
        let traced = settings.traced_as.is_some();
        let name = traced.then(|| request.name.text(&group.program).into());
        let limit_bytes = request.limits.heap_bytes.unwrap_or(usize::MAX);
        self.state.heap.begin(settings, limit_bytes, name);
        context.name = std::mem::replace(&mut request.name, Name::UNKNOWN);
        if let Some(port) = request.on_exit {
            let null = Message::Immediate(Value::NULL);
            context.side().on_exit.push((port, null));
        }
        if let Some(port) = request.on_error {
            context.side().on_error.push(port);
        }
        if let Some(monitor) = request.monitor {
            context.side().monitors.push(monitor);
        }
        if let Some(link) = request.link {
            context.side().links.push(link);
        }
        if request.limits != Limits::default() {
            context.set_limits(request.limits);
        }
        if request.paused {
            let right = Group::capability(id, 0);
            context.side().pauses.push(right);
        }
        match std::mem::replace(&mut request.start, Start::Hosted) {
            start @ (Start::Hosted | Start::Bound) => {
                self.phase = Phase::Ready;
                self.without_loop();
                let is_bound = matches!(start, Start::Bound);
                self.state.is_bound = is_bound && self.context.group.shared.is_some();
            }
            start => self.phase = Phase::Starting(start),
        }
    }

    /// After the end: gives everything back but what the next isolate of the group needs as well.
    pub(super) fn clear(&mut self) {
        let Isolate {
            state,
            context,
            phase,
            draining,
            completion,
            noted_bytes,
            packs,
            life,
        } = self;
        state.clear();
        context.clear();
        *phase = Phase::Ended;
        *draining = Draining::Not;
        *completion = None;
        *noted_bytes = 0;
        *packs = false;
        *life = None;
    }
}
