//! The natives of `dart:isolate`, and the timers and uncaught errors of `dart:async`.

use std::time::{Duration, Instant};

use eyot_bytecode::module::ClassId;
use eyot_bytecode::well_known::class;

use super::context::{Context, FatalError, HostJob, Outcome, Pace};
use super::event::Control;
use super::group::{Group, ProgramPackages, ProgramRequest};
use super::name::Name;
use super::numbered;
use super::run::leave::Departure;
use super::run::{hosting, report_error};
use super::spawn::{MainCall, SpawnRequest, Start};
use crate::heap::message::{Message, Step, Unsendable, is_constant};
use crate::native::{NativeCall, NativeFn, NativeResult, Raised};
use crate::port::{IsolateId, PortId};
use crate::program::types::TypeArguments;
use crate::sched::TimerId;
use crate::value::Value;

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("isolate/_SendPort.send", send),
    ("isolate/_SendPort.==", send_port_equals),
    ("isolate/_SendPort.hashCode", send_port_hash),
    ("isolate/_newCapability", new_capability),
    ("isolate/_Capability.==", capability_equals),
    ("isolate/_Capability.hashCode", capability_hash),
    ("isolate/_openPort", open_port),
    ("isolate/_closePort", close_port),
    ("isolate/_sendPortTo", send_port_to),
    ("isolate/_setPortKeepsAlive", set_port_keeps_alive),
    ("isolate/_control", control),
    ("isolate/_capabilityOf", capability_of),
    ("isolate/_ownControlPort", own_control_port),
    ("isolate/_debugNameOf", debug_name_of),
    ("isolate/_packageConfig", package_config),
    ("isolate/_resolvePackage", resolve_package),
    ("isolate/_spawn", spawn),
    ("isolate/_spawnUri", spawn_uri),
    ("isolate/_exit", exit),
    ("isolate/_createIsolate", hosting::create),
    ("isolate/_enterIsolate", hosting::enter),
    (
        "isolate/_checkDeeplyImmutable",
        hosting::check_deeply_immutable,
    ),
    ("isolate/_answerHost", hosting::answer_host),
    ("isolate/_pinIsolate", hosting::pin),
    ("isolate/_isPinnedHere", hosting::is_pinned_here),
    ("async/_timerStart", timer_start),
    ("async/_timerCancel", timer_cancel),
    ("async/_timerNow", timer_now),
    ("async/_keepMicrotasks", keep_microtasks),
    ("async/_uncaughtErrorText", uncaught_error_text),
];

/// The isolate's context. A native of this file without one is a mistake of ours.
pub(super) fn context<'c>(cx: &'c mut NativeCall<'_>) -> Result<&'c mut Context, Raised> {
    match cx.host_or_call::<Context>() {
        Ok(context) => Ok(context),
        Err(cx) => {
            cx.throw_state("there is no isolate around this call")?;
            Err(Raised(()))
        }
    }
}

/// Throws in a call that needs no isolate: nothing that it leaves to a later event would happen.
fn needs_loop(cx: &mut NativeCall<'_>) -> Result<(), Raised> {
    if cx.is_bound() {
        let message =
            "ports, timers and microtasks need an isolate, and this code runs without one";
        cx.throw_unsupported(message)?;
    }
    Ok(())
}

// ---- ports

/// The port a SendPort object names.
pub(super) fn port_of(cx: &NativeCall<'_>, value: Value) -> Option<PortId> {
    (cx.class_of(value) == class::SEND_PORT).then(|| PortId {
        isolate: IsolateId::from_bits(cx.field_raw(value, 1)),
        number: cx.field_raw(value, 2),
    })
}

fn new_raw(cx: &mut NativeCall<'_>, of: ClassId, words: &[u64]) -> Result<Value, Raised> {
    let object = cx.allocate(|heap, roots| heap.new_object(of, words.len() + 1, roots))?;
    for (index, &word) in words.iter().enumerate() {
        cx.set_field_raw(object.value(), index + 1, word);
    }
    Ok(object.value())
}

pub(super) fn new_send_port(cx: &mut NativeCall<'_>, port: PortId) -> Result<Value, Raised> {
    new_raw(cx, class::SEND_PORT, &[port.isolate.to_bits(), port.number])
}

