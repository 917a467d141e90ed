//! Constant contexts: what is marked `const` is built like any expression and then handed to the evaluator.

use super::Walk;
use crate::program::{Expr, ExprKind};
use crate::types::Ty;

/// An expression built in a constant context or not, before its evaluation.
pub(super) struct MaybeConstant(Expr);

impl MaybeConstant {
    /// The expression, evaluated if it is the outermost one marked constant.
    pub(super) fn finish(self, walk: &mut Walk<'_>, evaluate: bool) -> Expr {
        if evaluate {
            walk.evaluate(self.0)
        } else {
            self.0
        }
    }
}

impl Walk<'_> {
    /// Runs `build` inside a constant context if `is_const`.
    pub(super) fn in_constant(
        &mut self,
        is_const: bool,
        build: impl FnOnce(&mut Self) -> Expr,
    ) -> MaybeConstant {
        let outer = self.in_const;
        self.in_const |= is_const;
        let expr = build(self);
        self.in_const = outer;
        MaybeConstant(expr)
    }

    /// A complete constant expression as its value.
    pub(super) fn evaluate(&mut self, expr: Expr) -> Expr {
        if self.quiet || expr.ty == Ty::ERROR || matches!(expr.kind, ExprKind::Const(_)) {
            return expr;
        }
        let (ty, span) = (expr.ty, expr.span);
        match crate::const_eval::evaluate(self.world, self.file, &expr) {
            Some(constant) => self.node(ExprKind::Const(constant), ty, span),
            None => Expr {
                ty: Ty::ERROR,
                ..expr
            },
        }
    }

    /// An expression that must be constant, converted to `ty` unless that is unknown.
    pub(super) fn constant_expr(&mut self, id: eyot_syntax::ast::ExprId, ty: Ty) -> Expr {
        let built = self.in_constant(true, |walk| {
            let expr = walk.expr(id, ty);
            if ty == Ty::UNKNOWN {
                expr
            } else {
                walk.convert(expr, ty, "constant")
            }
        });
        built.finish(self, true)
    }
}
