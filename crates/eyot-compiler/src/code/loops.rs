//! Loops.
//!
//! The condition stands at the end where that saves a jump each round: `while` jumps to it first. A jump that goes backwards is a
//! safepoint, so every loop has one.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::program::{Expr, LabelId, LocalId, Stmt, StmtKind};
use eyot_semantics::types::Ty;
use eyot_syntax::{Span, Symbol, sym};

use super::exceptions::Control;
use super::{Code, Val, Want};

impl Code<'_, '_> {
    pub(super) fn while_stmt(&mut self, label: LabelId, condition: &Expr, body: &Stmt) {
        let (test, end) = (self.asm.label(), self.asm.label());
        let is_endless = self.is_true(condition);
        if !is_endless {
            self.asm.jmp(test);
        }
        let start = self.here();
        if is_endless {
            self.bind(test);
        }
        self.loop_body(label, body, end, test);
        if is_endless {
            self.asm.jmp(start);
        } else {
            self.bind(test);
            self.branch(condition, start, true);
        }
        self.bind(end);
    }

    fn is_true(&self, condition: &Expr) -> bool {
        use eyot_semantics::program::{ConstValue, ExprKind};
        match &condition.kind {
            ExprKind::Bool(value) => *value,
            ExprKind::Const(id) => *self.world.consts.value(*id) == ConstValue::Bool(true),
            _ => false,
        }
    }

    fn loop_body(
        &mut self,
        label: LabelId,
        body: &Stmt,
        break_to: eyot_bytecode::Label,
        continue_to: eyot_bytecode::Label,
    ) {
        self.control.push(Control::Target {
            label,
            break_to,
            continue_to: Some(continue_to),
        });
        self.scoped(body);
        self.control.pop();
    }

    pub(super) fn do_stmt(&mut self, label: LabelId, body: &Stmt, condition: &Expr) {
        let (test, end) = (self.asm.label(), self.asm.label());
        let start = self.here();
        self.loop_body(label, body, end, test);
        self.bind(test);
        self.branch(condition, start, true);
        self.bind(end);
    }

    pub(super) fn for_stmt(
        &mut self,
        label: LabelId,
        init: &[Stmt],
        condition: Option<&Expr>,
        update: &[Expr],
        body: &Stmt,
    ) {
        let mark = self.mark();
        for stmt in init {
            self.stmt(stmt);
        }
        let (test, next, end) = (self.asm.label(), self.asm.label(), self.asm.label());
        if condition.is_some() {
            self.asm.jmp(test);
        }
        let start = self.here();
        self.loop_body(label, body, end, next);
        self.bind(next);
        self.renew_variables(init);
        for update in update {
            let mark = self.mark();
            self.expr(update, Want::Effect);
            self.release(mark);
        }
        self.bind(test);
        match condition {
            Some(condition) => self.branch(condition, start, true),
            None => self.asm.jmp(start),
        }
        self.bind(end);
        self.release(mark);
    }

    /// Closures of a round keep its variables; the next round goes on with copies.
    fn renew_variables(&mut self, init: &[Stmt]) {
        for stmt in init {
            match &stmt.kind {
                StmtKind::Var(local, _) => self.renew_cell(*local),
                StmtKind::Block(stmts) => self.renew_variables(stmts),
                _ => {}
            }
        }
    }

    fn public_selector(&mut self, name: Symbol, kind: bc::SelectorKind) -> bc::Selector {
        bc::Selector {
            name: self.shared.tables.string(name.as_str()),
            kind,
        }
    }

    pub(super) fn get_public(
        &mut self,
        name: Symbol,
        receiver: Reg,
        result: Rep,
        want: Want,
    ) -> Val {
        let selector = self.public_selector(name, bc::SelectorKind::Getter);
        self.call_getter(Op::CallV, selector, receiver, result, want)
    }

