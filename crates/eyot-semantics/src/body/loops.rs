//! Loops.

use eyot_syntax::Span;
use eyot_syntax::Symbol;
use eyot_syntax::ast::{ExprId, ForBinding, ForInit, ForParts, StmtId, VariableKeyword};

use super::names::Name;
use super::{Jump, Walk};
use crate::program::{Expr, ExprKind, LabelId, LocalId, Stmt, StmtKind};
use crate::types::Ty;

impl Walk<'_> {
    fn enter_loop(&mut self, labels: &[Symbol]) -> LabelId {
        let label = self.new_label();
        self.push_jump(Jump {
            label,
            names: labels.to_vec(),
            is_loop: true,
            is_breakable: true,
            breaks: Vec::new(),
            continues: Vec::new(),
            cases: Vec::new(),
        });
        label
    }

    /// Joins the states of the `continue`s at the end of a loop's body.
    fn join_continues(&mut self) {
        let continues = match self.functions.last_mut().and_then(|f| f.jumps.last_mut()) {
            Some(jump) => std::mem::take(&mut jump.continues),
            None => return,
        };
        let mut states = vec![self.flow.take()];
        states.extend(continues);
        if let Some(joined) = self.flow.join_all(states) {
            self.flow.set(joined);
        }
    }

    /// `while (condition) body`.
    pub(super) fn while_stmt(
        &mut self,
        condition: ExprId,
        body: StmtId,
        labels: &[Symbol],
        span: Span,
    ) -> Stmt {
        self.enter_region(span);
        let label = self.enter_loop(labels);
        let (condition, branches) = self.condition(condition);
        self.flow.set(branches.yes);
        let body = self.scoped(body);
        let after = self.flow.take();
        self.flow.set(branches.no);
        self.finish_breaks();
        self.flow.inherit_tested(&after);
        let kind = StmtKind::While {
            label,
            condition,
            body: Box::new(body),
        };
        self.stmt_node(kind, span)
    }

    /// `do body while (condition);`.
    pub(super) fn do_stmt(
        &mut self,
        body: StmtId,
        condition: ExprId,
        labels: &[Symbol],
        span: Span,
    ) -> Stmt {
        self.enter_region(span);
        let label = self.enter_loop(labels);
        let body = self.scoped(body);
        self.join_continues();
        let (condition, branches) = self.condition(condition);
        self.flow.set(branches.no);
        self.finish_breaks();
        let kind = StmtKind::DoWhile {
            label,
            body: Box::new(body),
            condition,
        };
        self.stmt_node(kind, span)
    }

    /// `for (…) body`.
    pub(super) fn for_stmt(
        &mut self,
        is_await: bool,
        parts: &ForParts,
        body: StmtId,
        labels: &[Symbol],
        span: Span,
        out: &mut Vec<Stmt>,
    ) {
        let mut walk_body = |walk: &mut Self| walk.scoped(body);
        self.for_parts(is_await, parts, labels, span, &mut walk_body, out);
    }

    /// A loop of a statement or of a collection element, around a body made by `make`.
    pub(super) fn for_parts(
        &mut self,
        is_await: bool,
        parts: &ForParts,
        labels: &[Symbol],
        span: Span,
        make: &mut dyn FnMut(&mut Self) -> Stmt,
        out: &mut Vec<Stmt>,
    ) {
        let mark = self.names.mark();
        match parts {
            ForParts::Loop {
                init,
                condition,
                updates,
            } => {
                let mut inits = Vec::new();
                match init {
                    ForInit::None => {}
                    ForInit::Variables(declaration) => {
                        if declaration.is_late {
                            let at = declaration
                                .variables
                                .first()
                                .map_or(span, |one| one.name.span);
                            let message = "a loop's own variable cannot be 'late': drop the word, or declare it before the loop";
                            self.error("late-loop-variable", at, message);
                        }
                        self.variables(declaration, &mut inits);
                    }
                    ForInit::Pattern(declaration) => {
                        self.pattern_variables(declaration, span, &mut inits);
                    }
                    ForInit::Expr(expr) => {
                        let effect = self.effect(*expr);
                        inits.push(self.expr_stmt(effect));
                    }
                }
                let stmt = self.for_loop(inits, *condition, updates, labels, span, make);
                out.push(stmt);
            }
            ForParts::In { binding, iterable } => {
                let stmt = self.for_in(is_await, binding, *iterable, labels, span, make);
                out.push(stmt);
            }
        }
        self.names.leave(mark);
    }

    fn for_loop(
        &mut self,
        init: Vec<Stmt>,
        condition: Option<ExprId>,
        updates: &[ExprId],
        labels: &[Symbol],
        span: Span,
        make: &mut dyn FnMut(&mut Self) -> Stmt,
    ) -> Stmt {
        self.enter_region(span);
        let label = self.enter_loop(labels);
        let (condition, branches) = match condition {
            Some(condition) => {
                let (condition, branches) = self.condition(condition);
                (Some(condition), branches)
            }
            None => (None, self.flow.constant_branches(true)),
        };
        self.flow.set(branches.yes);
        let body = make(self);
        self.join_continues();
        let update = updates.iter().map(|&update| self.effect(update)).collect();
        let after = self.flow.take();
        self.flow.set(branches.no);
        self.finish_breaks();
        self.flow.inherit_tested(&after);
        let kind = StmtKind::For {
            label,
            init,
            condition,
            update,
            body: Box::new(body),
        };
        self.stmt_node(kind, span)
    }

    fn for_in(
        &mut self,
        is_await: bool,
        binding: &ForBinding,
        iterable: ExprId,
        labels: &[Symbol],
        span: Span,
        make: &mut dyn FnMut(&mut Self) -> Stmt,
    ) -> Stmt {
        let wanted = self.binding_type(binding);
        let iterable = self.iterable(is_await, iterable, wanted);
        let element = self.element_type(is_await, &iterable);
        self.enter_region(span);
        if let ForBinding::Identifier(name) = binding
            && let Name::Local(local) = self.resolve(name.symbol)
            && let Some(var) = self.info(local).var
        {
            self.flow.may_be_assigned(var);
        }
        let before = self.flow.state();
        let label = self.enter_loop(labels);
        let mut prelude = Vec::new();
        let variable = self.bind_element(binding, wanted, element, &mut prelude);
        let body = make(self);
        let after = self.flow.take();
        match binding {
            ForBinding::Identifier(_) => {
                let joined = self.flow.join(before, after.clone());
                self.flow.set(joined);
            }
            _ => self.flow.set(before),
        }
        self.finish_breaks();
        self.flow.inherit_tested(&after);
        let body = if prelude.is_empty() {
            body
        } else {
            let body_span = body.span;
            prelude.push(body);
            self.stmt_node(StmtKind::Block(prelude), body_span)
        };
        let kind = StmtKind::ForIn {
            label,
            variable,
            iterable,
            is_await,
            body: Box::new(body),
        };
        self.stmt_node(kind, span)
    }

    /// The type the binding wants of the elements.
    fn binding_type(&mut self, binding: &ForBinding) -> Ty {
        match binding {
            ForBinding::Variable { ty, .. } => self.maybe_annotation(*ty).unwrap_or(Ty::UNKNOWN),
            ForBinding::Identifier(name) => {
                let meaning = self.resolve(name.symbol);
                let place = self.place_of_name(meaning, name);
                self.written_context(&place)
            }
            ForBinding::Pattern { pattern, .. } => self.pattern_context(*pattern),
        }
    }

    fn iterable(&mut self, is_await: bool, iterable: ExprId, wanted: Ty) -> Expr {
        let wish = if wanted == Ty::UNKNOWN || wanted == Ty::ERROR {
            self.sequence_of(is_await, Ty::UNKNOWN)
        } else {
            self.sequence_of(is_await, wanted)
        };
        let value = self.expr(iterable, wish);
        if value.ty == Ty::DYNAMIC {
            let sequence = self.sequence_of(is_await, Ty::DYNAMIC);
            return self.implicit_cast(value, sequence);
        }
        let class = self.sequence_class(is_await);
        let fits = value.ty == Ty::ERROR
            || value.ty == Ty::NEVER
            || class.is_some_and(|class| {
                self.world.as_instance_of(value.ty, class).is_some()
                    && !self.world.is_potentially_nullable(value.ty)
            });
        if !fits {
            let what = if is_await { "Stream" } else { "Iterable" };
            let shown = self.show(value.ty);
            self.error(
                "not-iterable",
                value.span,
                format!("the loop needs an '{what}' here, but this is of type '{shown}'"),
            );
            return Expr {
                ty: Ty::ERROR,
                ..value
            };
        }
        value
    }

    fn element_type(&self, is_await: bool, iterable: &Expr) -> Ty {
        if iterable.ty == Ty::ERROR || iterable.ty == Ty::NEVER {
            return Ty::ERROR;
        }
        self.sequence_class(is_await)
            .and_then(|class| self.world.as_instance_of(iterable.ty, class))
            .and_then(|args| args.first().copied())
            .unwrap_or(Ty::DYNAMIC)
    }

    /// The loop variable; `prelude` gets what comes before the body.
    fn bind_element(
        &mut self,
        binding: &ForBinding,
        wanted: Ty,
        element: Ty,
        prelude: &mut Vec<Stmt>,
    ) -> LocalId {
        match binding {
            ForBinding::Variable { keyword, name, .. } => {
                let own = if wanted == Ty::UNKNOWN {
                    self.inferred_type(element)
                } else {
                    wanted
                };
                let is_final = *keyword == VariableKeyword::Final;
                let local = self.new_local(name.symbol, own, is_final, name.span);
                let var = self.declare_name(local, name, own, true);
                self.flow.initialize(var);
                self.local_infos[local.0 as usize].initialized = true;
                if own == element {
                    return local;
                }
                let (temp, value) = self.element_value(element, name.span);
                let value = self.convert(value, own, "element");
                prelude.push(self.stmt_node(StmtKind::Var(local, Some(value)), name.span));
                temp
            }
            ForBinding::Identifier(name) => {
                let (temp, value) = self.element_value(element, name.span);
                let meaning = self.resolve(name.symbol);
                let place = self.place_of_name(meaning, name);
                let written = self.written_type(&place);
                let value = self.convert(value, written, "element");
                let write = self.write_place(&place, value, true, name.span);
                prelude.push(self.expr_stmt(write));
                temp
            }
            ForBinding::Pattern {
                keyword, pattern, ..
            } => {
                let span = self.tree[*pattern].span;
                let (temp, _) = self.element_value(element, span);
                self.destructure(*pattern, temp, Some(*keyword), prelude);
                temp
            }
        }
    }

    fn element_value(&mut self, element: Ty, span: Span) -> (LocalId, Expr) {
        let temp = self.new_local(Symbol::intern(":element"), element, true, span);
        let value = self.node(ExprKind::Local(temp), element, span);
        (temp, value)
    }
}
