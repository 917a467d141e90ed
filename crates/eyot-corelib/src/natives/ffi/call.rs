//! Calls of C functions.
//!
//! `asFunction` gives a closure whose code is the native [`call`] here: it has the parameters of the Dart function type, so integers and
//! doubles come as they are, and it captures an object of the class of the result, if that needs one, and the number of a
//! [`Target`]. Targets are those of the process: one for each address and signature, and never freed, since any isolate may
//! have a closure over it.
//!
//! A *leaf* call is one like the others, except that a callback during it is not expected and not prepared for.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::{Mutex, OnceLock, PoisonError};

use eyot_bytecode::well_known::class;
use eyot_runtime::interp::nested::NestedError;
use eyot_runtime::native::{NativeCall, NativeFn, NativeResult};
use eyot_runtime::object::slot;
use eyot_runtime::program::types::TypeArguments;
use libffi::middle::Cif;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::super::bytes::Data;
use super::signature::{Compound, Kind, Signature};
use super::{address_of_compound, address_of_pointer, set_compound, set_pointer};

/// A C function that can be called.
pub struct Target {
    function: usize,
    signature: Signature,
    cif: Cif,
    is_leaf: bool,
    /// All arguments fit into registers, which are loaded directly.
    is_direct: bool,
}

// SAFETY: nothing in it changes once it is made.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

type Targets = Mutex<FxHashMap<(usize, String, bool), &'static Target>>;

/// The target of a function, made on first use; none if its signature cannot be called.
fn target(function: usize, text: String, is_leaf: bool) -> Option<&'static Target> {
    static TARGETS: OnceLock<Targets> = OnceLock::new();
    let targets = TARGETS.get_or_init(Targets::default);
    let mut targets = targets.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (function, text, is_leaf);
    if let Some(known) = targets.get(&key) {
        return Some(known);
    }
    let signature = Signature::parse(&key.1)?;
    let cif = cif_of(&signature)?;
    let made = Box::leak(Box::new(Target {
        function,
        is_direct: direct::fits(&signature),
        signature,
        cif,
        is_leaf,
    }));
    targets.insert(key, made);
    Some(made)
}

/// How libffi is to call a function of that signature.
pub fn cif_of(signature: &Signature) -> Option<Cif> {
    let params = signature.params.iter().map(Kind::describe);
    let params: Vec<_> = params.collect::<Option<_>>()?;
    let result = signature.result.describe()?;
    match signature.fixed {
        Some(fixed) => Cif::try_new_variadic(params, fixed, result).ok(),
        None => Cif::try_new(params, result).ok(),
    }
}

/// `int _prepareCall(int address, String signature, bool isLeaf)`
fn prepare(cx: &mut NativeCall<'_>) -> NativeResult {
    let (function, is_leaf) = (cx.int(0) as usize, cx.bool(1));
    let text = cx.string(cx.arg(0)).unwrap_or_default();
    match target(function, text, is_leaf) {
        Some(target) => cx.ret_int(std::ptr::from_ref(target).expose_provenance() as i64),
        None => cx.throw_unsupported(
            "not supported yet: a packed struct or union by value in a native function",
        ),
    }
}

/// Words of the closure: what captures it, then the target.
const PROTOTYPE: usize = slot::CLOSURE_CAPTURES;
const TARGET: usize = slot::CLOSURE_CAPTURES + 1;

/// The code of closures over C functions.
fn call(cx: &mut NativeCall<'_>) -> NativeResult {
    let address = cx.field_raw(cx.arg(0), TARGET) as usize;
    // SAFETY: only analysis makes closures with this code, and they capture what `prepare` has given, which is never freed.
    let target = unsafe { &*std::ptr::with_exposed_provenance::<Target>(address) };
    let words = words_of(cx, target);
    if target.is_direct {
        let function = target.function;
        let result = during(cx, target, |_| {
            // SAFETY: the program's promise; `fits` has looked at the signature.
            unsafe { direct::call(function, &target.signature, &words) }
        });
        return finish(cx, target, &result.to_ne_bytes());
    }
    call_by_description(cx, target, words)
}

