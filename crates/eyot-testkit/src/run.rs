//! Running a test program and comparing.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::spec::Spec;

/// Bounds of a run. They only end what hangs; nothing is asserted about time.
#[derive(Clone, Copy, Debug)]
pub struct RunLimits {
    /// The program is killed after this long.
    pub time: Duration,
}

impl Default for RunLimits {
    fn default() -> Self {
        RunLimits {
            time: Duration::from_secs(60),
        }
    }
}

/// How a program differed from what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Each difference.
    pub problems: Vec<String>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "{problem}")?;
        }
        writeln!(f, "---- standard output\n{}", self.stdout)?;
        writeln!(f, "---- standard error\n{}", self.stderr)
    }
}

/// What a process said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// None: killed because the time was up.
    pub status: Option<i32>,
}

/// Runs a command to its end.
///
/// # Errors
///
/// If the system cannot start it.
pub fn output(command: Command, limits: RunLimits) -> std::io::Result<Finished> {
    execute(command, &Spec::default(), limits)
}

/// Runs `program` with `eyot` and compares with its expectations.
///
/// # Errors
///
/// The differences, or what kept the program from being run.
pub fn run(
    eyot: &Path,
    program: &Path,
    extra_flags: &[String],
    limits: RunLimits,
) -> Result<(), Failure> {
    let failed = |problem: String| Failure {
        problems: vec![problem],
        stdout: String::new(),
        stderr: String::new(),
    };
    let spec = Spec::load(program).map_err(failed)?;
    let mut command = Command::new(eyot);
    command
        .arg("run")
        .args(extra_flags)
        .args(&spec.flags)
        .arg(program)
        .args(&spec.args)
        // Tests compile what they run, and leave the user's cache alone.
        .env("EYOT_CACHE_DIR", "");
    let finished =
        execute(command, &spec, limits).map_err(|e| failed(format!("cannot run eyot: {e}")))?;
    let problems = compare(&spec, program, &finished);
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure {
        problems,
        stdout: finished.stdout,
        stderr: finished.stderr,
    })
}

fn execute(mut command: Command, spec: &Spec, limits: RunLimits) -> std::io::Result<Finished> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (chunks, received) = mpsc::channel();
    if let Some(pipe) = child.stdout.take() {
        pump(pipe, 0, chunks.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        pump(pipe, 1, chunks);
    }
    let deadline = Instant::now() + limits.time;
    let mut streams = [Vec::new(), Vec::new()];
    let mut killed = false;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match received.recv_timeout(left) {
            Ok((stream, bytes)) => streams[stream].extend_from_slice(&bytes),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => killed = true,
        }
        // A program that stays alive is done when it has said everything it was to say.
        let said = || String::from_utf8_lossy(&streams[0]).lines().count() >= spec.stdout.len();
        if killed || (spec.alive && said()) {
            child.kill()?;
            child.wait()?;
            return Ok(finished(
                streams,
                spec.alive.then_some(0).filter(|_| !killed),
            ));
        }
    }
    let status = child.wait()?;
    Ok(finished(streams, Some(status.code().unwrap_or(-1))))
}

fn finished([stdout, stderr]: [Vec<u8>; 2], status: Option<i32>) -> Finished {
    Finished {
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        status,
    }
}

