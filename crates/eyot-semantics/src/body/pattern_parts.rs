//! Patterns that take a value apart: lists, maps, records, objects.

use eyot_syntax::ast::{
    Identifier, ListPatternElement, PatternField, PatternId, PatternKind as P, TypeNodeId,
};
use eyot_syntax::{Span, Symbol, sym};

use super::Walk;
use super::pattern_reads::Read;
use super::patterns::Matching;
use crate::program::{ConstId, Expr, ExprKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    pub(super) fn list_pattern(
        &mut self,
        type_args: &[TypeNodeId],
        elements: &[ListPatternElement],
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let written = type_args.first().map(|&ty| self.annotation(ty));
        let element = match (written, self.list_args(value.ty)) {
            (Some(ty), _) => ty,
            (None, Some(ty)) => ty,
            (None, None) if value.ty == Ty::DYNAMIC => Ty::DYNAMIC,
            (None, None) => Ty::OBJECT_N,
        };
        let wanted = self.list_type(element);
        let (test, value) = self.require(value, wanted, span, matching);
        if value.ty == Ty::ERROR {
            return (test, value);
        }
        let list = match written {
            Some(_) => self.retype(value.clone(), wanted),
            None => value.clone(),
        };
        if let [ListPatternElement::Rest { pattern, .. }] = elements {
            // Any length will do.
            let part = match pattern {
                Some(pattern) => self.rest_part(list, (0, 0), None, *pattern, span, matching),
                None => self.yes(span),
            };
            return (self.and(test, part), value);
        }
        let length = Identifier {
            symbol: sym::LENGTH,
            span,
        };
        let length = self.get(list.clone(), &length, span);
        let length = self.read_once(Read::Get(sym::LENGTH), length, matching);
        let (rest, _) = self.with_part(length, |walk, length| {
            (
                walk.list_elements(elements, list.clone(), length, span, matching),
                list,
            )
        });
        (self.and(test, rest), value)
    }

    fn list_elements(
        &mut self,
        elements: &[ListPatternElement],
        list: Expr,
        length: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> Expr {
        let rest_at = elements
            .iter()
            .position(|element| matches!(element, ListPatternElement::Rest { .. }));
        let fixed = elements.len() - usize::from(rest_at.is_some());
        let count = self.node(ExprKind::Int(fixed as i64), Ty::INT, span);
        let mut test = match rest_at {
            // A list that claims a negative length is as empty as one can be.
            None if fixed == 0 => self.number_call(length.clone(), sym::LESS_EQUALS, count, span),
            None => self.equals(length.clone(), count, span),
            Some(_) if fixed == 0 => self.yes(span),
            Some(_) => self.number_call(length.clone(), sym::GREATER_EQUALS, count, span),
        };
        if !matches!(test.kind, ExprKind::Bool(true)) {
            self.fail_here(matching);
        }
        for (i, element) in elements.iter().enumerate() {
            let part = match element {
                ListPatternElement::Pattern(pattern) if self.is_blank(*pattern) => continue,
                ListPatternElement::Pattern(pattern) => {
                    let (index, read) = if rest_at.is_some_and(|at| i > at) {
                        let after = elements.len() - i;
                        let index = self.index_from_end(length.clone(), after, span);
                        (index, Read::FromEnd(after - 1))
                    } else {
                        let index = self.node(ExprKind::Int(i as i64), Ty::INT, span);
                        (index, Read::Element(i))
                    };
                    let found = self.find(list.ty, sym::INDEX_GET, false);
                    let call = self.index_read(list.clone(), found, index, span);
                    let pattern = *pattern;
                    self.match_part(read, call, matching, |walk, part, matching| {
                        walk.match_pattern(pattern, part, matching)
                    })
                }
                ListPatternElement::Rest {
                    pattern: Some(pattern),
                    ..
                } => {
                    let after = elements.len() - 1 - i;
                    let end = (after > 0).then(|| self.index_from_end(length.clone(), after, span));
                    self.rest_part(list.clone(), (i, after), end, *pattern, span, matching)
                }
                ListPatternElement::Rest { pattern: None, .. } => continue,
            };
            test = self.and(test, part);
        }
        test
    }

    /// The elements from `start` to `end` against the pattern behind `...`: all but so many before and so many `after`.
    fn rest_part(
        &mut self,
        list: Expr,
        (start, after): (usize, usize),
        end: Option<Expr>,
        pattern: PatternId,
        span: Span,
        matching: &mut Matching,
    ) -> Expr {
        let mut bounds = vec![self.node(ExprKind::Int(start as i64), Ty::INT, span)];
        bounds.extend(end);
        let name = Symbol::intern("sublist");
        let found = self.find(list.ty, name, false);
        let rest = self.operator_call(list, name, found, bounds, span);
        let read = Read::Rest(start, after);
        self.match_part(read, rest, matching, |walk, part, matching| {
            walk.match_pattern(pattern, part, matching)
        })
    }

    /// Whether a pattern matches anything and binds nothing.
    fn is_blank(&self, id: PatternId) -> bool {
        match &self.tree[id].kind {
            P::Wildcard { ty: None, .. } => true,
            P::Parenthesized(inner) => self.is_blank(*inner),
            _ => false,
        }
    }

    fn index_from_end(&mut self, length: Expr, count: usize, span: Span) -> Expr {
        if count == 0 {
            return length;
        }
        let count = self.node(ExprKind::Int(count as i64), Ty::INT, span);
        self.number_call(length, sym::MINUS, count, span)
    }

    fn number_call(&mut self, left: Expr, name: Symbol, right: Expr, span: Span) -> Expr {
        let found = self.find(left.ty, name, false);
        self.binary_call(left, name, found, right, span, span)
    }

    pub(super) fn map_pattern(
        &mut self,
        type_args: &[TypeNodeId],
        entries: &[eyot_syntax::ast::MapPatternEntry],
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let written = self.annotations(type_args);
        let (key_ty, value_ty) = match (written.as_slice(), self.map_args(value.ty)) {
            ([key, value], _) => (*key, *value),
            (_, Some(types)) => types,
            _ if value.ty == Ty::DYNAMIC => (Ty::DYNAMIC, Ty::DYNAMIC),
            _ => (Ty::OBJECT_N, Ty::OBJECT_N),
        };
        let wanted = self.map_type(key_ty, value_ty);
        let (mut test, value) = self.require(value, wanted, span, matching);
        if value.ty == Ty::ERROR {
            return (test, value);
        }
        let value = if written.is_empty() {
            value
        } else {
            self.retype(value, wanted)
        };
        for entry in entries {
            let key = self.pattern_constant(entry.key, key_ty);
            let found = self.find(value.ty, sym::INDEX_GET, false);
            let key_span = key.span;
            let key = if self.converts(key.ty, key_ty) {
                self.convert(key, key_ty, "key")
            } else {
                key
            };
            let call = self.index_read(value.clone(), found, key.clone(), key_span);
            let map = value.clone();
            let read = constant_of(&key).map_or(Read::Root, Read::Entry);
            let part = self.match_part(read, call, matching, |walk, part, matching| {
                walk.map_entry(map, key, part, value_ty, entry.value, matching)
            });
            test = self.and(test, part);
        }
        (test, value)
    }

    fn map_entry(
        &mut self,
        map: Expr,
        key: Expr,
        part: Expr,
        value_ty: Ty,
        pattern: PatternId,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let span = part.span;
        let is_null = self.is_null(part.clone());
        let mut there = self.node(ExprKind::Not(Box::new(is_null)), Ty::BOOL, span);
        if self.world.is_potentially_nullable(value_ty) {
            let name = sym::CONTAINS_KEY;
            let found = self.find(map.ty, name, false);
            let read = constant_of(&key).map_or(Read::Root, Read::HasKey);
            let contains = self.operator_call(map, name, found, vec![key], span);
            let contains = self.read_once(read, contains, matching);
            let kind = ExprKind::Or(Box::new(there), Box::new(contains));
            there = self.node(kind, Ty::BOOL, span);
        }
        self.fail_here(matching);
        let part = self.retype(part, value_ty);
        let (inner, part) = self.match_pattern(pattern, part, matching);
        (self.and(there, inner), part)
    }

    // ---- records and objects

    pub(super) fn record_pattern(
        &mut self,
        fields: &[PatternField],
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let mut names: Vec<Symbol> = fields
            .iter()
            .filter_map(|field| field.name.map(|name| name.symbol))
            .collect();
        names.sort_by_key(|name| name.as_str());
        let count = fields.len() - names.len();
        let has_shape = match self.world.types.kind(value.ty) {
            TyKind::Record {
                positional,
                named,
                nullable: false,
            } => {
                positional.len() == count
                    && named.iter().map(|field| field.0).eq(names.iter().copied())
            }
            _ => false,
        };
        let (mut test, value) = if has_shape {
            (self.yes(span), value)
        } else {
            let wanted = self.record_shape(value.ty, count, &names);
            self.require(value, wanted, span, matching)
        };
        if value.ty == Ty::ERROR {
            return (test, value);
        }
        let mut position = 0;
        for field in fields {
            let name = field.name.unwrap_or_else(|| {
                position += 1;
                Identifier {
                    symbol: Symbol::intern(&format!("${position}")),
                    span: field.span,
                }
            });
            let call = self.get(value.clone(), &name, field.span);
            let read = Read::Field(name.symbol);
            let part = self.match_part(read, call, matching, |walk, part, matching| {
                walk.match_pattern(field.pattern, part, matching)
            });
            test = self.and(test, part);
        }
        (test, value)
    }

    /// The record type a value must have where its own type says nothing: the fields may be anything.
    fn record_shape(&self, ty: Ty, count: usize, names: &[Symbol]) -> Ty {
        let any = if ty == Ty::DYNAMIC {
            Ty::DYNAMIC
        } else {
            Ty::OBJECT_N
        };
        if let TyKind::Record {
            positional, named, ..
        } = self.world.types.kind(self.world.non_null(ty))
            && positional.len() == count
            && named.iter().map(|field| field.0).eq(names.iter().copied())
        {
            return self.world.non_null(ty);
        }
        let named: Vec<(Symbol, Ty)> = names.iter().map(|&name| (name, any)).collect();
        self.world.types.record(&vec![any; count], &named)
    }

    pub(super) fn object_pattern(
        &mut self,
        ty: TypeNodeId,
        fields: &[PatternField],
        value: Expr,
        span: Span,
        matching: &mut Matching,
    ) -> (Expr, Expr) {
        let ty = self.object_pattern_type(ty, value.ty);
        let (mut test, value) = self.require(value, ty, span, matching);
        if value.ty == Ty::ERROR {
            return (test, value);
        }
        for field in fields {
            let Some(name) = field.name else { continue };
            let read = self.getter_read(value.ty, name.symbol);
            let call = self.get(value.clone(), &name, field.span);
            let part = self.match_part(read, call, matching, |walk, part, matching| {
                walk.match_pattern(field.pattern, part, matching)
            });
            test = self.and(test, part);
        }
        (test, value)
    }
}

fn constant_of(key: &Expr) -> Option<ConstId> {
    match key.kind {
        ExprKind::Const(constant) => Some(constant),
        _ => None,
    }
}
