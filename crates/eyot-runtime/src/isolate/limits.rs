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

impl Limits {
    /// Whether it may use whatever it wants.
    pub fn is_none(&self) -> bool {
        let Limits {
            heap_bytes,
            cpu,
            wall,
            mailbox,
        } = self;
        heap_bytes.is_none() && cpu.is_none() && wall.is_none() && mailbox.is_none()
    }

    /// Whichever is less of each.
    pub fn least(self, other: Limits) -> Limits {
        Limits {
            heap_bytes: least(self.heap_bytes, other.heap_bytes),
            cpu: least(self.cpu, other.cpu),
            wall: least(self.wall, other.wall),
            mailbox: least(self.mailbox, other.mailbox),
        }
    }
}

fn least<T: Ord>(first: Option<T>, second: Option<T>) -> Option<T> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first.min(second)),
        (first, second) => first.or(second),
    }
}
