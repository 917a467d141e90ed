//! Subtyping, as in the language's `resources/type-system/subtyping.md`.

use rustc_hash::FxHashMap;

use crate::model::{TypeParamId, World, known};
use crate::types::{FunctionTy, Ty, TyKind};

impl World {
    /// Whether `sub` is a subtype of `sup`. The unknown type and the type after an error are subtypes and supertypes of
    /// everything.
    pub fn is_subtype(&self, sub: Ty, sup: Ty) -> bool {
        Subtyping {
            world: self,
            renamed: FxHashMap::default(),
            depth: 0,
        }
        .check(sub, sup)
    }

    /// Whether each is a subtype of the other.
    pub fn same_type(&self, a: Ty, b: Ty) -> bool {
        a == b || (self.is_subtype(a, b) && self.is_subtype(b, a))
    }

    /// Whether a value of static type `from` may be given where `to` is wanted: a subtype, or `dynamic` (which is cast).
    pub fn is_assignable(&self, from: Ty, to: Ty) -> bool {
        from == Ty::DYNAMIC || self.is_subtype(from, to)
    }

    /// Bottom types: `Never` and type variables bounded by one. Nothing has such a type, so what gives one never ends.
    pub fn is_bottom(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            TyKind::Never => true,
            TyKind::Param { .. } => self.resolve_bound(ty) == Ty::NEVER,
            _ => false,
        }
    }

    /// Top types: `dynamic`, `void`, `Object?`, and `FutureOr` of one.
    pub fn is_top(&self, ty: Ty) -> bool {
        match self.types.kind(ty) {
            TyKind::Dynamic | TyKind::Void => true,
            TyKind::Interface {
                nullable: true,
                class,
                ..
            } => *class == known::OBJECT,
            TyKind::FutureOr { arg, nullable } => {
                self.is_top(*arg) || (*nullable && *arg == Ty::OBJECT)
            }
            _ => false,
        }
    }
}

struct Subtyping<'w> {
    world: &'w World,
    /// Type parameters of the right generic function type, by those of the left one.
    renamed: FxHashMap<TypeParamId, TypeParamId>,
    depth: u32,
}