/// An argument each, as its register has it; a struct's is its address.
fn words_of(cx: &NativeCall<'_>, target: &Target) -> SmallVec<[u64; 8]> {
    // Slot 0 is the closure.
    let (mut raw, mut tagged) = (0, 1);
    let mut next_raw = || {
        raw += 1;
        raw - 1
    };
    let mut next_tagged = || {
        tagged += 1;
        tagged - 1
    };
    let params = target.signature.params.iter();
    let words = params.map(|kind| match kind {
        Kind::Int(bytes, signed) => extend(cx.int(next_raw()) as u64, *bytes, *signed),
        Kind::Bool => cx.int(next_raw()) as u64,
        Kind::Float(4) => u64::from((cx.double(next_raw()) as f32).to_bits()),
        Kind::Float(_) => cx.double(next_raw()).to_bits(),
        Kind::Pointer => address_of_pointer(cx, cx.arg(next_tagged())),
        Kind::Compound(_) => address_of_compound(cx, cx.arg(next_tagged())),
        Kind::Void => 0,
    });
    words.collect()
}

/// The low bytes of a word as a number.
pub fn extend(word: u64, bytes: u8, signed: bool) -> u64 {
    match (bytes, signed) {
        (1, true) => word as i8 as u64,
        (1, false) => u64::from(word as u8),
        (2, true) => word as i16 as u64,
        (2, false) => u64::from(word as u16),
        (4, true) => word as i32 as u64,
        (4, false) => u64::from(word as u32),
        _ => word,
    }
}

fn call_by_description(
    cx: &mut NativeCall<'_>,
    target: &Target,
    mut words: SmallVec<[u64; 8]>,
) -> NativeResult {
    let params = target.signature.params.iter();
    let mut arguments: SmallVec<[*mut c_void; 8]> = params
        .zip(&mut words)
        .map(|(kind, word)| match kind {
            Kind::Compound(_) => *word as usize as *mut c_void,
            _ => std::ptr::from_mut(word).cast(),
        })
        .collect();
    let bytes = match &target.signature.result {
        Kind::Compound(compound) => compound.buffer_bytes(),
        _ => 16,
    };
    let mut result: SmallVec<[u64; 8]> = SmallVec::from_elem(0, bytes / 8);
    let (cif, function) = (target.cif.as_raw_ptr(), target.function);
    during(cx, target, |_| {
        // SAFETY: the program's promise; the arguments are as described, and the result has room for whole registers.
        unsafe {
            let function: unsafe extern "C" fn() = std::mem::transmute(function);
            let (result, arguments) = (result.as_mut_ptr(), arguments.as_mut_ptr());
            libffi::raw::ffi_call(cif, Some(function), result.cast(), arguments);
        }
    });
    let result: Vec<u8> = result.iter().flat_map(|word| word.to_ne_bytes()).collect();
    finish(cx, target, &result)
}

/// Gives what the function has given.
fn finish(cx: &mut NativeCall<'_>, target: &Target, result: &[u8]) -> NativeResult {
    match FAILED.take() {
        None => {}
        Some(NestedError::TooDeep) => return cx.raise("_throwStackOverflow", []),
        Some(_) => return cx.throw_out_of_memory(),
    }
    let word = result
        .first_chunk()
        .map_or(0, |bytes| u64::from_ne_bytes(*bytes));
    match &target.signature.result {
        Kind::Void => cx.ret_null(),
        Kind::Int(bytes, signed) => cx.ret_int(extend(word, *bytes, *signed) as i64),
        Kind::Bool => cx.ret_bool(word as u8 != 0),
        Kind::Float(4) => cx.ret_double(f32::from_bits(word as u32).into()),
        Kind::Float(_) => cx.ret_double(f64::from_bits(word)),
        Kind::Pointer => {
            let prototype = cx.field(cx.arg(0), PROTOTYPE);
            let (of, types) = (cx.class_of(prototype), cx.type_arguments_of(prototype));
            let made = cx.new_instance(of, types)?;
            set_pointer(cx, made, word);
            cx.ret(made)
        }
        Kind::Compound(compound) => finish_compound(cx, compound, result),
    }
}

fn finish_compound(cx: &mut NativeCall<'_>, compound: &Compound, result: &[u8]) -> NativeResult {
    let data = super::callback::new_bytes(cx, result.get(..compound.bytes).unwrap_or(result))?;
    let data = cx.root(data);
    let prototype = cx.field(cx.arg(0), PROTOTYPE);
    let of = cx.class_of(prototype);
    let made = cx.new_instance(of, TypeArguments::EMPTY)?;
    let data = cx.get(data);
    let start = Data::of(data).map_or(0, |data| data.start as u64);
    set_compound(cx, made, start, data);
    debug_assert_ne!(cx.class_of(data), class::NULL);
    cx.ret(made)
}

