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
use crate::object::{ObjRef, slot};
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
            _ => return raise(s, "_throwStateError", ["a frame cannot be saved here".into()]),
        };
        let object = suspension.object;
        let first = object.as_ptr().add(slot::SUSPENSION_SLOTS);
        std::ptr::copy_nonoverlapping(s.base, first, suspension.refs);
        let target = s.pc.offset(s.wide() as isize);
        let at = entry.word_index(target).unwrap_or(0);
        object.set_word(suspension.place_word(), u64::from(entry.id.0) | u64::from(at) << 32);
        std::ptr::copy_nonoverlapping(
            s.base.add(suspension.refs),
            first.add(suspension.refs + 1),
            suspension.raws,
        );
        s.heap().write_barrier_all(object);
        s.next(1)
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

impl Machine {
    /// Replaces the frame on top (of the native that resumes) by the one saved in a suspension.
    pub(crate) fn begin_resume(
        &mut self,
        suspension: Value,
        value: Value,
        trace: Option<Value>,
    ) -> Result<(), Exit> {
        // SAFETY: no safepoint passes until the frame is complete; its header is the native's, its end is checked.
        unsafe {
            let entry = Suspension::of(suspension).and_then(|saved| {
                let place = saved.object.word(saved.place_word());
                let entry = self.program_ref().entry(FunctionId(place as u32))?;
                (saved.fits(entry) && code(entry) != stub(InternalOp::Prepare))
                    .then_some((saved, place, entry))
            });
            let Some((saved, place, entry)) = entry else {
                return self.raise_now("_throwStateError", ["nothing to resume".into()]);
            };
            let frame = self.frame();
            if frame.0.wrapping_add(entry.frame_words as usize) > self.stack_end {
                return self.raise_now("_throwStackOverflow", []);
            }
            let first = saved.object.as_ptr().add(slot::SUSPENSION_SLOTS);
            *frame.0.sub(1) = std::ptr::from_ref(entry) as u64;
            std::ptr::copy_nonoverlapping(first, frame.0, saved.refs);
            std::ptr::copy_nonoverlapping(
                first.add(saved.refs + 1),
                frame.0.add(saved.refs),
                saved.raws,
            );
            self.pc = code(entry).add((place >> 32) as usize);
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
