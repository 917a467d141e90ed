//! Calls and returns.
//!
//! A callee's frame lies behind the caller's; its header says where to return to, and arguments are copied from the caller's
//! slots. The functions here that are inlined into handlers call nothing, so the common path of a call needs no native
//! stack frame.

use std::sync::atomic::{AtomicU64, Ordering};

use eyot_bytecode::module::{ClassId, FunctionId, ShapeId};
use eyot_bytecode::well_known::class;

use crate::heap::Heap;
use crate::interp::dispatch::{Exit, HandlerFn, Regs, handlers};
use crate::interp::frame::Frame;
use crate::native::Raised;
use crate::object::{Header, ObjRef, keep_loop, slot};
use crate::program::entry::FunctionEntry;
use crate::program::inline_cache::{self, CHANGES_MAX, CHANGES_SHIFT, CLASS_SHIFT, KIND_SHIFT};
use crate::program::lookup::{Dispatch, NoDispatch};
use crate::value::Value;

use super::control::{code, deliver, stack_overflow, too_many_functions};

const KIND_FUNCTION: u64 = 1;
const KIND_FIELD_GET: u64 = 2;
const KIND_FIELD_GET_INT: u64 = 5;

/// Enters a function: header, arguments of the instruction at `pc`, nulls in the other tagged slots.
#[inline(always)]
unsafe fn enter(mut s: Regs, entry: *const FunctionEntry, nref: usize, nraw: usize) -> Exit {
    unsafe {
        let delta = s.c();
        let new = s.base.add(delta);
        let refs = usize::from((*entry).refs);
        if new.add((*entry).frame_words as usize) > (*s.m).stack_end {
            return s.go(stack_overflow);
        }
        s.fuel -= 1;
        if s.fuel < 0 {
            return s.go(super::control::out_of_fuel);
        }
        let args = s.pc.add(2).cast::<u16>();
        let words = 2 + (nref + nraw).div_ceil(4);
        Frame(new).set_header(s.pc.add(words), s.word(0), entry);
        clear(new, nref, refs);
        for index in 0..nref {
            *new.add(index) = s.get(usize::from(*args.add(index)));
            keep_loop();
        }
        for index in 0..nraw {
            *new.add(refs + index) = s.get(usize::from(*args.add(nref + index)));
            keep_loop();
        }
        s.base = new;
        s.pc = code(&*entry);
        s.dispatch()
    }
}

/// Nulls in the tagged slots that take no arguments. Four words at once: most functions have no more tagged locals. What is
/// written too far are raw slots, whose arguments come afterwards, or words behind the frame.
#[inline(always)]
unsafe fn clear(frame: *mut u64, from: usize, refs: usize) {
    unsafe {
        *frame.add(from) = 0;
        *frame.add(from + 1) = 0;
        *frame.add(from + 2) = 0;
        *frame.add(from + 3) = 0;
        let mut index = from + 4;
        while index < refs {
            *frame.add(index) = 0;
            index += 1;
            keep_loop();
        }
    }
}

#[inline(always)]
unsafe fn counts(s: Regs) -> (usize, usize) {
    unsafe {
        let counts = s.b();
        (counts & 0xff, counts >> 8)
    }
}

/// Behind a call that needs no frame.
#[inline(always)]
unsafe fn after_call(s: Regs) -> Exit {
    unsafe {
        let (nref, nraw) = counts(s);
        s.next(2 + (nref + nraw).div_ceil(4))
    }
}

#[inline(always)]
unsafe fn entry_of(s: Regs, id: u32) -> *const FunctionEntry {
    unsafe { (*s.m).entries.add(id as usize) }
}

/// The first tagged argument: receiver or callee.
#[inline(always)]
unsafe fn receiver(s: Regs) -> Value {
    unsafe { s.value(usize::from(*s.pc.add(2).cast::<u16>())) }
}

