//! Stands in for the body phase until it lands: the same names and types, no answers.

use crate::model::{MemberId, World};
use crate::types::Ty;

/// `body::infer_variable`.
pub(crate) fn infer_variable(world: &World, member: MemberId) -> Ty {
    let _ = (world, member);
    Ty::DYNAMIC
}
