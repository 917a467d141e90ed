//! Standard input, output and error.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use eyot_runtime::heap::message::Plain;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::super::bytes::bytes_of;
use super::operation::{Answer, Arguments, packed};

// ---- operations

/// Whoever reads has probably just been asked for something.
fn show_prompt() {
    let _ = io::stdout().flush();
}

/// What was read from standard input and not asked for yet. Lines, bytes and the stream share it.
fn input() -> MutexGuard<'static, VecDeque<u8>> {
    static INPUT: Mutex<VecDeque<u8>> = Mutex::new(VecDeque::new());
    INPUT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads more into the buffer, waiting if there is nothing; false at the end.
fn fill(input: &mut VecDeque<u8>) -> io::Result<bool> {
    let mut bytes = [0; 8 << 10];
    let descriptor = io::stdin().as_fd().try_clone_to_owned()?;
    let count = loop {
        match File::from(descriptor.try_clone()?).read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    input.extend(&bytes[..count]);
    Ok(count > 0)
}

pub fn read_line(arguments: &Arguments) -> Answer {
    show_prompt();
    let mut input = input();
    let mut searched = 0;
    let end = loop {
        let found = input.iter().skip(searched).position(|&byte| byte == b'\n');
        if let Some(at) = found {
            break searched + at + 1;
        }
        searched = input.len();
        if !fill(&mut input)? {
            break searched;
        }
    };
    if end == 0 {
        return Ok(Plain::Null);
    }
    let mut line: Vec<u8> = input.drain(..end).collect();
    if !arguments.flag(0)? && line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    }
    Ok(Plain::Bytes(line))
}

pub fn read_byte() -> Answer {
    show_prompt();
    let mut input = input();
    if input.is_empty() && !fill(&mut input)? {
        return Ok(Plain::Int(-1));
    }
    Ok(Plain::Int(input.pop_front().map_or(-1, i64::from)))
}

/// Takes what is buffered, for the stream: it goes on with the descriptor itself.
pub fn take_buffered() -> Answer {
    show_prompt();
    Ok(Plain::Bytes(std::mem::take(&mut *input()).into()))
}

// ---- natives

/// Errors are dropped: a closed pipe is no reason to end the program.
fn write(descriptor: i64, bytes: &[u8]) {
    let _ = if descriptor == 2 {
        io::stderr().lock().write_all(bytes)
    } else {
        let mut output = io::stdout().lock();
        // The line buffer of the standard library holds back what does not end a line.
        output.write_all(bytes).and_then(|()| {
            if bytes.last() == Some(&b'\n') {
                Ok(())
            } else {
                output.flush()
            }
        })
    };
}

/// `void _writeText(int descriptor, String text)`
fn write_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = cx.string(cx.arg(0)).unwrap_or_default();
    write(cx.int(0), text.as_bytes());
    cx.ret_null()
}

/// `void _writeBytes(int descriptor, Uint8List bytes)`
fn write_bytes(cx: &mut NativeCall<'_>) -> NativeResult {
    write(cx.int(0), &bytes_of(cx.arg(0)));
    cx.ret_null()
}

/// `bool _isTerminal(int descriptor)`
fn is_terminal(cx: &mut NativeCall<'_>) -> NativeResult {
    let answer = match cx.int(0) {
        0 => io::stdin().is_terminal(),
        1 => io::stdout().is_terminal(),
        _ => io::stderr().is_terminal(),
    };
    cx.ret_bool(answer)
}

/// `int _terminalSize(int descriptor)`
fn terminal_size(cx: &mut NativeCall<'_>) -> NativeResult {
    let descriptor = cx.int(0).clamp(0, 2) as i32;
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the request writes one such structure.
    let status = unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &mut size) };
    let packed = i64::from(size.ws_col) << 16 | i64::from(size.ws_row);
    cx.ret_int(if status == 0 { packed } else { 0 })
}

// ---- modes of the terminal

/// The flag of a mode: 0 echo, 1 lines, 2 echo of line feeds.
fn mode_flag(which: i64) -> libc::tcflag_t {
    match which {
        0 => libc::ECHO,
        1 => libc::ICANON,
        _ => libc::ECHONL,
    }
}

fn terminal() -> io::Result<libc::termios> {
    let mut settings = std::mem::MaybeUninit::uninit();
    // SAFETY: the call fills the structure if it succeeds.
    unsafe {
        if libc::tcgetattr(0, settings.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(settings.assume_init())
    }
}

fn change_mode(which: i64, on: bool) -> Answer {
    let mut settings = terminal()?;
    let flag = mode_flag(which);
    if on {
        settings.c_lflag |= flag;
    } else {
        settings.c_lflag &= !flag;
    }
    // SAFETY: the structure is whole.
    match unsafe { libc::tcsetattr(0, libc::TCSANOW, &settings) } {
        0 => Ok(Plain::Null),
        _ => Err(io::Error::last_os_error()),
    }
}

fn return_answer(cx: &mut NativeCall<'_>, answer: Answer) -> NativeResult {
    let answer = packed(answer);
    let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
    cx.ret(answer)
}

/// `List<Object?> _terminalMode(int which)`
fn terminal_mode(cx: &mut NativeCall<'_>) -> NativeResult {
    let flag = mode_flag(cx.int(0));
    let answer = terminal().map(|settings| Plain::Bool(settings.c_lflag & flag != 0));
    return_answer(cx, answer)
}

/// `List<Object?> _setTerminalMode(int which, bool value)`
fn set_terminal_mode(cx: &mut NativeCall<'_>) -> NativeResult {
    let answer = change_mode(cx.int(0), cx.bool(1));
    return_answer(cx, answer)
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_writeText", write_text),
    ("io/_writeBytes", write_bytes),
    ("io/_isTerminal", is_terminal),
    ("io/_terminalSize", terminal_size),
    ("io/_terminalMode", terminal_mode),
    ("io/_setTerminalMode", set_terminal_mode),
];