/// A virtual call: the inline cache decides, or [`call_v_miss`] finds out.
#[inline(always)]
unsafe fn call_virtual(s: Regs, nref: usize, nraw: usize) -> Exit {
    unsafe {
        let this = receiver(s);
        if !this.is_pointer() {
            return s.go(call_v_immediate);
        }
        let of = ObjRef::of_pointer(this).class();
        let cached = (*(*s.m).inline_caches.add(s.half(3) as usize)).load(Ordering::Acquire);
        if cached >> CLASS_SHIFT != u64::from(of.0) {
            return s.go(call_v_miss);
        }
        if cached >> KIND_SHIFT & 0xf == KIND_FUNCTION {
            return enter(s, entry_of(s, cached as u32), nref, nraw);
        }
        if cached >> KIND_SHIFT & 0xf == KIND_FIELD_GET {
            s.set(s.a(), ObjRef::of_pointer(this).word(cached as u32 as usize));
            return s.next(2 + (nref + nraw).div_ceil(4));
        }
        s.go(call_v_miss)
    }
}

/// A call of a closure: its function has the call's signature, or the inline cache names the adapter.
#[inline(always)]
unsafe fn call_closure(s: Regs, nref: usize, nraw: usize) -> Exit {
    unsafe {
        let callee = receiver(s);
        if !callee.is_pointer() {
            return s.go(call_c_slow);
        }
        let closure = ObjRef::of_pointer(callee);
        if closure.class() != class::CLOSURE {
            return s.go(call_c_slow);
        }
        let id = closure.word(slot::CLOSURE_FUNCTION) as u32;
        let entry = entry_of(s, id);
        let wanted = (*(*s.m).shape_signatures.add(s.half(2) as usize)).load(Ordering::Relaxed);
        // A function that no call has reached yet has no signature, which is that of dynamic shapes too.
        if (*entry).signature == wanted && wanted != 0 {
            return enter(s, entry, nref, nraw);
        }
        // The adapter for this function, if it was the last one here: function in the upper half, target in the lower.
        let cached = (*(*s.m).inline_caches.add(s.half(3) as usize)).load(Ordering::Acquire);
        if cached >> 32 == u64::from(id) + 1 {
            return enter(s, entry_of(s, cached as u32), nref, nraw);
        }
        s.go(call_c_slow)
    }
}

