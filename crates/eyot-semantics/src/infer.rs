//! Inference of type arguments: constraints on the parameters of a generic function or class, gathered from the context and
//! the arguments, then solved.
//!
//! Follows the language's `resources/type-system/inference.md` ("Subtype constraint generation", "Constraint solution").
//! Inference goes in phases (context, arguments, function literals); what one has found is fixed for the next.

use crate::model::{TypeParamId, World, known};
use crate::types::{FunctionTy, NamedParamTy, Ty, TyKind};

/// Constraints on some type parameters: `lower <: X <: upper` for each.
#[derive(Clone, Debug)]
pub struct Inference<'w> {
    world: &'w World,
    params: Vec<TypeParamId>,
    /// Found in an earlier phase.
    fixed: Vec<Ty>,
    lower: Vec<Ty>,
    upper: Vec<Ty>,
    /// How often a constraint was added, also where it said nothing new.
    added: u32,
}

/// What was known about the parameters before a trial that may fail.
type Snapshot = (Vec<Ty>, Vec<Ty>);

impl<'w> Inference<'w> {
    /// No constraint yet on `params`.
    pub fn new(world: &'w World, params: &[TypeParamId]) -> Inference<'w> {
        Inference {
            world,
            params: params.to_vec(),
            fixed: vec![Ty::UNKNOWN; params.len()],
            lower: vec![Ty::UNKNOWN; params.len()],
            upper: vec![Ty::UNKNOWN; params.len()],
            added: 0,
        }
    }

    /// The result is wanted as `context` (downwards inference). An impossible wish constrains nothing.
    pub fn constrain_result(&mut self, result: Ty, context: Ty) {
        if context != Ty::UNKNOWN && context != Ty::DYNAMIC && context != Ty::VOID {
            self.try_match(result, context);
        }
    }

    /// An argument of type `arg` is given for a parameter of type `param`.
    pub fn constrain_argument(&mut self, arg: Ty, param: Ty) {
        self.try_match(arg, param);
    }

    /// What is known so far, with holes where nothing is: the context types for arguments not yet inferred.
    pub fn partial(&self) -> Vec<Ty> {
        let all = self.with_bounds();
        let mut solved = self.fixed.clone();
        for i in 0..solved.len() {
            if solved[i] != Ty::UNKNOWN {
                continue;
            }
            let plain = choose(self.world, all.lower[i], all.upper[i]);
            solved[i] = match has_unknown(self.world, plain) {
                true => plain,
                false => all.within_bound(i, &solved),
            };
        }
        solved
    }

    /// The end of a phase: what is known by now stays, whatever later phases find.
    pub fn fix(&mut self) {
        for (fixed, found) in self.partial().into_iter().enumerate() {
            if !has_unknown(self.world, found) {
                self.fixed[fixed] = found;
            }
        }
    }

    /// The arguments. Parameters without constraint get their bound (or `dynamic`).
    pub fn solve(&self) -> Vec<Ty> {
        let world = self.world;
        let all = self.with_bounds();
        let defaults = world.instantiate_to_bounds(&self.params);
        let mut solved = self.fixed.clone();
        let unconstrained: Vec<bool> = (0..solved.len())
            .map(|i| [all.fixed[i], all.lower[i], all.upper[i]] == [Ty::UNKNOWN; 3])
            .collect();
        for i in 0..solved.len() {
            if solved[i] == Ty::UNKNOWN && !unconstrained[i] {
                let found = all.within_bound(i, &solved);
                // Holes that are left: as little as possible where arguments ask, as much where only the context does.
                let is_greatest = all.lower[i] == Ty::UNKNOWN;
                solved[i] = fill_unknown(world, found, is_greatest);
            }
        }
        // Bounds of the others may mention parameters that were solved.
        let known: Vec<Ty> = (0..solved.len())
            .map(|i| {
                if unconstrained[i] {
                    defaults[i]
                } else {
                    solved[i]
                }
            })
            .collect();
        for i in (0..solved.len()).filter(|&i| unconstrained[i]) {
            let bound = world.bound(self.params[i]);
            solved[i] = match bound {
                Ty::OBJECT_N => defaults[i],
                bound => world.types.substitute(bound, &self.params, &known),
            };
        }
        // An argument may be of a type beyond the bound (`dynamic`, or nullable) that is converted to what the bound allows.
        for i in 0..solved.len() {
            let bound = world.bound(self.params[i]);
            let bound = world.types.substitute(bound, &self.params, &solved);
            if !world.is_subtype(solved[i], bound) && world.is_subtype(bound, solved[i]) {
                solved[i] = bound;
            }
        }
        solved
    }

    /// The constraints together with what bounds ask of the types of arguments: for an argument of a class that implements
    /// `Comparable<num>` and a bound `Comparable<X>`, X is num; with `X extends Iterable<Y>`, an X of `List<int>` makes Y int.
    fn with_bounds(&self) -> Inference<'w> {
        let mut all = self.clone();
        for (i, &param) in self.params.iter().enumerate() {
            let bound = self.world.bound(param);
            let found = match all.lower[i] {
                Ty::UNKNOWN => self.fixed[i],
                lower => lower,
            };
            if found == Ty::UNKNOWN || !self.world.mentions(bound, &self.params) {
                continue;
            }
            let before = all.save();
            match all.matches(found, bound, 0) {
                true => all.keep_known(i, before),
                false => all.restore(before),
            }
        }
        all
    }