impl Subtyping<'_> {
    fn check(&mut self, sub: Ty, sup: Ty) -> bool {
        if sub == sup {
            return true;
        }
        // F-bounded nonsense after an error must not recurse for ever.
        if self.depth > 300 {
            return false;
        }
        self.depth += 1;
        let answer = self.check_inner(sub, sup);
        self.depth -= 1;
        answer
    }

    fn check_inner(&mut self, sub: Ty, sup: Ty) -> bool {
        use TyKind::*;
        let types = &self.world.types;
        let (left, right) = (types.kind(sub), types.kind(sup));
        match (left, right) {
            (Unknown | Error, _) | (_, Unknown | Error) => return true,
            (_, Dynamic | Void) | (Never, _) => return true,
            (
                _,
                Interface {
                    class,
                    nullable: true,
                    ..
                },
            ) if *class == known::OBJECT => return true,
            // dynamic and void on the left are Object? for this purpose.
            (Dynamic | Void, _) => return self.check(Ty::OBJECT_N, sup),
            (Null, _) => return self.null_is_subtype(sup),
            (
                _,
                Interface {
                    class,
                    nullable: false,
                    ..
                },
            ) if *class == known::OBJECT => {
                return self.is_subtype_of_object(sub);
            }
            _ => {}
        }
        // Left FutureOr and left nullable are unions: both members must fit.
        if let FutureOr { arg, nullable } = left {
            if *nullable && !self.check(Ty::NULL, sup) {
                return false;
            }
            if let FutureOr { arg: right_arg, .. } = right
                && self.check(*arg, *right_arg)
            {
                return true;
            }
            let future = types.interface(known::FUTURE, &[*arg]);
            return self.check(future, sup) && self.check(*arg, sup);
        }
        if types.has_question(sub) {
            return self.check(Ty::NULL, sup) && self.check(types.with_nullable(sub, false), sup);
        }
        // Right promoted variable: both halves must take it.
        if let Param {
            param,
            promoted: Some(bound),
            nullable: false,
        } = right
        {
            return self.check(sub, types.param(*param)) && self.check(sub, *bound);
        }
        // Right unions: one member must take it.
        if types.has_question(sup) {
            if self.check(sub, types.with_nullable(sup, false)) {
                return true;
            }
            return matches!(left, Param { .. }) && self.variable_fits(sub, sup);
        }
        if let FutureOr { arg, .. } = right {
            let future = types.interface(known::FUTURE, &[*arg]);
            if self.check(sub, future) || self.check(sub, *arg) {
                return true;
            }
            return matches!(left, Param { .. }) && self.variable_fits(sub, sup);
        }
        match (left, right) {
            (Param { .. }, _) => self.variable_fits(sub, sup),
            (Function { .. }, Interface { class, .. }) => *class == known::FUNCTION,
            (Function { function: a, .. }, Function { function: b, .. }) => {
                self.check_functions(a, b)
            }
            (TyKind::Record { .. }, Interface { class, .. }) => *class == known::RECORD_INTERFACE,
            (
                TyKind::Record {
                    positional: a,
                    named: na,
                    ..
                },
                TyKind::Record {
                    positional: b,
                    named: nb,
                    ..
                },
            ) => {
                a.len() == b.len()
                    && na.len() == nb.len()
                    && a.iter().zip(b.iter()).all(|(&x, &y)| self.check(x, y))
                    && na
                        .iter()
                        .zip(nb.iter())
                        .all(|(x, y)| x.0 == y.0 && self.check(x.1, y.1))
            }
            (
                Interface { class: a, args, .. },
                Interface {
                    class: b,
                    args: sup_args,
                    ..
                },
            ) => {
                if a == b {
                    return args
                        .iter()
                        .zip(sup_args.iter())
                        .all(|(&x, &y)| self.check(x, y));
                }
                match self.world.as_instance_of(sub, *b) {
                    Some(found) => found
                        .iter()
                        .zip(sup_args.iter())
                        .all(|(&x, &y)| self.check(x, y)),
                    None => false,
                }
            }
            _ => false,
        }
    }

    fn null_is_subtype(&mut self, sup: Ty) -> bool {
        match self.world.types.kind(sup) {
            TyKind::Null => true,
            TyKind::FutureOr { arg, nullable } => *nullable || self.check(Ty::NULL, *arg),
            _ => self.world.types.has_question(sup),
        }
    }

    fn is_subtype_of_object(&mut self, sub: Ty) -> bool {
        match self.world.types.kind(sub) {
            TyKind::Null | TyKind::Dynamic | TyKind::Void => false,
            TyKind::FutureOr { arg, nullable } => !nullable && self.check(*arg, Ty::OBJECT),
            TyKind::Param {
                param,
                promoted,
                nullable,
            } => {
                let bound = promoted.unwrap_or_else(|| self.world.bound(*param));
                !nullable && self.check(bound, Ty::OBJECT)
            }
            TyKind::Interface {
                class, nullable, ..
            } => !nullable && !self.world.may_represent_null(*class),
            _ => !self.world.types.has_question(sub),
        }
    }

    /// A type variable on the left: the same variable, its promoted type or its bound.
    fn variable_fits(&mut self, sub: Ty, sup: Ty) -> bool {
        let TyKind::Param {
            param, promoted, ..
        } = self.world.types.kind(sub)
        else {
            return false;
        };
        if let TyKind::Param {
            param: other,
            promoted: None,
            nullable: false,
        } = self.world.types.kind(sup)
            && (param == other || self.renamed.get(param) == Some(other))
        {
            return true;
        }
        if let Some(bound) = promoted
            && self.check(*bound, sup)
        {
            return true;
        }
        let bound = self.world.bound(*param);
        bound != sub && self.check(bound, sup)
    }

    fn check_functions(&mut self, sub: &FunctionTy, sup: &FunctionTy) -> bool {
        if sub.type_params.len() != sup.type_params.len()
            || sub.required > sup.required
            || sub.positional.len() < sup.positional.len()
        {
            return false;
        }
        for (&a, &b) in sub.type_params.iter().zip(sup.type_params.iter()) {
            self.renamed.insert(a, b);
            self.renamed.insert(b, a);
        }
        let same_bounds = sub
            .type_params
            .iter()
            .zip(sup.type_params.iter())
            .all(|(&a, &b)| {
                let (a, b) = (self.world.bound(a), self.world.bound(b));
                self.check(a, b) && self.check(b, a)
            });
        same_bounds
            && self.check(sub.result, sup.result)
            && sup
                .positional
                .iter()
                .zip(sub.positional.iter())
                .all(|(&p, &q)| self.check(p, q))
            && self.check_named(sub, sup)
    }

    fn check_named(&mut self, sub: &FunctionTy, sup: &FunctionTy) -> bool {
        for wanted in &sup.named {
            let Some(own) = sub.named.iter().find(|p| p.name == wanted.name) else {
                return false;
            };
            if (own.required && !wanted.required) || !self.check(wanted.ty, own.ty) {
                return false;
            }
        }
        sub.named
            .iter()
            .all(|own| !own.required || sup.named.iter().any(|wanted| wanted.name == own.name))
    }
}
