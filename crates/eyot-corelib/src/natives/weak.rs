//! Weak references and ephemerons.

use eyot_bytecode::well_known::class;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::{ObjRef, slot};

fn new_weak_reference(cx: &mut NativeCall<'_>) -> NativeResult {
    let targs = cx.targs(0);
    let reference = cx.allocate(|heap, roots| {
        let reference = heap.new_object(class::WEAK_REFERENCE, slot::WEAK_TARGET + 1, roots)?;
        // SAFETY: fresh.
        unsafe { reference.set_word(slot::LIST_TARGS, targs.0.into()) };
        Ok(reference.value())
    })?;
    let target = cx.arg(0);
    cx.set_field(reference, slot::WEAK_TARGET, target);
    cx.ret(reference)
}

fn weak_target(cx: &mut NativeCall<'_>) -> NativeResult {
    let target = cx.field(cx.arg(0), slot::WEAK_TARGET);
    cx.ret(target)
}

fn new_ephemeron(cx: &mut NativeCall<'_>) -> NativeResult {
    let entry = cx.allocate(|heap, roots| {
        let words = slot::EPHEMERON_VALUE + 1;
        Ok(heap.new_object(class::EPHEMERON, words, roots)?.value())
    })?;
    let (key, value) = (cx.arg(0), cx.arg(1));
    cx.set_field(entry, slot::EPHEMERON_KEY, key);
    cx.set_field(entry, slot::EPHEMERON_VALUE, value);
    cx.ret(entry)
}

fn ephemeron_key(cx: &mut NativeCall<'_>) -> NativeResult {
    let key = cx.field(cx.arg(0), slot::EPHEMERON_KEY);
    cx.ret(key)
}

fn ephemeron_value(cx: &mut NativeCall<'_>) -> NativeResult {
    let value = cx.field(cx.arg(0), slot::EPHEMERON_VALUE);
    cx.ret(value)
}

fn set_ephemeron_value(cx: &mut NativeCall<'_>) -> NativeResult {
    let (entry, value) = (cx.arg(0), cx.arg(1));
    cx.set_field(entry, slot::EPHEMERON_VALUE, value);
    cx.ret_null()
}

fn attach_finalizer(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as u64;
    // What is no object of the heap is never gone.
    if let Some(object) = ObjRef::of(cx.arg(0)) {
        cx.heap().attach_finalizer(object, number);
    }
    cx.ret_null()
}

fn detach_finalizer(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.int(0) as u64;
    cx.heap().detach_finalizer(number);
    cx.ret_null()
}

fn next_finalized(cx: &mut NativeCall<'_>) -> NativeResult {
    let number = cx.heap().next_finalized();
    cx.ret_int(number.map_or(-1, |number| number as i64))
}

pub const NATIVES: &[(&str, NativeFn)] = &[
    ("core/_WeakReference.new", new_weak_reference),
    ("core/_WeakReference.target", weak_target),
    ("core/_attachFinalizer", attach_finalizer),
    ("core/_detachFinalizer", detach_finalizer),
    ("core/_nextFinalized", next_finalized),
    ("core/_ephemeronNew", new_ephemeron),
    ("core/_ephemeronKey", ephemeron_key),
    ("core/_ephemeronValue", ephemeron_value),
    ("core/_ephemeronSetValue", set_ephemeron_value),
];
