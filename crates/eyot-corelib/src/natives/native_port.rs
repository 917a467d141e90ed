//! Native ports: ports whose messages a function outside Dart gets, C's or that of a Rust program that embeds Eyot.
//!
//! A native port is an isolate that does nothing but call the function with each message, on a thread that may block, one after the other
//! (`_servePort` in `lib/isolate/hosting.dart`). It lives until the port is closed, and is none of the program's: nobody is told of it.
//! Here is also what a thread gets that has called a function of an isolate.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use eyot_runtime::heap::message::Message;
use eyot_runtime::isolate::{Context, Group, HostJob, Name, SpawnRequest, Start, embed, numbered};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::port::PortId;
use eyot_runtime::value::Value;
use rustc_hash::FxHashMap;

use super::parcel::{Item, Parcel, Part};

/// Gets the number of the port, and a message.
pub type Handler = Arc<dyn Fn(i64, Parcel) + Send + Sync>;

/// The ports of the isolate that serves a native port, in the order in which it opens them.
const MESSAGES: u64 = 1;
const END: u64 = 2;

/// The native ports that are open.
struct Table {
    last: i64,
    /// Handlers by the keys that their isolates have.
    handlers: FxHashMap<i64, Handler>,
    /// Keys, and what closes them, by the numbers of the ports.
    open: FxHashMap<i64, (i64, i64)>,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

fn with_table<R>(use_it: impl FnOnce(&mut Table) -> R) -> R {
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    use_it(table.get_or_insert_with(|| Table {
        last: 0,
        handlers: FxHashMap::default(),
        open: FxHashMap::default(),
    }))
}

/// Opens a port, and gives its number. The group is that whose classes its messages may be of.
pub fn open(group: &Arc<Group>, name: &str, handler: Handler) -> i64 {
    let key = with_table(|table| {
        table.last += 1;
        table.handlers.insert(table.last, handler);
        table.last
    });
    let request = SpawnRequest::new(Start::Serve(key), Name::Given(name.into()));
    let isolate = embed::make(group, request);
    let of = |number| numbered::number(&group.scheduler, PortId { isolate, number });
    let (messages, end) = (of(MESSAGES), of(END));
    with_table(|table| table.open.insert(messages, (key, end)));
    messages
}

/// Closes a port; whether it was open. A call of the handler that is under way goes on.
pub fn close(port: i64) -> bool {
    let closed = with_table(|table| {
        let (key, end) = table.open.remove(&port)?;
        Some((table.handlers.remove(&key), end))
    });
    // The handler may be dropped here, and do whatever it likes.
    let Some((_handler, end)) = closed else {
        return false;
    };
    if let Some(open) = numbered::port(port) {
        numbered::closed(open);
    }
    numbered::send(end, Message::Immediate(Value::NULL)).is_ok()
}

/// `void _callHandler(int key, Object? message)`: calls the handler of a native port.
fn call_handler(cx: &mut NativeCall<'_>) -> NativeResult {
    let key = cx.int(0);
    let message = cx.arg(0);
    let Some(handler) = with_table(|table| table.handlers.get(&key).cloned()) else {
        // It was closed with this message on its way.
        return cx.ret_null();
    };
    let parcel = Parcel::of(cx, message);
    let Some(context) = cx.host::<Context>() else {
        return cx.ret_null();
    };
    let port = PortId {
        isolate: context.id(),
        number: MESSAGES,
    };
    let port = numbered::number(&context.group.scheduler, port);
    cx.pending(Box::new(HostJob::Block(Box::new(move || {
        // Whose handler panics is told so by its own means; the port goes on.
        let _ = catch_unwind(AssertUnwindSafe(|| handler(port, parcel)));
        Box::new(|cx| cx.ret_null())
    }))))
}

/// What a function gave that a thread has called.
pub enum Called {
    /// Its result.
    Returned(Parcel),
    /// What it threw and where, as texts.
    Threw(String, String),
}

/// `void _answerThread(bool isError, Object? value)`
fn answer_thread(cx: &mut NativeCall<'_>) -> NativeResult {
    let is_error = cx.bool(0);
    let value = cx.arg(0);
    let parcel = Parcel::of(cx, value);
    let called = match is_error {
        true => {
            let [error, trace] = texts(parcel);
            Called::Threw(error, trace)
        }
        false => Called::Returned(parcel),
    };
    let called: Box<dyn Any + Send> = Box::new(called);
    if let Some(context) = cx.host::<Context>() {
        context.answer(called);
    }
    cx.ret_null()
}

/// Both texts of a list.
fn texts(parcel: Parcel) -> [String; 2] {
    let text = |part| match part {
        Part::Item(index) => match parcel.items.get(index) {
            Some(Item::Text(text)) => text.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    };
    match parcel.items.first() {
        Some(Item::List(parts)) if parts.len() == 2 => [text(parts[0]), text(parts[1])],
        _ => [String::new(), String::new()],
    }
}

/// The natives.
pub const NATIVES: &[(&str, NativeFn)] = &[
    ("isolate/_answerThread", answer_thread),
    ("isolate/_callHandler", call_handler),
];
