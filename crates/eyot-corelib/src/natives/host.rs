//! Identity, and what the machine around the program knows: clocks, time zones, the current directory, standard output.

use std::io::Write;
use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::ObjRef;
use eyot_runtime::program::types::TypeArguments;
use eyot_runtime::value::Value;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::support::{Number, double_hash, int_hash, wrong_argument};

/// Whether two values are `identical`; records are compared in Dart, by the runtime's instruction.
fn is_identical(a: Value, b: Value) -> bool {
    if a.bits() == b.bits() {
        return true;
    }
    match (Number::of(a), Number::of(b)) {
        (Some(Number::Int(a)), Some(Number::Int(b))) => a == b,
        (Some(Number::Double(a)), Some(Number::Double(b))) => a.to_bits() == b.to_bits(),
        _ => false,
    }
}

fn identical(cx: &mut NativeCall<'_>) -> NativeResult {
    let same = is_identical(cx.arg(0), cx.arg(1));
    cx.ret_bool(same)
}

fn identity_hash_code(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = cx.arg(0);
    match Number::of(value) {
        Some(Number::Int(value)) => return cx.ret_int(int_hash(value)),
        // Not double_hash: 0.0 and -0.0 are not identical, but may well hash alike.
        Some(Number::Double(value)) => return cx.ret_int(double_hash(value)),
        None => {}
    }
    let Some(object) = ObjRef::of(value) else {
        return cx.ret_int(int_hash(value.bits() as i64));
    };
    let hash = cx.heap().identity_hash(object);
    cx.ret_int(hash.into())
}

fn unsafe_cast(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = cx.arg(0);
    cx.ret(value)
}

fn throw_with_trace(cx: &mut NativeCall<'_>) -> NativeResult {
    let (error, trace) = (cx.arg(0), cx.arg(1));
    cx.throw_with_trace(error, trace)
}

fn apply_function(cx: &mut NativeCall<'_>) -> NativeResult {
    let function = cx.arg(0);
    let (Some(positional), Some(named)) = (cx.elements(cx.arg(1)), cx.elements(cx.arg(2))) else {
        return wrong_argument(cx);
    };
    let positional = positional.to_vec();
    let named: Vec<(String, Value)> = named
        .chunks_exact(2)
        .filter_map(|pair| Some((cx.string(pair[0])?, pair[1])))
        .collect();
    let named: Vec<(&str, Value)> = named.iter().map(|(name, value)| (&**name, *value)).collect();
    cx.tail_call_named(function, TypeArguments::EMPTY, &positional, &named)
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
    static START: OnceLock<Instant> = OnceLock::new();
    let ticks = START.get_or_init(Instant::now).elapsed().as_nanos();
    cx.ret_int(ticks as i64)
}

/// The instant in raw argument 0, moved into the range that the time zone database speaks of.
fn instant(cx: &NativeCall<'_>) -> Timestamp {
    let seconds = cx.int(0);
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
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
    ("core/identical", identical),
    ("core/identityHashCode", identity_hash_code),
    ("core/Object.==", identical),
    ("core/Object.get:hashCode", identity_hash_code),
    ("core/_throwWithTrace", throw_with_trace),
    ("core/_applyFunction", apply_function),
    ("core/DateTime._now", now),
    ("core/DateTime._zoneOffset", zone_offset),
    ("core/DateTime._zoneName", zone_name),
    ("core/Stopwatch._clockTicks", clock_ticks),
    ("core/_currentDirectoryUri", current_directory_uri),
    ("_internal/unsafeCast", unsafe_cast),
    ("_internal/printToConsole", print),
];
