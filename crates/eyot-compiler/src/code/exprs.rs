//! Expressions, by form.

use eyot_bytecode::{Op, Rep};
use eyot_semantics::program::{CastKind, Expr, ExprKind, Stmt};

use super::{Code, Val, Want};
use crate::tables::rep_of;

impl Code<'_, '_> {
    /// Compiles an expression; its value comes to where it is wanted.
    pub(super) fn expr(&mut self, expr: &Expr, want: Want) -> Val {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.expr_inner(expr, want))
    }

    fn expr_inner(&mut self, expr: &Expr, want: Want) -> Val {
        use ExprKind as E;
        match &expr.kind {
            E::Null => self.load_null(want),
            E::Bool(value) => self.load_bool(*value, want),
            E::Int(value) => self.load_int_as(*value, want),
            E::Double(value) => self.load_double_as(*value, want),
            E::String(text) => {
                let value = eyot_semantics::program::ConstValue::String(text.clone());
                let id = self.constant(value);
                self.load_constant(id, want)
            }
            E::Const(id) => self.load_constant(*id, want),
            E::TypeLiteral(ty) => self.type_literal(*ty, want),
            E::This => self.get_this(want),
            E::Local(local) => self.get_local(*local, want),
            E::SetLocal(local, value) => self.set_local(*local, value, want),
            E::StaticGet(member) => self.static_get(*member, expr.span, want),
            E::StaticSet(member, value) => self.static_set(*member, value, expr.span, want),
            E::InstanceGet { receiver, member } => self.instance_get(expr, receiver, *member, want),
            E::InstanceSet {
                receiver,
                member,
                value,
            } => self.instance_set(receiver, *member, value, expr.span, want),
            E::DynamicGet { receiver, name } => self.dynamic_get(receiver, *name, expr.span, want),
            E::DynamicSet {
                receiver,
                name,
                value,
            } => self.dynamic_set(receiver, *name, value, expr.span, want),
            E::SuperGet { member } => self.super_get(*member, expr.span, want),
            E::SuperSet { member, value } => self.super_set(*member, value, expr.span, want),
            E::SuperCall { member, args } => self.super_call(*member, args, expr.span, want),
            E::StaticCall { target, args } => self.static_call(*target, args, expr, want),
            E::InstanceCall {
                receiver,
                member,
                args,
            } => self.instance_call(expr, receiver, *member, args, want),
            E::DynamicCall {
                receiver,
                name,
                args,
            } => self.dynamic_call(receiver, *name, args, expr.span, want),
            E::ClosureCall { callee, args } => self.closure_call(callee, args, expr.span, want),
            E::New {
                class,
                constructor,
                types,
                args,
            } => self.new_object(*class, *constructor, types, args, expr.span, want),
            E::NewFactory {
                constructor,
                types,
                args,
            } => self.new_factory(*constructor, types, args, expr.span, want),
            E::TearOff { receiver, member } => self.tear_off(receiver, *member, expr.span, want),
            E::SuperTearOff { member } => self.super_tear_off(*member, expr.span, want),
            E::StaticTearOff(member) => self.static_tear_off(*member, want),
            E::ConstructorTearOff { constructor, types } => {
                self.constructor_tear_off(*constructor, types, want)
            }
            E::Instantiate { function, types } => self.instantiate(function, types, want),
            E::Closure(node) => self.closure(node, None, want),
            E::As { value, ty, kind } => self.cast(value, *ty, *kind, expr.span, want),
            E::NullCheck(value) => self.null_check(value, expr.span, want),
            E::Is { .. }
            | E::Equals { .. }
            | E::Identical(..)
            | E::Not(_)
            | E::And(..)
            | E::Or(..) => self.condition_value(expr, want),
            E::Conditional(condition, then, otherwise) => {
                self.conditional(expr, condition, then, otherwise, want)
            }
            E::Let { local, value, body } => {
                let want = self.settle(want, rep_of(expr.ty));
                let mark = self.mark();
                if !self.alias(*local, value, body) {
                    self.declare(*local, |code, want| {
                        code.expr(value, want);
                    });
                }
                let result = self.expr(body, want);
                self.release(mark);
                result
            }
            E::Block { stmts, value } => self.block_value(expr, stmts, value, want),
            E::Await(value) => self.await_value(value, expr, want),
            E::Throw(value) => {
                let mark = self.mark();
                let error = self.value(value, Rep::Tagged);
                self.at(expr.span);
                self.op(Op::Throw, &[error]);
                self.release(mark);
                self.never(want)
            }
            E::Rethrow { error, trace } => {
                let mark = self.mark();
                let error = self.get_local(*error, Want::As(Rep::Tagged)).reg;
                let trace = self.get_local(*trace, Want::As(Rep::Tagged)).reg;
                self.at(expr.span);
                self.op(Op::Rethrow, &[error, trace]);
                self.release(mark);
                self.never(want)
            }
            E::Interpolation(parts) => self.interpolation(parts, expr.span, want),
            E::List { element, elements } => self.list(*element, elements, expr.span, want),
            E::Set { element, elements } => self.set(*element, elements, expr.span, want),
            E::Map {
                key,
                value,
                entries,
            } => self.map(*key, *value, entries, expr.span, want),
            E::Record { positional, named } => self.record(positional, named, want),
            E::RecordIndex(value, index) => self.record_field(value, *index as usize, want),
            E::RecordName(value, name) => self.record_name(value, *name, want),
            E::Unsupported(what) => {
                self.unsupported(expr.span, what);
                self.never(want)
            }
        }
    }

    /// The place of a value that never comes.
    pub(super) fn never(&mut self, want: Want) -> Val {
        match want {
            Want::Effect => Val::NONE,
            Want::Any => Val::new(self.temp(Rep::Tagged), Rep::Tagged),
            Want::As(rep) => Val::new(self.temp(rep), rep),
            Want::Into(reg, rep) => Val::new(reg, rep),
        }
    }

    fn get_this(&mut self, want: Want) -> Val {
        match self.this {
            Some(this) => self.deliver(Val::new(this, Rep::Tagged), want),
            None => self.load_null(want),
        }
    }

    fn conditional(
        &mut self,
        expr: &Expr,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        want: Want,
    ) -> Val {
        let want = self.settle(want, rep_of(expr.ty));
        let (no, done) = (self.asm.label(), self.asm.label());
        let mark = self.mark();
        self.branch(condition, no, false);
        self.release(mark);
        let result = self.expr(then, want);
        self.release(mark);
        if self.is_reachable() {
            self.asm.jmp(done);
        }
        self.bind(no);
        self.expr(otherwise, want);
        self.release(mark);
        self.bind(done);
        result
    }

    fn block_value(&mut self, expr: &Expr, stmts: &[Stmt], value: &Expr, want: Want) -> Val {
        let want = self.settle(want, rep_of(expr.ty));
        let mark = self.mark();
        for stmt in stmts {
            self.stmt(stmt);
        }
        let result = self.expr(value, want);
        self.release(mark);
        result
    }

    /// The expression below casts that cannot fail.
    pub(super) fn behind_casts<'e>(&self, expr: &'e Expr) -> &'e Expr {
        let mut expr = expr;
        while let ExprKind::As {
            value,
            kind: CastKind::Unchecked,
            ..
        } = &expr.kind
        {
            expr = value;
        }
        expr
    }
}