/// `void send(Object? message)`
fn send(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(port) = port_of(cx, cx.arg(0)) else {
        return cx.throw_state("not a send port");
    };
    let message = copy_for(cx, 1, port)?;
    if context(cx)?.send(port, message) == Pace::GivesWay {
        cx.look_around();
    }
    cx.ret_null()
}

/// A copy of a tagged argument for whoever has the port. A safepoint.
fn copy_for(cx: &mut NativeCall<'_>, index: usize, port: PortId) -> Result<Message, Raised> {
    if !context(cx)?.is_of_group(port.isolate) {
        return copy_plain(cx, index);
    }
    let message = copy(cx, index)?;
    if cx.heap().has_copied_views() {
        cx.allocate(|heap, roots| {
            heap.collect_after_views(roots);
            Ok(())
        })?;
    }
    Ok(message)
}

/// A copy of a tagged argument for another isolate of the group.
pub(super) fn copy(cx: &mut NativeCall<'_>, index: usize) -> Result<Message, Raised> {
    let value = cx.arg(index);
    match cx.heap().copy_message(value) {
        Ok(message) => Ok(message),
        Err(unsendable) => refuse(cx, &unsendable),
    }
}

/// A copy of a tagged argument for an isolate of another group, which has other classes: plain data only. Type arguments
/// become `dynamic`: their ids mean nothing there.
fn copy_plain(cx: &mut NativeCall<'_>, index: usize) -> Result<Message, Raised> {
    let value = cx.arg(index);
    match cx.heap().copy_message_between_groups(value, &mut |_| 0) {
        Ok(message) => Ok(message),
        Err(unsendable) => refuse(cx, &unsendable),
    }
}

/// Throws the ArgumentError for what cannot be sent, with the path that leads to it.
fn refuse<T>(cx: &mut NativeCall<'_>, unsendable: &Unsendable) -> Result<T, Raised> {
    let program = cx.program();
    let mut text = if unsendable.spent_transferable {
        "Illegal argument in isolate message: the bytes of a TransferableTypedData were sent or materialized before".to_owned()
    } else {
        format!(
            "Illegal argument in isolate message: an instance of '{}' cannot be sent",
            program.class_name(unsendable.class)
        )
    };
    // The cell of a variable is no object of the program.
    let is_cell = |step: &&Step| step.class == class::CELL;
    for step in unsendable.path.iter().rev().filter(|step| !is_cell(step)) {
        text.push_str("\n <- ");
        text.push_str(&program.describe_step(step));
    }
    cx.throw_argument_message(&text)?;
    Err(Raised(()))
}

/// `bool operator ==(Object other)`
fn send_port_equals(cx: &mut NativeCall<'_>) -> NativeResult {
    let (one, other) = (port_of(cx, cx.arg(0)), port_of(cx, cx.arg(1)));
    cx.ret_bool(one == other)
}

/// `int get hashCode`
fn send_port_hash(cx: &mut NativeCall<'_>) -> NativeResult {
    let hash = port_of(cx, cx.arg(0)).map_or(0, hash_of);
    cx.ret_int(hash)
}

fn hash_of(port: PortId) -> i64 {
    mix(port.isolate.to_bits() ^ port.number.rotate_left(40))
}

/// Thirty bits of a word, well mixed.
fn mix(word: u64) -> i64 {
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 34) as i64
}

/// `int _openPort(_RawReceivePort port)`
fn open_port(cx: &mut NativeCall<'_>) -> NativeResult {
    needs_loop(cx)?;
    let object = cx.keep(cx.arg(0));
    let number = context(cx)?.ports.open(object);
    cx.ret_int(number as i64)
}

/// `void _closePort(int number)`
fn close_port(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as u64;
    let context = context(cx)?;
    let isolate = context.id();
    if let Some(kept) = context.ports.close(number) {
        numbered::closed(PortId { isolate, number });
        cx.release(kept);
    }
    cx.ret_null()
}

/// `SendPort _sendPortTo(int number)`
fn send_port_to(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as u64;
    let isolate = context(cx)?.id();
    let port = new_send_port(cx, PortId { isolate, number })?;
    cx.ret(port)
}

