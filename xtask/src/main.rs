//! Chores of the project: `cargo xtask COMMAND`.
//!
//! | command | does |
//! | --- | --- |
//! | `conformance RESULT.json` | makes the table and the baseline below `docs/` from what the suite's runner wrote; with `--accept-losses` also if
//!   something fails that passed before |
//! | `control SUITE EYOT [COUNT]` | runs programs of the suite with a failing statement at the end of `main`: each must fail |
//! | `front-end EYOT [SHAPE…]` | how long `eyot check` takes for programs of every shape, at two sizes |
//! | `generate SHAPE SIZE FOLDER` | writes such a program |
//! | `members` | lists the public members of the core libraries below `docs/members/` |
//!
//! What must always hold is no command but a test of this crate: see `tidy.rs`.
#![forbid(unsafe_code)]

mod conformance;
mod control;
mod front_end;
mod members;
mod shapes;
#[cfg(test)]
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask conformance RESULT.json [--accept-losses]
       cargo xtask control SUITE EYOT [COUNT]
       cargo xtask front-end EYOT [SHAPE…]
       cargo xtask generate SHAPE SIZE FOLDER
       cargo xtask members";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [command, result] if command == "conformance" => {
            conformance::record(&root(), Path::new(result), false)
        }
        [command, result, flag] if command == "conformance" && flag == "--accept-losses" => {
            conformance::record(&root(), Path::new(result), true)
        }
        [command, suite, eyot] if command == "control" => {
            control::run(&root(), Path::new(suite), Path::new(eyot), 300)
        }
        [command, suite, eyot, count] if command == "control" => match count.parse() {
            Ok(count) => control::run(&root(), Path::new(suite), Path::new(eyot), count),
            Err(_) => Err(USAGE.to_owned()),
        },
        [command, eyot, shapes @ ..] if command == "front-end" => {
            front_end::measure(Path::new(eyot), shapes)
        }
        [command, shape, size, folder] if command == "generate" => {
            generate(shape, size, Path::new(folder))
        }
        [command] if command == "members" => members::record(&root()),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn generate(name: &str, size: &str, folder: &Path) -> Result<(), String> {
    let mut shapes = shapes::SHAPES.iter();
    let shape = shapes.find(|shape| shape.name == name).ok_or(USAGE)?;
    let size = size.parse().map_err(|_| USAGE)?;
    let (program, lines) = front_end::write(shape, size, folder)?;
    println!("{}: {lines} lines", program.display());
    Ok(())
}

/// The root of the repository.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}
