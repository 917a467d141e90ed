//! Suspension of one frame: `async`, `async*` and `sync*` functions copy their frame into a heap object and go on later.
//!
//! A suspension holds the frame's tagged slots, then one word (function in the lower half, word of its code in the upper), then
//! the raw slots. It is made for the frame it serves, so it always has room.

use eyot_bytecode::module::FunctionId;
use eyot_bytecode::well_known::class;

use crate::heap::Heap;
use crate::interp::dispatch::{Exit, InternalOp, handlers, stub};
use crate::interp::frame::Frame;
use crate::interp::machine::{Machine, TailCall};
use crate::native::{NativeCall, NativeResult, Return};
use crate::object::{ObjRef, keep_loop, slot};
use crate::program::entry::FunctionEntry;
use crate::value::Value;

use super::control::{code, deliver, proceed, raise};

/// A suspension with its parts found.
struct Suspension {
    object: ObjRef,
    refs: usize,
    raws: usize,
}

impl Suspension {
    /// # Safety
    /// No safepoint passes while it is used.
    unsafe fn of(value: Value) -> Option<Suspension> {
        // SAFETY: the invariant of Value; the layout of suspensions.
        unsafe {
            let object = ObjRef::of(value)?;
            if object.class() != class::SUSPENSION {
                return None;
            }
            let counts = object.word(slot::SUSPENSION_COUNTS);
            let raws = ((counts >> 32) as usize).checked_sub(1)?;
            Some(Suspension {
                object,
                refs: counts as u32 as usize,
                raws,
            })
        }
    }

    fn place_word(&self) -> usize {
        slot::SUSPENSION_SLOTS + self.refs
    }

    /// Whether it has room for frames of this function.
    fn fits(&self, entry: &FunctionEntry) -> bool {
        self.refs == usize::from(entry.refs) && self.raws == usize::from(entry.raws)
    }
}

handlers! {
    fn NewSuspension(s) {
        s.save();
        let entry = Frame(s.base).entry();
        let (refs, raws) = (u32::from(entry.refs), u32::from(entry.raws) + 1);
        match (*s.m).allocate_with(|heap: &mut Heap, roots| heap.new_suspension(refs, raws, roots)) {
            Ok(made) => {
                s.set_value(s.a(), made.value());
                s.next(1)
            }
            Err(_) => s.go(deliver),
        }
    }

    fn Suspend(s) {
        let entry = Frame(s.base).entry();
        let suspension = match Suspension::of(s.value(s.a())) {
            Some(suspension) if suspension.fits(entry) => suspension,
            _ => return s.go(cannot_save),
        };
        let object = suspension.object;
        let first = object.as_ptr().add(slot::SUSPENSION_SLOTS);
        copy_slots(s.base, first, suspension.refs);
        forget_slots(first, suspension.refs, *s.pc.add(1));
        let target = s.pc.offset(s.wide() as isize);
        let at = entry.word_index(target).unwrap_or(0);
        object.set_word(suspension.place_word(), u64::from(entry.id.0) | u64::from(at) << 32);
        copy_slots(
            s.base.add(suspension.refs),
            first.add(suspension.refs + 1),
            suspension.raws,
        );
        s.heap().write_barrier_all(object);
        s.next(2)
    }

    #[cold]
    fn cannot_save(s) {
        raise(s, "_throwStateError", ["a frame cannot be saved here".into()])
    }

    /// Code of `_resume`, whose frame the saved one replaces. What goes wrong is left to the native.
    fn ResumeFrame(s) {
        let m = &mut *s.m;
        match m.saved_frame(s.value(0)) {
            Some(saved) if s.base.add(saved.entry.frame_words as usize) <= m.stack_end => {
                m.resumed = s.value(1);
                saved.restore(s.base);
                s.pc = saved.pc();
                s.dispatch()
            }
            _ => s.go(super::control::NativeR),
        }
    }

    fn Resumed(s) {
        let m = &mut *s.m;
        let value = std::mem::replace(&mut m.resumed, Value::NULL);
        match m.resumed_trace.take() {
            None => {
                s.set_value(s.a(), value);
                s.next(1)
            }
            Some(trace) => {
                s.save();
                let result = m.throw(value, Some(trace).filter(|trace| !trace.is_null()));
                proceed(s, result)
            }
        }
    }
}

/// Copies slots of a frame. Most frames have few: a call of `memcpy` takes longer.
#[inline(always)]
unsafe fn copy_slots(from: *const u64, to: *mut u64, count: usize) {
    unsafe {
        let mut index = 0;
        while index + 4 <= count {
            to.add(index)
                .cast::<[u64; 4]>()
                .write_unaligned(from.add(index).cast::<[u64; 4]>().read_unaligned());
            index += 4;
            keep_loop();
        }
        while index < count {
            *to.add(index) = *from.add(index);
            index += 1;
            keep_loop();
        }
    }
}

