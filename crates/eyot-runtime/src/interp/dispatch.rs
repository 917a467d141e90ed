//! From one instruction to the next.
//!
//! Each opcode has a handler; the interpreter's registers travel in the handlers' arguments, and a handler ends by calling
//! the next one through a table. In optimised builds the compiler turns these calls into jumps (sibling calls: equal
//! signatures, and nothing left to do behind them), so the native stack does not grow. The tests measure that; should it
//! grow all the same, the machine notices when fuel runs out and starts the run of handlers anew. Measured against one loop with a `match` of eight opcodes both take the same time (fib(39) in
//! 1.3 s); with all opcodes the separate handlers keep their registers where the one loop spills them.
//!
//! Builds that do not make sibling calls (unoptimised, or instrumented by a sanitizer) return to a loop after every
//! handler instead: `cfg(eyot_threaded)`, set by the build script, chooses.
//!
//! # Rules for handlers
//!
//! - A handler holds nothing that must be dropped when it ends, and no reference into the frame across a safepoint.
//! - What is rare (errors, slow paths, collections) is a handler of its own, entered by [`Regs::go`]: the common
//!   path then needs no stack frame.
//! - Before anything that may collect, throw or look at the stack, [`Regs::save`]; afterwards [`Regs::reload`].

use eyot_bytecode::Op;

use super::machine::Machine;
use crate::heap::Heap;
use crate::value::Value;

/// How a run of handlers ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Exit {
    /// Not at all: the loop goes on with the saved registers.
    Continue,
    /// The bottom frame has the result.
    Finished,
    /// Nobody catches the exception in the machine.
    Uncaught,
    /// The slice is over.
    Yielded,
    /// A native has suspended the isolate.
    Pending,
    /// The program damaged itself beyond what can be reported in Dart.
    Fatal,
}

/// The interpreter's registers.
#[derive(Clone, Copy)]
pub(crate) struct Regs {
    /// The instruction.
    pub(crate) pc: *const u64,
    /// Slot 0 of the frame.
    pub(crate) base: *mut u64,
    pub(crate) m: *mut Machine,
    pub(crate) table: *const Handler,
    /// Calls and backward jumps left before the clock is asked.
    pub(crate) fuel: i64,
}

/// A handler. The C convention passes all five registers in machine registers.
pub(crate) type HandlerFn =
    unsafe extern "C-unwind" fn(*const u64, *mut u64, *mut Machine, *const Handler, i64) -> Exit;

/// A place in the table.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Handler(pub(crate) HandlerFn);