    /// Goes back to what was known about the parameters other than `of`, except where nothing was.
    fn keep_known(&mut self, of: usize, (lower, upper): Snapshot) {
        for i in 0..self.params.len() {
            if i != of && (lower[i] != Ty::UNKNOWN || upper[i] != Ty::UNKNOWN) {
                self.lower[i] = lower[i];
                self.upper[i] = upper[i];
            }
        }
    }

    /// The solution for a parameter, with `solved` for the others: where nothing asks for more, its bound counts.
    fn within_bound(&self, i: usize, solved: &[Ty]) -> Ty {
        let world = self.world;
        let bound = world.bound(self.params[i]);
        if bound == Ty::OBJECT_N || self.lower[i] != Ty::UNKNOWN {
            return choose(world, self.lower[i], self.upper[i]);
        }
        let bound = world.types.substitute(bound, &self.params, solved);
        let mut more = self.clone();
        more.add_upper(i, bound);
        choose(world, more.lower[i], more.upper[i])
    }

    fn try_match(&mut self, sub: Ty, sup: Ty) {
        let saved = self.save();
        if !self.matches(sub, sup, 0) {
            self.restore(saved);
        }
    }

    fn save(&self) -> Snapshot {
        (self.lower.clone(), self.upper.clone())
    }

    fn restore(&mut self, (lower, upper): Snapshot) {
        self.lower = lower;
        self.upper = upper;
    }

    fn index(&self, ty: Ty) -> Option<usize> {
        match self.world.types.kind(ty) {
            TyKind::Param {
                param,
                promoted: None,
                nullable: false,
            } => self.params.iter().position(|p| p == param),
            _ => None,
        }
    }

    fn add_lower(&mut self, i: usize, ty: Ty) -> bool {
        self.added += 1;
        let old = self.lower[i];
        self.lower[i] = if old == Ty::UNKNOWN {
            ty
        } else {
            self.world.up(old, ty)
        };
        true
    }

    fn add_upper(&mut self, i: usize, ty: Ty) -> bool {
        self.added += 1;
        let old = self.upper[i];
        self.upper[i] = if old == Ty::UNKNOWN {
            ty
        } else {
            self.world.down(old, ty)
        };
        true
    }

