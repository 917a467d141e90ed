//! Rebuilding a type with an eye to which way each part of it goes: given out, or taken in by a function.

use crate::model::{TypeParamId, World};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

impl World {
    /// Rebuilds `ty`. Each part is offered to `map`, outermost first, with whether it is given out; what `map` answers takes
    /// its place, and where it answers nothing the parts inside are offered. Bounds of function types are left alone.
    pub(crate) fn map_places(
        &self,
        ty: Ty,
        out: bool,
        map: &mut dyn FnMut(Ty, bool) -> Option<Ty>,
    ) -> Ty {
        if let Some(replacement) = map(ty, out) {
            return replacement;
        }
        let types = &self.types;
        match types.kind(ty) {
            TyKind::Interface {
                class,
                args,
                nullable,
            } if !args.is_empty() => types.intern(TyKind::Interface {
                class: *class,
                args: args
                    .iter()
                    .map(|&arg| self.map_places(arg, out, map))
                    .collect(),
                nullable: *nullable,
            }),
            TyKind::FutureOr { arg, nullable } => {
                let arg = self.map_places(*arg, out, map);
                types.intern(TyKind::FutureOr {
                    arg,
                    nullable: *nullable,
                })
            }
            TyKind::Record {
                positional,
                named,
                nullable,
            } => types.intern(TyKind::Record {
                positional: positional
                    .iter()
                    .map(|&ty| self.map_places(ty, out, map))
                    .collect(),
                named: named
                    .iter()
                    .map(|&(name, ty)| (name, self.map_places(ty, out, map)))
                    .collect(),
                nullable: *nullable,
            }),
            TyKind::Function { function, nullable } => {
                let positional = function.positional.iter();
                let named = function.named.iter();
                let function = FunctionTy {
                    type_params: function.type_params.clone(),
                    positional: positional
                        .map(|&ty| self.map_places(ty, !out, map))
                        .collect(),
                    required: function.required,
                    named: named
                        .map(|param| NamedParamTy {
                            ty: self.map_places(param.ty, !out, map),
                            ..*param
                        })
                        .collect(),
                    result: self.map_places(function.result, out, map),
                };
                types.intern(TyKind::Function {
                    function,
                    nullable: *nullable,
                })
            }
            _ => ty,
        }
    }

    /// The greatest closure of a type with respect to type parameters: the smallest supertype that does not mention them.
    pub fn greatest_closure(&self, ty: Ty, params: &[TypeParamId]) -> Ty {
        self.closure(ty, params, true)
    }

    /// The least closure of a type with respect to type parameters: the greatest subtype that does not mention them.
    pub fn least_closure(&self, ty: Ty, params: &[TypeParamId]) -> Ty {
        self.closure(ty, params, false)
    }

    fn closure(&self, ty: Ty, params: &[TypeParamId], is_greatest: bool) -> Ty {
        self.map_places(ty, is_greatest, &mut |part, out| {
            let replacement = if out { Ty::OBJECT_N } else { Ty::NEVER };
            match self.types.kind(part) {
                TyKind::Param {
                    param, nullable, ..
                } => params.contains(param).then(|| {
                    if *nullable {
                        self.types.nullable(replacement)
                    } else {
                        replacement
                    }
                }),
                TyKind::Function { function, .. } => {
                    let mut bounds = function.type_params.iter().map(|&own| self.bound(own));
                    let whole = if out { Ty::FUNCTION } else { Ty::NEVER };
                    bounds
                        .any(|bound| self.mentions(bound, params))
                        .then_some(whole)
                }
                _ => None,
            }
        })
    }
}
