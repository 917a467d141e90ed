//! Functions made ready to run: entries linked, code copied and its ids turned into what the handlers use.
//!
//! Prepared code has the words of the image's code at the same places, so handler tables and positions keep their
//! meaning. What changes:
//!
//! - static calls name their target's entry by address, and the number of arguments moves into the opcode;
//! - calls know the size of the frame they are made from, and a result nobody wants goes to a spare slot;
//! - closed types and vectors are numbers of the group.

use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use eyot_bytecode::module::{
    ClassId, Const, ConstId, FunctionFlags, FunctionId, Rep, SelectorKind, ShapeId, TargsId, TypeId,
};
use eyot_bytecode::well_known::class;
use eyot_bytecode::{Ext, NO_REG, Op, insn_len};

use super::Program;
use super::entry::FunctionEntry;
use super::lookup::read_field;
use super::shape::{Member, Signature};
use super::types::{Type, TypeArguments, TypeLimit};
use crate::interp::dispatch::{InternalOp, stub};

/// The native that resumes a frame, which has an instruction of its own.
const RESUME: &str = "async/_resume";

/// Set in the word behind `is.k` and `as.k`: the type is a class without arguments, whose id is in the low bits of this half.
pub(crate) const PLAIN_CLASS: u64 = 1 << 63;

impl FunctionEntry {
    /// Whether a call enters it as it is.
    pub(super) fn is_ready(&self) -> bool {
        self.code.load(Ordering::Acquire).cast_const() != stub(InternalOp::Prepare)
    }
}

/// A function that cannot run: damaged code or no room for its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepareError {
    /// The verifier refuses it.
    BadCode(String),
    /// No room for types.
    Types,
}

impl From<TypeLimit> for PrepareError {
    fn from(_: TypeLimit) -> Self {
        PrepareError::Types
    }
}

impl Program {
    /// The linked entry of a function.
    #[inline]
    pub fn entry(&self, id: FunctionId) -> Option<&FunctionEntry> {
        let entry = self.entries.at(id)?;
        // SAFETY: inside the table; the state is atomic and everything else is written before it says so.
        unsafe {
            if (*entry).state.load(Ordering::Acquire) == 0 {
                self.link_entry(id, entry)?;
            }
            Some(&*entry)
        }
    }

    #[cold]
    fn link_entry(&self, id: FunctionId, entry: *mut FunctionEntry) -> Option<()> {
        let function = self.function(id)?;
        let signature = Signature::of_function(&self.modules, function);
        let (nref, nraw) = signature.counts();
        let has_receiver = function
            .flags
            .intersects(FunctionFlags::INSTANCE | FunctionFlags::CLOSURE);
        let nref = nref - usize::from(!has_receiver);
        let signature_id = self.signature_id(&signature);
        let is_native = function.flags.contains(FunctionFlags::NATIVE) || function.native.is_some();
        // Code counts its registers by these numbers. Natives have none: the image need not say how many slots their
        // arguments take, and slot 0 takes the result of a tail call.
        let (refs, raws) = match is_native {
            true => (nref.max(1) as u16, nraw as u16),
            false => (function.refs, function.raws.len() as u16),
        };
        let native = match function.native {
            Some(name) => self.natives.get(self.modules.string(name)),
            None => None,
        };
        let resumes = native.is_some()
            && function
                .native
                .is_some_and(|name| self.modules.string(name) == RESUME);
        let code = if resumes {
            stub(InternalOp::ResumeFrame)
        } else if is_native {
            stub(match function.result {
                Rep::Tagged => InternalOp::NativeR,
                _ => InternalOp::NativeW,
            })
        } else if function.code.is_empty() {
            stub(InternalOp::NoCode)
        } else {
            stub(InternalOp::Prepare)
        };
        let _turn = self.link();
        // SAFETY: inside the table, and we hold the lock; readers look only after the state is set. Another thread may have
        // linked it meanwhile: then nothing is written.
        unsafe {
            if (*entry).state.load(Ordering::Acquire) != 0 {
                return Some(());
            }
            entry.write(FunctionEntry {
                code: AtomicPtr::new(code.cast_mut()),
                function,
                frame_words: u32::from(refs) + u32::from(raws) + 1,
                refs,
                raws,
                nref: nref as u16,
                nraw: nraw as u16,
                signature: signature_id,
                id,
                result: function.result,
                native,
                state: AtomicU32::new(0),
                code_len: function.code.len() as u32,
            });
            (*entry).state.store(1, Ordering::Release);
        }
        Some(())
    }

    /// Makes the function's code ready and puts it into its entry.
    pub(crate) fn prepare(&self, entry: &FunctionEntry) -> Result<*const u64, PrepareError> {
        let code = self.prepare_code(entry)?;
        let mut link = self.link();
        let current = entry.code.load(Ordering::Acquire);
        if current.cast_const() != stub(InternalOp::Prepare) {
            // Somebody else was first.
            return Ok(current);
        }
        let start = code.as_ptr().cast_mut();
        link.code.push((entry.id, code));
        entry.code.store(start, Ordering::Release);
        Ok(start)
    }

    fn prepare_code(&self, entry: &FunctionEntry) -> Result<Box<[u64]>, PrepareError> {
        let function = entry.function();
        // Functions made at run time are not the image's.
        let from_image = entry.id.index() < self.modules.function_count();
        if from_image && !self.modules.is_trusted(entry.id) {
            eyot_bytecode::verify::function(&self.modules, entry.id, function)
                .map_err(|error| PrepareError::BadCode(error.to_string()))?;
        }
        let mut code: Box<[u64]> = function.code.as_slice().into();
        let mut at = 0;
        while at < code.len() {
            let len = insn_len(&code, at).map_err(|_| bad_code())?;
            let words = code.get_mut(at..at + len).ok_or_else(bad_code)?;
            self.prepare_insn(entry, words)?;
            at += len;
        }
        Ok(code)
    }