/// Defines handlers: `fn Name(s) { … }` with `s: Regs`, whose body is unsafe and gives an [`Exit`].
macro_rules! handlers {
    ($($(#[$m:meta])* fn $name:ident $(<$(const $g:ident: $gt:ty),*>)? ($s:ident) $body:block)*) => { $(
        $(#[$m])*
        // A slow path inlined into a handler would give the common path a stack frame.
        #[inline(never)]
        #[allow(non_snake_case, unused_mut)]
        pub(crate) unsafe extern "C-unwind" fn $name $(<$(const $g: $gt),*>)? (
            pc: *const u64,
            base: *mut u64,
            m: *mut $crate::interp::machine::Machine,
            table: *const $crate::interp::dispatch::Handler,
            fuel: i64,
        ) -> $crate::interp::dispatch::Exit {
            let mut $s = $crate::interp::dispatch::Regs { pc, base, m, table, fuel };
            // SAFETY: handlers are entered with the registers of a running machine at verified code; each keeps
            // to the rules above.
            unsafe { $body }
        }
    )* };
}
pub(crate) use handlers;

impl Regs {
    /// Goes on with the instruction at `pc`.
    #[cfg(eyot_threaded)]
    #[inline(always)]
    pub(crate) unsafe fn dispatch(self) -> Exit {
        // SAFETY: the opcode of verified code is in the table.
        unsafe {
            let handler = *self.table.add(usize::from(*self.pc.cast::<u16>()));
            (handler.0)(self.pc, self.base, self.m, self.table, self.fuel)
        }
    }

    /// Goes on with the instruction at `pc`.
    #[cfg(not(eyot_threaded))]
    #[inline(always)]
    pub(crate) unsafe fn dispatch(self) -> Exit {
        // SAFETY: the machine is live.
        unsafe { self.save() };
        Exit::Continue
    }

    /// Goes on `words` behind this instruction.
    #[inline(always)]
    pub(crate) unsafe fn next(mut self, words: usize) -> Exit {
        // SAFETY: verified code does not end there.
        unsafe {
            self.pc = self.pc.add(words);
            self.dispatch()
        }
    }

    /// Jumps; a jump backwards costs fuel.
    #[inline(always)]
    pub(crate) unsafe fn jump(mut self, words: isize) -> Exit {
        // SAFETY: the verifier has checked the target.
        unsafe {
            if words <= 0 {
                self.fuel -= 1;
                if self.fuel < 0 {
                    return self.go(super::ops::control::out_of_fuel);
                }
            }
            self.pc = self.pc.offset(words);
            self.dispatch()
        }
    }

    /// Continues in another handler at the same instruction.
    #[inline(always)]
    pub(crate) unsafe fn go(self, handler: HandlerFn) -> Exit {
        // SAFETY: the same registers.
        unsafe { handler(self.pc, self.base, self.m, self.table, self.fuel) }
    }

    /// Writes the registers to the machine.
    #[inline(always)]
    pub(crate) unsafe fn save(self) {
        // SAFETY: the machine is live, and handlers are the only ones to touch it.
        unsafe {
            (*self.m).pc = self.pc;
            (*self.m).base = self.base;
            (*self.m).fuel = self.fuel;
        }
    }

    /// The machine's registers.
    #[inline(always)]
    pub(crate) unsafe fn reload(&mut self) {
        // SAFETY: as above.
        unsafe {
            self.pc = (*self.m).pc;
            self.base = (*self.m).base;
            self.fuel = (*self.m).fuel;
        }
    }

    // ---- fields of the instruction

    #[inline(always)]
    unsafe fn field(self, index: usize) -> usize {
        // SAFETY: inside the instruction's first word.
        unsafe { usize::from(*self.pc.cast::<u16>().add(index)) }
    }

    #[inline(always)]
    pub(crate) unsafe fn a(self) -> usize {
        // SAFETY: see `field`.
        unsafe { self.field(1) }
    }

    #[inline(always)]
    pub(crate) unsafe fn b(self) -> usize {
        // SAFETY: see `field`.
        unsafe { self.field(2) }
    }

    #[inline(always)]
    pub(crate) unsafe fn c(self) -> usize {
        // SAFETY: see `field`.
        unsafe { self.field(3) }
    }

    /// Field b as a signed number.
    #[inline(always)]
    pub(crate) unsafe fn b_imm(self) -> i64 {
        // SAFETY: see `field`.
        unsafe { i64::from(*self.pc.cast::<i16>().add(2)) }
    }

    /// Field c as a signed number.
    #[inline(always)]
    pub(crate) unsafe fn c_imm(self) -> i64 {
        // SAFETY: see `field`.
        unsafe { i64::from(*self.pc.cast::<i16>().add(3)) }
    }

    /// Fields b and c together.
    #[inline(always)]
    pub(crate) unsafe fn wide(self) -> i32 {
        // SAFETY: see `field`.
        unsafe { *self.pc.cast::<i32>().add(1) }
    }

    /// Word `index` of the instruction.
    #[inline(always)]
    pub(crate) unsafe fn word(self, index: usize) -> u64 {
        // SAFETY: verified code has the extension words its opcodes ask for.
        unsafe { *self.pc.add(index) }
    }

    /// Half `index` of the extension words: 2 and 3 are the two of word 1.
    #[inline(always)]
    pub(crate) unsafe fn half(self, index: usize) -> u32 {
        // SAFETY: as above.
        unsafe { *self.pc.cast::<u32>().add(index) }
    }

    // ---- slots

    #[inline(always)]
    pub(crate) unsafe fn get(self, slot: usize) -> u64 {
        // SAFETY: verified code names slots of its frame.
        unsafe { *self.base.add(slot) }
    }

    #[inline(always)]
    pub(crate) unsafe fn set(self, slot: usize, bits: u64) {
        // SAFETY: as above.
        unsafe { *self.base.add(slot) = bits }
    }

    #[inline(always)]
    pub(crate) unsafe fn value(self, slot: usize) -> Value {
        // SAFETY: as above; the slot is a tagged one.
        unsafe { Value::from_bits(self.get(slot)) }
    }

    #[inline(always)]
    pub(crate) unsafe fn int(self, slot: usize) -> i64 {
        // SAFETY: as above.
        unsafe { self.get(slot) as i64 }
    }

    #[inline(always)]
    pub(crate) unsafe fn double(self, slot: usize) -> f64 {
        // SAFETY: as above.
        unsafe { f64::from_bits(self.get(slot)) }
    }

    #[inline(always)]
    pub(crate) unsafe fn set_double(self, slot: usize, value: f64) {
        // SAFETY: as above.
        unsafe { self.set(slot, value.to_bits()) }
    }

    #[inline(always)]
    pub(crate) unsafe fn set_bool(self, slot: usize, value: bool) {
        // SAFETY: as above.
        unsafe { self.set(slot, u64::from(value)) }
    }

    #[inline(always)]
    pub(crate) unsafe fn set_value(self, slot: usize, value: Value) {
        // SAFETY: as above.
        unsafe { self.set(slot, value.bits()) }
    }

    /// The heap of the isolate that runs.
    #[inline(always)]
    pub(crate) unsafe fn heap<'a>(self) -> &'a mut Heap {
        // SAFETY: a running machine has an isolate; no other reference to its heap is alive inside a handler.
        unsafe { &mut *(*self.m).heap }
    }
}

/// Opcodes that occur in prepared code only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum InternalOp {
    /// Code of a function that was not called yet.
    Prepare = Op::ALL.len() as u16,
    /// Code of an abstract function.
    NoCode,
    /// Code of a native with a tagged result.
    NativeR,
    /// Code of a native with a raw result.
    NativeW,
    /// Behind [`InternalOp::NativeR`]: returns the result of a tail call.
    NativeRetR,
    /// Behind [`InternalOp::NativeW`]: unboxes and returns the result of a tail call.
    NativeRetW,
    /// Where the bottom frame's call returns to.
    Halt,
    /// `new` of a suspension, sized for the frame.
    NewSuspension,
    /// Code of the native that resumes a suspended frame.
    ResumeFrame,
    /// `call.v` of `==` with a raw result.
    CallEquals,
    /// `call.s` of a function that only reads a field: three words, the receiver in field b, the field's word in c.
    GetField,
    /// `call.s` by numbers of tagged and raw arguments: 00, 01, 02, 10, 11, 12, 20, 21, 22.
    CallS00,
    /// `call.v` in the same way: 10, 11, 12, 20, 21, 22, 30, 31, 32.
    CallV10 = InternalOp::CallS00 as u16 + 9,
    /// `call.c`, too.
    CallC10 = InternalOp::CallV10 as u16 + 9,
}

/// Number of opcodes, internal ones included.
pub(crate) const OPS: usize = InternalOp::CallC10 as usize + 9;

impl InternalOp {
    /// The opcode of a call with so few arguments that it has one of its own.
    pub(crate) fn call(op: Op, nref: u16, nraw: u16) -> Option<u16> {
        let (first, least) = match op {
            Op::CallS => (InternalOp::CallS00, 0),
            Op::CallV => (InternalOp::CallV10, 1),
            Op::CallC => (InternalOp::CallC10, 1),
            _ => return None,
        };
        let nref = nref.checked_sub(least)?;
        (nref <= 2 && nraw <= 2).then_some(first as u16 + nref * 3 + nraw)
    }
}

/// Code that consists of internal opcodes alone.
static STUBS: [u64; 8] = [
    InternalOp::Prepare as u64,
    InternalOp::NoCode as u64,
    InternalOp::NativeR as u64,
    InternalOp::NativeRetR as u64,
    InternalOp::NativeW as u64,
    InternalOp::NativeRetW as u64,
    InternalOp::Halt as u64,
    InternalOp::ResumeFrame as u64,
];

/// The code that starts with an internal opcode.
pub(crate) fn stub(op: InternalOp) -> *const u64 {
    let index = match op {
        InternalOp::Prepare => 0,
        InternalOp::NativeR => 2,
        InternalOp::NativeW => 4,
        InternalOp::Halt => 6,
        InternalOp::ResumeFrame => 7,
        _ => 1,
    };
    &raw const STUBS[index]
}
