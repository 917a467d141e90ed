//! Writing code: [`Insn::encode`] for one instruction, [`Assembler`] for a function.
//!
//! The assembler lets its user write before the facts are known: jumps go to [`Label`]s bound later, and raw registers are
//! numbered from 0 ([`Reg::raw`]) although their slots come after the tagged ones, whose number is known only at the end.
//! [`Assembler::finish`] settles both. A conditional jump with a 16-bit distance that turns out too far is replaced by
//! its inverse around a `jmp`, and everything behind it moves.
//!
//! Invariant: words already emitted are whole instructions; only `finish` changes them.

use std::fmt;

use crate::decode::quarter;
use crate::{ExtData, Handler, Insn, MathFn, NO_REG, Op, Operand};

/// A register before the number of tagged slots is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg(u16);

/// Marks a raw register until [`Assembler::finish`].
const RAW: u16 = 0x8000;

/// Registers of each class are numbered below this.
pub const MAX_REGS: u16 = 0x7fff;

impl Reg {
    /// No register.
    pub const NONE: Reg = Reg(NO_REG);

    /// Tagged register `index`, below [`MAX_REGS`].
    pub fn tagged(index: u16) -> Reg {
        debug_assert!(index < MAX_REGS);
        Reg(index)
    }

    /// Raw register `index`, below [`MAX_REGS`].
    pub fn raw(index: u16) -> Reg {
        debug_assert!(index < MAX_REGS);
        Reg(index | RAW)
    }

    /// Whether it is an untagged one.
    pub fn is_raw(self) -> bool {
        self.0 & RAW != 0 && self.0 != NO_REG
    }

    /// Whether there is a register.
    pub fn is_some(self) -> bool {
        self.0 != NO_REG
    }

    /// Its number within its class.
    pub fn index(self) -> u16 {
        self.0 & !RAW
    }

    /// The field as the assembler's instructions carry it until `finish`.
    pub fn field(self) -> u16 {
        self.0
    }

    /// The register that [`Reg::field`] gave.
    pub fn from_field(field: u16) -> Reg {
        Reg(field)
    }

    fn slot(field: u16, refs: u16) -> u16 {
        let reg = Reg(field);
        if reg.is_raw() {
            refs.saturating_add(reg.index())
        } else {
            field
        }
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reg::NONE => f.write_str("_"),
            reg if reg.is_raw() => write!(f, "w{}", reg.index()),
            reg => write!(f, "r{}", reg.index()),
        }
    }
}

/// A place in the code that jumps can go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(u32);

/// Why code could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AsmError {
    /// A label was used and never bound.
    Unbound,
    /// More registers than an operand can name.
    TooManyRegisters,
    /// The code is longer than jumps can reach.
    TooLong,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AsmError::Unbound => "a jump goes to a label that is nowhere",
            AsmError::TooManyRegisters => "the function needs too many registers",
            AsmError::TooLong => "the function is too long",
        })
    }
}

impl std::error::Error for AsmError {}

/// Finished code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assembled {
    /// The words.
    pub code: Vec<u64>,
    /// Handlers in the order they were added.
    pub handlers: Vec<Handler>,
    /// Positions as [`Function::positions`](crate::Function::positions) wants them.
    pub positions: Vec<(u32, u32)>,
}

fn pack_regs(regs: &[u16], out: &mut Vec<u64>) {
    for chunk in regs.chunks(4) {
        let word = chunk
            .iter()
            .enumerate()
            .fold(0, |word, (i, &reg)| word | u64::from(reg) << (16 * i));
        out.push(word);
    }
}