    fn prepare_insn(&self, entry: &FunctionEntry, words: &mut [u64]) -> Result<(), PrepareError> {
        let first = words[0];
        let op = Op::from_u16(first as u16).ok_or_else(bad_code)?;
        let wide = (first >> 32) as u32;
        let closed = TypeArguments::EMPTY;
        match op {
            Op::CallS | Op::CallV | Op::CallC | Op::CallSuper => {
                self.prepare_call(entry, op, words)?;
            }
            Op::LdTarg => {
                let ty = self.instantiate(TypeId(wide), closed, closed)?;
                words[0] = replace(first, Op::LdI as u16, ty.0);
            }
            Op::LdTargs => {
                let vector = self.instantiate_vector(TargsId(wide), closed, closed)?;
                words[0] = replace(first, Op::LdI as u16, vector.0);
            }
            Op::LdK => match self.modules.constant(ConstId(wide)) {
                Some(Const::Null) => words[0] = replace(first, Op::LdNull as u16, 0),
                Some(Const::Bool(true)) => words[0] = replace(first, Op::LdTrue as u16, 0),
                Some(Const::Bool(false)) => words[0] = replace(first, Op::LdFalse as u16, 0),
                Some(&Const::Int(value)) if i32::try_from(value).is_ok() => {
                    words[0] = replace(first, Op::LdSmi as u16, value as u32);
                }
                _ => {}
            },
            Op::New if wide == class::SUSPENSION.0 => {
                words[0] = replace(first, InternalOp::NewSuspension as u16, 0);
            }
            // The handler writes the vector without looking, and word 0 is the header.
            Op::NewT if self.targs_word(ClassId(words[1] as u32)) == 0 => return Err(bad_code()),
            Op::IsK | Op::AsK => {
                let ty = self.instantiate(TypeId(words[1] as u32), closed, closed)?;
                words[1] = u64::from(ty.0);
                if let &Type::Interface(class, TypeArguments::EMPTY) = self.types.get(ty) {
                    words[1] |= PLAIN_CLASS | u64::from(class.0) << 32;
                }
            }
            _ if op.ext() == Ext::Slow => {
                let result = match op {
                    Op::IdxGet | Op::IterCurrent => Some(Rep::Tagged),
                    Op::IdxGetI | Op::LenV => Some(Rep::Int),
                    Op::IdxGetD => Some(Rep::Double),
                    Op::IterNext => Some(Rep::Bool),
                    _ => None,
                };
                debug_assert!(result.is_none() || (first >> 16) as u16 != NO_REG);
                self.link_shape(words[1] as u32);
                if matches!(op, Op::LenV | Op::IterNext | Op::IterCurrent) {
                    let delta = u16::try_from(entry.callee_delta()).map_err(|_| bad_code())?;
                    words[0] |= u64::from(delta) << 48;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn prepare_call(
        &self,
        entry: &FunctionEntry,
        op: Op,
        words: &mut [u64],
    ) -> Result<(), PrepareError> {
        let spare = entry.frame_words as u16 - 1;
        let first = words[0];
        let dst = match (first >> 16) as u16 {
            NO_REG => spare,
            dst => dst,
        };
        let counts = (first >> 32) as u16;
        let delta = u16::try_from(entry.callee_delta()).map_err(|_| bad_code())?;
        let mut number = InternalOp::call(op, counts & 0xff, counts >> 8).unwrap_or(op as u16);
        if op == Op::CallS {
            let target = self
                .entry(FunctionId(words[1] as u32))
                .ok_or_else(bad_code)?;
            if (target.nref, target.nraw) != (counts & 0xff, counts >> 8) {
                return Err(bad_code());
            }
            words[1] = std::ptr::from_ref(target) as u64;
            if let (Some(word), [_, _, arguments]) = (read_field(target.function()), &*words) {
                words[0] = InternalOp::GetField as u64
                    | u64::from(dst) << 16
                    | (arguments & 0xffff) << 32
                    | u64::from(word) << 48;
                return Ok(());
            }
        } else {
            self.link_shape(words[1] as u32);
            if op == Op::CallV && counts == 2 && self.is_equals(ShapeId(words[1] as u32)) {
                number = InternalOp::CallEquals as u16;
            }
        }
        words[0] = u64::from(number)
            | u64::from(dst) << 16
            | u64::from(counts) << 32
            | u64::from(delta) << 48;
        Ok(())
    }

    /// Whether a call of this shape asks whether two objects are equal.
    fn is_equals(&self, id: ShapeId) -> bool {
        self.shape(id).is_some_and(|info| {
            let is_named = |member: Member| {
                member.kind == SelectorKind::Method && self.modules.name_text(member.name) == "=="
            };
            info.signature.result == Rep::Bool && info.member.is_some_and(is_named)
        })
    }

    /// Enters the number of a closure shape's signature where `call.c` looks for it; dynamic shapes never match.
    fn link_shape(&self, id: u32) {
        let Some(info) = self.shape(ShapeId(id)) else {
            return;
        };
        if let Some(place) = self.shape_signatures.get(id as usize)
            && !info.dynamic
        {
            place.store(info.signature_id, Ordering::Relaxed);
        }
    }
}

fn bad_code() -> PrepareError {
    PrepareError::BadCode("damaged code".into())
}

fn replace(word: u64, op: u16, wide: u32) -> u64 {
    u64::from(op) | word & 0xffff_0000 | u64::from(wide) << 32
}
