//! Assignments: plain, compound, `??=`, increments.

use eyot_syntax::ast::{AssignmentOp, BinaryOp, ExprId, IncrementOp};
use eyot_syntax::{Span, sym};

use super::Walk;
use super::places::Place;
use crate::program::{Expr, ExprKind};
use crate::types::Ty;

impl Walk<'_> {
    /// `target op= value`. With `discard` the value of the whole is not needed.
    pub(super) fn assignment(
        &mut self,
        op: AssignmentOp,
        target: ExprId,
        value: ExprId,
        context: Ty,
        discard: bool,
        span: Span,
    ) -> Expr {
        let result = match op {
            AssignmentOp::Plain => self.plain_assignment(target, value, discard, span),
            AssignmentOp::Compound(op) => {
                self.compound_assignment(op, target, value, discard, span)
            }
            AssignmentOp::IfNull => self.if_null_assignment(target, value, context, discard, span),
        };
        self.branches = None;
        result
    }

    fn plain_assignment(
        &mut self,
        target: ExprId,
        value: ExprId,
        discard: bool,
        span: Span,
    ) -> Expr {
        let (place, hoisted) = self.place(target, false);
        let context = self.written_context(&place);
        let value = self.expr(value, context);
        let wanted = self.written_type(&place);
        let is_dynamic = value.ty == Ty::DYNAMIC;
        let value = self.convert(value, wanted, "value");
        let mut written = self.write_place(&place, value, discard, span);
        // The value of an assignment has the type of its right side.
        if is_dynamic && !discard && written.ty != Ty::ERROR {
            written = self.retype(written, Ty::DYNAMIC);
        }
        self.wrap(hoisted, written)
    }

    fn compound_assignment(
        &mut self,
        op: BinaryOp,
        target: ExprId,
        value: ExprId,
        discard: bool,
        span: Span,
    ) -> Expr {
        let (place, hoisted) = self.place(target, true);
        let old = self.read_place(&place);
        let context = self.written_type(&place);
        let new = self.apply_operator(op, old, value, context, span);
        let new = self.convert(new, context, "value");
        let written = self.write_place(&place, new, discard, span);
        self.wrap(hoisted, written)
    }

    fn apply_operator(
        &mut self,
        op: BinaryOp,
        left: Expr,
        right: ExprId,
        context: Ty,
        span: Span,
    ) -> Expr {
        let Some(name) = op.member() else {
            return self.error_expr(span);
        };
        let found = self.find(left.ty, name, false);
        let wish = self.operand_wish(&found, left.ty, name, context);
        let right = self.expr(right, wish);
        self.branches = None;
        if left.ty == Ty::ERROR {
            return left;
        }
        self.binary_call(left, name, found, right, span, span)
    }

    fn if_null_assignment(
        &mut self,
        target: ExprId,
        value: ExprId,
        context: Ty,
        discard: bool,
        span: Span,
    ) -> Expr {
        let (place, hoisted) = self.place(target, true);
        let old = self.read_place(&place);
        let branches = self.null_branches(&old);
        self.flow.set(branches.yes);
        let wish = self.written_context(&place);
        let wish = match &place {
            Place::Local(local, _) => self.locals[local.0 as usize].ty,
            _ => wish,
        };
        let value = self.expr(value, wish);
        let wanted = self.written_type(&place);
        let value = self.convert(value, wanted, "value");
        let written = self.write_place(&place, value, discard, span);
        let after = self.flow.take();
        let joined = self.flow.join(after, branches.no);
        self.flow.set(joined);
        if old.ty == Ty::ERROR {
            return old;
        }
        let result = if discard {
            let test = self.is_null(old);
            let null = self.null(span);
            let ty = self.world.types.nullable(written.ty);
            self.conditional(test, written, null, ty)
        } else {
            self.if_null_node(old, written, context, span)
        };
        self.wrap(hoisted, result)
    }

    /// `++x`, `x++` and their likes.
    pub(super) fn increment(
        &mut self,
        op: IncrementOp,
        target: ExprId,
        is_prefix: bool,
        discard: bool,
        span: Span,
    ) -> Expr {
        let (place, mut hoisted) = self.place(target, true);
        let old = self.read_place(&place);
        if old.ty == Ty::ERROR {
            return old;
        }
        let name = match op {
            IncrementOp::Increment => sym::PLUS,
            IncrementOp::Decrement => sym::MINUS,
        };
        let old = if is_prefix {
            old
        } else {
            self.hoist(old, true, &mut hoisted)
        };
        let found = self.find(old.ty, name, false);
        let one = self.node(ExprKind::Int(1), Ty::INT, span);
        let new = self.binary_call(old.clone(), name, found, one, span, span);
        let wanted = self.written_type(&place);
        let new = self.convert(new, wanted, "value");
        let written = self.write_place(&place, new, discard || !is_prefix, span);
        self.branches = None;
        let result = if is_prefix {
            written
        } else {
            let effect = self.expr_stmt(written);
            self.block(vec![effect], old)
        };
        self.wrap(hoisted, result)
    }
}
