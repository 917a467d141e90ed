//! Generated programs say the same however they are run, and in every form that the language makes equal.
//!
//! | compared | finds |
//! | --- | --- |
//! | a collection at every allocation | values that the collector does not know of |
//! | from the cache | what is lost between a module and its image |
//! | `dynamic` for types | calls, conversions and operators that depend on what is known before |
//! | computed instead of constant | constants evaluated otherwise than at run time |
//!
//! See `eyot_fuzz::generate`, and the crate for how this runs for longer.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use eyot_fuzz::generate::{self, Form};
use eyot_testkit::{Finished, RunLimits};
use fastrand::Rng;

#[test]
fn generated_programs_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut random = Rng::with_seed(eyot_fuzz::seed());
    let mut wrong = Vec::new();
    for _ in 0..eyot_fuzz::runs(12) {
        let seed = random.u32(..).into();
        if let Err(problem) = tried(seed, folder.path()) {
            let kept = std::env::temp_dir().join(format!("eyot-generated-{seed}"));
            let _ = fs::create_dir_all(&kept);
            for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let _ = fs::copy(entry.path(), kept.join(entry.file_name()));
            }
            wrong.push(format!("{seed}: {problem} (kept in {})", kept.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All ways to run the program of a seed.
fn tried(seed: u64, folder: &Path) -> Result<(), String> {
    let program = generate::program(seed);
    let run = |form: Form, flags: &[&str], cache: &Path| {
        let file = folder.join(format!("{form:?}.dart").to_lowercase());
        fs::write(&file, program.text(form)).map_err(|error| error.to_string())?;
        eyot(flags, &file, cache)
    };
    let uncached = Path::new("");
    let cache = folder.join("cache");
    let expected = run(Form::Plain, &[], uncached)?;
    for (what, form, flags, cache) in [
        ("stress", Form::Plain, &["--gc-stress=1"][..], uncached),
        ("dynamic", Form::Dynamic, &[], uncached),
        ("computed", Form::Computed, &[], uncached),
        ("written to the cache", Form::Plain, &[], &*cache),
        ("read from the cache", Form::Plain, &[], &*cache),
    ] {
        let said = run(form, flags, cache)?;
        if said != expected {
            return Err(format!("{what}: {}", difference(&expected, &said)));
        }
    }
    Ok(())
}

fn eyot(flags: &[&str], file: &Path, cache: &Path) -> Result<Finished, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
    command
        .env("EYOT_CACHE_DIR", cache)
        .arg("run")
        .args(flags)
        .arg(file);
    let limits = RunLimits {
        time: Duration::from_secs(120),
    };
    let finished = eyot_testkit::output(command, limits).map_err(|error| error.to_string())?;
    match finished.status {
        Some(0) => Ok(finished),
        other => Err(format!("{flags:?}: status {other:?}\n{}", finished.stderr)),
    }
}

/// The first lines that are not the same.
fn difference(expected: &Finished, said: &Finished) -> String {
    let lines = |finished: &Finished| -> Vec<String> {
        let all = finished.stdout.lines().chain(finished.stderr.lines());
        all.map(str::to_owned).collect()
    };
    let (expected, said) = (lines(expected), lines(said));
    let same = expected.iter().zip(&said).take_while(|(a, b)| a == b);
    let at = same.count();
    let (none, line) = (String::new(), at + 1);
    let (expected, said) = (expected.get(at), said.get(at));
    let (expected, said) = (expected.unwrap_or(&none), said.unwrap_or(&none));
    format!("line {line} is\n  {said}\ninstead of\n  {expected}")
}
