//! Running a compiled program.

use std::sync::{Arc, mpsc};

use eyot_runtime::heap::message::Message;
use eyot_runtime::heap::{GcStress, HeapConfig, HeapCounters};
use eyot_runtime::isolate::{
    Ended, EntryPoints, Group, Limits, MainCall, Name, Outcome, SpawnRequest, Start, spawn_main,
};
use eyot_runtime::program::Program as Linked;
use eyot_runtime::program::modules::{ImageBytes, ModuleSource};
use eyot_runtime::sched::{Scheduler, SchedulerConfig};
use eyot_runtime::value::Value;

use crate::cache::Profiling;
use crate::host::ProgramHost;
use crate::options::Options;
use crate::panics;
use crate::program::{Code, Error, Program};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its main isolate had nothing more to do, or was stopped; with the program's `exitCode`.
    Finished(i32),
    /// By an uncaught error, which has been printed.
    Error,
    /// By a limit of its own: which.
    Limit(&'static str),
    /// By a mistake of Eyot, which has been printed.
    Bug,
}

/// What the main isolate of a program has allocated, however much of it is garbage by now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    /// All objects, the boxed numbers among them.
    pub objects: u64,
    /// Integers boxed because they need more than 63 bits.
    pub boxed_ints: u64,
    /// Doubles boxed.
    pub boxed_doubles: u64,
}

/// Runs a program until its main isolate ends. Other isolates end with it.
///
/// A program that calls `exit` ends the process.
///
/// # Errors
///
/// If it cannot be started.
pub fn run(program: &Program, arguments: &[String]) -> Result<End, Error> {
    run_counted(program, arguments).map(|(end, _)| end)
}

/// [`run`], which also tells what the main isolate has allocated.
///
/// # Errors
///
/// If the program cannot be started.
pub fn run_counted(program: &Program, arguments: &[String]) -> Result<(End, Allocations), Error> {
    panics::watch();
    let linked = link(program)?;
    let mut config = SchedulerConfig::default();
    if let Some(workers) = program.options.workers {
        config.workers = workers;
    }
    let (scheduler, threads) = Scheduler::start(&config).map_err(Error::System)?;
    let (done, ended) = mpsc::channel();
    let group = Arc::new(Group {
        number: Group::next_number(),
        entries: EntryPoints::of(&linked),
        program: linked.clone(),
        scheduler: scheduler.clone(),
        host: Arc::new(ProgramHost::new(program)),
        heap: heap_config(&program.options, program.options.max_heap_bytes),
        script: program.script.uri().to_owned(),
        package_config: program.package_config_uri(),
        shared: program.options.experimental_shared_data.then(Arc::default),
    });
    spawn_main(group, main_request(program, arguments, done));
    let mut profiling = program.profile.clone().map(|place| {
        let (profiling, is_known) = Profiling::start(place, &linked);
        if is_known {
            scheduler.wake_idle();
        }
        profiling
    });
    let ended = match &mut profiling {
        Some(profiling) => profiling.wait(&ended),
        None => ended.recv(),
    };
    // The sender is dropped without a word only if a worker itself broke down.
    let ended = ended.unwrap_or(Ended {
        outcome: Outcome::Bug,
        heap: HeapCounters::default(),
    });
    scheduler.stop();
    if let Some(mut profiling) = profiling {
        profiling.keep();
    }
    // Threads in the middle of a slice need not be waited for: they end after it.
    drop(threads);
    let end = match ended.outcome {
        Outcome::Finished | Outcome::Killed => {
            End::Finished(eyot_corelib::natives::io::exit_code())
        }
        Outcome::Error | Outcome::OutOfMemory => End::Error,
        Outcome::CpuTime => End::Limit("its time on a core (--max-cpu)"),
        Outcome::WallTime => End::Limit("its time (--max-time)"),
        Outcome::Mailbox => End::Limit("the messages that may wait for it (--max-mailbox)"),
        Outcome::Linked => End::Error,
        Outcome::Bug => End::Bug,
    };
    let allocations = Allocations {
        objects: ended.heap.objects,
        boxed_ints: ended.heap.boxed_ints,
        boxed_doubles: ended.heap.boxed_doubles,
    };
    Ok((end, allocations))
}

fn main_request(
    program: &Program,
    arguments: &[String],
    done: mpsc::Sender<Ended>,
) -> SpawnRequest {
    let main = Start::Main(Box::new(MainCall {
        main: program.main,
        arguments: arguments.to_vec(),
        message: Message::Immediate(Value::NULL),
    }));
    SpawnRequest {
        limits: Limits {
            heap_bytes: None,
            cpu: program.options.max_cpu,
            wall: program.options.max_time,
            mailbox: program.options.max_mailbox,
        },
        done: Some(done),
        ..SpawnRequest::new(main, Name::Given("main".into()))
    }
}

fn heap_config(options: &Options, limit_bytes: Option<usize>) -> HeapConfig {
    let mut config = HeapConfig::default();
    if let Some(limit_bytes) = limit_bytes {
        config.limit_bytes = limit_bytes;
    }
    config.verifies = options.verify_isolation;
    config.traced_as = options.trace_gc.then(|| "main".into());
    config.stress = options.gc_stress.map(|every| GcStress { every });
    config
}

/// Joins a program and the core.
pub(crate) fn link(program: &Program) -> Result<Arc<Linked>, Error> {
    let core = eyot_corelib::core_module()?;
    let natives = eyot_corelib::native_table(!program.options.forbid_ffi);
    let user = match &program.code {
        Code::Module(module) => ModuleSource::Whole(module.clone()),
        Code::Image(image) => ModuleSource::image(ImageBytes::Shared(image.clone()))?,
    };
    Linked::new(core, user, natives).map_err(|error| Error::Bug(error.to_string()))
}