fn halves(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

impl Insn {
    /// Appends the instruction's words. Counts kept in fields are taken from the lists in `ext`.
    pub fn encode(&self, out: &mut Vec<u64>) {
        let (mut b, mut c) = (self.b, self.c);
        match &self.ext {
            ExtData::Call { nref, args, .. } => {
                let nraw = args.len().saturating_sub(usize::from(*nref));
                b = u16::from(*nref) | (nraw as u16) << 8;
            }
            ExtData::Record { fields, .. } => b = fields.len() as u16,
            ExtData::Regs(regs) => b = regs.len() as u16,
            ExtData::Switch { jumps, .. } => {
                b = jumps.len() as u16;
                c = (jumps.len() >> 16) as u16;
            }
            _ => {}
        }
        let field = |value: u16, index: u32| u64::from(value) << (16 * index);
        out.push(field(self.op as u16, 0) | field(self.a, 1) | field(b, 2) | field(c, 3));
        match &self.ext {
            ExtData::None => {}
            ExtData::Word(word) => out.push(*word),
            ExtData::Id(id) => out.push(u64::from(*id)),
            ExtData::ClassJump { class, jump } => out.push(halves(*class, *jump as u32)),
            ExtData::Slow { shape, cache } => out.push(halves(*shape, *cache)),
            ExtData::Call {
                target,
                cache,
                args,
                ..
            } => {
                out.push(halves(*target, *cache));
                pack_regs(args, out);
            }
            ExtData::Closure {
                function,
                nref,
                captures,
            } => {
                let nraw = captures.len().saturating_sub(usize::from(*nref)) as u32;
                out.push(halves(*function, u32::from(*nref) | nraw << 16));
                pack_regs(captures, out);
            }
            ExtData::Record { shape, fields } => {
                out.push(u64::from(*shape));
                pack_regs(fields, out);
            }
            ExtData::Regs(regs) => pack_regs(regs, out),
            ExtData::Switch { min, jumps } => {
                out.push(*min as u64);
                for pair in jumps.chunks(2) {
                    let half = |i: usize| pair.get(i).copied().unwrap_or_default() as u32;
                    out.push(halves(half(0), half(1)));
                }
            }
        }
    }
}

/// Where in an instruction a jump distance is patched in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Field c of the first word.
    Short,
    /// Fields b and c of the first word.
    Wide,
    /// High half of the word behind the first.
    High,
    /// Entry of a jump table.
    Entry(u32),
}

#[derive(Clone, Copy, Debug)]
struct Fixup {
    at: u32,
    place: Place,
    label: Label,
}

/// Builds the code of one function.
#[derive(Debug, Default)]
pub struct Assembler {
    code: Vec<u64>,
    /// Index of the first word of every instruction.
    starts: Vec<u32>,
    /// Where each label is bound.
    labels: Vec<Option<u32>>,
    fixups: Vec<Fixup>,
    handlers: Vec<(Label, Label, Label, Reg, Reg)>,
    positions: Vec<(u32, u32)>,
}

impl Assembler {
    /// An assembler with no code.
    pub fn new() -> Assembler {
        Assembler::default()
    }

    /// Number of words so far.
    pub fn len(&self) -> usize {
        self.code.len()
    }

    /// Whether nothing was emitted.
    pub fn is_empty(&self) -> bool {
        self.code.is_empty()
    }

    /// A label to be bound later.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// A label bound here.
    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    /// Binds `label` to the next instruction.
    pub fn bind(&mut self, label: Label) {
        let at = self.code.len() as u32;
        if let Some(slot) = self.labels.get_mut(label.0 as usize) {
            debug_assert!(slot.is_none(), "a label is bound twice");
            *slot = Some(at);
        }
    }

    /// A label for the word at `at`; for text that spells out addresses.
    pub(crate) fn label_at(&mut self, at: u32) -> Label {
        self.labels.push(Some(at));
        Label(self.labels.len() as u32 - 1)
    }

    /// Whether `label` has been bound.
    pub fn is_bound(&self, label: Label) -> bool {
        self.labels
            .get(label.0 as usize)
            .is_some_and(Option::is_some)
    }

    /// Whether any jump, table or handler emitted so far goes to `label`.
    pub fn is_used(&self, label: Label) -> bool {
        self.fixups.iter().any(|fixup| fixup.label == label)
            || self.handlers.iter().any(|handler| handler.2 == label)
    }

    /// The instruction emitted last and the index of its first word.
    pub fn last(&self) -> Option<(u32, Op)> {
        let &at = self.starts.last()?;
        let word = *self.code.get(at as usize)?;
        Some((at, Op::from_u16(quarter(word, 0))?))
    }

    /// Appends an instruction whose register fields come from [`Reg::field`]. Jump distances in it are kept as they are.
    pub fn emit(&mut self, insn: &Insn) {
        self.starts.push(self.code.len() as u32);
        insn.encode(&mut self.code);
    }

