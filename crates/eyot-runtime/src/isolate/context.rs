//! An isolate's side of ports, timers and listeners: what its natives read and change while it runs.
//!
//! Dart objects that must stay alive (an open port's object, a timer's) are kept in the isolate's `kept` values; the entries
//! here hold their indices.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::event::{Completion, Control, Event};
use super::group::{Group, ProgramRequest};
use super::name::{self, Name};
use super::run::SpawnRequest;
use crate::heap::message::Message;
use crate::native::Kept;
use crate::port::{IsolateId, PortId};
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
    /// Wait.
    Sleep(Duration),
    /// Run this on a thread that may block; what it gives ends the native's call.
    Block(Box<dyn FnOnce() -> Completion + Send>),
}

/// How an isolate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing more could happen to it, or it left.
    Finished,
    /// By an uncaught error.
    Error,
    /// By another isolate.
    Killed,
    /// By a mistake of Eyot.
    Bug,
}

pub(super) struct PortEntry {
    pub(super) number: u64,
    pub(super) object: Kept,
    pub(super) keeps_alive: bool,
}

pub(super) struct TimerEntry {
    pub(super) id: TimerId,
    pub(super) object: Kept,
}

/// Who wants to know about errors and the end, and pauses: made when needed.
#[derive(Default)]
pub(super) struct Listeners {
    pub(super) on_exit: Vec<(PortId, Message)>,
    pub(super) on_error: Vec<PortId>,
    pub(super) pauses: Vec<u64>,
}

/// The context; natives reach it with [`NativeCall::host`](crate::native::NativeCall::host).
pub struct Context {
    pub(super) id: IsolateId,
    /// The group.
    pub group: Arc<Group>,
    /// The isolate's name.
    pub name: Name,
    pub(super) ports: SmallVec<[PortEntry; 1]>,
    pub(super) last_port: u64,
    pub(super) timers: Vec<TimerEntry>,
    pub(super) own_timers: u64,
    pub(super) listeners: Option<Box<Listeners>>,
    pub(super) errors_are_fatal: bool,
    /// Events taken out of the mailbox while they could not be handled, oldest first.
    pub(super) backlog: VecDeque<Event>,
    /// Operations whose completion will come as a message: they keep the isolate alive.
    pub operations: u32,
    /// Ended by an error before it could finish.
    pub(super) outcome: Option<Outcome>,
}

/// Timers made by an isolate for itself, due at once, carry ids from here on.
const IMMEDIATE_TIMERS: u64 = 1 << 63;

impl Context {
    /// The isolate's id.
    pub fn id(&self) -> IsolateId {
        self.id
    }

    pub(super) fn listeners(&mut self) -> &mut Listeners {
        self.listeners.get_or_insert_default()
    }

    // ---- ports

    pub(super) fn open_port(&mut self, object: Kept) -> u64 {
        self.last_port += 1;
        self.ports.push(PortEntry {
            number: self.last_port,
            object,
            keeps_alive: true,
        });
        self.last_port
    }

    pub(super) fn close_port(&mut self, number: u64) -> Option<Kept> {
        let index = self.ports.iter().position(|port| port.number == number)?;
        Some(self.ports.swap_remove(index).object)
    }

    pub(super) fn port(&mut self, number: u64) -> Option<&mut PortEntry> {
        self.ports.iter_mut().find(|port| port.number == number)
    }

    /// Sends a message to a port; nothing happens if its isolate is gone.
    pub fn send(&self, to: PortId, message: Message) {
        let event = Event::Message {
            port: to.number,
            message,
        };
        let _ = self.group.scheduler.send(to.isolate, event);
    }

    pub(super) fn send_control(&self, to: IsolateId, control: Control, urgent: bool) {
        let event = Event::Control(Box::new(control));
        let _ = if urgent {
            self.group.scheduler.send_urgent(to, event)
        } else {
            self.group.scheduler.send(to, event).map(drop)
        };
    }

    // ---- timers

    pub(super) fn start_timer(&mut self, object: Kept, delay: Duration) -> TimerId {
        let id = if delay.is_zero() {
            // Behind the events that are queued already, without a detour through the clock.
            self.own_timers += 1;
            let id = TimerId(IMMEDIATE_TIMERS | self.own_timers);
            let _ = self.group.scheduler.send(self.id, Event::Timer(id));
            id
        } else {
            // A delay beyond what the clock can tell is as good as never.
            let deadline = Instant::now().checked_add(delay).unwrap_or_else(far_future);
            self.group.scheduler.set_timer(self.id, deadline, false)
        };
        self.timers.push(TimerEntry { id, object });
        id
    }

    pub(super) fn take_timer(&mut self, id: TimerId) -> Option<Kept> {
        let index = self.timers.iter().position(|timer| timer.id == id)?;
        Some(self.timers.swap_remove(index).object)
    }

    pub(super) fn cancel_timer(&mut self, id: TimerId) -> Option<Kept> {
        if id.0 & IMMEDIATE_TIMERS == 0 {
            self.group.scheduler.cancel_timer(id);
        }
        self.take_timer(id)
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
            && self.timers.is_empty()
            && !self.ports.iter().any(|port| port.keeps_alive)
            && self
                .listeners
                .as_ref()
                .is_none_or(|listeners| listeners.pauses.is_empty())
    }

    pub(super) fn is_paused(&self) -> bool {
        self.listeners
            .as_ref()
            .is_some_and(|listeners| !listeners.pauses.is_empty())
    }

    /// Makes an isolate of this group.
    pub(super) fn spawn(&self, request: SpawnRequest) -> IsolateId {
        super::run::spawn(self.group.clone(), request)
    }

    /// Loads another program on a thread that may block, starts it in a group of its own, and tells `reply`: the new isolate's
    /// control port, or a text that says why not.
    pub(super) fn spawn_uri(&self, reply: PortId, request: ProgramRequest, spawn: SpawnRequest) {
        let group = self.group.clone();
        let scheduler = group.scheduler.clone();
        let work = move || {
            let answer = match group.host.load(&request) {
                Ok(loaded) => {
                    let id = super::run::spawn_program(&group, loaded, spawn);
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

fn far_future() -> Instant {
    Instant::now() + Duration::from_secs(100 * 365 * 24 * 3600)
}
