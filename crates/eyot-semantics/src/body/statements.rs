//! Statements other than loops and switches.

use eyot_syntax::ast::{
    self, Assertion, Condition, ExprId, Identifier, StmtId, StmtKind as S, TryStatement,
    VariableDeclaration, VariableKeyword,
};
use eyot_syntax::{Span, Symbol};

use super::scope::LocalName;
use super::{Jump, Walk};
use crate::flow::{Branches, DeclKey, VarId};
use crate::model::AsyncMarker;
use crate::program::{Catch, Expr, ExprKind, LocalId, Stmt, StmtKind};
use crate::types::{Ty, TyKind};

impl Walk<'_> {
    /// Lowers a statement; one of the source may become several.
    pub(super) fn stmt(&mut self, id: StmtId, out: &mut Vec<Stmt>) {
        self.deep(|walk| walk.stmt_form(id, &[], out));
    }

    /// A statement that is a scope of its own (a branch, a loop's body).
    pub(super) fn scoped(&mut self, id: StmtId) -> Stmt {
        let mark = self.names.mark();
        let mut out = Vec::new();
        self.stmt(id, &mut out);
        self.names.leave(mark);
        let span = self.tree[id].span;
        self.one_stmt(out, span)
    }

    /// Several statements as one.
    pub(super) fn one_stmt(&self, mut stmts: Vec<Stmt>, span: Span) -> Stmt {
        if stmts.len() == 1
            && !matches!(
                stmts[0].kind,
                StmtKind::Var(..) | StmtKind::LocalFunction(..)
            )
            && let Some(only) = stmts.pop()
        {
            return only;
        }
        self.stmt_node(StmtKind::Block(stmts), span)
    }

    /// A statement with the labels in front of it.
    fn stmt_form(&mut self, id: StmtId, labels: &[Symbol], out: &mut Vec<Stmt>) {
        let tree = self.tree;
        let span = tree[id].span;
        match &tree[id].kind {
            S::Error | S::Empty => {}
            S::Block(stmts) => {
                let mark = self.names.mark();
                let mut inner = Vec::new();
                for &stmt in stmts {
                    self.stmt(stmt, &mut inner);
                }
                self.names.leave(mark);
                out.push(self.stmt_node(StmtKind::Block(inner), span));
            }
            S::Expr(expr) => {
                let effect = self.effect(*expr);
                out.push(self.stmt_node(StmtKind::Expr(effect), span));
            }
            S::Variables(declaration) => self.variables(declaration, out),
            S::PatternVariables(declaration) => self.pattern_variables(declaration, span, out),
            S::LocalFunction(function) => self.local_function(&function.function, span, out),
            S::If {
                condition,
                then,
                otherwise,
            } => self.if_stmt(condition, *then, *otherwise, span, out),
            S::For {
                is_await,
                parts,
                body,
            } => self.for_stmt(*is_await, parts, *body, labels, span, out),
            S::While { condition, body } => {
                let stmt = self.while_stmt(*condition, *body, labels, span);
                out.push(stmt);
            }
            S::DoWhile { body, condition } => {
                let stmt = self.do_stmt(*body, *condition, labels, span);
                out.push(stmt);
            }
            S::Switch { subject, cases } => {
                self.switch_stmt(*subject, cases, labels, span, out);
            }
            S::Try(statement) => {
                let stmt = self.try_stmt(statement, span);
                out.push(stmt);
            }
            S::Return(value) => {
                let stmt = self.return_stmt(*value, span);
                out.push(stmt);
            }
            S::Break(label) => {
                let stmt = self.break_stmt(label.as_ref(), span);
                out.push(stmt);
            }
            S::Continue(label) => {
                let stmt = self.continue_stmt(label.as_ref(), span);
                out.push(stmt);
            }
            S::Rethrow => {
                let stmt = self.rethrow_stmt(span);
                out.push(stmt);
            }
            S::Yield(value) => {
                let stmt = self.yield_stmt(*value, false, span);
                out.push(stmt);
            }
            S::YieldEach(value) => {
                let stmt = self.yield_stmt(*value, true, span);
                out.push(stmt);
            }
            S::Assert(assertion) => {
                let stmt = self.assert_stmt(assertion, span);
                out.push(stmt);
            }
            S::Labeled {
                labels: names,
                body,
            } => {
                let mut all = labels.to_vec();
                all.extend(names.iter().map(|name| name.symbol));
                self.labeled(&all, *body, span, out);
            }
        }
    }

    fn labeled(&mut self, labels: &[Symbol], body: StmtId, span: Span, out: &mut Vec<Stmt>) {
        let takes_labels = matches!(
            self.tree[body].kind,
            S::For { .. }
                | S::While { .. }
                | S::DoWhile { .. }
                | S::Switch { .. }
                | S::Labeled { .. }
        );
        let declares = matches!(
            self.tree[body].kind,
            S::Variables(_) | S::PatternVariables(_) | S::LocalFunction(_)
        );
        if takes_labels || declares {
            return self.stmt_form(body, labels, out);
        }
        let label = self.new_label();
        self.push_jump(Jump {
            label,
            names: labels.to_vec(),
            is_loop: false,
            is_breakable: false,
            breaks: Vec::new(),
            continues: Vec::new(),
            cases: Vec::new(),
        });
        let inner = self.scoped(body);
        self.finish_breaks();
        let kind = StmtKind::Labeled {
            label,
            body: Box::new(inner),
        };
        out.push(self.stmt_node(kind, span));
    }

    // ---- jumps

    pub(super) fn push_jump(&mut self, jump: Jump) {
        if let Some(function) = self.functions.last_mut() {
            function.jumps.push(jump);
        }
    }

    pub(super) fn pop_jump(&mut self) -> Option<Jump> {
        self.functions.last_mut()?.jumps.pop()
    }

    /// Ends a statement that can be left by `break`: its end joins the states of the breaks.
    pub(super) fn finish_breaks(&mut self) {
        let Some(jump) = self.pop_jump() else { return };
        let mut states = vec![self.flow.take()];
        states.extend(jump.breaks);
        if let Some(joined) = self.flow.join_all(states) {
            self.flow.set(joined);
        }
    }

    fn break_stmt(&mut self, label: Option<&Identifier>, span: Span) -> Stmt {
        let state = self.flow.state();
        let target = self.functions.last_mut().and_then(|function| {
            let mut jumps = function.jumps.iter_mut().rev();
            jumps.find(|jump| match label {
                Some(label) => jump.names.contains(&label.symbol),
                None => jump.is_breakable,
            })
        });
        let Some(target) = target else {
            self.jump_error(label, "break", span);
            return self.nothing(span);
        };
        target.breaks.push(state);
        let label = target.label;
        self.flow.mark_unreachable();
        self.stmt_node(StmtKind::Break(label), span)
    }

    fn continue_stmt(&mut self, label: Option<&Identifier>, span: Span) -> Stmt {
        let state = self.flow.state();
        let Some(function) = self.functions.last_mut() else {
            return self.nothing(span);
        };
        let mut kind = None;
        for jump in function.jumps.iter_mut().rev() {
            match label {
                None if jump.is_loop => {
                    jump.continues.push(state);
                    kind = Some(StmtKind::Continue(jump.label));
                    break;
                }
                Some(label) if jump.is_loop && jump.names.contains(&label.symbol) => {
                    jump.continues.push(state);
                    kind = Some(StmtKind::Continue(jump.label));
                    break;
                }
                Some(label) => {
                    if let Some(case) = jump.cases.iter().find(|case| case.0 == label.symbol) {
                        kind = Some(StmtKind::ContinueSwitch(case.1));
                        break;
                    }
                }
                None => {}
            }
        }
        let Some(kind) = kind else {
            self.jump_error(label, "continue", span);
            return self.nothing(span);
        };
        self.flow.mark_unreachable();
        self.stmt_node(kind, span)
    }

    fn jump_error(&self, label: Option<&Identifier>, word: &str, span: Span) {
        match label {
            Some(label) => self.error(
                "unknown-label",
                label.span,
                format!(
                    "no statement around that '{word}' can leave is labelled '{}'",
                    label.symbol
                ),
            ),
            None => self.error(
                "stray-jump",
                span,
                format!("'{word}' works only inside a loop or switch"),
            ),
        }
    }

    fn return_stmt(&mut self, value: Option<ExprId>, span: Span) -> Stmt {
        let Some(function) = self.functions.last() else {
            return self.nothing(span);
        };
        let (element, declared, marker) = (function.element, function.declared, function.marker);
        let is_generator = matches!(marker, AsyncMarker::AsyncStar | AsyncMarker::SyncStar);
        let value = match value {
            None if function.is_constructor => self.constructed_value(span),
            None => {
                self.check_empty_return(is_generator, span);
                None
            }
            Some(id) if function.is_constructor || is_generator => {
                self.error(
                    "return-value",
                    span,
                    "a constructor or generator cannot return a value: write 'return;'",
                );
                self.free(id);
                None
            }
            Some(id) if declared && element == Ty::VOID => {
                let value = match marker {
                    AsyncMarker::Sync => self.free(id),
                    _ => self.delivered_value(id),
                };
                self.check_void_return(&value, marker, span);
                Some(value)
            }
            Some(id) => Some(self.delivered_value(id)),
        };
        self.flow.mark_unreachable();
        self.stmt_node(StmtKind::Return(value), span)
    }

    /// A function of type `void` may return what has no value, but nothing else.
    fn check_void_return(&self, value: &Expr, marker: AsyncMarker, span: Span) {
        let found = match marker {
            AsyncMarker::Async => self.world.flatten(value.ty),
            _ => value.ty,
        };
        if !matches!(found, Ty::VOID | Ty::DYNAMIC | Ty::NULL | Ty::ERROR) {
            let shown = self.show(value.ty);
            self.error(
                "return-value",
                span,
                format!("this function returns no value, but this is a '{shown}': write 'return;' after it, or give the function a type"),
            );
        }
    }

    /// What a constructor gives back: nothing, but that of an extension type gives the value.
    fn constructed_value(&self, span: Span) -> Option<Expr> {
        match self.this {
            Some(super::This::Receiver(local, _)) => Some(self.local_expr(local, span)),
            _ => None,
        }
    }

    fn check_empty_return(&mut self, is_generator: bool, span: Span) {
        let Some(function) = self.functions.last_mut() else {
            return;
        };
        if is_generator || function.is_constructor {
            return;
        }
        if !function.declared {
            function.delivered.push(Ty::NULL);
            function.empty_returns.push(span);
            return;
        }
        let element = function.element;
        // Even where null would do, it is written.
        let needs_none = matches!(element, Ty::ERROR | Ty::VOID | Ty::DYNAMIC | Ty::NULL);
        if !needs_none {
            let shown = self.show(element);
            self.error(
                "return-without-value",
                span,
                format!("this function returns a value of type '{shown}': write it after 'return'"),
            );
        }
    }

    fn yield_stmt(&mut self, value: ExprId, each: bool, span: Span) -> Stmt {
        let Some(function) = self.functions.last() else {
            return self.nothing(span);
        };
        let (element, declared) = (function.element, function.declared);
        let is_stream = match function.marker {
            AsyncMarker::AsyncStar => true,
            AsyncMarker::SyncStar => false,
            _ => {
                self.error(
                    "yield-outside-generator",
                    span,
                    "'yield' works only in functions marked 'sync*' or 'async*'",
                );
                self.free(value);
                return self.nothing(span);
            }
        };
        if !each {
            let value = self.expr(value, element);
            let value = self.deliver(value, element, declared);
            return self.stmt_node(StmtKind::Yield(value), span);
        }
        let wish = if element == Ty::UNKNOWN {
            element
        } else {
            self.sequence_of(is_stream, element)
        };
        let mut value = self.expr(value, wish);
        if declared {
            value = self.convert(value, wish, "sequence");
        } else if value.ty == Ty::DYNAMIC {
            let sequence = self.sequence_of(is_stream, Ty::DYNAMIC);
            value = self.implicit_cast(value, sequence);
        }
        if !declared {
            let class = self.sequence_class(is_stream);
            let args = class.and_then(|class| self.world.as_instance_of(value.ty, class));
            let delivered = args.and_then(|args| args.first().copied());
            if let Some(function) = self.functions.last_mut() {
                function.delivered.push(delivered.unwrap_or(Ty::DYNAMIC));
            }
        }
        self.stmt_node(StmtKind::YieldStar(value), span)
    }

    fn rethrow_stmt(&mut self, span: Span) -> Stmt {
        let catches = self
            .functions
            .last_mut()
            .map(|function| &mut function.catches);
        let Some((error, trace, used)) = catches.and_then(|catches| catches.last_mut()) else {
            self.error(
                "rethrow-outside-catch",
                span,
                "'rethrow' works only inside a 'catch' clause",
            );
            return self.nothing(span);
        };
        *used = true;
        let kind = ExprKind::Rethrow {
            error: *error,
            trace: *trace,
        };
        self.flow.mark_unreachable();
        let rethrow = self.node(kind, Ty::NEVER, span);
        self.stmt_node(StmtKind::Expr(rethrow), span)
    }

    fn assert_stmt(&mut self, assertion: &Assertion, span: Span) -> Stmt {
        let before = self.flow.state();
        let (condition, branches) = self.condition(assertion.condition);
        self.flow.set(branches.no);
        let message = assertion.message.map(|message| self.free(message));
        self.flow.set(before);
        let source = self.source_text(self.expr_span(assertion.condition));
        let kind = StmtKind::Assert {
            condition,
            message,
            source,
        };
        self.stmt_node(kind, span)
    }

    // ---- if

    fn if_stmt(
        &mut self,
        condition: &Condition,
        then: StmtId,
        otherwise: Option<StmtId>,
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let mark = self.names.mark();
        let mut declared = Vec::new();
        let (test, branches) = self.if_condition(condition, &mut declared);
        self.flow.set(branches.yes);
        let then = self.scoped(then);
        let after_then = self.flow.take();
        self.names.leave(mark);
        self.flow.set(branches.no);
        let otherwise = otherwise.map(|otherwise| Box::new(self.scoped(otherwise)));
        let after_else = self.flow.take();
        let joined = self.flow.join(after_then, after_else);
        self.flow.set(joined);
        let stmt = self.stmt_node(StmtKind::If(test, Box::new(then), otherwise), span);
        if declared.is_empty() {
            out.push(stmt);
        } else {
            declared.push(stmt);
            out.push(self.stmt_node(StmtKind::Block(declared), span));
        }
    }

    /// The condition of an `if`, with the variables its pattern declares.
    pub(super) fn if_condition(
        &mut self,
        condition: &Condition,
        declared: &mut Vec<Stmt>,
    ) -> (Expr, Branches) {
        match &condition.case {
            None => self.condition(condition.expr),
            Some(case) => self.case_condition(condition.expr, case, declared),
        }
    }

    // ---- variables

    /// `int x = 1, y;`.
    pub(super) fn variables(&mut self, declaration: &VariableDeclaration, out: &mut Vec<Stmt>) {
        let ty = self.maybe_annotation(declaration.ty);
        for variable in &declaration.variables {
            if declaration.keyword == VariableKeyword::Const && !self.quiet {
                self.const_variable(variable, ty);
                continue;
            }
            let is_final = declaration.keyword != VariableKeyword::Var
                && declaration.keyword != VariableKeyword::Type;
            let stmt = if declaration.is_late {
                self.late_variable(variable, ty, is_final)
            } else {
                self.variable(variable, ty, is_final)
            };
            out.push(stmt);
        }
    }

    fn const_variable(&mut self, variable: &ast::Variable, ty: Option<Ty>) {
        let name = variable.name;
        let Some(initializer) = variable.initializer else {
            self.error(
                "const-without-value",
                name.span,
                format!("the constant '{}' needs a value: add '= …'", name.symbol),
            );
            let local = self.new_local(name.symbol, Ty::ERROR, true, name.span);
            self.declare_name(local, &name, Ty::ERROR, true);
            return;
        };
        let value = self.constant_expr(initializer, ty.unwrap_or(Ty::UNKNOWN));
        let own = match (ty, &value.kind) {
            (Some(ty), ExprKind::Const(_)) => ty,
            (None, ExprKind::Const(_)) => self.inferred_type(value.ty),
            _ => Ty::ERROR,
        };
        let local = self.new_local(name.symbol, own, true, name.span);
        self.declare_name(local, &name, own, true);
        if let ExprKind::Const(constant) = value.kind {
            self.local_infos[local.0 as usize].constant = Some(constant);
        }
    }

    fn variable(&mut self, variable: &ast::Variable, ty: Option<Ty>, is_final: bool) -> Stmt {
        let name = variable.name;
        let span = name.span;
        let Some(initializer) = variable.initializer else {
            let own = ty.unwrap_or(Ty::DYNAMIC);
            let local = self.new_local(name.symbol, own, is_final, span);
            // A variable that may be null begins as null.
            let starts_null = !is_final && self.world.is_nullable(own);
            let var = self.declare_name(local, &name, own, starts_null);
            let _ = var;
            let null = starts_null.then(|| self.null(span));
            return self.stmt_node(StmtKind::Var(local, null), span);
        };
        let value = match ty {
            Some(ty) => self.expr_as(initializer, ty, "initial value"),
            None => self.free(initializer),
        };
        let own = ty.unwrap_or_else(|| self.inferred_type(value.ty));
        let local = self.new_local(name.symbol, own, is_final, span);
        let var = self.declare_name(local, &name, own, false);
        self.local_infos[local.0 as usize].initialized = true;
        self.initialize_local(var, ty.is_some() && !is_final, value.ty);
        self.keep_condition(var, &value);
        self.branches = None;
        self.stmt_node(
            StmtKind::Var(local, Some(value)),
            span.to(self.expr_span(initializer)),
        )
    }

    /// A new variable gets its first value. A declared type is promoted as by an assignment, except where nothing else can
    /// be assigned; an inferred one is promoted where the value's type says more (`X & T`).
    pub(super) fn initialize_local(&mut self, var: VarId, as_assigned: bool, value: Ty) {
        let own = self.flow.declared(var);
        let says_more = matches!(
            self.world.types.kind(value),
            TyKind::Param {
                promoted: Some(_),
                ..
            }
        );
        match () {
            () if as_assigned => self.flow.assign(var, value),
            () if says_more && own == self.inferred_type(value) => {
                self.flow.initialize_promoted(var, value);
            }
            () => self.flow.initialize(var),
        }
    }

    /// Says whether a late initialiser is being built; gives what was said before.
    fn enter_late(&mut self, on: bool) -> bool {
        match self.functions.last_mut() {
            Some(function) => std::mem::replace(&mut function.in_late, on),
            None => false,
        }
    }

    fn late_variable(&mut self, variable: &ast::Variable, ty: Option<Ty>, is_final: bool) -> Stmt {
        let name = variable.name;
        let span = name.span;
        // The initialiser runs when the variable is first read, like a closure.
        let value = variable.initializer.map(|initializer| {
            let before = self.flow.state();
            let written = self.assigned.written_anywhere();
            let vars: Vec<_> = written
                .iter()
                .filter_map(|key| self.vars.get(key).copied())
                .collect();
            self.flow.enter_closure(&vars, &[]);
            let outer = self.enter_late(true);
            let value = match ty {
                Some(ty) => self.expr_as(initializer, ty, "initial value"),
                None => self.free(initializer),
            };
            self.enter_late(outer);
            self.flow.set(before);
            value
        });
        let own = match (ty, &value) {
            (Some(ty), _) => ty,
            (None, Some(value)) => self.inferred_type(value.ty),
            (None, None) => Ty::DYNAMIC,
        };
        let local = self.new_local(name.symbol, own, is_final, span);
        self.locals[local.0 as usize].late = true;
        let var = self.declare_name(local, &name, own, value.is_some());
        match (ty, &value) {
            (Some(_), Some(value)) => self.flow.assign(var, value.ty),
            (None, Some(value)) if own != value.ty && own != Ty::DYNAMIC => {
                self.flow.initialize_promoted(var, value.ty);
            }
            _ => {}
        }
        let info = &mut self.local_infos[local.0 as usize];
        info.late_without_initializer = value.is_none();
        info.initialized = value.is_some();
        self.stmt_node(StmtKind::Var(local, value), span)
    }

    /// Puts a local in scope under its name.
    pub(super) fn declare_name(
        &mut self,
        local: LocalId,
        name: &Identifier,
        ty: Ty,
        assigned: bool,
    ) -> crate::flow::VarId {
        self.names.declare(name.symbol, LocalName::Variable(local));
        let var = self.flow.declare(ty, assigned);
        self.vars.insert(DeclKey::of(name), var);
        self.local_infos[local.0 as usize].var = Some(var);
        var
    }

    // ---- try

    fn try_stmt(&mut self, statement: &TryStatement, span: Span) -> Stmt {
        let before = self.flow.state();
        let body_span = self.tree[statement.body].span;
        let body = self.scoped(statement.body);
        let mut after = self.flow.take();
        let mut catches = Vec::with_capacity(statement.catches.len());
        for clause in &statement.catches {
            let start = self.spoil(before.clone(), body_span);
            self.flow.set(start);
            catches.push(self.catch_clause(clause));
            let end = self.flow.take();
            after = self.flow.join(after, end);
        }
        let finally = match statement.finally {
            Some(finally) => {
                let start = self.spoil(before, span);
                self.flow.set(start.clone());
                let finally = self.scoped(finally);
                self.flow.finish_finally(after, start);
                Some(Box::new(finally))
            }
            None => {
                self.flow.set(after);
                None
            }
        };
        let kind = StmtKind::Try {
            body: Box::new(body),
            catches,
            finally,
        };
        self.stmt_node(kind, span)
    }

    fn catch_clause(&mut self, clause: &ast::CatchClause) -> Catch {
        let ty = self.maybe_annotation(clause.ty).unwrap_or(Ty::OBJECT);
        let mark = self.names.mark();
        let error = match &clause.exception {
            Some(name) => {
                let local = self.new_local(name.symbol, ty, true, name.span);
                self.declare_name(local, name, ty, true);
                // The variable is final in the language's words but may be assigned in practice by nobody.
                self.local_infos[local.0 as usize].initialized = true;
                local
            }
            None => self.new_local(Symbol::intern(":error"), ty, true, clause.span),
        };
        let trace = match &clause.stack_trace {
            Some(name) => {
                let local = self.new_local(name.symbol, Ty::STACK_TRACE, true, name.span);
                self.declare_name(local, name, Ty::STACK_TRACE, true);
                self.local_infos[local.0 as usize].initialized = true;
                local
            }
            None => self.new_local(Symbol::intern(":trace"), Ty::STACK_TRACE, true, clause.span),
        };
        if let Some(function) = self.functions.last_mut() {
            function.catches.push((error, trace, false));
        }
        let body = self.scoped(clause.body);
        let used = self
            .functions
            .last_mut()
            .and_then(|function| function.catches.pop())
            .is_some_and(|entry| entry.2);
        self.names.leave(mark);
        Catch {
            ty,
            error,
            trace: (clause.stack_trace.is_some() || used).then_some(trace),
            body,
        }
    }
}
