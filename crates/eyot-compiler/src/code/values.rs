//! Values in registers: where they are wanted, and how they change representation.

use eyot_bytecode::{ExtData, Op, Reg, Rep};
use eyot_semantics::program::{CastKind, ConstId, ConstValue, Expr, ExprKind};

use super::Code;
use crate::tables::rep_of;

/// A value in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Val {
    pub(crate) reg: Reg,
    pub(crate) rep: Rep,
}

impl Val {
    /// No value: it was not wanted.
    pub(crate) const NONE: Val = Val {
        reg: Reg::NONE,
        rep: Rep::Tagged,
    };

    pub(crate) fn new(reg: Reg, rep: Rep) -> Val {
        Val { reg, rep }
    }
}

/// Where a value is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nowhere.
    Effect,
    /// In any register, in the representation that costs least.
    Any,
    /// In any register, in this representation.
    As(Rep),
    /// In this register, which holds this representation. It is written last, when nothing that the expression reads is needed any more.
    Into(Reg, Rep),
}

impl Code<'_, '_> {
    /// A register to compute a value in: the wanted one if it has the right kind.
    pub(super) fn target(&mut self, want: Want, rep: Rep) -> Reg {
        match want {
            Want::Into(reg, wanted) if wanted == rep => reg,
            _ => self.temp(rep),
        }
    }

    /// Fixes the register for a value that several paths compute.
    pub(super) fn settle(&mut self, want: Want, rep: Rep) -> Want {
        match want {
            Want::Any => Want::Into(self.temp(rep), rep),
            Want::As(rep) => Want::Into(self.temp(rep), rep),
            other => other,
        }
    }

    /// Brings a value to where it is wanted.
    pub(super) fn deliver(&mut self, value: Val, want: Want) -> Val {
        match want {
            Want::Effect => Val::NONE,
            Want::Any => value,
            Want::As(rep) => Val::new(self.coerce(value, rep), rep),
            Want::Into(reg, rep) => {
                self.convert_into(value, reg, rep);
                Val::new(reg, rep)
            }
        }
    }

    /// The value in this representation.
    pub(super) fn coerce(&mut self, value: Val, rep: Rep) -> Reg {
        if value.rep == rep || !value.reg.is_some() {
            return value.reg;
        }
        let reg = self.temp(rep);
        self.convert_into(value, reg, rep);
        reg
    }

    /// Moves a value into a register, converting it.
    pub(super) fn convert_into(&mut self, value: Val, reg: Reg, rep: Rep) {
        if !value.reg.is_some() {
            return;
        }
        match (value.rep, rep) {
            (from, to) if from == to => self.move_to(reg, value.reg),
            (Rep::Int, Rep::Tagged) => self.op(Op::BoxI, &[reg, value.reg]),
            (Rep::Double, Rep::Tagged) => self.op(Op::BoxD, &[reg, value.reg]),
            (Rep::Bool, Rep::Tagged) => self.op(Op::BoxB, &[reg, value.reg]),
            (Rep::Tagged, Rep::Int) => self.op(Op::UnboxI, &[reg, value.reg]),
            (Rep::Tagged, Rep::Double) => self.op(Op::UnboxD, &[reg, value.reg]),
            (Rep::Tagged, Rep::Bool) => self.op(Op::UnboxB, &[reg, value.reg]),
            // From one kind of number to another only where a type says something impossible, in code that never runs.
            (_, to) => self.zero(reg, to),
        }
    }

    fn move_to(&mut self, to: Reg, from: Reg) {
        if to != from {
            let op = if to.is_raw() { Op::MovW } else { Op::MovR };
            self.op(op, &[to, from]);
        }
    }

    // ---- constants

    pub(super) fn load_int(&mut self, reg: Reg, value: i64) {
        match i32::try_from(value) {
            Ok(small) => self.op_wide(Op::LdI, reg, small as u32),
            Err(_) => {
                let word = ExtData::Word(value as u64);
                self.asm.op_ext(Op::LdIW, reg.field(), 0, 0, word);
            }
        }
    }

    pub(super) fn load_double(&mut self, reg: Reg, value: f64) {
        let word = ExtData::Word(value.to_bits());
        self.asm.op_ext(Op::LdD, reg.field(), 0, 0, word);
    }

    /// Loads a constant from the module's table.
    pub(super) fn load_kept(&mut self, reg: Reg, id: ConstId) {
        let id = self.shared.tables.const_id(id);
        self.op_wide(Op::LdK, reg, id.0);
    }