    /// Appends words as they are; for text that spells out words.
    pub(crate) fn word(&mut self, word: u64) {
        self.code.push(word);
    }

    /// An instruction of one word with up to three fields.
    pub fn op(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.emit(&Insn::new(op, a, b, c));
    }

    /// An instruction of one word with registers only.
    pub fn op_regs(&mut self, op: Op, regs: &[Reg]) {
        let field = |i: usize| regs.get(i).map_or(0, |reg| reg.field());
        self.op(op, field(0), field(1), field(2));
    }

    /// An instruction with a 32-bit number or id in fields b and c.
    pub fn op_wide(&mut self, op: Op, a: Reg, wide: u32) {
        debug_assert!(op.operands()[1].is_wide());
        self.op(op, a.field(), wide as u16, (wide >> 16) as u16);
    }

    /// An instruction with extension words.
    pub fn op_ext(&mut self, op: Op, a: u16, b: u16, c: u16, ext: ExtData) {
        self.emit(&Insn { op, a, b, c, ext });
    }

    /// A call; tagged arguments are moved before raw ones.
    pub fn call(&mut self, op: Op, dst: Reg, target: u32, cache: u32, args: &[Reg]) {
        let (raw, tagged): (Vec<Reg>, Vec<Reg>) = args.iter().partition(|reg| reg.is_raw());
        let ext = ExtData::Call {
            target,
            cache,
            nref: tagged.len() as u8,
            args: tagged.iter().chain(&raw).map(|reg| reg.field()).collect(),
        };
        self.op_ext(op, dst.field(), 0, 0, ext);
    }

    /// `jmp`, or a conditional jump on one register with a 32-bit distance.
    pub fn jump(&mut self, op: Op, a: Reg, label: Label) {
        debug_assert_eq!(op.operands()[1], Operand::Jump32);
        self.fixup(Place::Wide, label);
        let a = if op == Op::Jmp { 0 } else { a.field() };
        self.op(op, a, 0, 0);
    }

    /// `suspend`, which goes on at the label without the registers whose bits are set.
    pub fn suspend(&mut self, suspension: Reg, label: Label, forgotten: u64) {
        self.fixup(Place::Wide, label);
        let word = ExtData::Word(forgotten);
        self.op_ext(Op::Suspend, suspension.field(), 0, 0, word);
    }

    /// `jmp`.
    pub fn jmp(&mut self, label: Label) {
        self.jump(Op::Jmp, Reg::NONE, label);
    }

    /// A compare-and-branch; `b` is a register's field or an immediate.
    pub fn compare_jump(&mut self, op: Op, a: Reg, b: u16, label: Label) {
        debug_assert_eq!(op.operands()[2], Operand::Jump16);
        self.fixup(Place::Short, label);
        self.op(op, a.field(), b, 0);
    }

    /// `jis` or `jnis`.
    pub fn class_jump(&mut self, op: Op, a: Reg, class: u32, label: Label) {
        self.fixup(Place::High, label);
        let ext = ExtData::ClassJump { class, jump: 0 };
        self.op_ext(op, a.field(), 0, 0, ext);
    }

    /// `switch.i`.
    pub fn switch(&mut self, a: Reg, min: i64, targets: &[Label]) {
        for (i, &label) in targets.iter().enumerate() {
            self.fixup(Place::Entry(i as u32), label);
        }
        let ext = ExtData::Switch {
            min,
            jumps: vec![0; targets.len()],
        };
        self.op_ext(Op::SwitchI, a.field(), 0, 0, ext);
    }

    fn fixup(&mut self, place: Place, label: Label) {
        let at = self.code.len() as u32;
        self.fixups.push(Fixup { at, place, label });
    }

    /// Protects the instructions between two labels. Inner handlers are to be added before outer ones.
    pub fn handler(&mut self, start: Label, end: Label, target: Label, error: Reg, trace: Reg) {
        self.handlers.push((start, end, target, error, trace));
    }

    /// The next instruction comes from this byte offset in the source.
    pub fn position(&mut self, offset: u32) {
        let at = self.code.len() as u32;
        match self.positions.last_mut() {
            Some(last) if last.0 == at => last.1 = offset,
            Some(last) if last.1 == offset => {}
            _ => self.positions.push((at, offset)),
        }
    }

