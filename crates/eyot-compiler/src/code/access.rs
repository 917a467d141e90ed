//! Reading and writing members and statics.

use eyot_bytecode::module as bc;
use eyot_bytecode::{Op, Reg, Rep};
use eyot_semantics::model::{ClassId, MemberFlags, MemberId, MemberKind};
use eyot_semantics::program::{Expr, ExprKind};
use eyot_semantics::types::Ty;
use eyot_syntax::Span;

use super::{Code, Val, Want};
use crate::layout::{
    field_rep, field_word, is_instance_field, layout, superclass, write_needs_check,
};
use crate::tables::{Role, rep_of};

impl Code<'_, '_> {
    // ---- instance members

    pub(super) fn instance_get(
        &mut self,
        expr: &Expr,
        receiver: &Expr,
        member: MemberId,
        want: Want,
    ) -> Val {
        if let Some(value) = self.number_get(receiver, member, want) {
            return value;
        }
        if let Some((word, rep)) = self.direct_field(receiver, member) {
            let mark = self.mark();
            let object = self.value(receiver, Rep::Tagged);
            if want == Want::Effect {
                self.release(mark);
                return Val::NONE;
            }
            self.release(mark);
            let reg = self.target(want, rep);
            self.load_field(reg, object, word);
            return self.deliver(Val::new(reg, rep), want);
        }
        if let Some(value) = self.fast_get(receiver, member, expr.span, want) {
            return value;
        }
        let target = self.direct_target(receiver, member);
        let mark = self.mark();
        let object = self.value(receiver, Rep::Tagged);
        self.at(expr.span);
        if let Some(target) = target
            && self.world.member(target).kind == MemberKind::Getter
        {
            self.release(mark);
            return self.call_member(target, Reg::NONE, &[object], want);
        }
        let selector = self.selector_of(member, bc::SelectorKind::Getter);
        let result = rep_of(self.world.ty(member));
        self.release(mark);
        self.call_getter(Op::CallV, selector, object, result, want)
    }

    pub(super) fn load_field(&mut self, reg: Reg, object: Reg, word: u16) {
        let op = if reg.is_raw() { Op::LdfW } else { Op::LdfR };
        self.asm.op(op, reg.field(), object.field(), word);
    }

    pub(super) fn store_field(&mut self, object: Reg, word: u16, value: Reg) {
        let op = if value.is_raw() { Op::StfW } else { Op::StfR };
        self.asm.op(op, object.field(), word, value.field());
    }

    /// The word of a field that can be read in place: no class that the receiver may have overrides it.
    fn direct_field(&self, receiver: &Expr, member: MemberId) -> Option<(u16, Rep)> {
        let data = self.world.member(member);
        if !matches!(data.kind, MemberKind::Field | MemberKind::Getter) {
            return None;
        }
        let field = self.found_field(receiver, member)?;
        if self.world.member(field).flags.contains(MemberFlags::LATE) {
            return None;
        }
        Some((field_word(self.world, field)?, field_rep(self.world, field)))
    }

    fn found_field(&self, receiver: &Expr, member: MemberId) -> Option<MemberId> {
        let world = self.world;
        let data = world.member(member);
        let class = match world.types.kind(world.resolve_bound(receiver.ty)) {
            eyot_semantics::types::TyKind::Interface {
                class,
                nullable: false,
                ..
            } => *class,
            _ => return None,
        };
        let is_this = self.is_this(receiver);
        let found =
            self.shared
                .subclasses
                .only_target(world, class, data.name, data.library, is_this)?;
        is_instance_field(world.member(found)).then_some(found)
    }

    pub(super) fn instance_set(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        value: &Expr,
        span: Span,
        want: Want,
    ) -> Val {
        let ty = self.written_type(member);
        let natural = self.natural(value);
        let mark = self.mark();
        let object = self.operand(receiver, Rep::Tagged, [value]);
        if want == Want::Effect || natural == rep_of(ty) {
            let rep = rep_of(ty);
            let value = self.value(value, rep);
            self.set_member(receiver, object, member, value, rep, span);
            return self.assigned(value, rep, want, mark);
        }
        let reg = self.value(value, natural);
        let given = self.coerce(Val::new(reg, natural), rep_of(ty));
        self.set_member(receiver, object, member, given, rep_of(ty), span);
        self.assigned(reg, natural, want, mark)
    }

    fn set_member(
        &mut self,
        receiver: &Expr,
        object: Reg,
        member: MemberId,
        value: Reg,
        rep: Rep,
        span: Span,
    ) {
        if let Some(word) = self.direct_store(receiver, member, rep) {
            return self.store_field(object, word, value);
        }
        self.at(span);
        let selector = self.selector_of(member, bc::SelectorKind::Setter);
        self.call_setter(Op::CallV, selector, object, value, rep);
    }

