//! Stands in for the body phase until it lands: the same names and types, no answers.

use crate::model::{MemberId, World};
use crate::program::{Body, Expr};
use crate::types::Ty;

/// `body::infer_variable`.
pub(crate) fn infer_variable(world: &World, member: MemberId) -> Ty {
    let _ = (world, member);
    Ty::DYNAMIC
}

/// `body::initializer_expr`.
pub(crate) fn initializer_expr(world: &World, member: MemberId) -> Option<Expr> {
    let _ = (world, member);
    None
}

/// `body::default_expr`.
pub(crate) fn default_expr(world: &World, member: MemberId, index: usize) -> Option<Expr> {
    let _ = (world, member, index);
    None
}

/// `body::body_of`.
pub(crate) fn body_of(world: &World, member: MemberId) -> Option<Body> {
    let _ = (world, member);
    None
}
