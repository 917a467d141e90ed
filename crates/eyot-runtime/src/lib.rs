//! The runtime: values, heap, collector, interpreter, isolates, ports, scheduling. It knows neither Dart syntax nor Cranelift.

pub mod heap;
pub mod object;
pub mod port;
pub mod sched;
mod sync;
pub mod value;
