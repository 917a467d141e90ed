//! Statements.

use eyot_bytecode::{Label, Op, Reg, Rep};
use eyot_semantics::model::AsyncMarker;
use eyot_semantics::program::{Expr, FunctionNode, Stmt, StmtKind};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::Span;

use super::exceptions::{Control, Exit};
use super::{Code, Val, Want};

impl Code<'_, '_> {
    /// The code of a function whose parameters are bound, to its end.
    pub(super) fn function_code(&mut self, node: &FunctionNode) {
        match node.marker {
            AsyncMarker::Sync => {
                self.body(node);
                if self.is_reachable() {
                    self.return_default();
                }
            }
            AsyncMarker::Async => self.async_code(node),
            AsyncMarker::AsyncStar => self.async_star_code(node),
            AsyncMarker::SyncStar => self.sync_star_code(node),
        }
    }

    /// The statements of a function.
    pub(super) fn body(&mut self, node: &FunctionNode) {
        if let Some(body) = &node.body {
            self.stmt(body);
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.stmt_inner(stmt));
    }

    fn stmt_inner(&mut self, stmt: &Stmt) {
        use StmtKind as S;
        match &stmt.kind {
            S::Expr(expr) => {
                let mark = self.mark();
                self.expr(expr, Want::Effect);
                self.release(mark);
            }
            S::Var(local, value) => self.declare_variable(*local, value.as_ref()),
            S::Block(stmts) => self.block(stmts),
            S::If(condition, then, otherwise) => {
                self.if_stmt(condition, then, otherwise.as_deref());
            }
            S::While {
                label,
                condition,
                body,
            } => self.while_stmt(*label, condition, body),
            S::DoWhile {
                label,
                body,
                condition,
            } => self.do_stmt(*label, body, condition),
            S::For {
                label,
                init,
                condition,
                update,
                body,
            } => self.for_stmt(*label, init, condition.as_ref(), update, body),
            S::ForIn {
                label,
                variable,
                iterable,
                is_await,
                body,
            } => {
                if *is_await {
                    self.await_for(*label, *variable, iterable, body, stmt.span);
                } else {
                    self.for_in(*label, *variable, iterable, body, stmt.span);
                }
            }
            S::Switch {
                label,
                value,
                cases,
            } => self.switch(*label, value, cases),
            S::ContinueSwitch(label) => self.continue_switch(*label),
            S::Labeled { label, body } => {
                let end = self.asm.label();
                self.control.push(Control::Target {
                    label: *label,
                    break_to: end,
                    continue_to: None,
                });
                self.scoped(body);
                self.control.pop();
                self.bind(end);
            }
            S::Break(label) => self.break_to(*label),
            S::Continue(label) => self.continue_to(*label),
            S::Return(value) => self.return_stmt(value.as_ref(), stmt.span),
            S::Try {
                body,
                catches,
                finally,
            } => self.try_stmt(body, catches, finally.as_deref()),
            S::Yield(value) => self.yield_stmt(value, false, stmt.span),
            S::YieldStar(value) => self.yield_stmt(value, true, stmt.span),
            S::Assert {
                condition,
                message,
                source,
            } => self.assert(condition, message.as_ref(), source),
            S::LocalFunction(local, node) => {
                self.declare(*local, |code, want| {
                    code.closure(node, Some(*local), want);
                });
            }
        }
    }

    /// A statement whose locals end with it.
    pub(super) fn scoped(&mut self, stmt: &Stmt) {
        let mark = self.mark();
        self.stmt(stmt);
        self.release(mark);
    }

    fn block(&mut self, stmts: &[Stmt]) {
        let mark = self.mark();
        for stmt in stmts {
            self.stmt(stmt);
        }
        self.release(mark);
    }

    fn if_stmt(&mut self, condition: &Expr, then: &Stmt, otherwise: Option<&Stmt>) {
        if let (Some(to), None) = (self.plain_jump(then), otherwise) {
            return self.branch(condition, to, true);
        }
        let no = self.asm.label();
        self.branch(condition, no, false);
        self.scoped(then);
        let Some(otherwise) = otherwise else {
            return self.bind(no);
        };
        let done = self.asm.label();
        if self.is_reachable() {
            self.asm.jmp(done);
        }
        self.bind(no);
        self.scoped(otherwise);
        self.bind(done);
    }