// ---- what callbacks need

thread_local! {
    /// The native that has called C on this thread, innermost.
    static CURRENT: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
    static FAILED: Cell<Option<NestedError>> = const { Cell::new(None) };
}

/// Runs a call of C, during which callbacks find the native that it came from.
fn during<R>(
    cx: &mut NativeCall<'_>,
    target: &Target,
    work: impl FnOnce(&mut NativeCall<'_>) -> R,
) -> R {
    if target.is_leaf {
        return work(cx);
    }
    let outer = CURRENT.replace(std::ptr::from_mut(cx).cast());
    let result = work(cx);
    CURRENT.set(outer);
    result
}

/// The native that this thread's C code was called by, if it was called by one. It is the caller's for as long as the callback
/// runs.
///
/// # Safety
/// Asked in a callback, once.
pub unsafe fn current<'a>() -> Option<&'a mut NativeCall<'static>> {
    let current = CURRENT.get().cast::<NativeCall<'static>>();
    // SAFETY: set in `during`, whose caller waits for the C function and touches nothing meanwhile.
    unsafe { current.as_mut() }
}

/// A callback could not run, or ran out of memory: the call it came from throws.
pub fn fail(error: NestedError) {
    FAILED.set(Some(error));
}

/// Calls without a description. The System V convention passes integers and floats in registers of their own, whatever their
/// order, and a function looks only at those that it has parameters for. So one type of function serves all that take no more
/// than there are. It takes a third of the time of a call by libffi.
#[cfg(all(target_arch = "x86_64", unix))]
mod direct {
    use super::super::signature::{Kind, Signature};

    /// Whether a function can be called so.
    pub fn fits(signature: &Signature) -> bool {
        let is_float = |kind: &&Kind| matches!(kind, Kind::Float(_));
        let is_compound = |kind: &Kind| matches!(kind, Kind::Compound(_));
        let floats = signature.params.iter().filter(is_float).count();
        let others = signature.params.len() - floats;
        floats <= 8
            && others <= 6
            && signature.fixed.is_none()
            && !signature.params.iter().any(is_compound)
            && !is_compound(&signature.result)
    }

    type Ints =
        extern "C" fn(u64, u64, u64, u64, u64, u64, f64, f64, f64, f64, f64, f64, f64, f64) -> u64;
    type Floats =
        extern "C" fn(u64, u64, u64, u64, u64, u64, f64, f64, f64, f64, f64, f64, f64, f64) -> f64;

    /// The register that has the result.
    ///
    /// # Safety
    /// The function has the signature, and it `fits`.
    pub unsafe fn call(function: usize, signature: &Signature, words: &[u64]) -> u64 {
        let (mut i, mut ints) = (0, [0; 6]);
        let (mut f, mut floats) = (0, [0.0; 8]);
        for (kind, &word) in signature.params.iter().zip(words) {
            if matches!(kind, Kind::Float(_)) {
                floats[f] = f64::from_bits(word);
                f += 1;
            } else {
                ints[i] = word;
                i += 1;
            }
        }
        let [a, b, c, d, e, g] = ints;
        let [p, q, r, s, t, u, v, w] = floats;
        // SAFETY: the caller's; registers that the function has no parameters for are free for any use.
        unsafe {
            if matches!(signature.result, Kind::Float(_)) {
                let function: Floats = std::mem::transmute(function);
                function(a, b, c, d, e, g, p, q, r, s, t, u, v, w).to_bits()
            } else {
                let function: Ints = std::mem::transmute(function);
                function(a, b, c, d, e, g, p, q, r, s, t, u, v, w)
            }
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", unix)))]
mod direct {
    use super::super::signature::Signature;

    pub fn fits(_signature: &Signature) -> bool {
        false
    }

    /// # Safety
    /// Never called.
    pub unsafe fn call(_function: usize, _signature: &Signature, _words: &[u64]) -> u64 {
        0
    }
}

pub const NATIVES: &[(&str, NativeFn)] = &[("ffi/_prepareCall", prepare), ("ffi/_call", call)];
