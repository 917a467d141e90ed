//! Members of lists, strings and iterators that have instructions of their own.
//!
//! The instruction does the common case (the VM's own classes) in place and makes the virtual call that is named behind it in any
//! other, so it may be used wherever the static type has the member.

use eyot_bytecode::text::slow_shape;
use eyot_bytecode::{ExtData, Op, Reg, Rep};
use eyot_semantics::model::{MemberId, MemberKind, Owner, known};
use eyot_semantics::program::{Args, Expr};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::Span;

use super::{Code, Val, Want};
use crate::tables::rep_of;

impl Code<'_, '_> {
    /// A method call with an instruction; none if there is none for it.
    pub(super) fn fast_call(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        args: &Args,
        span: Span,
        want: Want,
    ) -> Option<Val> {
        if !args.named.is_empty() || !args.types.is_empty() {
            return None;
        }
        let name = self.world.member(member).name.as_str();
        match (name, args.positional.as_slice()) {
            ("[]", [index]) => {
                let element = self.list_element(receiver.ty)?;
                Some(self.list_get(receiver, index, element, span, want))
            }
            ("[]=", [index, value]) => {
                let element = self.list_element(receiver.ty)?;
                self.list_set(receiver, index, value, element, span);
                Some(self.void(want))
            }
            ("add", [value]) if want == Want::Effect => {
                let element = self.list_element(receiver.ty)?;
                let is_list_add = self.is_declared_in(member, &[known::LIST, known::GROWABLE_LIST]);
                if !is_list_add {
                    return None;
                }
                self.list_add(receiver, value, element, span);
                Some(Val::NONE)
            }
            ("codeUnitAt", [index]) if self.is_string(receiver.ty) => {
                let mark = self.mark();
                let text = self.operand(receiver, Rep::Tagged, [index]);
                let index = self.value(index, Rep::Int);
                self.release(mark);
                let reg = self.target(want, Rep::Int);
                self.at(span);
                self.op(Op::CharAt, &[reg, text, index]);
                Some(self.deliver(Val::new(reg, Rep::Int), want))
            }
            ("moveNext", []) if self.world.ty(member) == Ty::BOOL => {
                let mark = self.mark();
                let iterator = self.value(receiver, Rep::Tagged);
                self.release(mark);
                let reg = self.target(want, Rep::Bool);
                self.at(span);
                self.iterator_next(reg, iterator);
                Some(self.deliver(Val::new(reg, Rep::Bool), want))
            }
            _ => None,
        }
    }

    /// `length` and its like; none if there is no instruction for it.
    pub(super) fn fast_get(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        span: Span,
        want: Want,
    ) -> Option<Val> {
        let data = self.world.member(member);
        if data.name != eyot_syntax::sym::LENGTH
            || self.world.ty(member) != Ty::INT
            || !matches!(data.kind, MemberKind::Getter | MemberKind::Field)
        {
            return None;
        }
        let mark = self.mark();
        let value = self.value(receiver, Rep::Tagged);
        self.release(mark);
        let reg = self.target(want, Rep::Int);
        self.at(span);
        if self.is_string(receiver.ty) {
            self.op(Op::LenR, &[reg, value]);
        } else {
            self.slow_op(Op::LenV, &[reg, value]);
        }
        Some(self.deliver(Val::new(reg, Rep::Int), want))
    }

    /// `iterator.moveNext()`.
    pub(super) fn iterator_next(&mut self, result: Reg, iterator: Reg) {
        self.slow_op(Op::IterNext, &[result, iterator]);
    }

    /// `iterator.current`, which comes to where it is wanted.
    pub(super) fn iterator_current(&mut self, iterator: Reg, want: Want) {
        let reg = self.target(want, Rep::Tagged);
        self.slow_op(Op::IterCurrent, &[reg, iterator]);
        self.deliver(Val::new(reg, Rep::Tagged), want);
    }

    fn void(&mut self, want: Want) -> Val {
        self.load_null(want)
    }

    fn is_string(&self, ty: Ty) -> bool {
        self.world.resolve_bound(ty) == Ty::STRING
    }

    fn is_declared_in(&self, member: MemberId, classes: &[eyot_semantics::model::ClassId]) -> bool {
        match self.world.member(member).owner {
            Owner::Class(owner) => classes.contains(&owner),
            _ => false,
        }
    }

    /// The element type, if the type is a list's.
    fn list_element(&self, ty: Ty) -> Option<Ty> {
        if self.world.is_potentially_nullable(ty) {
            return None;
        }
        let args = self.world.as_instance_of(ty, known::LIST)?;
        args.first().copied()
    }

    /// An instruction with a virtual call behind it.
    pub(super) fn slow_op(&mut self, op: Op, regs: &[Reg]) {
        let tables = &mut self.shared.tables;
        let Some(shape) = slow_shape(op, |name| Some(tables.string(name))) else {
            return;
        };
        let shape = tables.shape(shape).0;
        let cache = tables.cache();
        let field = |i: usize| regs.get(i).map_or(0, |reg| reg.field());
        let (a, b, c) = (field(0), field(1), field(2));
        self.asm.op_ext(op, a, b, c, ExtData::Slow { shape, cache });
    }

    fn list_get(
        &mut self,
        receiver: &Expr,
        index: &Expr,
        element: Ty,
        span: Span,
        want: Want,
    ) -> Val {
        let (op, rep) = match rep_of(element) {
            Rep::Int => (Op::IdxGetI, Rep::Int),
            Rep::Double => (Op::IdxGetD, Rep::Double),
            _ => (Op::IdxGet, Rep::Tagged),
        };
        let mark = self.mark();
        let list = self.operand(receiver, Rep::Tagged, [index]);
        let index = self.value(index, Rep::Int);
        self.release(mark);
        let reg = self.target(want, rep);
        self.at(span);
        self.slow_op(op, &[reg, list, index]);
        self.deliver(Val::new(reg, rep), want)
    }

    fn list_set(&mut self, receiver: &Expr, index: &Expr, value: &Expr, element: Ty, span: Span) {
        let (op, rep) = match rep_of(element) {
            Rep::Int => (Op::IdxSetI, Rep::Int),
            Rep::Double => (Op::IdxSetD, Rep::Double),
            _ if self.is_invariant(element) => (Op::IdxSet, Rep::Tagged),
            _ => (Op::IdxSetC, Rep::Tagged),
        };
        let mark = self.mark();
        let list = self.operand(receiver, Rep::Tagged, [index, value]);
        let index = self.operand(index, Rep::Int, [value]);
        let value = self.value(value, rep);
        self.at(span);
        self.slow_op(op, &[list, index, value]);
        self.release(mark);
    }

    fn list_add(&mut self, receiver: &Expr, value: &Expr, element: Ty, span: Span) {
        let op = if self.is_invariant(element) {
            Op::ListAdd
        } else {
            Op::ListAddC
        };
        let mark = self.mark();
        let list = self.operand(receiver, Rep::Tagged, [value]);
        let value = self.value(value, Rep::Tagged);
        self.at(span);
        self.slow_op(op, &[list, value]);
        self.release(mark);
    }

    /// Whether a list of this static element type takes every value of the type. A list with a smaller element type could
    /// be behind it otherwise; below these types there is only `Never`, and a list of that holds nothing.
    pub(super) fn is_invariant(&self, element: Ty) -> bool {
        matches!(
            self.world.types.kind(element),
            TyKind::Interface {
                class: known::INT | known::DOUBLE | known::BOOL | known::STRING,
                nullable: false,
                ..
            }
        )
    }
}
