//! Switches that cover all values: patterns as spaces, and what is said about those that do not.

use eyot_syntax::Span;
use eyot_syntax::Symbol;
use eyot_syntax::ast::{
    ExprId, GuardedPattern, ListPatternElement, PatternField, PatternId, PatternKind as P,
};

use super::Walk;
use super::members::Found;
use crate::exhaustive::{Key, Property, Restriction, Space, Spaces, Union, constant};
use crate::model::{ClassKind, known};
use crate::program::{ConstId, ConstValue, Expr, ExprKind};
use crate::types::{Ty, TyKind};

/// What was found out about the patterns of a member when they were matched.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The type of the value before a pattern and after it.
    types: rustc_hash::FxHashMap<PatternId, (Ty, Ty)>,
    constants: rustc_hash::FxHashMap<ExprId, ConstId>,
}

impl Walk<'_> {
    /// Notes the type of the value that a pattern matches, and the one it has then.
    pub(super) fn note_pattern(&mut self, id: PatternId, before: Ty, after: Ty) {
        self.seen.types.insert(id, (before, after));
    }

    /// Notes the value of a constant in a pattern.
    pub(super) fn note_constant(&mut self, id: ExprId, value: &Expr) {
        let constant = match value.kind {
            ExprKind::Const(constant) => constant,
            ExprKind::Bool(value) => self.world.consts.intern(ConstValue::Bool(value)),
            ExprKind::Null => self.world.consts.intern(ConstValue::Null),
            _ => return,
        };
        self.seen.constants.insert(id, constant);
    }

    /// Whether the cases cover every value of the subject, after they were matched. If they must and do not, that is
    /// reported, and they count as if they did.
    pub(super) fn is_exhaustive<'t>(
        &mut self,
        subject: Ty,
        cases: impl Iterator<Item = &'t GuardedPattern>,
        is_expression: bool,
        span: Span,
    ) -> bool {
        if subject == Ty::ERROR {
            return true;
        }
        let unguarded = cases.filter(|case| case.guard.is_none());
        let cases: Vec<Union> = unguarded.map(|case| self.space_of(case.pattern)).collect();
        // Of other statements flow analysis says what they leave over.
        if !is_expression && !self.always_exhaustive(subject) {
            return false;
        }
        let uncovered = Spaces::new(self.world, self.library).uncovered(subject, &cases);
        let Some(uncovered) = uncovered else {
            return true;
        };
        if self.world.library(self.library).version < (3, 0) {
            return false;
        }
        let missing = self.show_space(&uncovered);
        self.error(
            "not-exhaustive",
            Span::new(span.start, span.start + "switch".len() as u32),
            format!("the switch does not cover all values: no case takes {missing}; add one, or a default"),
        );
        true
    }

    fn show_space(&self, space: &Space) -> String {
        let Restriction::Constant(value) = space.restriction else {
            return match space.ty {
                Ty::NULL => "null".to_string(),
                ty => format!("every '{}'", self.show(ty)),
            };
        };
        if let ConstValue::Bool(value) = self.world.consts.value(value) {
            return value.to_string();
        }
        let class = self.world.class_of(space.ty);
        let values = class.map_or(&[][..], |class| &self.world.class(class).enum_values);
        let found = values
            .iter()
            .find(|&&member| self.world.constant(member) == Some(value));
        match (class, found) {
            (Some(class), Some(&member)) => format!(
                "'{}.{}'",
                self.world.class(class).name,
                self.world.member(member).name
            ),
            _ => format!("every '{}'", self.show(space.ty)),
        }
    }

    /// Types whose switches must be exhaustive.
    pub(super) fn always_exhaustive(&self, ty: Ty) -> bool {
        let ty = self.world.erase(ty);
        match self.world.types.kind(self.world.resolve_bound(ty)) {
            TyKind::Null => true,
            TyKind::FutureOr { arg, .. } => self.always_exhaustive(*arg),
            TyKind::Interface { class, .. } => {
                let data = self.world.class(*class);
                *class == known::BOOL || data.kind == ClassKind::Enum || data.modifiers.sealed
            }
            TyKind::Record {
                positional, named, ..
            } => positional
                .iter()
                .copied()
                .chain(named.iter().map(|field| field.1))
                .all(|ty| self.always_exhaustive(ty)),
            _ => false,
        }
    }

    // ---- patterns as spaces

    fn space_of(&self, id: PatternId) -> Union {
        let mut spaces = Spaces::new(self.world, self.library);
        match &self.tree[id].kind {
            P::Error => vec![Space::everything()],
            P::Parenthesized(inner) => self.space_of(*inner),
            P::Wildcard { .. } | P::Variable(_) | P::AssignedVariable(_) => {
                vec![Space::of_type(self.asked(id))]
            }
            P::Constant(constant) => self.constant_space(*constant),
            P::Relational { .. } | P::Map { .. } => Vec::new(),
            P::LogicalAnd(left, right) => {
                spaces.intersect(&self.space_of(*left), &self.space_of(*right))
            }
            P::LogicalOr(left, right) => {
                let mut union = self.space_of(*left);
                union.extend(self.space_of(*right));
                union
            }
            P::Cast { pattern, .. } => self.cast_space(*pattern, &mut spaces),
            P::NullCheck(inner) => self.without_null(self.space_of(*inner)),
            P::NullAssert(inner) => {
                let mut union = self.space_of(*inner);
                union.push(Space::of_type(Ty::NULL));
                union
            }
            P::List { elements, .. } => vec![self.list_space(id, elements)],
            P::Record(fields) | P::Object { fields, .. } => vec![self.object_space(id, fields)],
        }
    }

    /// The type that values have behind a pattern; everything where it asks for none. What earlier cases have found out does
    /// not count: a value that a case is silent about is not covered.
    fn asked(&self, id: PatternId) -> Ty {
        let is_silent = match &self.tree[id].kind {
            P::Wildcard { ty, .. } => ty.is_none(),
            P::Variable(variable) => variable.ty.is_none(),
            P::AssignedVariable(_) => true,
            _ => false,
        };
        match self.seen.types.get(&id) {
            Some(&(_, after)) if !is_silent => self.world.erase(self.world.resolve_bound(after)),
            _ => Ty::OBJECT_N,
        }
    }

    /// Only the values that are known to be all there are count: those of enums, true and false, null.
    fn constant_space(&self, id: ExprId) -> Union {
        let world = self.world;
        let Some(&value) = self.seen.constants.get(&id) else {
            return Vec::new();
        };
        match world.consts.value(value) {
            ConstValue::Null => vec![Space::of_type(Ty::NULL)],
            ConstValue::Bool(_) => vec![constant(Ty::BOOL, value)],
            ConstValue::Object(class, ..) if world.class(*class).kind == ClassKind::Enum => {
                let members = world.class(*class).enum_values.iter();
                let member = members
                    .copied()
                    .find(|&member| world.constant(member) == Some(value));
                let space = member.map(|member| constant(world.ty(member), value));
                space.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A cast that fails takes the value, too: it throws.
    fn cast_space(&self, pattern: PatternId, spaces: &mut Spaces<'_>) -> Union {
        let Some(&(cast, _)) = self.seen.types.get(&pattern) else {
            return vec![Space::everything()];
        };
        let cast = self.world.erase(cast);
        let inner = self.space_of(pattern);
        if spaces
            .uncovered(cast, std::slice::from_ref(&inner))
            .is_none()
        {
            return vec![Space::everything()];
        }
        let mut union = spaces.intersect(&inner, &vec![Space::of_type(cast)]);
        if !self.world.is_potentially_nullable(cast) {
            union.push(Space::of_type(Ty::NULL));
        }
        union
    }

    fn without_null(&self, union: Union) -> Union {
        let not_null = |mut space: Space| {
            space.ty = match space.ty {
                Ty::NULL => return None,
                Ty::DYNAMIC | Ty::VOID => Ty::OBJECT,
                ty => self.world.non_null(ty),
            };
            Some(space)
        };
        union.into_iter().filter_map(not_null).collect()
    }

    fn read_space(&self, key: Key, pattern: PatternId) -> Property {
        let seen = self.seen.types.get(&pattern);
        Property {
            key,
            declared: seen.map_or(Ty::OBJECT_N, |types| types.0),
            space: self.space_of(pattern),
        }
    }

    fn list_space(&self, id: PatternId, elements: &[ListPatternElement]) -> Space {
        let rest_at = elements
            .iter()
            .position(|element| matches!(element, ListPatternElement::Rest { .. }));
        let fixed = elements.len() - usize::from(rest_at.is_some());
        let mut properties = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let (key, pattern) = match element {
                ListPatternElement::Pattern(pattern) => {
                    let is_after = rest_at.is_some_and(|at| index > at);
                    let key = if is_after {
                        Key::Tail(elements.len() - index)
                    } else {
                        Key::Head(index)
                    };
                    (key, *pattern)
                }
                ListPatternElement::Rest { pattern, .. } => match pattern {
                    Some(pattern) => (Key::Rest(index, elements.len() - 1 - index), *pattern),
                    None => continue,
                },
            };
            properties.push(self.read_space(key, pattern));
        }
        let restriction = match (rest_at, fixed) {
            (Some(_), 0) => Restriction::Open,
            (rest, fixed) => Restriction::Arity(fixed, rest.is_some()),
        };
        Space {
            ty: self.asked(id),
            restriction,
            properties,
        }
    }

    fn object_space(&self, id: PatternId, fields: &[PatternField]) -> Space {
        let ty = self
            .seen
            .types
            .get(&id)
            .map_or(Ty::DYNAMIC, |types| types.1);
        let mut position = 0;
        let mut properties = Vec::new();
        for field in fields {
            let name = match field.name {
                Some(name) => name.symbol,
                None => {
                    position += 1;
                    Symbol::intern(&format!("${position}"))
                }
            };
            properties.push(self.read_space(self.getter_key(ty, name), field.pattern));
        }
        Space {
            ty: self.asked(id),
            restriction: Restriction::Open,
            properties,
        }
    }

    fn getter_key(&self, ty: Ty, name: Symbol) -> Key {
        match self.find(ty, name, false) {
            Found::Extension(member, _) => Key::Static(member),
            Found::Instance(member, _) if self.world.is_representation(member) => {
                Key::Static(member)
            }
            _ => Key::Getter(name),
        }
    }
}
