//! Standard input, output and error.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use eyot_runtime::heap::message::Plain;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};

use super::super::bytes::bytes_of;
use super::operation::{Answer, Arguments};

// ---- operations

/// Whoever reads has probably just been asked for something.
fn show_prompt() {
    let _ = io::stdout().flush();
}

pub fn read_line(arguments: &Arguments) -> Answer {
    show_prompt();
    let mut line = Vec::new();
    if io::stdin().lock().read_until(b'\n', &mut line)? == 0 {
        return Ok(Plain::Null);
    }
    if !arguments.flag(0)? && line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    }
    Ok(Plain::Bytes(line))
}

pub fn read_byte() -> Answer {
    show_prompt();
    let mut byte = [0];
    let count = io::stdin().lock().read(&mut byte)?;
    Ok(Plain::Int(if count == 0 { -1 } else { byte[0].into() }))
}

pub fn read_chunk() -> Answer {
    show_prompt();
    let mut input = io::stdin().lock();
    let chunk = input.fill_buf()?.to_vec();
    input.consume(chunk.len());
    Ok(if chunk.is_empty() {
        Plain::Null
    } else {
        Plain::Bytes(chunk)
    })
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

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_writeText", write_text),
    ("io/_writeBytes", write_bytes),
    ("io/_isTerminal", is_terminal),
    ("io/_terminalSize", terminal_size),
];
