//! An isolate's side of ports, timers and listeners: what its natives read and change while it runs.
//!
//! Dart objects that must stay alive (an open port's object, a timer's) are kept in the isolate's `kept` values; the entries
//! here hold their indices.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::cpu;
use super::event::{Completion, Control, Event, Watcher};
use super::group::{Group, ProgramRequest};
use super::limits::Limits;
use super::name::{self, Name};
use super::run::leave::Departure;
use super::run::{HostCall, Hosting};
use super::spawn::SpawnRequest;
use super::tables::{Ports, RunningTimers};
use super::waiter::Awaited;
use super::watch;
use crate::heap::message::Message;
use crate::native::Kept;
use crate::port::{Closed, IsolateId, PortId};
use crate::sched::TimerId;

/// What a suspending native asks whoever runs the isolate to do.
pub enum HostJob {
    /// End the isolate: `Isolate.exit`, or a fatal error. The last message goes out before the exit listeners are told.
    Exit {
        /// Where the last message goes, and it.
        last: Option<(PortId, Message)>,
        /// Why.
        outcome: Outcome,
    },
    /// End it by `Isolate.exit` with so much that handing it over takes a while.
    Leave(Box<Departure>),
    /// Wait.
    Sleep(Duration),
    /// Enter another isolate, and wait for its answer.
    Enter {
        /// Which.
        isolate: IsolateId,
        /// What for.
        call: HostCall,
    },
    /// Wait for a message to this port.
    Take {
        /// The port's number.
        port: u64,
        /// No longer than this.
        time: Option<Duration>,
    },
    /// Wait until the waiter is told.
    Await {
        /// Who waits, and what it goes on with.
        awaited: Awaited,
        /// No longer than this.
        time: Option<Duration>,
    },
    /// Run this on a thread that may block; what it gives ends the native's call.
    Block(Box<dyn FnOnce() -> Completion + Send>),
}

/// How an isolate ended. `package:eyot/isolate.dart` knows the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing more could happen to it, or it left.
    Finished = 0,
    /// By an uncaught error.
    Error = 1,
    /// By another isolate.
    Killed = 2,
    /// By an uncaught OutOfMemoryError, or without the memory to throw one.
    OutOfMemory = 3,
    /// It had used the time on a core that it may.
    CpuTime = 4,
    /// Its time was up.
    WallTime = 5,
    /// Too many messages waited for it.
    Mailbox = 6,
    /// An isolate ended that it was linked to.
    Linked = 7,
    /// By a mistake of Eyot.
    Bug = 8,
}

/// Who wants to know about errors and the end, who pauses, and what waits for the end of the event: made when needed.
#[derive(Default)]
pub(super) struct Side {
    pub(super) on_exit: SmallVec<[(PortId, Message); 1]>,
    pub(super) on_error: Vec<PortId>,
    pub(super) pauses: Vec<u64>,
    pub(super) monitors: Vec<Watcher>,
    pub(super) links: Vec<IsolateId>,
    /// The error that ends the isolate.
    pub(super) fatal: Option<FatalError>,
    pub(super) limits: Limits,
    /// Fires when the isolate's time is up.
    pub(super) wall_timer: Option<TimerId>,
    wall_end: Option<Instant>,
    /// To be done once the running event is over.
    pub(super) deferred: Vec<Control>,
    /// What libraries keep for the isolate; dropped at its end, before anybody is told of that.
    pub(super) resources: Vec<Box<dyn Any + Send>>,
    /// Who enters it.
    pub(super) hosting: Option<Box<Hosting>>,
    /// Events taken out of the mailbox that wait for their turn.
    pub(super) pending: VecDeque<Event>,
    /// The port whose next message a native waits for.
    pub(super) taking: Option<u64>,
    /// What a native waits for.
    pub(super) awaited: Option<Awaited>,
    /// It stays on its worker until the event is over.
    pub(super) holds_worker: bool,
}