handlers! {
    fn CallS(s) {
        let (nref, nraw) = counts(s);
        enter(s, s.word(1) as *const FunctionEntry, nref, nraw)
    }

    fn CallSN<const NREF: usize, const NRAW: usize>(s) {
        enter(s, s.word(1) as *const FunctionEntry, NREF, NRAW)
    }

    fn CallV(s) {
        let (nref, nraw) = counts(s);
        call_virtual(s, nref, nraw)
    }

    fn CallVN<const NREF: usize, const NRAW: usize>(s) {
        call_virtual(s, NREF, NRAW)
    }

    /// Of two immediates (small integers, bools, null) only the same ones are equal.
    fn CallEquals(s) {
        let args = s.pc.add(2).cast::<u16>();
        let (one, other) = (s.value(usize::from(*args)), s.value(usize::from(*args.add(1))));
        if one.is_pointer() || other.is_pointer() {
            return call_virtual(s, 2, 0);
        }
        s.set_bool(s.a(), one == other);
        s.next(3)
    }

    /// Numbers, bools and null as receivers.
    fn call_v_immediate(s) {
        let of = super::tests_of_type::class_of(receiver(s));
        let cached = (*(*s.m).inline_caches.add(s.half(3) as usize)).load(Ordering::Acquire);
        if cached >> CLASS_SHIFT != u64::from(of.0) || cached >> KIND_SHIFT & 0xf != KIND_FUNCTION {
            return s.go(call_v_miss);
        }
        let (nref, nraw) = counts(s);
        enter(s, entry_of(s, cached as u32), nref, nraw)
    }

    /// Not the class of the inline cache. Where that changes no more, the worker's cache answers.
    fn call_v_miss(s) {
        let of = super::tests_of_type::class_of(receiver(s));
        match settled_target(s, of) {
            Some(entry) => {
                let (nref, nraw) = counts(s);
                enter(s, entry, nref, nraw)
            }
            None => s.go(call_v_find),
        }
    }

    #[cold]
    fn call_v_find(s) {
        s.save();
        let of = super::tests_of_type::class_of(receiver(s));
        let cache = &*(*s.m).inline_caches.add(s.half(3) as usize);
        match (*s.m).virtual_target(of, ShapeId(s.half(2))) {
            Ok(dispatch) => {
                update(cache, of.0, dispatch);
                call_dispatch(s, dispatch)
            }
            Err(NoDispatch) => s.go(too_many_functions),
        }
    }

    fn CallSuper(s) {
        s.save();
        let of = super::tests_of_type::class_of(receiver(s));
        let cache = &*(*s.m).inline_caches.add(s.half(3) as usize);
        let cached = cache.load(Ordering::Acquire);
        if cached >> CLASS_SHIFT == u64::from(of.0)
            && let Some(known) = Dispatch::unpack(cached >> KIND_SHIFT << 32 | cached & 0xffff_ffff)
        {
            return call_dispatch(s, known);
        }
        let program = (*s.m).program_ref();
        let owner = (*s.m).frame().entry().function().owner.unwrap_or(class::OBJECT);
        match program.dispatch_super(of, owner, ShapeId(s.half(2))) {
            Ok(dispatch) => {
                update(cache, of.0, dispatch);
                call_dispatch(s, dispatch)
            }
            Err(NoDispatch) => s.go(too_many_functions),
        }
    }

    fn CallC(s) {
        let (nref, nraw) = counts(s);
        call_closure(s, nref, nraw)
    }

    fn CallCN<const NREF: usize, const NRAW: usize>(s) {
        call_closure(s, NREF, NRAW)
    }

    #[cold]
    fn call_c_slow(s) {
        s.save();
        let callee = receiver(s);
        let target = (*s.m).closure_target(callee, ShapeId(s.half(2)));
        let target = target.ok().and_then(|id| (*s.m).program_ref().entry(id));
        let Some(target) = target else {
            return s.go(too_many_functions);
        };
        if let Some(closure) = ObjRef::of(callee)
            && closure.class() == class::CLOSURE
        {
            let id = closure.word(slot::CLOSURE_FUNCTION) & 0xffff_ffff;
            let cache = &*(*s.m).inline_caches.add(s.half(3) as usize);
            let word = inline_cache::closure_word(FunctionId(id as u32), target.id);
            cache.store(word, Ordering::Release);
        }
        let (nref, nraw) = counts(s);
        enter(s, target, nref, nraw)
    }

    fn RetR(s) {
        let result = s.get(s.a());
        leave(s, result)
    }

    fn RetI(s) {
        let result = s.get(s.a());
        leave(s, result)
    }

    fn RetD(s) {
        let result = s.get(s.a());
        leave(s, result)
    }

    fn RetB(s) {
        let result = s.get(s.a());
        leave(s, result)
    }

    fn RetNull(s) {
        leave(s, 0)
    }
}

/// What the worker's cache knows to enter for a class, at a site whose inline cache has changed so often that it stays.
#[inline(always)]
unsafe fn settled_target(s: Regs, of: ClassId) -> Option<*const FunctionEntry> {
    unsafe {
        let cached = (*(*s.m).inline_caches.add(s.half(3) as usize)).load(Ordering::Relaxed);
        if cached >> CHANGES_SHIFT & 0xf < CHANGES_MAX {
            return None;
        }
        let answer = (*s.m).known_target(of, ShapeId(s.half(2)));
        (answer >> 32 == KIND_FUNCTION).then(|| entry_of(s, answer as u32))
    }
}

