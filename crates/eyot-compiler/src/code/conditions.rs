//! Conditions: compiled as jumps; as a value only where somebody wants the bool.

use eyot_bytecode::{Label, Op, Reg, Rep};
use eyot_semantics::model::{ClassId, ClassKind, MemberId, Owner, known};
use eyot_semantics::program::{ConstValue, Expr, ExprKind};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::Span;

use super::{Code, Val, Want};

impl Code<'_, '_> {
    /// Jumps to `label` if the condition is `when`, else goes on.
    pub(super) fn branch(&mut self, expr: &Expr, label: Label, when: bool) {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || {
            let mark = self.mark();
            self.branch_inner(expr, label, when);
            self.release(mark);
        });
    }

    fn branch_inner(&mut self, expr: &Expr, label: Label, when: bool) {
        match &expr.kind {
            ExprKind::Bool(value) => self.jump_always(label, *value == when),
            ExprKind::Const(id) => match self.world.consts.value(*id) {
                ConstValue::Bool(value) => self.jump_always(label, *value == when),
                _ => self.branch_value(expr, label, when),
            },
            ExprKind::Not(inner) => self.branch(inner, label, !when),
            ExprKind::And(left, right) => self.branch_both(left, right, label, when, true),
            ExprKind::Or(left, right) => self.branch_both(left, right, label, when, false),
            ExprKind::Is { value, ty } => self.branch_is(value, *ty, label, when),
            ExprKind::Identical(left, right) => {
                self.branch_identical(left, right, label, when);
            }
            ExprKind::Equals {
                left,
                right,
                member,
            } => self.branch_equals(left, right, *member, expr.span, label, when),
            ExprKind::InstanceCall {
                receiver,
                member,
                args,
            } if self.branch_compare(receiver, *member, args, label, when) => {}
            _ if self.branch_inlined(expr, label, when) => {}
            _ => self.branch_value(expr, label, when),
        }
    }

    pub(super) fn jump_always(&mut self, label: Label, take: bool) {
        if take {
            self.asm.jmp(label);
        }
    }

    fn branch_value(&mut self, expr: &Expr, label: Label, when: bool) {
        let reg = self.value(expr, Rep::Bool);
        self.jump_if(reg, label, when);
    }

    /// Jumps on a raw bool.
    pub(super) fn jump_if(&mut self, reg: Reg, label: Label, when: bool) {
        let op = if when { Op::Jt } else { Op::Jf };
        self.asm.jump(op, reg, label);
    }

    /// `left && right` (`is_and`) and `left || right`.
    fn branch_both(&mut self, left: &Expr, right: &Expr, label: Label, when: bool, is_and: bool) {
        if when == is_and {
            // Both decide; the first one alone decides against.
            let skip = self.asm.label();
            self.branch(left, skip, !when);
            self.branch(right, label, when);
            self.bind(skip);
        } else {
            self.branch(left, label, when);
            self.branch(right, label, when);
        }
    }

    /// A condition as a value.
    pub(super) fn condition_value(&mut self, expr: &Expr, want: Want) -> Val {
        if want == Want::Effect {
            // Evaluated for its operands' effects; the jump goes nowhere.
            let label = self.asm.label();
            self.branch(expr, label, true);
            self.bind(label);
            return Val::NONE;
        }
        if let Some(value) = self.simple_condition(expr, want) {
            return value;
        }
        let want = self.settle(want, Rep::Bool);
        let (no, done) = (self.asm.label(), self.asm.label());
        self.branch(expr, no, false);
        let result = self.load_bool(true, want);
        self.asm.jmp(done);
        self.bind(no);
        self.load_bool(false, want);
        self.bind(done);
        result
    }

    /// Conditions that one instruction answers.
    fn simple_condition(&mut self, expr: &Expr, want: Want) -> Option<Val> {
        match &expr.kind {
            ExprKind::Not(inner) => {
                if matches!(
                    inner.kind,
                    ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Equals { .. }
                ) {
                    return None;
                }
                let mark = self.mark();
                let value = self.value(inner, Rep::Bool);
                self.release(mark);
                let reg = self.target(want, Rep::Bool);
                self.op(Op::NotB, &[reg, value]);
                Some(self.deliver(Val::new(reg, Rep::Bool), want))
            }
            ExprKind::Identical(left, right) => {
                let mark = self.mark();
                let a = self.operand(left, Rep::Tagged, [&**right]);
                let b = self.value(right, Rep::Tagged);
                self.release(mark);
                let reg = self.target(want, Rep::Bool);
                self.op(Op::Ident, &[reg, a, b]);
                Some(self.deliver(Val::new(reg, Rep::Bool), want))
            }
            ExprKind::Equals { left, right, .. } => {
                let op = match (self.number(left), self.number(right)) {
                    (Some(Rep::Int), Some(Rep::Int)) => Op::EqI,
                    (Some(Rep::Double), Some(Rep::Double)) => Op::EqD,
                    (None, None) if left.ty == Ty::BOOL && right.ty == Ty::BOOL => Op::EqB,
                    _ => return None,
                };
                let rep = match op {
                    Op::EqI => Rep::Int,
                    Op::EqD => Rep::Double,
                    _ => Rep::Bool,
                };
                let mark = self.mark();
                let a = self.operand(left, rep, [&**right]);
                let b = self.value(right, rep);
                self.release(mark);
                let reg = self.target(want, Rep::Bool);
                self.op(op, &[reg, a, b]);
                Some(self.deliver(Val::new(reg, Rep::Bool), want))
            }
            _ => None,
        }
    }

    // ---- identity and equality

    fn branch_identical(&mut self, left: &Expr, right: &Expr, label: Label, when: bool) {
        if self.is_null_literal(right) {
            return self.branch_null(left, label, when);
        }
        if self.is_null_literal(left) {
            return self.branch_null(right, label, when);
        }
        let a = self.operand(left, Rep::Tagged, [right]);
        let b = self.value(right, Rep::Tagged);
        if self.has_word_identity(left.ty) || self.has_word_identity(right.ty) {
            let op = if when { Op::JeqR } else { Op::JneR };
            self.asm.compare_jump(op, a, b.field(), label);
        } else {
            let same = self.temp(Rep::Bool);
            self.op(Op::Ident, &[same, a, b]);
            self.jump_if(same, label, when);
        }
    }

    /// Whether values of the type are identical exactly if their words are: no numbers, and nothing that the runtime compares by parts.
    fn has_word_identity(&self, ty: Ty) -> bool {
        match self.world.types.kind(self.world.resolve_bound(ty)) {
            TyKind::Null => true,
            TyKind::Interface { class, .. } => {
                let data = self.world.class(*class);
                data.kind == ClassKind::Enum
                    || *class == known::BOOL
                    || !matches!(
                        *class,
                        known::OBJECT
                            | known::NUM
                            | known::INT
                            | known::DOUBLE
                            | known::STRING
                            | known::TYPE
                            | known::FUNCTION
                            | known::CLOSURE
                            | known::RECORD_INTERFACE
                            | known::RECORD
                            | known::FUTURE
                            | known::SYMBOL
                            | known::SEND_PORT
                            | known::CAPABILITY
                    ) && self.is_plain_class(*class)
            }
            _ => false,
        }
    }

    /// A class whose instances are ordinary objects: not one that numbers, strings or functions implement.
    fn is_plain_class(&self, class: ClassId) -> bool {
        let library = self.world.class(class).library;
        !self.world.library(library).uri.starts_with("dart:")
    }

    pub(super) fn is_null_literal(&self, expr: &Expr) -> bool {
        match &self.behind_casts(expr).kind {
            ExprKind::Null => true,
            ExprKind::Const(id) => *self.world.consts.value(*id) == ConstValue::Null,
            _ => false,
        }
    }

    /// `expr == null`.
    fn branch_null(&mut self, expr: &Expr, label: Label, when: bool) {
        let value = self.expr(expr, Want::Any);
        if value.rep != Rep::Tagged {
            return self.jump_always(label, !when);
        }
        let op = if when { Op::Jnull } else { Op::Jnnull };
        self.asm.jump(op, value.reg, label);
    }

    fn branch_equals(
        &mut self,
        left: &Expr,
        right: &Expr,
        member: Option<MemberId>,
        span: Span,
        label: Label,
        when: bool,
    ) {
        if self.is_null_literal(right) {
            return self.branch_null(left, label, when);
        }
        if self.is_null_literal(left) {
            return self.branch_null(right, label, when);
        }
        if self.branch_equal_numbers(left, right, label, when) {
            return;
        }
        let a = self.operand(left, Rep::Tagged, [right]);
        let b = self.value(right, Rep::Tagged);
        if self.has_primitive_equality(left.ty) {
            let same = self.temp(Rep::Bool);
            self.op(Op::EqR, &[same, a, b]);
            return self.jump_if(same, label, when);
        }
        if self.has_identity_equality(left.ty) {
            let op = if when { Op::JeqR } else { Op::JneR };
            return self.asm.compare_jump(op, a, b.field(), label);
        }
        // Null is equal to null only; `==` itself never sees it.
        let (call, done) = (self.asm.label(), self.asm.label());
        if self.world.is_potentially_nullable(left.ty) {
            self.asm.jump(Op::Jnnull, a, call);
            let op = if when { Op::Jnull } else { Op::Jnnull };
            self.asm.jump(op, b, label);
            self.asm.jmp(done);
        }
        self.bind(call);
        if self.world.is_potentially_nullable(right.ty) {
            let target = if when { done } else { label };
            self.asm.jump(Op::Jnull, b, target);
        }
        self.at(span);
        let same = self.call_equals(a, b, member);
        self.jump_if(same, label, when);
        self.bind(done);
    }

    fn branch_equal_numbers(
        &mut self,
        left: &Expr,
        right: &Expr,
        label: Label,
        when: bool,
    ) -> bool {
        match (self.number(left), self.number(right)) {
            (Some(Rep::Int), Some(Rep::Int)) => {
                let mark = self.mark();
                if let Some(imm) = self.small_int(right) {
                    let a = self.value(left, Rep::Int);
                    let op = if when { Op::JeqIK } else { Op::JneIK };
                    self.asm.compare_jump(op, a, imm as u16, label);
                } else if let Some(imm) = self.small_int(left) {
                    let b = self.value(right, Rep::Int);
                    let op = if when { Op::JeqIK } else { Op::JneIK };
                    self.asm.compare_jump(op, b, imm as u16, label);
                } else {
                    let a = self.operand(left, Rep::Int, [right]);
                    let b = self.value(right, Rep::Int);
                    let op = if when { Op::JeqI } else { Op::JneI };
                    self.asm.compare_jump(op, a, b.field(), label);
                }
                self.release(mark);
                true
            }
            (Some(Rep::Double), Some(_)) | (Some(_), Some(Rep::Double))
                if self.as_double_exactly(left) && self.as_double_exactly(right) =>
            {
                let mark = self.mark();
                let a = self.double_operand(left, [right]);
                let b = self.double_operand(right, []);
                let op = if when { Op::JeqD } else { Op::JneD };
                self.asm.compare_jump(op, a, b.field(), label);
                self.release(mark);
                true
            }
            (None, None) if left.ty == Ty::BOOL && right.ty == Ty::BOOL => {
                let a = self.operand(left, Rep::Bool, [right]);
                let b = self.value(right, Rep::Bool);
                let same = self.temp(Rep::Bool);
                self.op(Op::EqB, &[same, a, b]);
                self.jump_if(same, label, when);
                true
            }
            _ => false,
        }
    }

    /// Whether `eq.r` does what `==` on the type means.
    fn has_primitive_equality(&self, ty: Ty) -> bool {
        match self.world.types.kind(self.world.resolve_bound(ty)) {
            TyKind::Null => true,
            TyKind::Interface { class, .. } => matches!(
                *class,
                known::NUM | known::INT | known::DOUBLE | known::BOOL | known::STRING
            ),
            _ => false,
        }
    }

    /// Whether `==` on the type is surely Object's, and identity of words.
    fn has_identity_equality(&self, ty: Ty) -> bool {
        match self.world.types.kind(self.world.resolve_bound(ty)) {
            TyKind::Interface { class, .. } => {
                let data = self.world.class(*class);
                data.kind == ClassKind::Enum && !self.overrides_equals(*class)
            }
            _ => false,
        }
    }

    fn overrides_equals(&self, class: ClassId) -> bool {
        let library = self.world.class(class).library;
        let found = self
            .world
            .concrete_members(class, eyot_syntax::sym::EQUALS, library)
            .get;
        found.is_some_and(|member| self.world.member(member).owner != Owner::Class(known::OBJECT))
    }
}
