//! Null-aware chains and cascades.
//!
//! `a?.b.c()` is one chain: where `a` is null, all of it is null and nothing after `?.` runs. While the chain is walked from
//! the inside out, each `?.` leaves a [`Guard`]; when the chain is complete the guards are wrapped around it.

use eyot_syntax::Span;
use eyot_syntax::ast::ExprId;

use super::Walk;
use crate::flow::State;
use crate::program::{Expr, ExprKind, LocalId, StmtKind};
use crate::types::Ty;

/// A `?.` whose chain is not complete yet.
#[derive(Debug)]
pub(super) struct Guard {
    local: LocalId,
    value: Expr,
    /// What is known where the receiver was null.
    skipped: State,
}

impl Walk<'_> {
    /// The receiver of a null-aware access: what follows in the chain sees it as not null.
    pub(super) fn open_guard(&mut self, receiver: Expr) -> Expr {
        let ty = receiver.ty;
        if ty == Ty::ERROR || (ty != Ty::DYNAMIC && !self.world.is_potentially_nullable(ty)) {
            return receiver;
        }
        let branches = self.null_branches(&receiver);
        self.flow.set(branches.no);
        let span = receiver.span;
        let local = self.temp(ty, span);
        self.guards.push(Guard {
            local,
            value: receiver,
            skipped: branches.yes,
        });
        let value = self.local_expr(local, span);
        let non_null = if ty == Ty::DYNAMIC {
            ty
        } else {
            self.world.non_null(ty)
        };
        self.retype(value, non_null)
    }

    /// Wraps a complete chain in its guards.
    pub(super) fn close_guards(&mut self, guards: Vec<Guard>, chain: Expr) -> Expr {
        if guards.is_empty() {
            return chain;
        }
        self.branches = None;
        let mut chain = chain;
        for guard in guards.into_iter().rev() {
            let span = chain.span;
            let ty = self.world.types.nullable(chain.ty);
            let test = self.local_expr(guard.local, guard.value.span);
            let test = self.is_null(test);
            let null = self.null(span);
            let body = self.conditional(test, null, chain, ty);
            chain = self.let_in(guard.local, guard.value, body);
            let now = self.flow.take();
            let joined = self.flow.join(now, guard.skipped);
            self.flow.set(joined);
        }
        chain
    }

    /// `receiver..a()..b = c`.
    pub(super) fn cascade(
        &mut self,
        receiver: ExprId,
        is_null_aware: bool,
        sections: &[ExprId],
        context: Ty,
        span: Span,
    ) -> Expr {
        let receiver = self.expr(receiver, context);
        let ty = receiver.ty;
        let mut skipped = None;
        if is_null_aware {
            let branches = self.null_branches(&receiver);
            self.flow.set(branches.no);
            skipped = Some(branches.yes);
        }
        let local = self.temp(ty, receiver.span);
        let value = self.local_expr(local, span);
        let target = if is_null_aware && ty != Ty::DYNAMIC {
            let non_null = self.world.non_null(ty);
            self.retype(value.clone(), non_null)
        } else {
            value.clone()
        };
        self.cascades.push(target);
        let mut stmts = Vec::with_capacity(sections.len());
        for &section in sections {
            let effect = self.effect(section);
            stmts.push(self.stmt_node(StmtKind::Expr(effect), self.expr_span(section)));
        }
        self.cascades.pop();
        let result = if let Some(skipped) = skipped {
            let now = self.flow.take();
            let joined = self.flow.join(now, skipped);
            self.flow.set(joined);
            let test = self.is_null(value.clone());
            let null = self.null(span);
            let body = self.block(stmts, value);
            self.conditional(test, null, body, ty)
        } else {
            self.block(stmts, value)
        };
        self.branches = None;
        self.let_in(local, receiver, result)
    }

    /// The receiver inside a cascade section.
    pub(super) fn cascade_receiver(&mut self, span: Span) -> Expr {
        match self.cascades.last() {
            Some(receiver) => Expr {
                span,
                ..receiver.clone()
            },
            None => self.error_expr(span),
        }
    }

    /// `value!`.
    pub(super) fn null_assert(&mut self, value: Expr, span: Span) -> Expr {
        if value.ty == Ty::ERROR {
            return value;
        }
        let ty = if value.ty == Ty::DYNAMIC {
            Ty::DYNAMIC
        } else {
            self.world.non_null(value.ty)
        };
        if let Some(var) = self.reference(&value)
            && ty != Ty::DYNAMIC
        {
            self.flow.promote(var, ty);
        }
        if self.world.is_bottom(ty) {
            self.flow.mark_unreachable();
        }
        if ty != Ty::DYNAMIC && !self.world.is_potentially_nullable(value.ty) {
            return value;
        }
        self.node(ExprKind::NullCheck(Box::new(value)), ty, span)
    }
}
