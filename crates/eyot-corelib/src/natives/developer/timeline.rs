//! The timeline: events of programs, written to one file for the process while somebody wants them.
//!
//! | recorder | what is written |
//! | --- | --- |
//! | Chrome | a JSON array of events (the trace event format) |
//! | Perfetto | packets of track events (protocol buffers), a track for each isolate and each task |
//! | systrace | lines for the kernel's trace marker |
//!
//! A program looks at [`IS_RECORDING`] before it makes an event of anything, so events cost one native call while nobody records.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use eyot_runtime::isolate::Context;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use rustc_hash::FxHashSet;

use super::write_number;

/// Whether events of programs are recorded.
static IS_RECORDING: AtomicBool = AtomicBool::new(false);

static RECORDER: Mutex<Option<Recorder>> = Mutex::new(None);

/// Where the kernel takes marks.
const TRACE_MARKERS: &[&str] = &[
    "/sys/kernel/tracing/trace_marker",
    "/sys/kernel/debug/tracing/trace_marker",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Perfetto,
    Chrome,
    Systrace,
}

struct Recorder {
    format: Format,
    file: BufWriter<File>,
    is_empty: bool,
    /// Tracks that Perfetto has been told of.
    tracks: FxHashSet<u64>,
}

/// What happened.
struct Event {
    /// The letter of the trace event format.
    phase: char,
    name: String,
    /// Of a task, a flow, or 0.
    id: i64,
    /// A JSON object.
    arguments: String,
    micros: i64,
    isolate: u64,
    isolate_name: String,
}

fn recorder() -> std::sync::MutexGuard<'static, Option<Recorder>> {
    RECORDER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `String? _beginTimeline(int recorder, String? path, bool events)`: why that cannot be, if so.
fn begin(cx: &mut NativeCall<'_>) -> NativeResult {
    let format = match cx.int(0) {
        0 => Format::Perfetto,
        1 => Format::Chrome,
        _ => Format::Systrace,
    };
    let path = cx.string(cx.arg(0));
    let records = cx.bool(1);
    static AT_EXIT: Once = Once::new();
    AT_EXIT.call_once(|| {
        // SAFETY: the function may be called at any time. It fails only without memory: then the last events may be lost.
        unsafe { libc::atexit(at_exit) };
    });
    let mut current = recorder();
    if let Some(old) = current.take() {
        let _ = old.end();
    }
    match Recorder::begin(format, path.as_deref()) {
        Ok(begun) => {
            *current = Some(begun);
            IS_RECORDING.store(records, Ordering::SeqCst);
            drop(current);
            cx.ret_null()
        }
        Err(error) => {
            drop(current);
            let text = cx.new_string(&error.to_string())?;
            cx.ret(text)
        }
    }
}

/// `void _endTimeline()`
fn end(cx: &mut NativeCall<'_>) -> NativeResult {
    end_now();
    cx.ret_null()
}

fn end_now() {
    IS_RECORDING.store(false, Ordering::SeqCst);
    if let Some(old) = recorder().take() {
        // What could not be written while it went on is lost already.
        let _ = old.end();
    }
}

/// A program that ends without ending the timeline loses none of it.
extern "C" fn at_exit() {
    end_now();
}

/// `int get _newTaskId`
fn new_task_id(cx: &mut NativeCall<'_>) -> NativeResult {
    static LAST: AtomicI64 = AtomicI64::new(0);
    cx.ret_int(LAST.fetch_add(1, Ordering::Relaxed) + 1)
}

/// `bool get _isRecording`
fn is_recording(cx: &mut NativeCall<'_>) -> NativeResult {
    cx.ret_bool(IS_RECORDING.load(Ordering::Relaxed))
}

/// `int get _timelineNow`: microseconds of the clock of events.
fn now(cx: &mut NativeCall<'_>) -> NativeResult {
    let micros = micros();
    cx.ret_int(micros)
}

fn micros() -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place is there; the clock is one that every system has.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec * 1_000_000 + time.tv_nsec / 1000
}

/// `void _record(int phase, String name, int id, String arguments)`
fn record(cx: &mut NativeCall<'_>) -> NativeResult {
    let (isolate, isolate_name) = cx
        .host::<Context>()
        .map(|context| (context.id().to_bits(), context.name()))
        .unwrap_or_default();
    let event = Event {
        phase: u8::try_from(cx.int(0)).map_or('i', char::from),
        name: cx.string(cx.arg(0)).unwrap_or_default(),
        id: cx.int(1),
        arguments: cx.string(cx.arg(1)).unwrap_or_default(),
        micros: micros(),
        isolate,
        isolate_name,
    };
    if let Some(recorder) = &mut *recorder() {
        // A full disk ends no program.
        let _ = recorder.write(&event);
    }
    cx.ret_null()
}

