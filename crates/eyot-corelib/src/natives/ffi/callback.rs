//! C functions that call Dart.
//!
//! A callback is code that libffi makes, with a description of what it does. It belongs to an isolate and goes with it at the latest.
//! A *local* one runs a Dart function at once, on top of the native that has called C; a *listener* packs its arguments and sends
//! them to a port of the isolate, from whatever thread it is called on. One of the *group* runs a Dart function at once on any thread, in
//! an isolate made for the call.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use eyot_bytecode::well_known::class;
use eyot_runtime::heap::message::{Message, Plain};
use eyot_runtime::interp::nested::NestedError;
use eyot_runtime::isolate::{Context, Event, Isolate, Template, call_detached};
use eyot_runtime::native::{Kept, NativeCall, NativeFn, NativeResult, Raised, Root};
use eyot_runtime::object;
use eyot_runtime::port::{IsolateId, PortId};
use eyot_runtime::sched::Scheduler;
use eyot_runtime::value::Value;
use libffi::low::{self, ffi_cif, ffi_closure};
use libffi::middle::Cif;

use super::super::bytes::{Data, DataMut};
use super::address_of_compound;
use super::call::{self, cif_of, extend};
use super::signature::{Kind, Signature};

/// What a callback does.
enum Target {
    /// Calls a closure that its isolate keeps; what it gives if that throws.
    Local(Kept, ResultWord),
    /// Sends to a port.
    Listener(Scheduler<Isolate>, PortId),
    /// Calls a copy of a closure; what it gives if that throws.
    Group(Mutex<Template>, ResultWord),
}

/// A result as C gets it.
type ResultWord = [u8; 8];

/// A C function, with all that its code needs.
struct Callback {
    isolate: IsolateId,
    signature: Signature,
    /// The code refers to it.
    _cif: Cif,
    closure: *mut ffi_closure,
    code: *mut c_void,
    target: Target,
}

// SAFETY: nothing in it changes once it is made, and libffi's parts are not tied to a thread.
unsafe impl Send for Callback {}
// SAFETY: as above.
unsafe impl Sync for Callback {}

impl Drop for Callback {
    fn drop(&mut self) {
        // SAFETY: made with the callback, and nobody calls it any more: the program's promise.
        unsafe { low::closure_free(self.closure) };
    }
}

/// The callbacks of an isolate, by number from 1 on.
#[derive(Default)]
struct Callbacks(Vec<Option<Arc<Callback>>>);

fn callbacks<'c>(cx: &'c mut NativeCall<'_>) -> Option<&'c mut Callbacks> {
    cx.host::<Context>().map(Context::resource)
}

/// `int _newCallback(String signature, Function adapter, Object? exceptionalReturn, SendPort? port, bool isGroups)`
fn new(cx: &mut NativeCall<'_>) -> NativeResult {
    let text = cx.string(cx.arg(0)).unwrap_or_default();
    let described = Signature::parse(&text).and_then(|signature| {
        let cif = cif_of(&signature)?;
        Some((signature, cif))
    });
    let Some((signature, cif)) = described else {
        return cx.throw_unsupported(
            "not supported yet: a packed struct or union by value in a native function",
        );
    };
    let isolate_target = match cx.bool(0) {
        true => match group_target(cx, &signature)? {
            Some(target) => Some(target),
            None => {
                let closure = cx.arg(1);
                let what = "can change, or captures what can change, so that the isolates of the group cannot share it";
                return cx.throw_argument(closure, "callback", what);
            }
        },
        false => target(cx, &signature),
    };
    let Some(target) = isolate_target else {
        return cx.throw_argument_message("a callback needs an isolate");
    };
    let Some((closure, code)) = low::try_closure_alloc() else {
        return cx.throw_out_of_memory();
    };
    let isolate = cx.host::<Context>().map(|context| context.id());
    let callback = Arc::new(Callback {
        isolate: isolate.unwrap_or(IsolateId::from_bits(0)),
        signature,
        closure,
        code: code.as_mut_ptr(),
        target,
        _cif: cif,
    });
    // SAFETY: the description and the callback live as long as the code: the callback owns it.
    let prepared = unsafe {
        let cif = callback._cif.as_raw_ptr();
        low::prep_closure::<Callback, c_void>(closure, cif, enter, Arc::as_ptr(&callback), code)
    };
    if prepared.is_err() {
        return cx.throw_unsupported("not supported yet: a callback of this signature");
    }
    let number = callbacks(cx).map_or(0, |callbacks| {
        callbacks.0.push(Some(callback));
        callbacks.0.len() as i64
    });
    cx.ret_int(number)
}

