//! Programs that are nearly right are checked and, where nothing is wrong with them, run: whatever they do, the process does not crash,
//! and the front end ends.
//!
//! See the crate `eyot-fuzz` for how they are made and how this runs for longer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use fastrand::Rng;

/// What of a program's life is bounded. A front end that takes this long has lost its way; a program may.
const CHECKED_BY: Duration = Duration::from_secs(30);
const RUNS_FOR: Duration = Duration::from_secs(2);

#[test]
fn mutated_programs_are_refused_or_run() {
    let corpus = corpus();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut random = Rng::with_seed(eyot_fuzz::seed());
    let mut wrong = Vec::new();
    let mut ran = 0;
    for number in 0..eyot_fuzz::runs(150) {
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(256).collect();
        let mut any = || &corpus[random.usize(..corpus.len())];
        let (one, two) = (any(), any());
        let mut bytes = Unstructured::new(&bytes);
        let Ok(text) = eyot_fuzz::mutate::program(one, two, &mut bytes) else {
            continue;
        };
        let file = folder.path().join(format!("mutated_{number}.dart"));
        fs::write(&file, text).expect("a file can be written");
        match tried(&file) {
            Ok(has_run) => {
                ran += u64::from(has_run);
                fs::remove_file(&file).expect("the file is there");
            }
            Err(problem) => wrong.push(format!("{}: {problem}", file.display())),
        }
    }
    if !wrong.is_empty() {
        // For whoever looks into it.
        let _ = folder.keep();
        panic!("{}", wrong.join("\n"));
    }
    // Changes as small as these leave some programs whole.
    println!("{ran} programs ran");
    assert!(ran > 0);
}

/// Programs that touch nothing outside of them, whatever becomes of them.
fn corpus() -> Vec<String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs");
    let root = std::env::var_os("EYOT_FUZZ_CORPUS").map_or(own, PathBuf::from);
    let programs = eyot_testkit::programs(&root).expect("the programs are there");
    programs
        .into_iter()
        .filter_map(|program| fs::read_to_string(program).ok())
        .filter(|text| imports_only_pure(text))
        .collect()
}

/// Whether a program's imports are libraries without the outside world.
fn imports_only_pure(text: &str) -> bool {
    let mut imports = text.lines().filter(|line| line.starts_with("import "));
    imports.all(|line| line.starts_with("import 'dart:") && !line.contains("dart:io"))
}

/// Whether the program ran.
fn tried(file: &Path) -> Result<bool, String> {
    let (status, said) = eyot(&["check"], file, CHECKED_BY)?;
    let status = status.ok_or("the front end did not end")?;
    sound(status, &said)?;
    if !status.success() {
        assert!(matches!(status.code(), Some(254 | 69)), "{status}\n{said}");
        return Ok(false);
    }
    for heap in ["--max-heap=64m", "--gc-stress=64"] {
        // It may well run for ever.
        let (Some(status), said) = eyot(&["run", heap], file, RUNS_FOR)? else {
            break;
        };
        sound(status, &said)?;
    }
    Ok(true)
}

/// The process ended by itself, and not because of a mistake of Eyot's.
fn sound(status: ExitStatus, said: &str) -> Result<(), String> {
    let crashed = status.code().is_none()
        || said.contains("panicked at")
        || said.contains("a mistake in Eyot");
    match crashed {
        true => Err(format!(
            "{status}\n{}",
            said.chars().take(600).collect::<String>()
        )),
        false => Ok(()),
    }
}

/// How a command ended, none if it had to be ended, and what it said on standard error.
fn eyot(
    command: &[&str],
    file: &Path,
    time: Duration,
) -> Result<(Option<ExitStatus>, String), String> {
    let log = file.with_extension("stderr");
    let stderr = fs::File::create(&log).map_err(|error| error.to_string())?;
    let child = Command::new(env!("CARGO_BIN_EXE_eyot"))
        .env("EYOT_CACHE_DIR", "")
        .args(command)
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn();
    let child = child.map_err(|error| error.to_string())?;
    let status = wait(child, time).map_err(|error| error.to_string())?;
    let said = fs::read(&log).map_err(|error| error.to_string())?;
    let _ = fs::remove_file::<PathBuf>(log);
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}

fn wait(mut child: Child, time: Duration) -> std::io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
