//! How isolates end, and what can be wrong with what is asked of one.

use std::fmt;

use eyot_runtime::isolate::Outcome;

/// Why an isolate ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exit {
    /// Nothing more could happen to it, it left, or a thread shut it down.
    Finished,
    /// By an uncaught error.
    Error {
        /// The error's text.
        error: String,
        /// The stack trace's.
        trace: String,
    },
    /// By [`super::Isolate::kill`], or another isolate.
    Killed,
    /// By an uncaught `OutOfMemoryError`, or without the memory to throw one.
    OutOfMemory,
    /// It had used the time on a core that it may.
    CpuTime,
    /// Its time was up.
    WallTime,
    /// Too many messages waited for it.
    Mailbox,
    /// An isolate ended that it was linked to.
    Linked,
    /// By a mistake of Eyot, which has been printed.
    Bug,
}

impl Exit {
    pub(super) fn of(outcome: Outcome, error: Option<&[String; 2]>) -> Exit {
        match outcome {
            Outcome::Finished => Exit::Finished,
            Outcome::Error => {
                let [error, trace] = error.cloned().unwrap_or_default();
                Exit::Error { error, trace }
            }
            Outcome::Killed => Exit::Killed,
            Outcome::OutOfMemory => Exit::OutOfMemory,
            Outcome::CpuTime => Exit::CpuTime,
            Outcome::WallTime => Exit::WallTime,
            Outcome::Mailbox => Exit::Mailbox,
            Outcome::Linked => Exit::Linked,
            Outcome::Bug => Exit::Bug,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Exit::Finished => "it finished",
            Exit::Error { error, .. } => return write!(f, "by an uncaught error: {error}"),
            Exit::Killed => "it was killed",
            Exit::OutOfMemory => "it was out of memory",
            Exit::CpuTime => "it had used its time on a core",
            Exit::WallTime => "its time was up",
            Exit::Mailbox => "too many messages waited for it",
            Exit::Linked => "an isolate ended that it was linked to",
            Exit::Bug => "by a mistake in Eyot itself",
        })
    }
}

/// Why an isolate did not do what was asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsolateError {
    /// It has ended, perhaps just now.
    Ended(Exit),
    /// Somebody else has it, or it is in the middle of something: [`super::Isolate::try_enter`] does not wait.
    Busy,
    /// This thread has it already.
    Entered,
    /// A worker cannot wait for an isolate. See [the module](super).
    OnWorker,
    /// The engine is shut down.
    ShutDown,
    /// The program's first library has no function of that name at top level.
    NoFunction(String),
    /// The function threw.
    Threw {
        /// The error's text.
        error: String,
        /// The stack trace's.
        trace: String,
    },
    /// An argument cannot be passed.
    Unsendable(String),
}

impl fmt::Display for IsolateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IsolateError::Ended(exit) => write!(f, "the isolate has ended: {exit}"),
            IsolateError::Busy => f.write_str("somebody else has the isolate"),
            IsolateError::Entered => f.write_str("this thread has entered the isolate already"),
            IsolateError::OnWorker => {
                f.write_str("a worker of the engine cannot wait for an isolate")
            }
            IsolateError::ShutDown => f.write_str("the engine is shut down"),
            IsolateError::NoFunction(name) => {
                write!(f, "the program's first library has no function '{name}'")
            }
            IsolateError::Threw { error, .. } => write!(f, "the function threw: {error}"),
            IsolateError::Unsendable(why) => write!(f, "an argument cannot be passed: {why}"),
        }
    }
}

impl std::error::Error for IsolateError {}

/// Why a message was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PostError {
    /// The port is closed, or its isolate has ended.
    Closed,
    /// The message is none that can be sent: why.
    Unsendable(String),
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PostError::Closed => f.write_str("the port is closed"),
            PostError::Unsendable(why) => write!(f, "the message cannot be sent: {why}"),
        }
    }
}

impl std::error::Error for PostError {}
