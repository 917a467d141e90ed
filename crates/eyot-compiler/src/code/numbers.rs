//! Operators and methods of numbers that are instructions.
//!
//! They apply where the static types of receiver and operand are `int` or `double` (or a type variable below one). On `num` the
//! call stays a call. Mixed arithmetic converts the int first, as the language says; a mixed comparison does not, since an int
//! beyond 2^53 may not be exact as a double, except with a literal that is.

use eyot_bytecode::{Label, MathFn, Op, Reg, Rep};
use eyot_semantics::model::{MemberId, Owner, known};
use eyot_semantics::program::{Args, ConstValue, Expr, ExprKind};
use eyot_semantics::types::Ty;

use super::{Code, Val, Want};

/// Ints up to this size are doubles exactly.
const EXACT: i64 = 1 << 53;

/// A comparison in terms of `<` and `<=`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparison {
    fn of(name: &str) -> Option<Comparison> {
        Some(match name {
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterEqual,
            _ => return None,
        })
    }

    /// `!(a op b)` of ints.
    fn inverse(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::GreaterEqual,
            Comparison::LessEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessEqual,
            Comparison::GreaterEqual => Comparison::Less,
        }
    }

    /// `a op b` as `b op' a`.
    fn swapped(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessEqual => Comparison::GreaterEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterEqual => Comparison::LessEqual,
        }
    }

    fn is_swapped(self) -> bool {
        matches!(self, Comparison::Greater | Comparison::GreaterEqual)
    }

    fn is_strict(self) -> bool {
        matches!(self, Comparison::Less | Comparison::Greater)
    }
}

impl Code<'_, '_> {
    /// Whether the expression is statically an int or a double, and which.
    pub(super) fn number(&self, expr: &Expr) -> Option<Rep> {
        match self.world.resolve_bound(expr.ty) {
            Ty::INT => Some(Rep::Int),
            Ty::DOUBLE => Some(Rep::Double),
            _ => None,
        }
    }

    fn int_literal(&self, expr: &Expr) -> Option<i64> {
        match &self.behind_casts(expr).kind {
            ExprKind::Int(value) => Some(*value),
            ExprKind::Const(id) => match self.world.consts.value(*id) {
                ConstValue::Int(value) => Some(*value),
                _ => None,
            },
            _ => None,
        }
    }

    /// A literal that fits an immediate operand.
    pub(super) fn small_int(&self, expr: &Expr) -> Option<i16> {
        i16::try_from(self.int_literal(expr)?).ok()
    }

    /// Whether the number is a double, or a literal that is one exactly.
    pub(super) fn as_double_exactly(&self, expr: &Expr) -> bool {
        match self.number(expr) {
            Some(Rep::Double) => true,
            Some(_) => self
                .int_literal(expr)
                .is_some_and(|value| (-EXACT..=EXACT).contains(&value)),
            None => false,
        }
    }

