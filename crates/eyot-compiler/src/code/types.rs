//! Types at run time: vectors, tests, casts, type literals.

use eyot_bytecode::module::{TargsId, TypeId};
use eyot_bytecode::{ExtData, Label, Op, Reg, Rep};
use eyot_semantics::model::{ClassId, known};
use eyot_semantics::program::{CastKind, ConstValue, Expr};
use eyot_semantics::types::{Ty, TyKind};
use eyot_syntax::Span;

use super::{Code, FunctionVector, Val, Want};
use crate::tables::{is_mixin, rep_of};

/// What a type test comes down to.
enum Test {
    Always,
    Never,
    Null,
    NotNull,
    /// An instance of the class or a subtype, whatever its arguments.
    Class(ClassId),
    Type,
}

impl Code<'_, '_> {
    // ---- vectors

    /// The class vector that types here refer to; [`Reg::NONE`] if they refer to none.
    pub(super) fn class_vector(&mut self) -> Reg {
        if !self.env.has_class_params() {
            return Reg::NONE;
        }
        let reg = self.type_temp();
        if let FunctionVector::Closure { .. } = self.function_vector {
            self.op(Op::ClosureTargsClass, &[reg, Reg::tagged(0)]);
            return reg;
        }
        match (self.this, self.place.owner) {
            (Some(this), Some(owner)) if is_mixin(self.world, owner) => {
                let ext = ExtData::Id(owner.0);
                self.asm
                    .op_ext(Op::TargsAs, reg.field(), this.field(), 0, ext);
                reg
            }
            (Some(this), Some(_)) => {
                self.op(Op::TargsOf, &[reg, this]);
                reg
            }
            _ => Reg::NONE,
        }
    }

    /// The function vector that types here refer to.
    pub(super) fn function_vector(&mut self) -> Reg {
        if self.env.function_len() == 0 {
            return Reg::NONE;
        }
        let parameter = Reg::raw(0);
        match self.function_vector {
            FunctionVector::Parameter => parameter,
            FunctionVector::Closure { own } => {
                let reg = self.type_temp();
                self.op(Op::ClosureTargsFn, &[reg, Reg::tagged(0)]);
                if own {
                    self.op(Op::TargsAppend, &[reg, reg, parameter]);
                }
                reg
            }
        }
    }

    fn is_open(&mut self, ty: Ty) -> bool {
        self.shared.tables.is_open(ty, &self.env)
    }

    pub(super) fn type_id(&mut self, ty: Ty) -> TypeId {
        self.shared.tables.ty(ty, &self.env)
    }

    fn targs_id(&mut self, types: &[Ty]) -> TargsId {
        self.shared.tables.targs(types, &self.env)
    }

    /// A vector of types in a register.
    pub(super) fn vector(&mut self, types: &[Ty]) -> Reg {
        let id = self.targs_id(types);
        let is_open = types.iter().any(|&ty| self.is_open(ty));
        if !is_open {
            let reg = self.type_temp();
            self.op_wide(Op::LdTargs, reg, id.0);
            return reg;
        }
        let (class, function) = (self.class_vector(), self.function_vector());
        let reg = self.type_temp();
        let ext = ExtData::Id(id.0);
        self.asm.op_ext(
            Op::InstTargs,
            reg.field(),
            class.field(),
            function.field(),
            ext,
        );
        reg
    }

    /// A type in a register.
    pub(super) fn type_reg(&mut self, ty: Ty) -> Reg {
        let id = self.type_id(ty);
        if !self.is_open(ty) {
            let reg = self.type_temp();
            self.op_wide(Op::LdTarg, reg, id.0);
            return reg;
        }
        let (class, function) = (self.class_vector(), self.function_vector());
        let reg = self.type_temp();
        let ext = ExtData::Id(id.0);
        self.asm.op_ext(
            Op::InstType,
            reg.field(),
            class.field(),
            function.field(),
            ext,
        );
        reg
    }