fn target(cx: &mut NativeCall<'_>, signature: &Signature) -> Option<Target> {
    let port = cx.arg(3);
    if port.is_null() {
        let otherwise = result_bytes(cx, signature, cx.arg(2));
        let kept = cx.keep(cx.arg(1));
        return Some(Target::Local(kept, otherwise));
    }
    if cx.class_of(port) != class::SEND_PORT {
        return None;
    }
    let port = PortId {
        isolate: IsolateId::from_bits(cx.field_raw(port, 1)),
        number: cx.field_raw(port, 2),
    };
    let scheduler = cx.host::<Context>()?.group.scheduler.clone();
    Some(Target::Listener(scheduler, port))
}

/// None if the closure can change.
fn group_target(cx: &mut NativeCall<'_>, signature: &Signature) -> Result<Option<Target>, Raised> {
    let closure = cx.arg(1);
    let otherwise = result_bytes(cx, signature, cx.arg(2));
    let group = cx.host::<Context>().map(|context| context.group.clone());
    if !cx.heap().is_deeply_immutable(closure) {
        return Ok(None);
    }
    let message = cx.heap().copy_message(closure).ok();
    let template = group
        .zip(message)
        .and_then(|(group, message)| Template::new(&group, message));
    match template {
        Some(template) => Ok(Some(Target::Group(Mutex::new(template), otherwise))),
        None => cx.throw_out_of_memory().map(|_| None),
    }
}

/// A number (or bool) that Dart code gives, as C gets it: libffi wants small integers widened to a register.
fn result_bytes(cx: &NativeCall<'_>, signature: &Signature, value: Value) -> ResultWord {
    match signature.result {
        Kind::Compound(_) if !value.is_null() => address_of_compound(cx, value).to_ne_bytes(),
        _ => number_bytes(&signature.result, value),
    }
}

fn number_bytes(kind: &Kind, value: Value) -> ResultWord {
    let int = object::as_int(value).unwrap_or(i64::from(value == Value::TRUE)) as u64;
    let double = object::as_double(value).unwrap_or(int as i64 as f64);
    let word = match *kind {
        Kind::Int(bytes, signed) => extend(int, bytes, signed),
        Kind::Bool => u64::from(int as u8 != 0),
        Kind::Float(4) => u64::from((double as f32).to_bits()),
        Kind::Float(_) => double.to_bits(),
        Kind::Pointer => int,
        Kind::Compound(_) | Kind::Void => 0,
    };
    word.to_ne_bytes()
}

/// The callback of that number.
fn callback(cx: &mut NativeCall<'_>) -> Option<Arc<Callback>> {
    let index = usize::try_from(cx.int(0)).ok()?.checked_sub(1)?;
    callbacks(cx)?.0.get(index)?.clone()
}

/// `int _callbackAddress(int callback)`
fn address(cx: &mut NativeCall<'_>) -> NativeResult {
    let code = callback(cx).map_or(0, |callback| callback.code as i64);
    cx.ret_int(code)
}

/// `void _closeCallback(int callback)`
fn close(cx: &mut NativeCall<'_>) -> NativeResult {
    if let Some(callback) = callback(cx) {
        if let Target::Local(kept, _) = callback.target {
            cx.release(kept);
        }
        let index = cx.int(0) as usize - 1;
        let place = callbacks(cx).and_then(|callbacks| callbacks.0.get_mut(index));
        drop(place.map(Option::take));
    }
    cx.ret_null()
}

// ---- called by C

/// What the code made by libffi runs.
unsafe extern "C" fn enter(
    _cif: &ffi_cif,
    result: &mut c_void,
    arguments: *const *const c_void,
    callback: &Callback,
) {
    // The function may close its own callback.
    // SAFETY: the callback came from an Arc, which its isolate holds while it can be called.
    let callback = unsafe {
        Arc::increment_strong_count(callback);
        Arc::from_raw(std::ptr::from_ref(callback))
    };
    let result = std::ptr::from_mut(result);
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        // SAFETY: libffi gives a place for each parameter, and one for the result, as described.
        unsafe { run(&callback, arguments, result) }
    }));
    if ran.is_err() {
        // Unwinding cannot pass C, and nothing can be told to it.
        std::process::abort();
    }
}

