//! Work on numbers and code units that needs no heap: the part of the natives that plain Rust tests can reach.

pub mod case;
pub mod number;
pub mod search;
