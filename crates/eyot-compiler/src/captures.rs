//! What closures capture, and how captured variables are kept.
//!
//! A closure captures exactly the variables it mentions, those mentioned only by closures inside it included, and `this` if anything
//! inside mentions it. A variable that is captured and assigned anywhere but at its declaration lives in a cell of its own, shared
//! by all closures and the frame; any other is captured by value. A local function's own name inside its body is the closure
//! itself, not a capture.

use eyot_semantics::program::{Body, Expr, ExprKind, FunctionNode, LocalId, Stmt, StmtKind};
use rustc_hash::FxHashMap;

use crate::visit::{Visitor, walk_expr, walk_initializer, walk_stmt};

/// The analysis of one body.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    locals: Vec<LocalUse>,
    closures: FxHashMap<usize, ClosureUse>,
}

#[derive(Clone, Copy, Debug, Default)]
struct LocalUse {
    /// Number of the function it is declared in; functions are numbered as the walk enters them.
    function: u32,
    captured: bool,
    /// Assigned after its declaration, or declared without a value.
    assigned: bool,
}

/// What a closure captures.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClosureUse {
    /// Variables of enclosing functions, in the order of their first mention.
    pub(crate) locals: Vec<LocalId>,
    /// Whether `this` is mentioned.
    pub(crate) this: bool,
    /// For a local function: its own variable, if its body mentions it.
    pub(crate) own: Option<LocalId>,
}

impl Captures {
    /// Analyses a member's body.
    pub(crate) fn of(body: &Body) -> Captures {
        let mut walk = Walk {
            done: Captures {
                locals: vec![LocalUse::default(); body.locals.len()],
                closures: FxHashMap::default(),
            },
            open: vec![Open {
                number: 0,
                own: None,
                used: ClosureUse::default(),
            }],
            functions: 1,
            late: body.locals.iter().map(|local| local.late).collect(),
        };
        for param in &body.function.params {
            walk.declare(param.local, true);
        }
        for initializer in &body.initializers {
            walk_initializer(&mut walk, initializer);
        }
        if let Some(stmt) = &body.function.body {
            walk.stmt(stmt);
        }
        walk.done
    }

    /// Whether the variable lives in a cell.
    pub(crate) fn in_cell(&self, local: LocalId) -> bool {
        self.locals
            .get(local.0 as usize)
            .is_some_and(|local| local.captured && local.assigned)
    }

    /// What the initialiser of a late local captures: it runs when the variable is first read, like a closure.
    pub(crate) fn initializer(&self, value: &Expr) -> ClosureUse {
        let key = std::ptr::from_ref(value).addr();
        self.closures.get(&key).cloned().unwrap_or_default()
    }

    /// What a closure of the analysed body captures.
    pub(crate) fn closure(&self, node: &FunctionNode) -> ClosureUse {
        self.closures.get(&key(node)).cloned().unwrap_or_default()
    }
}

/// Closures are told apart by where they stand in the tree, which does not move while it is compiled.
fn key(node: &FunctionNode) -> usize {
    std::ptr::from_ref(node).addr()
}

struct Open {
    number: u32,
    own: Option<LocalId>,
    used: ClosureUse,
}

struct Walk {
    done: Captures,
    open: Vec<Open>,
    functions: u32,
    late: Vec<bool>,
}

impl Walk {
    fn mention(&mut self, local: LocalId, assigns: bool) {
        let Some(entry) = self.done.locals.get_mut(local.0 as usize) else {
            return;
        };
        entry.assigned |= assigns;
        let home = entry.function;
        // Every open function inside the variable's own one takes it along.
        let mut is_captured = false;
        for open in self
            .open
            .iter_mut()
            .rev()
            .take_while(|open| open.number != home)
        {
            if open.own == Some(local) {
                open.used.own = Some(local);
                break;
            }
            is_captured = true;
            if !open.used.locals.contains(&local) {
                open.used.locals.push(local);
            }
        }
        if is_captured {
            entry.captured = true;
        }
    }

    fn late_initializer(&mut self, value: &Expr) {
        let number = self.functions;
        self.functions += 1;
        self.open.push(Open {
            number,
            own: None,
            used: ClosureUse::default(),
        });
        self.expr(value);
        if let Some(closed) = self.open.pop() {
            let key = std::ptr::from_ref(value).addr();
            self.done.closures.insert(key, closed.used);
        }
    }

    fn mention_this(&mut self) {
        for open in self.open.iter_mut().skip(1) {
            open.used.this = true;
        }
    }
}

impl Visitor for Walk {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Local(local) => self.mention(*local, false),
            ExprKind::SetLocal(local, _) => self.mention(*local, true),
            ExprKind::Rethrow { error, trace } => {
                self.mention(*error, false);
                self.mention(*trace, false);
            }
            ExprKind::This
            | ExprKind::SuperGet { .. }
            | ExprKind::SuperSet { .. }
            | ExprKind::SuperCall { .. }
            | ExprKind::SuperTearOff { .. } => self.mention_this(),
            _ => {}
        }
        walk_expr(self, expr);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        if let StmtKind::Var(local, Some(value)) = &stmt.kind
            && self.late.get(local.0 as usize) == Some(&true)
        {
            self.declare(*local, true);
            return self.late_initializer(value);
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || walk_stmt(self, stmt));
    }

    fn closure(&mut self, node: &FunctionNode, own: Option<LocalId>) {
        let number = self.functions;
        self.functions += 1;
        self.open.push(Open {
            number,
            own,
            used: ClosureUse::default(),
        });
        for param in &node.params {
            self.declare(param.local, true);
        }
        if let Some(body) = &node.body {
            self.stmt(body);
        }
        if let Some(closed) = self.open.pop() {
            self.done.closures.insert(key(node), closed.used);
        }
    }

    fn declare(&mut self, local: LocalId, has_value: bool) {
        let function = self.open.last().map_or(0, |open| open.number);
        let late = self.late.get(local.0 as usize).copied().unwrap_or_default();
        if let Some(entry) = self.done.locals.get_mut(local.0 as usize) {
            entry.function = function;
            entry.assigned |= !has_value || late;
        }
    }
}