/// # Safety
/// Called by libffi for this callback.
unsafe fn run(callback: &Callback, arguments: *const *const c_void, result: *mut c_void) {
    // SAFETY: as many arguments as parameters, each as described.
    let packed = unsafe { Packed::new(&callback.signature, arguments) };
    match &callback.target {
        Target::Listener(scheduler, port) => packed.send(scheduler, *port),
        Target::Local(kept, otherwise) => {
            // SAFETY: asked once.
            let current = unsafe { call::current() };
            let Some(cx) = current.and_then(|cx| inside(cx, callback)) else {
                eprintln!("Cannot invoke native callback outside an isolate.");
                std::process::abort();
            };
            let given = run_local(cx, callback, *kept, packed, *otherwise);
            // SAFETY: the place has room for a register, or for the struct.
            unsafe { write_result(callback, given, result) };
        }
        Target::Group(closure, otherwise) => {
            let given = run_in_group(callback, closure, packed);
            let given = given.unwrap_or(Given::Word(*otherwise));
            // SAFETY: as above.
            unsafe { write_result(callback, given, result) };
        }
    }
}

/// A call that no isolate of the program's has; none if it throws.
fn run_in_group(callback: &Callback, closure: &Mutex<Template>, packed: Packed) -> Option<Given> {
    let (group, closure) = {
        let mut template = closure.lock().unwrap_or_else(PoisonError::into_inner);
        (template.group(), template.message()?)
    };
    let arguments = packed.0.into_iter().map(|argument| match argument {
        Argument::Int(int) => Plain::Int(int),
        Argument::Double(double) => Plain::Double(double),
        Argument::Bytes(bytes) => Plain::Bytes(bytes),
    });
    let arguments = Message::of_plain(Plain::List(arguments.collect()));
    call_detached(&group, closure, arguments, |value| {
        match &callback.signature.result {
            // The bytes, as typed data.
            Kind::Compound(compound) => {
                let bytes = Data::of(value).filter(|data| data.byte_length() >= compound.bytes);
                // SAFETY: the object lives until this returns, and nothing of its isolate runs.
                let bytes = bytes.map(|data| unsafe { data.bytes() }[..compound.bytes].to_vec());
                Given::Bytes(bytes.unwrap_or_else(|| vec![0; compound.bytes]))
            }
            kind => Given::Word(number_bytes(kind, value)),
        }
    })
}

/// The call, if it is one of the callback's isolate.
fn inside<'a>(
    cx: &'a mut NativeCall<'static>,
    callback: &Callback,
) -> Option<&'a mut NativeCall<'static>> {
    let isolate = cx.host::<Context>().map(|context| context.id());
    (isolate == Some(callback.isolate)).then_some(cx)
}

/// What a Dart function has given.
enum Given {
    Word(ResultWord),
    Bytes(Vec<u8>),
}

fn run_local(
    cx: &mut NativeCall<'_>,
    callback: &Callback,
    kept: Kept,
    packed: Packed,
    otherwise: ResultWord,
) -> Given {
    let closure = cx.kept(kept);
    let closure = cx.root(closure);
    let answer = match packed.values(cx) {
        Ok(arguments) => cx.call_nested(closure, &arguments),
        Err(_) => Err(NestedError::OutOfMemory),
    };
    match answer {
        Ok(value) => match &callback.signature.result {
            Kind::Compound(compound) if !value.is_null() => {
                let from = address_of_compound(cx, value) as usize as *const u8;
                // SAFETY: the bytes of an object that the program has given.
                let bytes = unsafe { std::slice::from_raw_parts(from, compound.bytes) };
                Given::Bytes(bytes.to_vec())
            }
            _ => Given::Word(result_bytes(cx, &callback.signature, value)),
        },
        Err(NestedError::Thrown) => Given::Word(otherwise),
        Err(error) => {
            call::fail(error);
            Given::Word(otherwise)
        }
    }
}

/// # Safety
/// The place has room for a register, or for the struct that is the result.
unsafe fn write_result(callback: &Callback, given: Given, result: *mut c_void) {
    // SAFETY: the caller's.
    unsafe {
        match (given, &callback.signature.result) {
            (_, Kind::Void) => {}
            (Given::Bytes(bytes), _) => {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), result.cast(), bytes.len());
            }
            (Given::Word(_), Kind::Compound(compound)) => {
                std::ptr::write_bytes(result.cast::<u8>(), 0, compound.bytes);
            }
            (Given::Word(word), _) => {
                std::ptr::copy_nonoverlapping(word.as_ptr(), result.cast(), word.len());
            }
        }
    }
}

