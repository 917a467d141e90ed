//! Every program below `tests/programs/`, and each below `examples/` that says what it prints, is a test: it is run with the `eyot` built here and must do what its comments say.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `EYOT_FLAGS` | flags for all of them, such as `--gc-stress=64` |
//! | `EYOT_ONLY=stress` | only those with a comment `// stress` |
//! | `EYOT_SECONDS` | how long each may take |

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use eyot_testkit::{RunLimits, Spec, programs, run};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["tests/programs", "examples"] {
        match programs(&root.join(folder)) {
            Ok(programs) => found.extend(programs),
            Err(error) => {
                eprintln!("{folder}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let flags: Vec<String> = variable("EYOT_FLAGS")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let mut limits = RunLimits::default();
    if let Some(seconds) = variable("EYOT_SECONDS").and_then(|text| text.parse().ok()) {
        limits.time = Duration::from_secs(seconds);
    }
    let only_stress = variable("EYOT_ONLY").is_some_and(|only| only == "stress");
    let trials = found
        .into_iter()
        .filter(|program| is_wanted(program, &root, only_stress))
        .map(|program| trial(&root, program, flags.clone(), limits));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn is_wanted(program: &Path, root: &Path, only_stress: bool) -> bool {
    let is_example = program.starts_with(root.join("examples"));
    // What cannot be read is a test that fails.
    let Ok(spec) = Spec::load(program) else {
        return true;
    };
    (!only_stress || spec.stress) && (!is_example || !spec.stdout.is_empty())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn trial(root: &Path, program: PathBuf, flags: Vec<String>, limits: RunLimits) -> Trial {
    let name = program.strip_prefix(root).unwrap_or(&program).display();
    let name = name.to_string();
    let name = name
        .strip_prefix("tests/programs/")
        .unwrap_or(&name)
        .to_owned();
    Trial::test(name, move || {
        let eyot = Path::new(env!("CARGO_BIN_EXE_eyot"));
        run(eyot, &program, &flags, limits).map_err(|failure| failure.to_string().into())
    })
}
