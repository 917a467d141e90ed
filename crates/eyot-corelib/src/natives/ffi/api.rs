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
//! What a native port is says [`super::super::native_port`].

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::message::Message;
use eyot_runtime::isolate::{Context, Group, numbered};
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::port::{IsolateId, PortId};

use super::super::native_port;
use super::super::parcel::Parcel;
use super::cobject::{self, CObject};

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
    native_port::close(port)
}

/// A group whose isolates native ports can be: the last one that asked for the interface.
static HOME: Mutex<Option<Weak<Group>>> = Mutex::new(None);

fn home() -> MutexGuard<'static, Option<Weak<Group>>> {
    HOME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// # Safety
/// The name, if there is one, ends with a NUL.
unsafe fn open(name: *const c_char, handler: Option<Handler>) -> i64 {
    let group = home().as_ref().and_then(Weak::upgrade);
    let (Some(group), Some(handler)) = (group, handler) else {
        return 0;
    };
    let name = match name.is_null() {
        true => "native port".into(),
        // SAFETY: the caller's.
        false => unsafe { CStr::from_ptr(name) }.to_string_lossy(),
    };
    let call = move |port, parcel: Parcel| parcel.with_object(|object| handler(port, object));
    native_port::open(&group, &name, Arc::new(call))
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

/// `int _apiAddress(int which)`: the table, or a function of it.
fn api_address(cx: &mut NativeCall<'_>) -> NativeResult {
    if let Some(context) = cx.host::<Context>() {
        *home() = Some(Arc::downgrade(&context.group));
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
];
