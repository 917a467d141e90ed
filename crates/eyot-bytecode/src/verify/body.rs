//! The code of one function.

use super::{Program, Signature, below, ensure};
use crate::{
    Ext, ExtData, Function, FunctionFlags, Insn, MathFn, NO_REG, Op, Operand, RawKind, Rep,
};

/// The word of the instruction, and what is wrong with it.
type At = (usize, String);

struct Checker<'a, P> {
    program: &'a P,
    function: &'a Function,
}

/// Checks code, handlers and positions.
pub(super) fn check(program: &impl Program, function: &Function) -> Result<(), At> {
    let checker = Checker { program, function };
    let code = &function.code;
    let mut starts = vec![false; code.len()];
    let mut jumps = Vec::new();
    let mut resumes = Vec::new();
    let mut at = 0;
    let mut last = None;
    while at < code.len() {
        let (insn, len) = Insn::decode(code, at).map_err(|error| (at, error.to_string()))?;
        checker.insn(&insn).map_err(|message| (at, message))?;
        for jump in insn.jumps() {
            jumps.push((at, jump));
            if insn.op == Op::Suspend {
                resumes.push((at, jump));
            }
        }
        if let Some(start) = starts.get_mut(at) {
            *start = true;
        }
        last = Some((at, insn.op));
        at += len;
    }
    if let Some((at, op)) = last.filter(|(_, op)| !op.is_terminator()) {
        return Err((at, format!("the code ends with `{}`", op.text())));
    }
    let is_start = |at: usize| starts.get(at).copied().unwrap_or(false);
    for (at, jump) in jumps {
        let target = at.checked_add_signed(jump as isize);
        if !target.is_some_and(is_start) {
            return Err((at, "it jumps to no instruction".to_string()));
        }
    }
    for (at, jump) in resumes {
        let target = at.checked_add_signed(jump as isize).unwrap_or(usize::MAX);
        let op = Insn::decode(code, target).map(|(insn, _)| insn.op);
        if op != Ok(Op::Resumed) {
            return Err((
                at,
                "a suspended frame does not go on at `resumed`".to_string(),
            ));
        }
    }
    checker.handlers(&is_start)?;
    let ordered = function.positions.is_sorted_by(|a, b| a.0 < b.0);
    let inside = function
        .positions
        .iter()
        .all(|p| (p.0 as usize) < code.len());
    ensure(ordered && inside, "positions are not in order").map_err(|message| (0, message))
}