fn pump(
    mut pipe: impl Read + Send + 'static,
    stream: usize,
    chunks: mpsc::Sender<(usize, Vec<u8>)>,
) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count) = pipe.read(&mut buffer) {
            if count == 0 || chunks.send((stream, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
}

fn compare(spec: &Spec, program: &Path, finished: &Finished) -> Vec<String> {
    let mut problems = Vec::new();
    match finished.status {
        None => problems.push("the program did not end in time".to_owned()),
        Some(_) if spec.alive => {}
        Some(status) if status != spec.exit_status() => {
            problems.push(format!(
                "exit status {status}, expected {}",
                spec.exit_status()
            ));
        }
        Some(_) => {}
    }
    compare_stdout(spec, finished, &mut problems);
    let name = program
        .file_name()
        .and_then(|n| n.to_str())
        .unwrap_or_default();
    compare_errors(&spec.errors, name, finished, &mut problems);
    compare_errors(&spec.unsupported, name, finished, &mut problems);
    let says = |text: &str| finished.stderr.lines().any(|line| line.contains(text));
    if let Some(text) = &spec.uncaught
        && !(says("Unhandled exception:") && says(text))
    {
        problems.push(format!("expected an uncaught error with '{text}'"));
    }
    for text in spec.stderr.iter().filter(|text| !says(text)) {
        problems.push(format!("expected '{text}' on standard error"));
    }
    problems
}

fn compare_stdout(spec: &Spec, finished: &Finished, problems: &mut Vec<String>) {
    let got: Vec<&str> = finished.stdout.lines().collect();
    for (index, wanted) in spec.stdout.iter().enumerate() {
        match got.get(index) {
            Some(line) if line == wanted => {}
            Some(line) => {
                problems.push(format!(
                    "line {} of the output is '{line}', expected '{wanted}'",
                    index + 1
                ));
                return;
            }
            None => {
                problems.push(format!(
                    "the output ends before line {}: '{wanted}'",
                    index + 1
                ));
                return;
            }
        }
    }
    if let Some(line) = got.get(spec.stdout.len()) {
        problems.push(format!("the output goes on with '{line}'"));
    }
}

/// Each expected error is there, and no other.
fn compare_errors(
    wanted: &[(usize, String)],
    name: &str,
    finished: &Finished,
    problems: &mut Vec<String>,
) {
    if wanted.is_empty() {
        return;
    }
    let mut reported: Vec<(usize, &str)> = finished
        .stderr
        .lines()
        .filter_map(|line| error_line(line, name))
        .collect();
    for (line, text) in wanted {
        match reported
            .iter()
            .position(|(at, message)| at == line && message.contains(text))
        {
            Some(index) => drop(reported.remove(index)),
            None => problems.push(format!("expected an error on line {line} with '{text}'")),
        }
    }
    for (line, message) in reported {
        problems.push(format!("unexpected error on line {line}: {message}"));
    }
}

/// The line number and message of `…/NAME:LINE:COL: error: MESSAGE`.
fn error_line<'a>(line: &'a str, name: &str) -> Option<(usize, &'a str)> {
    let (_, rest) = line.split_once(&format!("{name}:"))?;
    let (number, rest) = rest.split_once(':')?;
    let (_, message) = rest.split_once(": error: ")?;
    Some((number.parse().ok()?, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, stdout: &str, stderr: &str, status: i32) -> Vec<String> {
        let spec = Spec::parse(source).unwrap();
        let finished = Finished {
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
            status: Some(status),
        };
        compare(&spec, Path::new("dir/t.dart"), &finished)
    }

    #[test]
    fn what_was_expected_passes_and_anything_else_fails() {
        let source = "print(1); // expect: 1";
        assert!(check(source, "1\n", "", 0).is_empty());
        assert_eq!(check(source, "2\n", "", 0).len(), 1);
        assert_eq!(check(source, "", "", 0).len(), 1);
        assert_eq!(check(source, "1\n2\n", "", 0).len(), 1);
        assert_eq!(check(source, "1\n", "", 255).len(), 1);
    }

    #[test]
    fn errors_must_be_on_their_lines_and_no_others() {
        let source = "\nx; // expect error: 'x'";
        assert!(check(source, "", "dir/t.dart:2:1: error: no 'x' here\n", 254).is_empty());
        assert_eq!(
            check(source, "", "dir/t.dart:1:1: error: no 'x' here\n", 254).len(),
            2
        );
        let two = "dir/t.dart:2:1: error: 'x'\ndir/t.dart:3:1: error: more\n";
        assert_eq!(check(source, "", two, 254).len(), 1);
    }
}