    pub(super) fn type_literal(&mut self, ty: Ty, want: Want) -> Val {
        if want == Want::Effect {
            return Val::NONE;
        }
        if !self.is_open(ty) {
            let id = self.constant(ConstValue::Type(ty));
            return self.load_constant(id, want);
        }
        let mark = self.mark();
        let ty = self.type_reg(ty);
        self.release(mark);
        let reg = self.target(want, Rep::Tagged);
        self.op(Op::TypeOf, &[reg, ty]);
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    // ---- tests

    fn test_of(&mut self, ty: Ty) -> Test {
        let world = self.world;
        if world.is_top(ty) {
            return Test::Always;
        }
        match world.types.kind(ty) {
            TyKind::Never => Test::Never,
            TyKind::Null => Test::Null,
            TyKind::Interface {
                class,
                args,
                nullable: false,
            } => {
                if *class == known::OBJECT {
                    return Test::NotNull;
                }
                if args.iter().all(|&arg| world.is_top(arg)) {
                    Test::Class(*class)
                } else {
                    Test::Type
                }
            }
            _ => Test::Type,
        }
    }

    /// `value is ty` as a jump.
    pub(super) fn branch_is(&mut self, value: &Expr, ty: Ty, label: Label, when: bool) {
        if self.world.is_subtype(value.ty, ty) && value.ty != Ty::ERROR {
            self.expr(value, Want::Effect);
            return self.jump_always(label, when);
        }
        let reg = self.value(value, Rep::Tagged);
        self.branch_type(reg, ty, label, when);
    }

    /// Jumps to `label` if whether the value is of the type is `when`.
    pub(super) fn branch_type(&mut self, value: Reg, ty: Ty, label: Label, when: bool) {
        let world = self.world;
        if world.types.has_question(ty) && !world.is_top(ty) {
            let inner = world.types.with_nullable(ty, false);
            if when {
                self.asm.jump(Op::Jnull, value, label);
                return self.branch_type(value, inner, label, true);
            }
            let done = self.asm.label();
            self.asm.jump(Op::Jnull, value, done);
            self.branch_type(value, inner, label, false);
            self.bind(done);
            return;
        }
        match self.test_of(ty) {
            Test::Always => self.jump_always(label, when),
            Test::Never => self.jump_always(label, !when),
            Test::Null => {
                let op = if when { Op::Jnull } else { Op::Jnnull };
                self.asm.jump(op, value, label);
            }
            Test::NotNull => {
                let op = if when { Op::Jnnull } else { Op::Jnull };
                self.asm.jump(op, value, label);
            }
            Test::Class(class) => {
                let op = if when { Op::Jis } else { Op::Jnis };
                self.asm.class_jump(op, value, class.0, label);
            }
            Test::Type => {
                let mark = self.mark();
                let result = self.temp(Rep::Bool);
                if self.is_open(ty) {
                    let ty = self.type_reg(ty);
                    self.op(Op::IsT, &[result, value, ty]);
                } else {
                    let id = ExtData::Id(self.type_id(ty).0);
                    self.asm
                        .op_ext(Op::IsK, result.field(), value.field(), 0, id);
                }
                self.jump_if(result, label, when);
                self.release(mark);
            }
        }
    }

    // ---- casts

    /// `value as ty`.
    pub(super) fn cast(
        &mut self,
        value: &Expr,
        ty: Ty,
        kind: CastKind,
        span: Span,
        want: Want,
    ) -> Val {
        let is_free = kind == CastKind::Unchecked
            || (value.ty != Ty::ERROR && self.world.is_subtype(value.ty, ty));
        if is_free {
            let want = match want {
                // The type changes, and with it what costs least for the use.
                Want::Any if rep_of(ty) != Rep::Tagged => Want::As(rep_of(ty)),
                other => other,
            };
            return self.expr(value, want);
        }
        let mark = self.mark();
        let reg = self.value(value, Rep::Tagged);
        self.at(span);
        self.check_type(reg, ty, kind);
        let result = Val::new(reg, Rep::Tagged);
        match want {
            Want::Effect | Want::Into(..) => {
                let result = self.deliver(result, want);
                self.release(mark);
                result
            }
            Want::Any => self.deliver(result, Want::As(rep_of(ty))),
            Want::As(_) => self.deliver(result, want),
        }
    }

    /// Throws TypeError unless the value is of the type.
    pub(super) fn check_type(&mut self, value: Reg, ty: Ty, kind: CastKind) {
        if self.world.is_top(ty) {
            return;
        }
        let implied = u16::from(kind != CastKind::Explicit);
        if self.is_open(ty) {
            let mark = self.mark();
            let ty = self.type_reg(ty);
            self.asm.op(Op::AsT, value.field(), ty.field(), implied);
            self.release(mark);
        } else {
            let id = ExtData::Id(self.type_id(ty).0);
            self.asm.op_ext(Op::AsK, value.field(), 0, implied, id);
        }
    }

    /// Checks an argument for a covariant parameter.
    pub(super) fn check_parameter(&mut self, value: Reg, ty: Ty, index: usize) {
        if self.world.is_top(ty) || value.is_raw() {
            return;
        }
        if let Some(this) = self.instance_of_types(ty) {
            let id = ExtData::Id(self.type_id(ty).0);
            let (value, this) = (value.field(), this.field());
            self.asm
                .op_ext(Op::CheckParamThis, value, this, index as u16, id);
            return;
        }
        let mark = self.mark();
        let ty = self.type_reg(ty);
        self.op_imm(Op::CheckParamT, value, ty, index as i16);
        self.release(mark);
    }

    /// The instance whose type arguments alone complete an open type.
    fn instance_of_types(&mut self, ty: Ty) -> Option<Reg> {
        if !self.env.has_class_params() || self.env.function_len() > 0 || !self.is_open(ty) {
            return None;
        }
        let owner = self.place.owner?;
        let is_closure = matches!(self.function_vector, FunctionVector::Closure { .. });
        self.this
            .filter(|_| !is_closure && !is_mixin(self.world, owner))
    }

    /// `value!`.
    pub(super) fn null_check(&mut self, value: &Expr, span: Span, want: Want) -> Val {
        let mark = self.mark();
        let result = self.expr(value, Want::Any);
        if result.rep == Rep::Tagged {
            self.at(span);
            self.op(Op::NullCheck, &[result.reg]);
        }
        match want {
            Want::Effect | Want::Into(..) => {
                let result = self.deliver(result, want);
                self.release(mark);
                result
            }
            _ => self.deliver(result, want),
        }
    }
}
