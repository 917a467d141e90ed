//! Where in a type a type parameter stands.

use crate::model::{TypeParamId, World};
use crate::types::{Ty, TyKind};

/// Whether a type only gives the parameter out: it stands where functions take something an even number of times deep, and
/// in no bound of a function type.
pub(super) fn only_covariant(world: &World, ty: Ty, param: TypeParamId) -> bool {
    stands_only(world, ty, param, true)
}

/// Which way a type parameter goes in a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Variance {
    /// Only given out, or not there at all.
    Out,
    /// Only taken in.
    In,
    Neither,
}

/// Which way a parameter goes in a type.
pub(super) fn variance(world: &World, ty: Ty, param: TypeParamId) -> Variance {
    if stands_only(world, ty, param, true) {
        Variance::Out
    } else if stands_only(world, ty, param, false) {
        Variance::In
    } else {
        Variance::Neither
    }
}

/// Whether all places of the parameter are given out (`out`), or all are taken in.
fn stands_only(world: &World, ty: Ty, param: TypeParamId, out: bool) -> bool {
    if !world.mentions(ty, &[param]) {
        return true;
    }
    let same = |ty: Ty| stands_only(world, ty, param, out);
    match world.types.kind(ty) {
        TyKind::Interface { args, .. } => args.iter().all(|&arg| same(arg)),
        TyKind::FutureOr { arg, .. } => same(*arg),
        TyKind::Record {
            positional, named, ..
        } => positional.iter().all(|&ty| same(ty)) && named.iter().all(|field| same(field.1)),
        TyKind::Function { function, .. } => {
            let turned = |ty: Ty| stands_only(world, ty, param, !out);
            let mut bounds = function.type_params.iter().map(|&own| world.bound(own));
            same(function.result)
                && function.positional.iter().all(|&ty| turned(ty))
                && function.named.iter().all(|param| turned(param.ty))
                && !bounds.any(|bound| world.mentions(bound, &[param]))
        }
        _ => out,
    }
}