/// The call behind an instruction whose receiver is in register b and whose field c prepared code has filled as in a call:
/// as quick as `call.v`.
#[inline(always)]
pub(super) unsafe fn unary_call(s: Regs, otherwise: HandlerFn) -> Exit {
    unsafe {
        let this = s.value(s.b());
        if !this.is_pointer() {
            return s.go(otherwise);
        }
        let of = ObjRef::of_pointer(this).class();
        let cached = (*(*s.m).inline_caches.add(s.half(3) as usize)).load(Ordering::Acquire);
        if cached >> CLASS_SHIFT == u64::from(of.0) {
            match cached >> KIND_SHIFT & 0xf {
                KIND_FUNCTION => return enter_unary(s, entry_of(s, cached as u32)),
                KIND_FIELD_GET => {
                    s.set(s.a(), ObjRef::of_pointer(this).word(cached as u32 as usize));
                    return s.next(2);
                }
                KIND_FIELD_GET_INT => {
                    let int = ObjRef::of_pointer(this).word(cached as u32 as usize) as i64;
                    let Some(small) = Value::smi(int) else {
                        return s.go(otherwise);
                    };
                    s.set_value(s.a(), small);
                    return s.next(2);
                }
                _ => return s.go(otherwise),
            }
        }
        match settled_target(s, of) {
            Some(entry) => enter_unary(s, entry),
            None => s.go(otherwise),
        }
    }
}

/// [`enter`] for [`unary_call`].
#[inline(always)]
unsafe fn enter_unary(mut s: Regs, entry: *const FunctionEntry) -> Exit {
    unsafe {
        let new = s.base.add(s.c());
        if new.add((*entry).frame_words as usize) > (*s.m).stack_end {
            return s.go(stack_overflow);
        }
        s.fuel -= 1;
        if s.fuel < 0 {
            return s.go(super::control::out_of_fuel);
        }
        Frame(new).set_header(s.pc.add(2), s.word(0), entry);
        *new = s.get(s.b());
        clear(new, 1, usize::from((*entry).refs));
        s.base = new;
        s.pc = code(&*entry);
        s.dispatch()
    }
}

/// Returns to the caller with a result.
#[inline(always)]
unsafe fn leave(mut s: Regs, result: u64) -> Exit {
    unsafe {
        let frame = Frame(s.base);
        s.pc = frame.return_pc();
        s.base = s.base.sub(frame.caller_delta());
        *s.base.add(frame.result_slot()) = result;
        s.dispatch()
    }
}

/// Does what a lookup has found for the virtual call at `pc`.
#[inline(always)]
unsafe fn call_dispatch(s: Regs, dispatch: Dispatch) -> Exit {
    unsafe {
        match dispatch {
            Dispatch::Function(id) => match (*s.m).program_ref().entry(id) {
                Some(entry) => {
                    let (nref, nraw) = counts(s);
                    enter(s, entry, nref, nraw)
                }
                None => s.go(too_many_functions),
            },
            Dispatch::FieldGetInt(word) => {
                let dst = s.a();
                match boxed_field(s, receiver(s), word) {
                    Ok(bits) => {
                        s.set(dst, bits);
                        after_call(s)
                    }
                    Err(_) => s.go(deliver),
                }
            }
            field => {
                let argument = match field {
                    Dispatch::FieldGet(_) => 0,
                    _ => s.get(usize::from(*s.pc.add(2).cast::<u16>().add(1))),
                };
                let result = access_field(s.heap(), field, receiver(s), argument);
                s.set(s.a(), result);
                after_call(s)
            }
        }
    }
}

/// Reads or writes the field that a lookup has found; immediates have none.
#[inline(never)]
unsafe fn access_field(heap: &mut Heap, dispatch: Dispatch, this: Value, argument: u64) -> u64 {
    unsafe {
        let Some(object) = ObjRef::of(this) else {
            return 0;
        };
        match dispatch {
            Dispatch::FieldGet(word) => return object.word(word.into()),
            Dispatch::FieldSet(word) => {
                // Frozen objects have no fields that can be written.
                if !object.header().has(Header::FROZEN) {
                    heap.store(object, word.into(), Value::from_bits(argument));
                }
            }
            Dispatch::FieldSetRaw(word) => object.set_word(word.into(), argument),
            Dispatch::Function(_) | Dispatch::FieldGetInt(_) => {}
        }
        0
    }
}

