//! The embedding API: plugs front end, core image and runtime together.
//!
//! ```no_run
//! use eyot::{Options, Script};
//!
//! let script = Script::new("hello.dart");
//! let program = eyot::compile(&script, &Options::default())?;
//! let status = eyot::run(&program, &["an argument".to_owned()])?;
//! # Ok::<(), eyot::Error>(())
//! ```
//!
//! | module | what |
//! | --- | --- |
//! | [`options`] | what a program is compiled and run with |
//! | [`files`], [`packages`] | where sources come from |
//! | [`cache`] | compiled programs kept from run to run |
//! | [`problem`] | what is wrong with a program, with places |
//! | [`program`] | from sources to a module that can run |
//! | `start`, `host`, `run` | running it |
//! | [`embed`] | isolates that the host makes, enters and talks to |
//!
//! Nothing is printed here but what the program prints and its uncaught errors; there are no flags and exit codes of a command.
#![forbid(unsafe_code)]

pub mod cache;
pub mod embed;
pub mod files;
mod host;
pub mod options;
pub mod packages;
pub mod panics;
pub mod problem;
pub mod program;
mod run;
mod start;

#[cfg(feature = "allocator")]
pub use eyot_runtime::allocator::Allocator;
pub use options::{Options, Script};
pub use problem::{Problem, ProblemKind};
pub use program::{Error, Program, check, compile, disassemble, disassemble_core};
pub use run::{Allocations, End, run, run_counted};

/// Ends the process at once, without the time it takes to give memory back. Standard output is flushed.
pub fn end_process(status: i32) -> ! {
    eyot_corelib::natives::io::end_process(status)
}

/// Says, once, what `Platform.executableArguments` answers: the flags before the program's name.
pub fn set_executable_arguments(flags: Vec<String>) {
    eyot_corelib::natives::io::set_executable_arguments(flags);
}