    /// The word of a field that can be written in place.
    fn direct_store(&self, receiver: &Expr, member: MemberId, rep: Rep) -> Option<u16> {
        let data = self.world.member(member);
        // A setter may stand beside what is read under its name, so only a field says what is written.
        if data.kind != MemberKind::Field {
            return None;
        }
        let field = self.found_field(receiver, member)?;
        let is_same = field == member && !self.has_other_setter(receiver, member);
        let is_plain = is_same
            && !data.flags.contains(MemberFlags::LATE)
            && !self.needs_check(receiver, field)
            && field_rep(self.world, field) == rep;
        if is_plain {
            field_word(self.world, field)
        } else {
            None
        }
    }

    /// Whether a value for the field may be wrong although its static type is the field's: the receiver's type arguments may be
    /// smaller than they look, unless it is `this`.
    fn needs_check(&self, receiver: &Expr, field: MemberId) -> bool {
        match matches!(receiver.kind, ExprKind::This) {
            true => {
                let data = self.world.member(field);
                data.flags.contains(MemberFlags::COVARIANT)
            }
            false => write_needs_check(self.world, field),
        }
    }

    fn is_this(&self, receiver: &Expr) -> bool {
        matches!(self.behind_casts(receiver).kind, ExprKind::This)
    }

    /// Whether a class that the receiver may have overrides the setter alone.
    fn has_other_setter(&self, receiver: &Expr, member: MemberId) -> bool {
        let world = self.world;
        let data = world.member(member);
        let Some(class) = world.class_of(world.resolve_bound(receiver.ty)) else {
            return true;
        };
        !self
            .shared
            .subclasses
            .only_setter(world, class, data.name, data.library, member)
    }

    /// The type of what a setter or assignable field takes.
    pub(super) fn written_type(&self, member: MemberId) -> Ty {
        let data = self.world.member(member);
        match data.kind {
            MemberKind::Setter => data.params.first().map_or(Ty::DYNAMIC, |param| param.ty),
            _ => self.world.ty(member),
        }
    }

    // ---- super

    /// The word of a field in the instances of a superclass.
    pub(super) fn inherited_word(&self, field: MemberId) -> Option<u16> {
        let mut class = self
            .place
            .owner
            .and_then(|owner| superclass(self.world, owner));
        while let Some(current) = class {
            if let Some(word) = word_in(self, current, field) {
                return Some(word);
            }
            class = superclass(self.world, current);
        }
        None
    }

    pub(super) fn super_get(&mut self, member: MemberId, span: Span, want: Want) -> Val {
        let Some(this) = self.this else {
            return self.never(want);
        };
        let world = self.world;
        let data = world.member(member);
        self.at(span);
        if self.is_in_mixin() {
            let selector = self.selector_of(member, bc::SelectorKind::Getter);
            let result = rep_of(world.ty(member));
            return self.call_getter(Op::CallSuper, selector, this, result, want);
        }
        if data.kind != MemberKind::Field {
            return self.call_member(member, Reg::NONE, &[this], want);
        }
        if data.flags.contains(MemberFlags::LATE) {
            let (getter, _) = self.shared.tables.role(member, Role::LateGetter);
            let result = rep_of(world.ty(member));
            return self.emit_call(Op::CallS, getter.0, &[this], result, want);
        }
        let Some(word) = self.inherited_word(member) else {
            return self.never(want);
        };
        let rep = field_rep(world, member);
        let reg = self.target(want, rep);
        self.load_field(reg, this, word);
        self.deliver(Val::new(reg, rep), want)
    }

    pub(super) fn super_set(
        &mut self,
        member: MemberId,
        value: &Expr,
        span: Span,
        want: Want,
    ) -> Val {
        let Some(this) = self.this else {
            return self.never(want);
        };
        let rep = rep_of(self.written_type(member));
        let mark = self.mark();
        let value = self.value(value, rep);
        self.at(span);
        let data = self.world.member(member);
        if self.is_in_mixin() {
            let selector = self.selector_of(member, bc::SelectorKind::Setter);
            self.call_setter(Op::CallSuper, selector, this, value, rep);
        } else if data.kind == MemberKind::Setter {
            self.call_member(member, Reg::NONE, &[this, value], Want::Effect);
        } else if let Some(word) = self
            .inherited_word(member)
            .filter(|_| !data.flags.contains(MemberFlags::LATE))
        {
            self.store_field(this, word, value);
        } else {
            let (setter, _) = self.shared.tables.role(member, Role::FieldSetter);
            self.emit_call(
                Op::CallS,
                setter.0,
                &[this, value],
                Rep::Tagged,
                Want::Effect,
            );
        }
        self.assigned(value, rep, want, mark)
    }

