//! Context types of patterns, and the types object patterns infer.

use eyot_syntax::ast::{ListPatternElement, PatternId, PatternKind as P, TypeKind, TypeNodeId};

use super::Walk;
use crate::infer::Inference;
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// The context type a pattern gives to the value matched; a hole where it says nothing.
    pub(super) fn pattern_context(&mut self, id: PatternId) -> Ty {
        let tree = self.tree;
        match &tree[id].kind {
            P::Variable(variable) => self.maybe_annotation(variable.ty).unwrap_or(Ty::UNKNOWN),
            P::Wildcard { ty, .. } => self.maybe_annotation(*ty).unwrap_or(Ty::UNKNOWN),
            P::AssignedVariable(name) => {
                let meaning = self.resolve(name.symbol);
                match meaning {
                    super::names::Name::Local(local) => self.locals[local.0 as usize].ty,
                    _ => Ty::UNKNOWN,
                }
            }
            P::Parenthesized(inner) => self.pattern_context(*inner),
            P::NullAssert(inner) | P::NullCheck(inner) => {
                let inner = self.pattern_context(*inner);
                if inner == Ty::UNKNOWN {
                    inner
                } else {
                    self.world.types.nullable(inner)
                }
            }
            P::LogicalAnd(left, right) => {
                let (left, right) = (self.pattern_context(*left), self.pattern_context(*right));
                match (left, right) {
                    (Ty::UNKNOWN, other) | (other, Ty::UNKNOWN) => other,
                    (left, right) => self.world.down(left, right),
                }
            }
            P::Record(fields) => {
                let mut positional = Vec::new();
                let mut named = Vec::new();
                for field in fields {
                    let ty = self.pattern_context(field.pattern);
                    match field.name {
                        Some(name) => named.push((name.symbol, ty)),
                        None => positional.push(ty),
                    }
                }
                named.sort_by_key(|field| field.0.as_str());
                self.world.types.record(&positional, &named)
            }
            P::List {
                type_args,
                elements,
            } => {
                if let [ty] = type_args.as_slice() {
                    let ty = self.annotation(*ty);
                    return self.list_type(ty);
                }
                let mut element = Ty::UNKNOWN;
                for entry in elements {
                    let ty = match entry {
                        ListPatternElement::Pattern(pattern) => self.pattern_context(*pattern),
                        ListPatternElement::Rest {
                            pattern: Some(pattern),
                            ..
                        } => {
                            let rest = self.pattern_context(*pattern);
                            self.sequence_class(false)
                                .filter(|_| rest != Ty::UNKNOWN)
                                .and_then(|class| self.world.as_instance_of(rest, class))
                                .and_then(|args| args.first().copied())
                                .unwrap_or(Ty::UNKNOWN)
                        }
                        ListPatternElement::Rest { pattern: None, .. } => continue,
                    };
                    {
                        element = match (element, ty) {
                            (Ty::UNKNOWN, ty) => ty,
                            (element, Ty::UNKNOWN) => element,
                            (element, ty) => self.world.down(element, ty),
                        };
                    }
                }
                self.list_type(element)
            }
            P::Map { type_args, entries } => {
                if let [key, value] = type_args.as_slice() {
                    let (key, value) = (self.annotation(*key), self.annotation(*value));
                    return self.map_type(key, value);
                }
                let mut common = Ty::UNKNOWN;
                for entry in entries {
                    let ty = self.pattern_context(entry.value);
                    common = match (common, ty) {
                        (Ty::UNKNOWN, ty) => ty,
                        (common, Ty::UNKNOWN) => common,
                        (common, ty) => self.world.down(common, ty),
                    };
                }
                self.map_type(Ty::UNKNOWN, common)
            }
            P::Object { ty, .. } => self.annotation(*ty),
            P::Error
            | P::LogicalOr(..)
            | P::Relational { .. }
            | P::Cast { .. }
            | P::Constant(_) => Ty::UNKNOWN,
        }
    }

    /// The type of an object pattern: arguments left out are inferred from the value matched.
    pub(super) fn object_pattern_type(&mut self, node: TypeNodeId, matched: Ty) -> Ty {
        let ty = self.annotation(node);
        let TypeKind::Named { type_args, .. } = &self.tree[node].kind else {
            return ty;
        };
        let TyKind::Interface { class, args, .. } = self.world.types.kind(ty) else {
            return ty;
        };
        if !type_args.is_empty() || args.is_empty() {
            return ty;
        }
        let own = self.world.this_type(*class);
        let fresh = self.freshen(
            &crate::types::FunctionTy {
                type_params: self.world.class(*class).type_params.clone().into(),
                positional: Box::new([]),
                required: 0,
                named: Box::new([]),
                result: own,
            },
            None,
        );
        let mut inference = Inference::new(self.world, &fresh.type_params);
        inference.constrain_result(fresh.result, self.world.non_null(matched));
        let args = inference.solve();
        self.world.types.interface(*class, &args)
    }
}
