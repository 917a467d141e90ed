//! The interpreter: runs prepared bytecode on the isolate's own stack of frames.
//!
//! - [`machine`]: what a worker lends to the isolate it runs: stack, registers of the interpreter, entry points to run
//! - [`state`]: what belongs to the isolate: heap, statics, parked frames
//! - [`frame`]: the layout of frames and the walk over them
//! - [`dispatch`]: from one instruction to the next
//! - `ops`: the handlers, one for each opcode
//! - [`raise`]: exceptions and stack traces
//! - [`nested`]: calls of Dart from native code that Dart has called
//! - [`natives`]: natives that need the inside of the runtime
//!
//! # Invariants
//!
//! - At every safepoint (an instruction that can allocate, call, throw or yield) all live values are in frame slots, and
//!   the machine knows the top frame's base and the instruction.
//! - Every tagged slot of every frame holds a valid value at all times; raw slots may hold anything.
//! - Dart calls never use the native stack, so a frame can be copied away and back: it names code and functions by
//!   addresses that do not move, and its caller by distance.

pub mod dispatch;
pub mod frame;
pub mod machine;
pub mod natives;
pub mod nested;
mod ops;
pub mod raise;
pub mod state;
#[cfg(feature = "trace")]
mod trace;

#[cfg(test)]
mod tests;

pub use machine::{Environment, Machine, SliceClock, Status};
pub use state::IsolateState;
