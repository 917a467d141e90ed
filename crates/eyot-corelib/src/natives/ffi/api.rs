//! The part of Dart's C interface that libraries reach through `NativeApi`: messages to isolates from any thread.
//!
//! A library gets a table of names and functions, looks for those it knows, and takes the others for null. What is here:
//!
//! | function | what |
//! | --- | --- |
//! | `Dart_PostCObject`, `Dart_PostInteger` | send a message |
//! | `Dart_NewNativePort`, `Dart_NewConcurrentNativePort` | a port whose messages a C function gets |
//! | `Dart_CloseNativePort` | closes such a port |
//!
//! Everything about handles of objects, scopes and current isolates is left out: objects have no handles outside an isolate here, and C code
//! that runs on no isolate's behalf has no isolate that could be current.
//!
//! A native port is an isolate that does nothing but call the C function with each message, on a thread that may block, one after the other.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Mutex, PoisonError, Weak};

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::message::{Message, is_constant};
use eyot_runtime::isolate::{
    Context, Group, HostJob, Name, SpawnRequest, Start, numbered, spawn_main,
};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::port::{IsolateId, PortId};
use eyot_runtime::value::Value;
use rustc_hash::FxHashMap;

use super::cobject::{self, CObject, Parcel};

/// The version of the interface whose numbers and names these are.
const MAJOR: i32 = 2;
const MINOR: i32 = 5;

type Handler = extern "C" fn(i64, *mut CObject);

extern "C" fn post_cobject(port: i64, object: *mut CObject) -> bool {
    // SAFETY: C's promise.
    unsafe { cobject::post(port, object) }
}

extern "C" fn post_integer(port: i64, value: i64) -> bool {
    numbered::send(port, Message::Int(value)).is_ok()
}

extern "C" fn new_native_port(
    name: *const c_char,
    handler: Option<Handler>,
    _concurrently: bool,
) -> i64 {
    // SAFETY: C's promise.
    unsafe { open(name, handler) }
}

extern "C" fn new_concurrent_native_port(
    name: *const c_char,
    handler: Option<Handler>,
    _most: isize,
) -> i64 {
    // SAFETY: C's promise.
    unsafe { open(name, handler) }
}

extern "C" fn close_native_port(port: i64) -> bool {
    let ends = lock(&NATIVE_PORTS).remove(&port);
    if let Some(open) = numbered::port(port).filter(|_| ends.is_some()) {
        numbered::closed(open);
    }
    ends.is_some_and(|end| numbered::send(end, Message::Immediate(Value::NULL)).is_ok())
}

// ---- native ports

/// What closes the native ports that are open, by their numbers.
static NATIVE_PORTS: Mutex<FxHashMap<i64, i64>> =
    Mutex::new(FxHashMap::with_hasher(rustc_hash::FxBuildHasher));

/// A group whose isolates native ports can be, and the function that they run: the last one that asked for the interface.
static HOME: Mutex<Option<(Weak<Group>, Entry)>> = Mutex::new(None);

struct Entry(Value);

// SAFETY: a constant, which lives as long as its group; it is used only while that is held.
unsafe impl Send for Entry {}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The ports of the isolate that serves a native port, in the order in which it opens them.
const MESSAGES: u64 = 1;
const END: u64 = 2;

/// # Safety
/// The name, if there is one, ends with a NUL.
unsafe fn open(name: *const c_char, handler: Option<Handler>) -> i64 {
    let home = lock(&HOME)
        .as_ref()
        .and_then(|(group, entry)| Some((group.upgrade()?, entry.0)));
    let (Some((group, function)), Some(handler)) = (home, handler) else {
        return 0;
    };
    let name = match name.is_null() {
        true => "native port".into(),
        // SAFETY: the caller's.
        false => unsafe { CStr::from_ptr(name) }.to_string_lossy(),
    };
    let address = (handler as *const c_void).expose_provenance();
    let start = Start::Entry {
        function,
        message: Message::Int(address as i64),
    };
    let request = SpawnRequest::new(start, Name::Given(name.into()));
    let scheduler = group.scheduler.clone();
    let isolate = spawn_main(group, request);
    let of = |number| numbered::number(&scheduler, PortId { isolate, number });
    let (messages, end) = (of(MESSAGES), of(END));
    lock(&NATIVE_PORTS).insert(messages, end);
    messages
}

/// `void _callHandler(int handler, Object? message)`: calls the function of a native port.
fn call_handler(cx: &mut NativeCall<'_>) -> NativeResult {
    let address = cx.int(0) as usize;
    let message = cx.arg(0);
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
        // SAFETY: the address was that of a handler when the port was opened.
        let handler: Handler =
            unsafe { std::mem::transmute(std::ptr::with_exposed_provenance::<c_void>(address)) };
        parcel.with_object(|object| handler(port, object));
        Box::new(|cx| cx.ret_null())
    }))))
}

// ---- the table

#[repr(C)]
struct ApiEntry {
    name: *const c_char,
    function: *const c_void,
}

#[repr(C)]
struct Api {
    major: i32,
    minor: i32,
    functions: *const ApiEntry,
}

struct Shared<T>(T);

// SAFETY: constant data.
unsafe impl<T> Sync for Shared<T> {}

const fn entry(name: &'static CStr, function: *const c_void) -> ApiEntry {
    ApiEntry {
        name: name.as_ptr(),
        function,
    }
}

static ENTRIES: Shared<[ApiEntry; 6]> = Shared([
    entry(c"Dart_PostCObject", post_cobject as *const c_void),
    entry(c"Dart_PostInteger", post_integer as *const c_void),
    entry(c"Dart_NewNativePort", new_native_port as *const c_void),
    entry(
        c"Dart_NewConcurrentNativePort",
        new_concurrent_native_port as *const c_void,
    ),
    entry(c"Dart_CloseNativePort", close_native_port as *const c_void),
    ApiEntry {
        name: std::ptr::null(),
        function: std::ptr::null(),
    },
]);

static API: Shared<Api> = Shared(Api {
    major: MAJOR,
    minor: MINOR,
    functions: ENTRIES.0.as_ptr(),
});

/// `int _apiAddress(int which, Function serve)`: the table, or a function of it.
fn api_address(cx: &mut NativeCall<'_>) -> NativeResult {
    let serve = cx.arg(0);
    let context = cx.host::<Context>();
    let group = context.map(|context| std::sync::Arc::downgrade(&context.group));
    if let Some(group) = group.filter(|_| is_constant(serve)) {
        *lock(&HOME) = Some((group, Entry(serve)));
    }
    let address = match cx.int(0) {
        0 => (&raw const API.0).cast(),
        1 => post_cobject as *const c_void,
        2 => new_native_port as *const c_void,
        _ => close_native_port as *const c_void,
    };
    cx.ret_int(address.expose_provenance() as i64)
}

/// `int _nativePortOf(SendPort port)`: the number of a port.
fn native_port_of(cx: &mut NativeCall<'_>) -> NativeResult {
    let port = cx.arg(0);
    if cx.class_of(port) != class::SEND_PORT {
        return cx.throw_argument(port, "this", "not a port of an isolate");
    }
    let port = PortId {
        isolate: IsolateId::from_bits(cx.field_raw(port, 1)),
        number: cx.field_raw(port, 2),
    };
    let number = cx.host::<Context>().map_or(0, |context| {
        numbered::number(&context.group.scheduler, port)
    });
    cx.ret_int(number)
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("ffi/_apiAddress", api_address),
    ("ffi/_nativePortOf", native_port_of),
    ("ffi/_callHandler", call_handler),
];
