//! Every program below `tests/programs/` is a test: it is run with the `eyot` built here and must do what its comments say.
//!
//! `EYOT_FLAGS` gives flags for all of them, such as `--gc-stress=64`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use eyot_testkit::{RunLimits, programs, run};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs");
    let found = match programs(&root) {
        Ok(found) => found,
        Err(error) => {
            eprintln!("{}: {error}", root.display());
            return ExitCode::FAILURE;
        }
    };
    let flags: Vec<String> = std::env::var("EYOT_FLAGS")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let trials = found
        .into_iter()
        .map(|program| trial(&root, program, flags.clone()));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn trial(root: &Path, program: PathBuf, flags: Vec<String>) -> Trial {
    let name = program
        .strip_prefix(root)
        .unwrap_or(&program)
        .display()
        .to_string();
    Trial::test(name, move || {
        let eyot = Path::new(env!("CARGO_BIN_EXE_eyot"));
        run(eyot, &program, &flags, RunLimits::default())
            .map_err(|failure| failure.to_string().into())
    })
}
