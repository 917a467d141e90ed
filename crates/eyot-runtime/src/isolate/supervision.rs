//! The natives of `package:eyot/isolate.dart`: limits, monitors, links and figures.

use std::time::Duration;

use super::event::{Control, Watcher};
use super::limits::Limits;
use super::natives::{context, new_send_port, port_of, spawn_request, spawn_requested};
use super::run::hosting;
use super::watch;
use crate::native::{NativeCall, NativeFn, NativeResult};
use crate::port::PortId;
use crate::program::types::TypeArguments;
use crate::value::Value;

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("_eyot/_spawnSupervised", spawn_supervised),
    ("_eyot/_ask", ask),
    ("_eyot/_ownFigures", own_figures),
    ("_eyot/_workers", workers),
    ("_eyot/_takeMessage", hosting::take_message),
    ("_eyot/_capabilityOf", super::natives::capability_of),
];

/// A limit: none if it is negative.
fn limit(cx: &NativeCall<'_>, index: usize) -> Option<usize> {
    usize::try_from(cx.int(index)).ok()
}

/// `SendPort _spawnSupervised(Function entryPoint, Object? message, bool paused, bool errorsAreFatal, SendPort? onExit,
/// SendPort? onError, String? debugName, int heapBytes, int cpuMicros, int wallMicros, int mailbox, SendPort watcher, int reference,
/// bool linked)`
fn spawn_supervised(cx: &mut NativeCall<'_>) -> NativeResult {
    let mut request = spawn_request(cx)?;
    let time = |micros: usize| Duration::from_micros(micros as u64);
    let monitor = port_of(cx, cx.arg(5));
    let more = request.more();
    more.limits = Limits {
        heap_bytes: limit(cx, 2),
        cpu: limit(cx, 3).map(time),
        wall: limit(cx, 4).map(time),
        mailbox: limit(cx, 5),
    };
    let reference = cx.int(6);
    more.monitor = monitor.map(|port| Watcher { port, reference });
    if !cx.bool(7) {
        return spawn_requested(cx, request);
    }
    let own = context(cx)?.id();
    more.link = Some(own);
    let child = context(cx)?.spawn(request);
    let links = &mut context(cx)?.side().links;
    links.push(child);
    let port = new_send_port(
        cx,
        PortId {
            isolate: child,
            number: 0,
        },
    )?;
    cx.ret(port)
}

/// `void _ask(SendPort controlPort, int question, SendPort? watcher, int reference)`
fn ask(cx: &mut NativeCall<'_>) -> NativeResult {
    let (question, reference) = (cx.int(0), cx.int(1));
    let Some(target) = port_of(cx, cx.arg(0)).filter(|port| port.number == 0) else {
        return cx.throw_argument_message("not the control port of an isolate");
    };
    let target = target.isolate;
    let watcher = port_of(cx, cx.arg(1)).map(|port| Watcher { port, reference });
    let context = context(cx)?;
    let own = context.id();
    let control = match (question, watcher) {
        (0, Some(watcher)) => Control::Monitor(watcher),
        (1, Some(watcher)) => Control::Demonitor(watcher),
        (2, _) if target != own => {
            context.side().links.push(target);
            Control::Link(own)
        }
        (3, _) => {
            context.side().links.retain(|known| *known != target);
            Control::Unlink(own)
        }
        (4, Some(watcher)) => Control::Stats(watcher),
        _ => return cx.ret_null(),
    };
    context.send_control(target, control, true);
    if target == own {
        cx.look_around();
    }
    cx.ret_null()
}

/// `List<Object?> _ownFigures()`
fn own_figures(cx: &mut NativeCall<'_>) -> NativeResult {
    let (held_bytes, counters) = (cx.heap().held_bytes(), cx.heap().counters());
    let figures = watch::figures(held_bytes, counters, context(cx)?);
    let list = cx.new_list(TypeArguments::EMPTY, figures.len())?;
    for (index, figure) in figures.into_iter().enumerate() {
        cx.list_set(list, index, Value::smi(figure).unwrap_or(Value::NULL));
    }
    cx.ret(list)
}

/// `int _workers()`
fn workers(cx: &mut NativeCall<'_>) -> NativeResult {
    let workers = context(cx)?.group.scheduler.workers();
    cx.ret_int(workers as i64)
}
