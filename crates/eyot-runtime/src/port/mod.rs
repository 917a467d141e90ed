//! Mailboxes: how messages reach an isolate.
//!
//! A message is an opaque owned payload here; this module knows neither values nor heaps.
//!
//! - [`Mailbox`]: many producers, one consumer, lock-free.
//! - [`PortId`]: what a SendPort holds: the isolate's generational index and a number that the isolate never gives twice. Whether
//!   the port is still open is for the receiving isolate to say, when it takes the message out.

mod mailbox;

pub use mailbox::{Closed, Mailbox};

/// The generational index of an isolate: its place in the registry, and how many isolates had that place before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IsolateId {
    /// Place in the registry.
    pub slot: u32,
    /// Counts the isolates that had the place.
    pub generation: u32,
}

/// The identity of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId {
    /// The isolate it belongs to.
    pub isolate: IsolateId,
    /// Its number in that isolate, counted from 1 and never reused.
    pub number: u64,
}

impl IsolateId {
    /// As one word, for objects.
    pub const fn to_bits(self) -> u64 {
        (self.generation as u64) << 32 | self.slot as u64
    }

    /// From the word of [`IsolateId::to_bits`].
    pub const fn from_bits(bits: u64) -> IsolateId {
        IsolateId {
            slot: bits as u32,
            generation: (bits >> 32) as u32,
        }
    }
}