    pub(super) fn for_in(
        &mut self,
        label: LabelId,
        variable: LocalId,
        iterable: &Expr,
        body: &Stmt,
        span: Span,
    ) {
        let mark = self.mark();
        let iterator = self.temp(Rep::Tagged);
        {
            let mark = self.mark();
            let iterable = self.value(iterable, Rep::Tagged);
            self.at(span);
            let want = Want::Into(iterator, Rep::Tagged);
            self.get_public(sym::ITERATOR, iterable, Rep::Tagged, want);
            self.release(mark);
        }
        let (next, end) = (self.asm.label(), self.asm.label());
        self.asm.jmp(next);
        let start = self.here();
        let inner = self.mark();
        self.declare(variable, |code, want| {
            code.at(span);
            code.iterator_current(iterator, want);
        });
        self.loop_body(label, body, end, next);
        self.release(inner);
        self.bind(next);
        let more = self.temp(Rep::Bool);
        self.at(span);
        self.iterator_next(more, iterator);
        self.asm.jump(Op::Jt, more, start);
        self.bind(end);
        self.release(mark);
    }

    /// `await for`: a StreamIterator, cancelled on every way out but the end of the stream.
    pub(super) fn await_for(
        &mut self,
        label: LabelId,
        variable: LocalId,
        stream: &Expr,
        body: &Stmt,
        span: Span,
    ) {
        let mark = self.mark();
        let iterator = self.temp(Rep::Tagged);
        if !self.new_stream_iterator(iterator, stream, span) {
            self.unsupported(span, "await for without dart:async");
            return self.release(mark);
        }
        let end = self.asm.label();
        self.with_finally(
            |code| {
                let (next, stop) = (code.asm.label(), code.asm.label());
                code.bind(next);
                let more = code.temp(Rep::Tagged);
                code.at(span);
                code.call_named(
                    "moveNext",
                    iterator,
                    Rep::Tagged,
                    Want::Into(more, Rep::Tagged),
                );
                code.await_register(more, more, span);
                let go_on = code.asm.label();
                code.asm.jump(Op::JtR, more, go_on);
                code.asm.jmp(end);
                code.bind(go_on);
                let inner = code.mark();
                code.declare(variable, |code, want| {
                    code.get_public(sym::CURRENT, iterator, Rep::Tagged, want);
                });
                code.loop_body(label, body, stop, next);
                code.release(inner);
                if code.is_reachable() {
                    code.asm.jmp(next);
                }
                code.bind(stop);
            },
            |code| {
                let mark = code.mark();
                let done = code.temp(Rep::Tagged);
                code.at(span);
                code.call_named(
                    "cancel",
                    iterator,
                    Rep::Tagged,
                    Want::Into(done, Rep::Tagged),
                );
                code.await_register(done, done, span);
                code.release(mark);
            },
        );
        self.bind(end);
        self.release(mark);
    }

    fn new_stream_iterator(&mut self, iterator: Reg, stream: &Expr, span: Span) -> bool {
        let world = self.world;
        let found = crate::core_class(world, "dart:async", "StreamIterator")
            .and_then(|class| Some((class, *world.class(class).constructors.get(&sym::NEW)?)));
        let Some((class, constructor)) = found else {
            return false;
        };
        let element = crate::core_class(world, "dart:async", "Stream")
            .and_then(|class| world.as_instance_of(stream.ty, class))
            .and_then(|args| args.first().copied())
            .unwrap_or(Ty::DYNAMIC);
        let mark = self.mark();
        let stream = self.value(stream, Rep::Tagged);
        self.at(span);
        if self.is_generative(constructor) {
            self.allocate(iterator, class, &[element]);
            self.call_member(constructor, Reg::NONE, &[iterator, stream], Want::Effect);
        } else {
            let types = self.vector(&[element]);
            let want = Want::Into(iterator, Rep::Tagged);
            self.call_member(constructor, types, &[stream], want);
        }
        self.release(mark);
        true
    }
}
