//! Literals other than collections: numbers, strings, symbols, records.

use eyot_syntax::ast::{IntLiteral, RecordLiteral, StringPart};
use eyot_syntax::{Span, Symbol};

use super::Walk;
use crate::hierarchy::distinct_name;
use crate::program::{ConstValue, Expr, ExprKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// An integer literal, a double where the context wants one.
    pub(super) fn int_literal(
        &mut self,
        literal: &IntLiteral,
        is_negated: bool,
        context: Ty,
        span: Span,
    ) -> Expr {
        if self.wants_double(context) {
            if !literal.is_exact_double {
                return self.fail(
                    "double-not-exact",
                    span,
                    "no double has exactly this value; write it with a decimal point, as in '1.0', to take the nearest",
                );
            }
            let value = if is_negated {
                -literal.as_double
            } else {
                literal.as_double
            };
            return self.node(ExprKind::Double(value), Ty::DOUBLE, span);
        }
        let value = match (literal.value, literal.is_hex, is_negated) {
            (Some(value), true, _) => Some(value as i64),
            (Some(value), false, false) => i64::try_from(value).ok(),
            (Some(value), false, true) if value <= 1 << 63 => Some(value as i64),
            _ => None,
        };
        match value {
            Some(value) if is_negated => {
                self.node(ExprKind::Int(value.wrapping_neg()), Ty::INT, span)
            }
            Some(value) => self.node(ExprKind::Int(value), Ty::INT, span),
            None => self.fail(
                "integer-too-large",
                span,
                "this integer does not fit into 64 bits; use a double or BigInt.parse",
            ),
        }
    }

    /// Whether a context takes a double and no int.
    pub(super) fn wants_double(&self, context: Ty) -> bool {
        context != Ty::UNKNOWN
            && context != Ty::ERROR
            && self.world.is_subtype(Ty::DOUBLE, context)
            && !self.world.is_subtype(Ty::INT, context)
    }

    pub(super) fn interpolation(&mut self, parts: &[StringPart], span: Span) -> Expr {
        let parts = parts
            .iter()
            .map(|part| match part {
                StringPart::Text(text) => {
                    self.node(ExprKind::String(text.clone().into()), Ty::STRING, span)
                }
                StringPart::Expr(expr) => {
                    let value = self.free(*expr);
                    let span = value.span;
                    self.no_void(value, span)
                }
            })
            .collect();
        self.branches = None;
        self.node(ExprKind::Interpolation(parts), Ty::STRING, span)
    }

    pub(super) fn symbol_literal(&mut self, name: Symbol, span: Span) -> Expr {
        let name = distinct_name(name, self.library);
        let constant = self.world.consts.intern(ConstValue::Symbol(name));
        self.node(ExprKind::Const(constant), Ty::SYMBOL, span)
    }

    pub(super) fn record_literal(
        &mut self,
        record: &RecordLiteral,
        context: Ty,
        span: Span,
    ) -> Expr {
        // There is only one without fields, and it is a constant wherever it is written.
        let is_const = record.is_const || record.fields.is_empty();
        let constant = is_const && !self.in_const;
        self.in_constant(is_const, |walk| walk.record_fields(record, context, span))
            .finish(self, constant)
    }

    fn record_fields(&mut self, record: &RecordLiteral, context: Ty, span: Span) -> Expr {
        let context = self.look_through(context);
        let wishes = match self.world.types.kind(context) {
            TyKind::Record {
                positional, named, ..
            } => Some((positional, named)),
            _ => None,
        };
        let mut positional = Vec::new();
        let mut named: Vec<(Symbol, Expr)> = Vec::new();
        let mut values: Vec<Expr> = Vec::new();
        let mut position = 0;
        for field in &record.fields {
            let wish = match (wishes, &field.name) {
                (Some((wishes, _)), None) => {
                    position += 1;
                    wishes.get(position - 1).copied()
                }
                (Some((_, wishes)), Some(name)) => wishes
                    .iter()
                    .find(|wish| wish.0 == name.symbol)
                    .map(|wish| wish.1),
                (None, _) => None,
            };
            let value = self.expr(field.value, wish.unwrap_or(Ty::UNKNOWN));
            let value_span = value.span;
            let mut value = self.no_void(value, value_span);
            if let Some(wish) = wish
                && !crate::infer::has_unknown(self.world, wish)
            {
                if let Some(function) = self.convert_function(&value, wish) {
                    value = function;
                } else if self.converts(value.ty, wish) {
                    value = self.convert(value, wish, "record field");
                }
            }
            values.push(value);
        }
        let mut early = Vec::new();
        let in_order = !super::arguments::needs_order(&record.fields, &values) || self.in_const;
        for (field, value) in record.fields.iter().zip(values) {
            let value = if in_order {
                value
            } else {
                self.hoist(value, true, &mut early)
            };
            match &field.name {
                None => positional.push(value),
                Some(name) => named.push((name.symbol, value)),
            }
        }
        self.branches = None;
        let types: Vec<Ty> = positional.iter().map(|field: &Expr| field.ty).collect();
        let mut named_types: Vec<(Symbol, Ty)> =
            named.iter().map(|field| (field.0, field.1.ty)).collect();
        named_types.sort_by_key(|field| field.0.as_str());
        let ty = self.world.types.record(&types, &named_types);
        let literal = self.node(ExprKind::Record { positional, named }, ty, span);
        self.wrap(early, literal)
    }
}
