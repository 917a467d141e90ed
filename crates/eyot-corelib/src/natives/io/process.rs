//! Other processes, and this one: its end, its sleep, its numbers.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use eyot_runtime::heap::message::Plain;
use eyot_runtime::isolate::HostJob;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::operation::{Answer, Arguments};

/// What the program ends with, as the last isolate to say so has said.
static EXIT_CODE: AtomicI64 = AtomicI64::new(0);

/// The code that the program has set for its end, by the rule that a process has eight bits of it.
pub fn exit_code() -> i32 {
    EXIT_CODE.load(Ordering::Relaxed) as i32
}

/// Sets what [`exit_code`] answers.
pub fn set_exit_code(code: i32) {
    EXIT_CODE.store(code.into(), Ordering::Relaxed);
}

/// (executable, arguments, working directory or null, environment as [name, value, …] or null, with the parent's environment, in
/// a shell) as a command.
pub fn command(arguments: &Arguments) -> io::Result<Command> {
    let _ = io::stdout().flush();
    let executable = arguments.text(0)?;
    let rest = arguments.texts(1).unwrap_or_default();
    let mut command = if arguments.flag(5)? {
        let mut shell = Command::new("/bin/sh");
        let mut line = quoted(executable);
        for argument in rest {
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        shell.arg("-c").arg(line);
        shell
    } else {
        let mut command = Command::new(executable);
        command.args(rest);
        command
    };
    if let Some(directory) = arguments.optional_text(2) {
        command.current_dir(directory);
    }
    if !arguments.flag(4)? {
        command.env_clear();
    }
    let pairs = arguments.texts(3).unwrap_or_default();
    for pair in pairs.chunks_exact(2) {
        command.env(pair[0], pair[1]);
    }
    Ok(command)
}

pub fn run(arguments: &Arguments) -> Answer {
    let mut command = command(arguments)?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn()?;
    let id = child.id();
    let output = child.wait_with_output()?;
    let code = match output.status.code() {
        Some(code) => code,
        None => -output.status.signal().unwrap_or(0),
    };
    Ok(Plain::List(vec![
        Plain::Int(id.into()),
        Plain::Int(code.into()),
        Plain::Bytes(output.stdout),
        Plain::Bytes(output.stderr),
    ]))
}

/// A word of a shell's command line.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// `Never _exitProcess(int code)`
fn exit_process(cx: &mut NativeCall<'_>) -> NativeResult {
    end_process(cx.int(0) as i32)
}

/// Ends the process at once, with what was written so far written out. No destructors run: giving memory back piece by piece
/// takes longer than a small program.
pub fn end_process(code: i32) -> ! {
    let _ = io::stdout().flush();
    // SAFETY: ends the process; other threads are stopped wherever they are.
    unsafe { libc::_exit(code) }
}

/// `int _getExitCode()`
fn get_exit_code(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_int(EXIT_CODE.load(Ordering::Relaxed))
}

/// `void _setExitCode(int code)`
fn set_code(cx: &mut NativeCall<'_>) -> NativeResult {
    EXIT_CODE.store(cx.int(0), Ordering::Relaxed);
    cx.ret_null()
}

/// `void _sleep(int micros)`
fn sleep(cx: &mut NativeCall<'_>) -> NativeResult {
    let time = Duration::from_micros(u64::try_from(cx.int(0)).unwrap_or(0));
    cx.pending(Box::new(HostJob::Sleep(time)))
}

/// `int _processId()`
fn process_id(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_int(std::process::id().into())
}

/// `int _residentBytes(bool most)`
fn resident_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    let field = if cx.bool(0) { "VmHWM:" } else { "VmRSS:" };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse::<i64>().ok());
    cx.ret_int(kilobytes.unwrap_or(0) * 1024)
}

/// `bool _killProcess(int pid, int signal)`
fn kill_process(cx: &mut NativeCall<'_>) -> NativeResult {
    let (id, signal) = (i32::try_from(cx.int(0)), i32::try_from(cx.int(1)));
    let sent = match (id, signal) {
        // SAFETY: a call of the C library with two numbers; it reads no memory of ours.
        (Ok(id), Ok(signal)) if id > 0 => unsafe { libc::kill(id, signal) == 0 },
        _ => false,
    };
    cx.ret_bool(sent)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_exitProcess", exit_process),
    ("io/_getExitCode", get_exit_code),
    ("io/_setExitCode", set_code),
    ("io/_sleep", sleep),
    ("io/_processId", process_id),
    ("io/_residentBytes", resident_bytes),
    ("io/_killProcess", kill_process),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_runs_to_its_end() {
        let text = |text: &str| Plain::Text(text.into());
        let arguments = Arguments(vec![
            text("sh"),
            Plain::List(vec![text("-c"), text("echo \"$WHO\"; exit 3")]),
            Plain::Null,
            Plain::List(vec![text("WHO"), text("it's me")]),
            Plain::Bool(true),
            Plain::Bool(false),
        ]);
        let Ok(Plain::List(parts)) = run(&arguments) else {
            panic!("no answer");
        };
        assert_eq!(parts[1], Plain::Int(3));
        assert_eq!(parts[2], Plain::Bytes(b"it's me\n".to_vec()));
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
