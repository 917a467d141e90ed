//! What an inline cache holds: one atomic word a call site, which is right or misses.
//!
//! For virtual and super calls a class and what the call does for it, see [`word`]; for calls of closures a closure's function and what to
//! enter for it, see [`closure_word`]. Zero is an empty cache of either kind.

use eyot_bytecode::module::{ClassId, FunctionId, ShapeId};
use eyot_bytecode::{Ext, Op, insn_len};

use super::lookup::Dispatch;

/// Bits of the cache of a virtual call: class, kind of dispatch, number of changes, payload.
pub(crate) const CLASS_SHIFT: u32 = 40;
pub(crate) const KIND_SHIFT: u32 = 36;
pub(crate) const CHANGES_SHIFT: u32 = 32;
/// After so many changes the cache stays as it is, and the worker's cache behind it serves the site.
pub(crate) const CHANGES_MAX: u64 = 8;

/// The cache of a virtual call that knows one class.
#[inline]
pub(crate) fn word(of: u32, changes: u64, dispatch: Dispatch) -> u64 {
    let packed = dispatch.pack();
    u64::from(of) << CLASS_SHIFT
        | (packed >> 32) << KIND_SHIFT
        | changes << CHANGES_SHIFT
        | packed & 0xffff_ffff
}

/// The class in the cache of a virtual call.
pub(super) fn class_in(word: u64) -> Option<ClassId> {
    (word != 0).then_some(ClassId((word >> CLASS_SHIFT) as u32))
}

/// The cache of a call of closures that knows one function: what to enter for it.
#[inline]
pub(crate) fn closure_word(function: FunctionId, target: FunctionId) -> u64 {
    (u64::from(function.0) + 1) << 32 | u64::from(target.0)
}

/// The function in the cache of a call of closures.
pub(super) fn function_in(word: u64) -> Option<FunctionId> {
    let number = (word >> 32).checked_sub(1)?;
    u32::try_from(number).ok().map(FunctionId)
}

/// A call with an inline cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) op: Op,
    pub(super) shape: ShapeId,
    /// Number of the cache.
    pub(super) cache: u32,
}

/// The calls with inline caches in the code of an image, in order.
pub(super) fn sites(code: &[u64]) -> impl Iterator<Item = Site> {
    let mut at = 0;
    let next = move || {
        let start = at;
        at += insn_len(code, start).ok()?;
        Some((
            Op::from_u16(*code.get(start)? as u16)?,
            code.get(start + 1).copied(),
        ))
    };
    let instructions = std::iter::from_fn(next);
    instructions.filter_map(|(op, second)| {
        let calls = [
            Ext::CallVirtual,
            Ext::CallClosure,
            Ext::CallSuper,
            Ext::Slow,
        ];
        let second = second.filter(|_| calls.contains(&op.ext()))?;
        Some(Site {
            op,
            shape: ShapeId(second as u32),
            cache: (second >> 32) as u32,
        })
    })
}