    // ---- statics

    pub(super) fn static_get(&mut self, member: MemberId, span: Span, want: Want) -> Val {
        let world = self.world;
        let data = world.member(member);
        if data.kind != MemberKind::Field {
            self.at(span);
            return self.call_member(member, Reg::NONE, &[], want);
        }
        if data.flags.contains(MemberFlags::CONST) {
            return match world.constant(member) {
                Some(id) => self.load_constant(id, want),
                None => self.never(want),
            };
        }
        if data.flags.contains(MemberFlags::EXTERNAL) {
            self.at(span);
            self.unbound_variable(data.name, None);
            return self.never(want);
        }
        let (id, has_value) = self.static_slot(member);
        let mark = self.mark();
        let reg = self.temp(Rep::Tagged);
        self.op_wide(Op::LdS, reg, id.0);
        if !has_value {
            let done = self.asm.label();
            self.asm.jump(Op::Jnsent, reg, done);
            self.at(span);
            self.initialize_static(member, id, reg);
            self.bind(done);
        }
        match want {
            Want::Effect | Want::Into(..) => {
                let result = self.deliver(Val::new(reg, Rep::Tagged), want);
                self.release(mark);
                result
            }
            _ => self.deliver(Val::new(reg, Rep::Tagged), want),
        }
    }

    pub(super) fn static_slot(&mut self, member: MemberId) -> (bc::StaticId, bool) {
        self.shared.tables.static_field(member, |_| None)
    }

    /// Runs the initialiser and keeps its value, which is also in `reg` then.
    fn initialize_static(&mut self, member: MemberId, id: bc::StaticId, reg: Reg) {
        let world = self.world;
        let data = world.member(member);
        if !data.flags.contains(MemberFlags::HAS_INITIALIZER) {
            return self.throw_text("_throwLateNotInitialized", data.name.as_str());
        }
        self.call_member(member, Reg::NONE, &[], Want::Into(reg, Rep::Tagged));
        if data.flags.contains(MemberFlags::FINAL) {
            self.throw_if_static_set(
                id,
                "_throwLateAssignedDuringInitialization",
                data.name.as_str(),
            );
        }
        self.op_wide(Op::StS, reg, id.0);
    }

    pub(super) fn static_set(
        &mut self,
        member: MemberId,
        value: &Expr,
        span: Span,
        want: Want,
    ) -> Val {
        let data = self.world.member(member);
        let mark = self.mark();
        if data.kind == MemberKind::Setter {
            let rep = rep_of(self.written_type(member));
            let value = self.value(value, rep);
            self.at(span);
            self.call_member(member, Reg::NONE, &[value], Want::Effect);
            return self.assigned(value, rep, want, mark);
        }
        if data.flags.contains(MemberFlags::EXTERNAL) {
            let value = self.value(value, Rep::Tagged);
            self.at(span);
            self.unbound_variable(data.name, Some(value));
            return self.assigned(value, Rep::Tagged, want, mark);
        }
        let (id, _) = self.static_slot(member);
        let natural = match want {
            Want::Effect => Rep::Tagged,
            _ => self.natural(value),
        };
        let given = self.value(value, natural);
        let tagged = self.coerce(Val::new(given, natural), Rep::Tagged);
        if data.flags.contains(MemberFlags::LATE | MemberFlags::FINAL) {
            self.at(span);
            self.throw_if_static_set(id, "_throwLateAlreadyInitialized", data.name.as_str());
        }
        self.op_wide(Op::StS, tagged, id.0);
        self.assigned(given, natural, want, mark)
    }

    fn throw_if_static_set(&mut self, id: bc::StaticId, function: &str, name: &str) {
        let mark = self.mark();
        let old = self.temp(Rep::Tagged);
        let (twice, fine) = (self.asm.label(), self.asm.label());
        self.op_wide(Op::LdS, old, id.0);
        self.asm.jump(Op::Jnsent, old, twice);
        self.asm.jmp(fine);
        self.bind(twice);
        self.throw_text(function, name);
        self.bind(fine);
        self.release(mark);
    }
}

/// The word of a field among those that the class adds.
pub(super) fn word_in(code: &Code<'_, '_>, class: ClassId, field: MemberId) -> Option<u16> {
    layout(code.world, class)
        .fields
        .iter()
        .find(|(member, _)| *member == field)
        .map(|&(_, word)| word)
}