    /// As [`Assembler::position`], but keeps the entry even when it repeats the one before; for text.
    pub(crate) fn position_exact(&mut self, at: u32, offset: u32) {
        let before = self.positions.partition_point(|position| position.0 <= at);
        self.positions.insert(before, (at, offset));
    }

    /// Settles jumps and registers. `refs` is the number of tagged slots, after which raw ones begin.
    pub fn finish(mut self, refs: u16) -> Result<Assembled, AsmError> {
        if u32::from(refs) > u32::from(MAX_REGS) {
            return Err(AsmError::TooManyRegisters);
        }
        if self.code.len() > (i32::MAX / 4) as usize {
            return Err(AsmError::TooLong);
        }
        self.lengthen_far_jumps()?;
        self.patch()?;
        self.place_registers(refs);
        let mut handlers = Vec::with_capacity(self.handlers.len());
        for &(start, end, target, error, trace) in &self.handlers {
            handlers.push(Handler {
                start: self.address(start)?,
                end: self.address(end)?,
                target: self.address(target)?,
                error: Reg::slot(error.field(), refs),
                trace: Reg::slot(trace.field(), refs),
            });
        }
        Ok(Assembled {
            code: self.code,
            handlers,
            positions: self.positions,
        })
    }

    fn address(&self, label: Label) -> Result<u32, AsmError> {
        self.labels
            .get(label.0 as usize)
            .copied()
            .flatten()
            .ok_or(AsmError::Unbound)
    }

    fn distance(&self, fixup: &Fixup) -> Result<i64, AsmError> {
        Ok(i64::from(self.address(fixup.label)?) - i64::from(fixup.at))
    }

    /// Replaces 16-bit jumps that do not reach. Each replacement moves code, which may push others out of reach, hence
    /// the loop; it ends because a replaced jump is never short again.
    fn lengthen_far_jumps(&mut self) -> Result<(), AsmError> {
        loop {
            let mut far = Vec::new();
            for (i, fixup) in self.fixups.iter().enumerate() {
                let distance = self.distance(fixup)?;
                if fixup.place == Place::Short && i16::try_from(distance).is_err() {
                    far.push(i);
                }
            }
            if far.is_empty() {
                return Ok(());
            }
            self.lengthen(&far);
        }
    }

    /// Turns the short jumps with these indices (ascending, as fixups are) into an inverse jump over a `jmp`.
    fn lengthen(&mut self, far: &[usize]) {
        let ends: Vec<u32> = far
            .iter()
            .filter_map(|&i| self.fixups.get(i).map(|fixup| fixup.at + 1))
            .collect();
        let moved = |at: u32| at + ends.partition_point(|&end| end <= at) as u32;
        let mut code = Vec::with_capacity(self.code.len() + ends.len());
        let mut next = ends.iter().copied().peekable();
        for (at, &word) in self.code.iter().enumerate() {
            if next.peek() == Some(&(at as u32)) {
                next.next();
                code.push(Op::Jmp as u64);
            }
            let inverted = ends.binary_search(&(at as u32 + 1)).is_ok();
            code.push(if inverted { invert(word) } else { word });
        }
        if next.next().is_some() {
            code.push(Op::Jmp as u64);
        }
        self.code = code;
        // A label or range end directly behind a lengthened jump means the next instruction, not the `jmp` put in.
        for at in self.labels.iter_mut().flatten() {
            *at = moved(*at);
        }
        for (at, _) in &mut self.positions {
            *at = moved(*at);
        }
        for (i, fixup) in self.fixups.iter_mut().enumerate() {
            fixup.at = moved(fixup.at);
            if far.binary_search(&i).is_ok() {
                fixup.at += 1;
                fixup.place = Place::Wide;
            }
        }
        let mut starts: Vec<u32> = self.starts.iter().map(|&at| moved(at)).collect();
        starts.extend(ends.iter().map(|&end| moved(end) - 1));
        starts.sort_unstable();
        self.starts = starts;
    }