/// Null in the slots of these bits.
#[inline(always)]
unsafe fn forget_slots(slots: *mut u64, count: usize, bits: u64) {
    unsafe {
        // Beyond the slots are no tagged words.
        let mut bits = if count < 64 {
            bits & ((1 << count) - 1)
        } else {
            bits
        };
        while bits != 0 {
            *slots.add(bits.trailing_zeros() as usize) = Value::NULL.bits();
            bits &= bits - 1;
            keep_loop();
        }
    }
}

/// A suspension whose frame can go on.
struct SavedFrame<'a> {
    saved: Suspension,
    /// Function in the lower half, word of its code in the upper.
    place: u64,
    entry: &'a FunctionEntry,
}

impl SavedFrame<'_> {
    /// Writes the frame in place of the one at `frame`, but for the header's return address.
    ///
    /// # Safety
    /// There is room, and the suspension has not moved.
    #[inline(always)]
    unsafe fn restore(&self, frame: *mut u64) {
        // SAFETY: the caller's.
        unsafe {
            let first = self.saved.object.as_ptr().add(slot::SUSPENSION_SLOTS);
            *frame.sub(1) = std::ptr::from_ref(self.entry) as u64;
            copy_slots(first, frame, self.saved.refs);
            copy_slots(
                first.add(self.saved.refs + 1),
                frame.add(self.saved.refs),
                self.saved.raws,
            );
        }
    }

    #[inline(always)]
    fn pc(&self) -> *const u64 {
        code(self.entry).wrapping_add((self.place >> 32) as usize)
    }
}

impl Machine {
    /// # Safety
    /// No safepoint passes while it is used.
    #[inline(always)]
    unsafe fn saved_frame<'a>(&self, suspension: Value) -> Option<SavedFrame<'a>> {
        // SAFETY: the caller's.
        unsafe {
            let saved = Suspension::of(suspension)?;
            let place = saved.object.word(saved.place_word());
            let entry = self.program_ref().entry(FunctionId(place as u32))?;
            let is_ready = saved.fits(entry) && code(entry) != stub(InternalOp::Prepare);
            is_ready.then_some(SavedFrame {
                saved,
                place,
                entry,
            })
        }
    }

    /// Replaces the frame on top (of the native that resumes) by the one saved in a suspension.
    pub(crate) fn begin_resume(
        &mut self,
        suspension: Value,
        value: Value,
        trace: Option<Value>,
    ) -> Result<(), Exit> {
        // SAFETY: no safepoint passes until the frame is complete; its header is the native's, its end is checked.
        unsafe {
            let Some(saved) = self.saved_frame(suspension) else {
                return self.raise_now("_throwStateError", ["nothing to resume".into()]);
            };
            let frame = self.frame();
            if frame.0.wrapping_add(saved.entry.frame_words as usize) > self.stack_end {
                return self.raise_now("_throwStackOverflow", []);
            }
            saved.restore(frame.0);
            self.pc = saved.pc();
            self.resumed = value;
            self.resumed_trace = trace;
            Ok(())
        }
    }
}

/// `async/_resume`: (suspension, value).
pub(crate) fn resume(cx: &mut NativeCall) -> NativeResult {
    let (suspension, value) = (cx.arg(0), cx.arg(1));
    cx.machine().tail_call = Some(TailCall::Resume {
        suspension,
        value,
        trace: None,
    });
    Ok(Return::TailCall)
}

/// `async/_resumeError`: (suspension, error, trace).
pub(crate) fn resume_error(cx: &mut NativeCall) -> NativeResult {
    let (suspension, value, trace) = (cx.arg(0), cx.arg(1), cx.arg(2));
    cx.machine().tail_call = Some(TailCall::Resume {
        suspension,
        value,
        trace: Some(trace),
    });
    Ok(Return::TailCall)
}

/// `async/_cloneSuspension`: (suspension).
pub(crate) fn clone(cx: &mut NativeCall) -> NativeResult {
    // SAFETY: read before and after the allocation, never across it.
    unsafe {
        let Some(before) = Suspension::of(cx.arg(0)) else {
            return cx.throw_state("not a suspension");
        };
        let (refs, raws) = (before.refs as u32, before.raws as u32 + 1);
        let made = cx.allocate(|heap, roots| heap.new_suspension(refs, raws, roots))?;
        let Some(source) = Suspension::of(cx.arg(0)) else {
            return cx.throw_state("not a suspension");
        };
        std::ptr::copy_nonoverlapping(
            source.object.as_ptr().add(slot::SUSPENSION_SLOTS),
            made.as_ptr().add(slot::SUSPENSION_SLOTS),
            (refs + raws) as usize,
        );
        cx.heap().write_barrier_all(made);
        cx.ret(made.value())
    }
}