impl Recorder {
    fn begin(format: Format, path: Option<&str>) -> io::Result<Recorder> {
        let file = match (format, path) {
            (Format::Systrace, _) => {
                let mut opened = Err(io::ErrorKind::NotFound.into());
                for marker in TRACE_MARKERS {
                    opened = OpenOptions::new().write(true).open(marker);
                    if opened.is_ok() {
                        break;
                    }
                }
                opened?
            }
            (_, Some(path)) => File::create(path)?,
            (_, None) => return Err(io::ErrorKind::InvalidInput.into()),
        };
        let mut file = BufWriter::new(file);
        if format == Format::Chrome {
            file.write_all(b"[\n")?;
        }
        Ok(Recorder {
            format,
            file,
            is_empty: true,
            tracks: FxHashSet::default(),
        })
    }

    fn end(mut self) -> io::Result<()> {
        if self.format == Format::Chrome {
            self.file.write_all(b"\n]\n")?;
        }
        self.file.flush()
    }

    fn write(&mut self, event: &Event) -> io::Result<()> {
        match self.format {
            Format::Chrome => self.write_chrome(event),
            Format::Perfetto => self.write_perfetto(event),
            Format::Systrace => self.write_systrace(event),
        }
    }

    fn write_chrome(&mut self, event: &Event) -> io::Result<()> {
        if !std::mem::take(&mut self.is_empty) {
            self.file.write_all(b",\n")?;
        }
        let name = quoted(&event.name);
        write!(
            self.file,
            r#"{{"name":{name},"cat":"Dart","tid":{},"pid":{},"ts":{},"ph":"{}""#,
            event.isolate & 0xffff_ffff,
            std::process::id(),
            event.micros,
            event.phase,
        )?;
        if matches!(event.phase, 'b' | 'n' | 'e' | 's' | 't' | 'f') {
            write!(self.file, r#","id":"{:x}""#, event.id)?;
        }
        if event.phase == 'i' {
            self.file.write_all(br#","s":"t""#)?;
        }
        let isolate = quoted(&event.isolate_name);
        let own = event.arguments.strip_prefix('{').unwrap_or("}");
        let comma = if own == "}" { "" } else { "," };
        write!(self.file, r#","args":{{"isolate":{isolate}{comma}{own}}}"#)
    }

    /// `B|process|name` and `E|process` are what the kernel's readers know.
    fn write_systrace(&mut self, event: &Event) -> io::Result<()> {
        let process = std::process::id();
        match event.phase {
            'B' => writeln!(self.file, "B|{process}|{}", event.name)?,
            'E' => writeln!(self.file, "E|{process}")?,
            'b' => writeln!(self.file, "S|{process}|{}|{}", event.name, event.id)?,
            'e' => writeln!(self.file, "F|{process}|{}|{}", event.name, event.id)?,
            _ => return Ok(()),
        }
        // Each mark is a write of its own.
        self.file.flush()
    }

    fn write_perfetto(&mut self, event: &Event) -> io::Result<()> {
        let is_task = matches!(event.phase, 'b' | 'n' | 'e');
        // Tracks of tasks are told from those of isolates by a bit that those do not have.
        let track = match is_task {
            true => event.id as u64 | 1 << 63,
            false => (event.isolate & !(1 << 63)).wrapping_add(1),
        };
        let mut packets = Fields::default();
        if self.tracks.insert(track) {
            let mut descriptor = Fields::default();
            descriptor.number(1, track);
            let name = match is_task {
                true => &event.name,
                false => &event.isolate_name,
            };
            descriptor.bytes(2, name.as_bytes());
            let mut packet = Fields::default();
            packet.number(10, 1);
            packet.bytes(60, &descriptor.0);
            packets.bytes(1, &packet.0);
        }
        let mut track_event = Fields::default();
        let kind = match event.phase {
            'B' | 'b' => 1,
            'E' | 'e' => 2,
            _ => 3,
        };
        track_event.number(9, kind);
        track_event.number(11, track);
        track_event.bytes(22, b"Dart");
        track_event.bytes(23, event.name.as_bytes());
        match event.phase {
            's' | 't' => track_event.fixed(47, event.id as u64),
            'f' => track_event.fixed(48, event.id as u64),
            _ => {}
        }
        if event.arguments != "{}" {
            let mut arguments = Fields::default();
            arguments.bytes(10, b"arguments");
            arguments.bytes(6, event.arguments.as_bytes());
            track_event.bytes(4, &arguments.0);
        }
        let mut packet = Fields::default();
        packet.number(8, event.micros as u64 * 1000);
        packet.number(10, 1);
        packet.bytes(11, &track_event.0);
        packets.bytes(1, &packet.0);
        self.file.write_all(&packets.0)
    }
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A message of protocol buffers.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn varint(&mut self, value: u64) {
        write_number(&mut self.0, value);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn fixed(&mut self, field: u64, value: u64) {
        self.varint(field << 3 | 1);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("developer/_beginTimeline", begin),
    ("developer/_endTimeline", end),
    ("developer/_isRecording", is_recording),
    ("developer/_newTaskId", new_task_id),
    ("developer/_timelineNow", now),
    ("developer/_record", record),
];
