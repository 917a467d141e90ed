//! Least upper and greatest lower bounds, nullability, futures.
//!
//! The functions follow the language's `resources/type-system/upper-lower-bounds.md`; `up` is UP, `down` is DOWN.

use crate::infer::fill_unknown;
use crate::model::{ClassId, TypeParamId, World, known};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

impl World {
    /// Whether null may be a value of the type.
    pub fn is_potentially_nullable(&self, ty: Ty) -> bool {
        !self.is_subtype(ty, Ty::OBJECT)
    }

    /// Whether null surely is a value of the type (`T?`, `dynamic`, `void`, `Null`, `FutureOr` of one).
    pub fn is_nullable(&self, ty: Ty) -> bool {
        self.is_subtype(Ty::NULL, ty)
    }

    /// NonNull: the type of a value known not to be null.
    pub fn non_null(&self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            TyKind::Null => Ty::NEVER,
            TyKind::Param {
                param, promoted, ..
            } => {
                let bound = promoted.unwrap_or_else(|| self.bound(*param));
                let plain = self.types.with_nullable(ty, false);
                if !self.is_potentially_nullable(bound) {
                    return plain;
                }
                let bound = self.non_null(bound);
                // `X & Object` says no more than that it is not null.
                self.types.intern(TyKind::Param {
                    param: *param,
                    promoted: Some(bound),
                    nullable: false,
                })
            }
            _ => self.types.with_nullable(ty, false),
        }
    }

    /// The element of a future: `flatten` of the specification. `await e` with `e: T` has type `flatten(T)`.
    pub fn flatten(&self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            TyKind::FutureOr { arg, nullable } => {
                if *nullable {
                    self.types.nullable(*arg)
                } else {
                    *arg
                }
            }
            TyKind::Interface { nullable, .. } => match self.as_instance_of(ty, known::FUTURE) {
                Some(args) if *nullable => self.types.nullable(args[0]),
                Some(args) => args[0],
                None => ty,
            },
            TyKind::Param { nullable, .. } => {
                let bound = self.resolve_bound(ty);
                let flat = self.flatten(bound);
                match (flat == bound, nullable) {
                    (true, _) => ty,
                    (false, true) => self.types.nullable(flat),
                    (false, false) => flat,
                }
            }
            _ => ty,
        }
    }

    /// `Future<arg>`.
    pub fn future_of(&self, arg: Ty) -> Ty {
        self.types.interface(known::FUTURE, &[arg])
    }

    /// UP: the least upper bound used for conditionals, list elements and so on.
    pub fn up(&self, a: Ty, b: Ty) -> Ty {
        self.up_at(a, b, 0)
    }

    /// The cases stand in the specification's order; the first that fits counts.
    fn up_at(&self, a: Ty, b: Ty, depth: u32) -> Ty {
        use TyKind::*;
        if a == b {
            return a;
        }
        if depth > 20 {
            return Ty::OBJECT_N;
        }
        let types = &self.types;
        match (types.kind(a), types.kind(b)) {
            (Error, _) | (Unknown, _) => return b,
            (_, Error) | (_, Unknown) => return a,
            _ => {}
        }
        match (self.is_top(a), self.is_top(b)) {
            (true, true) => return if self.is_more_top(a, b) { a } else { b },
            (true, false) => return a,
            (false, true) => return b,
            _ => {}
        }
        match (types.kind(a), types.kind(b)) {
            (Never, _) => return b,
            (_, Never) => return a,
            (
                Param {
                    promoted: Some(_), ..
                },
                _,
            )
            | (
                _,
                Param {
                    promoted: Some(_), ..
                },
            ) => return self.up_param(a, b, depth),
            (Null, _) => return self.or_null(b),
            (_, Null) => return self.or_null(a),
            _ if a == Ty::OBJECT || b == Ty::OBJECT => return self.object_for(a, b),
            _ => {}
        }
        if types.has_question(a) || types.has_question(b) {
            let (plain_a, plain_b) = (types.with_nullable(a, false), types.with_nullable(b, false));
            return types.nullable(self.up_at(plain_a, plain_b, depth + 1));
        }
        match (types.kind(a), types.kind(b)) {
            (Param { .. }, _) | (_, Param { .. }) => self.up_param(a, b, depth),
            (Function { function: f, .. }, Function { function: g, .. }) => {
                self.up_functions(f, g, depth)
            }
            (Function { .. }, _) if b == Ty::FUNCTION => b,
            (_, Function { .. }) if a == Ty::FUNCTION => a,
            (Function { .. }, _) => self.up_at(Ty::OBJECT, b, depth + 1),
            (_, Function { .. }) => self.up_at(a, Ty::OBJECT, depth + 1),
            (TyKind::Record { .. }, TyKind::Record { .. }) => self
                .merge_records(a, b, |x, y| self.up_at(x, y, depth + 1))
                .unwrap_or(Ty::RECORD),
            (TyKind::Record { .. }, _) if b == Ty::RECORD => b,
            (_, TyKind::Record { .. }) if a == Ty::RECORD => a,
            (TyKind::Record { .. }, _) => self.up_at(Ty::OBJECT, b, depth + 1),
            (_, TyKind::Record { .. }) => self.up_at(a, Ty::OBJECT, depth + 1),
            (FutureOr { arg: x, .. }, FutureOr { arg: y, .. }) => {
                types.future_or(self.up_at(*x, *y, depth + 1))
            }
            (FutureOr { arg, .. }, _) => self.up_future_or(*arg, b, depth),
            (_, FutureOr { arg, .. }) => self.up_future_or(*arg, a, depth),
            _ if self.is_closed_subtype(a, b, false) => b,
            _ if self.is_closed_subtype(b, a, false) => a,
            (Interface { .. }, Interface { .. }) => self.up_interfaces(a, b, depth),
            _ => self.object_for(a, b),
        }
    }

    /// UP of a type and `Null`.
    fn or_null(&self, ty: Ty) -> Ty {
        if self.is_nullable(ty) {
            ty
        } else {
            self.types.nullable(ty)
        }
    }

    /// Subtyping between types with holes, which are filled from below (for UP) or from above (for DOWN).
    fn is_closed_subtype(&self, a: Ty, b: Ty, greatest: bool) -> bool {
        self.is_subtype(
            fill_unknown(self, a, greatest),
            fill_unknown(self, b, greatest),
        )
    }

    /// A record type whose fields are those of both, put together; none if the shapes differ.
    fn merge_records(&self, a: Ty, b: Ty, merge: impl Fn(Ty, Ty) -> Ty) -> Option<Ty> {
        let (
            TyKind::Record {
                positional: p,
                named: n,
                ..
            },
            TyKind::Record {
                positional: q,
                named: m,
                ..
            },
        ) = (self.types.kind(a), self.types.kind(b))
        else {
            return None;
        };
        let is_same_shape = p.len() == q.len()
            && n.len() == m.len()
            && n.iter().zip(m.iter()).all(|(x, y)| x.0 == y.0);
        if !is_same_shape {
            return None;
        }
        let positional: Vec<Ty> = p.iter().zip(q.iter()).map(|(&x, &y)| merge(x, y)).collect();
        let named: Vec<_> = n
            .iter()
            .zip(m.iter())
            .map(|(x, y)| (x.0, merge(x.1, y.1)))
            .collect();
        Some(self.types.record(&positional, &named))
    }

    fn up_future_or(&self, arg: Ty, other: Ty, depth: u32) -> Ty {
        let other = match self.as_instance_of(other, known::FUTURE) {
            Some(args) => args[0],
            None => other,
        };
        self.types.future_or(self.up_at(arg, other, depth + 1))
    }

    /// One of the two at least is a type variable, perhaps a promoted one: `X & B` fits where `X` does.
    fn up_param(&self, a: Ty, b: Ty, depth: u32) -> Ty {
        let is_variable = |ty| matches!(self.types.kind(ty), TyKind::Param { .. });
        let is_promoted = |ty| {
            matches!(
                self.types.kind(ty),
                TyKind::Param {
                    promoted: Some(_),
                    ..
                }
            )
        };
        // A promoted one goes first, wherever it stands.
        let left = is_promoted(a) || is_variable(a) && !is_promoted(b);
        let (variable, other) = if left { (a, b) } else { (b, a) };
        let plain = self.without_promotion(variable);
        if self.is_subtype(plain, other) {
            return other;
        }
        if self.is_subtype(other, plain) {
            return plain;
        }
        let erased = self.erase_param(variable);
        match left {
            true => self.up_at(erased, other, depth + 1),
            false => self.up_at(other, erased, depth + 1),
        }
    }

    /// `X` for `X & B`.
    fn without_promotion(&self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            TyKind::Param { param, .. } => self.types.param(*param),
            _ => ty,
        }
    }

    /// The bound of a type variable, with the variable itself put out of the bound.
    fn erase_param(&self, ty: Ty) -> Ty {
        match self.types.kind(ty) {
            TyKind::Param {
                param,
                promoted,
                nullable,
            } => {
                let bound = promoted.unwrap_or_else(|| self.bound(*param));
                let closed = self.greatest_closure(bound, &[*param]);
                if *nullable {
                    self.types.nullable(closed)
                } else {
                    closed
                }
            }
            _ => ty,
        }
    }

    fn object_for(&self, a: Ty, b: Ty) -> Ty {
        if self.is_potentially_nullable(a) || self.is_potentially_nullable(b) {
            Ty::OBJECT_N
        } else {
            Ty::OBJECT
        }
    }

    /// MORETOP: of two types that are equivalent to `Object?`, or both to `Object`, the one that says so more plainly.
    fn is_more_top(&self, a: Ty, b: Ty) -> bool {
        let types = &self.types;
        match () {
            () if a == Ty::VOID => true,
            () if b == Ty::VOID => false,
            () if a == Ty::DYNAMIC => true,
            () if b == Ty::DYNAMIC => false,
            () if a == Ty::OBJECT => true,
            () if b == Ty::OBJECT => false,
            () => match (types.has_question(a), types.has_question(b)) {
                (false, true) => true,
                (true, false) => false,
                (true, true) => {
                    self.is_more_top(types.with_nullable(a, false), types.with_nullable(b, false))
                }
                (false, false) => match (types.kind(a), types.kind(b)) {
                    (TyKind::FutureOr { arg: x, .. }, TyKind::FutureOr { arg: y, .. }) => {
                        self.is_more_top(*x, *y)
                    }
                    _ => true,
                },
            },
        }
    }

    fn up_functions(&self, f: &FunctionTy, g: &FunctionTy, depth: u32) -> Ty {
        let Some(rename) = self.renaming(f, g) else {
            return Ty::FUNCTION;
        };
        let requires = |one: &FunctionTy, other: &FunctionTy| {
            one.named
                .iter()
                .filter(|p| p.required)
                .all(|p| other.named.iter().any(|q| q.name == p.name))
        };
        if f.required != g.required || !requires(f, g) || !requires(g, f) {
            return Ty::FUNCTION;
        }
        let positional = f
            .positional
            .iter()
            .zip(g.positional.iter())
            .map(|(&p, &q)| self.down_at(p, rename(q), depth + 1))
            .collect();
        let named = f
            .named
            .iter()
            .filter_map(|p| {
                let q = g.named.iter().find(|q| q.name == p.name)?;
                Some(NamedParamTy {
                    name: p.name,
                    ty: self.down_at(p.ty, rename(q.ty), depth + 1),
                    required: p.required || q.required,
                })
            })
            .collect();
        self.types.function(FunctionTy {
            type_params: f.type_params.clone(),
            positional,
            required: f.required,
            named,
            result: self.up_at(f.result, rename(g.result), depth + 1),
        })
    }

    /// Same class: argument by argument. Otherwise the deepest common superinterface that is unique at its depth.
    fn up_interfaces(&self, a: Ty, b: Ty, depth: u32) -> Ty {
        let (
            TyKind::Interface {
                class: ca,
                args: xs,
                ..
            },
            TyKind::Interface {
                class: cb,
                args: ys,
                ..
            },
        ) = (self.types.kind(a), self.types.kind(b))
        else {
            return Ty::OBJECT;
        };
        if ca == cb {
            let args: Vec<Ty> = xs
                .iter()
                .zip(ys.iter())
                .map(|(&x, &y)| self.up_at(x, y, depth + 1))
                .collect();
            return self.types.interface(*ca, &args);
        }
        let of_a = self.instances(a, *ca);
        let of_b = self.instances(b, *cb);
        let mut common: Vec<(u32, Ty)> = of_a
            .iter()
            .filter(|ty| of_b.contains(ty))
            .filter_map(|&ty| Some((self.class_depth(self.class_of(ty)?), ty)))
            .collect();
        common.sort_unstable_by_key(|&(d, _)| std::cmp::Reverse(d));
        let mut rest = common.as_slice();
        while let Some(&(level, ty)) = rest.first() {
            let at_level = rest.iter().take_while(|&&(d, _)| d == level).count();
            if at_level == 1 {
                return ty;
            }
            rest = &rest[at_level..];
        }
        // Extension types need not be below Object.
        self.object_for(a, b)
    }

    fn instances(&self, ty: Ty, class: ClassId) -> Vec<Ty> {
        let mut all = vec![ty];
        let TyKind::Interface { args, .. } = self.types.kind(ty) else {
            return all;
        };
        let params = &self.class(class).type_params;
        for (&sup, sup_args) in self.supers(class) {
            let args: Vec<Ty> = sup_args
                .iter()
                .map(|&arg| self.subst(arg, params, args))
                .collect();
            all.push(self.types.interface(sup, &args));
        }
        all
    }

    /// Length of the longest path to Object.
    fn class_depth(&self, class: ClassId) -> u32 {
        fn walk(world: &World, class: ClassId, fuel: u32) -> u32 {
            if fuel == 0 {
                return 0;
            }
            world
                .direct_supertypes(class)
                .filter_map(|ty| world.class_of(ty))
                .map(|sup| walk(world, sup, fuel - 1) + 1)
                .max()
                .unwrap_or(0)
        }
        walk(self, class, 60)
    }

    /// DOWN: the greatest lower bound.
    pub fn down(&self, a: Ty, b: Ty) -> Ty {
        self.down_at(a, b, 0)
    }

    fn down_at(&self, a: Ty, b: Ty, depth: u32) -> Ty {
        use TyKind::*;
        if a == b || depth > 20 {
            return a;
        }
        let types = &self.types;
        match (types.kind(a), types.kind(b)) {
            (Error, _) | (Unknown, _) => return b,
            (_, Error) | (_, Unknown) => return a,
            _ => {}
        }
        match (self.is_top(a), self.is_top(b)) {
            (true, true) => return if self.is_more_top(b, a) { a } else { b },
            (true, false) => return b,
            (false, true) => return a,
            _ => {}
        }
        match (types.kind(a), types.kind(b)) {
            (Never, _) => return a,
            (_, Never) => return b,
            (Null, _) => return if self.is_nullable(b) { a } else { Ty::NEVER },
            (_, Null) => return if self.is_nullable(a) { b } else { Ty::NEVER },
            _ if a == Ty::OBJECT => return self.down_object(b),
            _ if b == Ty::OBJECT => return self.down_object(a),
            _ => {}
        }
        if types.has_question(a) || types.has_question(b) {
            let down = self.down_at(
                types.with_nullable(a, false),
                types.with_nullable(b, false),
                depth + 1,
            );
            let both = types.has_question(a) && types.has_question(b);
            return if both { types.nullable(down) } else { down };
        }
        match (types.kind(a), types.kind(b)) {
            (Function { function: f, .. }, Function { function: g, .. }) => {
                self.down_functions(f, g, depth)
            }
            (TyKind::Record { .. }, TyKind::Record { .. }) => self
                .merge_records(a, b, |x, y| self.down_at(x, y, depth + 1))
                .unwrap_or(Ty::NEVER),
            _ if self.is_closed_subtype(a, b, true) => a,
            _ if self.is_closed_subtype(b, a, true) => b,
            (FutureOr { arg: x, .. }, FutureOr { arg: y, .. }) => {
                types.future_or(self.down_at(*x, *y, depth + 1))
            }
            (FutureOr { arg, .. }, _) => self.down_future_or(*arg, b, depth),
            (_, FutureOr { arg, .. }) => self.down_future_or(*arg, a, depth),
            _ => Ty::NEVER,
        }
    }

    /// DOWN of a type and `Object`.
    fn down_object(&self, ty: Ty) -> Ty {
        let non_null = self.non_null(ty);
        match () {
            () if !self.is_potentially_nullable(ty) => ty,
            () if !self.is_potentially_nullable(non_null) => non_null,
            () => Ty::NEVER,
        }
    }

    fn down_future_or(&self, arg: Ty, other: Ty, depth: u32) -> Ty {
        match self.types.kind(other) {
            TyKind::Interface { class, args, .. } if *class == known::FUTURE => {
                self.future_of(self.down_at(arg, args[0], depth + 1))
            }
            _ => self.down_at(arg, other, depth + 1),
        }
    }

    fn down_functions(&self, f: &FunctionTy, g: &FunctionTy, depth: u32) -> Ty {
        let has_optional = |f: &FunctionTy| (f.required as usize) < f.positional.len();
        let mixes_optionals = has_optional(f) && !g.named.is_empty()
            || has_optional(g) && !f.named.is_empty()
            || f.positional.len() != g.positional.len()
                && !(f.named.is_empty() && g.named.is_empty());
        let Some(rename) = self.renaming(f, g) else {
            return Ty::NEVER;
        };
        if mixes_optionals {
            return Ty::NEVER;
        }
        let longer = f.positional.len().max(g.positional.len());
        let positional = (0..longer)
            .filter_map(|i| match (f.positional.get(i), g.positional.get(i)) {
                (Some(&p), Some(&q)) => Some(self.up_at(p, rename(q), depth + 1)),
                (Some(&p), None) => Some(p),
                (None, q) => q.map(|&q| rename(q)),
            })
            .collect();
        let mut named: Vec<NamedParamTy> = f.named.to_vec();
        for p in &mut named {
            p.required &= g.named.iter().any(|q| q.name == p.name && q.required);
        }
        for q in &g.named {
            match named.iter_mut().find(|p| p.name == q.name) {
                Some(p) => p.ty = self.up_at(p.ty, rename(q.ty), depth + 1),
                None => named.push(NamedParamTy {
                    required: false,
                    ty: rename(q.ty),
                    ..*q
                }),
            }
        }
        named.sort_unstable_by_key(|p| p.name.as_str());
        self.types.function(FunctionTy {
            type_params: f.type_params.clone(),
            positional,
            required: f.required.min(g.required),
            named: named.into(),
            result: self.down_at(f.result, rename(g.result), depth + 1),
        })
    }

    /// How types of `g` are said with the type parameters of `f`; none if they have different type parameters.
    fn renaming<'a>(&'a self, f: &FunctionTy, g: &'a FunctionTy) -> Option<impl Fn(Ty) -> Ty + 'a> {
        if f.type_params.len() != g.type_params.len() {
            return None;
        }
        let args: Vec<Ty> = f.type_params.iter().map(|&p| self.types.param(p)).collect();
        let rename = move |ty: Ty| self.subst(ty, &g.type_params, &args);
        let bounds_agree = f
            .type_params
            .iter()
            .zip(g.type_params.iter())
            .all(|(&p, &q)| self.same_type(self.bound(p), rename(self.bound(q))));
        bounds_agree.then_some(rename)
    }

    /// Whether `ty` mentions one of `params`.
    pub fn mentions(&self, ty: Ty, params: &[TypeParamId]) -> bool {
        if params.is_empty() {
            return false;
        }
        let mut found = false;
        self.types.map_params(ty, &mut |p| {
            found |= params.contains(&p);
            None
        });
        found
    }

    /// Whether `ty` mentions one of `params` covariantly (or else contravariantly): where a greater argument makes the type
    /// greater (or smaller). Bounds of generic function types count as both.
    pub fn mentions_at(&self, ty: Ty, params: &[TypeParamId], covariantly: bool) -> bool {
        if params.is_empty() {
            return false;
        }
        let at = |ty: Ty, same: bool| self.mentions_at(ty, params, covariantly == same);
        match self.types.kind(ty) {
            TyKind::Param { param, .. } => covariantly && params.contains(param),
            TyKind::Interface { args, .. } => args.iter().any(|&arg| at(arg, true)),
            TyKind::FutureOr { arg, .. } => at(*arg, true),
            TyKind::Record {
                positional, named, ..
            } => {
                positional.iter().any(|&ty| at(ty, true))
                    || named.iter().any(|field| at(field.1, true))
            }
            TyKind::Function { function, .. } => {
                let bounds = &function.type_params;
                at(function.result, true)
                    || function.positional.iter().any(|&ty| at(ty, false))
                    || function.named.iter().any(|param| at(param.ty, false))
                    || bounds
                        .iter()
                        .any(|&param| self.mentions(self.bound(param), params))
            }
            _ => false,
        }
    }
}
