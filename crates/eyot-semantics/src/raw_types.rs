//! Raw types: instantiation to bound gives a generic type named without arguments the arguments it has then.
//!
//! A parameter without a bound is `dynamic`, any other its bound. Where a bound mentions parameters, what is put in their
//! place depends on where they stand in the type that comes out: `dynamic` for a parameter whose bound leads back to it, and
//! the argument of any other; but `Never` where the place is contravariant, so that a raw function type takes every function
//! that some argument would fit.

use crate::model::{TypeParamId, TypedefId, World};
use crate::types::Ty;

/// How a type changes with what stands at a place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// A subtype there makes a subtype.
    Covariant,
    /// A subtype there makes a supertype.
    Contravariant,
    /// Only the same type there makes a type that is related.
    Invariant,
}

impl Variance {
    /// The variance of a place inside the type of a parameter.
    pub fn reversed(self) -> Variance {
        match self {
            Variance::Covariant => Variance::Contravariant,
            Variance::Contravariant => Variance::Covariant,
            Variance::Invariant => Variance::Invariant,
        }
    }

    fn and(self, other: Variance) -> Variance {
        match self == other {
            true => self,
            false => Variance::Invariant,
        }
    }
}

impl World {
    /// The arguments that parameters of a class or function have by default.
    pub fn instantiate_to_bounds(&self, params: &[TypeParamId]) -> Vec<Ty> {
        self.instantiate_at(params, &vec![Variance::Covariant; params.len()])
    }

    /// The arguments of an alias named without any.
    pub fn raw_alias_args(&self, typedef: TypedefId) -> Vec<Ty> {
        let aliased = self.aliased(typedef);
        let params = &self.typedef(typedef).type_params;
        let variances: Vec<Variance> = params
            .iter()
            .map(|&param| self.variance(aliased, param))
            .collect();
        self.instantiate_at(params, &variances)
    }

    /// How `ty` changes with one of its parameters; covariant where it does not mention it.
    fn variance(&self, ty: Ty, param: TypeParamId) -> Variance {
        let mut found: Option<Variance> = None;
        self.types
            .map_params_at(ty, Variance::Covariant, &mut |p, at| {
                if p == param {
                    found = Some(found.map_or(at, |before| before.and(at)));
                }
                None
            });
        found.unwrap_or(Variance::Covariant)
    }

    /// The same for parameters that stand at places of the variances given.
    fn instantiate_at(&self, params: &[TypeParamId], variances: &[Variance]) -> Vec<Ty> {
        let bounds: Vec<Ty> = params.iter().map(|&p| self.bound(p)).collect();
        let reached = self.params_reached(params, &bounds);
        let plain = |&bound: &Ty| match bound {
            Ty::OBJECT_N => Ty::DYNAMIC,
            bound => bound,
        };
        let mut args: Vec<Ty> = bounds.iter().map(plain).collect();
        let index_of = |param: TypeParamId| params.iter().position(|&p| p == param);
        for (i, arg) in args.iter_mut().enumerate() {
            *arg = self
                .types
                .map_params_at(*arg, variances[i], &mut |param, at| {
                    let j = index_of(param)?;
                    (reached[i][j] && reached[j][i]).then(|| argument_at(at, Ty::DYNAMIC))
                });
        }
        // What is left has no circles, so each round finishes one parameter at least.
        for _ in 0..params.len() {
            let finished: Vec<Option<Ty>> = args
                .iter()
                .map(|&arg| (!self.mentions(arg, params)).then_some(arg))
                .collect();
            for (arg, &variance) in args.iter_mut().zip(variances) {
                *arg = self.types.map_params_at(*arg, variance, &mut |param, at| {
                    finished[index_of(param)?].map(|given| argument_at(at, given))
                });
            }
        }
        args
    }

    /// For each parameter, which parameters its bound mentions, or the bounds of those mention, and so on.
    fn params_reached(&self, params: &[TypeParamId], bounds: &[Ty]) -> Vec<Vec<bool>> {
        let mut reached: Vec<Vec<bool>> = bounds
            .iter()
            .map(|&bound| params.iter().map(|&p| self.mentions(bound, &[p])).collect())
            .collect();
        for via in 0..params.len() {
            for from in 0..params.len() {
                if reached[from][via] {
                    let further = reached[via].clone();
                    for (reaches, further) in reached[from].iter_mut().zip(further) {
                        *reaches |= further;
                    }
                }
            }
        }
        reached
    }
}

/// What takes a parameter's place: `given`, unless the place is contravariant.
fn argument_at(at: Variance, given: Ty) -> Ty {
    match at {
        Variance::Contravariant => Ty::NEVER,
        Variance::Covariant | Variance::Invariant => given,
    }
}