/// `void _setPortKeepsAlive(int number, bool keepsAlive)`
fn set_port_keeps_alive(cx: &mut NativeCall<'_>) -> NativeResult {
    let (number, keeps_alive) = (cx.int(0) as u64, cx.bool(1));
    context(cx)?.ports.set_keeps_alive(number, keeps_alive);
    cx.ret_null()
}

// ---- capabilities

pub(super) fn capability_id(cx: &NativeCall<'_>, value: Value) -> Option<u64> {
    (cx.class_of(value) == class::CAPABILITY).then(|| cx.field_raw(value, 1))
}

/// `Capability _newCapability()`
fn new_capability(cx: &mut NativeCall<'_>) -> NativeResult {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // Mixed with the secret of the process, in a range of its own behind every isolate's.
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let id = Group::capability(
        IsolateId {
            slot: number,
            generation: u32::MAX,
        },
        2,
    );
    let capability = new_raw(cx, class::CAPABILITY, &[id])?;
    cx.ret(capability)
}

/// `bool operator ==(Object other)`
fn capability_equals(cx: &mut NativeCall<'_>) -> NativeResult {
    let equal = capability_id(cx, cx.arg(0)) == capability_id(cx, cx.arg(1));
    cx.ret_bool(equal)
}

/// `int get hashCode`
fn capability_hash(cx: &mut NativeCall<'_>) -> NativeResult {
    let hash = capability_id(cx, cx.arg(0)).map_or(0, mix);
    cx.ret_int(hash)
}

/// `Capability _capabilityOf(SendPort controlPort, int which)`
pub(super) fn capability_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let which = cx.int(0) as u64;
    let Some(port) = port_of(cx, cx.arg(0)) else {
        return cx.throw_state("not a control port");
    };
    let capability = new_raw(
        cx,
        class::CAPABILITY,
        &[Group::capability(port.isolate, which)],
    )?;
    cx.ret(capability)
}

// ---- control

/// `void _control(SendPort controlPort, int operation, Capability? right, Object? first, Object? second, int priority)`
fn control(cx: &mut NativeCall<'_>) -> NativeResult {
    let (operation, priority) = (cx.int(0), cx.int(1));
    let Some(target) = port_of(cx, cx.arg(0)).filter(|port| port.number == 0) else {
        return cx.ret_null();
    };
    let right = capability_id(cx, cx.arg(1)).unwrap_or(0);
    let port = port_of(cx, cx.arg(2));
    let resume = capability_id(cx, cx.arg(2))
        .or(port.map(|port| hash_of(port) as u64))
        .unwrap_or(0);
    // Answers may be for isolates of any group.
    let message = match (operation, port) {
        (1, _) => Control::Pause { right, resume },
        (2, _) => Control::Resume { resume },
        (3, Some(port)) => Control::AddOnExit {
            port,
            response: copy_plain(cx, 3)?,
        },
        (4, Some(port)) => Control::RemoveOnExit { port },
        (5, _) => Control::SetErrorsFatal {
            right,
            fatal: cx.arg(2) == Value::TRUE,
        },
        (6, _) => Control::Kill {
            right,
            immediate: priority == 0,
        },
        (7, Some(port)) => Control::Ping {
            port,
            response: copy_plain(cx, 3)?,
            before_next_event: priority == 1,
        },
        (8, Some(port)) => Control::AddOnError { port },
        (9, Some(port)) => Control::RemoveOnError { port },
        _ => return cx.ret_null(),
    };
    let context = context(cx)?;
    context.send_control(target.isolate, message, priority < 2);
    if target.isolate == context.id() {
        cx.look_around();
    }
    cx.ret_null()
}

/// `SendPort _ownControlPort()`
fn own_control_port(cx: &mut NativeCall<'_>) -> NativeResult {
    let isolate = context(cx)?.id();
    let port = new_send_port(cx, PortId { isolate, number: 0 })?;
    cx.ret(port)
}

/// `String? _debugNameOf(SendPort controlPort)`
fn debug_name_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(port) = port_of(cx, cx.arg(0)) else {
        return cx.ret_null();
    };
    let name = context(cx)?.name_of(port.isolate);
    return_text(cx, name.as_deref())
}

