//! The runtime: values, heap, collector, interpreter, isolates, ports, scheduling. It knows neither Dart syntax nor Cranelift.

#[cfg(feature = "allocator")]
pub mod allocator;
pub mod heap;
pub mod interp;
#[cfg(not(eyot_loom))]
pub mod isolate;
pub mod native;
pub mod object;
pub mod port;
pub mod program;
pub mod sched;
mod sync;
pub mod value;