    /// Whether `sub <: sup` can hold, adding what it takes to the constraints. One of the sides mentions the parameters.
    fn matches(&mut self, sub: Ty, sup: Ty, depth: u32) -> bool {
        if depth > 50 {
            return false;
        }
        let world = self.world;
        let types = &world.types;
        if sub == Ty::UNKNOWN || sup == Ty::UNKNOWN {
            return true;
        }
        if let Some(i) = self.index(sub) {
            return self.add_upper(i, sup);
        }
        if let Some(i) = self.index(sup) {
            return self.add_lower(i, sub);
        }
        if sub == sup || !self.relevant(sub) && !self.relevant(sup) {
            return world.is_subtype(sub, sup);
        }
        if world.is_top(sup) {
            return true;
        }
        let (left, right) = (types.kind(sub), types.kind(sup));
        match (left, right) {
            (TyKind::Never, _) => return true,
            // `Future.value(d)` is a `Future<dynamic>`, not a `Future<Object>`.
            (TyKind::Dynamic | TyKind::Void, TyKind::FutureOr { arg, .. }) => {
                return self.matches(sub, *arg, depth + 1);
            }
            (TyKind::Dynamic | TyKind::Void, _) => {
                return self.matches(Ty::OBJECT_N, sup, depth + 1);
            }
            _ => {}
        }
        // FutureOr on both sides, then unions on the right, then on the left.
        if let (
            TyKind::FutureOr {
                arg: p,
                nullable: false,
            },
            TyKind::FutureOr {
                arg: q,
                nullable: false,
            },
        ) = (left, right)
        {
            return self.matches(*p, *q, depth + 1);
        }
        if types.has_question(sup) {
            return self.match_right_nullable(sub, types.with_nullable(sup, false), depth);
        }
        if let TyKind::FutureOr { arg, .. } = right {
            return self.match_right_future_or(sub, *arg, depth);
        }
        if types.has_question(sub) {
            return self.matches(types.with_nullable(sub, false), sup, depth + 1)
                && self.matches(Ty::NULL, sup, depth + 1);
        }
        if let TyKind::FutureOr { arg, .. } = left {
            let future = types.interface(known::FUTURE, &[*arg]);
            return self.matches(future, sup, depth + 1) && self.matches(*arg, sup, depth + 1);
        }
        match (left, right) {
            (
                TyKind::Param {
                    promoted: Some(bound),
                    ..
                },
                _,
            ) => self.matches(*bound, sup, depth + 1),
            (TyKind::Param { param, .. }, _) => {
                let bound = world.bound(*param);
                bound != sub && self.matches(bound, sup, depth + 1)
            }
            (TyKind::Interface { .. }, TyKind::Interface { class, args, .. }) => {
                let Some(found) = world.as_instance_of(sub, *class) else {
                    return false;
                };
                found
                    .iter()
                    .zip(args.iter())
                    .all(|(&x, &y)| self.matches(x, y, depth + 1))
            }
            (TyKind::Function { function: f, .. }, TyKind::Function { function: g, .. }) => {
                self.match_functions(f, g, depth)
            }
            (TyKind::Function { .. }, TyKind::Interface { class, .. }) => {
                *class == known::FUNCTION || *class == known::OBJECT
            }
            (
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
            ) => {
                p.len() == q.len()
                    && n.len() == m.len()
                    && p.iter()
                        .zip(q.iter())
                        .all(|(&x, &y)| self.matches(x, y, depth + 1))
                    && n.iter()
                        .zip(m.iter())
                        .all(|(x, y)| x.0 == y.0 && self.matches(x.1, y.1, depth + 1))
            }
            _ => false,
        }
    }

    fn relevant(&self, ty: Ty) -> bool {
        self.world.mentions(ty, &self.params)
    }

    /// `sub <: sup?`: match `sub` without its own `?` first, else `sub <: sup`, else `sub <: Null`.
    fn match_right_nullable(&mut self, sub: Ty, sup: Ty, depth: u32) -> bool {
        let types = &self.world.types;
        if sub == Ty::NULL {
            // `T? x` given null: a T that takes null as well, if it can.
            let (before, added) = (self.save(), self.added);
            if !self.matches(sub, sup, depth + 1) || self.added == added {
                self.restore(before);
            }
            return true;
        }
        if types.has_question(sub) {
            return self.matches(types.with_nullable(sub, false), sup, depth + 1);
        }
        if sub == Ty::DYNAMIC || sub == Ty::VOID {
            return self.matches(Ty::OBJECT, sup, depth + 1);
        }
        let saved = self.save();
        if self.matches(sub, sup, depth + 1) {
            return true;
        }
        self.restore(saved);
        self.matches(sub, Ty::NULL, depth + 1)
    }

