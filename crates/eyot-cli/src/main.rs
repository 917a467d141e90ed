//! The `eyot` command: flags, printing, exit statuses. What it does is the [`eyot`] crate's.
#![forbid(unsafe_code)]

mod arguments;
mod report;
mod size;

use std::process::ExitCode;

use arguments::{Action, Invocation};
use eyot::{End, Error};

/// Allocations of the front end and of blobs are many and of all sizes.
#[global_allocator]
static ALLOCATOR: eyot::Allocator = eyot::Allocator;

const NO_CACHE: &str = "compiled programs are not kept: EYOT_CACHE_DIR is empty\n";

/// Exit statuses beside the program's own.
mod status {
    /// The command was not understood.
    pub const USAGE: u8 = 64;
    /// The program needs something that is not supported yet.
    pub const UNSUPPORTED: u8 = 69;
    /// A mistake of Eyot.
    pub const BUG: u8 = 70;
    /// Compile-time errors.
    pub const COMPILE_ERROR: u8 = 254;
    /// An uncaught error.
    pub const UNCAUGHT: u8 = 255;
}

fn main() -> ExitCode {
    let invocation = match arguments::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(answer) => {
            answer.print();
            return ExitCode::from(answer.status);
        }
    };
    let code = match eyot::panics::catch(|| perform(&invocation)) {
        Ok(code) => code,
        Err(message) => failed(&Error::Bug(message)),
    };
    // Not `ExitCode`: a program's status may be any integer, of which the system keeps the last eight bits.
    eyot::end_process(code)
}

fn perform(invocation: &Invocation) -> i32 {
    let Invocation {
        script, options, ..
    } = invocation;
    let result = match &invocation.action {
        Action::Check => eyot::check(script, options).map(|warnings| {
            report::problems(&warnings);
            0
        }),
        Action::Disassemble => eyot::disassemble(script, options).map(|text| {
            report::text(&text);
            0
        }),
        Action::DisassembleCore(part) => eyot::disassemble_core(part).map(|text| {
            report::text(&text);
            0
        }),
        Action::Run { arguments } => run(invocation, arguments),
        Action::CacheInfo => Ok(cache_info()),
        Action::CacheClean => Ok(cache_clean()),
    };
    result.unwrap_or_else(|error| failed(&error))
}

fn run(invocation: &Invocation, arguments: &[String]) -> Result<i32, Error> {
    eyot::set_executable_arguments(invocation.flags.clone());
    let program = eyot::compile(&invocation.script, &invocation.options)?;
    let (end, allocations) = eyot::run_counted(&program, arguments)?;
    if invocation.count_allocations {
        report::allocations(allocations);
    }
    Ok(match end {
        End::Finished(status) => status,
        End::Error => status::UNCAUGHT.into(),
        End::Limit(what) => {
            report::limit(what);
            status::UNCAUGHT.into()
        }
        End::Bug => status::BUG.into(),
    })
}

fn cache_info() -> i32 {
    let text = match eyot::cache::default_directory() {
        Some(directory) => report::cache(&directory, eyot::cache::info(&directory)),
        None => NO_CACHE.to_owned(),
    };
    report::text(&text);
    0
}

fn cache_clean() -> i32 {
    let Some(directory) = eyot::cache::default_directory() else {
        report::text(NO_CACHE);
        return 0;
    };
    match eyot::cache::clean(&directory) {
        Ok(info) => {
            report::text(&format!("removed {} compiled programs\n", info.programs));
            0
        }
        Err(error) => {
            report::failure(&format!("{}: {error}", directory.display()));
            1
        }
    }
}

/// Says what went wrong; the exit status.
fn failed(error: &Error) -> i32 {
    let status = match error {
        Error::Problems(problems) => {
            report::problems(problems);
            return report::status_of(problems).into();
        }
        Error::Packages(_) => status::COMPILE_ERROR,
        Error::System(_) | Error::Bug(_) | Error::CoreImage(_) => status::BUG,
    };
    report::failure(error);
    status.into()
}
