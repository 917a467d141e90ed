//! Making isolates: what is asked for, and how the struct of an isolate begins, is emptied, and begins again (see [`shells`]).
//!
//! Who spawns one makes its [`Seed`] only, unless it runs next on the same worker. The worker that runs it first makes the isolate of that,
//! where its memory and caches are: often that is another one, and a line of memory takes a tenth of a microsecond from core to core.

use std::sync::Arc;
use std::time::Instant;

use eyot_bytecode::module::FunctionId;

use super::context::{Context, after};
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
use crate::sched::New;
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
    /// Gets null at its end.
    pub on_exit: Option<PortId>,
    /// It waits for a resume with its pause capability.
    pub paused: bool,
    /// Uncaught errors end it.
    pub errors_are_fatal: bool,
    more: Option<Box<More>>,
}

/// What is rarely asked for.
#[derive(Default)]
pub struct More {
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
    wall_end: Option<Instant>,
}

impl SpawnRequest {
    /// An isolate that runs at once, that nobody watches, and whose uncaught errors end it.
    #[must_use]
    pub fn new(start: Start, name: Name) -> SpawnRequest {
        SpawnRequest {
            start,
            name,
            on_exit: None,
            paused: false,
            errors_are_fatal: true,
            more: None,
        }
    }

    /// The rest, to ask for.
    pub fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    pub(super) fn life(&mut self) -> Option<&mut Box<dyn Life>> {
        self.more.as_mut()?.life.as_mut()
    }

    /// What it may use.
    pub fn limits(&self) -> Limits {
        let more = self.more.as_ref();
        more.map(|more| more.limits).unwrap_or_default()
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
    spawn(&group, request)
}

/// Starts an isolate of a group.
pub(super) fn spawn(group: &Arc<Group>, mut request: SpawnRequest) -> IsolateId {
    if let Some(more) = &mut request.more {
        more.wall_end = more.limits.wall.map(after);
    }
    let scheduler = &group.scheduler;
    scheduler.spawn(|id, is_next| {
        if let Some(record) = scheduler.registry().get(id) {
            record.set_tag(request.name.register(id, group.number));
        }
        if request.more.is_some() || group.hooks.is_some() {
            embed::follow(group, id, &mut request);
        }
        if is_next {
            let mut isolate = shells::take(group).unwrap_or_else(|| Isolate::boxed(group));
            isolate.set_up(id, request);
            return New::Task(isolate);
        }
        New::Seed(match shells::take_seed(group) {
            Some(mut seed) => {
                seed.request = request;
                seed
            }
            None => Box::new(Seed::new(group, request)),
        })
    })
}

/// What an isolate is until it runs first.
pub struct Seed {
    pub(super) group: Arc<Group>,
    request: SpawnRequest,
}

impl Seed {
    /// Of an isolate to be.
    pub(super) fn new(group: &Arc<Group>, request: SpawnRequest) -> Seed {
        Seed {
            group: group.clone(),
            request,
        }
    }
}

impl Isolate {
    /// One that has not begun.
    #[inline(always)]
    pub(super) fn new(group: &Arc<Group>) -> Isolate {
        cpu::prepare();
        let context = Context::new(group.clone());
        let mut state = IsolateState::new(group.program.clone(), group.heap.clone());
        state.heap.allow_slices();
        Isolate {
            state,
            context,
            phase: Phase::Ended,
            draining: Draining::Not,
            completion: None,
            noted_bytes: 0,
            packs: false,
            life: None,
        }
    }

    #[cold]
    fn boxed(group: &Arc<Group>) -> Box<Isolate> {
        // Memory first: then it is made in its place.
        Box::write(Box::new_uninit(), Isolate::new(group))
    }

    /// The group that it is, or was, one of.
    pub(super) fn group(&self) -> &Arc<Group> {
        &self.context.group
    }

    /// One of a seed, which is emptied and kept for the next.
    pub(super) fn of_seed(mut seed: Box<Seed>, id: IsolateId) -> Box<Isolate> {
        let request = SpawnRequest::new(Start::Hosted, Name::UNKNOWN);
        let request = std::mem::replace(&mut seed.request, request);
        let mut isolate = match shells::exchange(seed) {
            Ok(shell) => shell,
            Err(seed) => {
                let isolate = Isolate::boxed(&seed.group);
                shells::keep_seed(seed);
                isolate
            }
        };
        isolate.set_up(id, request);
        isolate
    }

    /// Makes a new one, or what [`Isolate::clear`] left of another, what is asked for.
    #[inline]
    pub(super) fn set_up(&mut self, id: IsolateId, request: SpawnRequest) {
        let context = &mut self.context;
        context.id = id;
        context.errors_are_fatal = request.errors_are_fatal;
        let more = request.more;
        let group = &context.group;
        let settings = &group.heap;
        let traced = settings.traced_as.is_some();
        let name = traced.then(|| request.name.text(&group.program).into());
        let limit_bytes = more.as_ref().and_then(|more| more.limits.heap_bytes);
        let limit_bytes = limit_bytes.unwrap_or(usize::MAX);
        self.state.heap.begin(settings, limit_bytes, name);
        context.name = request.name;
        if let Some(port) = request.on_exit {
            let null = Message::Immediate(Value::NULL);
            context.side().on_exit.push((port, null));
        }
        if request.paused {
            let right = Group::capability(id, 0);
            context.side().pauses.push(right);
        }
        if let Some(more) = more {
            self.set_up_more(*more);
        }
        match request.start {
            start @ (Start::Hosted | Start::Bound) => {
                self.phase = Phase::Ready;
                self.without_loop();
                let is_bound = matches!(start, Start::Bound);
                self.state.is_bound = is_bound && self.context.group.shared.is_some();
            }
            start => self.phase = Phase::Starting(start),
        }
    }

    fn set_up_more(&mut self, more: More) {
        let side = self.context.side();
        side.on_error.extend(more.on_error);
        side.monitors.extend(more.monitor);
        side.links.extend(more.link);
        if !more.limits.is_none() {
            self.context.set_limits(more.limits, more.wall_end);
        }
        self.life = more.life.map(Box::new);
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