fn return_text(cx: &mut NativeCall<'_>, text: Option<&str>) -> NativeResult {
    match text {
        Some(text) => {
            let text = cx.new_string(text)?;
            cx.ret(text)
        }
        None => cx.ret_null(),
    }
}

/// `String? _packageConfig()`
fn package_config(cx: &mut NativeCall<'_>) -> NativeResult {
    let uri = context(cx)?.group.package_config.clone();
    return_text(cx, uri.as_deref())
}

/// `String? _resolvePackage(String uri)`
fn resolve_package(cx: &mut NativeCall<'_>) -> NativeResult {
    let uri = cx.string(cx.arg(0)).unwrap_or_default();
    let found = context(cx)?.group.host.resolve_package(&uri);
    return_text(cx, found.as_deref())
}

// ---- start and end

/// `SendPort _spawn(Function entryPoint, Object? message, bool paused, bool errorsAreFatal, SendPort? onExit, SendPort? onError,
/// String? debugName)`
fn spawn(cx: &mut NativeCall<'_>) -> NativeResult {
    let request = spawn_request(cx)?;
    spawn_requested(cx, request)
}

/// What the arguments of `_spawn` ask for.
pub(super) fn spawn_request(cx: &mut NativeCall<'_>) -> Result<SpawnRequest, Raised> {
    let name = match (cx.string(cx.arg(4)), cx.closure_function(cx.arg(0))) {
        (Some(given), _) => Name::Given(given.into()),
        (None, Some(function)) => Name::Function(function),
        (None, None) => Name::Given("isolate".into()),
    };
    let mut request = SpawnRequest::new(start_of(cx)?, name);
    watch_as_asked(cx, &mut request, [2, 3]);
    Ok(request)
}

/// The flags of an isolate, and the arguments that name who is told of its end and of its errors.
fn watch_as_asked(cx: &NativeCall<'_>, request: &mut SpawnRequest, ports: [usize; 2]) {
    request.paused = cx.bool(0);
    request.errors_are_fatal = cx.bool(1);
    request.on_exit = port_of(cx, cx.arg(ports[0]));
    if let Some(port) = port_of(cx, cx.arg(ports[1])) {
        request.more().on_error = Some(port);
    }
}

/// The first event: a call of the first argument with the second.
fn start_of(cx: &mut NativeCall<'_>) -> Result<Start, Raised> {
    let function = cx.arg(0);
    if is_constant(function) {
        let message = copy(cx, 1)?;
        return Ok(Start::Entry { function, message });
    }
    let pair = cx.new_list(TypeArguments::EMPTY, 2)?;
    cx.list_set(pair, 0, cx.arg(0));
    cx.list_set(pair, 1, cx.arg(1));
    match cx.heap().copy_message(pair) {
        Ok(message) => Ok(Start::Pair(message)),
        Err(mut unsendable) => {
            // The list is ours: the path starts with what it holds.
            if !unsendable.path.is_empty() {
                unsendable.path.remove(0);
            }
            refuse(cx, &unsendable)
        }
    }
}

/// Makes the isolate and ends with its control port.
pub(super) fn spawn_requested(cx: &mut NativeCall<'_>, request: SpawnRequest) -> NativeResult {
    let isolate = context(cx)?.spawn(request);
    let port = new_send_port(cx, PortId { isolate, number: 0 })?;
    cx.ret(port)
}

/// `void _spawnUri(SendPort reply, String uri, List<String> arguments, Object? message, bool paused, bool errorsAreFatal,
/// SendPort? onExit, SendPort? onError, String? packageConfig, List<String> defines, String? debugName)`
fn spawn_uri(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(reply) = port_of(cx, cx.arg(0)) else {
        return cx.throw_state("not a send port");
    };
    let uri = cx.string(cx.arg(1)).unwrap_or_default();
    let arguments = strings(cx, cx.arg(2));
    let message = copy_plain(cx, 3)?;
    let defines = strings(cx, cx.arg(7));
    let request = ProgramRequest {
        uri: uri.clone(),
        packages: match cx.string(cx.arg(6)) {
            None => ProgramPackages::Inherited,
            Some(uri) if uri.is_empty() => ProgramPackages::Nearest,
            Some(uri) => ProgramPackages::Given(uri),
        },
        defines: defines
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect(),
    };
    let main = Start::Main(Box::new(MainCall {
        main: eyot_bytecode::module::FunctionId(0),
        arguments,
        message,
    }));
    let name = Name::Given(cx.string(cx.arg(8)).unwrap_or(uri).into());
    let mut spawn = SpawnRequest::new(main, name);
    watch_as_asked(cx, &mut spawn, [4, 5]);
    context(cx)?.spawn_uri(reply, request, spawn);
    cx.ret_null()
}