impl Side {
    /// Makes it as new, but for the memory of its lists.
    fn clear(&mut self) {
        let Side {
            on_exit,
            on_error,
            pauses,
            monitors,
            links,
            fatal,
            limits,
            wall_timer,
            wall_end,
            deferred,
            resources,
            hosting,
            pending,
            taking,
            awaited,
            holds_worker,
        } = self;
        on_exit.clear();
        on_error.clear();
        pauses.clear();
        monitors.clear();
        links.clear();
        *fatal = None;
        *limits = Limits::default();
        *wall_timer = None;
        *wall_end = None;
        deferred.clear();
        resources.clear();
        *hosting = None;
        pending.clear();
        *taking = None;
        *awaited = None;
        *holds_worker = false;
    }
}

/// An uncaught error and its texts, for those who watch the isolate.
pub(super) struct FatalError {
    pub(super) error: Kept,
    pub(super) trace: Kept,
    pub(super) texts: [String; 2],
}

/// The context; natives reach it with [`NativeCall::host`](crate::native::NativeCall::host).
pub struct Context {
    pub(super) id: IsolateId,
    /// The group.
    pub group: Arc<Group>,
    /// The isolate's name.
    pub name: Name,
    pub(super) ports: Ports,
    pub(super) timers: RunningTimers,
    own_timers: u32,
    pub(super) side: Option<Box<Side>>,
    /// That of the last isolate that was here, emptied.
    spare_side: Option<Box<Side>>,
    pub(super) errors_are_fatal: bool,
    /// The queue of microtasks; none before the first one.
    pub(super) microtasks: Option<Kept>,
    /// Operations whose completion will come as a message: they keep the isolate alive.
    pub operations: u32,
    /// Grows with each message sent to an isolate that is behind; see [`Context::send`].
    haste: Cell<u32>,
    /// Messages sent, and handled.
    pub(super) sent: Cell<u64>,
    pub(super) received: u64,
    /// Time on a core, in ticks, without the run that is under way.
    pub(super) cpu_ticks: u64,
    /// When that run began.
    pub(super) run_began: u64,
}

/// Whether a sender is to give way; see [`Context::send`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// It may go on.
    Same,
    /// It should look around.
    GivesWay,
}

/// An isolate is behind if so many messages waited when it looked last.
const BEHIND_MIN: usize = 4096;
/// A sender gives way when the numbers of messages that waited, added up over its sends, are so many: at 64K behind after 16.
const HASTE_MAX: u32 = 1 << 20;

/// The interrupt bit of an isolate that gives way.
const GIVE_WAY: u32 = 4;

/// Timers made by an isolate for itself, due at once, carry ids from here on.
const IMMEDIATE_TIMERS: u64 = 1 << 63;

impl Context {
    /// The isolate's id.
    pub fn id(&self) -> IsolateId {
        self.id
    }

    /// Of no isolate yet.
    #[inline(always)]
    pub(super) fn new(group: Arc<Group>) -> Context {
        Context {
            id: IsolateId::from_bits(0),
            group,
            name: Name::UNKNOWN,
            ports: Ports::new(),
            timers: RunningTimers::new(),
            own_timers: 0,
            side: None,
            spare_side: None,
            errors_are_fatal: true,
            microtasks: None,
            operations: 0,
            haste: Cell::new(0),
            sent: Cell::new(0),
            received: 0,
            cpu_ticks: 0,
            run_began: 0,
        }
    }

    /// Makes it as new after the end of its isolate, for another one of the same group.
    pub(super) fn clear(&mut self) {
        let Context {
            id: _,
            group: _,
            name,
            ports,
            timers,
            own_timers,
            side,
            // Emptied when it was put there.
            spare_side: _,
            errors_are_fatal,
            microtasks,
            operations,
            haste,
            sent,
            received,
            cpu_ticks,
            run_began,
        } = self;
        *name = Name::UNKNOWN;
        *ports = Ports::new();
        *timers = RunningTimers::new();
        *own_timers = 0;
        *side = None;
        *errors_are_fatal = true;
        *microtasks = None;
        *operations = 0;
        haste.set(0);
        sent.set(0);
        *received = 0;
        *cpu_ticks = 0;
        *run_began = 0;
    }