    /// Where a statement goes that is only a jump, with nothing to be done on the way.
    fn plain_jump(&self, stmt: &Stmt) -> Option<Label> {
        match &stmt.kind {
            StmtKind::Block(stmts) => match stmts.as_slice() {
                [stmt] => self.plain_jump(stmt),
                _ => None,
            },
            StmtKind::Break(label) => self.plain_target(*label, false),
            StmtKind::Continue(label) => self.plain_target(*label, true),
            _ => None,
        }
    }

    // ---- return

    fn return_stmt(&mut self, value: Option<&Expr>, span: Span) {
        let mark = self.mark();
        if self.suspended.is_some() {
            self.return_suspended(value);
        } else {
            self.return_sync(value, span);
        }
        self.release(mark);
    }

    fn return_sync(&mut self, value: Option<&Expr>, span: Span) {
        let rep = self.result;
        if !self.is_in_finally() {
            match value {
                None => self.return_default(),
                Some(value) if rep == Rep::Tagged && self.is_null_literal(value) => {
                    self.op(Op::RetNull, &[]);
                }
                Some(value) => {
                    let reg = self.value(value, rep);
                    self.at(span);
                    self.return_value(reg);
                }
            }
            return;
        }
        let kept = self.kept_result();
        match value {
            Some(value) => {
                // Not computed in the register itself: it may hold the value of a return that this one replaces.
                let reg = self.value(value, rep);
                self.convert_into(Val::new(reg, rep), kept, rep);
            }
            None => self.zero(kept, rep),
        }
        self.leave(Exit::Return);
    }

    fn return_suspended(&mut self, value: Option<&Expr>) {
        let is_async = self
            .suspended
            .as_ref()
            .is_some_and(|suspended| suspended.marker == AsyncMarker::Async);
        if !is_async {
            if let Some(value) = value {
                self.expr(value, Want::Effect);
            }
            return self.leave(Exit::Return);
        }
        let reg = match value {
            // Inside a try the error of a future returned is caught there.
            Some(value) if self.try_depth > 0 && self.may_be_future(value.ty) => {
                self.await_value(value, value, Want::As(Rep::Tagged)).reg
            }
            Some(value) => self.value(value, Rep::Tagged),
            None => self.load_null(Want::As(Rep::Tagged)).reg,
        };
        if self.is_in_finally() {
            let kept = self.kept_result();
            self.convert_into(Val::new(reg, Rep::Tagged), kept, Rep::Tagged);
            self.leave(Exit::Return);
        } else {
            self.complete_async(reg);
        }
    }

    fn may_be_future(&self, ty: Ty) -> bool {
        let ty = self.world.resolve_bound(ty);
        matches!(self.world.types.kind(ty), TyKind::FutureOr { .. })
            || self
                .world
                .as_instance_of(ty, eyot_semantics::model::known::FUTURE)
                .is_some()
    }

    /// The register in which a value waits that is returned through a `finally`.
    fn kept_result(&mut self) -> Reg {
        match self.returned {
            Some(reg) => reg,
            None => self.temp(self.result),
        }
    }

    // ---- assert

    pub(super) fn assert(&mut self, condition: &Expr, message: Option<&Expr>, source: &str) {
        if !self.shared.options.enable_asserts {
            return;
        }
        let fine = self.asm.label();
        self.branch(condition, fine, true);
        let mark = self.mark();
        let message = match message {
            Some(message) => self.value(message, Rep::Tagged),
            None => self.load_null(Want::As(Rep::Tagged)).reg,
        };
        let text = self.string_constant(source);
        let text = self.load_constant(text, Want::As(Rep::Tagged)).reg;
        let file = self.world.file(self.place.file);
        let position = file
            .source
            .as_ref()
            .map(|source| source.line_column(condition.span.start));
        let uri = file.uri.clone();
        let url = self.string_constant(&uri);
        let url = self.load_constant(url, Want::As(Rep::Tagged)).reg;
        let (line, column) = position.map_or((0, 0), |at| (at.line, at.column));
        let line = self.load_int_as(line.into(), Want::As(Rep::Int)).reg;
        let column = self.load_int_as(column.into(), Want::As(Rep::Int)).reg;
        self.at(condition.span);
        match self.core_function("dart:core", "_throwAssertion") {
            Some(function) => {
                let args = [message, text, url, line, column];
                self.call_member(function, Reg::NONE, &args, Want::Effect);
            }
            None => self.op(Op::Throw, &[text]),
        }
        self.release(mark);
        self.bind(fine);
    }
}