fn strings(cx: &NativeCall<'_>, list: Value) -> Vec<String> {
    let elements: Vec<Value> = cx.elements(list).unwrap_or_default().to_vec();
    elements
        .into_iter()
        .filter_map(|element| cx.string(element))
        .collect()
}

/// `Never _exit(SendPort? port, Object? message)`
fn exit(cx: &mut NativeCall<'_>) -> NativeResult {
    let Some(port) = port_of(cx, cx.arg(0)) else {
        return leave_with(cx, None);
    };
    let value = cx.arg(1);
    match cx.heap().leave(value) {
        Some(leaving) => cx.pending(Box::new(HostJob::Leave(Box::new(Departure {
            port,
            leaving,
            stays: Box::new(move |cx| hand_over(cx, port)),
        })))),
        None => hand_over(cx, port),
    }
}

/// The rest of `_exit` with a message of argument 1, which is made in one go.
fn hand_over(cx: &mut NativeCall<'_>, port: PortId) -> NativeResult {
    let value = cx.arg(1);
    match cx.heap().hand_over(value) {
        Ok(message) => leave_with(cx, Some((port, message))),
        Err(unsendable) => refuse(cx, &unsendable),
    }
}

fn leave_with(cx: &mut NativeCall<'_>, last: Option<(PortId, Message)>) -> NativeResult {
    cx.pending(Box::new(HostJob::Exit {
        last,
        outcome: Outcome::Finished,
    }))
}

// ---- timers and errors of dart:async

/// `int _timerStart(Object timer, int micros)`
fn timer_start(cx: &mut NativeCall<'_>) -> NativeResult {
    needs_loop(cx)?;
    let delay = Duration::from_micros(cx.int(0).max(0) as u64);
    let object = cx.keep(cx.arg(0));
    let id = context(cx)?.start_timer(object, delay);
    cx.ret_int(id.0 as i64)
}

/// `void _timerCancel(int id)`
fn timer_cancel(cx: &mut NativeCall<'_>) -> NativeResult {
    let id = TimerId(cx.int(0) as u64);
    if let Some(kept) = context(cx)?.cancel_timer(id) {
        cx.release(kept);
    }
    cx.ret_null()
}

/// `int _timerNow()`
fn timer_now(cx: &mut NativeCall<'_>) -> NativeResult {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    cx.ret_int(i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX))
}

/// `void _keepMicrotasks(Object queue)`
fn keep_microtasks(cx: &mut NativeCall<'_>) -> NativeResult {
    needs_loop(cx)?;
    let queue = cx.keep(cx.arg(0));
    context(cx)?.microtasks = Some(queue);
    cx.ret_null()
}

/// `void _uncaughtErrorText(Object error, String text, StackTrace stackTrace, String traceText)`
fn uncaught_error_text(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = cx.string(cx.arg(1)).unwrap_or_default();
    let trace_text = cx.string(cx.arg(3)).unwrap_or_default();
    let context = context(cx)?;
    report_error(context, &text, &trace_text);
    if !context.errors_are_fatal {
        return cx.ret_null();
    }
    let of = cx.class_of(cx.arg(0));
    let outcome = match cx.program().class_name(of) == "OutOfMemoryError" {
        true => Outcome::OutOfMemory,
        false => Outcome::Error,
    };
    let (error, trace) = (cx.keep(cx.arg(0)), cx.keep(cx.arg(2)));
    self::context(cx)?.side().fatal = Some(FatalError {
        error,
        trace,
        texts: [text, trace_text],
    });
    cx.pending(Box::new(HostJob::Exit {
        last: None,
        outcome,
    }))
}