    fn patch(&mut self) -> Result<(), AsmError> {
        for fixup in &self.fixups {
            let distance = self.distance(fixup)?;
            let jump = i32::try_from(distance).map_err(|_| AsmError::TooLong)? as u32;
            let at = fixup.at as usize;
            let (word, shift, mask) = match fixup.place {
                Place::Short => (at, 48, 0xffff),
                Place::Wide => (at, 32, u64::from(u32::MAX)),
                Place::High => (at + 1, 32, u64::from(u32::MAX)),
                Place::Entry(i) => {
                    let half = 32 * (i % 2);
                    (at + 2 + i as usize / 2, half, u64::from(u32::MAX))
                }
            };
            if let Some(word) = self.code.get_mut(word) {
                *word = *word & !(mask << shift) | (u64::from(jump) & mask) << shift;
            }
        }
        Ok(())
    }

    fn place_registers(&mut self, refs: u16) {
        for &start in &self.starts {
            let start = start as usize;
            let Some(op) = self
                .code
                .get(start)
                .and_then(|&w| Op::from_u16(quarter(w, 0)))
            else {
                continue;
            };
            let mut set = |word: usize, index: usize| {
                if let Some(word) = self.code.get_mut(word) {
                    let slot = Reg::slot(quarter(*word, index), refs);
                    let shift = 16 * index;
                    *word = *word & !(0xffff << shift) | u64::from(slot) << shift;
                }
            };
            for (index, operand) in op.operands().into_iter().enumerate() {
                if operand.is_register() {
                    set(start, index + 1);
                }
            }
            if op.is_call() {
                set(start, 1);
            }
            let Ok(Some((first, count))) = register_list(&self.code, start) else {
                continue;
            };
            for i in 0..count {
                let (word, index) = (first + i / 4, i % 4);
                if let Some(word) = self.code.get_mut(word) {
                    let slot = Reg::slot(quarter(*word, index), refs);
                    let shift = 16 * index;
                    *word = *word & !(0xffff << shift) | u64::from(slot) << shift;
                }
            }
        }
    }
}

/// Index of the first word and number of the registers listed in the extension of the instruction at `at`.
fn register_list(
    code: &[u64],
    at: usize,
) -> Result<Option<(usize, usize)>, crate::decode::DecodeError> {
    let (insn, _) = Insn::decode(code, at)?;
    Ok(match insn.ext {
        ExtData::Call { args, .. } => Some((at + 2, args.len())),
        ExtData::Closure { captures, .. } => Some((at + 2, captures.len())),
        ExtData::Record { fields, .. } => Some((at + 2, fields.len())),
        ExtData::Regs(regs) => Some((at + 1, regs.len())),
        _ => None,
    })
}

impl Op {
    /// Whether this is one of the calls, whose field a is the register of the result.
    pub fn is_call(self) -> bool {
        matches!(self, Op::CallS | Op::CallV | Op::CallC | Op::CallSuper)
    }

    /// The compare-and-branch that jumps exactly when this one does not, and whether its two operands change places.
    pub fn inverse(self) -> Option<(Op, bool)> {
        Some(match self {
            Op::Jt => (Op::Jf, false),
            Op::Jf => (Op::Jt, false),
            Op::Jnull => (Op::Jnnull, false),
            Op::Jnnull => (Op::Jnull, false),
            Op::Jis => (Op::Jnis, false),
            Op::Jnis => (Op::Jis, false),
            Op::JeqI => (Op::JneI, false),
            Op::JneI => (Op::JeqI, false),
            Op::JltI => (Op::JleI, true),
            Op::JleI => (Op::JltI, true),
            Op::JeqIK => (Op::JneIK, false),
            Op::JneIK => (Op::JeqIK, false),
            Op::JltIK => (Op::JgeIK, false),
            Op::JgeIK => (Op::JltIK, false),
            Op::JleIK => (Op::JgtIK, false),
            Op::JgtIK => (Op::JleIK, false),
            Op::JeqD => (Op::JneD, false),
            Op::JneD => (Op::JeqD, false),
            Op::JltD => (Op::JnltD, false),
            Op::JnltD => (Op::JltD, false),
            Op::JleD => (Op::JnleD, false),
            Op::JnleD => (Op::JleD, false),
            Op::JeqR => (Op::JneR, false),
            Op::JneR => (Op::JeqR, false),
            _ => return None,
        })
    }
}

