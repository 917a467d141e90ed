//! Switches on constants.

use eyot_bytecode::{Label, Op, Reg, Rep};
use eyot_semantics::model::ClassKind;
use eyot_semantics::program::{Case, ConstId, ConstValue, Expr, LabelId};
use eyot_semantics::types::TyKind;

use super::exceptions::Control;
use super::{Code, Want};

/// A jump table may have this many entries for each constant.
const SPARSENESS: i64 = 4;
/// From this many constants on a table is worth it.
const TABLE_MIN: usize = 4;

impl Code<'_, '_> {
    pub(super) fn switch(&mut self, label: LabelId, value: &Expr, cases: &[Case]) {
        let mark = self.mark();
        let end = self.asm.label();
        let targets: Vec<Label> = cases.iter().map(|_| self.asm.label()).collect();
        let default = cases
            .iter()
            .position(|case| case.constants.is_empty())
            .map_or(end, |index| targets[index]);
        let pairs: Vec<(ConstId, Label)> = cases
            .iter()
            .zip(&targets)
            .flat_map(|(case, &target)| case.constants.iter().map(move |&id| (id, target)))
            .collect();
        {
            let mark = self.mark();
            self.dispatch(value, &pairs, default);
            self.release(mark);
        }
        for (case, &to) in cases.iter().zip(&targets) {
            if let Some(label) = case.label {
                self.control.push(Control::Case { label, to });
            }
        }
        self.control.push(Control::Target {
            label,
            break_to: end,
            continue_to: None,
        });
        for (case, &target) in cases.iter().zip(&targets) {
            self.bind(target);
            let mark = self.mark();
            for stmt in &case.body {
                self.stmt(stmt);
            }
            self.release(mark);
            if self.is_reachable() {
                self.asm.jmp(end);
            }
        }
        self.control.pop();
        for _ in cases.iter().filter(|case| case.label.is_some()) {
            self.control.pop();
        }
        self.bind(end);
        self.release(mark);
    }

    fn dispatch(&mut self, value: &Expr, pairs: &[(ConstId, Label)], default: Label) {
        if let Some(ints) = self.all_ints(pairs)
            && self.number(value) == Some(Rep::Int)
        {
            let reg = self.value(value, Rep::Int);
            return self.dispatch_ints(reg, &ints, default);
        }
        let reg = self.value(value, Rep::Tagged);
        if let Some(indices) = self.enum_indices(value, pairs) {
            let index = self.temp(Rep::Int);
            if self.world.is_potentially_nullable(value.ty) {
                let null = pairs
                    .iter()
                    .find(|(id, _)| *self.world.consts.value(*id) == ConstValue::Null);
                let to = null.map_or(default, |&(_, to)| to);
                self.asm.jump(Op::Jnull, reg, to);
            }
            let word = self.enum_index_word();
            if let Some(word) = word {
                self.load_field(index, reg, word);
                return self.dispatch_ints(index, &indices, default);
            }
        }
        for &(id, to) in pairs {
            self.jump_if_constant(reg, id, to);
        }
        self.asm.jmp(default);
    }

    fn jump_if_constant(&mut self, value: Reg, id: ConstId, to: Label) {
        let mark = self.mark();
        match self.world.consts.value(id) {
            ConstValue::Null => self.asm.jump(Op::Jnull, value, to),
            ConstValue::Int(_) | ConstValue::Double(_) | ConstValue::String(_) => {
                let constant = self.load_constant(id, Want::As(Rep::Tagged)).reg;
                let same = self.temp(Rep::Bool);
                self.op(Op::EqR, &[same, value, constant]);
                self.jump_if(same, to, true);
            }
            ConstValue::Bool(_) => {
                let constant = self.load_constant(id, Want::As(Rep::Tagged)).reg;
                self.asm.compare_jump(Op::JeqR, value, constant.field(), to);
            }
            // Constants of classes with their own identity rules (types, symbols, functions) are compared by the runtime.
            _ => {
                let constant = self.load_constant(id, Want::As(Rep::Tagged)).reg;
                let same = self.temp(Rep::Bool);
                self.op(Op::Ident, &[same, value, constant]);
                self.jump_if(same, to, true);
            }
        }
        self.release(mark);
    }

    fn all_ints(&self, pairs: &[(ConstId, Label)]) -> Option<Vec<(i64, Label)>> {
        pairs
            .iter()
            .map(|&(id, to)| match self.world.consts.value(id) {
                ConstValue::Int(value) => Some((*value, to)),
                _ => None,
            })
            .collect()
    }

    /// The indices of enum constants, if all constants are such (or null) and there are enough of them.
    fn enum_indices(&self, value: &Expr, pairs: &[(ConstId, Label)]) -> Option<Vec<(i64, Label)>> {
        let world = self.world;
        let class = match world.types.kind(world.resolve_bound(value.ty)) {
            TyKind::Interface { class, .. } => *class,
            _ => return None,
        };
        if world.class(class).kind != ClassKind::Enum || pairs.len() < TABLE_MIN {
            return None;
        }
        let mut indices = Vec::new();
        for &(id, to) in pairs {
            match world.consts.value(id) {
                ConstValue::Null => {}
                ConstValue::Object(object, _, fields) if *object == class => {
                    let (_, index) = fields.first()?;
                    match world.consts.value(*index) {
                        ConstValue::Int(index) => indices.push((*index, to)),
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
        Some(indices)
    }

    /// Where enum constants keep their index.
    fn enum_index_word(&self) -> Option<u16> {
        let class = crate::core_class(self.world, "dart:core", "_Enum")?;
        let field = self
            .world
            .class(class)
            .instance
            .get(&eyot_syntax::sym::INDEX)?
            .get?;
        crate::layout::field_word(self.world, field)
    }

    fn dispatch_ints(&mut self, value: Reg, ints: &[(i64, Label)], default: Label) {
        if let Some((min, table)) = jump_table(ints, default) {
            self.asm.switch(value, min, &table);
            return self.asm.jmp(default);
        }
        for &(constant, to) in ints {
            match i16::try_from(constant) {
                Ok(imm) => self.asm.compare_jump(Op::JeqIK, value, imm as u16, to),
                Err(_) => {
                    let mark = self.mark();
                    let reg = self.temp(Rep::Int);
                    self.load_int(reg, constant);
                    self.asm.compare_jump(Op::JeqI, value, reg.field(), to);
                    self.release(mark);
                }
            }
        }
        self.asm.jmp(default);
    }
}

/// Smallest value and targets of a table, where the constants are dense enough.
fn jump_table(ints: &[(i64, Label)], default: Label) -> Option<(i64, Vec<Label>)> {
    if ints.len() < TABLE_MIN {
        return None;
    }
    let min = ints.iter().map(|&(value, _)| value).min()?;
    let max = ints.iter().map(|&(value, _)| value).max()?;
    let size = max.checked_sub(min)?.checked_add(1)?;
    if size > ints.len() as i64 * SPARSENESS {
        return None;
    }
    let mut table = vec![default; size as usize];
    // The first of equal constants counts.
    for &(value, to) in ints.iter().rev() {
        if let Some(entry) = table.get_mut((value - min) as usize) {
            *entry = to;
        }
    }
    Some((min, table))
}