    fn match_right_future_or(&mut self, sub: Ty, arg: Ty, depth: u32) -> bool {
        let future = self.world.types.interface(known::FUTURE, &[arg]);
        let before = self.save();
        let added = self.added;
        if self.matches(sub, future, depth + 1) && self.added != added {
            return true;
        }
        self.restore(before.clone());
        if self.matches(sub, arg, depth + 1) {
            return true;
        }
        self.restore(before);
        self.matches(sub, future, depth + 1)
    }

    fn match_functions(&mut self, sub: &FunctionTy, sup: &FunctionTy, depth: u32) -> bool {
        if !self.match_signatures(sub, sup, depth) {
            return false;
        }
        // The type parameters of the functions mean nothing outside of them.
        for (lower, upper) in self.lower.iter_mut().zip(&mut self.upper) {
            *lower = self.world.greatest_closure(*lower, &sup.type_params);
            *upper = self.world.least_closure(*upper, &sup.type_params);
        }
        true
    }

    fn match_signatures(&mut self, sub: &FunctionTy, sup: &FunctionTy, depth: u32) -> bool {
        if sub.type_params.len() != sup.type_params.len()
            || sub.required > sup.required
            || sub.positional.len() < sup.positional.len()
        {
            return false;
        }
        let world = self.world;
        let names: Vec<Ty> = sup
            .type_params
            .iter()
            .map(|&p| world.types.param(p))
            .collect();
        let rename = |ty: Ty| world.subst(ty, &sub.type_params, &names);
        for (&p, &q) in sup.positional.iter().zip(sub.positional.iter()) {
            if !self.matches(p, rename(q), depth + 1) {
                return false;
            }
        }
        for wanted in &sup.named {
            let Some(own) = sub
                .named
                .iter()
                .find(|p: &&NamedParamTy| p.name == wanted.name)
            else {
                return false;
            };
            if !self.matches(wanted.ty, rename(own.ty), depth + 1) {
                return false;
            }
        }
        if sup.result == Ty::VOID {
            return true;
        }
        self.matches(rename(sub.result), sup.result, depth + 1)
    }
}

/// Of two limits the one that is known, the lower before the upper.
fn choose(world: &World, lower: Ty, upper: Ty) -> Ty {
    let is_known = |ty: Ty| !has_unknown(world, ty);
    match () {
        () if is_known(lower) => lower,
        () if is_known(upper) => upper,
        () if lower != Ty::UNKNOWN => lower,
        () => upper,
    }
}

/// Whether a type has a hole.
pub fn has_unknown(world: &World, ty: Ty) -> bool {
    match world.types.kind(ty) {
        TyKind::Unknown => true,
        TyKind::Interface { args, .. } => args.iter().any(|&arg| has_unknown(world, arg)),
        TyKind::Function { function, .. } => {
            has_unknown(world, function.result)
                || function.positional.iter().any(|&p| has_unknown(world, p))
                || function.named.iter().any(|p| has_unknown(world, p.ty))
        }
        TyKind::Record {
            positional, named, ..
        } => {
            positional.iter().any(|&p| has_unknown(world, p))
                || named.iter().any(|p| has_unknown(world, p.1))
        }
        TyKind::FutureOr { arg, .. } => has_unknown(world, *arg),
        _ => false,
    }
}

/// `ty` with its holes filled: the greatest closure (`Object?` for covariant holes, `Never` for contravariant
/// ones) if `greatest`, else the least.
pub fn fill_unknown(world: &World, ty: Ty, greatest: bool) -> Ty {
    if !has_unknown(world, ty) {
        return ty;
    }
    world.map_places(ty, greatest, &mut |part, greatest| {
        let filled = if greatest { Ty::OBJECT_N } else { Ty::NEVER };
        (part == Ty::UNKNOWN).then_some(filled)
    })
}
