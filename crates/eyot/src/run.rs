//! Running a compiled program.

use std::sync::{Arc, mpsc};

use eyot_runtime::heap::HeapCounters;
use eyot_runtime::heap::message::Message;
use eyot_runtime::isolate::embed::{self, Ending, Life};
use eyot_runtime::isolate::{Limits, MainCall, Name, Outcome, SpawnRequest, Start};
use eyot_runtime::port::IsolateId;
use eyot_runtime::value::Value;

use crate::cache::Profiling;
use crate::host::ProgramHost;
use crate::options::Options;
use crate::program::{Error, Program};
use crate::start;

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
    let linked = start::link(program)?;
    let (scheduler, threads) = start::scheduler(program.options.workers)?;
    let (done, ended) = mpsc::channel();
    let host = Arc::new(ProgramHost::new(program));
    let group = start::group(program, linked.clone(), &scheduler, host, None);
    embed::make(&group, main_request(program, arguments, done));
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

/// The end of the main isolate.
struct Ended {
    outcome: Outcome,
    heap: HeapCounters,
}

/// Waits for it.
struct Main {
    outcome: Outcome,
    done: mpsc::Sender<Ended>,
}

impl Life for Main {
    fn begins(&mut self, _: IsolateId) {}

    fn ends(&mut self, end: &Ending<'_>) {
        self.outcome = end.outcome;
    }

    fn ended(&mut self, heap: HeapCounters) {
        // Nobody waits any more if the program is being stopped.
        let _ = self.done.send(Ended {
            outcome: self.outcome,
            heap,
        });
    }
}

fn main_request(
    program: &Program,
    arguments: &[String],
    done: mpsc::Sender<Ended>,
) -> SpawnRequest {
    let outcome = Outcome::Bug;
    let start = call_main(program, arguments);
    let mut request = SpawnRequest::new(start, Name::Given("main".into()));
    let more = request.more();
    more.limits = limits(&program.options);
    more.life = Some(Box::new(Main { outcome, done }));
    request
}

/// The first event of a program.
pub(crate) fn call_main(program: &Program, arguments: &[String]) -> Start {
    Start::Main(Box::new(MainCall {
        main: program.main,
        arguments: arguments.to_vec(),
        message: Message::Immediate(Value::NULL),
    }))
}

/// What the main isolate may use. Its heap's limit is that of all of the group.
fn limits(options: &Options) -> Limits {
    Limits {
        heap_bytes: None,
        cpu: options.max_cpu,
        wall: options.max_time,
        mailbox: options.max_mailbox,
    }
}
