//! What an isolate may use before it is ended.

use std::time::Duration;

/// The limits of one isolate; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its heap. Beyond them an allocation throws `OutOfMemoryError`, which ends the isolate unless it is caught.
    pub heap_bytes: Option<usize>,
    /// Time on a core.
    pub cpu: Option<Duration>,
    /// Time since it was made.
    pub wall: Option<Duration>,
    /// Messages that wait for it.
    pub mailbox: Option<usize>,
}