/// The first word of the inverse of a short jump, going over one word behind it.
fn invert(word: u64) -> u64 {
    let Some((op, swap)) = Op::from_u16(quarter(word, 0)).and_then(Op::inverse) else {
        return word;
    };
    let (a, b) = (quarter(word, 1), quarter(word, 2));
    let (a, b) = if swap { (b, a) } else { (a, b) };
    op as u64 | u64::from(a) << 16 | u64::from(b) << 32 | 2 << 48
}

impl MathFn {
    /// Its name in the text form.
    pub fn text(self) -> &'static str {
        match self {
            MathFn::Sqrt => "sqrt",
            MathFn::Abs => "abs",
            MathFn::Floor => "floor",
            MathFn::Ceil => "ceil",
            MathFn::Round => "round",
            MathFn::Truncate => "truncate",
            MathFn::Sin => "sin",
            MathFn::Cos => "cos",
            MathFn::Tan => "tan",
            MathFn::Asin => "asin",
            MathFn::Acos => "acos",
            MathFn::Atan => "atan",
            MathFn::Exp => "exp",
            MathFn::Log => "log",
        }
    }

    /// The function with this number.
    pub fn from_u16(number: u16) -> Option<MathFn> {
        MathFn::ALL.get(usize::from(number)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insns;

    fn decoded(code: &[u64]) -> Vec<(usize, Insn)> {
        insns(code).map(|insn| insn.unwrap()).collect()
    }

    #[test]
    fn raw_registers_are_placed_behind_the_tagged_ones() {
        let mut asm = Assembler::new();
        asm.call(
            Op::CallS,
            Reg::raw(1),
            7,
            0,
            &[Reg::raw(0), Reg::tagged(2), Reg::raw(3)],
        );
        asm.op_regs(Op::RetI, &[Reg::raw(1)]);
        let code = asm.finish(10).unwrap().code;
        let insns = decoded(&code);
        assert_eq!(insns[0].1.a, 11);
        let ExtData::Call { args, nref, .. } = &insns[0].1.ext else {
            panic!()
        };
        assert_eq!((args.as_slice(), *nref), ([2, 10, 13].as_slice(), 1));
        assert_eq!(insns[1].1, Insn::new(Op::RetI, 11, 0, 0));
    }

    #[test]
    fn a_far_conditional_jump_becomes_its_inverse_around_a_jmp() {
        let mut asm = Assembler::new();
        let top = asm.here();
        let done = asm.label();
        asm.compare_jump(Op::JltI, Reg::raw(0), Reg::raw(1).field(), done);
        for _ in 0..40_000 {
            asm.op(Op::Nop, 0, 0, 0);
        }
        asm.position(5);
        asm.compare_jump(Op::JeqIK, Reg::raw(0), 3, top);
        asm.bind(done);
        asm.op(Op::RetNull, 0, 0, 0);
        asm.handler(top, done, done, Reg::tagged(0), Reg::NONE);
        let out = asm.finish(1).unwrap();
        let insns = decoded(&out.code);
        assert_eq!(insns[0].1, Insn::new(Op::JleI, 2, 1, 2));
        assert_eq!((insns[1].1.op, insns[1].1.imm32()), (Op::Jmp, 40_003));
        let back = 40_002;
        assert_eq!(insns[back].1, Insn::new(Op::JneIK, 1, 3, 2));
        assert_eq!(insns[back + 1].1.imm32(), -(back as i32) - 1);
        assert_eq!(insns[back + 2].1.op, Op::RetNull);
        assert_eq!(out.positions, [(back as u32, 5)]);
        assert_eq!(out.handlers[0].end, back as u32 + 2);
    }

    #[test]
    fn an_unbound_label_is_an_error() {
        let mut asm = Assembler::new();
        let label = asm.label();
        asm.jmp(label);
        assert_eq!(asm.finish(0), Err(AsmError::Unbound));
    }

    #[test]
    fn switch_tables_are_patched_entry_by_entry() {
        let mut asm = Assembler::new();
        let labels = [asm.label(), asm.label(), asm.label()];
        asm.switch(Reg::raw(0), -1, &labels);
        for label in labels {
            asm.bind(label);
            asm.op(Op::RetNull, 0, 0, 0);
        }
        let code = asm.finish(0).unwrap().code;
        assert_eq!(decoded(&code)[0].1.jumps(), [4, 5, 6]);
    }
}