    /// The number as a double.
    pub(super) fn double_operand<'e>(
        &mut self,
        expr: &Expr,
        later: impl IntoIterator<Item = &'e Expr>,
    ) -> Reg {
        if self.number(expr) == Some(Rep::Double) {
            return self.operand(expr, Rep::Double, later);
        }
        if let Some(value) = self.int_literal(expr) {
            let reg = self.temp(Rep::Double);
            self.load_double(reg, value as f64);
            return reg;
        }
        let value = self.value(expr, Rep::Int);
        let reg = self.temp(Rep::Double);
        self.op(Op::I2D, &[reg, value]);
        reg
    }

    fn is_number_member(&self, member: MemberId) -> bool {
        matches!(
            self.world.member(member).owner,
            Owner::Class(known::INT | known::DOUBLE | known::NUM)
        )
    }

    // ---- methods and operators

    /// A call on a number as an instruction; none if there is none for it.
    pub(super) fn number_call(
        &mut self,
        expr: &Expr,
        receiver: &Expr,
        member: MemberId,
        args: &Args,
        want: Want,
    ) -> Option<Val> {
        let left = self.number(receiver)?;
        if !self.is_number_member(member) || !args.named.is_empty() {
            return None;
        }
        let name = self.world.member(member).name.as_str();
        match args.positional.as_slice() {
            [] => self.unary(left, name, receiver, expr, want),
            [right] => {
                let right_rep = self.number(right)?;
                if Comparison::of(name).is_some() {
                    return self.comparison_value(name, receiver, right, want);
                }
                match (left, right_rep) {
                    (Rep::Int, Rep::Int) => self.int_binary(name, receiver, right, expr, want),
                    _ => self.double_binary(name, receiver, right, expr, want),
                }
            }
            _ => None,
        }
    }

    /// A getter of a number as an instruction.
    pub(super) fn number_get(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        want: Want,
    ) -> Option<Val> {
        let rep = self.number(receiver)?;
        if !self.is_number_member(member) || rep != Rep::Int || want == Want::Effect {
            return None;
        }
        let name = self.world.member(member).name.as_str();
        let odd = match name {
            "isEven" => false,
            "isOdd" => true,
            _ => return None,
        };
        let mark = self.mark();
        let value = self.value(receiver, Rep::Int);
        let bit = self.temp(Rep::Int);
        self.op_imm(Op::AndIK, bit, value, 1);
        let wanted = self.temp(Rep::Int);
        self.load_int(wanted, odd.into());
        self.release(mark);
        let reg = self.target(want, Rep::Bool);
        self.op(Op::EqI, &[reg, bit, wanted]);
        Some(self.deliver(Val::new(reg, Rep::Bool), want))
    }

    fn unary(
        &mut self,
        rep: Rep,
        name: &str,
        receiver: &Expr,
        expr: &Expr,
        want: Want,
    ) -> Option<Val> {
        use MathFn as M;
        let (op, result, function) = match (rep, name) {
            (Rep::Int, "unary-") => (Op::NegI, Rep::Int, None),
            (Rep::Int, "~") => (Op::NotI, Rep::Int, None),
            (Rep::Int, "toDouble") => (Op::I2D, Rep::Double, None),
            (Rep::Int, "toInt" | "floor" | "ceil" | "round" | "truncate") => {
                return Some(self.expr(receiver, want));
            }
            (Rep::Double, "unary-") => (Op::NegD, Rep::Double, None),
            (Rep::Double, "abs") => (Op::MathD, Rep::Double, Some((M::Abs, false))),
            (Rep::Double, "floorToDouble") => (Op::MathD, Rep::Double, Some((M::Floor, false))),
            (Rep::Double, "ceilToDouble") => (Op::MathD, Rep::Double, Some((M::Ceil, false))),
            (Rep::Double, "roundToDouble") => (Op::MathD, Rep::Double, Some((M::Round, false))),
            (Rep::Double, "truncateToDouble") => {
                (Op::MathD, Rep::Double, Some((M::Truncate, false)))
            }
            (Rep::Double, "toInt" | "truncate") => (Op::D2I, Rep::Int, None),
            (Rep::Double, "floor") => (Op::MathD, Rep::Int, Some((M::Floor, true))),
            (Rep::Double, "ceil") => (Op::MathD, Rep::Int, Some((M::Ceil, true))),
            (Rep::Double, "round") => (Op::MathD, Rep::Int, Some((M::Round, true))),
            (Rep::Double, "toDouble") => return Some(self.expr(receiver, want)),
            _ => return None,
        };
        let mark = self.mark();
        let value = self.value(receiver, rep);
        self.at(expr.span);
        let reg = match function {
            None => {
                self.release(mark);
                let reg = self.target(want, result);
                self.op(op, &[reg, value]);
                reg
            }
            Some((function, false)) => {
                self.release(mark);
                let reg = self.target(want, result);
                self.asm
                    .op(Op::MathD, reg.field(), value.field(), function as u16);
                reg
            }
            Some((function, true)) => {
                let rounded = self.temp(Rep::Double);
                self.asm
                    .op(Op::MathD, rounded.field(), value.field(), function as u16);
                self.release(mark);
                let reg = self.target(want, Rep::Int);
                self.op(Op::D2I, &[reg, rounded]);
                reg
            }
        };
        Some(self.deliver(Val::new(reg, result), want))
    }

    fn int_binary(
        &mut self,
        name: &str,
        left: &Expr,
        right: &Expr,
        expr: &Expr,
        want: Want,
    ) -> Option<Val> {
        if name == "/" {
            return self.double_binary(name, left, right, expr, want);
        }
        let op = match name {
            "+" => Op::AddI,
            "-" => Op::SubI,
            "*" => Op::MulI,
            "~/" => Op::DivI,
            "%" => Op::ModI,
            "remainder" => Op::RemI,
            "&" => Op::AndI,
            "|" => Op::OrI,
            "^" => Op::XorI,
            "<<" => Op::ShlI,
            ">>" => Op::ShrI,
            ">>>" => Op::UshrI,
            "compareTo" => Op::CmpI,
            _ => return None,
        };
        let mark = self.mark();
        if let Some((op, imm)) = self.int_immediate(op, right) {
            let a = self.value(left, Rep::Int);
            self.release(mark);
            let reg = self.target(want, Rep::Int);
            self.at(expr.span);
            self.op_imm(op, reg, a, imm);
            return Some(self.deliver(Val::new(reg, Rep::Int), want));
        }
        let commutes = matches!(op, Op::AddI | Op::MulI | Op::AndI | Op::OrI | Op::XorI);
        if commutes && let Some((op, imm)) = self.int_immediate(op, left) {
            let b = self.value(right, Rep::Int);
            self.release(mark);
            let reg = self.target(want, Rep::Int);
            self.op_imm(op, reg, b, imm);
            return Some(self.deliver(Val::new(reg, Rep::Int), want));
        }
        let a = self.operand(left, Rep::Int, [right]);
        let b = self.value(right, Rep::Int);
        self.release(mark);
        let reg = self.target(want, Rep::Int);
        self.at(expr.span);
        self.op(op, &[reg, a, b]);
        Some(self.deliver(Val::new(reg, Rep::Int), want))
    }

    /// The form of an operator with an immediate right operand.
    fn int_immediate(&self, op: Op, operand: &Expr) -> Option<(Op, i16)> {
        let imm = self.small_int(operand)?;
        Some(match op {
            Op::AddI => (Op::AddIK, imm),
            Op::SubI => (Op::AddIK, imm.checked_neg()?),
            Op::MulI => (Op::MulIK, imm),
            Op::DivI if imm != 0 => (Op::DivIK, imm),
            Op::ModI if imm != 0 => (Op::ModIK, imm),
            Op::AndI => (Op::AndIK, imm),
            Op::OrI => (Op::OrIK, imm),
            Op::XorI => (Op::XorIK, imm),
            Op::ShlI if (0..64).contains(&imm) => (Op::ShlIK, imm),
            Op::ShrI if (0..64).contains(&imm) => (Op::ShrIK, imm),
            Op::UshrI if (0..64).contains(&imm) => (Op::UshrIK, imm),
            _ => return None,
        })
    }

    fn double_binary(
        &mut self,
        name: &str,
        left: &Expr,
        right: &Expr,
        expr: &Expr,
        want: Want,
    ) -> Option<Val> {
        let (op, to_int) = match name {
            "+" => (Op::AddD, false),
            "-" => (Op::SubD, false),
            "*" => (Op::MulD, false),
            "/" => (Op::DivD, false),
            "%" => (Op::ModD, false),
            "remainder" => (Op::RemD, false),
            "~/" => (Op::DivD, true),
            _ => return None,
        };
        let mark = self.mark();
        let a = self.double_operand(left, [right]);
        let b = self.double_operand(right, []);
        self.at(expr.span);
        if to_int {
            let quotient = self.temp(Rep::Double);
            self.op(op, &[quotient, a, b]);
            self.release(mark);
            let reg = self.target(want, Rep::Int);
            self.op(Op::D2I, &[reg, quotient]);
            return Some(self.deliver(Val::new(reg, Rep::Int), want));
        }
        self.release(mark);
        let reg = self.target(want, Rep::Double);
        self.op(op, &[reg, a, b]);
        Some(self.deliver(Val::new(reg, Rep::Double), want))
    }

    // ---- comparisons

    /// In which representation two numbers can be compared.
    fn comparable(&self, left: &Expr, right: &Expr) -> Option<Rep> {
        match (self.number(left)?, self.number(right)?) {
            (Rep::Int, Rep::Int) => Some(Rep::Int),
            _ if self.as_double_exactly(left) && self.as_double_exactly(right) => Some(Rep::Double),
            _ => None,
        }
    }

    fn compared(&mut self, left: &Expr, right: &Expr, rep: Rep) -> (Reg, Reg) {
        if rep == Rep::Int {
            let a = self.operand(left, Rep::Int, [right]);
            (a, self.value(right, Rep::Int))
        } else {
            let a = self.double_operand(left, [right]);
            (a, self.double_operand(right, []))
        }
    }

    fn comparison_value(
        &mut self,
        name: &str,
        left: &Expr,
        right: &Expr,
        want: Want,
    ) -> Option<Val> {
        let comparison = Comparison::of(name)?;
        let rep = self.comparable(left, right)?;
        let mark = self.mark();
        let (a, b) = self.compared(left, right, rep);
        let (a, b) = if comparison.is_swapped() {
            (b, a)
        } else {
            (a, b)
        };
        let op = match (rep, comparison.is_strict()) {
            (Rep::Int, true) => Op::LtI,
            (Rep::Int, false) => Op::LeI,
            (_, true) => Op::LtD,
            (_, false) => Op::LeD,
        };
        self.release(mark);
        let reg = self.target(want, Rep::Bool);
        self.op(op, &[reg, a, b]);
        Some(self.deliver(Val::new(reg, Rep::Bool), want))
    }

    /// A comparison of numbers as a jump; false if it is none.
    pub(super) fn branch_compare(
        &mut self,
        receiver: &Expr,
        member: MemberId,
        args: &Args,
        label: Label,
        when: bool,
    ) -> bool {
        let [right] = args.positional.as_slice() else {
            return false;
        };
        let name = self.world.member(member).name;
        let Some(comparison) = Comparison::of(name.as_str()) else {
            return false;
        };
        if !self.is_number_member(member) {
            return false;
        }
        match self.comparable(receiver, right) {
            Some(Rep::Int) => self.branch_ints(comparison, receiver, right, label, when),
            Some(_) => self.branch_doubles(comparison, receiver, right, label, when),
            None => return false,
        }
        true
    }

    fn branch_ints(
        &mut self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        label: Label,
        when: bool,
    ) {
        let comparison = if when {
            comparison
        } else {
            comparison.inverse()
        };
        if let Some(imm) = self.small_int(right) {
            let a = self.value(left, Rep::Int);
            return self.jump_compared(comparison, a, imm, label);
        }
        if let Some(imm) = self.small_int(left) {
            let b = self.value(right, Rep::Int);
            return self.jump_compared(comparison.swapped(), b, imm, label);
        }
        let (a, b) = self.compared(left, right, Rep::Int);
        let (a, b) = if comparison.is_swapped() {
            (b, a)
        } else {
            (a, b)
        };
        let op = if comparison.is_strict() {
            Op::JltI
        } else {
            Op::JleI
        };
        self.asm.compare_jump(op, a, b.field(), label);
    }

    fn jump_compared(&mut self, comparison: Comparison, a: Reg, imm: i16, label: Label) {
        let op = match comparison {
            Comparison::Less => Op::JltIK,
            Comparison::LessEqual => Op::JleIK,
            Comparison::Greater => Op::JgtIK,
            Comparison::GreaterEqual => Op::JgeIK,
        };
        self.asm.compare_jump(op, a, imm as u16, label);
    }

    fn branch_doubles(
        &mut self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        label: Label,
        when: bool,
    ) {
        let (a, b) = self.compared(left, right, Rep::Double);
        let (a, b) = if comparison.is_swapped() {
            (b, a)
        } else {
            (a, b)
        };
        // Comparisons with NaN are false, so the inverse of `<` is not `>=`.
        let op = match (comparison.is_strict(), when) {
            (true, true) => Op::JltD,
            (false, true) => Op::JleD,
            (true, false) => Op::JnltD,
            (false, false) => Op::JnleD,
        };
        self.asm.compare_jump(op, a, b.field(), label);
    }
}
