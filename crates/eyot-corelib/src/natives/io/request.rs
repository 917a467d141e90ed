//! How Dart code asks for an operation.

use std::sync::Arc;

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::message::{Message, Plain};
use eyot_runtime::isolate::{Context, Event, HostJob};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::port::{IsolateId, PortId};
use eyot_runtime::value::Value;

use super::super::bytes::bytes_of;
use super::open_files::OpenFiles;
use super::operation::{Arguments, packed, perform};

/// A value as plain data; nested lists no deeper than arguments are.
fn plain(cx: &NativeCall<'_>, value: Value, depth: usize) -> Plain {
    if value.is_null() || depth > 3 {
        return Plain::Null;
    }
    if value.is_bool() {
        return Plain::Bool(value == Value::TRUE);
    }
    if let Some(int) = cx.as_int(value) {
        return Plain::Int(int);
    }
    if let Some(text) = cx.string(value) {
        return Plain::Text(text.into());
    }
    if cx.class_of(value) == class::UINT8_LIST {
        return Plain::Bytes(bytes_of(value));
    }
    match cx.elements(value) {
        Some(elements) => Plain::List(
            elements
                .iter()
                .map(|&element| plain(cx, element, depth + 1))
                .collect(),
        ),
        None => Plain::Null,
    }
}

/// The arguments in a list.
pub fn arguments(cx: &NativeCall<'_>, list: Value) -> Arguments {
    match plain(cx, list, 0) {
        Plain::List(elements) => Arguments(elements),
        _ => Arguments(Vec::new()),
    }
}

/// The open files of the running isolate.
fn open_files(cx: &mut NativeCall<'_>) -> Arc<OpenFiles> {
    let context = cx.host::<Context>();
    context.map_or_else(Arc::default, |context| {
        context.resource::<Arc<OpenFiles>>().clone()
    })
}

/// `List<Object?> _request(int operation, List<Object?> arguments)`
fn request(cx: &mut NativeCall<'_>) -> NativeResult {
    let (number, arguments) = (cx.int(0), arguments(cx, cx.arg(0)));
    let open = open_files(cx);
    cx.pending(Box::new(HostJob::Block(Box::new(move || {
        let answer = packed(perform(number, &arguments, &open));
        Box::new(move |cx: &mut NativeCall<'_>| {
            let answer = cx.allocate(|heap, roots| heap.new_plain(&answer, roots))?;
            cx.ret(answer)
        })
    }))))
}

/// `void _requestLater(int operation, List<Object?> arguments, SendPort reply)`
fn request_later(cx: &mut NativeCall<'_>) -> NativeResult {
    let (number, arguments) = (cx.int(0), arguments(cx, cx.arg(0)));
    let reply = cx.arg(1);
    if cx.class_of(reply) != class::SEND_PORT {
        return cx.throw_argument_message("not a send port");
    }
    let reply = PortId {
        isolate: IsolateId::from_bits(cx.field_raw(reply, 1)),
        number: cx.field_raw(reply, 2),
    };
    let Some(scheduler) = cx
        .host::<Context>()
        .map(|context| context.group.scheduler.clone())
    else {
        return cx.throw_state("there is no isolate around this call");
    };
    let open = open_files(cx);
    let sender = scheduler.clone();
    let started = scheduler.spawn_blocking(move || {
        let answer = packed(perform(number, &arguments, &open));
        let event = Event::Message {
            port: reply.number,
            message: Message::of_plain(answer),
        };
        // Nobody is there to be told if the isolate has ended.
        let _ = sender.send(reply.isolate, event);
    });
    if !started {
        return cx.throw_state("the system gives no thread for the operation");
    }
    cx.ret_null()
}

/// By name.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("io/_request", request),
    ("io/_requestLater", request_later),
];