    /// The end has been told to those that it names.
    pub(super) fn retire_side(&mut self, mut side: Box<Side>) {
        side.clear();
        self.spare_side = Some(side);
    }

    pub(super) fn side(&mut self) -> &mut Side {
        let spare = &mut self.spare_side;
        self.side
            .get_or_insert_with(|| spare.take().unwrap_or_default())
    }

    /// What a library keeps for this isolate under that type (its open sockets), made when first asked for and dropped when
    /// the isolate ends.
    pub fn resource<T: Any + Send + Default>(&mut self) -> &mut T {
        let resources = &mut self.side().resources;
        let index = match resources.iter().position(|resource| resource.is::<T>()) {
            Some(index) => index,
            None => {
                resources.push(Box::<T>::default());
                resources.len() - 1
            }
        };
        match resources[index].downcast_mut() {
            Some(resource) => resource,
            None => unreachable!("the entry was found by its type"),
        }
    }

    pub(super) fn set_limits(&mut self, limits: Limits, wall_end: Option<Instant>) {
        let scheduler = &self.group.scheduler;
        let timer = wall_end.map(|end| scheduler.set_timer(self.id, end, true));
        let side = self.side();
        side.limits = limits;
        side.wall_timer = timer;
        side.wall_end = wall_end;
    }

    /// What an isolate made by this one may use: what is asked for, but no more than this one may itself, and of time no more than it has
    /// left.
    fn limits_of_child(&self, asked: Limits) -> Limits {
        let Some(side) = &self.side else {
            return asked;
        };
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        asked.least(Limits {
            cpu: side
                .limits
                .cpu
                .map(|cpu| cpu.saturating_sub(self.cpu_time())),
            wall: side.wall_end.map(left),
            ..side.limits
        })
    }

    /// Time on a core, with the run that is under way.
    pub(super) fn cpu_time(&self) -> Duration {
        let running = match self.run_began {
            0 => 0,
            began => cpu::ticks().saturating_sub(began),
        };
        cpu::to_time(self.cpu_ticks + running)
    }

    pub(super) fn is_wall_timer(&self, timer: TimerId) -> bool {
        let side = self.side.as_ref();
        side.is_some_and(|side| side.wall_timer == Some(timer))
    }

    // ---- messages

    /// Sends a message to a port; nothing happens if its isolate is gone. If that isolate is behind with its messages, this one will
    /// give way to others before its time: the sooner, the more wait, so that a queue that grows faster than it is emptied does
    /// not grow for ever. (The interrupt is seen when the interpreter looks around.)
    pub fn send(&self, to: PortId, message: Message) -> Pace {
        self.sent.set(self.sent.get() + 1);
        let event = Event::Message {
            port: to.number,
            message,
        };
        let behind = match self.group.scheduler.send_and_see(to.isolate, event) {
            Ok(behind) if behind >= BEHIND_MIN && to.isolate != self.id => behind,
            _ => return Pace::Same,
        };
        let behind = u32::try_from(behind).unwrap_or(HASTE_MAX);
        let haste = self.haste.get().saturating_add(behind);
        if haste < HASTE_MAX {
            self.haste.set(haste);
            return Pace::Same;
        }
        self.haste.set(0);
        self.give_way();
        Pace::GivesWay
    }

    /// Has others run before this isolate goes on, as soon as the interpreter looks around.
    pub fn give_way(&self) {
        if let Some(record) = self.group.scheduler.registry().get(self.id) {
            record.interrupt(GIVE_WAY);
        }
    }

    pub(super) fn send_control(&self, to: IsolateId, control: Control, is_urgent: bool) {
        let event = Event::Control(Box::new(control));
        let sent = if is_urgent {
            self.group.scheduler.send_urgent(to, event)
        } else {
            self.group.scheduler.send(to, event)
        };
        if let Err(Closed(event)) = sent {
            watch::undelivered(&self.group.scheduler, to, event);
        }
    }