/// A raw int of an object, tagged. The registers are saved.
#[inline(never)]
unsafe fn boxed_field(s: Regs, this: Value, word: u16) -> Result<u64, Raised> {
    unsafe {
        let int = ObjRef::of(this).map_or(0, |object| object.word(word.into()) as i64);
        (*s.m).new_int(int).map(Value::bits)
    }
}

/// Makes the cache hold this class, unless it has changed too often.
fn update(cache: &AtomicU64, of: u32, dispatch: Dispatch) {
    let changes = cache.load(Ordering::Relaxed) >> CHANGES_SHIFT & 0xf;
    if changes >= CHANGES_MAX {
        return;
    }
    // With what it names: the entry is linked.
    cache.store(
        inline_cache::word(of, changes + 1, dispatch),
        Ordering::Release,
    );
}

/// Arguments of the virtual call behind a fast path: registers in order, tagged and raw ones apart.
#[derive(Clone, Copy)]
pub(super) struct SlowCall {
    pub(super) tagged: [u16; 2],
    pub(super) nref: usize,
    pub(super) raw: [u16; 2],
    pub(super) nraw: usize,
    /// Slot that takes the result, if the instruction defines one.
    pub(super) dst: Option<u16>,
    /// Words of the instruction.
    pub(super) words: usize,
}

/// Makes the virtual call named in word 1 of an instruction with a fast path.
#[inline(always)]
pub(super) unsafe fn slow_call(mut s: Regs, call: SlowCall) -> Exit {
    unsafe {
        s.save();
        let this = s.value(call.tagged[0].into());
        let of = super::tests_of_type::class_of(this);
        let cache = &*(*s.m).inline_caches.add(s.half(3) as usize);
        let cached = cache.load(Ordering::Relaxed);
        let known = (cached >> CLASS_SHIFT == u64::from(of.0))
            .then(|| Dispatch::unpack((cached >> KIND_SHIFT & 0xf) << 32 | cached & 0xffff_ffff))
            .flatten();
        let dispatch = match known {
            Some(known) => known,
            None => match (*s.m).virtual_target(of, ShapeId(s.half(2))) {
                Ok(dispatch) => {
                    update(cache, of.0, dispatch);
                    dispatch
                }
                Err(NoDispatch) => return s.go(too_many_functions),
            },
        };
        let caller = Frame(s.base).entry();
        let dst = call
            .dst
            .map_or(caller.frame_words as usize - 1, usize::from);
        if let Dispatch::FieldGetInt(word) = dispatch {
            return match boxed_field(s, this, word) {
                Ok(bits) => {
                    s.set(dst, bits);
                    s.next(call.words)
                }
                Err(_) => s.go(deliver),
            };
        }
        let Dispatch::Function(id) = dispatch else {
            let argument = match (dispatch, call.nraw) {
                (Dispatch::FieldGet(_), _) => 0,
                (_, 0) => s.get(call.tagged[1].into()),
                _ => s.get(call.raw[0].into()),
            };
            let result = access_field(s.heap(), dispatch, this, argument);
            s.set(dst, result);
            return s.next(call.words);
        };
        let Some(entry) = (*s.m).program_ref().entry(id) else {
            return s.go(too_many_functions);
        };
        s.fuel -= 1;
        if s.fuel < 0 {
            return s.go(super::control::out_of_fuel);
        }
        (*s.m).fuel = s.fuel;
        let frame = (*s.m).push_frame(entry, s.pc.add(call.words), dst);
        let Some(frame) = frame else {
            return s.go(stack_overflow);
        };
        for index in 0..call.nref {
            *frame.0.add(index) = s.get(call.tagged[index].into());
        }
        for index in 0..call.nraw {
            *frame.0.add(usize::from(entry.refs) + index) = s.get(call.raw[index].into());
        }
        s.reload();
        s.dispatch()
    }
}

const _: () = assert!(KIND_FUNCTION == Dispatch::Function(FunctionId(0)).pack_kind());
const _: () = assert!(KIND_FIELD_GET_INT == Dispatch::FieldGetInt(0).pack_kind());
const _: () = assert!(KIND_FIELD_GET == Dispatch::FieldGet(0).pack_kind());
