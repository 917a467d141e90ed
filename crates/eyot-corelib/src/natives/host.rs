//! What the machine around the program knows: clocks, time zones, the current directory, standard output.

use std::io::Write;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Operating system and machine as Dart names them: `linux_x64`.
pub fn abi() -> String {
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        "x86" => "ia32",
        other => other,
    };
    format!("{}_{machine}", std::env::consts::OS)
}

fn unsafe_cast(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = cx.arg(0);
    cx.ret(value)
}

fn print(cx: &mut NativeCall<'_>) -> NativeResult {
    let mut line = cx.string(cx.arg(0)).unwrap_or_default();
    line.push('\n');
    // A closed pipe is no reason to end the program: the line is lost, as it is for the standard VM.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
    cx.ret_null()
}

fn now(cx: &mut NativeCall<'_>) -> NativeResult {
    let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_micros() as i64,
        Err(before) => -(before.duration().as_micros() as i64),
    };
    cx.ret_int(micros)
}

fn clock_ticks(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_int(monotonic_ns())
}

/// Nanoseconds of a clock that never goes back. Programs read it around the shortest things that they do, so not by way of `Instant`,
/// which checks and normalises.
#[cfg(target_os = "linux")]
fn monotonic_ns() -> i64 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call fills the value; this clock always exists.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec * 1_000_000_000 + now.tv_nsec
}

#[cfg(not(target_os = "linux"))]
fn monotonic_ns() -> i64 {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    START
        .get_or_init(std::time::Instant::now)
        .elapsed()
        .as_nanos() as i64
}

/// The instant in raw argument 0, moved into the range that the time zone database speaks of.
fn instant(cx: &NativeCall<'_>) -> Timestamp {
    let seconds = cx.int(0);
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(TimeZone::system)
}

fn zone_offset(cx: &mut NativeCall<'_>) -> NativeResult {
    let offset = zone().to_offset(instant(cx));
    cx.ret_int(offset.seconds().into())
}

fn zone_name(cx: &mut NativeCall<'_>) -> NativeResult {
    let name = zone().to_offset_info(instant(cx)).abbreviation().to_owned();
    let name = cx.new_string(&name)?;
    cx.ret(name)
}

fn current_directory_uri(cx: &mut NativeCall<'_>) -> NativeResult {
    let directory = std::env::current_dir().unwrap_or_default();
    let mut uri = String::from("file://");
    for byte in directory.to_string_lossy().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            uri.push(byte.into());
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    if !uri.ends_with('/') {
        uri.push('/');
    }
    let uri = cx.new_string(&uri)?;
    cx.ret(uri)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/DateTime._now", now),
    ("core/DateTime._zoneOffset", zone_offset),
    ("core/DateTime._zoneName", zone_name),
    ("core/Stopwatch._clockTicks", clock_ticks),
    ("core/_currentDirectoryUri", current_directory_uri),
    ("_internal/unsafeCast", unsafe_cast),
    ("_internal/printToConsole", print),
];