    // ---- timers

    pub(super) fn start_timer(&mut self, object: Kept, delay: Duration) -> TimerId {
        let id = if delay.is_zero() {
            // Behind the events that are queued already, without a detour through the clock.
            self.own_timers = self.own_timers.wrapping_add(1);
            let id = TimerId(IMMEDIATE_TIMERS | u64::from(self.own_timers));
            let _ = self.group.scheduler.send(self.id, Event::Timer(id));
            id
        } else {
            let deadline = after(delay);
            self.group.scheduler.set_timer(self.id, deadline, false)
        };
        self.timers.insert(id, object);
        id
    }

    pub(super) fn cancel_timer(&mut self, id: TimerId) -> Option<Kept> {
        if id.0 & IMMEDIATE_TIMERS == 0 {
            self.group.scheduler.cancel_timer(id);
        }
        self.timers.remove(id)
    }

    /// The name of an isolate of this process; none if it is gone.
    pub(super) fn name_of(&self, id: IsolateId) -> Option<String> {
        let record = self.group.scheduler.registry().get(id)?;
        name::of_tag(id, record.tag(), &self.group.program)
    }

    /// Whether an isolate is of this one's group (also if it is gone: then it does not matter).
    pub(super) fn is_of_group(&self, id: IsolateId) -> bool {
        match self.group.scheduler.registry().get(id) {
            Some(record) => name::group_of_tag(record.tag()) == self.group.number,
            None => true,
        }
    }

    /// Its own name.
    pub fn name(&self) -> String {
        self.name.text(&self.group.program)
    }

    // ---- life

    /// Whether nothing can happen to the isolate any more, if no event waits.
    pub(super) fn is_done(&self) -> bool {
        self.operations == 0
            && !self.ports.keep_alive()
            && self.timers.is_empty()
            && !self.is_paused()
    }

    pub(super) fn is_paused(&self) -> bool {
        self.side
            .as_ref()
            .is_some_and(|side| !side.pauses.is_empty())
    }

    /// Makes an isolate of this group.
    pub(super) fn spawn(&self, mut request: SpawnRequest) -> IsolateId {
        self.limit_child(&mut request);
        super::spawn::spawn(&self.group, request)
    }

    fn limit_child(&self, request: &mut SpawnRequest) {
        if self.side.as_ref().is_none_or(|side| side.limits.is_none()) {
            return;
        }
        let asked = request.limits();
        let limits = self.limits_of_child(asked);
        if limits != asked {
            request.more().limits = limits;
        }
    }

    /// Loads another program on a thread that may block, starts it in a group of its own, and tells `reply`: the new isolate's
    /// control port, or a text that says why not.
    pub(super) fn spawn_uri(
        &self,
        reply: PortId,
        request: ProgramRequest,
        mut spawn: SpawnRequest,
    ) {
        self.limit_child(&mut spawn);
        let group = self.group.clone();
        let scheduler = group.scheduler.clone();
        let work = move || {
            let answer = match group.host.load(&request) {
                Ok(loaded) => {
                    let id = super::spawn::spawn_program(&group, loaded, spawn);
                    Message::SendPort(id.to_bits(), 0)
                }
                Err(text) => super::run::text_message(&text),
            };
            let event = Event::Message {
                port: reply.number,
                message: answer,
            };
            let _ = group.scheduler.send(reply.isolate, event);
        };
        if !scheduler.spawn_blocking(work) {
            let message =
                super::run::text_message("the system gives no thread to load the program on");
            self.send(reply, message);
        }
    }
}

/// So long from now; in a hundred years if the clock cannot tell.
pub(super) fn after(delay: Duration) -> Instant {
    let now = Instant::now();
    let never = Duration::from_secs(100 * 365 * 24 * 3600);
    now.checked_add(delay).unwrap_or_else(|| now + never)
}