/// The arguments of a call, taken out of C's frame.
struct Packed(Vec<Argument>);

enum Argument {
    Int(i64),
    Double(f64),
    Bytes(Vec<u8>),
}

impl Packed {
    /// # Safety
    /// As many places as parameters, each as described.
    unsafe fn new(signature: &Signature, arguments: *const *const c_void) -> Packed {
        let params = signature.params.iter().enumerate();
        let taken = params.map(|(index, kind)| {
            // SAFETY: the caller's.
            unsafe {
                let place = *arguments.add(index);
                let int = |bytes: u8, signed| {
                    let mut word = [0u8; 8];
                    let bytes_count = usize::from(bytes);
                    let to = word.as_mut_ptr();
                    std::ptr::copy_nonoverlapping(place.cast::<u8>(), to, bytes_count);
                    extend(u64::from_le_bytes(word), bytes, signed) as i64
                };
                match kind {
                    Kind::Int(bytes, signed) => Argument::Int(int(*bytes, *signed)),
                    Kind::Bool => Argument::Int(int(1, false)),
                    Kind::Pointer => Argument::Int(int(8, true)),
                    Kind::Float(4) => Argument::Double(place.cast::<f32>().read().into()),
                    Kind::Float(_) => Argument::Double(place.cast::<f64>().read()),
                    Kind::Compound(compound) => Argument::Bytes(
                        std::slice::from_raw_parts(place.cast(), compound.bytes).to_vec(),
                    ),
                    Kind::Void => Argument::Int(0),
                }
            }
        });
        Packed(taken.collect())
    }

    /// The arguments as values: numbers, and the bytes of structs.
    fn values(self, cx: &mut NativeCall<'_>) -> Result<Vec<Root>, Raised> {
        let mut roots = Vec::with_capacity(self.0.len());
        for argument in self.0 {
            let value = match argument {
                Argument::Int(int) => cx.new_int(int)?,
                Argument::Double(double) => cx.new_double(double)?,
                Argument::Bytes(bytes) => new_bytes(cx, &bytes)?,
            };
            roots.push(cx.root(value));
        }
        Ok(roots)
    }

    /// Sends the arguments' address; whoever gets it takes them over.
    fn send(self, scheduler: &Scheduler<Isolate>, port: PortId) {
        let address = Box::into_raw(Box::new(self));
        let event = Event::Message {
            port: port.number,
            message: Message::Int(address.expose_provenance() as i64),
        };
        if scheduler.send(port.isolate, event).is_err() {
            // SAFETY: nobody has got it.
            drop(unsafe { Box::from_raw(address) });
        }
    }
}

/// `List<Object?> _takeArguments(int message)`
fn take_arguments(cx: &mut NativeCall<'_>) -> NativeResult {
    let address = cx.int(0) as usize;
    // SAFETY: the address came to a port that only `send` has the number of, once.
    let packed = unsafe { Box::from_raw(std::ptr::with_exposed_provenance_mut::<Packed>(address)) };
    let arguments = packed.values(cx)?;
    let list = cx.new_list(
        eyot_runtime::program::types::TypeArguments::EMPTY,
        arguments.len(),
    )?;
    for (index, &argument) in arguments.iter().enumerate() {
        let value = cx.get(argument);
        cx.list_set(list, index, value);
    }
    cx.ret(list)
}

/// A `Uint8List` of these bytes.
pub fn new_bytes(cx: &mut NativeCall<'_>, from: &[u8]) -> Result<Value, Raised> {
    let made = cx.allocate(|heap, roots| {
        heap.new_typed_data(class::UINT8_LIST, from.len(), from.len(), roots)
    })?;
    if let Some(data) = Data::of(made.value()).map(DataMut::of_fresh) {
        // SAFETY: fresh, and of this length.
        unsafe { std::ptr::copy_nonoverlapping(from.as_ptr(), data.start(), from.len()) };
    }
    Ok(made.value())
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("ffi/_newCallback", new),
    ("ffi/_callbackAddress", address),
    ("ffi/_closeCallback", close),
    ("ffi/_takeArguments", take_arguments),
];