impl<P: Program> Checker<'_, P> {
    fn handlers(&self, is_start: &impl Fn(usize) -> bool) -> Result<(), At> {
        let len = self.function.code.len();
        for handler in &self.function.handlers {
            let [start, end, target] =
                [handler.start, handler.end, handler.target].map(|at| at as usize);
            let range = start <= end && is_start(start) && (is_start(end) || end == len);
            let trace = handler.trace == NO_REG || self.tagged(handler.trace).is_ok();
            if !range || !is_start(target) || self.tagged(handler.error).is_err() || !trace {
                return Err((start, "the handler is malformed".to_string()));
            }
        }
        Ok(())
    }

    fn tagged(&self, slot: u16) -> Result<(), String> {
        if slot < self.function.refs {
            Ok(())
        } else {
            Err(format!("slot {slot} is no tagged register"))
        }
    }

    /// The kind of a raw register.
    fn raw(&self, slot: u16) -> Result<RawKind, String> {
        slot.checked_sub(self.function.refs)
            .and_then(|index| self.function.raws.get(usize::from(index)))
            .copied()
            .ok_or_else(|| format!("slot {slot} is no raw register"))
    }

    fn raw_of(&self, slot: u16, kind: RawKind) -> Result<(), String> {
        let found = self.raw(slot)?;
        if found == kind {
            Ok(())
        } else {
            Err(format!(
                "the raw register in slot {slot} is {found:?}, not {kind:?}"
            ))
        }
    }

    fn insn(&self, insn: &Insn) -> Result<(), String> {
        for (index, operand) in insn.op.operands().into_iter().enumerate() {
            self.operand(insn, index, operand)?;
        }
        self.immediates(insn)?;
        self.extension(insn)
    }

    fn operand(&self, insn: &Insn, index: usize, operand: Operand) -> Result<(), String> {
        use Operand::*;
        let ends = self.program.ends();
        let value = insn.field(index);
        match operand {
            None | Imm16 | Imm32 | Jump16 | Jump32 => Ok(()),
            DefR | UseR => self.tagged(value),
            DefI | UseI => self.raw_of(value, RawKind::Int),
            DefD | UseD => self.raw_of(value, RawKind::Double),
            DefB | UseB => self.raw_of(value, RawKind::Bool),
            DefT | UseT => self.raw_of(value, RawKind::Type),
            UseTOpt if value == NO_REG => Ok(()),
            UseTOpt => self.raw_of(value, RawKind::Type),
            DefW | UseW => {
                let kind = self.raw(value)?;
                ensure(
                    kind != RawKind::Type || insn.op == Op::MovW,
                    "it takes no type register",
                )
            }
            SlotR | SlotW => ensure(value > 0, "word 0 of an object is its header"),
            Class32 => below(insn.wide(), ends.classes, "class"),
            Const32 => below(insn.wide(), ends.consts, "constant"),
            Static32 => below(insn.wide(), ends.statics, "static"),
            Type32 => below(insn.wide(), ends.types, "type"),
            Targs32 => below(insn.wide(), ends.targs, "vector"),
            Func32 => below(insn.wide(), ends.functions, "function"),
            MathFn => ensure(
                self::MathFn::from_u16(value).is_some(),
                "there is no such function",
            ),
        }
    }

    /// What an opcode asks of its fields beyond their kinds.
    fn immediates(&self, insn: &Insn) -> Result<(), String> {
        let c = insn.c as i16;
        let result = self.function.result;
        match insn.op {
            Op::MovW => {
                let same = self.raw(insn.a)? == self.raw(insn.b)?;
                ensure(same, "the registers are of different kinds")
            }
            Op::LdB => ensure(matches!(insn.imm32(), 0 | 1), "a bool is 0 or 1"),
            Op::DivIK | Op::ModIK => ensure(c != 0, "division by zero"),
            Op::ShlIK | Op::ShrIK | Op::UshrIK => {
                ensure((0..64).contains(&c), "shifts go from 0 to 63")
            }
            Op::ListNew | Op::CheckParamT | Op::LdRec => ensure(c >= 0, "a negative number"),
            Op::LdCap | Op::LdCapW => self.capture(insn),
            Op::RetR | Op::RetNull => ensure(result == Rep::Tagged, "the result is not tagged"),
            Op::RetI => ensure(result == Rep::Int, "the result is no raw int"),
            Op::RetD => ensure(result == Rep::Double, "the result is no raw double"),
            Op::RetB => ensure(result == Rep::Bool, "the result is no raw bool"),
            Op::Resumed | Op::Suspend => ensure(
                self.function.flags.contains(FunctionFlags::SUSPENDABLE),
                "the function is not marked as suspendable",
            ),
            _ => Ok(()),
        }
    }

    /// Captures are read from the closure in slot 0, which this function's own head describes.
    fn capture(&self, insn: &Insn) -> Result<(), String> {
        let closure = self.function.flags.contains(FunctionFlags::CLOSURE) && insn.b == 0;
        ensure(closure, "captures are read from the closure in slot 0")?;
        let (tagged, raw) = &self.function.captures;
        if insn.op == Op::LdCap {
            return ensure(insn.c < *tagged, "there is no such capture");
        }
        let kind = raw
            .get(usize::from(insn.c))
            .ok_or("there is no such capture")?;
        self.raw_of(insn.a, *kind)
    }

    fn tagged_list(&self, regs: &[u16]) -> Result<(), String> {
        regs.iter().try_for_each(|&reg| self.tagged(reg))
    }

    fn extension(&self, insn: &Insn) -> Result<(), String> {
        let ends = self.program.ends();
        match &insn.ext {
            ExtData::None | ExtData::Word(_) | ExtData::Switch { .. } => Ok(()),
            ExtData::Id(id) => match insn.op.ext() {
                Ext::Type => below(*id, ends.types, "type"),
                Ext::Targs => below(*id, ends.targs, "vector"),
                _ => below(*id, ends.classes, "class"),
            },
            ExtData::ClassJump { class, .. } => below(*class, ends.classes, "class"),
            ExtData::Regs(regs) => self.tagged_list(regs),
            ExtData::Slow { shape, cache } => {
                below(*cache, ends.caches, "inline cache")?;
                self.slow(insn, *shape)
            }
            ExtData::Call { .. } => self.call(insn),
            ExtData::Closure {
                function,
                nref,
                captures,
            } => self.closure(*function, usize::from(*nref), captures),
            ExtData::Record { shape, fields } => {
                let shape = self.program.record_shape(*shape);
                let shape = shape.ok_or("there is no such record shape")?;
                let count = usize::from(shape.positional) + shape.named.len();
                ensure(fields.len() == count, "not one value for each field")?;
                self.tagged_list(fields)
            }
        }
    }

    /// The operands of a fast path are the arguments of the call behind it.
    fn slow(&self, insn: &Insn, shape: u32) -> Result<(), String> {
        let shape = self.program.shape(shape).ok_or("there is no such shape")?;
        let mut result = Option::None;
        let mut reps = Vec::new();
        for operand in insn.op.operands() {
            match operand {
                Operand::DefR => result = Some(Rep::Tagged),
                Operand::DefI => result = Some(Rep::Int),
                Operand::DefD => result = Some(Rep::Double),
                Operand::DefB => result = Some(Rep::Bool),
                Operand::UseR => reps.push(Rep::Tagged),
                Operand::UseI => reps.push(Rep::Int),
                Operand::UseD => reps.push(Rep::Double),
                _ => {}
            }
        }
        let fits = shape.selector.is_some()
            && shape.type_args == 0
            && shape.named.is_empty()
            && reps.get(1..) == Some(shape.positional.as_slice())
            && result.is_none_or(|result| result == shape.result);
        ensure(fits, "the shape's arguments are not the operands")
    }

    fn call(&self, insn: &Insn) -> Result<(), String> {
        let ExtData::Call {
            target,
            cache,
            nref,
            args,
        } = &insn.ext
        else {
            return Ok(());
        };
        let signature = if insn.op == Op::CallS {
            let signature = self.program.signature(*target);
            signature.ok_or_else(|| format!("there is no function {target}"))?
        } else {
            below(*cache, self.program.ends().caches, "inline cache")?;
            let shape = self
                .program
                .shape(*target)
                .ok_or("there is no such shape")?;
            let selector = insn.op != Op::CallC;
            ensure(
                shape.selector.is_some() == selector,
                "the shape is for another kind of call",
            )?;
            let owner = insn.op != Op::CallSuper || self.function.owner.is_some();
            ensure(owner, "a super call outside of a class")?;
            let (tagged, raw) = shape.arguments();
            Signature {
                tagged,
                raw,
                result: shape.result,
                captures: Option::None,
            }
        };
        let (tagged, raw) = args
            .split_at_checked(usize::from(*nref))
            .unwrap_or_default();
        ensure(
            tagged.len() == signature.tagged,
            "another number of tagged arguments",
        )?;
        ensure(
            raw.len() == signature.raw.len(),
            "another number of raw arguments",
        )?;
        self.tagged_list(tagged)?;
        for (&slot, &kind) in raw.iter().zip(&signature.raw) {
            self.raw_of(slot, kind)?;
        }
        match (insn.a, signature.result.raw_kind()) {
            (NO_REG, _) => Ok(()),
            (dst, Option::None) => self.tagged(dst),
            (dst, Some(kind)) => self.raw_of(dst, kind),
        }
    }

    fn closure(&self, function: u32, nref: usize, captures: &[u16]) -> Result<(), String> {
        let signature = self.program.signature(function);
        let signature = signature.ok_or_else(|| format!("there is no function {function}"))?;
        let (tagged, raw) = signature.captures.ok_or("the function is no closure's")?;
        let fits = nref == usize::from(tagged) && captures.len() == nref + raw.len();
        ensure(fits, "another number of captures")?;
        let (tagged, slots) = captures.split_at_checked(nref).unwrap_or_default();
        self.tagged_list(tagged)?;
        slots
            .iter()
            .zip(&raw)
            .try_for_each(|(&slot, &kind)| self.raw_of(slot, kind))
    }
}
