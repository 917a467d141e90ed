//! What the isolates of one program share, and what whoever embeds the runtime provides.

use std::sync::{Arc, Mutex, OnceLock};

use eyot_bytecode::module::FunctionId;
use rustc_hash::FxHashMap;

use super::embed::Hooks;
use super::run::Isolate;
use super::shared::SharedData;
use crate::heap::HeapConfig;
use crate::port::IsolateId;
use crate::program::Program;
use crate::sched::Scheduler;

/// An isolate group.
///
/// Aligned so that its count of owners, which changes with each isolate, lies in another line of memory than what all workers read.
#[repr(align(128))]
pub struct Group {
    /// Unique in the process; see [`Group::next_number`].
    pub number: u32,
    /// Its program.
    pub program: Arc<Program>,
    /// What the event loop calls in it.
    pub entries: EntryPoints,
    /// The scheduler its isolates run on.
    pub scheduler: Scheduler<Isolate>,
    /// The surroundings.
    pub host: Arc<dyn Host>,
    /// Settings of each isolate's heap.
    pub heap: HeapConfig,
    /// URI of the program.
    pub script: String,
    /// URI of the package configuration in use.
    pub package_config: Option<String>,
    /// What its isolates share; nothing unless the program asked for it.
    pub shared: Option<Arc<SharedData>>,
    /// Who is told of its isolates.
    pub hooks: Option<Arc<dyn Hooks>>,
}

/// Functions of the core that the event loop calls, and where it looks into the core's objects.
#[derive(Debug, Default)]
pub struct EntryPoints {
    pub(super) start_isolate: Option<FunctionId>,
    pub(super) start_main: Option<FunctionId>,
    pub(super) run_hosted: Option<FunctionId>,
    pub(super) call_hosted: Option<FunctionId>,
    pub(super) serve_port: Option<FunctionId>,
    pub(super) deliver_event: Option<FunctionId>,
    pub(super) handle_message: Option<FunctionId>,
    pub(super) fire_timer: Option<FunctionId>,
    pub(super) drain_microtasks: Option<FunctionId>,
    pub(super) resume: Option<FunctionId>,
    pub(super) run_finalizer: Option<FunctionId>,
    pub(super) uncaught_error: Option<FunctionId>,
    pub(super) throw_out_of_memory: Option<FunctionId>,
    /// Found with the first queue.
    pub(super) queue_words: OnceLock<QueueWords>,
    /// The program's functions that threads have called, by name.
    pub(super) top_level: Mutex<FxHashMap<Box<str>, FunctionId>>,
}

/// Where the queue of microtasks has the first one, its argument, and the places of the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueWords {
    pub(super) first: u16,
    pub(super) argument: u16,
    pub(super) head: u16,
    pub(super) tail: u16,
}

impl EntryPoints {
    /// Those of a program.
    pub fn of(program: &Program) -> EntryPoints {
        let entry = |name| program.modules().core_entry(name);
        EntryPoints {
            start_isolate: entry("_startIsolate"),
            start_main: entry("_startMain"),
            run_hosted: entry("_runHosted"),
            call_hosted: entry("_callHosted"),
            serve_port: entry("_servePort"),
            deliver_event: entry("_deliverEvent"),
            handle_message: entry("_handleMessage"),
            fire_timer: entry("_fireTimer"),
            drain_microtasks: entry("_drainMicrotasks"),
            resume: entry("_resume"),
            run_finalizer: entry("_runFinalizer"),
            uncaught_error: entry("_uncaughtError"),
            throw_out_of_memory: entry("_throwOutOfMemory"),
            queue_words: OnceLock::new(),
            top_level: Mutex::default(),
        }
    }
}

/// What whoever embeds the runtime provides.
pub trait Host: Send + Sync {
    /// An error that nobody in the isolate handled and nobody listens for.
    fn uncaught(&self, report: &ErrorReport<'_>);

    /// A mistake of Eyot itself ended the isolate.
    fn bug(&self, isolate: &str, message: &str);

    /// Loads a program for `Isolate.spawnUri`. Called on a thread that may block. The error is a text for the user.
    fn load(&self, request: &ProgramRequest) -> Result<LoadedProgram, String>;

    /// Where a `package:` URI leads for this group's program.
    fn resolve_package(&self, uri: &str) -> Option<String>;
}

/// An uncaught error.
#[derive(Clone, Copy, Debug)]
pub struct ErrorReport<'a> {
    /// Name of the isolate.
    pub isolate: &'a str,
    /// The error's text.
    pub error: &'a str,
    /// The stack trace's text.
    pub trace: &'a str,
}

/// What `Isolate.spawnUri` asks for.
#[derive(Clone, Debug)]
pub struct ProgramRequest {
    /// The program.
    pub uri: String,
    /// Where it finds its packages.
    pub packages: ProgramPackages,
    /// Environment declarations.
    pub defines: Vec<(String, String)>,
}

/// Where a program finds its packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramPackages {
    /// Where the program that starts it does; in the configuration nearest to itself if that has none.
    Inherited,
    /// In the configuration nearest to itself.
    Nearest,
    /// In this one.
    Given(String),
}

/// A program ready to run.
pub struct LoadedProgram {
    /// The linked program.
    pub program: Arc<Program>,
    /// Its `main`.
    pub main: FunctionId,
    /// Its URI.
    pub script: String,
    /// URI of the package configuration used.
    pub package_config: Option<String>,
    /// Whether its isolates share data.
    pub shares_data: bool,
    /// The surroundings of the new group (another package configuration, for instance).
    pub host: Arc<dyn Host>,
    /// Who is told of its isolates.
    pub hooks: Option<Arc<dyn Hooks>>,
}

impl Group {
    /// A number for a new group.
    pub fn next_number() -> u32 {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed) & 0x7fff_ffff
    }

    /// The capability that pausing or terminating an isolate of this process takes. It cannot be guessed from outside: it
    /// is mixed from the isolate's id with a secret of the process.
    pub(super) fn capability(isolate: IsolateId, which: u64) -> u64 {
        use std::hash::{BuildHasher, RandomState};
        static SECRET: OnceLock<RandomState> = OnceLock::new();
        SECRET
            .get_or_init(RandomState::new)
            .hash_one((isolate.to_bits(), which))
    }
}
