//! NORM: one form for types that are subtypes of each other by the rules about unions, as in the language's
//! `resources/type-system/normalization.md`. `FutureOr<Object>` is `Object`, `Never?` is `Null`, and so on.

use crate::model::{World, known};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

impl World {
    /// The normal form of a type.
    pub fn normal(&self, ty: Ty) -> Ty {
        stacker::maybe_grow(32 * 1024, 512 * 1024, || {
            let types = &self.types;
            if types.has_question(ty) {
                return self.normal_nullable(self.normal(types.with_nullable(ty, false)));
            }
            match types.kind(ty) {
                TyKind::FutureOr { arg, .. } => self.normal_future_or(self.normal(*arg)),
                TyKind::Param {
                    param, promoted, ..
                } => {
                    let plain = types.param(*param);
                    let bound = self.normal(promoted.unwrap_or_else(|| self.shallow_bound(plain)));
                    if bound == Ty::NEVER {
                        return Ty::NEVER;
                    }
                    let says_more = promoted.is_some()
                        && bound != plain
                        && !self.is_subtype(self.bound(*param), bound);
                    if says_more { ty } else { plain }
                }
                TyKind::Interface { class, args, .. } => {
                    let args: Vec<Ty> = args.iter().map(|&arg| self.normal(arg)).collect();
                    types.interface(*class, &args)
                }
                TyKind::Record {
                    positional, named, ..
                } => {
                    let positional: Vec<Ty> =
                        positional.iter().map(|&ty| self.normal(ty)).collect();
                    let named: Vec<_> = named.iter().map(|&(n, ty)| (n, self.normal(ty))).collect();
                    types.record(&positional, &named)
                }
                TyKind::Function { function, .. } => {
                    let named = function.named.iter().map(|param| NamedParamTy {
                        ty: self.normal(param.ty),
                        ..*param
                    });
                    types.function(FunctionTy {
                        positional: function
                            .positional
                            .iter()
                            .map(|&ty| self.normal(ty))
                            .collect(),
                        named: named.collect(),
                        result: self.normal(function.result),
                        ..function.clone()
                    })
                }
                _ => ty,
            }
        })
    }

    /// The bound of a type parameter as far as a bound that is `Never` matters: bounds may be circular otherwise.
    fn shallow_bound(&self, param: Ty) -> Ty {
        match self.resolve_bound(param) {
            Ty::NEVER => Ty::NEVER,
            _ => Ty::OBJECT_N,
        }
    }

    fn normal_future_or(&self, arg: Ty) -> Ty {
        if self.is_top(arg) || arg == Ty::OBJECT {
            return arg;
        }
        match arg {
            Ty::NEVER => self.types.interface(known::FUTURE, &[Ty::NEVER]),
            Ty::NULL => self
                .types
                .nullable(self.types.interface(known::FUTURE, &[Ty::NULL])),
            _ => self.types.future_or(arg),
        }
    }

    fn normal_nullable(&self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            _ if self.is_top(ty) => ty,
            TyKind::FutureOr { arg, .. } if self.is_nullable(*arg) => ty,
            _ => self.types.nullable(ty),
        }
    }
}
