//! Constants: from a typed expression in a const context to its canonical value.
//!
//! What this needs of the body phase:
//! - in a const context collections come as [`crate::program::ExprKind::List`], `Set` and `Map` of plain elements: spreads and
//!   `if` elements are worked out there with [`evaluate`], and what they give is put in as `ExprKind::Const`;
//! - a creation in a const context is an ordinary `ExprKind::New` or `NewFactory`;
//! - an enum constant's initialiser is a `New` of the enum with the written arguments only: index and name are added here.

use crate::model::{FileId, MemberId, World};
use crate::program::{ConstId, Expr};

/// The value of an expression in a const context, at a place in `file`. Why it has none was reported.
pub fn evaluate(world: &World, file: FileId, expr: &Expr) -> Option<ConstId> {
    let _ = (world, file, expr);
    None
}

/// The value of a const variable or an enum constant.
pub(crate) fn variable(world: &World, member: MemberId) -> Option<ConstId> {
    let _ = (world, member);
    None
}

/// The value of a parameter's default, also of the one a super parameter inherits.
pub(crate) fn param_default(world: &World, member: MemberId, index: usize) -> Option<ConstId> {
    let _ = (world, member, index);
    None
}
