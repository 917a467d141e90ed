//! Which locals an expression may assign while operands wait in their registers.
//!
//! An operand that is a local is used where it lies. That is wrong only if an operand evaluated after it assigns the local, as
//! in `x + (x = 2)`; then it is copied first. Few bodies have any such assignment, so a set of the locals assigned below
//! statement level answers nearly always.

use eyot_semantics::program::{Body, Expr, ExprKind, FunctionNode, LocalId, Stmt, StmtKind};
use rustc_hash::FxHashSet;

use crate::visit::{Visitor, walk_expr, walk_initializer, walk_stmt};

/// The locals of a body that are assigned inside of expressions.
#[derive(Debug, Default)]
pub(crate) struct NestedSets(FxHashSet<LocalId>);

impl NestedSets {
    pub(crate) fn of(body: &Body) -> NestedSets {
        let mut finder = Finder {
            found: FxHashSet::default(),
            depth: 0,
        };
        for initializer in &body.initializers {
            walk_initializer(&mut finder, initializer);
        }
        if let Some(stmt) = &body.function.body {
            finder.stmt(stmt);
        }
        NestedSets(finder.found)
    }

    /// Whether evaluating `expr` may assign the local.
    pub(crate) fn may_assign(&self, expr: &Expr, local: LocalId) -> bool {
        if !self.0.contains(&local) {
            return false;
        }
        let mut search = Search {
            local,
            found: false,
        };
        search.expr(expr);
        search.found
    }
}

struct Finder {
    found: FxHashSet<LocalId>,
    /// Expressions around; an assignment that is a statement of its own has none.
    depth: u32,
}

impl Visitor for Finder {
    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::SetLocal(local, _) = &expr.kind
            && self.depth > 0
        {
            self.found.insert(*local);
        }
        self.depth += 1;
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || walk_expr(self, expr));
        self.depth -= 1;
    }

    fn stmt(&mut self, stmt: &Stmt) {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || walk_stmt(self, stmt));
    }

    fn closure(&mut self, node: &FunctionNode, _own: Option<LocalId>) {
        let depth = std::mem::take(&mut self.depth);
        node.body.iter().for_each(|body| self.stmt(body));
        self.depth = depth;
    }
}

struct Search {
    local: LocalId,
    found: bool,
}

impl Visitor for Search {
    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::SetLocal(local, _) = &expr.kind {
            self.found |= *local == self.local;
        }
        if !self.found {
            walk_expr(self, expr);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if !self.found {
            if let StmtKind::ForIn { variable, .. } = &stmt.kind {
                self.found |= *variable == self.local;
            }
            walk_stmt(self, stmt);
        }
    }

    // A closure assigns only what lies in a cell, which is never used in place.
    fn closure(&mut self, _node: &FunctionNode, _own: Option<LocalId>) {}
}
