//! What arrives in an isolate's mailbox.

use super::run::HostCall;
use crate::heap::message::Message;
use crate::native::{NativeCall, NativeResult};
use crate::port::{IsolateId, PortId};
use crate::sched::TimerId;

/// Ends the call of a native that waits, or builds the argument of an event, once the isolate runs.
pub type Completion = Box<dyn FnOnce(&mut NativeCall<'_>) -> NativeResult + Send>;

/// An event, or an urgent message.
pub enum Event {
    /// A message for one of its ports.
    Message {
        /// The port's number.
        port: u64,
        /// The message.
        message: Message,
    },
    /// A timer came due.
    Timer(TimerId),
    /// The job of a native that suspended the isolate is done.
    Completed(Completion),
    /// From another isolate, or itself.
    Control(Box<Control>),
}

/// Who asked to be told something, and the number to tell it under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watcher {
    /// Where to.
    pub port: PortId,
    /// What the asker calls the question.
    pub reference: i64,
}

/// A control message: see `dart:isolate`'s `Isolate`. Rights have been checked by the receiver when it is handled.
pub enum Control {
    /// Handle no events until resumed with the same capability.
    Pause {
        /// The right.
        right: u64,
        /// What resumes.
        resume: u64,
    },
    /// Undo a pause.
    Resume {
        /// The capability given to pause.
        resume: u64,
    },
    /// Tell this port at the end.
    AddOnExit {
        /// Where to.
        port: PortId,
        /// What.
        response: Message,
    },
    /// Do not tell this port at the end.
    RemoveOnExit {
        /// Which.
        port: PortId,
    },
    /// Whether uncaught errors end the isolate.
    SetErrorsFatal {
        /// The right.
        right: u64,
        /// Whether.
        fatal: bool,
    },
    /// End: at once, or before the next event.
    Kill {
        /// The right.
        right: u64,
        /// In the middle of an event.
        immediate: bool,
    },
    /// Answer.
    Ping {
        /// Where to.
        port: PortId,
        /// What.
        response: Message,
        /// Not in the middle of an event.
        before_next_event: bool,
    },
    /// Send uncaught errors there.
    AddOnError {
        /// Where to.
        port: PortId,
    },
    /// Send them there no more.
    RemoveOnError {
        /// Which.
        port: PortId,
    },
    /// Tell how the isolate ends, once.
    Monitor(Watcher),
    /// Do not.
    Demonitor(Watcher),
    /// End when this isolate does, but for a normal end.
    Link(IsolateId),
    /// Do not.
    Unlink(IsolateId),
    /// A linked isolate has ended.
    LinkEnded {
        /// Which.
        from: IsolateId,
        /// Because nothing more could happen to it.
        normally: bool,
    },
    /// Tell what the isolate uses.
    Stats(Watcher),
    /// What the isolate waits for has happened; or what it has waited for before.
    Wake,
    /// Let another isolate in.
    Host(HostCall),
}