    /// Loads a constant in the representation that is wanted.
    pub(super) fn load_constant(&mut self, id: ConstId, want: Want) -> Val {
        let value = self.world.consts.value(id);
        match value {
            ConstValue::Null => self.load_null(want),
            ConstValue::Bool(value) => self.load_bool(*value, want),
            ConstValue::Int(value) => self.load_int_as(*value, want),
            ConstValue::Double(bits) => self.load_double_as(f64::from_bits(*bits), want),
            _ => {
                if want == Want::Effect {
                    return Val::NONE;
                }
                let reg = self.target(want, Rep::Tagged);
                self.load_kept(reg, id);
                self.deliver(Val::new(reg, Rep::Tagged), want)
            }
        }
    }

    pub(super) fn load_null(&mut self, want: Want) -> Val {
        if want == Want::Effect {
            return Val::NONE;
        }
        let reg = self.target(want, Rep::Tagged);
        self.op(Op::LdNull, &[reg]);
        self.deliver(Val::new(reg, Rep::Tagged), want)
    }

    pub(super) fn load_bool(&mut self, value: bool, want: Want) -> Val {
        match want {
            Want::Effect => Val::NONE,
            Want::As(Rep::Tagged) | Want::Into(_, Rep::Tagged) => {
                let reg = self.target(want, Rep::Tagged);
                let op = if value { Op::LdTrue } else { Op::LdFalse };
                self.op(op, &[reg]);
                self.deliver(Val::new(reg, Rep::Tagged), want)
            }
            _ => {
                let reg = self.target(want, Rep::Bool);
                self.op_wide(Op::LdB, reg, value.into());
                self.deliver(Val::new(reg, Rep::Bool), want)
            }
        }
    }

    pub(super) fn load_int_as(&mut self, value: i64, want: Want) -> Val {
        match want {
            Want::Effect => Val::NONE,
            Want::As(Rep::Tagged) | Want::Into(_, Rep::Tagged) => {
                let reg = self.target(want, Rep::Tagged);
                match i32::try_from(value) {
                    Ok(small) => self.op_wide(Op::LdSmi, reg, small as u32),
                    Err(_) => {
                        let id = self.constant(ConstValue::Int(value));
                        self.load_kept(reg, id);
                    }
                }
                self.deliver(Val::new(reg, Rep::Tagged), want)
            }
            _ => {
                let reg = self.target(want, Rep::Int);
                self.load_int(reg, value);
                self.deliver(Val::new(reg, Rep::Int), want)
            }
        }
    }

    pub(super) fn load_double_as(&mut self, value: f64, want: Want) -> Val {
        match want {
            Want::Effect => Val::NONE,
            Want::As(Rep::Tagged) | Want::Into(_, Rep::Tagged) => {
                let reg = self.target(want, Rep::Tagged);
                let id = self.constant(ConstValue::Double(value.to_bits()));
                self.load_kept(reg, id);
                self.deliver(Val::new(reg, Rep::Tagged), want)
            }
            _ => {
                let reg = self.target(want, Rep::Double);
                self.load_double(reg, value);
                self.deliver(Val::new(reg, Rep::Double), want)
            }
        }
    }

    // ---- operands

    /// The value in any register, in this representation.
    pub(super) fn value(&mut self, expr: &Expr, rep: Rep) -> Reg {
        self.expr(expr, Want::As(rep)).reg
    }

    /// As [`Code::value`] for an operand that `later` expressions are evaluated after.
    pub(super) fn operand<'e>(
        &mut self,
        expr: &Expr,
        rep: Rep,
        later: impl IntoIterator<Item = &'e Expr>,
    ) -> Reg {
        let mut source = expr;
        while let ExprKind::As {
            value,
            kind: CastKind::Unchecked,
            ..
        } = &source.kind
        {
            source = value;
        }
        if let ExprKind::Local(local) = &source.kind
            && later
                .into_iter()
                .any(|later| self.analyzed.nested_sets.may_assign(later, *local))
        {
            let reg = self.temp(rep);
            return self.expr(expr, Want::Into(reg, rep)).reg;
        }
        self.value(expr, rep)
    }

    /// The representation that the expression's type implies.
    pub(super) fn natural(&self, expr: &Expr) -> Rep {
        rep_of(expr.ty)
    }
}
